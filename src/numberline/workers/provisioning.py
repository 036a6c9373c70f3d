"""Carries out what is wanted of numbers at the SMS and voice platforms."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from numberline.core import commands as c
from numberline.core.errors import NumberlineError, Refusal
from numberline.core.instants import SECOND_US, Instant
from numberline.core.provisioning import Done, Failed, Result, Service, TryAgain
from numberline.core.rows import NumberRow
from numberline.platform.platform import Platform
from numberline.platform.provisioners import (
    Provisioner,
    ProvisioningFailed,
    ProvisioningRequest,
    is_failure_code,
    request_for,
)
from numberline.storage.queries import numbers_with_work

POLL_S: Final = 0.5
"""How late a step may be begun that another process has left or that is tried again."""

CALLS_MAX: Final = 64
"""How many numbers one process provisions side by side."""

LEASE_MARGIN_S: Final = 5.0
"""How much longer than the time limit a worker has a step, so that it can tell the outcome."""

ATTEMPTS_MAX: Final = 10
"""How often a step is tried."""

PAUSE_FIRST_S: Final = 1.0
PAUSE_MAX_S: Final = 300.0
"""How long to wait after the first attempt, twice as long after each further one, up to this."""

INTERNAL_ERROR: Final = "INTERNAL_ERROR"
"""The failure code of a step that no attempt has brought to an end."""

log = structlog.get_logger()


class ProvisioningWorker:
    """Takes the steps that are due, asks the provisioner, and tells the register what came of it.

    A step that is taken belongs to one worker until its lease runs out. One that is cut short by
    the end of the server is handed back.

    Args:
        platform: Where the numbers are.
        provisioner: Who carries a step out.
        random: Gives a number from 0 up to 1, so that attempts spread.
    """

    def __init__(
        self, platform: Platform, provisioner: Provisioner, *, random: Callable[[], float]
    ) -> None:
        self._platform = platform
        self._provisioner = provisioner
        self._random = random
        self._timeout_s = platform.settings.provisioning_timeout_s
        self._under_way: dict[tuple[int, bool], asyncio.Task[None]] = {}
        self._more_is_due = False
        self._hanging: set[asyncio.Task[BaseException | None]] = set()
        """Calls whose time is up but that have not ended; kept, for the loop does not."""

    async def run(self) -> None:
        """Work until cancelled."""
        work = self._platform.work
        try:
            while True:
                try:
                    await self.look()
                except Exception:
                    log.warning("provisioning_not_looked_for", exc_info=True)
                    await asyncio.sleep(POLL_S)
                with suppress(TimeoutError):
                    await asyncio.wait_for(work.wait(), POLL_S)
        finally:
            for task in self._under_way.values():
                task.cancel()
            await self.settle()

    async def look(self) -> int:
        """Begin what is due now, as far as there is room; returns how many tasks were begun."""
        platform = self._platform
        platform.work.clear()
        room = CALLS_MAX - len(self._under_way)
        if room <= 0:
            return 0
        now = platform.clock.now()
        # Some of what is found may be under way here without its lease being committed yet.
        rows = await platform.read(
            lambda connection: numbers_with_work(connection, now, limit=2 * CALLS_MAX)
        )
        due = [
            (row.number, task.steps[0])
            for row in rows
            for task in row.provisioning.tasks
            if task.due_at is not None and task.due_at <= now
        ]
        begun = [each for each in due if _key(*each) not in self._under_way][:room]
        self._more_is_due = len(begun) < len(due)
        for number, service in begun:
            key = _key(number, service)
            task = asyncio.create_task(self._carry_out(number, service))
            self._under_way[key] = task
            task.add_done_callback(lambda _, key=key: self._under_way.pop(key))  # type: ignore[misc]
        return len(begun)

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _carry_out(self, number: int, service: Service | None) -> None:
        """Carry a task on, one step after the other, until there is nothing to do at once."""
        try:
            while service is not None:
                row = await self._platform.execute(self._start(number, service))
                row = await self._attempt(row, service)
                service = self._next(row, service)
        except Refusal:
            pass  # another worker was first, or the owner wants something else meanwhile
        except NumberlineError:
            # Its lease runs out, and then it is tried again.
            log.warning("provisioning_not_carried_out", number=number, exc_info=True)
            return
        if self._more_is_due:
            self._platform.work.set()

    def _start(self, number: int, service: Service) -> c.StartProvisioning:
        lease_until = self._after(self._timeout_s + LEASE_MARGIN_S)
        return c.StartProvisioning(number=number, service=service, lease_until=lease_until)

    def _after(self, duration_s: float) -> Instant:
        return Instant(self._platform.clock.now() + int(duration_s * SECOND_US))

    def _next(self, row: NumberRow, service: Service) -> Service | None:
        """The step that follows at once."""
        task = row.provisioning.task(service)
        if task is None or task.due_at is None or task.due_at > self._platform.clock.now():
            return None
        return task.steps[0]

    async def _attempt(self, row: NumberRow, service: Service) -> NumberRow:
        """Ask the provisioner for the step that was taken, and tell what came of it."""
        task = row.provisioning.task(service)
        assert task is not None  # noqa: S101  it was taken
        try:
            result = await self._ask(request_for(row, service))
        except asyncio.CancelledError:
            self._hand_back(row.number, task.lease)
            raise
        told = c.FinishProvisioning(number=row.number, lease=task.lease, result=result)
        finished: NumberRow = await self._platform.execute(told)
        return finished

    def _hand_back(self, number: int, lease: str) -> None:
        """Let the next worker take a step at once; nobody waits for that to be committed."""
        result = TryAgain(self._platform.clock.now())
        told = c.FinishProvisioning(number=number, lease=lease, result=result)
        with suppress(NumberlineError):
            future = self._platform.execute(told)
            future.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _ask(self, request: ProvisioningRequest) -> Result:
        """What comes of one attempt, whatever the provisioner does."""
        if request.attempt > ATTEMPTS_MAX:
            return Failed(INTERNAL_ERROR, in_doubt=True)
        error = await self._call(request)
        if error is None:
            return Done()
        if isinstance(error, ProvisioningFailed) and is_failure_code(error.code):
            return Failed(error.code)
        log.warning(
            "provisioning_attempt_failed",
            number=request.number,
            service=request.service,
            attempt=request.attempt,
            exc_info=error,
        )
        if isinstance(error, ProvisioningFailed) or request.attempt == ATTEMPTS_MAX:
            return Failed(INTERNAL_ERROR, in_doubt=True)
        return TryAgain(self._after(self._pause_s(request.attempt)))

    def _pause_s(self, attempt: int) -> float:
        """How long to wait after an attempt: half of it for certain, the rest by chance."""
        pause_s = min(PAUSE_FIRST_S * 2.0 ** (attempt - 1), PAUSE_MAX_S)
        return pause_s * (1 + self._random()) / 2

    async def _call(self, request: ProvisioningRequest) -> BaseException | None:
        """Call the provisioner; returns what it raised, or that its time is up."""
        call = asyncio.create_task(_outcome(self._provisioner, request))
        self._hanging.add(call)
        call.add_done_callback(self._hanging.discard)
        try:
            await asyncio.wait({call}, timeout=self._timeout_s)
        finally:
            call.cancel()
        if call.done():
            return call.result()
        return TimeoutError(f"no answer within {self._timeout_s:g} s")


async def _outcome(provisioner: Provisioner, request: ProvisioningRequest) -> BaseException | None:
    """What a provisioner raises, as a value: not even its exits are let out."""
    try:
        await provisioner(request)
    except BaseException as error:  # noqa: BLE001  it is code that we do not know
        return error
    return None


def _key(number: int, service: Service) -> tuple[int, bool]:
    """Names a task of a number among those that are under way: SMS, or voice."""
    return number, service is Service.VOICE
