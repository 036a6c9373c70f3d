"""The stock as a file, which an import takes elsewhere with the same result."""

import io
import shutil
from contextlib import contextmanager

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import GB, NEW_YEAR, REPEATABLE, make_offer
from numberline.core.offers import Capability, NumberType
from numberline.platform.stocking.export import Exported, export_stock
from numberline.platform.stocking.intake import add_stock, load_stock
from numberline.storage.engines import open_database
from numberline.storage.stock import terms_of
from stocks import chunked, numbers_of

TERMS = terms_of(make_offer())


def add(database, additions):
    add_stock(database, additions, now=NEW_YEAR)


def exported(database):
    text = io.StringIO()
    counts = export_stock(database, text)
    return text.getvalue(), counts


def test_an_export_collapses_runs_and_cuts_them_where_the_digits_grow(database):
    end = 10**9
    add(database, {TERMS: chunked(*range(end - 2, end + 3), GB, GB + 2)})

    text, counts = exported(database)

    assert [line.split(",")[:3] for line in text.splitlines()] == [
        ["first", "last", "country"],
        [f"{end - 2}", f"{end - 1}", "GB"],
        [f"{end}", f"{end + 2}", "GB"],
        [f"{GB}", f"{GB}", "GB"],
        [f"{GB + 2}", f"{GB + 2}", "GB"],
    ]
    assert counts == Exported(4, 7)


def test_a_run_goes_on_from_chunk_to_chunk(database):
    add(database, {TERMS: chunked(*range(447399999990, 447400000010))})

    assert exported(database)[1] == Exported(1, 20)


def test_an_export_cuts_runs_that_a_row_may_not_stand_for(database, monkeypatch):
    monkeypatch.setattr("numberline.platform.stocking.export.RANGE_NUMBERS_MAX", 1000)
    add(database, {TERMS: chunked(*range(GB, GB + 2500))})

    text, _ = exported(database)

    assert [int(line.split(",")[1]) - GB for line in text.splitlines()[1:]] == [999, 1999, 2499]


def test_the_stock_of_one_database_can_be_imported_into_another(
    database, sqlite_template, tmp_path
):
    place = msgspec.structs.replace(TERMS, region="a, b", locality='"Zürich"')
    add(database, {TERMS: chunked(*range(GB, GB + 1000), 447400000000), place: chunked(GB + 1000)})

    assert imported(exported(database)[0], sqlite_template, tmp_path) == numbers_of(database)


PLACES = st.sampled_from(["", "a,b", 'say "hi"', '"', "Zürich", "x;y\N{NO-BREAK SPACE}z", "'"])
OFFERS = st.builds(
    lambda **terms: msgspec.structs.replace(TERMS, **terms),
    type=st.sampled_from(NumberType),
    capabilities=st.integers(1, 63).map(Capability),
    region=PLACES,
    locality=PLACES,
    setup_price_micros=st.integers(0, 10**15 - 1),
    currency=st.sampled_from(["EUR", "USD"]),
    interval_months=st.integers(1, 120),
    contract_months=st.integers(0, 120),
    documents_required=st.booleans(),
    quarantine_days=st.integers(0, 3650),
)
BLOCKS = st.sampled_from(
    [("GB", 447400000000), ("US", 12125550000), ("CA", 14165550000), ("NU", 6837000)]
)
RUNS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), min_size=1, max_size=4)


@st.composite
def stocks(draw):
    """Numbers by terms; no number stands under two."""
    additions = {}
    taken = set()
    for terms, (country, base), runs in draw(st.lists(st.tuples(OFFERS, BLOCKS, RUNS), max_size=6)):
        wanted = {base + start + place for start, size in runs for place in range(size)}
        own = additions.setdefault(msgspec.structs.replace(terms, country=country), set())
        own |= wanted - taken
        taken |= wanted
    return {terms: chunked(*found) for terms, found in additions.items() if found}


@contextmanager
def new_database(template, folder):
    """A database without stock; one at a time in a folder."""
    path = folder / "new.db"
    shutil.copy(template, path)
    database = open_database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.close()


def imported(text, template, folder):
    """The stock of a new database that an export was imported into."""
    with new_database(template, folder) as database:
        load_stock(io.BytesIO(text.encode()), database, now=NEW_YEAR)
        return numbers_of(database)


@given(additions=stocks())
@settings(REPEATABLE, max_examples=40)
def test_an_import_takes_all_that_an_export_gives(additions, sqlite_template, tmp_path):
    with new_database(sqlite_template, tmp_path) as database:
        add(database, additions)
        text, counts = exported(database)
        before = numbers_of(database)

    assert imported(text, sqlite_template, tmp_path) == before
    assert before.keys() == additions.keys()
    assert counts.numbers == sum(map(len, before.values()))
