import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.errors import InvalidValue, MissingValue
from numberline.core.offers import Capability, NumberType
from numberline.core.provisioning import NO_VOICE, Setup, VoiceLink
from numberline.dialects.sinch import requests as asked
from numberline.dialects.sinch.errors import NotAValue
from numberline.dialects.wire import Parameters
from numberline.platform.catalogue import OfferFilter
from numberline.stock import Pattern


def query(text):
    parameters = Parameters()
    parameters.read_query(text)
    return parameters


def body(content):
    parameters = Parameters()
    parameters.read_body(json.dumps(content).encode())
    return parameters


def wanted(text):
    parameters = query(text)
    return asked.read_wanted(parameters, asked.REGION.read(parameters), asked.TYPE.read(parameters))


# --- what a search looks for ----------------------------------------------------------------

BOTH = tuple(sorted({Capability.SMS, Capability.VOICE}))


@pytest.mark.parametrize(
    "text",
    [
        "capabilities=SMS&capabilities=VOICE",
        "capabilities=SMS,VOICE",
        "capabilities=voice%2Csms",
        "capability=VOICE&capability=SMS",
        "capability=SMS&capabilities=VOICE",
        "capabilities[]=SMS&capabilities[]=VOICE",
        "capabilities=SMS&capabilities=SMS,VOICE&capability=",
    ],
)
def test_capabilities_come_as_each_sdk_sends_them(text):
    assert wanted(text).offers == OfferFilter(any_direction=BOTH)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("type=MOBILE", (NumberType.MOBILE,)),
        ("type=LOCAL", (NumberType.LOCAL, NumberType.NATIONAL)),
        ("type=toll_free", (NumberType.TOLL_FREE,)),
        ("type=", ()),
        ("", ()),
    ],
)
def test_a_type_is_one_of_the_vendors_words(text, types):
    assert wanted(text).offers == OfferFilter(types=types)


@pytest.mark.parametrize("text", ["regionCode=GB", "region_code=gb", "regionCode=%20Gb%20"])
def test_a_region_is_a_country(text):
    assert wanted(text) == asked.Wanted(OfferFilter(countries=("GB",)), None)


@pytest.mark.parametrize("text", ["type=LANDLINE", "type=LOCAL,MOBILE", "capabilities=MMS"])
def test_another_word_is_told_as_the_vendor_tells_it(text):
    with pytest.raises(NotAValue) as refused:
        wanted(text)

    assert refused.value.reason in text


PATTERNS = [
    ("+1201", None, "1201*"),
    ("%2B1201", None, "1201*"),
    ("%201201", None, "1201*"),
    ("1201", None, "*1201*"),
    ("+1201", "START", "1201*"),
    ("+1201", "CONTAINS", "1201*"),
    ("+12015550100", "END", "12015550100"),
    ("1201", "CONTAINS", "*1201*"),
    ("1201", "END", "*1201"),
    ("1201%20", "end", "*1201"),
    ("1201", "START", None),
    ("+", "START", "*"),
    ("+", "END", ""),
]


@pytest.mark.parametrize(("text", "place", "glob"), PATTERNS)
def test_digits_stand_in_the_number_as_it_is_written(text, place, glob):
    more = f"&numberPattern.searchPattern={place}" if place else ""
    found = wanted(f"numberPattern.pattern={text}{more}")

    assert (found.pattern and found.pattern.text) == glob
    assert found.nothing is (glob is None)


@REPEATABLE
@given(
    number=st.integers(10**6, 10**15 - 1),
    digits=st.from_regex(r"\+?[0-9]{1,6}", fullmatch=True),
    place=st.sampled_from(["START", "CONTAINS", "END"]),
    data=st.data(),
)
def test_a_pattern_means_the_text_of_the_number_with_its_plus(number, digits, place, data):
    text = f"+{number}"
    if data.draw(st.booleans()):
        begin = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(begin + 1, len(text)))
        digits = text[begin:end]
    meant = {"START": text.startswith, "CONTAINS": text.__contains__, "END": text.endswith}[place]
    found = wanted(f"numberPattern.pattern={digits}&numberPattern.searchPattern={place}")

    assert (found.pattern is not None and found.pattern.matches(number)) is meant(digits)


@pytest.mark.parametrize(
    "names",
    [
        ("numberPattern.pattern", "numberPattern.searchPattern"),
        ("numberPattern[pattern]", "numberPattern[searchPattern]"),
        ("number_pattern.pattern", "number_pattern.search_pattern"),
        ("number_pattern[pattern]", "numberPattern[search_pattern]"),
    ],
)
def test_a_pattern_has_its_name_in_every_spelling(names):
    found = wanted(f"{names[0]}=12&{names[1]}=END")

    assert found.pattern == Pattern.ends_with("12")


def test_a_pattern_stands_in_an_object_where_there_is_a_body():
    parameters = body({"numberPattern": {"pattern": "765", "searchPattern": "END"}})

    assert asked.read_wanted(parameters, None, None).pattern == Pattern.ends_with("765")


@pytest.mark.parametrize(
    "pattern", ["x", "1*", "%2B+1", "%2B%2B1", "1%2B", "-1", "1" * 16, "%2B" + "1" * 16, "1 2"]
)
def test_a_bad_pattern_is_refused(pattern):
    with pytest.raises(InvalidValue) as refused:
        wanted(f"numberPattern.pattern={pattern}")

    assert refused.value.field == "numberPattern.pattern"


# --- lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "order"),
    [
        *(("phoneNumber", (False, False)), ("displayName", (True, False))),
        *(("phone_number", (False, False)), ("display_name", (True, False))),
        *(("PHONE_NUMBER", (False, False)), ("DISPLAY_NAME desc", (True, True))),
        *(("phoneNumber asc", (False, False)), ("displayName  DESC", (True, True))),
    ],
)
def test_a_list_is_ordered_by_a_field_in_either_direction(text, order):
    for name in ("orderBy", "order_by"):
        assert asked.ORDER_BY.read(query(f"{name}={text}")) == order


@pytest.mark.parametrize(
    "text", ["number", "desc", "phoneNumber down", "phoneNumber,displayName", "phoneNumber desc x"]
)
def test_another_order_is_refused_in_the_vendors_words(text):
    with pytest.raises(InvalidValue) as refused:
        asked.ORDER_BY.read(query(f"orderBy={text}"))

    assert refused.value.reason == f"Invalid order_by {text}"


@pytest.mark.parametrize("field", [asked.SIZE, asked.PAGE_SIZE], ids=lambda field: field.name)
def test_a_page_has_a_hundred_numbers_at_most(field):
    assert field.read(query(f"{field.name}=100")) == 100
    for text in ("0", "101", "-1", "x"):
        with pytest.raises(InvalidValue, match=field.name):
            field.read(query(f"{field.name}={text}"))


# --- what is wanted of a number -------------------------------------------------------------


def setup(content):
    return asked.read_setup(body(content))


def told(**values):
    return Setup(callback_scheme="sinch", **values)


SETUPS = [
    ({"smsConfiguration": {"servicePlanId": "P"}}, told(plan_id="P")),
    (
        {"smsConfiguration": {"servicePlanId": "P", "campaignId": ""}},
        told(plan_id="P", campaign_id=""),
    ),
    ({"smsConfiguration": {"campaignId": "C"}}, told(campaign_id="C")),
    ({"sms_configuration": {"service_plan_id": "P"}}, told(plan_id="P")),
    ({"sms_configuration": {"servicePlanId": "P"}}, told(plan_id="P")),
    ({"smsConfiguration": {"service_plan_id": "P"}}, told(plan_id="P")),
    ({"smsConfiguration": {"servicePlanId": 7}}, told(plan_id="7")),
    ({"voiceConfiguration": {"appId": "A"}}, told(voice=VoiceLink("application", "A"))),
    (
        {"voiceConfiguration": {"type": "RTC", "appId": "A"}},
        told(voice=VoiceLink("application", "A")),
    ),
    ({"voiceConfiguration": {"type": "EST", "trunkId": "T"}}, told(voice=VoiceLink("trunk", "T"))),
    ({"voiceConfiguration": {"type": "fax", "serviceId": "F"}}, told(voice=VoiceLink("fax", "F"))),
    ({"voiceConfiguration": {"trunkId": "T"}}, told(voice=VoiceLink("trunk", "T"))),
    ({"voice_configuration": {"service_id": "F"}}, told(voice=VoiceLink("fax", "F"))),
    ({"voiceConfiguration": {"type": "EST", "trunkId": ""}}, told(voice=NO_VOICE)),
    ({"voiceConfiguration": {"appId": ""}}, told(voice=NO_VOICE)),
    ({"callbackUrl": "https://a.test"}, told(callback_url="https://a.test")),
    ({"callback_url": ""}, told(callback_url="")),
    ({"displayName": "N"}, told(display_name="N")),
    ({"display_name": ""}, told(display_name="")),
]


@pytest.mark.parametrize(("content", "found"), SETUPS, ids=str)
def test_a_setup_is_read_in_every_spelling(content, found):
    assert setup(content) == found


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"smsConfiguration": None, "voiceConfiguration": None, "callbackUrl": None},
        {"smsConfiguration": {"servicePlanId": None}},
        {"smsConfiguration": {"scheduledProvisioning": None, "unknown": [1]}},
        {"type": "MOBILE", "regionCode": "??", "money": {}, "capability": [{}]},
    ],
    ids=str,
)
def test_what_is_null_unknown_or_only_shown_wants_nothing(content):
    assert setup(content) is None


def test_a_number_may_be_sent_back_as_it_was_shown():
    shown = {
        "phoneNumber": "+12015550100",
        "expireAt": None,
        "smsConfiguration": {
            "servicePlanId": "P",
            "scheduledProvisioning": {"status": "WAITING", "errorCodes": []},
            "campaignId": "",
        },
        "voiceConfiguration": {
            "appId": "",
            "scheduledVoiceProvisioning": None,
            "lastUpdatedTime": None,
            "type": "FAX",
            "trunkId": "",
            "serviceId": "F",
        },
        "callbackUrl": "",
        "displayName": "N",
    }

    assert setup(shown) == told(
        plan_id="P",
        campaign_id="",
        voice=VoiceLink("fax", "F"),
        callback_url="",
        display_name="N",
    )


@pytest.mark.parametrize("name", ["smsConfiguration", "voiceConfiguration", "sms_configuration"])
@pytest.mark.parametrize(
    "value", [{}, [], "", "x", 1, True, [{"servicePlanId": "P"}]], ids=json.dumps
)
def test_a_configuration_is_an_object_that_is_not_empty(name, value):
    with pytest.raises(InvalidValue) as refused:
        setup({name: value})

    assert refused.value.field.lower().startswith(name[:3])
    assert ("object" if value != {} else "empty") in refused.value.reason


@pytest.mark.parametrize(
    ("type_", "missing"), [("RTC", "appId"), ("EST", "trunkId"), ("FAX", "serviceId")]
)
def test_a_voice_type_needs_its_own_identifier(type_, missing):
    others = {"appId": "A", "trunkId": "T", "serviceId": "F"}
    del others[missing]
    for ids in ({}, others):
        with pytest.raises(MissingValue, match=f"voiceConfiguration.{missing}"):
            setup({"voiceConfiguration": {"type": type_, **ids}})


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"voiceConfiguration": {"type": "SIP", "appId": "A"}}, "voiceConfiguration.type"),
        ({"voiceConfiguration": {"appId": {"a": 1}}}, "voiceConfiguration.appId"),
        ({"smsConfiguration": {"servicePlanId": "x" * 129}}, "smsConfiguration.servicePlanId"),
        ({"smsConfiguration": {"campaignId": "a\u200bb"}}, "smsConfiguration.campaignId"),
        ({"smsConfiguration": {"campaignId": ["C"]}}, "smsConfiguration.campaignId"),
        ({"displayName": "x" * 256}, "displayName"),
        ({"displayName": "a\nb"}, "displayName"),
        ({"displayName": {}}, "displayName"),
        ({"callbackUrl": {"a": 1}}, "callbackUrl"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_bad_value_is_refused_by_its_name(content, field):
    with pytest.raises(InvalidValue) as refused:
        setup(content)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("displayName", "display_name"),
        ("address.postalCodePlusFour", "address[postal_code_plus_four]"),
        ("pageToken", "page_token"),
    ],
)
def test_a_name_in_snake_case_is_known(name, spelt):
    assert spelt in asked.spellings(name)
    assert name not in asked.spellings(name)


def test_a_name_of_one_word_has_one_spelling():
    assert asked.spellings("type") == ()
