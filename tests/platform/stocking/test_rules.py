"""Whole columns of a stock file are judged as each of their rows would be alone."""

import csv
import io
import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from numberline.core.numbers import parse_number
from numberline.core.offers import OfferTerms
from numberline.platform.stocking.checks import read_stock_file
from numberline.platform.stocking.numbers import parse_numbers
from numberline.platform.stocking.terms import parse_terms
from stocks import flat

COUNTRIES_OF_NUMBERS = {
    "447700900123": {"GB"},
    "447781123456": {"GG"},
    "12025550100": {"US"},
    "18005550100": {"US", "CA", "AG"},
    "14165550100": {"CA"},
    "33199000000": {"FR"},
    "6837012": {"NU"},
}
FRENCH = r"33[0-9]{9}"
FIELDS = ("number", "country", "type", "features", "monthly_price", "locality")
ROWS = st.fixed_dictionaries(
    {
        "number": st.sampled_from(sorted(COUNTRIES_OF_NUMBERS))
        | st.sampled_from([" +447700900123", "12025550100 ", "++12025550100", "1202555", ""])
        | st.from_regex(FRENCH, fullmatch=True)
        | st.text("35+ x", max_size=17),
        "country": st.sampled_from(["GB", "us", "CA", "FR", "AG", "GG", "NU", "XX", ""]),
        "type": st.sampled_from(["mobile", "LOCAL ", "fax"]),
        "features": st.sampled_from(["sms", "voice sms", "fax", ""]),
        "monthly_price": st.sampled_from(["", "0", "1.5", "1.50", "-1", "1.0000001"]),
        "locality": st.sampled_from(["", "a,b", 'say "x"', "Z\xfcrich", "n" * 101]),
    }
)


def plain_rule(row):
    """The number and terms of a row, or None where it is bad."""
    terms = parse_terms(row)
    digits = row["number"].strip().removeprefix("+")
    if not isinstance(terms, OfferTerms) or not re.fullmatch(r"[1-9][0-9]{6,14}", digits):
        return None
    french = {"FR"} if re.fullmatch(FRENCH, digits) else set()
    countries = COUNTRIES_OF_NUMBERS.get(digits, french)
    return (int(digits), terms) if terms.country in countries else None


@given(st.lists(ROWS, max_size=20))
def test_whole_columns_are_judged_as_single_rows_would_be(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS)
    writer.writeheader()
    writer.writerows(rows)

    reading = read_stock_file(io.BytesIO(text.getvalue().encode()), lambda _read_bytes: None)

    verdicts = [plain_rule(row) for row in rows]
    expected = {}
    for number, terms in filter(None, verdicts):
        expected.setdefault(terms, set()).add(number)
    assert {terms: flat(chunks) for terms, chunks in reading.additions.items()} == expected
    assert [rejection.line for rejection in reading.rejections.kept] == [
        line for line, verdict in enumerate(verdicts, 2) if verdict is None
    ]


@given(
    st.lists(st.text("+0123456789 \t\n.e\N{NO-BREAK SPACE}\N{ARABIC-INDIC DIGIT ONE}", max_size=18))
)
def test_a_column_of_numbers_is_read_as_each_of_them_alone(texts):
    column = pa.array(["skipped", *texts], pa.string()).slice(1)

    assert parse_numbers(column).tolist() == [parse_number(text) or 0 for text in texts]
