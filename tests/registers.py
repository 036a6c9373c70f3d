"""Registers to ask, and ways to hold them up."""

import threading
from collections import Counter
from concurrent.futures import Future
from contextlib import contextmanager

from factories import GB, WAIT_S, FakeClock, make_offer
from numberline.core import commands as c
from numberline.register.committer import Committed
from numberline.register.register import Register


class Shelf:
    """A catalogue with one offer for every number from the first on."""

    def __init__(self, offer=None, *, first=GB, size=1000):
        self._offer = offer or make_offer()
        self._numbers = range(first, first + size)

    def offer(self, offer_id):
        if offer_id != self._offer.offer_id:
            raise KeyError(offer_id)
        return self._offer

    def knows(self, offer_id):
        return offer_id == self._offer.offer_id

    def stocked(self, number):
        return self._offer.offer_id if number in self._numbers else None


class Barrier:
    """A place where a thread waits until the test lets it go."""

    def __init__(self):
        self._reached = threading.Event()
        self._opened = threading.Event()

    def wait(self):
        self._reached.set()
        assert self._opened.wait(WAIT_S)

    def until_reached(self):
        assert self._reached.wait(WAIT_S)

    def open(self):
        self._opened.set()


class HeldShelf(Shelf):
    """A shelf on which the look-up of one number, which is not in stock, takes its time."""

    SLOW = GB - 1

    def __init__(self, offer=None):
        super().__init__(offer)
        self.barrier = Barrier()

    def stocked(self, number):
        if number == self.SLOW:
            self.barrier.wait()
        return super().stocked(number)


@contextmanager
def held_up(register, shelf):
    """While the block runs, the register waits, and whatever is submitted queues up."""
    shelf.barrier = Barrier()
    slow = submit(register, c.Rent(account_id="nobody", number=shelf.SLOW))
    shelf.barrier.until_reached()
    try:
        yield
    finally:
        shelf.barrier.open()
    outcome(slow)


@contextmanager
def open_register(database, shelf=None, *, clock=None, deliver=Committed.settle):
    """A register that is closed in the end."""
    register = Register(
        database, clock=clock or FakeClock(), catalogue=shelf or Shelf(), deliver=deliver
    )
    try:
        yield register
    finally:
        register.close()


def submit(register, command):
    """Put a command in the queue of a register."""
    future = Future()
    register.submit(command, future)
    return future


def outcome(future):
    """The reply to a command, or the refusal as a value."""
    return future.exception(WAIT_S) or future.result()


def ask(register, *commands):
    """Submit commands, and wait for the outcome of each."""
    futures = [submit(register, command) for command in commands]
    return [outcome(future) for future in futures]


def ask_together(register, shelf, *commands):
    """Submit commands while the register is held up, so that they share a batch."""
    with held_up(register, shelf):
        futures = [submit(register, command) for command in commands]
    return [outcome(future) for future in futures]


def open_accounts(register, *accounts):
    """Open accounts, none of which may be refused."""
    opened = ask(register, *(c.OpenAccount(account=account) for account in accounts))
    assert [account for account in opened if isinstance(account, Exception)] == []


def kinds(outcomes):
    """How many outcomes there are of each type."""
    return dict(Counter(type(found).__name__ for found in outcomes))
