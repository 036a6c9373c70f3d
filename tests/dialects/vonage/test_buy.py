"""Renting and giving back over the wire, and what it costs."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from live import charges, client_of, demo_numbers, open_tenants
from numberline.core.offers import NumberType

SUCCESS = {"error-code": "200", "error-code-label": "success"}


def buy(http, msisdn, country="GB", **more):
    return http.post("/number/buy", data={"country": country, "msisdn": msisdn, **more})


def cancel(http, msisdn, country="GB", **more):
    return http.post("/number/cancel", data={"country": country, "msisdn": msisdn, **more})


def owned(http):
    return [number["msisdn"] for number in http.get("/account/numbers").json().get("numbers", ())]


def assert_refused(answer, *, label="method failed"):
    """An answer to an action that was understood and refused, as traced on the real service."""
    assert answer.status_code == 420
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert answer.json()["error-code"] == "420"
    assert label in answer.json()["error-code-label"]


def test_a_number_is_bought_and_given_back(http, msisdn):
    bought = buy(http, msisdn)
    held = owned(http)
    cancelled = cancel(http, msisdn)

    assert [(a.status_code, a.json()) for a in (bought, cancelled)] == [(200, SUCCESS)] * 2
    assert (held, owned(http)) == ([msisdn], [])


def test_the_setup_and_the_first_month_are_charged_and_nothing_comes_back(caller, demo, msisdn):
    buy(caller.http, msisdn)
    cancel(caller.http, msisdn)

    assert charges(demo.database, caller.tenant.account_id) == [
        ("setup", msisdn, 500_000),
        ("rental", msisdn, charges_of_a_month(msisdn)),
    ]


def charges_of_a_month(msisdn):
    return dict(demo_numbers("GB"))[int(msisdn)].monthly_price_micros


def test_buying_ten_times_charges_once(caller, demo, msisdn):
    """As often a broken connection makes the Python SDK send the same purchase."""
    answers = [buy(caller.http, msisdn) for _ in range(10)]

    assert [answer.status_code for answer in answers] == [200, *[420] * 9]
    assert_refused(answers[-1])
    assert len(charges(demo.database, caller.tenant.account_id)) == 2


def test_ten_purchases_at_once_are_one(caller, demo, msisdn):
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: buy(caller.http, msisdn).status_code, range(10)))

    assert sorted(answers) == [200, *[420] * 9]
    assert len(charges(demo.database, caller.tenant.account_id)) == 2


def test_a_number_can_be_bought_again_after_it_was_given_back(caller, demo, msisdn):
    for _ in range(2):
        assert buy(caller.http, msisdn).status_code == 200
        assert cancel(caller.http, msisdn).status_code == 200

    assert len(charges(demo.database, caller.tenant.account_id)) == 4


@pytest.mark.parametrize("spelling", ["+{}", " {}", "{} ", "%2B{}"])
def test_a_number_may_carry_a_plus(http, msisdn, spelling):
    written = spelling.format(msisdn).replace("%2B", "+")

    assert buy(http, written).status_code == 200
    assert owned(http) == [msisdn]


def test_a_country_may_be_in_lower_case(http, msisdn):
    assert buy(http, msisdn, "gb").status_code == 200
    assert cancel(http, msisdn, "Gb").status_code == 200


@pytest.mark.parametrize("action", [buy, cancel])
def test_the_country_must_be_that_of_the_number(http, msisdn, action):
    if action is cancel:
        buy(http, msisdn)

    assert_refused(action(http, msisdn, "US"))


@pytest.mark.parametrize("msisdn", ["447700999999", "999999999999999", "1234567"])
def test_a_number_that_is_not_in_stock_cannot_be_bought(http, msisdn):
    assert_refused(buy(http, msisdn))


def test_a_number_of_someone_else_can_neither_be_bought_nor_given_back(http, demo, msisdn):
    buy(http, msisdn)
    (stranger,) = open_tenants(demo.database)
    with client_of(demo, stranger.auth) as other:
        assert_refused(buy(other, msisdn))
        assert_refused(cancel(other, msisdn))

    assert owned(http) == [msisdn]


def test_what_is_not_owned_reads_the_same_whether_it_is_someone_elses_or_nobodys(
    http, demo, msisdn
):
    (stranger,) = open_tenants(demo.database)
    free = cancel(http, msisdn).json()
    with client_of(demo, stranger.auth) as other:
        buy(other, msisdn)

    assert cancel(http, msisdn).json() == free


def test_a_number_that_needs_documents_says_so(http):
    local = next(str(n) for n, terms in demo_numbers("CH") if terms.type == NumberType.LOCAL)

    assert_refused(buy(http, local, "CH"), label="address")


def test_documents_on_file_open_the_way(demo):
    local = next(str(n) for n, terms in demo_numbers("SG") if terms.type == NumberType.LOCAL)
    (tenant,) = open_tenants(demo.database, documents_on_file=True)
    with client_of(demo, tenant.auth) as client:
        assert buy(client, local, "SG").status_code == 200


def test_without_credit_nothing_is_bought(demo, msisdn):
    (tenant,) = open_tenants(demo.database, credit_limit_micros=0)
    with client_of(demo, tenant.auth) as client:
        assert_refused(buy(client, msisdn))

        assert owned(client) == []
    assert charges(demo.database, tenant.account_id) == []


# --- for a sub-account ----------------------------------------------------------------------


@pytest.fixture
def sub_account(caller, demo):
    parent_id = caller.tenant.account_id
    (tenant,) = open_tenants(demo.database, parent_id=parent_id, payer_id=parent_id)
    with client_of(demo, tenant.auth) as client:
        yield type(caller)(tenant, client)


def test_a_sub_account_is_acted_for_with_target_api_key(caller, demo, sub_account, msisdn):
    key = sub_account.tenant.key

    assert buy(caller.http, msisdn, target_api_key=key).status_code == 200
    assert (owned(caller.http), owned(sub_account.http)) == ([], [msisdn])
    assert [reason for reason, *_ in charges(demo.database, caller.tenant.account_id)] == [
        "setup",
        "rental",
    ]
    assert_refused(cancel(caller.http, msisdn))
    assert cancel(caller.http, msisdn, target_api_key=key).status_code == 200
    assert owned(sub_account.http) == []


def test_ones_own_key_and_an_empty_one_are_no_other_account(caller, msisdns):
    first, second = msisdns(2)

    assert buy(caller.http, first, target_api_key=caller.tenant.key).status_code == 200
    assert buy(caller.http, second, target_api_key="").status_code == 200
    assert owned(caller.http) == [first, second]


def test_a_strangers_key_opens_nothing_and_looks_like_no_key_at_all(caller, demo, msisdn):
    (stranger,) = open_tenants(demo.database)
    refused = buy(caller.http, msisdn, target_api_key=stranger.key)
    unknown = buy(caller.http, msisdn, target_api_key="0" * 8)

    assert_refused(refused)
    assert refused.text.replace(stranger.key, "KEY") == unknown.text.replace("0" * 8, "KEY")
    assert owned(caller.http) == []


def test_a_sub_account_does_not_act_for_its_parent_nor_for_a_sister(
    caller, demo, sub_account, msisdn
):
    (sister,) = open_tenants(
        demo.database, parent_id=caller.tenant.account_id, payer_id=caller.tenant.account_id
    )

    for key in (caller.tenant.key, sister.key):
        assert_refused(buy(sub_account.http, msisdn, target_api_key=key))


def test_a_number_of_the_sub_account_is_not_given_back_by_the_key_of_the_parent_alone(
    caller, sub_account, msisdn
):
    buy(sub_account.http, msisdn)

    assert_refused(cancel(caller.http, msisdn))
    assert owned(sub_account.http) == [msisdn]
