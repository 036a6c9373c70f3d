"""Taking numbers into the stock, and out into a file again."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from pyroaring import BitMap

from factories import GB, NEW_YEAR, UNIT, all_rows, make_offer
from numberline.core.errors import InvalidValue, Unavailable
from numberline.core.lifecycle import EventKind
from numberline.core.numbers import CHUNK_SIZE
from numberline.platform.stocking import intake
from numberline.platform.stocking.intake import (
    Added,
    NumbersInOtherOffer,
    StockFileRejected,
    add_stock,
    load_stock,
    load_stock_file,
)
from numberline.storage import tables
from numberline.storage.batches import VersionConflict
from numberline.storage.stock import terms_of
from stocks import chunked, numbers_of, stock_of

TERMS = terms_of(make_offer())
OTHER = msgspec.structs.replace(TERMS, monthly_price_micros=2 * UNIT)
HEADER = "number,country,type,features"


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
        assert numbers_of(database) == {TERMS: {GB, GB + CHUNK_SIZE}, OTHER: {GB + 1}}

    def test_what_is_there_stays_and_is_counted_as_known(self, database):
        add(database, {TERMS: chunked(GB, GB + 1)})

        added = add(database, {TERMS: chunked(GB + 1, GB + 2)})

        assert added == Added(1, 1, 0)
        assert numbers_of(database) == {TERMS: {GB, GB + 1, GB + 2}}

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
        before = stock_of(database)

        assert add(database, additions) == Added(0, 0, 0)
        assert add(database, {OTHER: chunked(GB)}) == Added(0, 1, 0)

        assert stock_of(database) == before
        assert len(all_rows(database, tables.writer)) == 1

    def test_a_number_cannot_stand_under_two_offers(self, database):
        taken = range(GB, GB + 7)
        add(database, {TERMS: chunked(*taken)})
        before = stock_of(database)

        with pytest.raises(NumbersInOtherOffer, match=r"7 numbers .*447700900004, ...") as refusal:
            add(database, {OTHER: chunked(*taken, GB + 8)})

        assert refusal.value.count == 7
        assert refusal.value.numbers == tuple(taken[:5])
        assert stock_of(database) == before

    def test_nor_be_added_under_two(self, database):
        with pytest.raises(NumbersInOtherOffer, match=r"1 numbers .*447700900000$"):
            add(database, {TERMS: chunked(GB), OTHER: chunked(GB)})

        assert stock_of(database) == ({}, 0)

    def test_a_failed_write_leaves_the_stock_as_it_was(self, database, monkeypatch):
        add(database, {TERMS: chunked(GB)})
        before = stock_of(database)

        def fail(*_args, **_options):
            raise ConnectionError

        monkeypatch.setattr(intake.BatchStatements, "append", fail)
        with pytest.raises(ConnectionError):
            add(database, {TERMS: chunked(GB + 1), OTHER: chunked(GB + 2)})

        assert stock_of(database) == before

    def test_many_processes_can_add_at_once(self, database):
        batches = [range(GB + start, GB + start + 3) for start in range(0, 12, 2)]

        with ThreadPoolExecutor(3) as threads:
            found = list(threads.map(lambda each: add(database, {TERMS: chunked(*each)}), batches))

        assert numbers_of(database) == {TERMS: set(range(GB, GB + 13))}
        assert sum(each.numbers_added for each in found) == 13

    def test_who_comes_second_starts_again(self, database, monkeypatch):
        write = intake._write

        def write_second(*arguments):
            monkeypatch.setattr(intake, "_write", write)
            add(database, {OTHER: chunked(GB + 1)})
            write(*arguments)

        monkeypatch.setattr(intake, "_write", write_second)

        assert add(database, {TERMS: chunked(GB)}) == Added(1, 0, 1)

        assert numbers_of(database) == {TERMS: {GB}, OTHER: {GB + 1}}
        assert len(all_rows(database, tables.writer)) == 2

    def test_runs_are_kept_small(self, database):
        add(database, {TERMS: chunked(*range(GB, GB + 10_000, 2))})
        add(database, {TERMS: chunked(*range(GB + 1, GB + 10_000, 2))})

        (row,) = all_rows(database, tables.stock_chunk)

        assert row["size"] == 10_000
        assert len(row["numbers"]) < 50

    def test_a_stock_that_never_rests_is_given_up(self, database, monkeypatch):
        def lose(*_args):
            raise VersionConflict

        monkeypatch.setattr(intake, "_write", lose)

        with pytest.raises(Unavailable, match="try again"):
            add(database, {TERMS: chunked(GB)})


class TestLoadStock:
    """Numbers from a file."""

    def test_good_lines_are_taken(self, database):
        loaded = load(
            database, f"{GB},GB,mobile,sms", f"{GB},GB,mobile,sms", f"{GB + 1},GB,local,voice"
        )

        assert loaded.added == Added(2, 1, 2)
        assert list(map(len, numbers_of(database).values())) == [1, 1]

    def test_a_bad_line_leaves_the_stock_as_it_was(self, database):
        add(database, {TERMS: chunked(GB)})
        before = stock_of(database)

        with pytest.raises(
            StockFileRejected, match="nothing was taken: 1 lines are bad"
        ) as refusal:
            load(database, f"{GB + 1},GB,mobile,sms", "7,GB,mobile,sms")

        assert [rejection.line for rejection in refusal.value.rejections.kept] == [3]
        assert stock_of(database) == before

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
        monkeypatch.setattr("numberline.platform.stocking.rejections.REPORTED_MAX", 1)
        path.write_text(f"{HEADER}\na,b\nc,d\ne,f\n")

        report = self.load(path, database, skip_bad=True).report

        assert report.read_text().splitlines()[1:] == [
            "2,has 2 instead of 4 values,a,b",
            ",and 2 more lines,,,,",
        ]

    def test_a_report_keeps_values_beyond_the_header(self, path, database):
        path.write_text(f"{HEADER}\na,b,c,d,e,f\n")

        report = self.load(path, database, skip_bad=True).report

        assert report.read_text().splitlines()[1] == "2,has 6 instead of 4 values,a,b,c,d,e,f"

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

        assert stock_of(database) == ({}, 0)


def test_the_way_in_for_code_loads_nothing_that_only_files_need():
    heavy = "{'numpy', 'pyarrow', 'phonenumbers'}"
    module = "numberline.platform.stocking.intake"
    check = f"import sys, {module}; sys.exit(bool({heavy} & {{*sys.modules}}))"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
