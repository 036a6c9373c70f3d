"""What a running server learns from other processes, and how long a returned number rests."""

import itertools

import httpx
import pytest
import sqlalchemy as sa

from live import numberline, tables_of, until
from numberline.core.instants import DAY_US
from numberline.storage import tables
from numberline.storage.engines import open_database

FOLLOWS_S = 3.0
"""How long a change by another process may stay unseen."""


@pytest.fixture
def issued(server, tenant):
    """A second credential of the account, issued on the command line while the server runs."""
    url = server.database
    ran = numberline(
        "credential", "issue", tenant.account_id, "--door", "vonage", "--database", url
    )
    words = ran.out.split()
    return words[1], words[3]


def status(server, auth):
    return httpx.get(f"{server.base_url}/account/numbers", auth=auth).status_code


def test_a_key_works_as_soon_as_it_is_issued_and_no_longer_than_it_is_revoked(server, issued):
    before = status(server, issued)
    ran = numberline(
        "credential", "revoke", issued[0], "--door", "vonage", "--database", server.database
    )
    until(lambda: status(server, issued) == 401, within_s=FOLLOWS_S, what="the revocation")

    assert (before, ran.code) == (200, 0)
    assert status(server, issued) == 401


def test_a_revoked_key_takes_no_other_key_of_the_account_with_it(server, tenant, issued):
    numberline("credential", "revoke", issued[0], "--door", "vonage", "--database", server.database)
    until(lambda: status(server, issued) == 401, within_s=FOLLOWS_S, what="the revocation")

    assert status(server, tenant.auth) == 200


def test_an_unknown_key_can_be_issued_after_it_was_tried(server, tenant):
    """Nothing remembers that a key was unknown."""
    assert status(server, ("0" * 8, "x")) == 401
    assert status(server, tenant.auth) == 200


_restless = itertools.count(447700900000)
_resting = itertools.count(447700950000)


def act(http, action, msisdn):
    form = {"country": "GB", "msisdn": msisdn}
    return http.post(f"/number/{action}", data=form).status_code


def found(http, msisdn):
    return http.get(f"/number/search?country=GB&pattern={msisdn}").json() != {}


def test_a_number_that_never_rests_can_be_bought_again_at_once(http):
    msisdn = str(next(_restless))

    assert [act(http, step, msisdn) for step in ("buy", "cancel")] == [200, 200]
    assert found(http, msisdn)
    assert act(http, "buy", msisdn) == 200


def test_a_number_in_quarantine_is_neither_found_nor_bought(server, http):
    msisdn = str(next(_resting))
    assert [act(http, step, msisdn) for step in ("buy", "cancel")] == [200, 200]
    (rows,) = tables_of(server.database, "number")
    (row,) = [row for row in rows if row["number"] == int(msisdn)]

    assert (row["state"], row["account_id"]) == ("quarantined", None)
    assert row["due_at"] - row["changed_at"] == 45 * DAY_US
    assert not found(http, msisdn)
    assert act(http, "buy", msisdn) == 420
    assert act(http, "cancel", msisdn) == 420


def test_a_quarantine_that_is_over_brings_the_number_back(server, http):
    """The end is brought forward in the database; the server's own worker sees it."""
    msisdn = str(next(_resting))
    assert [act(http, step, msisdn) for step in ("buy", "cancel")] == [200, 200]
    end_rest(server.database, int(msisdn))
    until(lambda: found(http, msisdn), within_s=FOLLOWS_S, what="the end of the quarantine")

    assert act(http, "buy", msisdn) == 200


def end_rest(url, number):
    database = open_database(url)
    statement = sa.update(tables.number).where(tables.number.c.number == number).values(due_at=1)
    with database.writing() as connection:
        connection.execute(statement)
    database.close()
