"""What tests are made of: a clock to turn, offers, accounts, stock and platforms."""

import asyncio
import functools
import itertools
from collections import defaultdict
from contextlib import asynccontextmanager, contextmanager

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from pyroaring import BitMap

from numberline.core import commands as c
from numberline.core import errors
from numberline.core.accounts import UNLIMITED_CREDIT, Account, Credential, Door, Wallet
from numberline.core.decisions import decide
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.core.numbers import CHUNK_SIZE, chunk_of
from numberline.core.offers import Capability, NumberType, Offer
from numberline.core.pools import Pool, PoolSet
from numberline.core.rows import Callback, Event
from numberline.core.webhooks import Delivery, DeliveryState, host_of
from numberline.platform.catalogue import EVERY_OFFER, Catalogue, read_available
from numberline.platform.keyring import hash_secret
from numberline.platform.platform import Platform
from numberline.platform.settings import Settings
from numberline.storage import tables
from numberline.storage.batches import BatchStatements
from numberline.storage.engines import open_database
from numberline.storage.queries import server_secret
from numberline.storage.stock import (
    StockStatements,
    read_chunks,
    read_offers,
    read_revision,
    stock_added,
)
from numberline.storage.streams import open_stream, stream_ends

WAIT_S = 30
"""How long a test waits for another thread before it gives up."""

NEW_YEAR = Instant(1_767_225_600_000_000)
"""2026-01-01T00:00:00Z, when the clocks of most tests start."""

KEY = "a1b2c3d4"
"""The key of the credential that most tests have."""

UNIT = 1_000_000
"""One unit of a currency, in millionths."""

GB = 447_700_900_000
US = 12_025_550_100
"""The first numbers of two ranges that are kept free for fiction."""

REPEATABLE = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Properties that try the same examples in every run."""


class FakeClock:
    """A clock that stands still until it is turned."""

    def __init__(self, instant=NEW_YEAR):
        self.instant = instant

    def now(self):
        return self.instant

    def advance(self, duration_us):
        self.instant = Instant(self.instant + duration_us)


class TickingClock:
    """A clock that shows another instant at every look, so that transactions can be told apart."""

    def __init__(self):
        self._instants = itertools.count(NEW_YEAR)

    def now(self):
        return Instant(next(self._instants))


# --- the domain -----------------------------------------------------------------------------


def make_offer(offer_id=1, **terms):
    """An offer of British mobile numbers for 0.50 and 1.00 a month that never rest."""
    defaults = {
        "country": "GB",
        "type": NumberType.MOBILE,
        "capabilities": Capability.SMS | Capability.VOICE,
        "setup_price_micros": UNIT // 2,
        "monthly_price_micros": UNIT,
        "quarantine_days": 0,
    }
    return Offer(offer_id=offer_id, **(defaults | terms))


PRICE = make_offer().setup_price_micros + make_offer().interval_price_micros()
"""What a new rental under such an offer costs."""


def make_account(account_id="ada", **values):
    """An account that pays for itself and never runs out of credit."""
    defaults = {
        "name": account_id.title(),
        "parent_id": None,
        "payer_id": account_id,
        "credit_limit_micros": UNLIMITED_CREDIT,
        "documents_on_file": False,
        "created_at": NEW_YEAR,
    }
    return Account(account_id=account_id, **(defaults | values))


def make_credential(account_id="ada", **values):
    """A credential whose hash holds bytes that are no text."""
    defaults = {
        "door": Door.VONAGE,
        "key": KEY,
        "account_id": account_id,
        "secret_hash": b"\x00hash\xff",
        "issued_at": NEW_YEAR,
    }
    return Credential(**(defaults | values))


def error_leaves(kind):
    """The errors of a tree that are raised."""
    below = [leaf for child in kind.__subclasses__() for leaf in error_leaves(child)]
    return below or [kind]


def error_example(kind):
    """An error of a kind, whatever it is made of."""
    examples = {
        errors.MissingValue: lambda: kind("country"),
        errors.InsufficientCredit: lambda: kind("ada", 1_500_000, "EUR"),
        errors.RentalsRefused: lambda: kind({GB: errors.NumberNotAvailable(GB)}),
        errors.CredentialExists: lambda: kind("vonage", "k"),
        errors.CredentialNotFound: lambda: kind("vonage", "k"),
    }
    return examples.get(kind, lambda: kind(GB))()


def make_pool(pool_id="p1", account_id="ada", **values):
    """A pool without anything that stands out."""
    defaults = {
        "name": f"the {pool_id}",
        "service": "",
        "by_country": False,
        "created_at": NEW_YEAR,
        "updated_at": NEW_YEAR,
    }
    return Pool(account_id=account_id, pool_id=pool_id, **(defaults | values))


HOOK = "https://hooks.test/in"
"""Where the events of most tests are told."""


def make_event(number=GB, *, url=HOOK, scheme="test", **values):
    """An event that is told to the owner of its number."""
    callback = Callback(url, scheme) if url else None
    defaults = {"kind": EventKind.NUMBER_CONFIGURED, "account_id": "ada"}
    return Event(number=number, callback=callback, **(defaults | values))


def make_delivery(seq=1, **values):
    """The delivery of such an event, not tried yet."""
    url = values.get("url", HOOK)
    defaults = {
        "writer_id": 1,
        "version": 1,
        "account_id": "ada",
        "number": GB,
        "url": url,
        "host": host_of(url),
        "scheme": "test",
        "created_at": NEW_YEAR,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "attempts_before": 0,
        "next_at": values.get("created_at", NEW_YEAR),
    }
    return Delivery(seq=seq, **(defaults | values))


class MemoryView:
    """The rows in dictionaries, with the wallets as the sums of the ledger."""

    def __init__(self, *, offers=(), stock=(), accounts=()):
        self.offers = {offer.offer_id: offer for offer in offers}
        self.stock = dict(stock)
        self.accounts = {account.account_id: account for account in accounts}
        self.numbers = {}
        self.credentials = {}
        self.pool_sets = {}
        self.entries = []

    def number(self, number):
        return self.numbers.get(number)

    def offer(self, offer_id):
        return self.offers[offer_id]

    def stocked(self, number):
        return self.stock.get(number)

    def account(self, account_id):
        return self.accounts.get(account_id)

    def wallet(self, account_id, currency):
        own = [e for e in self.entries if (e.account_id, e.currency) == (account_id, currency)]
        return Wallet(account_id, currency, sum(e.wallet_change_micros for e in own))

    def credential(self, door, key):
        return self.credentials.get((door, key))

    def pools(self, account_id):
        return self.pool_sets.get(account_id, PoolSet(account_id=account_id))

    def perform(self, command, now=NEW_YEAR):
        """Decide a command, and let later ones see the outcome."""
        decision = decide(command, self, now)
        self.apply(decision)
        return decision

    def apply(self, decision):
        self.numbers.update((row.number, row) for row in decision.numbers)
        self.accounts.update((row.account_id, row) for row in decision.accounts)
        self.credentials.update(((row.door, row.key), row) for row in decision.credentials)
        self.pool_sets.update((pools.account_id, pools) for pools in decision.pools)
        self.entries.extend(decision.entries)


# --- the database ---------------------------------------------------------------------------


def add_stock(database, offers, numbers, *, now=NEW_YEAR):
    """Add numbers to the stock as a process of its own would, and tell the others.

    Args:
        database: Where to.
        offers: The offers, new or known.
        numbers: The numbers by the identifier of their offer.
        now: When.
    """
    writer_id = open_stream(database, now)
    with database.writing() as connection:
        known, chunks = read_offers(connection), dict(read_chunks(connection))
        changed = {}
        for offer_id, added in numbers.items():
            for number in added:
                key = offer_id, chunk_of(number)
                whole = changed.setdefault(key, chunks.get(key, BitMap()))
                whole.add(number % CHUNK_SIZE)
        StockStatements(database).change(
            connection,
            revision=read_revision(connection),
            offers=[offer for offer in offers if offer.offer_id not in known],
            chunks=changed,
        )
        BatchStatements(database).append(
            connection,
            [stock_added(key) for key in changed],
            writer_id=writer_id,
            first_seq=1,
            at=now,
        )


def write_events(database, events, *, writer_id, at=NEW_YEAR):
    """Append events to a stream."""
    with database.writing() as connection:
        first_seq = stream_ends(connection)[writer_id] + 1
        BatchStatements(database).append(
            connection, events, writer_id=writer_id, first_seq=first_seq, at=at
        )


@contextmanager
def rolled_back(database):
    """A connection whose changes are gone in the end."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def all_rows(database, table):
    """Every row of a table as a dictionary, by primary key."""
    with database.reading() as connection:
        found = connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        return [dict(row) for row in found.mappings()]


def number_rows(database):
    """Every number row by number."""
    with database.reading() as connection:
        numbers = list(connection.execute(sa.select(tables.number.c.number)).scalars())
        found = BatchStatements(database).numbers(connection, numbers)
    return {row.number: row for row in found}


def balances(database):
    """What every wallet says that it holds."""
    return {
        (row["account_id"], row["currency"]): row["balance_micros"]
        for row in all_rows(database, tables.wallet)
    }


def ledger_sums(database):
    """What every wallet must hold by the entries of the ledger."""
    sums = defaultdict(int)
    for row in all_rows(database, tables.ledger_entry):
        sign = (row["credit"] == "wallet") - (row["debit"] == "wallet")
        sums[row["account_id"], row["currency"]] += sign * row["amount_micros"]
    return dict(sums)


# --- the platform ---------------------------------------------------------------------------


def in_loop(test):
    """Run an asynchronous test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 2 * WAIT_S))

    return run


@asynccontextmanager
async def open_platform(url, clock=None, **settings_):
    """A platform as a server process has it, closed in the end."""
    platform = Platform(
        open_database(url), clock=clock or FakeClock(), settings=Settings(database=url, **settings_)
    )
    try:
        yield platform
    finally:
        await platform.close()


async def issue_credential(platform, secret, account_id="ada"):
    """Issue the credential that most tests have, with a secret of one's choice."""
    with platform.database.reading() as connection:
        secret_hash = hash_secret(secret, server_secret(connection, "hash_key"))
    credential = make_credential(account_id, secret_hash=secret_hash)
    await platform.execute(c.IssueCredential(credential=credential))


async def open_account(platform, account_id="ada", **values):
    """Open an account, and return its identifier."""
    account = await platform.execute(c.OpenAccount(account=make_account(account_id, **values)))
    return account.account_id


def on_sale(catalogue):
    """Every number that a catalogue or a platform would sell, by its offer."""
    return {
        hit.number: hit.offer_id for hit in catalogue.search(EVERY_OFFER, None, limit=9999).hits
    }


def on_sale_afresh(database):
    """What a process that starts now would sell."""
    catalogue = Catalogue()
    with database.reading() as connection:
        catalogue.take(*read_available(connection))
    return on_sale(catalogue)
