import pytest

from numberline.core.errors import InvalidValue
from numberline.core.offers import Capability
from numberline.core.rows import NO_CONFIGURATION, Configuration
from numberline.dialects.vonage.requests import (
    FEATURES,
    SETTING_FIELDS,
    read_pattern,
    read_update,
)
from numberline.dialects.wire import Parameters
from numberline.stock import PATTERN_LENGTH_MAX

APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
OTHER_APP = "11111111-bbbb-cccc-dddd-0123456789ab"

FULL = Configuration(
    application_id=APP,
    sms_webhook_url="https://example.com/sms",
    smpp_system_type="inbound",
    voice_route="sip",
    voice_target="sip:a@example.com",
    voice_status_url="https://example.com/status",
    messages_application_id=APP,
)


def query(text):
    parameters = Parameters()
    parameters.read_query(text)
    return parameters


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("", ()),
        ("features=", ()),
        ("features=,,", ()),
        ("features=SMS", (Capability.SMS,)),
        ("features=sms", (Capability.SMS,)),
        ("features=SMS,VOICE,MMS", (Capability.SMS, Capability.VOICE, Capability.MMS)),
        ("features=MMS,%20voice%20,", (Capability.MMS, Capability.VOICE)),
        ("features=SMS&features=VOICE", (Capability.SMS, Capability.VOICE)),
        ("features=SMS,MMS&features=VOICE", (Capability.SMS, Capability.MMS, Capability.VOICE)),
    ],
)
def test_features_come_in_any_order_case_and_number(text, features):
    assert FEATURES.read_list(query(text), ",") == features


@pytest.mark.parametrize(
    "text", ["FAX", "SMS;VOICE", "SMS VOICE", "SMS,FAX", "\u017fms", "[SMS]", "SMS\0"]
)
def test_an_unknown_feature_is_refused(text):
    parameters = Parameters()
    parameters.add("features", text)

    with pytest.raises(InvalidValue, match="features"):
        FEATURES.read_list(parameters, ",")


@pytest.mark.parametrize(
    ("text", "glob"),
    [
        ("", None),
        ("search_pattern=1", None),
        ("pattern=", None),
        ("pattern=4477", "4477*"),
        ("pattern=4477&search_pattern=0", "4477*"),
        ("pattern=4477&search_pattern=1", "*4477*"),
        ("pattern=4477&search_pattern=2", "*4477"),
        ("pattern=4477&search_pattern=", "4477*"),
        ("pattern=*007&search_pattern=2", "*007"),
        ("pattern=44*7&search_pattern=0", "44*7*"),
        ("pattern=%2B4477", "4477*"),
        ("pattern=+4477", "4477*"),
        ("pattern=*&search_pattern=1", "*"),
    ],
)
def test_a_pattern_stands_where_search_pattern_says(text, glob):
    pattern = read_pattern(query(text))

    assert (pattern and pattern.text) == glob


@pytest.mark.parametrize("digits", ["4" * PATTERN_LENGTH_MAX, "*" * PATTERN_LENGTH_MAX])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_longest_pattern_that_is_taken_can_be_searched_for(digits, place):
    pattern = read_pattern(query(f"pattern={digits}&search_pattern={place}"))

    assert pattern.matches(int("4" * 15)) is (digits[0] == "*")


@pytest.mark.parametrize(
    "text",
    [
        *("pattern=44x", "pattern=44?", "pattern=4[4]", "pattern=-44", "pattern=4%204"),
        *("pattern=%25", "pattern=4_", "pattern=%D9%A4", "pattern=%EF%BC%94"),
        "pattern=" + "4" * (PATTERN_LENGTH_MAX + 1),
        *("pattern=4&search_pattern=3", "search_pattern=3", "search_pattern=-1"),
        *("search_pattern=starts", "search_pattern=1.0", "search_pattern=true"),
    ],
)
def test_a_bad_pattern_is_refused(text):
    with pytest.raises(InvalidValue, match="pattern"):
        read_pattern(query(text))


def updated(text, current=FULL, *, merge=False):
    return read_update(query(text)).over(current, merge=merge)


def test_an_update_replaces_everything():
    assert updated("") == NO_CONFIGURATION
    assert updated("app_id=x") == Configuration(application_id="x")


def test_a_merging_update_keeps_what_it_does_not_name():
    assert updated("", merge=True) == FULL
    assert updated("moHttpUrl=", merge=True).sms_webhook_url == ""
    assert updated("moHttpUrl=", merge=True).application_id == APP


@pytest.mark.parametrize(
    ("text", "setting", "value"),
    [
        ("app_id=x", "application_id", "x"),
        ("moHttpUrl=https://a.example/", "sms_webhook_url", "https://a.example/"),
        ("mo_http_url=https://a.example/", "sms_webhook_url", "https://a.example/"),
        ("moSmppSysType=x", "smpp_system_type", "x"),
        ("mo_smpp_sytem_type=x", "smpp_system_type", "x"),
        ("mo_smpp_sys_type=x", "smpp_system_type", "x"),
        ("voiceCallbackType=tel&voiceCallbackValue=1", "voice_route", "tel"),
        ("voiceCallbackType=tel&voiceCallbackValue=1", "voice_target", "1"),
        ("voice_callback_type=sip&voice_callback_value=s", "voice_route", "sip"),
        ("voiceCallbackType=vxml&voiceCallbackValue=https://a", "voice_route", "vxml"),
        ("voiceCallbackType=TEL&voiceCallbackValue=1", "voice_route", "tel"),
        ("voiceStatusCallback=https://a.example/", "voice_status_url", "https://a.example/"),
        ("voice_status_callback=https://a.example/", "voice_status_url", "https://a.example/"),
        ("messagesCallbackType=app&messagesCallbackValue=x", "messages_application_id", "x"),
        ("voiceCallbackType=app&voiceCallbackValue=x", "application_id", "x"),
        ("voiceCallbackType=app&voiceCallbackValue=x", "voice_route", ""),
    ],
)
def test_each_setting_can_be_named_as_clients_name_it(text, setting, value):
    assert getattr(updated(text, NO_CONFIGURATION), setting) == value
    assert getattr(updated(text, FULL, merge=True), setting) == value


@pytest.mark.parametrize("field", SETTING_FIELDS, ids=lambda field: field.name)
def test_an_empty_text_clears_a_setting_of_its_own(field):
    text = f"{field.name}="
    if field.name.endswith("Value"):
        text += f"&{field.name.removesuffix('Value')}Type="

    assert updated(text, NO_CONFIGURATION) == NO_CONFIGURATION
    assert updated(text, FULL, merge=True) != FULL


def test_the_application_that_a_list_has_shown_is_no_new_link():
    """Clients unlink by leaving app_id out, and echo the voice setting that they were shown."""
    echo = f"voiceCallbackType=app&voiceCallbackValue={APP}"
    linked = Configuration(application_id=APP)

    assert updated(echo, linked) == NO_CONFIGURATION
    assert updated(echo, NO_CONFIGURATION) == linked
    assert updated(f"voiceCallbackType=app&voiceCallbackValue={OTHER_APP}", linked) == (
        Configuration(application_id=OTHER_APP)
    )
    assert updated(f"{echo}&app_id={APP}", linked) == linked
    assert updated(f"{echo}&app_id=", linked) == NO_CONFIGURATION


def test_app_id_is_heard_before_the_deprecated_voice_setting():
    text = f"app_id={APP}&voiceCallbackType=app&voiceCallbackValue={OTHER_APP}"

    assert updated(text, NO_CONFIGURATION) == Configuration(application_id=APP)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("voiceCallbackType=tel", "voiceCallbackValue"),
        ("voiceCallbackValue=1", "voiceCallbackType"),
        ("voiceCallbackType=tel&voiceCallbackValue=", "voiceCallbackValue"),
        ("voiceCallbackType=&voiceCallbackValue=1", "voiceCallbackType"),
        ("messagesCallbackType=app", "messagesCallbackValue"),
        ("messagesCallbackValue=x", "messagesCallbackType"),
        ("messagesCallbackType=&messagesCallbackValue=x", "messagesCallbackType"),
        ("voiceCallbackType=fax&voiceCallbackValue=1", "voiceCallbackType"),
        ("messagesCallbackType=tel&messagesCallbackValue=1", "messagesCallbackType"),
        ("moHttpUrl=example.com", "moHttpUrl"),
        ("mo_http_url=example.com", "moHttpUrl"),
        ("voiceStatusCallback=1", "voiceStatusCallback"),
    ],
)
def test_a_pair_stands_together_and_each_value_is_of_its_kind(text, field):
    with pytest.raises(InvalidValue) as refused:
        read_update(query(text))

    assert refused.value.field == field
