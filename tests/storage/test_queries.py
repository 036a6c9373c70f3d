"""Lists and look-ups agree with plain filters over all rows."""

import re
from collections import Counter

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import (
    GB,
    NEW_YEAR,
    REPEATABLE,
    UNIT,
    make_account,
    make_credential,
    make_pool,
    rolled_back,
)
from numberline.core.accounts import Door, Wallet
from numberline.core.instants import Instant
from numberline.core.lifecycle import OWNED, EventKind, State
from numberline.core.pools import PoolSet
from numberline.core.rows import Book, Configuration, Entry, Event, NumberRow
from numberline.storage import queries, tables
from numberline.storage.batches import BatchStatements, PoolChange, WalletChange
from numberline.storage.queries import OwnedFilter, PageCut, PoolFilter
from numberline.storage.streams import open_stream

HOLDERS = {State.HELD, State.ACTIVE, State.EXPIRING}


def make_row(number, *, state=State.ACTIVE, account_id="ada", tags=(), pools=(), **values):
    application_id = values.pop("application_id", "")
    display_name = values.pop("display_name", "")
    return NumberRow(
        number=number,
        offer_id=values.pop("offer_id", 1),
        version=1,
        state=state,
        account_id=account_id if state in HOLDERS else None,
        changed_at=NEW_YEAR,
        configuration=Configuration(
            application_id=application_id, tags=tags, pools=pools, display_name=display_name
        ),
        **values,
    )


tags = st.sampled_from(["a", "A", "a b", "1", "null", "true", "$", '"', "it's", "ä%_", "tags"])
names = st.sampled_from(["", "", "a", "A", "b", "Z", "é", "ß", "ä%_", "\uff21", "\U0001f4de"])
pool_ids = st.sampled_from(["p1", "p2", "p3", "a"])
rows = st.lists(
    st.builds(
        make_row,
        st.integers(0, 30).map(lambda n: GB + n) | st.integers(10**6, 10**15 - 1),
        offer_id=st.integers(1, 3),
        state=st.sampled_from([State.ACTIVE, State.ACTIVE, *State]),
        account_id=st.sampled_from(["ada", "ada", "bob"]),
        application_id=st.sampled_from(["", "app", "123", "null", '"quoted"', "it's", "ä%_"]),
        tags=st.lists(tags, max_size=3).map(tuple),
        pools=st.lists(pool_ids, max_size=3, unique=True).map(tuple),
        interval_months=st.none() | st.integers(1, 120),
        display_name=names,
    ),
    max_size=25,
    unique_by=lambda row: row.number,
)
filters = st.builds(
    OwnedFilter,
    account_id=st.sampled_from(["ada", "bob", "nobody"]),
    offer_ids=st.none() | st.frozensets(st.integers(1, 4), max_size=3),
    globs=st.lists(
        st.sampled_from(["*", "4477*", "*1*", "*0", "*00?", "44770090000?", "?*?", "447700900007"])
        | st.text("4790*?", max_size=6),
        max_size=2,
    ).map(tuple),
    application_id=st.none() | st.sampled_from(["app", "123", "null", '"quoted"', "it's", "ä%_"]),
    has_application=st.none() | st.booleans(),
    tags=st.just(()) | st.lists(tags, max_size=2).map(tuple),
    pool_id=st.none() | st.none() | pool_ids,
)


def passes(row, filter_):
    """Whether a row is one that is looked for, by plain Python."""
    patterns = [glob.replace("*", "[0-9]*").replace("?", "[0-9]") for glob in filter_.globs]
    application_id = row.configuration.application_id
    return (
        row.account_id == filter_.account_id
        and row.state in OWNED
        and (filter_.offer_ids is None or row.offer_id in filter_.offer_ids)
        and all(re.fullmatch(pattern, str(row.number)) for pattern in patterns)
        and filter_.application_id in (None, application_id)
        and filter_.has_application in (None, application_id != "")
        and set(filter_.tags) <= set(row.configuration.tags)
        and filter_.pool_id in (None, *row.configuration.pools)
    )


@given(population=rows, filter_=filters, limit=st.integers(0, 6), offset=st.integers(0, 12))
@settings(REPEATABLE, max_examples=80)
def test_a_page_of_owned_numbers_is_what_a_plain_filter_finds(
    database, population, filter_, limit, offset
):
    with rolled_back(database) as connection:
        if population:
            BatchStatements(database).write_numbers(connection, population)
        cut = PageCut(limit=limit, offset=offset)
        found = queries.owned_numbers(connection, filter_, cut)

    wanted = sorted((row for row in population if passes(row, filter_)), key=lambda r: r.number)
    assert found == (wanted[offset : offset + limit], len(wanted))


@given(population=rows, data=st.data())
@settings(REPEATABLE, max_examples=20)
def test_pages_of_any_size_put_together_are_the_whole_list(database, population, data):
    limit = data.draw(st.integers(1, 7))
    filter_ = OwnedFilter(account_id="ada")
    with rolled_back(database) as connection:
        if population:
            BatchStatements(database).write_numbers(connection, population)
        _, total = queries.owned_numbers(connection, filter_, PageCut(limit=0))
        cuts = [PageCut(limit=limit, offset=offset) for offset in range(0, total, limit)]
        pages = [queries.owned_numbers(connection, filter_, cut)[0] for cut in cuts]

    together = [row.number for page in pages for row in page]
    assert together == sorted(row.number for row in population if passes(row, filter_))


def by_number(row):
    return row.number


def by_name(row):
    return row.configuration.display_name, row.number


@given(
    population=rows,
    filter_=filters,
    limit=st.integers(1, 7),
    order=st.tuples(st.sampled_from([by_number, by_name]), st.booleans()),
)
@settings(REPEATABLE, max_examples=40)
def test_pages_that_begin_behind_the_last_are_the_whole_list_in_any_order(
    database, population, filter_, limit, order
):
    key, descending = order
    wanted = [key(row) for row in population if passes(row, filter_)]
    with rolled_back(database) as connection:
        if population:
            BatchStatements(database).write_numbers(connection, population)
        together, after = [], None
        for _ in range(len(population) + 1):
            cut = PageCut(limit=limit, after=after, descending=descending, by_name=key is by_name)
            page, total = queries.owned_numbers(connection, filter_, cut)
            assert (len(page) <= limit, total) == (True, len(wanted))
            together += map(key, page)
            if not page:
                break
            after = key(page[-1])

    assert together == sorted(wanted, reverse=descending)


@given(population=rows)
@settings(REPEATABLE, max_examples=40)
def test_the_sizes_of_pools_are_the_totals_of_their_lists(database, population):
    with rolled_back(database) as connection:
        if population:
            BatchStatements(database).write_numbers(connection, population)
        sizes = queries.pool_sizes(connection, "ada")
        totals = {
            pool_id: queries.owned_numbers(
                connection, OwnedFilter(account_id="ada", pool_id=pool_id), PageCut(limit=0)
            )[1]
            for pool_id in sizes
        }

    own = [row for row in population if passes(row, OwnedFilter(account_id="ada"))]
    assert sizes == totals == Counter(pool_id for row in own for pool_id in row.configuration.pools)


# --- pools ----------------------------------------------------------------------------------

pools = st.lists(
    st.builds(
        make_pool,
        st.integers(1, 99).map("p{}".format),
        st.sampled_from(["ada", "ada", "bob"]),
        service=st.sampled_from(["", "sms", "SMS", "%"]),
        by_country=st.booleans(),
        created_at=st.integers(0, 3).map(Instant),
    ),
    max_size=12,
    unique_by=lambda pool: pool.pool_id,
)
pool_filters = st.builds(
    PoolFilter,
    account_id=st.sampled_from(["ada", "ada", "nobody"]),
    name=st.none() | st.integers(1, 99).map("the p{}".format),
    service=st.none() | st.sampled_from(["", "sms", "%", "x"]),
)


def write_pools(database, connection, pools):
    BatchStatements(database).write_pools(
        connection,
        [
            PoolChange(
                PoolSet(account_id=account_id),
                PoolSet(
                    account_id=account_id,
                    pools=tuple(pool for pool in pools if pool.account_id == account_id),
                ),
            )
            for account_id in ("ada", "bob")
        ],
    )


@given(population=pools, filter_=pool_filters, limit=st.integers(1, 5))
@settings(REPEATABLE, max_examples=60)
def test_pages_of_pools_are_the_whole_list_without_gaps_and_repeats(
    database, population, filter_, limit
):
    with rolled_back(database) as connection:
        write_pools(database, connection, population)
        pages = [
            queries.list_pools(connection, filter_, limit=limit, offset=offset)
            for offset in range(0, len(population) + limit, limit)
        ]

    wanted = [
        pool
        for pool in population
        if pool.account_id == filter_.account_id
        and filter_.name in (None, pool.name)
        and filter_.service in (None, pool.service)
    ]
    together = [pool for page, _ in pages for pool in page]
    assert together == sorted(wanted, key=lambda pool: (pool.created_at, pool.pool_id))
    assert {total for _, total in pages} == {len(wanted)}


@pytest.fixture
def connection(database):
    with rolled_back(database) as opened:
        yield opened


@pytest.fixture
def statements(database):
    return BatchStatements(database)


# --- what falls due -------------------------------------------------------------------------


def due(number, seconds, state=State.HELD):
    return make_row(number, state=state, due_at=Instant(NEW_YEAR + seconds))


def test_what_falls_due_is_found_from_its_instant_on(connection, statements):
    statements.write_numbers(connection, [due(GB, 0), due(GB + 1, 1)])

    assert queries.due_numbers(connection, NEW_YEAR, limit=9) == [(GB, State.HELD)]


def test_the_longest_overdue_comes_first(connection, statements):
    numbers = [due(GB, -1), due(GB + 1, -3, State.EXPIRING), due(GB + 2, -2, State.QUARANTINED)]
    statements.write_numbers(connection, numbers)

    assert queries.due_numbers(connection, NEW_YEAR, limit=2) == [
        (GB + 1, State.EXPIRING),
        (GB + 2, State.QUARANTINED),
    ]


def test_what_has_no_end_never_falls_due(connection, statements):
    statements.write_numbers(connection, [make_row(GB), make_row(GB + 1, state=State.AVAILABLE)])

    assert queries.due_numbers(connection, Instant(2**62), limit=9) == []


def at_work(number, seconds):
    return make_row(number, work_at=Instant(NEW_YEAR + seconds))


def test_work_is_found_from_its_instant_on_the_longest_waiting_first(connection, statements):
    rows = [at_work(GB, 0), at_work(GB + 1, -2), at_work(GB + 2, 1), at_work(GB + 3, -1)]
    statements.write_numbers(connection, [*rows, make_row(GB + 4)])

    found = queries.numbers_with_work(connection, NEW_YEAR, limit=9)
    assert found == [rows[1], rows[3], rows[0]]
    assert queries.numbers_with_work(connection, NEW_YEAR, limit=1) == found[:1]


def test_work_is_found_without_looking_at_other_numbers(database, connection):
    c = tables.number.c
    query = sa.select(c.number).where(c.work_at <= NEW_YEAR).order_by(c.work_at).limit(9)
    sql = query.compile(dialect=database.engine.dialect, compile_kwargs={"literal_binds": True})
    if not database.is_sqlite:
        connection.exec_driver_sql("set local enable_seqscan = off")
    explain = "explain query plan" if database.is_sqlite else "explain"
    plan = connection.exec_driver_sql(f"{explain} {sql}").all()

    assert "ix_number_work_at" in str(plan)


# --- numbers and accounts -------------------------------------------------------------------


def test_a_number_row_is_read_as_it_was_written(connection, statements):
    row = make_row(
        GB,
        state=State.EXPIRING,
        rented_at=NEW_YEAR,
        renews_at=Instant(NEW_YEAR + 1),
        due_at=Instant(NEW_YEAR + 1),
        application_id="app",
    )
    statements.write_numbers(connection, [row])

    assert queries.number_row(connection, GB) == row
    assert queries.number_row(connection, GB + 1) is None


def test_rented_numbers_are_counted_by_account(connection, statements):
    numbers = [
        make_row(GB),
        make_row(GB + 1, state=State.EXPIRING),
        make_row(GB + 2, account_id="bob"),
        make_row(GB + 3, state=State.HELD),
        make_row(GB + 4, state=State.QUARANTINED),
    ]
    statements.write_numbers(connection, numbers)

    assert queries.count_owned(connection) == {"ada": 2, "bob": 1}


def test_accounts_are_listed_from_the_oldest_on(connection, statements):
    young = make_account("ada", created_at=Instant(NEW_YEAR + 1))
    old = make_account("bob", documents_on_file=True)
    statements.write_accounts(connection, [young, old])

    assert queries.list_accounts(connection) == [old, young]


def test_an_account_is_found_by_its_identifier(connection, statements):
    account = make_account("kid", parent_id="ada", payer_id="ada", documents_on_file=True)
    statements.write_accounts(connection, [account])

    assert queries.find_account(connection, "kid") == account
    assert queries.find_account(connection, "ada") is None


def test_wallets_of_an_account_are_listed_by_currency(connection, statements):
    changes = {
        ("ada", "USD"): WalletChange(1, 0),
        ("ada", "EUR"): WalletChange(2, 0),
        ("bob", "EUR"): WalletChange(3, 0),
    }
    statements.write_wallets(connection, changes)

    assert queries.list_wallets(connection, "ada") == [
        Wallet("ada", "EUR", 2),
        Wallet("ada", "USD", 1),
    ]


def test_the_ledger_of_an_account_is_listed_from_the_oldest_entry_on(database, statements):
    writer_id = open_stream(database, NEW_YEAR)
    entry = Entry(
        account_id="ada",
        debit=Book.FUNDING,
        credit=Book.WALLET,
        amount_micros=UNIT,
        currency="EUR",
        reason="top_up",
    )
    event = Event(kind=EventKind.WALLET_TOPPED_UP, account_id="ada", entries=(entry, entry))
    with rolled_back(database) as connection:
        for seq, at in enumerate((NEW_YEAR, NEW_YEAR + 1), 1):
            statements.append(connection, [event], writer_id=writer_id, first_seq=seq, at=at)
        found = queries.ledger_entries(connection, "ada")
        others = queries.ledger_entries(connection, "bob")

    assert [(row.at, row.line, row.amount_micros) for row in found] == [
        (NEW_YEAR, 0, UNIT),
        (NEW_YEAR, 1, UNIT),
        (NEW_YEAR + 1, 0, UNIT),
        (NEW_YEAR + 1, 1, UNIT),
    ]
    assert list(others) == []


# --- credentials ----------------------------------------------------------------------------


def test_a_credential_is_found_by_its_key(connection, statements):
    revoked = make_credential(key="one", revoked_at=NEW_YEAR)
    statements.write_credentials(connection, [revoked, make_credential(key="two")])

    assert queries.find_credential(connection, Door.VONAGE, "one") == revoked
    assert queries.find_credential(connection, Door.VONAGE, "three") is None


def test_credentials_are_listed_by_the_time_of_their_issue(connection, statements):
    late = make_credential(key="late", issued_at=Instant(NEW_YEAR + 1))
    early, other = make_credential(key="zzz"), make_credential("bob", key="aaa")
    statements.write_credentials(connection, [late, early, other])

    assert queries.list_credentials(connection, "ada") == [early, late]
    assert queries.list_credentials(connection) == [other, early, late]


def test_the_secret_of_the_installation_stays_the_same(database):
    with database.reading() as connection:
        first = queries.server_secret(connection, "hash_key")
    with database.reading() as connection:
        assert queries.server_secret(connection, "hash_key") == first
