"""Stock files: what is tolerated, what is rejected and why, and by which line number."""

import io

import pytest
from pyroaring import BitMap

from numberline.core.errors import InvalidValue
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.offers import Capability, NumberType, OfferTerms
from numberline.platform.stocking import checks, csv_lines
from numberline.platform.stocking import rejections as rejections_module
from numberline.platform.stocking.checks import read_stock_file
from stocks import flat

SMS = OfferTerms(country="GB", type=NumberType.MOBILE, capabilities=Capability.SMS)
HEADER = "number,country,type,features"
GB = 447700900000
WORDS = ("sms-inbound", "voice", "mms-outbound")


def read(text, **clashes):
    encoded = text if isinstance(text, bytes) else text.encode()
    return read_stock_file(io.BytesIO(encoded), lambda _read_bytes: None, **clashes)


def lines(*rows, header=HEADER):
    return "\n".join((header, *rows)) + "\n"


def numbers(reading):
    """The numbers of the good rows by their terms."""
    return {terms: sorted(flat(chunks)) for terms, chunks in reading.additions.items()}


def rejected(reading):
    return [(line, reason) for line, reason, _ in reading.rejections.kept]


def only_reason(*rows, header=HEADER):
    ((_, reason),) = rejected(read(lines(*rows, header=header)))
    return reason


class TestTolerance:
    """Odd files that say the same as a plain one."""

    @pytest.mark.parametrize(
        "text",
        [
            f"{HEADER}\n{GB},GB,mobile,sms\n",
            f"{HEADER}\n{GB},GB,mobile,sms",
            f"{HEADER}\r\n{GB},GB,mobile,sms\r\n",
            f"\ufeff{HEADER}\n{GB},GB,mobile,sms\n",
            f"\n  \n{HEADER}\n\n{GB},GB,mobile,sms\n\n   \n\n",
            f"{HEADER}\n+{GB},gb,MOBILE,Sms\n",
            f" Number , COUNTRY ,Type,features \n +{GB} , GB , mobile , sms \n",
            f'"number","country","type","features"\n"{GB}","GB","mobile","sms"\n',
            f"{HEADER}\n{GB}\r,GB,mobile,\rsms\n",
            f'{HEADER}\n"{GB}", "GB",  "mobile" , "sms"\n',
            f"type;features;number;country\nmobile;sms;{GB};GB\n",
            f"{HEADER}\n{GB},GB,mobile,sms\n".replace(",", "\t"),
            f"first,last,country,type,features\n{GB},{GB},GB,mobile,sms\n",
            f"last,first,country,type,features\n ,{GB},GB,mobile,sms\n",
            f"first,country,type,features\n{GB},GB,mobile,sms\n",
            f"{HEADER},region,monthly_price,currency\n{GB},GB,mobile,sms,,0,\n",
            f"line,reason,{HEADER}\n7,it was bad,{GB},GB,mobile,sms\n",
        ],
    )
    def test_a_file_may_be_written_in_many_ways(self, text):
        reading = read(text)

        assert rejected(reading) == []
        assert numbers(reading) == {SMS: [GB]}
        assert reading.numbers_named == 1

    def test_a_quoted_value_may_hold_the_delimiter_and_quotes(self):
        text = lines(f'{GB},GB,mobile,sms, "a, ""b"", c"', header=f"{HEADER},locality")

        (terms,) = read(text).additions

        assert terms.locality == 'a, "b", c'

    def test_a_header_alone_is_a_file_without_numbers(self):
        reading = read(HEADER)

        assert numbers(reading) == {}
        assert reading.rejections.count == 0

    def test_rows_that_say_the_same_in_other_words_are_one_offer(self):
        header = f"{HEADER},monthly_price"

        reading = read(
            lines(f"{GB},GB,mobile,sms,1", f"{GB + 1},gb,Mobile,SMS,1.00", header=header)
        )

        assert list(map(len, numbers(reading).values())) == [2]

    def test_rows_that_differ_in_one_column_of_many_are_two_offers(self):
        # So many values in each column that combinations of them outgrow 64 bits.
        header = (
            "number,country,type,features,region,locality,setup_price,monthly_price,currency,"
            "quarantine_days,contract_months,interval_months"
        )
        types, features = ("mobile", "local"), [f"{a} {b}" for a in WORDS for b in WORDS][:8]
        rows = [
            f"{12025550000 + i},US,{types[i % 2]},{features[i % 8]},r{i},l{i},{i},{i},"
            f"A{chr(65 + i // 16)}{chr(65 + i % 16)},{i},{i % 64},{i % 64 + 1}"
            for i in range(256)
        ]
        rows.append(rows[0].replace("12025550000,US", "14165550000,CA"))

        assert len(read(lines(*rows, header=header)).additions) == 257

    def test_ranges_may_touch_overlap_and_cross_chunks(self):
        first, last = 447399999000, 447400000999
        row = "{},{},GB,mobile,sms"
        rows = [row.format(first, last), row.format(last - 5, last + 5), row.format(last + 6, "")]

        reading = read(lines(*rows, header="first,last,country,type,features"))

        assert numbers(reading) == {SMS: list(range(first, last + 7))}
        assert reading.numbers_named == 2000 + 11 + 1


class TestUnreadable:
    """Files of which no row is looked at."""

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b"", "is empty; the first line must name the columns"),
            (b"\n\n", "is empty; the first line must name the columns"),
            (f"{GB},GB,mobile,sms\n", f"the first line names a column '{GB}'; a stock file"),
            (f"{HEADER},colour\n", "the first line names a column 'colour'"),
            (f"{HEADER},type\n", "the first line names type twice"),
            (f"{HEADER},\n", "the first line names a column ''"),
            ("country,type,features\n", "the first line must name either number, or first"),
            (f"first,{HEADER}\n", "the first line must name either number, or first"),
            (f"last,{HEADER}\n", "the first line must name either number, or first"),
            ("number,type\n", "the first line does not name country, features"),
            (f"{HEADER}\n{GB},GB,mobile,sms\nZ\xfcrich\n".encode("latin-1"), "line 3 is not UTF-8"),
            (lines().encode("utf-16"), "line 1 is not UTF-8 text (byte 0xff)"),
            (
                f"{HEADER}\n" + "1" * (2 * csv_lines.BLOCK_BYTES),
                "a line has more than 4194304 bytes",
            ),
        ],
    )
    def test_a_file_that_is_no_stock_file_is_refused_as_a_whole(self, text, reason):
        with pytest.raises(InvalidValue) as refusal:
            read(text)

        assert refusal.value.reason.startswith(reason)

    def test_a_file_with_more_terms_than_can_be_meant_is_refused(self, monkeypatch):
        monkeypatch.setattr(checks, "OFFERS_MAX", 2)
        rows = [f"{GB + place},GB,mobile,sms,town {place}" for place in range(3)]

        with pytest.raises(InvalidValue, match="more than 2 different terms"):
            read(lines(*rows, header=f"{HEADER},locality"))


class TestReasons:
    """What is said about a bad row."""

    @pytest.mark.parametrize(
        "number",
        [
            "",
            "123456",
            "0447700900000",
            "1" * 16,
            "44 7700 900000",
            "44770090000e",
            "4.4E+11",
            "++447",
            "x",
        ],
    )
    def test_a_number_must_be_e164(self, number):
        assert only_reason(f"{number},GB,mobile,sms") == (
            f"number: {number!r} is not an E.164 number (7 to 15 digits, the first not 0)"
        )

    @pytest.mark.parametrize(
        ("first", "last", "reason"),
        [
            (GB, "7", "last: '7' is not an E.164 number (7 to 15 digits, the first not 0)"),
            ("", "", "first: '' is not an E.164 number (7 to 15 digits, the first not 0)"),
            (GB + 1, GB, f"first: '{GB + 1}' is greater than last"),
            (GB, GB * 10, f"first: '{GB}' has not as many digits as last"),
            (
                447300000000,
                447400000000,
                "first: '447300000000' to last are more than 100000000 numbers",
            ),
        ],
    )
    def test_a_range_must_be_one(self, first, last, reason):
        header = "first,last,country,type,features"

        assert only_reason(f"{first},{last},GB,mobile,sms", header=header) == reason

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("33612345678,GB", "does not begin with 44, the calling code of GB"),
            (
                "4477009001234,GB",
                "has 11 digits after the calling code 44; numbers of GB may have 7, 9, 10",
            ),
            ("14165550100,US", "belongs to CA, by its leading digits"),
            ("19995550100,CA", "belongs to no range of CA, by its leading digits"),
            ("6721234567,AQ", "no numbering plan is known for AQ"),
        ],
    )
    def test_a_number_must_be_of_its_country(self, row, reason):
        number, _ = row.split(",")

        assert only_reason(f"{row},mobile,sms") == f"number: '{number}' {reason}"

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (f"{GB},GB,mobile", "has 3 instead of 4 values"),
            (f"{GB},GB,mobile,sms,", "has 5 instead of 4 values"),
            (f'{GB},GB,mobile,"sms', "a quoted value does not end"),
        ],
    )
    def test_a_row_must_have_the_columns_of_the_header(self, row, reason):
        assert only_reason(f"{GB + 1},GB,mobile,sms", row, f"{GB + 2},GB,mobile,sms") == reason

    def test_everything_that_is_wrong_with_a_row_is_said(self):
        assert only_reason("12,XX,mobile,fax") == (
            "number: '12' is not an E.164 number (7 to 15 digits, the first not 0);"
            " country: 'XX' is not a country code of two letters (ISO 3166-1);"
            " features: 'fax' is not made of sms, mms, voice, sms-inbound, sms-outbound,"
            " mms-inbound, mms-outbound, voice-inbound, voice-outbound"
        )

    def test_a_long_value_is_cut_short(self):
        assert len(only_reason(f"{'9' * 1000},GB,mobile,sms")) < 200


class TestLineNumbers:
    """The line that is named is the one that an editor shows."""

    BAD = "1,GB,mobile,sms"
    GOOD = f"{GB},GB,mobile,sms"

    @pytest.mark.parametrize(
        "rows",
        [
            [BAD],
            [GOOD, BAD, GOOD, BAD],
            ["", BAD, "", "", GOOD, "  ", BAD, ""],
            ["a,b", BAD, "", "a,b", "   ", BAD, "a,b,c,d,e"],
            ['"unended,GB', BAD, "", '1,"GB","mobile",sms', 'a"b,c', BAD],
            ["", '", ""', "", BAD],
        ],
    )
    @pytest.mark.parametrize("block_bytes", [1, 20, 1 << 20])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_lines_are_counted_as_they_stand_in_the_file(self, rows, block_bytes, end, monkeypatch):
        monkeypatch.setattr(csv_lines, "BLOCK_BYTES", max(block_bytes, max(map(len, rows)) + 2))
        text = end.join(["", HEADER, *rows])

        reading = read(text)

        expected = [
            (number, row) for number, row in enumerate(rows, 3) if row.strip() and row != self.GOOD
        ]
        assert [(line, text) for line, _, text in reading.rejections.kept] == expected

    def test_no_more_lines_are_kept_than_a_report_may_have(self, monkeypatch):
        monkeypatch.setattr(rejections_module, "REPORTED_MAX", 3)
        monkeypatch.setattr(csv_lines, "BLOCK_BYTES", 40)

        reading = read(lines("a", *[self.BAD] * 5, "b"))

        assert [line for line, _ in rejected(reading)] == [2, 3, 4]
        assert reading.rejections.count == 7


class TestClashes:
    """Numbers under different terms."""

    ROWS = (
        f"{GB},{GB + 9},GB,mobile,sms",
        f"{GB + 5},,GB,mobile,voice",
        f"{GB + 2},,GB,mobile,sms",
    )
    TEXT = lines(*ROWS, header="first,last,country,type,features")

    @pytest.mark.parametrize("rows_gathered", [1, 1000])
    def test_a_first_reading_finds_them_and_a_second_rejects_every_row(
        self, rows_gathered, monkeypatch
    ):
        monkeypatch.setattr(checks, "ROWS_GATHERED", rows_gathered)

        first = read(self.TEXT)
        second = read(self.TEXT, in_file=first.clashes)

        chunk, offset = divmod(GB + 5, CHUNK_SIZE)
        assert first.clashes == {chunk: BitMap([offset])}
        assert rejected(first) == []
        assert second.clashes == {}
        assert rejected(second) == [
            (line, f"first: {GB + 5} stands under other terms in the file too") for line in (2, 3)
        ]
        assert numbers(second) == {SMS: [GB + 2]}

    def test_a_number_that_stands_elsewhere_in_stock_is_rejected(self):
        chunk, offset = divmod(GB + 9, CHUNK_SIZE)

        reading = read(self.TEXT, in_stock={chunk: BitMap([offset, offset + 1])})

        assert rejected(reading) == [(2, f"first: {GB + 9} is in stock under another offer")]

    def test_the_same_number_twice_under_the_same_terms_is_no_clash(self):
        reading = read(lines(*[f"{GB},GB,mobile,sms"] * 3))

        assert reading.clashes == {}
        assert reading.numbers_named == 3
