import pytest

from numberline.core.numbers import NUMBER_DIGITS_MAX, NUMBER_DIGITS_MIN
from numberline.stock.automaton import EMPTY, FULL, Automaton

NASTY = [
    "*1*2*3*4?5*",
    "????????*7",
    "*1" + "?" * 30,
    "*1" + "?" * 29 + "*",
    "*1????????????2*",
    "*1??????2",
    "*1?????1*",
    "*1*1*1*1*1*1*1*1*1*1*1*1*1*1*1*1",
    "*?1?1?1?1?1?1?1?1?1?1?1?1?1?1?1?",
    "*1?2?????3*4?????5*6?????7*8??9*",
    "*11?1?11*11??1?1*111?1?11*1?1*",
    "*0?1?*?2?3?*?4?5?*?6?7?*?8?9?*?0",
    "*" * 32,
    "?" * 32,
    "?*" * 16,
    "1?" * 16,
]


def levels(automaton, digits):
    """The sets of states that numbers of so many digits can be in, after each digit."""
    states = {automaton.start(digits)}
    yield digits, states
    for left in reversed(range(digits)):
        states = {automaton.step(state, digit, left) for state in states for digit in range(10)}
        yield left, states


@pytest.mark.parametrize("glob", NASTY)
def test_no_pattern_has_more_states_than_the_digits_to_come_allow(glob):
    automaton = Automaton(glob)
    for digits in range(NUMBER_DIGITS_MIN, NUMBER_DIGITS_MAX + 1):
        for left, states in levels(automaton, digits):
            assert len(states - {EMPTY, FULL}) <= 2 ** (left + 1)
            assert len(states) <= 2 + 2 ** min(left, digits - left)


@pytest.mark.parametrize("glob", [*NASTY, "7", "4477*", "*77*", "*77", "*4?77*5"])
def test_with_no_digits_to_come_everything_is_settled(glob):
    for digits in range(NUMBER_DIGITS_MIN, NUMBER_DIGITS_MAX + 1):
        *_, (_, last) = levels(Automaton(glob), digits)
        assert last <= {EMPTY, FULL}


@pytest.mark.parametrize(
    ("glob", "prefix", "left", "state"),
    [
        ("*", 0, 11, FULL),
        ("4477*", 4477, 8, FULL),
        ("4477*", 4478, 8, EMPTY),
        ("*77*", 4477, 8, FULL),
        ("4477????????", 4477, 8, FULL),
        ("4477????????", 4477, 7, EMPTY),
        ("*12345", 0, 4, EMPTY),
        ("*1?", 441, 1, FULL),
    ],
)
def test_a_prefix_that_settles_the_match_is_recognised(glob, prefix, left, state):
    assert Automaton(glob).after(prefix, left) == state


def test_what_is_half_matched_before_the_last_star_is_forgotten():
    automaton = Automaton("*12*34*")

    assert automaton.after(12, 9) == automaton.after(121, 8) == automaton.after(5512, 7)
    assert automaton.after(12, 9) != automaton.after(123, 8)
