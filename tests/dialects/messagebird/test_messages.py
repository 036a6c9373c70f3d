import msgspec
import pytest

from factories import NEW_YEAR, UNIT, make_offer
from numberline.core.instants import SECOND_US, Instant, add_months
from numberline.core.lifecycle import State
from numberline.core.offers import Capability, NumberType
from numberline.core.rows import Configuration, NumberRow
from numberline.dialects.messagebird.messages import (
    ASKED_TYPES,
    DOCUMENTS_CONDITION,
    TYPE_WORDS,
    TYPES,
    AvailablePage,
    Wording,
    encode,
    feature_words,
    price,
)

NUMBER = 31971234567
BOUGHT_AT = Instant(NEW_YEAR + (14 * 3600 + 4 * 60 + 4) * SECOND_US + 123_456)


class Offers:
    """A platform with one offer."""

    def __init__(self, **terms):
        self._offer = make_offer(**terms)

    def offer(self, offer_id):
        assert offer_id == self._offer.offer_id
        return self._offer


def available(**terms):
    page = AvailablePage(Wording(Offers(**terms)).available([(NUMBER, 1)]), 20, 1)
    return msgspec.json.decode(encode(page))["items"][0]


def purchased(state=State.ACTIVE, tags=(), **terms):
    row = NumberRow(
        number=NUMBER,
        offer_id=1,
        version=1,
        state=state,
        account_id="ada",
        changed_at=BOUGHT_AT,
        rented_at=BOUGHT_AT,
        renews_at=add_months(BOUGHT_AT, 1),
        configuration=Configuration(tags=tags),
    )
    return encode(Wording(Offers(**terms)).purchased(row))


@pytest.mark.parametrize(
    ("type_", "word"),
    [
        (NumberType.MOBILE, "mobile"),
        (NumberType.LOCAL, "landline"),
        (NumberType.NATIONAL, "landline"),
        (NumberType.TOLL_FREE, "toll_free"),
        (NumberType.PREMIUM_RATE, "premium_rate"),
    ],
)
def test_a_type_and_its_word_lead_to_each_other(type_, word):
    assert TYPE_WORDS[type_] == word
    assert type_ in TYPES[word]
    assert available(type=type_)["type"] == word


def test_every_type_has_a_word_and_every_word_a_type():
    assert TYPE_WORDS.keys() == set(NumberType)
    assert set(TYPE_WORDS.values()) == TYPES.keys()
    assert set(ASKED_TYPES["landline_or_mobile"]) == {*TYPES["landline"], *TYPES["mobile"]}


def test_an_available_number_tells_its_price_and_conditions():
    assert available(
        region="Noord-Holland",
        locality="100%d \\u0000 \u00e9\"'",
        monthly_price_micros=5 * UNIT // 4,
        contract_months=2,
        documents_required=True,
    ) == {
        "number": "31971234567",
        "country": "GB",
        "region": "Noord-Holland",
        "locality": "100%d \\u0000 \u00e9\"'",
        "features": ["sms", "voice"],
        "type": "mobile",
        "verificationRequired": True,
        "initialContractDuration": 2,
        "inboundCallsOnly": False,
        "monthlyPrice": 1.25,
        "currency": "EUR",
        "conditions": [DOCUMENTS_CONDITION],
    }


@pytest.mark.parametrize(
    ("capabilities", "words", "inbound_only"),
    [
        (Capability.SMS | Capability.MMS | Capability.VOICE, ("sms", "mms", "voice"), False),
        (Capability.SMS_OUTBOUND, ("sms",), False),
        (Capability.VOICE_INBOUND | Capability.SMS, ("sms", "voice"), True),
        (Capability.VOICE_OUTBOUND, ("voice",), False),
        (Capability(0), (), False),
    ],
)
def test_a_feature_in_one_direction_counts(capabilities, words, inbound_only):
    assert feature_words(capabilities) == words
    assert available(capabilities=capabilities)["inboundCallsOnly"] is inbound_only


@pytest.mark.parametrize(
    ("micros", "json"),
    [
        *((0, b"0"), (UNIT, b"1"), (7 * UNIT // 4, b"1.75"), (UNIT // 10, b"0.1")),
        *((12_345 * UNIT, b"12345"), (999_999_990_000, b"999999.99")),
    ],
)
def test_a_price_is_a_number_without_idle_decimals(micros, json):
    assert encode(price(micros)) == json


def test_a_purchased_number_renews_at_midnight():
    assert purchased(tags=("a", "b")) == (
        b'{"number":"31971234567","country":"GB","region":"","locality":"",'
        b'"features":["sms","voice"],"tags":["a","b"],"type":"mobile","status":"active",'
        b'"createdAt":"2026-01-01T14:04:04Z","renewalAt":"2026-02-01T00:00:00Z"}'
    )


def test_a_number_that_will_be_released_is_active_until_then():
    assert b'"status":"active"' in purchased(State.EXPIRING)
