"""What is claimed at a look: runs of deliveries, each of one number to one URL, in order.

A later event of a number is never sent while an earlier one is under way or was not tried yet;
one that failed and waits for its turn holds nothing up.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from numberline.storage.outbox import Elsewhere, Told
from numberline.workers.webhooks.hosts import Room

RUN_MAX: Final = 16
"""How many deliveries of a number are claimed at a time."""

SCAN_MAX: Final = 256
"""How many due deliveries are read at a time."""

SCANS_MAX: Final = 8
"""How often a look reads on, past what it may not claim."""

Scan = Callable[[Elsewhere, int], list[Told]]
"""Reads so many due deliveries at the most, the longest overdue first."""


class Run(msgspec.Struct):
    """Deliveries of one number to one URL, to be made one after the other."""

    deliveries: list[Told]

    @property
    def host(self) -> str:
        """The host to which they go."""
        return self.deliveries[0].delivery.host

    @property
    def url(self) -> str:
        """The URL to which they go."""
        return self.deliveries[0].delivery.url


class Planner:
    """Chooses runs from what is due.

    Args:
        room: What may be claimed.
        leased: The numbers of which something is under way, in any process, and to which host.
    """

    def __init__(self, room: Room, leased: dict[int, str]) -> None:
        self.runs: list[Run] = []
        self._room = room
        self._seen = dict(leased)

    def plan(self, scan: Scan) -> None:
        """Choose runs until there is no room or nothing due is left."""
        for _ in range(SCANS_MAX):
            found = scan(self._elsewhere(), SCAN_MAX)
            self._choose(found)
            if len(found) < SCAN_MAX:
                return

    def _elsewhere(self) -> Elsewhere:
        """What the next scan passes over: hosts that are full, numbers that are taken."""
        full = self._room.full
        only_hosts = None
        if self._room.unproven <= 0:
            only_hosts = [host for host in self._room.quick if self._room.of(host) > 0]
        passed = set(full)
        numbers = [number for number, host in self._seen.items() if host not in passed]
        return Elsewhere(hosts=full, only_hosts=only_hosts, numbers=numbers)

    def _choose(self, found: list[Told]) -> None:
        """Take the head of each number that is free, and what follows it to the same URL."""
        open_runs: dict[int, Run | None] = {}
        for told in found:
            delivery = told.delivery
            number = delivery.number
            if number is None:
                if self._room.of(delivery.host) > 0:
                    self._start(told)
            elif number in open_runs:
                open_runs[number] = self._lengthened(open_runs[number], told)
            elif number not in self._seen:
                has_room = self._room.of(delivery.host) > 0
                open_runs[number] = self._start(told) if has_room else None
                self._seen[number] = delivery.host

    def _start(self, told: Told) -> Run:
        run = Run([told])
        self._room.take(run.host)
        self.runs.append(run)
        return run

    def _lengthened(self, run: Run | None, told: Told) -> Run | None:
        """A run with one more delivery, or None where it, and so the number, must stop here."""
        if run is None or told.delivery.url != run.url or len(run.deliveries) >= RUN_MAX:
            return None
        if self._room.of(run.host) <= 0:
            return None
        self._room.take(run.host)
        run.deliveries.append(told)
        return run
