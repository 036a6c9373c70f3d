import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import GB, REPEATABLE
from numberline.dialects.bird.ids import NUMBERS, STOCK_ITEMS, is_uuid

numbers = st.integers(10**6, 10**15 - 1)
KINDS = pytest.mark.parametrize("ids", [STOCK_ITEMS, NUMBERS], ids=["item", "number"])


@KINDS
@REPEATABLE
@given(numbers)
def test_an_identifier_leads_back_to_its_number(ids, number):
    text = ids.of(number)

    assert uuid.UUID(text).version == 8
    assert uuid.UUID(text).variant == uuid.RFC_4122
    assert str(uuid.UUID(text)) == text
    assert is_uuid(text)
    assert ids.number(text) == ids.number(text.upper()) == number


@KINDS
@REPEATABLE
@given(st.uuids(version=4) | st.uuids(), st.sampled_from("89ab"))
def test_another_uuid_is_no_numbers(ids, other, variant):
    text = str(other)

    assert ids.number(text) is None
    assert ids.number(f"{text[:14]}8{text[15:19]}{variant}{text[20:]}") is None


@REPEATABLE
@given(numbers)
def test_kinds_have_no_identifier_in_common(number):
    assert STOCK_ITEMS.number(NUMBERS.of(number)) is None
    assert NUMBERS.number(STOCK_ITEMS.of(number)) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "447700900000", "c7a1f6d2-4b1e-8d35-8000-44770090000a"),
        *("c7a1f6d2-4b1e-8d35-9000-447700900000", "c7a1f6d2-4b1e-8d35-8000-000000999999"),
        *(
            "c7a1f6d2-4b1e-8d35-8000-4477009000000",
            "c7a1f6d2-4b1e-8d35-8000-\u0664477009000000"[:36],
        ),
    ],
)
def test_what_is_not_quite_one_is_none(text):
    assert STOCK_ITEMS.number(text) is None


def test_an_identifier_ends_in_its_number_and_stays_so_for_ever():
    assert STOCK_ITEMS.of(GB) == "c7a1f6d2-4b1e-8d35-8000-447700900000"
    assert STOCK_ITEMS.of(999_447_700_900_000) == "c7a1f6d2-4b1e-8d35-8999-447700900000"
    assert NUMBERS.of(GB) == "1f9e64b8-a2c7-8b40-8000-447700900000"
