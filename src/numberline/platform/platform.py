"""The platform: the use cases that every door calls, over one stock and one register."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from numberline.core import commands as c
from numberline.core.accounts import Account, Credential, Door
from numberline.core.errors import AccountNotFound, NumberNotOwned
from numberline.core.instants import Clock
from numberline.core.lifecycle import OWNED, EventKind
from numberline.core.offers import Offer
from numberline.core.provisioning import Setup
from numberline.core.rows import Configuration, NumberRow
from numberline.platform.access_tokens import AccessTokens
from numberline.platform.catalogue import Catalogue, OfferFilter, read_available
from numberline.platform.keyring import Keyring, fingerprint_of_hash, opens
from numberline.platform.outbound import check_url
from numberline.platform.page_tokens import PageTokens
from numberline.platform.settings import Settings
from numberline.platform.webhooks import WebhookSecrets
from numberline.register.committer import Committed
from numberline.register.register import Register
from numberline.stock import Page, Pattern
from numberline.storage import queries
from numberline.storage.engines import Database
from numberline.storage.queries import OwnedFilter, PageCut
from numberline.storage.stock import read_offers
from numberline.storage.streams import stream_ends

READER_THREADS: Final = 4
"""How many reads of the database run side by side."""

CREDENTIAL_EVENTS: Final = frozenset({EventKind.CREDENTIAL_ISSUED, EventKind.CREDENTIAL_REVOKED})

_T = TypeVar("_T")


class Platform:
    """Numberline behind its doors.

    Attributes:
        settings: What the operator chose.
        catalogue: The offers and the available numbers, in memory.
        clock: What tells the time.
        database: Where the truth lies.
        page_tokens: What issues the tokens of pages, and reads them.
        access_tokens: What issues the tokens with which callers come, and reads them.
        feed_start: The end of every stream of the feed when the catalogue was read.
        work: Set when a commit of this process leaves provisioning to be done at once.
        outbox_filled: Set when this process has committed something that is to be told.
    """

    def __init__(self, database: Database, *, clock: Clock, settings: Settings) -> None:
        self.settings = settings
        self.catalogue = Catalogue()
        self.clock = clock
        self.database = database
        with database.reading() as connection:
            hash_key = queries.server_secret(connection, "hash_key")
            self.feed_start = stream_ends(connection)
            self.catalogue.take(*read_available(connection))
        self._keyring = Keyring(hash_key)
        self.page_tokens = PageTokens(hash_key)
        self.access_tokens = AccessTokens(
            hash_key, clock=clock, lifetime_s=settings.access_token_lifetime_s
        )
        self._webhook_secrets = WebhookSecrets(hash_key)
        self.outbox_filled = asyncio.Event()
        self._readers = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="reader")
        self._loop = asyncio.get_running_loop()
        self.work = asyncio.Event()
        self.register = Register(
            database, clock=clock, catalogue=self.catalogue, deliver=self._deliver
        )

    async def close(self) -> None:
        """Commit what was accepted, answer it, and give the database back."""
        await asyncio.to_thread(self.register.close)
        await asyncio.sleep(0)
        self._readers.shutdown()
        self.database.close()

    # --- stock ------------------------------------------------------------------------------

    def search(
        self,
        filter_: OfferFilter,
        pattern: Pattern | None,
        *,
        limit: int,
        offset: int = 0,
        after: int | None = None,
    ) -> Page:
        """A page of the available numbers, ascending, with the exact total; from memory."""
        return self.catalogue.search(filter_, pattern, limit=limit, offset=offset, after=after)

    def offers(self, filter_: OfferFilter) -> frozenset[int]:
        """The identifiers of the offers that pass a filter."""
        return self.catalogue.offers(filter_)

    def offers_on_sale(self) -> list[int]:
        """The identifiers of the offers under which a number is available."""
        return self.catalogue.on_sale()

    def offer(self, offer_id: int) -> Offer:
        """An offer of the stock."""
        return self.catalogue.offer(offer_id)

    # --- rentals ----------------------------------------------------------------------------

    async def rent(
        self,
        account_id: str,
        number: int,
        *,
        country: str | None = None,
        interval_months: int | None = None,
        setup: Setup | None = None,
    ) -> NumberRow:
        """Rent a number, and charge the set-up and the first interval.

        Args:
            account_id: Who rents.
            number: Which number.
            country: Where given, the country that the number must be of.
            interval_months: Where given, the billing interval instead of the offer's.
            setup: Where given, what is to be provisioned.

        Raises:
            Refusal: It is not to be had, or the credit does not cover it.
            Unavailable: The server cannot take the command now.
        """
        command = c.Rent(
            account_id=account_id,
            number=number,
            country=country,
            interval_months=interval_months,
            setup=setup,
        )
        row: NumberRow = await self.execute(command)
        await self._learn_offers(row)
        return row

    async def rent_together(self, account_id: str, numbers: tuple[int, ...]) -> list[NumberRow]:
        """Rent several different numbers, all of them or none, on the terms of their offers.

        Raises:
            Refusal: Some are not to be had, or the credit does not cover all.
            Unavailable: The server cannot take the command now.
        """
        rows = await self.execute(c.RentTogether(account_id=account_id, numbers=numbers))
        await self._learn_offers(*rows)
        return list(rows)

    async def configure(
        self,
        account_id: str,
        number: int,
        configuration: Configuration,
        *,
        country: str | None = None,
    ) -> NumberRow:
        """Replace the configuration of a rented number but for its tags.

        Raises:
            NumberNotOwned: The account does not rent it.
        """
        command = c.Configure(
            account_id=account_id, number=number, configuration=configuration, country=country
        )
        row: NumberRow = await self.execute(command)
        return row

    async def tag(self, account_id: str, number: int, tags: tuple[str, ...]) -> NumberRow:
        """Replace the tags of a rented number.

        Raises:
            NumberNotOwned: The account does not rent it.
        """
        row: NumberRow = await self.execute(
            c.Configure(account_id=account_id, number=number, tags=tags)
        )
        await self._learn_offers(row)
        return row

    async def set_up(self, account_id: str, number: int, setup: Setup) -> NumberRow:
        """Record what is to be provisioned for a rented number, and how it is called.

        Returns:
            The number with its new tasks; a worker carries them out.

        Raises:
            NumberNotOwned: The account does not rent it.
            InvalidValue: The setup holds a value that no rule allows.
        """
        row: NumberRow = await self.execute(
            c.Configure(account_id=account_id, number=number, setup=setup)
        )
        await self._learn_offers(row)
        return row

    async def release(
        self,
        account_id: str,
        number: int,
        *,
        country: str | None = None,
        at_renewal: bool = False,
    ) -> NumberRow:
        """Give a number back, at once or when its interval ends.

        Raises:
            NumberNotOwned: The account does not rent it.
        """
        command = c.Release(
            account_id=account_id, number=number, country=country, at_renewal=at_renewal
        )
        row: NumberRow = await self.execute(command)
        return row

    async def owned(self, filter_: OwnedFilter, cut: PageCut) -> tuple[list[NumberRow], int]:
        """A page of the numbers that an account rents, and how many there are on all pages."""
        if not "".join((filter_.application_id or "", *filter_.tags)).isprintable():
            return [], 0
        rows, total = await self.read(
            lambda connection: queries.owned_numbers(connection, filter_, cut)
        )
        await self._learn_offers(*rows)
        return rows, total

    async def owned_number(self, account_id: str, number: int) -> NumberRow:
        """A number that an account rents.

        Raises:
            NumberNotOwned: The account does not rent it.
        """
        row = await self.read(lambda connection: queries.number_row(connection, number))
        if row is None or row.account_id != account_id or row.state not in OWNED:
            raise NumberNotOwned(number)
        await self._learn_offers(row)
        return row

    async def _learn_offers(self, *rows: NumberRow) -> None:
        """Read the offers anew where another process has made one that is not known here."""
        if not all(self.catalogue.knows(row.offer_id) for row in rows):
            self.catalogue.take(await self.read(read_offers), {})

    # --- accounts ---------------------------------------------------------------------------

    async def authenticate(self, door: Door, key: str, secret: str) -> Credential | None:
        """The credential that a key and its secret open, or None."""
        return await self._opened(door, key, self._keyring.hash_secret(secret))

    async def authenticate_key(self, door: Door, access_key: str) -> Credential | None:
        """The credential that an access key is, or None."""
        given_hash = self._keyring.hash_secret(access_key)
        return await self._opened(door, fingerprint_of_hash(given_hash), given_hash)

    async def _opened(self, door: Door, key: str, given_hash: bytes) -> Credential | None:
        credential = await self.credential(door, key)
        return credential if credential and opens(credential, given_hash) else None

    async def credential(self, door: Door, key: str) -> Credential | None:
        """A credential of a door by its key, from memory where it was seen before."""
        found = self._keyring.recall(door, key)
        if found is not None or not key.isprintable():
            return found
        changes = self._keyring.changes
        found = await self.read(lambda connection: queries.find_credential(connection, door, key))
        if found is not None and changes == self._keyring.changes:
            self._keyring.remember(found)
        return found

    async def sub_account(self, parent_id: str, door: Door, key: str) -> str:
        """The account of a credential, which must be a sub-account of the caller's, or it itself.

        Raises:
            AccountNotFound: It is none; also said where the account is someone else's.
        """
        credential = await self.credential(door, key)
        if credential is None or credential.revoked_at is not None:
            raise AccountNotFound(key)
        account = await self.account(credential.account_id)
        if account is None or parent_id not in (account.account_id, account.parent_id):
            raise AccountNotFound(key)
        return account.account_id

    @property
    def credential_changes(self) -> int:
        """How often a credential was issued or revoked, as far as this process has heard."""
        return self._keyring.changes

    def forget_credential(self, named: dict[str, str]) -> None:
        """Read a credential anew the next time, for an event has named it."""
        self._keyring.forget(Door(named["door"]), named["key"])

    async def account(self, account_id: str) -> Account | None:
        """An account by its identifier."""
        return await self.read(lambda connection: queries.find_account(connection, account_id))

    # --- webhooks ---------------------------------------------------------------------------

    async def check_callback_url(self, url: str) -> None:
        """Make sure that events may be told to a URL.

        Raises:
            NotAWebURL: It is none of http or https, or is written ambiguously.
            ForbiddenAddress: It leads where no request may go.
        """
        await check_url(url, allow_loopback=self.settings.webhooks_reach_loopback)

    async def webhook_secret(self, account_id: str) -> str:
        """The secret under which an account's webhooks are signed; one that chose none has one."""
        known = self._webhook_secrets.recall(account_id)
        if known is not None:
            return known
        changes = self._webhook_secrets.changes
        chosen = await self.read(
            lambda connection: queries.find_webhook_secret(connection, account_id)
        )
        secret = chosen or self._webhook_secrets.default(account_id)
        if changes == self._webhook_secrets.changes:
            self._webhook_secrets.remember(account_id, secret)
        return secret

    async def set_webhook_secret(self, account_id: str, secret: str) -> None:
        """Sign an account's webhooks under a secret from now on.

        Raises:
            AccountNotFound: There is no such account.
            InvalidValue: The secret is empty, too long or holds control characters.
        """
        await self.execute(c.SetWebhookSecret(account_id=account_id, secret=secret))

    def forget_webhook_secret(self, account_id: str) -> None:
        """Read a secret anew the next time, for an event has named its account."""
        self._webhook_secrets.forget(account_id)

    # --- the ways to the database -----------------------------------------------------------

    def execute(self, command: c.Command) -> asyncio.Future[Any]:
        """Hand a command to the register; the future holds its reply once it is committed."""
        future = self._loop.create_future()
        self.register.submit(command, future)
        return future

    def ask(self, question: Callable[[sa.Connection], _T], follow: Callable[[_T], None]) -> Any:
        """Read something in order with the commits, and follow the answer in memory.

        Returns:
            A future that is done when `follow` has been called.
        """
        done = self._loop.create_future()
        self.register.ask(question, _Following(follow, done))
        return done

    async def read(self, query: Callable[[sa.Connection], _T]) -> _T:
        """Run a query on a reader thread."""

        def run() -> _T:
            with self.database.reading() as connection:
                return query(connection)

        return await self._loop.run_in_executor(self._readers, run)

    async def write(self, change: Callable[[sa.Connection], _T]) -> _T:
        """Make a change that needs no decision in a transaction of its own, on a reader thread."""

        def run() -> _T:
            with self.database.writing() as connection:
                return change(connection)

        return await self._loop.run_in_executor(self._readers, run)

    def _deliver(self, committed: Committed) -> None:
        self._loop.call_soon_threadsafe(self._take, committed)

    def _take(self, committed: Committed) -> None:
        """Follow a commit in memory, then answer."""
        self.catalogue.apply(committed.numbers)
        for event in committed.events:
            if event.kind in CREDENTIAL_EVENTS:
                self.forget_credential(msgspec.json.decode(event.data))
            elif event.kind is EventKind.WEBHOOK_SECRET_SET and event.account_id:
                self.forget_webhook_secret(event.account_id)
            if event.callback:
                self.outbox_filled.set()
        now = self.clock.now()
        if any(row.work_at is not None and row.work_at <= now for row in committed.numbers):
            self.work.set()
        committed.settle()


class _Following:
    """What waits for the answer to a question: it is followed at once, then the waiter told."""

    def __init__(self, follow: Callable[[Any], None], told: asyncio.Future[None]) -> None:
        self._follow = follow
        self._told = told

    def done(self) -> bool:
        return False

    def set_result(self, answer: Any) -> None:
        self._follow(answer)
        if not self._told.done():
            self._told.set_result(None)

    def set_exception(self, error: Exception) -> None:
        if not self._told.done():
            self._told.set_exception(error)
