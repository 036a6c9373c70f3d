"""Months are added to an instant by the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.instants import add_months, from_datetime, to_datetime

moments = st.datetimes(datetime(1970, 1, 1), datetime(2170, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)
last_days = moments.map(lambda moment: moment.replace(day=1) - timedelta(days=1)).filter(
    lambda moment: moment.year >= 1970
)
month_counts = st.integers(0, 120)


def later(moment, months):
    return to_datetime(add_months(from_datetime(moment), months))


def first_day(moment, months):
    """The first day of the month that lies so many months on, by walking there."""
    first = moment.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=32)).replace(day=1)
    return first


def days_in_month(first):
    return ((first + timedelta(days=32)).replace(day=1) - first).days


@given(moments, month_counts)
@REPEATABLE
def test_months_later_it_is_that_month_at_the_same_time_of_day(moment, months):
    assert later(moment, months).replace(day=1) == first_day(moment, months)


@given(moments, month_counts)
@REPEATABLE
def test_a_day_within_the_month_stays_or_becomes_the_last_that_there_is(moment, months):
    if moment.day == days_in_month(moment.replace(day=1)):
        moment = moment.replace(day=1)

    there = days_in_month(first_day(moment, months))
    assert later(moment, months).day == min(moment.day, there)


@given(last_days, month_counts)
@REPEATABLE
def test_the_last_day_of_a_month_stays_the_last(moment, months):
    assert (later(moment, months) + timedelta(days=1)).day == 1


@given(moments)
@REPEATABLE
def test_an_instant_is_read_back_as_the_moment_that_it_was(moment):
    assert to_datetime(from_datetime(moment)) == moment


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        ("2026-01-15T08:30:00", 1, "2026-02-15T08:30:00"),
        ("2026-01-30T00:00:00", 1, "2026-02-28T00:00:00"),
        ("2024-01-30T00:00:00", 1, "2024-02-29T00:00:00"),
        ("2026-01-31T23:59:59", 2, "2026-03-31T23:59:59"),
        ("2026-01-31T00:00:00", 3, "2026-04-30T00:00:00"),
        ("2026-02-28T00:00:00", 1, "2026-03-31T00:00:00"),
        ("2024-02-28T00:00:00", 1, "2024-03-28T00:00:00"),
        ("2026-12-05T00:00:00", 1, "2027-01-05T00:00:00"),
        ("2026-05-05T00:00:00", 24, "2028-05-05T00:00:00"),
    ],
)
def test_renewal_dates_of_note(anchor, months, expected):
    start = datetime.fromisoformat(anchor + "+00:00")

    assert later(start, months).isoformat() == expected + "+00:00"
