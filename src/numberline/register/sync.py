"""The register for a command line: a few commands, and their replies."""

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, NoReturn

from numberline.core.commands import Command
from numberline.core.instants import Clock
from numberline.register.committer import Committed
from numberline.register.register import Register
from numberline.storage.engines import Database


class NoStock:
    """A catalogue for commands that touch no number."""

    def offer(self, offer_id: int) -> NoReturn:
        """There is none."""
        raise LookupError(offer_id)

    def knows(self, offer_id: int) -> bool:  # noqa: ARG002  whichever it is
        """There is none to know."""
        return False

    def stocked(self, number: int) -> None:
        """No number is in stock here."""


def perform(database: Database, clock: Clock, commands: Iterable[Command]) -> list[Any]:
    """Carry out commands about accounts, in order, and return their replies.

    Raises:
        Refusal: The first that the rules do not allow; those before it stand.
    """
    register = Register(database, clock=clock, catalogue=NoStock(), deliver=Committed.settle)
    try:
        replies = []
        for command in commands:
            future: Future[Any] = Future()
            register.submit(command, future)
            replies.append(future.result())
        return replies
    finally:
        register.close()
