"""Instants: microseconds since 1970 in UTC, an ``int`` inside."""

import calendar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NewType, Protocol

Instant = NewType("Instant", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What tells the time; handed in wherever an instant is needed."""

    def now(self) -> Instant:
        """The instant at which it is called."""
        ...


def to_datetime(instant: int) -> datetime:
    """An instant as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def from_datetime(moment: datetime) -> Instant:
    """The instant of a datetime that knows its zone."""
    return Instant((moment - _EPOCH) // timedelta(microseconds=1))


def add_months(anchor: int, months: int) -> Instant:
    """The same day and time some months on.

    An anchor on the last day of its month stays on the last day, and a day that the target
    month lacks becomes its last: so a rental of 31 January renews on 28 February and 31 March.
    """
    return Instant(anchor + _days_on(anchor // DAY_US, months) * DAY_US)


def next_date(anchor: int, months: int, now: int) -> Instant:
    """The first date after now among those that follow an anchor every so many months."""
    start, today = to_datetime(anchor), to_datetime(now)
    passed = (today.year - start.year) * 12 + today.month - start.month
    step = max(passed // months, 1)
    date_ = add_months(anchor, step * months)
    return date_ if date_ > now else add_months(anchor, (step + 1) * months)


@lru_cache(maxsize=4096)
def _days_on(day_number: int, months: int) -> int:
    """How many days lie between a day, counted from 1970, and the same day some months on."""
    start = _EPOCH.date() + timedelta(days=day_number)
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    last_day = calendar.monthrange(year, month0 + 1)[1]
    on_last_day = start.day == calendar.monthrange(start.year, start.month)[1]
    day = last_day if on_last_day else min(start.day, last_day)
    return (date(year, month0 + 1, day) - start).days
