"""The demo's things are put into a database piece by piece."""

import msgspec
import pytest

from factories import FakeClock, all_rows
from numberline.core import commands as c
from numberline.core.accounts import Door
from numberline.platform.demo import VONAGE_KEY, demo_account, demo_credentials, demo_stock, seed
from numberline.platform.stocking.intake import add_stock
from numberline.register.sync import perform
from numberline.storage import queries, tables


def credentials(database):
    with database.reading() as connection:
        return {found.door: found for found in queries.list_credentials(connection, "demo")}


def test_an_empty_database_gets_everything_and_a_full_one_nothing(database):
    assert seed(database, FakeClock())
    stock = all_rows(database, tables.stock_chunk)
    before = credentials(database)

    assert not seed(database, FakeClock())
    assert before.keys() == set(Door)
    assert credentials(database) == before
    assert all_rows(database, tables.stock_chunk) == stock


@pytest.mark.parametrize("door", Door)
def test_a_demo_that_lacks_a_credential_gets_that_one(database, door):
    with database.reading() as connection:
        hash_key = queries.server_secret(connection, "hash_key")
    held = [found for found in demo_credentials(hash_key) if found.door is not door]
    add_stock(database, demo_stock(), now=FakeClock().now())
    opening = c.OpenAccount(account=demo_account())
    perform(database, FakeClock(), [opening, *(c.IssueCredential(credential=h) for h in held)])

    assert seed(database, FakeClock())
    assert credentials(database).keys() == set(Door)


def test_a_credential_of_the_demo_that_was_revoked_stays_so(database):
    seed(database, FakeClock())
    perform(database, FakeClock(), [c.RevokeCredential(door=Door.VONAGE, key=VONAGE_KEY)])

    assert not seed(database, FakeClock())
    assert credentials(database)[Door.VONAGE].revoked_at is not None


def test_the_secrets_of_the_demo_are_stored_as_hashes(database):
    seed(database, FakeClock())

    stored = msgspec.json.encode(all_rows(database, tables.credential))
    assert b"demo-messagebird-key" not in stored
    assert b"demo-vonage-secret" not in stored
