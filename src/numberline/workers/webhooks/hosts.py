"""The receivers' hosts: how much each may have under way, by how it has answered.

A host that answers quickly may have more under way, one that is slow or does not answer one at a
time. All those that have not proved to be quick share half of the places, so that however many
of them there are, the quick ones are served.
"""

from typing import Final

import msgspec

SLOTS_MAX: Final = 128
"""How many requests are under way at a time."""

UNPROVEN_SLOTS_MAX: Final = 64
"""How many of them go to hosts that have not proved to be quick."""

WINDOW_START: Final = 2
WINDOW_MAX: Final = 8
"""How many requests to a host are under way: to a new one, and to one that answers quickly."""

AHEAD: Final = 16
"""How many deliveries to a quick host are claimed for each of its places, so that none of them
waits for the database."""

SLOW_S: Final = 2.0
"""From when on an answer is slow."""

HOSTS_MAX: Final = 4_096
"""How many hosts are remembered; past that those with nothing under way are forgotten."""


class Host(msgspec.Struct):
    """What is known of a host.

    `claimed` deliveries to it are in memory, and `running` requests under way.
    """

    window: int = WINDOW_START
    is_quick: bool = False
    claimed: int = 0
    running: int = 0

    @property
    def room(self) -> int:
        """How many more deliveries may be claimed for it."""
        return self.window * (AHEAD if self.is_quick else 1) - self.claimed


class Room(msgspec.Struct):
    """How many more deliveries may be claimed; counted down while a look at the outbox goes on.

    Attributes:
        hosts: What is left for each host that is known; a new one has its first window.
        quick: The hosts that have proved to be quick.
        unproven: What is left for all the others together.
    """

    hosts: dict[str, int]
    quick: frozenset[str]
    unproven: int

    def of(self, host: str) -> int:
        """What is left for a host."""
        left = self.hosts.get(host, WINDOW_START)
        return left if host in self.quick else min(left, self.unproven)

    def take(self, host: str) -> None:
        """Count one more delivery to a host."""
        self.hosts[host] = self.hosts.get(host, WINDOW_START) - 1
        if host not in self.quick:
            self.unproven -= 1

    @property
    def full(self) -> list[str]:
        """The hosts for which nothing is left."""
        return [host for host in self.hosts if self.of(host) <= 0]


class Hosts:
    """Every host with something under way, and how the others have answered."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self._running = 0
        self._running_unproven = 0

    def room(self) -> Room:
        """What may be claimed now."""
        unproven = sum(host.claimed for host in self._hosts.values() if not host.is_quick)
        return Room(
            hosts={name: host.room for name, host in self._hosts.items()},
            quick=frozenset(name for name, host in self._hosts.items() if host.is_quick),
            unproven=UNPROVEN_SLOTS_MAX - unproven,
        )

    def claim(self, name: str, deliveries: int) -> None:
        """Count deliveries to a host that are in memory from now on."""
        if len(self._hosts) >= HOSTS_MAX:
            self._hosts = {name: host for name, host in self._hosts.items() if host.claimed}
        self._hosts.setdefault(name, Host()).claimed += deliveries

    def drop(self, name: str, deliveries: int) -> None:
        """Count them no longer."""
        self._hosts[name].claimed -= deliveries

    @property
    def is_full(self) -> bool:
        """Whether no request may start, to whichever host."""
        return self._running >= SLOTS_MAX

    def may_start(self, name: str) -> bool:
        """Whether a request to a host may start now."""
        host = self._hosts[name]
        if host.running >= host.window or self.is_full:
            return False
        return host.is_quick or self._running_unproven < UNPROVEN_SLOTS_MAX

    def start(self, name: str) -> None:
        """Count a run of requests that is under way from now on."""
        self._count(self._hosts[name], 1)

    def end(self, name: str) -> None:
        """Count it no longer."""
        self._count(self._hosts[name], -1)

    def _count(self, host: Host, runs: int) -> None:
        host.running += runs
        self._running += runs
        if not host.is_quick:
            self._running_unproven += runs

    def learn(self, name: str, *, answered: bool, took_s: float) -> None:
        """Follow how a host has answered."""
        host = self._hosts[name]
        is_quick = answered and took_s < SLOW_S
        if is_quick != host.is_quick:
            self._running_unproven += host.running * (host.is_quick - is_quick)
        host.is_quick = is_quick
        host.window = min(host.window + 1, WINDOW_MAX) if is_quick else 1
