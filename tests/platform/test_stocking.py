"""Taking numbers into the stock, and out into a file again."""

import io
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from factories import GB, NEW_YEAR, REPEATABLE, UNIT, all_rows, make_offer
from numberline.core.errors import InvalidValue, Unavailable
from numberline.core.lifecycle import EventKind
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.offers import Capability, NumberType
from numberline.platform import stocking
from numberline.platform.stock_export import Exported, export_stock
from numberline.platform.stocking import (
    Added,
    NumbersInOtherOffer,
    StockFileRejected,
    add_stock,
    load_stock,
    load_stock_file,
)
from numberline.storage import tables
from numberline.storage.batches import VersionConflict
from numberline.storage.engines import open_database
from numberline.storage.stock import read_stock, terms_of

TERMS = terms_of(make_offer())
OTHER = msgspec.structs.replace(TERMS, monthly_price_micros=2 * UNIT)
HEADER = "number,country,type,features"


def chunked(*numbers):
    chunks = {}
    for number in numbers:
        chunks.setdefault(number // CHUNK_SIZE, BitMap()).add(number % CHUNK_SIZE)
    return chunks


def stock(database):
    """The numbers in stock by the terms of their offer, and the revision."""
    with database.reading() as connection:
        found = read_stock(connection)
    numbers = {terms_of(offer): set() for offer in found.offers.values()}
    for (offer_id, chunk), offsets in found.chunks.items():
        own = numbers[terms_of(found.offers[offer_id])]
        own.update(chunk * CHUNK_SIZE + offset for offset in offsets)
    return numbers, found.revision


def numbers(database):
    return stock(database)[0]


def added_chunks(database):
    """The chunks that the feed tells of, each with the place of its event."""
    return [
        (row["writer_id"], row["seq"], row["data"]["offer_id"], row["data"]["chunk"])
        for row in all_rows(database, tables.event)
        if row["kind"] == EventKind.STOCK_ADDED
    ]


def add(database, additions):
    return add_stock(database, additions, now=NEW_YEAR)


def load(database, *rows, header=HEADER, **options):
    text = "\n".join((header, *rows)).encode()
    return load_stock(io.BytesIO(text), database, now=NEW_YEAR, **options)


class TestAddStock:
    """Numbers from code."""

    def test_numbers_stand_under_their_terms(self, database):
        added = add(database, {TERMS: chunked(GB, GB + CHUNK_SIZE), OTHER: chunked(GB + 1)})

        assert added == Added(3, 0, 2)
        assert numbers(database) == {TERMS: {GB, GB + CHUNK_SIZE}, OTHER: {GB + 1}}

    def test_what_is_there_stays_and_is_counted_as_known(self, database):
        add(database, {TERMS: chunked(GB, GB + 1)})

        added = add(database, {TERMS: chunked(GB + 1, GB + 2)})

        assert added == Added(1, 1, 0)
        assert numbers(database) == {TERMS: {GB, GB + 1, GB + 2}}

    def test_other_processes_are_told_of_each_changed_chunk(self, database):
        add(database, {TERMS: chunked(GB)})
        add(database, {TERMS: chunked(GB, GB + CHUNK_SIZE), OTHER: chunked(GB + 1)})

        chunk = GB // CHUNK_SIZE
        assert added_chunks(database) == [
            (1, 1, 1, chunk),
            (2, 1, 1, chunk + 1),
            (2, 2, 2, chunk),
        ]
        assert [row["last_seq"] for row in all_rows(database, tables.writer)] == [1, 2]

    @pytest.mark.parametrize("additions", [{}, {TERMS: {}}, {TERMS: {447700: BitMap()}}])
    def test_nothing_is_written_where_nothing_changes(self, database, additions):
        add(database, {OTHER: chunked(GB)})
        before = stock(database)

        assert add(database, additions) == Added(0, 0, 0)
        assert add(database, {OTHER: chunked(GB)}) == Added(0, 1, 0)

        assert stock(database) == before
        assert len(all_rows(database, tables.writer)) == 1

    def test_a_number_cannot_stand_under_two_offers(self, database):
        taken = range(GB, GB + 7)
        add(database, {TERMS: chunked(*taken)})
        before = stock(database)

        with pytest.raises(NumbersInOtherOffer, match=r"7 numbers .*447700900004, ...") as refusal:
            add(database, {OTHER: chunked(*taken, GB + 8)})

        assert refusal.value.count == 7
        assert refusal.value.numbers == tuple(taken[:5])
        assert stock(database) == before

    def test_nor_be_added_under_two(self, database):
        with pytest.raises(NumbersInOtherOffer, match=r"1 numbers .*447700900000$"):
            add(database, {TERMS: chunked(GB), OTHER: chunked(GB)})

        assert stock(database) == ({}, 0)

    def test_a_failed_write_leaves_the_stock_as_it_was(self, database, monkeypatch):
        add(database, {TERMS: chunked(GB)})
        before = stock(database)

        def fail(*_args, **_options):
            raise ConnectionError

        monkeypatch.setattr(stocking.BatchStatements, "append", fail)
        with pytest.raises(ConnectionError):
            add(database, {TERMS: chunked(GB + 1), OTHER: chunked(GB + 2)})

        assert stock(database) == before

    def test_many_processes_can_add_at_once(self, database):
        batches = [range(GB + start, GB + start + 3) for start in range(0, 12, 2)]

        with ThreadPoolExecutor(3) as threads:
            found = list(threads.map(lambda each: add(database, {TERMS: chunked(*each)}), batches))

        assert numbers(database) == {TERMS: set(range(GB, GB + 13))}
        assert sum(each.numbers_added for each in found) == 13

    def test_a_stock_that_never_rests_is_given_up(self, database, monkeypatch):
        def lose(*_args):
            raise VersionConflict

        monkeypatch.setattr(stocking, "_write", lose)

        with pytest.raises(Unavailable, match="try again"):
            add(database, {TERMS: chunked(GB)})


class TestLoadStock:
    """Numbers from a file."""

    def test_good_lines_are_taken(self, database):
        loaded = load(
            database, f"{GB},GB,mobile,sms", f"{GB},GB,mobile,sms", f"{GB + 1},GB,local,voice"
        )

        assert loaded.added == Added(2, 1, 2)
        assert list(map(len, numbers(database).values())) == [1, 1]

    def test_a_bad_line_leaves_the_stock_as_it_was(self, database):
        add(database, {TERMS: chunked(GB)})
        before = stock(database)

        with pytest.raises(
            StockFileRejected, match="nothing was taken: 1 lines are bad"
        ) as refusal:
            load(database, f"{GB + 1},GB,mobile,sms", "7,GB,mobile,sms")

        assert [rejection.line for rejection in refusal.value.rejections.kept] == [3]
        assert stock(database) == before

    def test_bad_lines_can_be_skipped(self, database):
        loaded = load(database, f"{GB + 1},GB,mobile,sms", "7,GB,mobile,sms", skip_bad=True)

        assert loaded.added == Added(1, 0, 1)
        assert loaded.rejections.count == 1

    def test_clashes_within_the_file_and_with_the_stock_are_told_apart_by_line(self, database):
        add(database, {OTHER: chunked(*range(GB, GB + 5))})
        rows = [f"{GB + place},GB,mobile,sms" for place in (4, 5, 6)]

        loaded = load(database, *rows, f"{GB + 6},GB,mobile,voice", skip_bad=True)

        assert [(line, reason) for line, reason, _ in loaded.rejections.kept] == [
            (2, f"number: {GB + 4} is in stock under another offer"),
            (4, f"number: {GB + 6} stands under other terms in the file too"),
            (5, f"number: {GB + 6} stands under other terms in the file too"),
        ]
        assert loaded.added == Added(1, 0, 1)

    def test_progress_ends_with_the_file(self, database):
        seen = []

        load(database, f"{GB},GB,mobile,sms", progress=seen.append)

        assert seen == [len(f"{HEADER}\n{GB},GB,mobile,sms")]


class TestLoadStockFile:
    """Numbers from a file of which a report is made."""

    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "numbers.csv"

    def load(self, path, database, *, skip_bad=False):
        return load_stock_file(path, database, now=NEW_YEAR, skip_bad=skip_bad)

    def test_a_report_lies_beside_the_file(self, path, database):
        path.write_text(f'{HEADER};locality\n{GB};"bad\n7;"a;b"\n'.replace(",", ";"))

        with pytest.raises(StockFileRejected, match=r"see .*numbers\.rejected\.csv") as refusal:
            self.load(path, database)

        report = path.with_name("numbers.rejected.csv")
        assert refusal.value.report == report
        assert report.read_text() == (
            "line,reason,number,country,type,features,locality\n"
            f"2,a quoted value does not end,{GB},bad\n"
            "3,has 2 instead of 5 values,7,a;b\n"
        )

    def test_a_mended_report_can_be_imported(self, path, database):
        path.write_text(f"{HEADER}\n{GB},GB,mobile,fax\n1,GB,mobile,sms\n")
        loaded = self.load(path, database, skip_bad=True)
        mended = loaded.report.read_text().replace(",fax", ",sms")
        path.write_text(mended)

        again = self.load(path, database, skip_bad=True)

        assert again.added.numbers_added == 1
        assert again.report.read_text() == (
            "line,reason,number,country,type,features\n"
            "3,\"number: '1' is not an E.164 number (7 to 15 digits, the first not 0)\","
            "1,GB,mobile,sms\n"
        )

    def test_a_long_report_says_how_many_lines_it_leaves_out(self, path, database, monkeypatch):
        monkeypatch.setattr("numberline.platform.rejections.REPORTED_MAX", 1)
        path.write_text(f"{HEADER}\na,b\nc,d\ne,f\n")

        report = self.load(path, database, skip_bad=True).report

        assert report.read_text().splitlines()[1:] == [
            "2,has 2 instead of 4 values,a,b",
            ",and 2 more lines,,,,",
        ]

    def test_a_good_file_has_no_report(self, path, database):
        path.write_text(f"{HEADER}\n{GB},GB,mobile,sms\n")

        assert self.load(path, database).report is None
        assert [found.name for found in path.parent.glob("*.csv")] == ["numbers.csv"]

    @pytest.mark.parametrize(
        ("name", "reason"),
        [("nowhere.csv", "no such file or directory"), ("", "is a directory")],
    )
    def test_what_cannot_be_read_is_refused(self, name, reason, tmp_path, database):
        with pytest.raises(InvalidValue, match=reason):
            self.load(tmp_path / name, database)

    def test_what_is_no_stock_file_is_named(self, path, database):
        path.write_text("")

        with pytest.raises(InvalidValue, match=f"^{path}: is empty"):
            self.load(path, database)

    def test_nothing_is_taken_without_a_place_for_the_report(self, path, database):
        path.write_text(f"{HEADER}\n{GB},GB,mobile,sms\nx,GB,mobile,sms\n")
        path.with_name("numbers.rejected.csv").mkdir()

        with pytest.raises(InvalidValue, match=r"numbers\.rejected\.csv cannot be written: is a"):
            self.load(path, database, skip_bad=True)

        assert stock(database) == ({}, 0)


# --- export ---------------------------------------------------------------------------------


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


def test_an_export_cuts_runs_that_a_row_may_not_stand_for(database, monkeypatch):
    monkeypatch.setattr("numberline.platform.stock_export.RANGE_NUMBERS_MAX", 1000)
    add(database, {TERMS: chunked(*range(GB, GB + 2500))})

    text, _ = exported(database)

    assert [int(line.split(",")[1]) - GB for line in text.splitlines()[1:]] == [999, 1999, 2499]


def test_the_stock_of_one_database_can_be_imported_into_another(
    database, sqlite_template, tmp_path
):
    place = msgspec.structs.replace(OTHER, region="a, b", locality='"Zürich"')
    add(database, {TERMS: chunked(*range(GB, GB + 1000), 447400000000), place: chunked(GB + 1000)})

    assert imported(exported(database)[0], sqlite_template, tmp_path) == numbers(database)


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
        return numbers(database)


@given(additions=stocks())
@settings(REPEATABLE, max_examples=40)
def test_an_import_takes_all_that_an_export_gives(additions, sqlite_template, tmp_path):
    with new_database(sqlite_template, tmp_path) as database:
        add(database, additions)
        text, counts = exported(database)
        before = numbers(database)

    assert imported(text, sqlite_template, tmp_path) == before
    assert before.keys() == additions.keys()
    assert counts.numbers == sum(map(len, before.values()))


def test_the_way_in_for_code_loads_nothing_that_only_files_need():
    heavy = "{'numpy', 'pyarrow', 'phonenumbers'}"
    check = f"import sys, numberline.platform.stocking; sys.exit(bool({heavy} & {{*sys.modules}}))"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
