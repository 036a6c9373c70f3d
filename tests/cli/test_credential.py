"""``numberline credential``."""

import re
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from live import numberline


@pytest.fixture
def credential(sqlite_url):
    """Runs ``numberline credential`` on a database with an account ``ada``."""
    numberline("account", "create", "Ada", "--id", "ada", "--database", sqlite_url)

    def run(*arguments):
        return numberline("credential", *arguments, "--database", sqlite_url)

    return run


def issue(credential, account_id="ada"):
    """Issue one; returns what was printed, the key and the secret."""
    ran = credential("issue", account_id, "--door", "vonage")
    found = re.fullmatch(r"api_key +(\S+)\napi_secret +(\S+)\n", ran.out)
    assert found, ran
    return ran, *found.groups()


def test_a_key_and_its_secret_are_shown_once(credential, sqlite_url):
    ran, key, secret = issue(credential)
    file = Path(sa.make_url(sqlite_url).database)

    assert ran.code == 0
    assert re.fullmatch(r"[0-9a-f]{8}", key)
    assert len(secret) >= 22  # 128 bits in base64
    assert "cannot be shown again" in ran.err
    assert secret not in credential("list").out
    for each in file.parent.glob(f"{file.name}*"):
        assert secret.encode() not in each.read_bytes()


def test_an_access_key_is_shown_once_and_goes_by_its_fingerprint(credential, sqlite_url):
    ran = credential("issue", "ada", "--door", "messagebird")
    found = re.fullmatch(r"access_key +(\S+)\nfingerprint +([0-9a-f]{16})\n", ran.out)
    access_key, fingerprint = found.groups()
    file = Path(sa.make_url(sqlite_url).database)

    assert len(access_key) >= 22  # 128 bits in base64
    assert fingerprint in credential("list", "ada").out
    for each in file.parent.glob(f"{file.name}*"):
        assert access_key.encode() not in each.read_bytes()
    assert credential("revoke", fingerprint, "--door", "vonage").code == 1
    assert credential("revoke", fingerprint, "--door", "messagebird").out == (
        f"revoked messagebird {fingerprint}\n"
    )


def bird_scope(ran):
    found = re.search(r"organization +(\S+)\nworkspace +(\S+)\n$", ran.out)
    assert found, ran
    return found.groups()


def test_every_bird_key_of_an_account_is_for_the_same_organization_and_workspace(credential):
    first, again = (credential("issue", "ada", "--door", "bird") for _ in range(2))

    assert bird_scope(first) == bird_scope(again)
    assert len({uuid.UUID(id_) for id_ in bird_scope(first)}) == 2
    assert first.out != again.out


def test_an_account_may_keep_the_identifiers_that_it_had_at_the_vendor(credential):
    ran = credential(
        *("issue", "ada", "--door", "bird"),
        *("--scope", "workspace=my-workspace", "--scope", "organization=My_1"),
    )

    assert bird_scope(ran) == ("My_1", "my-workspace")


@pytest.mark.parametrize(
    ("door", "scope", "word"),
    [
        ("bird", "project=x", "organization and workspace"),
        ("bird", "workspace", "letters"),
        ("bird", "workspace=a/b", "letters"),
        ("bird", "workspace=" + "x" * 65, "letters"),
        ("vonage", "workspace=x", "nothing"),
    ],
)
def test_a_scope_that_the_door_cannot_have_is_refused(credential, door, scope, word):
    ran = credential("issue", "ada", "--door", door, "--scope", scope)

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert word in ran.err


def test_no_two_are_alike(credential):
    issued = [issue(credential)[1:] for _ in range(5)]

    assert len({key for key, _ in issued}) == len({secret for _, secret in issued}) == 5


def test_credentials_are_listed_by_account(credential, sqlite_url):
    numberline("account", "create", "Grace", "--id", "grace", "--database", sqlite_url)
    adas, graces = issue(credential)[1], issue(credential, "grace")[1]

    assert {adas, graces} <= set(credential("list").out.split())
    assert adas in credential("list", "ada").out
    assert graces not in credential("list", "ada").out


def test_a_revoked_credential_is_listed_as_such_and_cannot_be_revoked_again(credential):
    _, key, _ = issue(credential)
    before = credential("list").out
    first = credential("revoke", key, "--door", "vonage")
    again = credential("revoke", key, "--door", "vonage")

    assert (first.code, first.out) == (0, f"revoked vonage {key}\n")
    assert credential("list").out != before
    assert (again.code, again.out) == (1, "")
    assert key in again.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("issue", "ghost", "--door", "vonage"), "ghost"),
        (("revoke", "00000000", "--door", "vonage"), "00000000"),
        (("revoke", "[/]", "--door", "vonage"), "[/]"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(credential, arguments, word):
    ran = credential(*arguments)

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert word in ran.err


@pytest.mark.parametrize("arguments", [("issue", "ada"), ("issue", "ada", "--door", "nexmo")])
def test_a_door_must_be_named_that_there_is(credential, arguments):
    ran = credential(*arguments)

    assert ran.code == 2
    assert "--door" in ran.err
