"""What must never break is a constraint: the database refuses it by itself, whoever asks."""

import pytest
import sqlalchemy as sa

from factories import GB, NEW_YEAR
from numberline.storage import tables

AVAILABLE = {
    "number": GB,
    "offer_id": 1,
    "version": 1,
    "state": "available",
    "account_id": None,
    "changed_at": NEW_YEAR,
    "configuration": {},
}
ACTIVE = AVAILABLE | {"state": "active", "account_id": "ada"}
WALLET = {"account_id": "ada", "currency": "EUR", "balance_micros": -5, "floor_micros": -5}
ENTRY = {
    "account_id": "ada",
    "writer_id": 1,
    "seq": 1,
    "line": 0,
    "at": NEW_YEAR,
    "debit": "wallet",
    "credit": "revenue",
    "amount_micros": 1,
    "currency": "EUR",
    "reason": "rental",
}
EVENT = {"writer_id": 1, "seq": 1, "at": NEW_YEAR, "kind": "number_rented", "data": {}}
WRITER = {"writer_id": 1, "started_at": NEW_YEAR, "last_seq": 0}
ACCOUNT = {
    "account_id": "ada",
    "name": "Ada",
    "payer_id": "ada",
    "credit_limit_micros": 0,
    "documents_on_file": False,
    "created_at": NEW_YEAR,
}
CREDENTIAL = {
    "door": "vonage",
    "key": "a1b2c3d4",
    "account_id": "ada",
    "secret_hash": b"hash",
    "issued_at": NEW_YEAR,
}
POOL = {
    "account_id": "ada",
    "pool_id": "p1",
    "name": "the pool",
    "service": "",
    "by_country": False,
    "created_at": NEW_YEAR,
    "updated_at": NEW_YEAR,
}
REVISION = {"account_id": "ada", "revision": 1}
OFFER = {
    "offer_id": 1,
    "country": "GB",
    "type": "mobile",
    "capabilities": 1,
    "region": "",
    "locality": "",
    "setup_price_micros": 0,
    "monthly_price_micros": 0,
    "currency": "EUR",
    "interval_months": 1,
    "contract_months": 0,
    "documents_required": False,
    "quarantine_days": 0,
}
CHUNK = {"offer_id": 1, "chunk": 447_700, "size": 1, "numbers": b"bitmap"}

FINE = [
    (tables.number, [AVAILABLE, ACTIVE | {"number": GB + 1}]),
    (tables.wallet, [WALLET, WALLET | {"currency": "USD"}]),
    (tables.ledger_entry, [ENTRY, ENTRY | {"line": 1}]),
    (tables.event, [EVENT, EVENT | {"seq": 2}]),
    (tables.writer, [WRITER]),
    (tables.account, [ACCOUNT]),
    (tables.credential, [CREDENTIAL]),
    (
        tables.pool,
        [POOL, POOL | {"pool_id": "p2", "name": "The pool"}, POOL | {"account_id": "bob"}],
    ),
    (tables.pool_revision, [REVISION, REVISION | {"account_id": "bob"}]),
    (tables.offer, [OFFER, OFFER | {"offer_id": 2, "quarantine_days": 1}]),
]


def insert(database, table, rows):
    with database.writing() as connection:
        for row in rows:
            connection.execute(sa.insert(table), row)


@pytest.mark.parametrize(("table", "rows"), FINE, ids=[table.name for table, _ in FINE])
def test_rows_that_keep_the_rules_are_taken(database, table, rows):
    insert(database, table, rows)


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        pytest.param(tables.number, [ACTIVE, ACTIVE | {"account_id": "bob"}], id="two-tenants"),
        pytest.param(tables.number, [ACTIVE | {"account_id": None}], id="no-tenant"),
        pytest.param(tables.number, [AVAILABLE | {"account_id": "ada"}], id="tenant-of-free"),
        pytest.param(tables.wallet, [WALLET | {"balance_micros": -6}], id="below-floor"),
        pytest.param(tables.wallet, [WALLET, WALLET], id="two-wallets"),
        pytest.param(tables.ledger_entry, [ENTRY | {"amount_micros": 0}], id="zero-entry"),
        pytest.param(tables.ledger_entry, [ENTRY | {"amount_micros": -1}], id="negative-entry"),
        pytest.param(tables.ledger_entry, [ENTRY | {"credit": "wallet"}], id="one-book"),
        pytest.param(tables.ledger_entry, [ENTRY, ENTRY], id="line-twice"),
        pytest.param(tables.event, [EVENT, EVENT], id="place-in-stream-twice"),
        pytest.param(tables.writer, [WRITER, WRITER], id="stream-twice"),
        pytest.param(tables.account, [ACCOUNT | {"credit_limit_micros": -1}], id="credit-limit"),
        pytest.param(tables.account, [ACCOUNT, ACCOUNT], id="account-twice"),
        pytest.param(tables.credential, [CREDENTIAL, CREDENTIAL], id="key-twice"),
        pytest.param(tables.pool, [POOL, POOL | {"name": "other"}], id="pool-twice"),
        pytest.param(tables.pool, [POOL, POOL | {"pool_id": "p2"}], id="pool-name-twice"),
        pytest.param(tables.pool_revision, [REVISION, REVISION], id="two-pool-revisions"),
        pytest.param(tables.offer, [OFFER, OFFER | {"offer_id": 2}], id="terms-twice"),
        pytest.param(tables.stock_chunk, [CHUNK], id="chunk-without-offer"),
        pytest.param(tables.stock_revision, [{"row_id": 2, "revision": 1}], id="two-revisions"),
    ],
)
def test_the_database_refuses_what_breaks_a_rule(database, table, rows):
    with pytest.raises(sa.exc.IntegrityError):
        insert(database, table, rows)


@pytest.mark.parametrize("size", [0, 1_000_001])
def test_the_database_refuses_a_chunk_of_an_impossible_size(database, size):
    insert(database, tables.offer, [OFFER])

    with pytest.raises(sa.exc.IntegrityError):
        insert(database, tables.stock_chunk, [CHUNK | {"size": size}])


def test_the_database_refuses_to_move_a_wallet_below_its_floor(database):
    insert(database, tables.wallet, [WALLET])

    with pytest.raises(sa.exc.IntegrityError), database.writing() as connection:
        connection.execute(sa.update(tables.wallet).values(balance_micros=-6))


def test_a_transaction_that_breaks_a_rule_leaves_nothing(database):
    with pytest.raises(sa.exc.IntegrityError):
        insert(database, tables.event, [EVENT, EVENT | {"seq": 2}, EVENT])

    with database.reading() as connection:
        assert connection.execute(sa.select(tables.event)).all() == []
