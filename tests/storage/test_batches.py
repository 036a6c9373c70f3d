"""What a batch writes holds only where nobody else was first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import (
    GB,
    NEW_YEAR,
    REPEATABLE,
    all_rows,
    balances,
    make_account,
    make_credential,
    make_pool,
    number_rows,
    rolled_back,
)
from numberline.core.accounts import Wallet
from numberline.core.instants import Instant
from numberline.core.lifecycle import State
from numberline.core.pools import PoolSet
from numberline.core.provisioning import (
    NO_PROVISIONING,
    Provisioning,
    Service,
    SmsLink,
    Status,
    Task,
    VoiceLink,
)
from numberline.core.rows import Configuration, NumberRow
from numberline.storage import queries, tables
from numberline.storage.batches import BatchStatements, PoolChange, VersionConflict, WalletChange

HOLDERS = {State.HELD, State.ACTIVE, State.EXPIRING}

instants = st.integers(0, 2**62)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
configurations = st.builds(
    Configuration,
    application_id=texts,
    sms_webhook_url=texts,
    smpp_system_type=texts,
    voice_route=st.sampled_from(["", "sip", "tel", "app", "vxml"]),
    voice_target=texts,
    tags=st.lists(texts, max_size=2).map(tuple),
    pools=st.lists(texts, max_size=2).map(tuple),
    display_name=texts,
)
sms_links = st.builds(SmsLink, texts, texts)
voice_links = st.builds(VoiceLink, st.sampled_from(["application", "trunk", "fax"]), texts)


def tasks(links):
    """Tasks of any kind that lead from links to links."""
    return st.builds(
        Task,
        task_id=texts,
        wanted=links,
        reached=links,
        steps=st.lists(st.sampled_from(Service), max_size=2).map(tuple),
        updated_at=instants,
        status=st.sampled_from(Status),
        attempts=st.integers(0, 20),
        due_at=st.none() | instants,
        lease=texts,
        error_codes=st.lists(texts, max_size=2).map(tuple),
        in_doubt=st.lists(st.sampled_from(Service), max_size=2).map(tuple),
    )


provisionings = st.builds(
    Provisioning,
    sms=sms_links,
    voice=voice_links,
    sms_task=st.none() | tasks(sms_links),
    voice_task=st.none() | tasks(voice_links),
    callback_url=texts,
    callback_scheme=texts,
    task_count=st.integers(0, 2**31),
)
number_rows_of_any_kind = st.builds(
    lambda state, account_id, **values: NumberRow(
        state=state, account_id=account_id if state in HOLDERS else None, **values
    ),
    number=st.integers(10**6, 10**15 - 1),
    offer_id=st.integers(1, 2**31 - 1),
    version=st.integers(1, 2**62),
    state=st.sampled_from(State),
    account_id=texts,
    changed_at=instants,
    rented_at=st.none() | instants,
    renews_at=st.none() | instants,
    due_at=st.none() | instants,
    configuration=configurations,
    provisioning=st.just(NO_PROVISIONING) | provisionings,
    work_at=st.none() | instants,
)


def make_row(number, version, application_id=""):
    return NumberRow(
        number=number,
        offer_id=1,
        version=version,
        state=State.ACTIVE,
        account_id="ada",
        changed_at=NEW_YEAR,
        configuration=Configuration(application_id=application_id),
    )


@pytest.fixture
def statements(database):
    return BatchStatements(database)


def write_numbers(database, *rows):
    with database.writing() as connection:
        BatchStatements(database).write_numbers(connection, rows)


def write_wallets(database, **changes):
    """Change wallets of some accounts in euros, each by an amount above a floor."""
    with database.writing() as connection:
        BatchStatements(database).write_wallets(
            connection, {(name, "EUR"): WalletChange(*change) for name, change in changes.items()}
        )


# --- numbers --------------------------------------------------------------------------------


@given(st.lists(number_rows_of_any_kind, min_size=1, max_size=8, unique_by=lambda r: r.number))
@settings(REPEATABLE, max_examples=30)
def test_number_rows_are_read_as_they_were_written(database, written):
    statements = BatchStatements(database)
    with rolled_back(database) as connection:
        statements.write_numbers(connection, written)
        found = statements.numbers(connection, {row.number for row in written})

    assert sorted(found, key=lambda r: r.number) == sorted(written, key=lambda r: r.number)


def test_a_number_without_provisioning_takes_no_room_for_it(database):
    write_numbers(database, make_row(GB, 1))

    [row] = all_rows(database, tables.number)

    assert (row["provisioning"], row["work_at"]) == (None, None)
    assert number_rows(database)[GB].provisioning is NO_PROVISIONING


def test_only_the_numbers_that_are_asked_for_are_read(database, statements):
    write_numbers(database, *(make_row(GB + n, 1) for n in range(5)))

    with database.reading() as connection:
        found = statements.numbers(connection, [GB + 1, GB + 3, GB + 9])

    assert {row.number for row in found} == {GB + 1, GB + 3}


def test_as_many_numbers_can_be_read_at_once_as_a_look_at_the_feed_brings(database, statements):
    write_numbers(database, make_row(GB, 1))

    with database.reading() as connection:
        found = statements.numbers(connection, range(GB - 40_000, GB + 1))

    assert [row.number for row in found] == [GB]


def test_a_row_moves_on_by_one_version(database):
    write_numbers(database, make_row(GB, 1))
    write_numbers(database, make_row(GB, 2, "app"))

    assert number_rows(database) == {GB: make_row(GB, 2, "app")}


@pytest.mark.parametrize("version", [1, 2, 4])
def test_a_row_that_moved_on_meanwhile_is_a_conflict(database, version):
    for earlier in (1, 2):
        write_numbers(database, make_row(GB, earlier))

    with pytest.raises(VersionConflict):
        write_numbers(database, make_row(GB, version, "late"))

    assert number_rows(database) == {GB: make_row(GB, 2)}


def test_one_conflict_takes_the_whole_transaction_back(database):
    write_numbers(database, make_row(GB + 1, 1))

    with pytest.raises(VersionConflict):
        write_numbers(database, *(make_row(GB + n, 1, "late") for n in range(3)))

    assert number_rows(database) == {GB + 1: make_row(GB + 1, 1)}


# --- wallets --------------------------------------------------------------------------------


def test_a_wallet_that_was_never_used_starts_with_its_first_change(database):
    write_wallets(database, ada=(-5, -10), bob=(7, 0))

    assert balances(database) == {("ada", "EUR"): -5, ("bob", "EUR"): 7}


def test_a_wallet_moves_by_what_is_added_and_taken(database):
    for change in (100, -30, 5, -75):
        write_wallets(database, ada=(change, 0))

    assert balances(database) == {("ada", "EUR"): 0}


def test_a_wallet_that_would_fall_below_its_floor_is_a_conflict(database):
    write_wallets(database, ada=(100, -10), bob=(100, 0))

    with pytest.raises(VersionConflict):
        write_wallets(database, ada=(-111, -10), bob=(-1, 0))

    assert balances(database) == {("ada", "EUR"): 100, ("bob", "EUR"): 100}


@given(st.lists(st.integers(-50, 50), max_size=12))
@settings(REPEATABLE, max_examples=20)
def test_a_wallet_takes_every_change_that_stays_above_its_floor_and_no_other(database, changes):
    statements = BatchStatements(database)
    balance_micros, used = 0, False
    with rolled_back(database) as connection:
        for change in changes:
            if not used and change < -20:
                continue  # a wallet without a row is not spent from: decide sees that it is empty
            moves = {("ada", "EUR"): WalletChange(change, -20)}
            if balance_micros + change >= -20:
                statements.write_wallets(connection, moves)
                balance_micros, used = balance_micros + change, True
            else:
                with pytest.raises(VersionConflict):
                    statements.write_wallets(connection, moves)
        _, found, _ = statements.read(connection, numbers=(), wallets=["ada"], credentials=())

    assert found == ([Wallet("ada", "EUR", balance_micros)] if used else [])


# --- accounts and credentials ---------------------------------------------------------------


def test_accounts_are_read_as_they_were_written(database, statements):
    accounts = [
        make_account("ada", name="Ada Lovelace & Co. «ä»", credit_limit_micros=0),
        make_account("kid", parent_id="ada", payer_id="ada", documents_on_file=True),
    ]
    with database.writing() as connection:
        statements.write_accounts(connection, accounts)

    with database.reading() as connection:
        found = statements.accounts(connection, ["kid", "ada", "nobody"])
    assert sorted(found, key=lambda row: row.account_id) == accounts


def test_a_credential_is_revoked_in_its_place(database, statements):
    issued, revoked = (make_credential(revoked_at=at) for at in (None, Instant(NEW_YEAR + 1)))
    for credential in (issued, revoked):
        with database.writing() as connection:
            statements.write_credentials(connection, [credential])

    with database.reading() as connection:
        assert queries.list_credentials(connection) == [revoked]


# --- pools ----------------------------------------------------------------------------------


def pool_set(revision, *pools, account_id="ada"):
    return PoolSet(account_id=account_id, revision=revision, pools=pools)


def write_pools(database, *changes):
    with database.writing() as connection:
        BatchStatements(database).write_pools(connection, [PoolChange(*each) for each in changes])


def read_pools(database, *account_ids):
    with database.reading() as connection:
        found = BatchStatements(database).pools(connection, account_ids)
    return {each.account_id: (each.revision, {*each.pools}) for each in found}


def test_pools_are_read_as_they_were_written(database):
    odd = make_pool("p2", name="Ä \"'\\{},\N{TELEPHONE RECEIVER}", service="%_", by_country=True)
    other = make_pool("p3", "bob")
    write_pools(
        database,
        (pool_set(0), pool_set(1, make_pool(), odd)),
        (pool_set(0, account_id="bob"), pool_set(1, other, account_id="bob")),
    )

    assert read_pools(database, "ada", "nobody") == {"ada": (1, {make_pool(), odd})}
    assert read_pools(database, "bob") == {"bob": (1, {other})}


def test_only_the_pools_that_changed_are_written_anew(database):
    first, second, third = (make_pool(f"p{n}") for n in (1, 2, 3))
    changed = make_pool("p2", name="new", updated_at=Instant(NEW_YEAR + 1))
    new = make_pool("p4")
    write_pools(database, (pool_set(0), pool_set(1, first, second, third)))

    write_pools(database, (pool_set(1, first, second, third), pool_set(9, first, changed, new)))

    assert read_pools(database, "ada") == {"ada": (2, {first, changed, new})}


def test_pools_may_swap_their_names(database):
    before = [make_pool("p1", name="a"), make_pool("p2", name="b"), make_pool("p3", name="c")]
    after = [make_pool("p1", name="b"), make_pool("p2", name="a"), make_pool("p4", name="c")]
    write_pools(database, (pool_set(0), pool_set(1, *before)))

    write_pools(database, (pool_set(1, *before), pool_set(2, *after)))

    assert read_pools(database, "ada") == {"ada": (2, {*after})}


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_pools_that_have_changed_meanwhile_are_a_conflict(database, revision):
    write_pools(database, (pool_set(0), pool_set(1)))
    write_pools(database, (pool_set(1), pool_set(2, make_pool())))

    with pytest.raises(VersionConflict):
        write_pools(database, (pool_set(revision), pool_set(revision + 1, make_pool("p2"))))

    assert read_pools(database, "ada") == {"ada": (2, {make_pool()})}
