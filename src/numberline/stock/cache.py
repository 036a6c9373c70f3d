"""Which patterns stay prepared, within a bound on memory."""

import sys
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from numberline.stock.matches import Matches
from numberline.stock.patterns import Pattern
from numberline.stock.plans import Plan
from numberline.stock.segments import Segment

Offers = frozenset[int] | None
"""The offers of a search; None stands for all."""


class _Prepared:
    """A compiled pattern and its plans for one choice of offers or another."""

    __slots__ = ("matches", "plans", "size_bytes")

    def __init__(self, pattern: Pattern) -> None:
        self.matches: Final = Matches(pattern.text)
        self.plans: Final[dict[Offers, Plan]] = {}
        self.size_bytes = 0


class PatternCache:
    """Compiled patterns and their plans; the longest unused pattern goes first."""

    def __init__(self, size_bytes_max: int) -> None:
        self.size_bytes = 0
        self._size_bytes_max: Final = size_bytes_max
        self._prepared: Final[OrderedDict[Pattern, _Prepared]] = OrderedDict()

    def find(self, pattern: Pattern, offers: Offers) -> Plan | None:
        """The plan for a pattern and a choice of offers, if it is here."""
        prepared = self._prepared.get(pattern)
        if prepared is None:
            return None
        self._prepared.move_to_end(pattern)
        return prepared.plans.get(offers)

    def prepare(self, pattern: Pattern, offers: Offers, segments: Iterable[Segment]) -> Plan:
        """Make a plan, keep it, and drop what no longer fits."""
        prepared = self._prepared.get(pattern)
        if prepared is None:
            prepared = self._prepared[pattern] = _Prepared(pattern)
        plan = Plan.prepare(prepared.matches, segments)
        prepared.plans[offers] = plan
        self._measure(prepared)
        while self.size_bytes > self._size_bytes_max:
            self.size_bytes -= self._prepared.popitem(last=False)[1].size_bytes
        return plan

    def forget_plans(self) -> None:
        """Drop the plans, and keep what does not depend on the stock."""
        for prepared in self._prepared.values():
            if prepared.plans:
                prepared.plans.clear()
                self._measure(prepared)

    def _measure(self, prepared: _Prepared) -> None:
        size_bytes = prepared.matches.size_bytes + sum(
            sys.getsizeof(offers) + plan.size_bytes for offers, plan in prepared.plans.items()
        )
        self.size_bytes += size_bytes - prepared.size_bytes
        prepared.size_bytes = size_bytes
