"""Page tokens: opaque, safe in a URL as they are, and good for one list only."""

import re
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from factories import GB, REPEATABLE
from numberline.core.offers import Capability, NumberType
from numberline.platform.catalogue import OfferFilter
from numberline.platform.page_tokens import PageTokens
from numberline.stock import Pattern

TOKENS = PageTokens(b"k" * 32)
GERMAN = OfferFilter(countries=("DE",), types=(NumberType.LOCAL,), capabilities=Capability.SMS)
LIST = repr(("items", "ada", GERMAN, Pattern.starts_with("49")))

numbers = st.integers(10**6, 10**15 - 1)
texts = st.text(max_size=20)


@REPEATABLE
@given(numbers)
def test_a_token_leads_back_to_the_number_after_which_the_page_begins(number):
    assert TOKENS.read(LIST, TOKENS.issue(LIST, number)) == number


@REPEATABLE
@given(numbers)
def test_a_token_may_stand_in_a_url_as_it_is(number):
    token = TOKENS.issue(LIST, number)

    assert re.fullmatch(r"[A-Za-z0-9_-]{1,100}", token)
    assert quote(token, safe="") == token


@REPEATABLE
@given(numbers, st.data())
def test_a_token_that_was_changed_is_none(number, data):
    token = TOKENS.issue(LIST, number)
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_=+/ ."))
    kind = data.draw(st.sampled_from(["replace", "insert", "drop"]))
    changed = {
        "replace": token[:place] + character + token[place + 1 :],
        "insert": token[:place] + character + token[place:],
        "drop": token[:place] + token[place + 1 :],
    }[kind]
    assume(changed != token)

    assert TOKENS.read(LIST, changed) is None


@REPEATABLE
@given(st.text(max_size=60))
def test_what_was_not_issued_is_none(text):
    assert TOKENS.read(LIST, text) is None


@pytest.mark.parametrize(
    "other",
    [
        repr(("items", "bob", GERMAN, Pattern.starts_with("49"))),
        repr(("items", "ada", GERMAN, Pattern.starts_with("491"))),
        repr(("items", "ada", OfferFilter(countries=("AT",)), Pattern.starts_with("49"))),
        *(LIST[:-1], LIST + "\n", ""),
    ],
)
def test_a_token_of_another_list_is_none(other):
    assert TOKENS.read(LIST, TOKENS.issue(other, GB)) is None


@REPEATABLE
@given(texts, texts)
def test_no_two_lists_share_a_token(first, second):
    assume(first != second)

    assert TOKENS.read(first, TOKENS.issue(second, GB)) is None


def test_another_installation_reads_none():
    assert PageTokens(b"o" * 32).read(LIST, TOKENS.issue(LIST, GB)) is None


def test_another_process_reads_the_same():
    assert PageTokens(b"k" * 32).issue(LIST, GB) == TOKENS.issue(LIST, GB)
