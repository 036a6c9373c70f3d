"""The platform: what is committed is found in searches, lists and look-ups at once."""

import asyncio
from contextlib import suppress

import pytest

from factories import (
    GB,
    KEY,
    PRICE,
    UNIT,
    US,
    add_stock,
    balances,
    in_loop,
    issue_credential,
    make_credential,
    make_offer,
    number_rows,
    on_sale,
    open_account,
    open_platform,
)
from numberline.core import commands as c
from numberline.core.accounts import Door
from numberline.core.errors import (
    InvalidValue,
    NumberAlreadyOwned,
    NumberNotAvailable,
    NumberNotOwned,
    RegisterClosed,
)
from numberline.core.instants import Instant
from numberline.core.lifecycle import State
from numberline.core.provisioning import Setup
from numberline.core.rows import Configuration
from numberline.platform.catalogue import EVERY_OFFER
from numberline.platform.keyring import fingerprint, hash_secret
from numberline.stock import Pattern
from numberline.storage.queries import OwnedFilter, PageCut, server_secret

SECRET = "a secret of its own"


@pytest.fixture
def stocked_url(database, database_url):
    """A database with ten numbers in stock."""
    add_stock(database, [make_offer()], {1: range(GB, GB + 10)})
    return database_url


async def owned(platform, account_id="ada", **values):
    filter_ = OwnedFilter(account_id=account_id, **values)
    rows, total = await platform.owned(filter_, PageCut(limit=100))
    assert len(rows) == total
    return [row.number for row in rows]


# --- numbers --------------------------------------------------------------------------------


@in_loop
async def test_a_server_starts_with_what_is_available(stocked_url):
    async with open_platform(stocked_url) as before:
        await open_account(before)
        await before.rent("ada", GB)
        await before.rent("ada", GB + 1)
        await before.release("ada", GB + 1)

    async with open_platform(stocked_url) as platform:
        assert on_sale(platform) == dict.fromkeys(range(GB + 1, GB + 10), 1)


@in_loop
async def test_a_rented_number_leaves_the_search_and_comes_back_when_it_is_released(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform)

        await platform.rent("ada", GB)
        assert GB not in on_sale(platform)

        await platform.release("ada", GB)
        assert GB in on_sale(platform)


@in_loop
async def test_a_search_finds_numbers_by_pattern_with_the_exact_total(stocked_url):
    async with open_platform(stocked_url) as platform:
        page = platform.search(EVERY_OFFER, Pattern.contains("90000"), limit=2, offset=1)

        assert (page.total, page.hits) == (10, [(GB + 1, 1), (GB + 2, 1)])
        assert platform.offer(page.hits[0].offer_id) == make_offer()


@in_loop
async def test_a_rental_is_listed_for_its_tenant_alone(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await open_account(platform, "bob")

        await platform.rent("ada", GB + 1)
        await platform.rent("ada", GB)

        assert await owned(platform, "ada") == [GB, GB + 1]
        assert await owned(platform, "bob") == []


@in_loop
async def test_a_number_of_another_looks_as_if_it_were_not_there(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await platform.rent("ada", GB)

        assert (await platform.owned_number("ada", GB)).number == GB
        for account_id, number in (("bob", GB), ("ada", GB + 1), ("ada", GB - 1)):
            with pytest.raises(NumberNotOwned):
                await platform.owned_number(account_id, number)


@in_loop
async def test_a_held_number_is_not_owned(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        until = Instant(platform.clock.now() + 1)
        await platform.execute(c.Hold(account_id="ada", number=GB, until=until))

        assert await owned(platform, "ada") == []
        with pytest.raises(NumberNotOwned):
            await platform.owned_number("ada", GB)


@in_loop
async def test_what_is_to_be_provisioned_is_recorded_at_once_and_told_to_the_worker(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await platform.rent("ada", GB + 1)
        assert not platform.work.is_set()

        rented = await platform.rent("ada", GB, setup=Setup(plan_id="SP"))
        assert platform.work.is_set()
        named = await platform.set_up("ada", GB, Setup(display_name="Desk"))

        assert (await platform.owned_number("ada", GB)) == named
        assert named.provisioning == rented.provisioning
        assert named.configuration.display_name == "Desk"
        with pytest.raises(NumberNotOwned):
            await platform.set_up("bob", GB, Setup(display_name="Mine"))


@in_loop
async def test_a_configuration_is_found_by_its_application(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        for number in (GB, GB + 1):
            await platform.rent("ada", number)

        await platform.configure("ada", GB, Configuration(application_id="app"))

        assert await owned(platform, application_id="app") == [GB]
        assert await owned(platform, has_application=False) == [GB + 1]


@in_loop
async def test_a_release_at_renewal_leaves_the_number_in_use(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        rented = await platform.rent("ada", GB)

        row = await platform.release("ada", GB, at_renewal=True)

        assert (row.state, row.due_at) == (State.EXPIRING, rented.renews_at)
        assert await owned(platform) == [GB]


@in_loop
async def test_of_many_rentals_at_once_each_is_answered_by_itself(stocked_url, database):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await open_account(platform, "bob")

        rentals = [platform.rent(who, GB + n) for n in range(10) for who in ("ada", "bob", "ada")]
        outcomes = await asyncio.gather(*rentals, return_exceptions=True)

        refusals = [type(o) for o in outcomes if isinstance(o, Exception)]
        assert refusals == [NumberNotAvailable, NumberAlreadyOwned] * 10
        assert on_sale(platform) == {}
    assert balances(database) == {("ada", "EUR"): -10 * PRICE}


@in_loop
async def test_a_rental_is_carried_out_although_the_client_hangs_up(stocked_url, database):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        request = asyncio.create_task(platform.rent("ada", GB))
        await asyncio.sleep(0)
        request.cancel()
        await platform.rent("ada", GB + 1)

        assert request.cancelled()
        assert GB not in on_sale(platform)
    assert set(number_rows(database)) == {GB, GB + 1}


@in_loop
async def test_a_server_that_stops_answers_what_it_has_accepted(stocked_url, database):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        rentals = [platform.execute(c.Rent(account_id="ada", number=GB + n)) for n in range(10)]

    assert [rental.done() for rental in rentals] == [True] * 10
    assert len(number_rows(database)) == 10
    with pytest.raises(RegisterClosed):
        platform.execute(c.Rent(account_id="ada", number=GB))


@in_loop
async def test_tags_outlive_a_configuration_and_are_found(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        for number in (GB, GB + 1):
            await platform.rent("ada", number, interval_months=3)
        await platform.tag("ada", GB, ("a", "b"))
        row = await platform.configure("ada", GB, Configuration(application_id="app"))

        assert row.configuration == Configuration(application_id="app", tags=("a", "b"))
        assert await owned(platform, tags=("b",)) == [GB]
        assert await owned(platform, tags=("a", "c")) == []
        with pytest.raises(NumberNotOwned):
            await platform.tag("bob", GB, ())


@in_loop
async def test_an_offer_that_another_process_has_made_is_learnt_with_its_number(
    stocked_url, database
):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        add_stock(database, [make_offer(2, country="US")], {2: [US]})
        async with open_platform(stocked_url) as other:
            await other.rent("ada", US)

        row = await platform.owned_number("ada", US)

        assert platform.offer(row.offer_id).country == "US"


# --- texts that no database takes -----------------------------------------------------------


@in_loop
async def test_a_list_by_a_text_that_no_database_takes_is_empty(stocked_url):
    async with open_platform(stocked_url) as platform:
        assert await owned(platform, application_id="\x00") == []
        assert await owned(platform, tags=("fine", "\x00")) == []


@in_loop
async def test_no_configuration_makes_a_list_unreadable(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await platform.rent("ada", GB)

        with suppress(InvalidValue):
            await platform.configure("ada", GB, Configuration(application_id="nul\x00"))

        assert await owned(platform, application_id="app") == []


@pytest.mark.parametrize("key", ["\x00", "\ud800", "k" * 100_000])
@in_loop
async def test_a_key_that_no_database_takes_opens_nothing(stocked_url, key):
    async with open_platform(stocked_url) as platform:
        assert await platform.authenticate(Door.VONAGE, key, SECRET) is None


@pytest.mark.parametrize("secret", ["", "\x00", "\ud800", "s" * 100_000])
@in_loop
async def test_a_secret_of_any_text_is_compared(stocked_url, secret):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await issue_credential(platform, SECRET)

        assert await platform.authenticate(Door.VONAGE, KEY, secret) is None


# --- accounts and credentials ---------------------------------------------------------------


@in_loop
async def test_an_account_is_found_once_it_is_opened(stocked_url):
    async with open_platform(stocked_url) as platform:
        assert await platform.account("ada") is None

        await open_account(platform, "ada", documents_on_file=True)

        assert (await platform.account("ada")).documents_on_file


@in_loop
async def test_a_wallet_can_be_filled(stocked_url, database):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await platform.execute(c.TopUp(account_id="ada", amount_micros=UNIT, currency="EUR"))

    assert balances(database) == {("ada", "EUR"): UNIT}


@in_loop
async def test_a_key_and_its_secret_speak_for_their_account(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await issue_credential(platform, SECRET)

        credential = await platform.authenticate(Door.VONAGE, KEY, SECRET)
        assert credential.account_id == "ada"
        assert await platform.authenticate(Door.VONAGE, KEY, SECRET + "!") is None
        assert await platform.authenticate(Door.VONAGE, "unknown", SECRET) is None


@in_loop
async def test_an_access_key_speaks_for_its_account_until_it_is_revoked(stocked_url, database):
    with database.reading() as connection:
        hash_key = server_secret(connection, "hash_key")
    key = fingerprint(SECRET, hash_key)
    credential = make_credential(
        door=Door.MESSAGEBIRD, key=key, secret_hash=hash_secret(SECRET, hash_key)
    )
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await platform.execute(c.IssueCredential(credential=credential))
        found = await platform.authenticate_key(Door.MESSAGEBIRD, SECRET)
        wrong = await platform.authenticate_key(Door.MESSAGEBIRD, key)
        await platform.execute(c.RevokeCredential(door=Door.MESSAGEBIRD, key=key))

        assert (found.account_id, wrong) == ("ada", None)
        assert await platform.authenticate_key(Door.MESSAGEBIRD, SECRET) is None


@in_loop
async def test_a_credential_works_as_soon_as_it_is_issued(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        assert await platform.authenticate(Door.VONAGE, KEY, SECRET) is None

        await issue_credential(platform, SECRET)

        assert await platform.authenticate(Door.VONAGE, KEY, SECRET)


@in_loop
async def test_a_revoked_credential_opens_nothing_from_then_on(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await issue_credential(platform, SECRET)
        assert await platform.authenticate(Door.VONAGE, KEY, SECRET)

        await platform.execute(c.RevokeCredential(door=Door.VONAGE, key=KEY))

        assert await platform.authenticate(Door.VONAGE, KEY, SECRET) is None


@in_loop
async def test_a_credential_that_is_revoked_while_it_is_read_opens_nothing_later(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await issue_credential(platform, SECRET)
        read, revoked = asyncio.Event(), asyncio.Event()
        read_at_once = platform.read

        async def read_slowly(query):
            found = await read_at_once(query)
            read.set()
            await revoked.wait()
            return found

        platform.read = read_slowly
        request = asyncio.create_task(platform.authenticate(Door.VONAGE, KEY, SECRET))
        await read.wait()
        await platform.execute(c.RevokeCredential(door=Door.VONAGE, key=KEY))
        revoked.set()
        await request  # was under way; it may be let in or not

        assert await platform.authenticate(Door.VONAGE, KEY, SECRET) is None


@in_loop
async def test_a_known_credential_is_found_without_the_database(stocked_url):
    async with open_platform(stocked_url) as platform:
        await open_account(platform, "ada")
        await issue_credential(platform, SECRET)
        await platform.authenticate(Door.VONAGE, KEY, SECRET)

        def refuse(_query):
            raise AssertionError("the database was asked")

        platform.read = refuse
        assert await platform.authenticate(Door.VONAGE, KEY, SECRET)
