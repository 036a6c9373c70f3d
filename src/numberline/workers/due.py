"""Carries out what falls due: the ends of holds, of scheduled releases and of quarantines."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from numberline.core import commands as c
from numberline.core.errors import Refusal
from numberline.core.lifecycle import State
from numberline.platform.platform import Platform
from numberline.storage.queries import due_numbers

POLL_S: Final = 1.0
"""How late what falls due may be carried out."""

NUMBERS_MAX: Final = 500
"""How many numbers one look carries on."""

COMMANDS: Final[dict[State, Callable[..., c.NumberCommand]]] = {
    State.HELD: c.EndHold,
    State.EXPIRING: c.Expire,
    State.QUARANTINED: c.EndQuarantine,
}
"""What ends each state that ends by itself."""

log = structlog.get_logger()


class DueWorker:
    """Looks for numbers whose state has come to its end, and hands them to the register."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                while await self.look() == NUMBERS_MAX:
                    pass
            except Exception:
                log.warning("due_numbers_not_carried_on", exc_info=True)
            await asyncio.sleep(POLL_S)

    async def look(self) -> int:
        """Carry on what is due now; returns how many numbers took their step."""
        platform = self._platform
        now = platform.clock.now()
        due = await platform.read(
            lambda connection: due_numbers(connection, now, limit=NUMBERS_MAX)
        )
        steps = [self._carry_on(number, state) for number, state in due]
        outcomes = await asyncio.gather(*steps, return_exceptions=True)
        for outcome in outcomes:
            # A refusal means that another process, or the owner, was first.
            if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
                raise outcome
        return sum(not isinstance(outcome, Refusal) for outcome in outcomes)

    async def _carry_on(self, number: int, state: State) -> None:
        await self._platform.execute(COMMANDS[state](number=number))
