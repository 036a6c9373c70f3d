"""Numbers in Sinch's words, with every member in every answer."""

import msgspec
import pytest

from factories import GB, NEW_YEAR, UNIT, FakeClock, make_offer
from numberline.core.instants import DAY_US, SECOND_US, Instant, add_months
from numberline.core.lifecycle import State
from numberline.core.offers import Capability, NumberType
from numberline.core.provisioning import (
    NO_VOICE,
    Provisioning,
    Service,
    SmsLink,
    Status,
    Task,
    VoiceLink,
)
from numberline.core.rows import Configuration, NumberRow
from numberline.dialects.sinch.messages import (
    TYPE_WORDS,
    TYPES,
    UNSPECIFIED,
    Wording,
    capability_words,
    encode,
    time_text,
)

RENTED_AT = Instant(NEW_YEAR + 12 * 3600 * SECOND_US)
UPDATED_AT = Instant(RENTED_AT + 5)
PROJECT = "11111111-1111-4111-8111-111111111111"


class Shop:
    """A platform that has one offer, some time after New Year."""

    def __init__(self, now, terms):
        self._offer = make_offer(**terms)
        self.clock = FakeClock(now)

    def offer(self, offer_id):
        assert offer_id == self._offer.offer_id
        return self._offer


def available(number=GB, **terms):
    (raw,) = Wording(Shop(NEW_YEAR, terms)).available([(number, 1)])
    return msgspec.json.decode(raw)


def active(now=RENTED_AT, terms=(), **values):
    defaults = {
        "state": State.ACTIVE,
        "account_id": "ada",
        "changed_at": RENTED_AT,
        "rented_at": RENTED_AT,
        "renews_at": add_months(RENTED_AT, 1),
    }
    row = NumberRow(number=GB, offer_id=1, version=1, **(defaults | values))
    return msgspec.json.decode(encode(Wording(Shop(now, dict(terms))).active(row, PROJECT)))


# --- available numbers ----------------------------------------------------------------------


def test_an_available_number_tells_its_prices_and_conditions():
    found = available(currency="USD", monthly_price_micros=7 * UNIT, documents_required=True)

    assert list(found.items()) == [
        ("phoneNumber", f"+{GB}"),
        ("regionCode", "GB"),
        ("type", "MOBILE"),
        ("capability", ["SMS", "VOICE"]),
        ("setupPrice", {"currencyCode": "USD", "amount": "0.50"}),
        ("monthlyPrice", {"currencyCode": "USD", "amount": "7.00"}),
        ("paymentIntervalMonths", 1),
        ("supportingDocumentationRequired", True),
    ]


@pytest.mark.parametrize("number", [10**6, GB, 999_999_999_999_999])
def test_an_available_number_is_the_template_filled_in(number):
    assert available(number)["phoneNumber"] == f"+{number}"


@pytest.mark.parametrize("type_", NumberType)
def test_every_type_has_a_word_and_each_word_leads_back(type_):
    word = TYPE_WORDS[type_]

    assert available(type=type_)["type"] == word
    assert type_ in TYPES.get(word, ()) or word == UNSPECIFIED


def test_only_premium_rate_numbers_are_of_none_of_the_vendors_types():
    unspecified = {type_ for type_, word in TYPE_WORDS.items() if word == UNSPECIFIED}

    assert unspecified == {NumberType.PREMIUM_RATE}


@pytest.mark.parametrize(
    ("capabilities", "words"),
    [
        (Capability.SMS | Capability.VOICE | Capability.MMS, ("SMS", "VOICE")),
        (Capability.SMS_OUTBOUND, ("SMS",)),
        (Capability.VOICE_INBOUND, ("VOICE",)),
        (Capability.MMS, ()),
        (Capability(0), ()),
    ],
)
def test_a_capability_in_one_direction_counts(capabilities, words):
    assert capability_words(capabilities) == words
    assert available(capabilities=capabilities)["capability"] == [*words]


# --- active numbers -------------------------------------------------------------------------


def test_a_number_of_which_nothing_is_set_has_every_member():
    assert list(active().items()) == [
        ("phoneNumber", f"+{GB}"),
        ("projectId", PROJECT),
        ("displayName", ""),
        ("regionCode", "GB"),
        ("type", "MOBILE"),
        ("capability", ["SMS", "VOICE"]),
        ("money", {"currencyCode": "EUR", "amount": "1.00"}),
        ("paymentIntervalMonths", 1),
        ("nextChargeDate", "2026-02-01T12:00:00.000000Z"),
        ("expireAt", None),
        (
            "smsConfiguration",
            {"servicePlanId": "", "scheduledProvisioning": None, "campaignId": ""},
        ),
        ("voiceConfiguration", voice_configuration("RTC")),
        ("callbackUrl", ""),
    ]


def voice_ids(type_, id_=""):
    names = {"RTC": "appId", "EST": "trunkId", "FAX": "serviceId"}
    return {name: id_ if each == type_ else "" for each, name in names.items()}


def voice_configuration(type_, id_="", scheduled=None):
    return {
        **voice_ids(type_, id_),
        "type": type_,
        "scheduledVoiceProvisioning": scheduled,
        "lastUpdatedTime": None,
    }


@pytest.mark.parametrize(
    ("later_us", "date"),
    [
        (0, "2026-02-01T12:00:00.000000Z"),
        (31 * DAY_US - 1, "2026-02-01T12:00:00.000000Z"),
        (31 * DAY_US, "2026-03-01T12:00:00.000000Z"),
        (365 * DAY_US + 1, "2027-02-01T12:00:00.000000Z"),
    ],
)
def test_the_next_charge_is_the_first_renewal_after_now(later_us, date):
    assert active(now=RENTED_AT + later_us)["nextChargeDate"] == date


def test_an_interval_that_was_chosen_counts():
    found = active(interval_months=3)

    assert found["paymentIntervalMonths"] == 3
    assert found["nextChargeDate"] == "2026-04-01T12:00:00.000000Z"


def test_a_number_that_was_given_back_expires_when_it_would_be_charged():
    found = active(state=State.EXPIRING, due_at=Instant(NEW_YEAR + DAY_US + 1))

    assert found["expireAt"] == found["nextChargeDate"] == "2026-01-02T00:00:00.000001Z"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (NEW_YEAR, "2026-01-01T00:00:00.000000Z"),
        (NEW_YEAR + 1, "2026-01-01T00:00:00.000001Z"),
        (NEW_YEAR + SECOND_US - 1, "2026-01-01T00:00:00.999999Z"),
    ],
)
def test_a_time_has_six_digits_of_a_second(instant, text):
    assert time_text(instant) == text


# --- provisioning ---------------------------------------------------------------------------


def task(wanted, service, **values):
    defaults = {"task_id": "t", "reached": type(wanted)(), "updated_at": UPDATED_AT}
    return Task(wanted=wanted, steps=(service,), **(defaults | values))


def test_what_is_provisioned_stands_at_the_top():
    found = active(
        configuration=Configuration(display_name="Desk"),
        provisioning=Provisioning(
            sms=SmsLink("P", "C"), voice=VoiceLink("trunk", "T"), callback_url="https://a.test"
        ),
    )

    assert found["displayName"] == "Desk"
    assert found["callbackUrl"] == "https://a.test"
    assert found["smsConfiguration"] == {
        "servicePlanId": "P",
        "scheduledProvisioning": None,
        "campaignId": "C",
    }
    assert found["voiceConfiguration"] == voice_configuration("EST", "T")


@pytest.mark.parametrize("status", Status)
def test_what_is_scheduled_stands_below_what_is_provisioned(status):
    codes = ("CAMPAIGN_EXPIRED",) if status is Status.FAILED else ()
    sms = task(SmsLink("new", "C"), Service.SMS, status=status, error_codes=codes)
    found = active(provisioning=Provisioning(sms=SmsLink("old"), sms_task=sms))

    assert found["smsConfiguration"] == {
        "servicePlanId": "old",
        "scheduledProvisioning": {
            "servicePlanId": "new",
            "status": status.name,
            "lastUpdatedTime": "2026-01-01T12:00:00.000005Z",
            "campaignId": "C",
            "errorCodes": [*codes],
        },
        "campaignId": "",
    }


@pytest.mark.parametrize(
    ("kind", "type_"), [("application", "RTC"), ("trunk", "EST"), ("fax", "FAX")]
)
def test_a_switch_of_voice_keeps_the_old_type_until_it_is_done(kind, type_):
    voice = task(VoiceLink(kind, "new"), Service.VOICE)
    found = active(provisioning=Provisioning(voice=VoiceLink("fax", "old"), voice_task=voice))

    scheduled = {
        **voice_ids(type_, "new"),
        "type": type_,
        "status": "WAITING",
        "lastUpdatedTime": "2026-01-01T12:00:00.000005Z",
    }
    assert found["voiceConfiguration"] == voice_configuration("FAX", "old", scheduled)


def test_what_is_to_be_unlinked_has_the_type_of_what_is_there():
    voice = task(NO_VOICE, Service.VOICE)
    found = active(provisioning=Provisioning(voice=VoiceLink("trunk", "T"), voice_task=voice))
    scheduled = found["voiceConfiguration"]["scheduledVoiceProvisioning"]

    assert voice_ids("EST").items() | {("type", "EST")} <= scheduled.items()
