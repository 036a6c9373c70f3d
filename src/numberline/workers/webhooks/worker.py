"""Delivers webhooks: claims what is due, sends it, and writes down what came of it.

A claim is a lease: whoever is killed with deliveries in hand leaves them to be claimed again when
it ends. So each event arrives at least once, and may arrive twice.
"""

import asyncio
import contextlib
import random
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog

from numberline.core import commands as c
from numberline.core import webhooks as w
from numberline.core.errors import NumberlineError, Refusal, Unavailable
from numberline.core.instants import SECOND_US, Instant
from numberline.platform.addresses import Unreachable
from numberline.platform.outbound import BODY_TIMEOUT_S, TIMEOUT_S, Outbound
from numberline.platform.platform import Platform
from numberline.platform.webhooks import Notice, Scheme
from numberline.storage import outbox
from numberline.storage.outbox import Elsewhere, OutboxStatements, Told
from numberline.workers.webhooks.hosts import Hosts, Room
from numberline.workers.webhooks.runs import Planner, Run

POLL_S: Final = 1.0
"""How late what another process has committed, or what is due again, may be sent."""

TURN_S: Final = 0.05
"""How long results are gathered into one transaction."""

LEASE_S: Final = 20.0
"""How long a delivery is claimed; what a killed worker had in hand is sent again after that."""

ATTEMPT_S_MAX: Final = TIMEOUT_S + BODY_TIMEOUT_S + 1.0
"""How much of a lease must be left when an attempt begins, so that its result is in time."""

GRACE_S: Final = 2.0
"""How long a worker that stops waits for the answers to what it has sent."""

log = structlog.get_logger()


class Outcome(msgspec.Struct, frozen=True):
    """A delivery as it is to be written, and the attempt that made it so, if there was one."""

    delivery: w.Delivery
    attempt: w.Attempt | None = None


class DeliveryWorker:
    """Delivers what the outbox holds, side by side with the workers of other processes.

    Args:
        platform: Where the outbox is.
        schemes: The manners of the doors by name.
        way: How requests go out; it is closed with the worker.
        chance: What gives a random number from 0 up to 1 for the jitter of a retry.
    """

    def __init__(
        self,
        platform: Platform,
        schemes: Mapping[str, Scheme],
        *,
        way: Outbound | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._platform = platform
        self._schemes = schemes
        reach_loopback = platform.settings.webhooks_reach_loopback
        self._way = way or Outbound(allow_loopback=reach_loopback)
        self._chance = chance
        self._statements = OutboxStatements(platform.database)
        self._worker_id = platform.register.writer_id
        self._hosts = Hosts()
        self._waiting: dict[str, deque[Run]] = defaultdict(deque)
        self._under_way: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._looking: asyncio.Task[int] | None = None
        self._news = platform.outbox_filled

    # --- the loop ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled; what was sent then is waited for, but not for long."""
        try:
            while True:
                self._news.clear()
                # A look that is cancelled could leave claims of which nobody knows.
                self._looking = asyncio.create_task(self.look())
                try:
                    await asyncio.shield(self._looking)
                except Exception:
                    log.warning("webhooks_not_delivered", exc_info=True)
                await asyncio.sleep(TURN_S)
                # Not wait_for, which may pass over a cancellation on Python 3.11.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._news.wait()
        finally:
            await self.stop()

    async def look(self) -> int:
        """Write what has come of attempts, claim what is due and start it.

        Returns:
            How many deliveries were claimed.
        """
        now = self._platform.clock.now()
        room = self._hosts.room()
        runs = await self._platform.read(lambda connection: _plan(connection, now, room))
        outcomes, self._outcomes = self._outcomes, []
        if outcomes or runs:
            try:
                runs = await self._platform.write(
                    lambda connection: self._write(connection, outcomes, runs, now)
                )
            except BaseException:
                self._outcomes = outcomes + self._outcomes
                raise
        for run in runs:
            self._hosts.claim(run.host, len(run.deliveries))
            self._waiting[run.host].append(run)
        self._start()
        return sum(len(run.deliveries) for run in runs)

    async def settle(self) -> None:
        """Wait until nothing is under way, and write what has come of it."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        await self._write_outcomes()

    async def stop(self) -> None:
        """Let what was sent be answered for a moment, give back the rest, and close the way out."""
        if self._looking is not None:
            await asyncio.wait({self._looking})
        for host, runs in self._waiting.items():
            for run in runs:
                self._give_back(host, run.deliveries)
        self._waiting.clear()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._write_outcomes()
        except Exception:
            log.warning("webhooks_not_given_back", exc_info=True)
        await self._way.close()

    async def _write_outcomes(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        now = self._platform.clock.now()
        if outcomes:
            await self._platform.write(
                lambda connection: self._write(connection, outcomes, [], now)
            )

    # --- the database, on a thread of its own ----------------------------------------------

    def _write(
        self, connection: sa.Connection, outcomes: list[Outcome], runs: list[Run], now: Instant
    ) -> list[Run]:
        """Write outcomes and claim runs; returns what of the runs is now this worker's."""
        statements = self._statements
        statements.write(connection, [outcome.delivery for outcome in outcomes])
        statements.record(
            connection, [(each.delivery, each.attempt) for each in outcomes if each.attempt]
        )
        callbacks = {
            (each.delivery.number, each.delivery.url)
            for each in outcomes
            if each.delivery.state is w.DeliveryState.DISABLED
        }
        if callbacks:
            pending = outbox.pending_deliveries(connection, callbacks)
            statements.write(connection, map(w.disabled, pending))
        until = Instant(now + round(LEASE_S * SECOND_US))
        claimed = [_leased(run, self._worker_id, until) for run in runs]
        wanted = [told.delivery for run in claimed for told in run.deliveries]
        if statements.write(connection, wanted) == len(wanted):
            return claimed
        return self._held(connection, claimed, wanted)

    def _held(
        self, connection: sa.Connection, runs: list[Run], wanted: list[w.Delivery]
    ) -> list[Run]:
        """What is left of runs of which another process was first to claim something.

        What follows in its run is given back, or it might arrive before.
        """
        found = outbox.read_deliveries(connection, [delivery.key for delivery in wanted])
        as_written = {delivery.key: delivery for delivery in wanted}
        mine = {each.key for each in found if each == as_written[each.key]}
        kept, returned = [], []
        for run in runs:
            head = 0
            while head < len(run.deliveries) and run.deliveries[head].delivery.key in mine:
                head += 1
            returned += [told.delivery for told in run.deliveries[head:]]
            if head:
                kept.append(Run(run.deliveries[:head]))
        back = [w.given_back(delivery) for delivery in returned if delivery.key in mine]
        self._statements.write(connection, back)
        return kept

    # --- sending ----------------------------------------------------------------------------

    def _start(self) -> None:
        """Start what waits, as far as there are places for it."""
        for host in list(self._waiting):
            runs = self._waiting[host]
            while runs and self._hosts.may_start(host):
                self._hosts.start(host)
                task = asyncio.create_task(self._carry(host, runs.popleft()))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            if not runs:
                del self._waiting[host]
            if self._hosts.is_full:
                return

    async def _carry(self, host: str, run: Run) -> None:
        """Make the deliveries of a run one after the other, until one is not answered."""
        left = deque(run.deliveries)
        try:
            while left and self._in_time(left[0].delivery):
                attempt = await self._attempt(left[0])
                answered = attempt.status is not None
                self._hosts.learn(host, answered=answered, took_s=attempt.duration_ms / 1000)
                delivery = left[0].delivery
                if attempt.status == w.GONE and not await self._disable(delivery):
                    break
                self._come_of(delivery, attempt)
                self._hosts.drop(host, 1)
                left.popleft()
                if not answered:
                    break
                if attempt.status == w.GONE:
                    # Those that follow are disabled with it.
                    self._hosts.drop(host, len(left))
                    left.clear()
        finally:
            self._hosts.end(host)
            self._give_back(host, left)
            self._start()
            self._news.set()

    def _in_time(self, delivery: w.Delivery) -> bool:
        """Whether so much of a lease is left that an attempt ends within it."""
        needed_us = round(ATTEMPT_S_MAX * SECOND_US)
        return delivery.is_leased(Instant(self._platform.clock.now() + needed_us))

    def _give_back(self, host: str, left: "deque[Told] | list[Told]") -> None:
        self._hosts.drop(host, len(left))
        self._outcomes += [Outcome(w.given_back(told.delivery)) for told in left]

    def _come_of(self, delivery: w.Delivery, attempt: w.Attempt) -> None:
        now = self._platform.clock.now()
        after = w.attempted(delivery, attempt, now, self._chance())
        self._outcomes.append(Outcome(after, attempt))
        if after.state is w.DeliveryState.FAILED:
            log.warning("webhook_given_up", event_id=after.event_id, host=after.host)

    async def _attempt(self, told: Told) -> w.Attempt:
        """Send an event once."""
        at = self._platform.clock.now()
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        status, error = None, ""
        try:
            status = await self._send(told, at)
        except Unreachable as reason:
            error = str(reason)
        except Exception:
            log.exception("webhook_not_written", event_id=told.delivery.event_id)
            error = "the message could not be written; the server's log says why"
        return w.Attempt(
            at=at,
            duration_ms=round((loop.time() - begun_s) * 1000),
            status=status,
            error=error[: w.ERROR_LENGTH_MAX],
            worker_id=self._worker_id,
        )

    async def _send(self, told: Told, at: Instant) -> int:
        delivery = told.delivery
        scheme = self._schemes.get(delivery.scheme)
        if scheme is None:
            raise Unreachable(f"no door of this server tells events as {delivery.scheme!r}")
        notice = Notice(
            event_id=delivery.event_id,
            event=told.event,
            at=at,
            secret=await self._platform.webhook_secret(delivery.account_id),
        )
        message = await scheme.message(notice)
        return await self._way.send(
            "POST", delivery.url, headers=message.headers, body=message.body
        )

    async def _disable(self, delivery: w.Delivery) -> bool:
        """Tell a URL nothing more of a number; returns whether that is known by now."""
        if delivery.number is None:
            return True
        try:
            await self._platform.execute(
                c.DisableCallback(number=delivery.number, url=delivery.url)
            )
        except Refusal:
            return True  # the number is told to nobody, or to another URL, anyway
        except Unavailable:
            return False
        except NumberlineError:
            log.warning("callback_not_disabled", event_id=delivery.event_id, exc_info=True)
        return True


def _plan(connection: sa.Connection, now: Instant, room: Room) -> list[Run]:
    """The runs that may be claimed now."""
    planner = Planner(room, outbox.leased_numbers(connection, now))

    def scan(elsewhere: Elsewhere, limit: int) -> list[Told]:
        return outbox.due_deliveries(connection, now, elsewhere, limit=limit)

    planner.plan(scan)
    return planner.runs


def _leased(run: Run, worker_id: int, until: Instant) -> Run:
    return Run(
        [Told(w.leased(told.delivery, worker_id, until), told.event) for told in run.deliveries]
    )
