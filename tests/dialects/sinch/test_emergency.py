"""The emergency address of a number through the Sinch door."""

import pytest

from live import client_of, open_tenants, sinch_client

ADDRESS = {
    "streetNumber": "1",
    "streetInfo": "MAIN ST",
    "city": "ATLANTA",
    "state": "GA",
    "postalCode": "30326",
}
NO_PARTS = {"location": "", "postalCodePlusFour": ""}
NUMBER, CANADIAN, BRITISH = 14045550160, 16135550160, 447700900960
COUNTRIES = {NUMBER: "US", CANADIAN: "CA", BRITISH: "GB"}


@pytest.fixture(scope="module")
def client(demo):
    """A client of a project that rents a number of each country, and gives them back at once."""
    (tenant,) = open_tenants(demo.database)
    with sinch_client(demo, tenant) as opened, client_of(demo, tenant.auth) as vonage:
        for number in COUNTRIES:
            answer = opened.post(f"/availableNumbers/+{number}:rent")
            assert answer.status_code == 200, answer.text
        yield opened
        for number, country in COUNTRIES.items():
            named = {"country": country, "msisdn": number}
            assert vonage.post("/number/cancel", data=named).status_code == 200


@pytest.fixture
def ask(client):
    """Asks an operation on the address of a number; in the end the number has none again."""

    def ask(verb="", number=NUMBER, name="Ada L.", **parts):
        path = f"/activeNumbers/+{number}/emergencyAddress"
        if not verb:
            return client.get(path)
        body = {"displayName": name, "address": ADDRESS | parts}
        return client.post(f"{path}:{verb}", json=body)

    yield ask
    for number in (NUMBER, CANADIAN):
        ask("deprovision", number)


def missing(answer):
    error = answer.json()["error"]
    (detail,) = error["details"]
    assert answer.status_code == error["code"] == 404
    assert error["message"] == detail["description"]
    return detail["resourceType"], detail["resourceName"], error["message"]


NONE = ("EmergencyAddress", "", "Missing E911 feature")


def refused(answer):
    """The field that a refusal names, and why."""
    (detail,) = answer.json()["error"]["details"]
    (violation,) = detail["fieldViolations"]
    assert answer.status_code == 400
    return violation["field"], violation["description"]


# --- having one -----------------------------------------------------------------------------


def test_a_number_has_no_address_at_first(ask):
    assert missing(ask()) == NONE


def test_an_address_is_kept_and_shown_with_every_part(ask):
    answer = ask("provision", location="APT 4", postalCodePlusFour="1234")
    wanted = ADDRESS | {"location": "APT 4", "postalCodePlusFour": "1234"}

    assert (answer.status_code, answer.json()) == (200, wanted)
    assert ask().json() == wanted


def test_a_part_that_was_not_given_is_empty(ask):
    assert ask("provision").json() == ADDRESS | NO_PARTS
    assert ask().json() == ADDRESS | NO_PARTS


def test_another_address_takes_the_place_of_the_first_as_a_whole(ask):
    ask("provision", location="APT 4")
    ask("provision", streetNumber="2")

    assert ask().json() == ADDRESS | NO_PARTS | {"streetNumber": "2"}


def test_an_address_is_taken_away(ask, client):
    ask("provision")
    path = f"/activeNumbers/+{NUMBER}/emergencyAddress:deprovision"
    answer = client.post(path, content=b"")

    assert (answer.status_code, answer.json()) == (200, {})
    assert missing(ask()) == NONE
    assert missing(client.post(path)) == NONE


def test_an_address_is_none_of_the_business_of_other_numbers(ask):
    ask("provision")

    assert missing(ask(number=CANADIAN)) == NONE


def test_an_address_stays_when_a_number_is_changed_or_released(ask, client):
    ask("provision")
    client.patch(f"/activeNumbers/+{NUMBER}", json={"displayName": "Desk"})
    client.post(f"/activeNumbers/+{NUMBER}:release")

    assert ask().json() == ADDRESS | NO_PARTS
    assert client.get(f"/activeNumbers/+{NUMBER}").json()["displayName"] == "Desk"


def test_a_canadian_number_has_a_canadian_address(ask):
    parts = {"city": "Ottawa", "state": "ON", "postalCode": "K1A 0B1"}

    assert ask("provision", CANADIAN, **parts).status_code == 200
    assert ask("provision", CANADIAN).status_code == 400
    assert ask(number=CANADIAN).json()["city"] == "Ottawa"


def test_names_come_in_snake_case_too(client, ask):
    parts = {"street_number": "1", "street_info": "MAIN ST", "postal_code": "30326"}
    body = {"display_name": "Ada", "address": {"city": "ATLANTA", "state": "GA", **parts}}
    answer = client.post(f"/activeNumbers/+{NUMBER}/emergencyAddress:provision", json=body)

    assert answer.status_code == 200
    assert ask().json() == ADDRESS | NO_PARTS


# --- asking about one -----------------------------------------------------------------------


def test_an_exact_address_matches(ask):
    assert ask("validate").json() == {
        "phoneNumber": f"+{NUMBER}",
        "displayName": "Ada L.",
        "validatedAddress": ADDRESS | NO_PARTS,
        "validationResult": "EXACT_MATCH",
        "validationMessage": "Address is valid",
        "correctedAddress": None,
        "candidateAddresses": [],
    }


def test_an_address_that_is_meant_clearly_is_corrected(ask):
    written = {"streetInfo": "Main Street", "state": "Georgia", "city": "Atlanta"}
    found = ask("validate", **written).json()

    assert found["validationResult"] == "NEAR_MATCH"
    assert found["validatedAddress"] == ADDRESS | NO_PARTS | written
    assert found["correctedAddress"] == ADDRESS | NO_PARTS
    assert found["candidateAddresses"] == []


def test_an_address_that_is_none_may_have_candidates(ask):
    found = ask("validate", state="TN").json()

    assert found["validationResult"] == "NO_MATCH"
    assert found["validationMessage"] == "Postal code is not of the state"
    assert found["correctedAddress"] is None
    assert found["candidateAddresses"] == [ADDRESS | NO_PARTS]


def test_every_fault_is_told_in_one_message(ask):
    found = ask("validate", streetNumber="x", state="XX").json()

    assert found["validationMessage"] == "Street number is invalid|State is unknown"


def test_to_ask_about_an_address_does_not_make_it_one(ask):
    ask("validate")
    assert missing(ask()) == NONE
    ask("provision")
    ask("validate", streetNumber="2")

    assert ask().json()["streetNumber"] == "1"


# --- what is refused ------------------------------------------------------------------------


def test_an_address_that_is_none_is_not_kept(ask):
    ask("provision")

    assert refused(ask("provision", state="TN")) == (
        "address",
        "Postal code is not of the state.",
    )
    assert ask().json()["state"] == "GA"


@pytest.mark.parametrize("verb", ["validate", "provision"])
def test_only_numbers_of_two_countries_have_addresses(ask, verb):
    field, reason = refused(ask(verb, BRITISH))

    assert field == "phone_number"
    assert "US" in reason
    assert missing(ask(number=BRITISH)) == NONE


@pytest.mark.parametrize("verb", ["validate", "provision"])
@pytest.mark.parametrize("name", ADDRESS)
def test_a_part_that_is_missing_is_named(ask, verb, name):
    snake = "".join(f"_{each.lower()}" if each.isupper() else each for each in name)

    for value in (None, ""):
        assert refused(ask(verb, **{name: value})) == (f"address.{snake}", "Is required.")


@pytest.mark.parametrize("verb", ["validate", "provision"])
def test_a_part_is_a_short_text(ask, verb):
    for bad in ("x" * 129, "a\nb", {"a": 1}, ["x"]):
        assert refused(ask(verb, city=bad))[0] == "address.city"
        assert refused(ask(verb, location=bad))[0] == "address.location"
    assert refused(ask(verb, name="x" * 129))[0] == "display_name"
    assert refused(ask(verb, name=None)) == ("display_name", "Is required.")


@pytest.mark.parametrize("address", [None, {}, [], "1 Main St", 1])
def test_an_address_is_an_object(client, address):
    path = f"/activeNumbers/+{NUMBER}/emergencyAddress:provision"
    answer = client.post(path, json={"displayName": "Ada", "address": address})

    assert refused(answer)[0].startswith("address")
