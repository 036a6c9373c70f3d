from xml.etree import ElementTree as ET

import pytest

from factories import UNIT, make_offer
from numberline.core.instants import Instant
from numberline.core.lifecycle import State
from numberline.core.offers import Capability, NumberType
from numberline.core.rows import Configuration, NumberRow
from numberline.dialects.vonage.messages import (
    TYPE_WORDS,
    AvailableNumbers,
    AvailablePage,
    Limitation,
    OwnedNumbers,
    Wording,
    encode,
    feature_words,
    limitations,
    xml,
)

NUMBER = 447700900000
APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"


class Offers:
    """A platform with one offer; counts how often it was asked."""

    def __init__(self, **terms):
        self._offer = make_offer(**terms)
        self.asked = 0

    def offer(self, offer_id):
        assert offer_id == self._offer.offer_id
        self.asked += 1
        return self._offer


def owned(configuration=None, **terms):
    row = NumberRow(
        number=NUMBER,
        offer_id=1,
        version=1,
        state=State.ACTIVE,
        account_id="ada",
        changed_at=Instant(0),
        configuration=configuration or Configuration(),
    )
    return Wording(Offers(**terms)).owned(row)


def available(**terms):
    return encode(AvailablePage(1, Wording(Offers(**terms)).available([(NUMBER, 1)])))


def test_every_type_of_number_has_a_word():
    assert TYPE_WORDS.keys() == set(NumberType)


@pytest.mark.parametrize(
    ("capabilities", "words"),
    [
        (Capability.SMS | Capability.VOICE | Capability.MMS, ("VOICE", "SMS", "MMS")),
        (Capability.SMS_INBOUND, ("SMS",)),
        (Capability.VOICE_OUTBOUND | Capability.MMS, ("VOICE", "MMS")),
        (Capability(0), ()),
    ],
)
def test_features_are_listed_in_the_order_of_vonage(capabilities, words):
    assert feature_words(capabilities) == words


@pytest.mark.parametrize(
    ("capabilities", "limited"),
    [
        (Capability.SMS | Capability.VOICE, ()),
        (Capability.SMS_INBOUND, (("SMS", "INBOUND"),)),
        (Capability.SMS_OUTBOUND | Capability.VOICE, (("SMS", "OUTBOUND"),)),
        (
            Capability.MMS_OUTBOUND | Capability.VOICE_INBOUND,
            (("VOICE", "INBOUND"), ("MMS", "OUTBOUND")),
        ),
    ],
)
def test_a_feature_in_one_direction_is_a_limitation(capabilities, limited):
    assert limitations(capabilities) == tuple(
        Limitation(feature, direction, "INTERNATIONAL") for feature, direction in limited
    )


def test_an_available_number_tells_its_prices_as_text():
    assert available(setup_price_micros=UNIT // 2, monthly_price_micros=5 * UNIT // 4) == (
        b'{"count":1,"numbers":[{"country":"GB","msisdn":"447700900000","cost":"1.25",'
        b'"initialPrice":"0.50","type":"mobile-lvn","features":["VOICE","SMS"]}]}'
    )


def test_an_empty_page_is_an_empty_object():
    assert [encode(page()) for page in (AvailablePage, AvailableNumbers, OwnedNumbers)] == (
        [b"{}"] * 3
    )


def test_a_number_says_only_the_settings_that_it_has():
    assert encode(owned()) == (
        b'{"country":"GB","msisdn":"447700900000","type":"mobile-lvn","features":["VOICE","SMS"]}'
    )


def test_a_number_linked_to_an_application_says_so_twice():
    number = owned(Configuration(application_id=APP))

    assert (number.app_id, number.voiceCallbackType, number.voiceCallbackValue) == (APP, "app", APP)


def test_a_telephone_or_sip_goes_before_the_application():
    number = owned(Configuration(application_id=APP, voice_route="tel", voice_target="1"))

    assert (number.app_id, number.voiceCallbackType, number.voiceCallbackValue) == (APP, "tel", "1")


def test_the_words_of_an_offer_are_found_once():
    offers = Offers()
    wording = Wording(offers)
    wording.available([(NUMBER, 1), (NUMBER + 1, 1)])

    assert offers.asked == 1


# --- XML ------------------------------------------------------------------------------------


def parsed(message):
    return ET.fromstring(xml("inbound-numbers", message))


def test_names_are_in_kebab_case_and_lists_are_wrapped_or_repeated():
    settings = Configuration(
        application_id=APP, sms_webhook_url="https://example.com/sms", messages_application_id=APP
    )
    root = parsed(OwnedNumbers(2, (owned(settings), owned(capabilities=Capability.SMS_INBOUND))))
    first, second = root.findall("numbers")

    assert [child.tag for child in root] == ["count", "numbers", "numbers"]
    assert [child.tag for child in first] == [
        *("country", "msisdn", "type", "features", "mo-http-url", "voice-callback-type"),
        *("voice-callback-value", "messages-callback-type", "messages-callback-value", "app-id"),
    ]
    assert [feature.text for feature in first.iterfind("features/feature")] == ["VOICE", "SMS"]
    assert [limit.attrib for limit in second.iterfind("limitations/limitation")] == [
        {"feature": "SMS", "type": "INBOUND", "reach": "INTERNATIONAL"}
    ]


def test_an_available_number_in_xml_has_its_prices():
    (number,) = parsed(
        AvailablePage(1, Wording(Offers()).available([(NUMBER, 1)])),
    ).findall("numbers")

    assert [(child.tag, child.text) for child in number if child.tag != "features"] == [
        ("country", "GB"),
        ("msisdn", "447700900000"),
        ("cost", "1.00"),
        ("initial-price", "0.50"),
        ("type", "mobile-lvn"),
    ]


@pytest.mark.parametrize("text", ["<a>&\"'", "]]>", "é😀", "a  b", "\x85\u2028", "&#0;", "<!--"])
def test_a_text_of_the_client_stays_a_text_in_xml(text):
    number = owned(Configuration(application_id=text, voice_route="sip", voice_target=text))
    (found,) = parsed(OwnedNumbers(1, (number,))).findall("numbers")

    assert (found.findtext("app-id"), found.findtext("voice-callback-value")) == (text, text)


def test_an_empty_page_in_xml_is_an_empty_root():
    assert len(parsed(OwnedNumbers())) == 0
