"""Settings of a rented number, over the wire."""

import pytest

from live import client_of, open_tenants, serving

APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"

PLAIN = {"country", "msisdn", "type", "features"}
EVERY_SETTING = {
    "app_id": APP,
    "moHttpUrl": "https://example.com/webhooks/inbound-sms?a=b&c=d",
    "moSmppSysType": "inbound",
    "voiceCallbackType": "sip",
    "voiceCallbackValue": "sip:447700900001@example.com;transport=tls",
    "voiceStatusCallback": "https://example.com/webhooks/status",
    "messagesCallbackType": "app",
    "messagesCallbackValue": APP,
}


@pytest.fixture
def number(http, msisdn):
    """A number that the caller rents, as the parameters that name it."""
    named = {"country": "GB", "msisdn": msisdn}
    assert http.post("/number/buy", data=named).status_code == 200
    return named


def update(http, number, **settings):
    return http.post("/number/update", data=number | settings)


def settings_of(http, number):
    answer = http.get("/account/numbers", params={"pattern": number["msisdn"]})
    (found,) = answer.json()["numbers"]
    return {name: value for name, value in found.items() if name not in PLAIN}


def test_every_setting_is_listed_as_it_was_given(http, number):
    answer = update(http, number, **EVERY_SETTING)

    assert answer.json() == {"error-code": "200", "error-code-label": "success"}
    assert settings_of(http, number) == EVERY_SETTING


def test_an_update_replaces_all_settings(http, number):
    update(http, number, **EVERY_SETTING)
    update(http, number, moSmppSysType="other")
    replaced = settings_of(http, number)
    update(http, number)

    assert replaced == {"moSmppSysType": "other"}
    assert settings_of(http, number) == {}


def test_the_names_of_older_python_sdks_are_understood(http, number):
    update(
        http,
        number,
        mo_http_url=EVERY_SETTING["moHttpUrl"],
        mo_smpp_sytem_type="inbound",
        voice_callback_type="tel",
        voice_callback_value="447700900001",
        voice_status_callback=EVERY_SETTING["voiceStatusCallback"],
    )

    assert settings_of(http, number) == {
        "moHttpUrl": EVERY_SETTING["moHttpUrl"],
        "moSmppSysType": "inbound",
        "voiceCallbackType": "tel",
        "voiceCallbackValue": "447700900001",
        "voiceStatusCallback": EVERY_SETTING["voiceStatusCallback"],
    }


@pytest.mark.parametrize("text", ["é😀", "a&b=c", "<a>\"'", "a b", "%41", "x" * 2000])
def test_a_text_comes_back_as_it_went(http, number, text):
    update(http, number, app_id=text, moSmppSysType=text)

    assert settings_of(http, number)["moSmppSysType"] == text
    listed = http.get("/account/numbers", params={"application_id": text}).json()
    assert [found["msisdn"] for found in listed["numbers"]] == [number["msisdn"]]


# --- linking to an application, as clients do it ----------------------------------------------


def echo(http, number):
    """The settings that a client reads before it changes one of them, as vonage-cli does."""
    names = ("app_id", "moHttpUrl", "voiceCallbackType", "voiceCallbackValue")
    found = settings_of(http, number)
    return {name: found[name] for name in names if name in found}


def test_a_number_is_linked_listed_and_unlinked_as_the_command_line_of_vonage_does(http, number):
    update(http, number, moHttpUrl=EVERY_SETTING["moHttpUrl"])
    update(http, number, **echo(http, number) | {"app_id": APP})
    linked = settings_of(http, number)
    unlinking = echo(http, number)
    del unlinking["app_id"]
    update(http, number, **unlinking)

    assert linked == {
        "moHttpUrl": EVERY_SETTING["moHttpUrl"],
        "app_id": APP,
        "voiceCallbackType": "app",
        "voiceCallbackValue": APP,
    }
    assert unlinking["voiceCallbackValue"] == APP
    assert settings_of(http, number) == {"moHttpUrl": EVERY_SETTING["moHttpUrl"]}
    assert http.get(f"/account/numbers?application_id={APP}").json() == {}


def test_an_echo_with_its_application_keeps_the_link(http, number):
    update(http, number, app_id=APP)
    update(http, number, **echo(http, number))

    assert settings_of(http, number)["app_id"] == APP


def test_the_java_sdk_links_with_both_names(http, number):
    update(http, number, app_id=APP, voiceCallbackType="app", voiceCallbackValue=APP)

    assert settings_of(http, number)["app_id"] == APP


def test_older_clients_link_with_the_voice_setting_alone(http, number):
    update(http, number, voiceCallbackType="app", voiceCallbackValue=APP)

    assert settings_of(http, number)["app_id"] == APP


def test_a_telephone_is_shown_before_the_application_that_stays_linked(http, number):
    update(http, number, app_id=APP, voiceCallbackType="tel", voiceCallbackValue="447700900001")

    assert settings_of(http, number) == {
        "app_id": APP,
        "voiceCallbackType": "tel",
        "voiceCallbackValue": "447700900001",
    }


# --- refusals -------------------------------------------------------------------------------


def test_a_bad_setting_changes_nothing(http, number):
    update(http, number, **EVERY_SETTING)
    answer = update(http, number, app_id="x", moHttpUrl="example.com")

    assert answer.status_code == 400
    assert "moHttpUrl" in answer.json()["error-code-label"]
    assert settings_of(http, number) == EVERY_SETTING


def test_only_an_owned_number_can_be_set(http, demo, number, msisdn):
    (stranger,) = open_tenants(demo.database)
    with client_of(demo, stranger.auth) as other:
        theirs = update(other, number, app_id=APP)
        nobodys = update(other, {"country": "GB", "msisdn": "447700999999"}, app_id=APP)

    assert (theirs.status_code, nobodys.status_code) == (420, 420)
    assert theirs.text.replace(msisdn, "N") == nobodys.text.replace("447700999999", "N")
    assert settings_of(http, number) == {}


def test_the_country_of_an_update_must_be_that_of_the_number(http, number):
    answer = update(http, number | {"country": "US"}, app_id=APP)

    assert (answer.status_code, answer.json()["error-code"]) == (420, "420")
    assert settings_of(http, number) == {}


def test_an_update_knows_no_sub_account(http, demo, caller, number):
    """The document has target_api_key for buy and cancel alone; here it is an unknown name."""
    parent_id = caller.tenant.account_id
    (tenant,) = open_tenants(demo.database, parent_id=parent_id, payer_id=parent_id)

    assert update(http, number, app_id=APP, target_api_key=tenant.key).status_code == 200
    assert settings_of(http, number)["app_id"] == APP


# --- merging --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def merging():
    with serving("--demo", "--vonage-update", "merge") as served:
        yield served


@pytest.fixture
def merging_http(merging):
    (tenant,) = open_tenants(merging.database)
    with client_of(merging, tenant.auth) as client:
        yield client


def test_a_merging_server_keeps_what_an_update_leaves_out(merging_http, msisdn):
    number = {"country": "GB", "msisdn": msisdn}
    merging_http.post("/number/buy", data=number)
    update(merging_http, number, **EVERY_SETTING)
    update(merging_http, number, moSmppSysType="other")
    kept = settings_of(merging_http, number)
    update(merging_http, number, moHttpUrl="", app_id="")
    cleared = settings_of(merging_http, number)

    assert kept == EVERY_SETTING | {"moSmppSysType": "other"}
    assert cleared.keys() == EVERY_SETTING.keys() - {"moHttpUrl", "app_id"}
