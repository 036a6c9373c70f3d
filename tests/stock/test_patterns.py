import pytest
from hypothesis import given

from numberline.stock import PATTERN_LENGTH_MAX, Pattern
from stock.strategies import asked, numbers, unhurried

MAKERS = [Pattern.starts_with, Pattern.contains, Pattern.ends_with, Pattern.exactly]


@unhurried
@given(numbers, asked(numbers))
def test_a_pattern_matches_what_its_regular_expression_matches(number, asked):
    assert asked.pattern.matches(number) == asked.matches(number)


@pytest.mark.parametrize(
    ("pattern", "number", "expected"),
    [
        (Pattern.starts_with("4477"), 447700900123, True),
        (Pattern.starts_with("477"), 447700900123, False),
        (Pattern.contains("00900"), 447700900123, True),
        (Pattern.contains("7?09"), 447700900123, True),
        (Pattern.contains("12*47"), 447700900123, False),
        (Pattern.ends_with("0123"), 447700900123, True),
        (Pattern.ends_with("012"), 447700900123, False),
        (Pattern.exactly("447700900123"), 447700900123, True),
        (Pattern.exactly("44770090012"), 447700900123, False),
        (Pattern.exactly("44*123"), 447700900123, True),
        (Pattern.exactly("?" * 12), 447700900123, True),
        (Pattern.exactly("?" * 13), 447700900123, False),
        (Pattern.contains(""), 1234567, True),
        (Pattern.exactly(""), 1234567, False),
    ],
)
def test_each_kind_looks_at_its_part_of_the_number(pattern, number, expected):
    assert pattern.matches(number) is expected


def test_a_number_that_is_longer_than_any_matches_nothing():
    assert not Pattern.contains("").matches(10**15)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "text", ["+44", "44 77", "4[47]", "abc", "44\n", "٤٤", "²", "-1", "%", "_", "\0"]
)
def test_anything_but_digits_and_wildcards_is_refused(make, text):
    with pytest.raises(ValueError, match="only digits"):
        make(text)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("symbol", ["7", "?", "*"])
def test_a_text_that_is_too_long_is_refused(make, symbol):
    make(symbol * PATTERN_LENGTH_MAX)
    with pytest.raises(ValueError, match="at most 32"):
        make(symbol * (PATTERN_LENGTH_MAX + 1))


def test_patterns_that_say_the_same_are_equal():
    same = {
        Pattern.contains("4*?*7"),
        Pattern.contains("*4?*7*"),
        Pattern.exactly("**4*?**7**"),
        Pattern.starts_with("*4?*7"),
    }

    assert len(same) == 1


def test_patterns_that_say_different_things_differ():
    assert len({make("47") for make in MAKERS}) == len(MAKERS)


def test_a_pattern_cannot_be_changed():
    with pytest.raises(AttributeError):
        Pattern.contains("47").text = "*"
