"""Ranges of numbers as intervals, and gathered into bitmaps: both agree with plain sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.platform.stocking.gathering import Gathering, distinct
from numberline.platform.stocking.intervals import Intervals, coalesce, intervals_of

# Around the border of two chunks, so that ranges touch, overlap and cross it.
POINTS = st.integers(CHUNK_SIZE - 40, CHUNK_SIZE + 40)
RANGES = st.tuples(POINTS, st.integers(0, 12)).map(lambda r: (r[0], r[0] + r[1]))
ROWS = st.lists(st.tuples(st.integers(0, 3), RANGES), max_size=30)


def columns(rows):
    offers = np.array([offer for offer, _ in rows], np.int64)
    firsts = np.array([first for _, (first, _) in rows], np.int64)
    lasts = np.array([last for _, (_, last) in rows], np.int64)
    return offers, firsts, lasts


def members(ranges):
    return {number for first, last in ranges for number in range(first, last + 1)}


def numbers_of(chunks):
    return {chunk * CHUNK_SIZE + offset for chunk, found in chunks.items() for offset in found}


@given(st.lists(RANGES))
def test_intervals_hold_what_their_ranges_held_and_stand_apart(ranges):
    _, firsts, lasts = columns([(0, each) for each in ranges])

    intervals = coalesce(firsts, lasts)

    assert members(zip(*intervals, strict=True)) == members(ranges)
    assert (intervals.firsts[1:] > intervals.lasts[:-1] + 1).all()


@given(st.sets(POINTS))
def test_bitmaps_become_the_same_intervals(numbers):
    chunks = {}
    for number in numbers:
        chunks.setdefault(number // CHUNK_SIZE, BitMap()).add(number % CHUNK_SIZE)

    intervals = intervals_of(chunks)

    assert members(zip(*intervals, strict=True)) == numbers
    assert (intervals.firsts[1:] > intervals.lasts[:-1] + 1).all()


@given(st.lists(RANGES), st.lists(RANGES, min_size=1))
def test_a_range_meets_intervals_at_its_first_common_number(held, asked):
    _, firsts, lasts = columns([(0, each) for each in held])
    _, asked_firsts, asked_lasts = columns([(0, each) for each in asked])

    met = coalesce(firsts, lasts).meeting(asked_firsts, asked_lasts)

    taken = members(held)
    assert met.tolist() == [min(members([each]) & taken, default=0) for each in asked]


def test_nothing_meets_no_intervals():
    none = Intervals(np.empty(0, np.int64), np.empty(0, np.int64))

    assert none.meeting(np.array([1, 2]), np.array([1, 9])).tolist() == [0, 0]


@given(st.lists(st.integers(0, 5)))
def test_distinct_keys_rank_every_key_and_say_where_it_stands(keys):
    found, places, ranks = distinct(np.array(keys, np.int64))

    assert found.tolist() == sorted(set(keys))
    assert [keys[place] for place in places] == found.tolist()
    assert found[ranks].tolist() == keys


@given(st.lists(ROWS, max_size=4))
def test_numbers_are_gathered_by_offer_in_any_number_of_batches(batches):
    gathering = Gathering()
    expected = {}
    for rows in batches:
        gathering.add(*columns(rows))
        for offer, each in rows:
            expected.setdefault(offer, set()).update(members([each]))

    owned = {}
    for chunk, owners in gathering.chunks.items():
        for offer, numbers in owners.items():
            owned.setdefault(offer, {})[chunk] = numbers
    assert {offer: numbers_of(chunks) for offer, chunks in owned.items()} == expected
    everyone = [number for numbers in expected.values() for number in numbers]
    twice = {number for number in everyone if everyone.count(number) > 1}
    assert numbers_of(gathering.clashes) == twice
