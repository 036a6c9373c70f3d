"""``numberline account``."""

import re

import pytest

from live import numberline, tables_of


@pytest.fixture
def account(sqlite_url):
    """Runs ``numberline account`` on a database of the test's own."""

    def run(*arguments):
        return numberline("account", *arguments, "--database", sqlite_url)

    return run


@pytest.fixture
def ada(account):
    assert account("create", "Ada", "--id", "ada").code == 0
    return "ada"


def assert_refused(ran, *words):
    """One line on standard error that says what is wrong, and exit code 1."""
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("numberline: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def facts(ran):
    """What ``account show`` has printed, by its first column."""
    rows = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in ran.out.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 2}


def test_an_account_is_created_under_a_random_identifier(account):
    first, second = account("create", "Ada"), account("create", "Ada")

    assert (first.code, second.code) == (0, 0)
    assert re.fullmatch(r"[0-9a-f]{16}\n", first.out)
    assert first.out != second.out


def test_an_account_is_created_under_an_identifier_of_choice(account):
    assert account("create", "Ada", "--id", "ada").out == "ada\n"
    assert_refused(account("create", "Other", "--id", "ada"), "ada", "exists")


@pytest.mark.parametrize(
    ("credit", "shown"), [("100", "100.00"), ("0.000001", "0.000001"), ("unlimited", "unlimited")]
)
def test_an_account_may_have_credit(account, credit, shown):
    account("create", "Ada", "--id", "ada", "--credit", credit)

    assert facts(account("show", "ada"))["credit limit"] == shown


@pytest.mark.parametrize(
    "credit", ["-5", "1e5", "0.0000001", "99999999999", "ten", "", "1,000.00", "NaN", "Unlimited!"]
)
def test_credit_that_is_no_amount_is_refused(account, credit):
    assert_refused(account("create", "Ada", f"--credit={credit}"), "credit")
    assert account("list").out.count("\n") == 1


def test_a_sub_account_is_paid_by_its_parent_or_by_itself(account, ada):
    account("create", "Shop", "--id", "shop", "--parent", ada)
    account("create", "Till", "--id", "till", "--parent", "shop")
    account("create", "Own", "--id", "own", "--parent", ada, "--own-wallet")
    shown = {name: facts(account("show", name)) for name in ("shop", "till", "own")}

    assert {name: (f["parent"], f["paid by"]) for name, f in shown.items()} == {
        "shop": ("ada", "ada"),
        "till": ("shop", "ada"),
        "own": ("ada", "own"),
    }


def test_a_parent_must_be_there(account):
    assert_refused(account("create", "Shop", "--parent", "ghost"), "ghost")


def test_a_wallet_of_its_own_is_for_sub_accounts(account):
    assert_refused(account("create", "Ada", "--own-wallet"), "--parent")


def test_accounts_are_listed(account, ada):
    account("create", "Grace", "--id", "grace", "--parent", ada)
    lines = account("list").out.splitlines()

    assert [line.split()[:2] for line in lines[1:]] == [["ada", "Ada"], ["grace", "Grace"]]
    assert lines[2].split()[2] == "ada"


@pytest.mark.parametrize(
    "name",
    ["[/]", "[bold]x", "[red]", "\\[x]", "é😀", "a" * 60, ":smile:", "[link=http://x]y[/link]"],
)
def test_a_name_is_shown_as_it_is(account, name):
    account("create", name, "--id", "ada")

    assert name in account("list").out
    assert name in account("show", "ada").out


@pytest.mark.parametrize("command", ["show", "top-up"])
def test_an_account_that_is_not_there_is_said_so(account, command):
    more = ["1"] if command == "top-up" else []

    assert_refused(account(command, "ghost", *more), "ghost")


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("10", "EUR", "10.00 EUR"),
        ("0.5", "usd", "0.50 USD"),
        ("999999999.999999", "EUR", "999999999.999999 EUR"),
    ],
)
def test_money_is_added(account, ada, amount, currency, shown):
    assert account("top-up", ada, amount, currency).out.strip() == shown
    assert shown in account("show", ada).out


def test_top_ups_add_up_by_currency_and_stand_in_the_ledger(account, ada):
    for amount, currency in (("1.50", "EUR"), ("2", "EUR"), ("3", "USD")):
        account("top-up", ada, amount, currency)
    shown = account("show", ada, "--ledger").out

    assert "3.50 EUR" in shown
    assert "3.00 USD" in shown
    assert shown.count("top_up") == 3


def test_a_top_up_of_a_sub_account_fills_the_wallet_that_pays(account, sqlite_url, ada):
    account("create", "Shop", "--id", "shop", "--parent", ada)
    account("top-up", "shop", "5")
    (wallets,) = tables_of(sqlite_url, "wallet")

    assert [(w["account_id"], w["balance_micros"]) for w in wallets] == [("ada", 5_000_000)]


@pytest.mark.parametrize("amount", ["0", "0.0", "1e3", "ten", "1,5", "", "9999999999", "0.0000001"])
def test_an_amount_that_is_none_is_refused(account, ada, amount):
    assert_refused(account("top-up", ada, amount), "amount")


def test_a_negative_amount_is_refused(account, ada):
    assert account("top-up", ada, "-1").code != 0
    assert "wallet" not in account("show", ada).out


@pytest.mark.parametrize("currency", ["EURO", "E", "€", "12", "u\u017fd", ""])
def test_a_currency_that_is_none_is_refused(account, ada, currency):
    assert_refused(account("top-up", ada, "1", currency), "currency")
