"""The Sinch Python SDK 2.3, unmodified; it is told of the server's base URL."""

import itertools
import time

import pytest
from sinch import SinchClient
from sinch.domains.numbers.api.v1.exceptions import NumberNotFoundException, NumbersException

from live import demo_numbers, open_tenants, serving, until

PROVISIONED_S = 10
"""How long provisioning may take."""

TOKEN_LIFETIME_S = 2


@pytest.fixture(scope="module")
def plain():
    """A demo server without TLS, whose access tokens do not last."""
    with serving("--demo", "--access-token-lifetime", str(TOKEN_LIFETIME_S)) as served:
        yield served


@pytest.fixture
def tenant(plain):
    (opened,) = open_tenants(plain.database)
    return opened


def client_with(served, key, secret, project):
    client = SinchClient(key_id=key, key_secret=secret, project_id=project)
    client.configuration.auth_origin = client.configuration.numbers_origin = served.base_url
    return client


@pytest.fixture
def numbers(plain, tenant):
    return client_with(plain, tenant.key, tenant.secret, tenant.project).numbers


_free = itertools.count()


@pytest.fixture
def phone_number():
    """An American number that no other test takes, and that a search finds late."""
    local = [number for number, terms in demo_numbers("US") if terms.type == "local"]
    return f"+{local[-1 - next(_free)]}"


def is_provisioned(numbers, phone_number):
    found = numbers.get(phone_number)
    return not (
        found.sms_configuration.scheduled_provisioning
        or found.voice_configuration.scheduled_voice_provisioning
    )


# --- the stock ------------------------------------------------------------------------------


def test_regions_are_listed_by_type(numbers):
    every = {region.region_code: region for region in numbers.regions.list().iterator()}
    free = {region.region_code for region in numbers.regions.list(types=["TOLL_FREE"]).iterator()}

    assert every["GB"].region_name == "United Kingdom"
    assert {"LOCAL", "MOBILE", "TOLL_FREE"} <= set(every["GB"].types)
    assert free == {code for code, region in every.items() if "TOLL_FREE" in region.types}


def test_a_search_by_pattern_finds_what_the_stock_holds(numbers):
    found = numbers.search_for_available_numbers(
        region_code="US",
        number_type="LOCAL",
        number_pattern="+1201",
        number_search_pattern="START",
        capabilities=["SMS", "VOICE"],
        page_size=5,
    )
    wanted = [f"+{number}" for number, _ in demo_numbers("US") if str(number).startswith("1201")]

    assert [each.phone_number for each in found.iterator()] == wanted[:5]
    first = found.content()[0]
    assert (first.type, first.region_code, first.capability) == ("LOCAL", "US", ["SMS", "VOICE"])
    assert first.monthly_price.currency_code == "EUR"


def test_an_available_number_can_be_checked(numbers, phone_number):
    assert numbers.check_availability(phone_number).phone_number == phone_number
    numbers.rent(phone_number)
    with pytest.raises(NumberNotFoundException) as refused:
        numbers.check_availability(phone_number)
    assert refused.value.http_response.status_code == 404


# --- the numbers of a project ---------------------------------------------------------------


def test_a_number_is_rented_with_no_configuration(numbers, tenant, phone_number):
    rented = numbers.rent(phone_number)

    assert (rented.phone_number, rented.project_id) == (phone_number, tenant.project)
    assert rented.sms_configuration.service_plan_id == ""
    assert rented.sms_configuration.scheduled_provisioning is None
    assert rented.voice_configuration.type == "RTC"
    assert rented.expire_at is None


def test_what_is_wanted_of_a_number_is_provisioned(numbers, phone_number):
    rented = numbers.rent(
        phone_number,
        sms_configuration={"service_plan_id": "plan", "campaign_id": "campaign"},
        voice_configuration={"type": "RTC", "app_id": "app"},
    )
    waiting = rented.sms_configuration.scheduled_provisioning
    until(lambda: is_provisioned(numbers, phone_number), within_s=PROVISIONED_S)
    done = numbers.get(phone_number)

    assert (waiting.service_plan_id, waiting.status) == ("plan", "WAITING")
    assert rented.sms_configuration.service_plan_id == ""
    assert done.sms_configuration.service_plan_id == "plan"
    assert done.sms_configuration.campaign_id == "campaign"
    assert done.voice_configuration.app_id == "app"


def test_a_number_is_set_up_otherwise_and_keeps_the_old_meanwhile(numbers, phone_number):
    numbers.rent(phone_number, voice_configuration={"type": "RTC", "app_id": "old"})
    until(lambda: is_provisioned(numbers, phone_number), within_s=PROVISIONED_S)
    changed = numbers.update(
        phone_number,
        display_name="Front desk",
        voice_configuration={"type": "FAX", "service_id": "new"},
    )
    until(lambda: is_provisioned(numbers, phone_number), within_s=PROVISIONED_S)
    done = numbers.get(phone_number).voice_configuration

    assert changed.display_name == "Front desk"
    assert changed.voice_configuration.app_id == "old"
    assert changed.voice_configuration.scheduled_voice_provisioning.service_id == "new"
    assert (done.type, done.service_id) == ("FAX", "new")


def test_any_number_is_rented_that_looks_as_it_should(numbers):
    rented = numbers.rent_any(
        region_code="US",
        number_type="LOCAL",
        number_pattern={"pattern": "77", "search_pattern": "END"},
        capabilities=["SMS"],
        sms_configuration={"service_plan_id": "plan"},
    )

    assert rented.phone_number.endswith("77")


def test_nothing_to_rent_is_told(numbers):
    with pytest.raises(NumbersException) as refused:
        numbers.rent_any(
            region_code="US",
            number_type="LOCAL",
            number_pattern={"pattern": "999999", "search_pattern": "END"},
        )
    assert refused.value.http_response.status_code == 404


def test_a_list_is_walked_page_by_page(numbers):
    rented = [numbers.rent_any(region_code="US", number_type="LOCAL") for _ in range(5)]
    wanted = sorted(each.phone_number for each in rented)
    page = numbers.list(region_code="US", number_type="LOCAL", page_size=2, capabilities=["SMS"])
    by_name = numbers.list(page_size=3, order_by="DISPLAY_NAME")

    assert [each.phone_number for each in page.iterator()] == wanted
    assert [each.phone_number for each in by_name.iterator()] == wanted


def test_a_number_that_is_given_back_ends_with_its_interval(numbers, phone_number):
    numbers.rent(phone_number)
    released = numbers.release(phone_number)

    assert released.expire_at == released.next_charge_date
    assert numbers.get(phone_number).expire_at == released.expire_at


@pytest.mark.parametrize("operation", ["get", "release", "update"])
def test_a_number_that_is_not_the_projects_is_not_found(numbers, phone_number, operation):
    with pytest.raises(NumberNotFoundException) as refused:
        getattr(numbers, operation)(phone_number)
    detail = refused.value.args[0].details[0]
    assert (detail.resource_type, detail.resource_name) == ("ActiveNumber", phone_number)


def test_a_number_that_is_rented_already_is_not_found(numbers, phone_number):
    numbers.rent(phone_number)
    with pytest.raises(NumberNotFoundException) as refused:
        numbers.rent(phone_number)
    assert refused.value.args[0].details[0].resource_type == "AvailableNumber"


# --- events and tokens ----------------------------------------------------------------------


def test_the_secret_of_events_is_shown_and_changed(numbers, tenant):
    before = numbers.event_destinations.get()
    changed = numbers.event_destinations.update(hmac_secret="another secret")

    assert before.project_id == changed.project_id == tenant.project
    assert before.hmac_secret
    assert numbers.event_destinations.get().hmac_secret == "another secret"


def test_an_expired_token_is_renewed_in_the_middle_of_a_flow(numbers, phone_number):
    numbers.rent(phone_number)
    time.sleep(TOKEN_LIFETIME_S + 0.2)  # the server's own clock counts

    assert numbers.get(phone_number).phone_number == phone_number


def test_a_wrong_secret_opens_nothing(plain, tenant):
    numbers = client_with(plain, tenant.key, "wrong", tenant.project).numbers
    with pytest.raises(Exception, match="credentials"):
        numbers.regions.list()


def test_the_project_of_another_account_is_not_found(plain, tenant):
    (other,) = open_tenants(plain.database)
    numbers = client_with(plain, tenant.key, tenant.secret, other.project).numbers
    with pytest.raises(NumbersException):
        numbers.list()
