"""Stock files as text: lines in, columns of texts out, a block of lines at a time.

Every line is a row: a value may stand in quotes, but no line break may stand in a value, so the
line numbers of a report are those of an editor.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from numberline.core.errors import InvalidValue
from numberline.platform.stocking.rejections import REPORT_COLUMNS
from numberline.platform.stocking.terms import (
    NEEDED_TERM_COLUMNS,
    RANGE_COLUMNS,
    TERM_COLUMNS,
    shown,
)

BLOCK_BYTES: Final = 4 << 20
"""How much of a file is looked at in one go; also the length that no line may have."""

HEADER_BYTES_MAX: Final = 1 << 16

_BOM: Final = b"\xef\xbb\xbf"
_DELIMITERS: Final = ",;\t"
_NEWLINE: Final = ord("\n")
_BLANK: Final = ord(" ")
_QUOTE: Final = ord('"')


class Layout(NamedTuple):
    """How the lines of a file are cut into columns, as its header says."""

    delimiter: str
    header: tuple[str, ...]
    first_line: int
    """The line after the header, counted from 1."""

    @property
    def number_columns(self) -> tuple[str, ...]:
        """The columns of a row's number, or of its first and last number."""
        return tuple(name for name in ("number", *RANGE_COLUMNS) if name in self.header)

    @property
    def term_columns(self) -> tuple[str, ...]:
        """The columns of a row's terms."""
        return tuple(name for name in self.header if name in TERM_COLUMNS)


WordColumn: TypeAlias = "pa.DictionaryArray[Any, Any]"
"""A column of texts that repeat."""


class Fault(NamedTuple):
    """A line that is no row, and why."""

    line: int
    reason: str


class Block(NamedTuple):
    """Some lines of a file.

    `numbers` and `terms` hold a column for each of the layout's number and term columns, and
    `lines` the line number of each of their rows; `faults` are the lines that are no rows.
    """

    numbers: list[pa.StringArray]
    terms: list[WordColumn]
    lines: NDArray[np.int64]
    faults: list[Fault]
    first_line: int
    text: bytes

    def texts_of(self, lines: Sequence[int]) -> list[str]:
        """The lines of these numbers as they stand in the file."""
        ends = _ends(self.text)
        starts = np.concatenate(([0], ends[:-1] + 1))
        places = np.array(lines, np.int64) - self.first_line
        return [
            self.text[start:end].decode()
            for start, end in zip(starts[places].tolist(), ends[places].tolist(), strict=True)
        ]


def read_layout(stream: BinaryIO) -> Layout:
    """Read the header of a file, and leave the stream behind it.

    Raises:
        InvalidValue: There is none, or it does not name the columns of a stock file.
    """
    line_number = 0
    text = ""
    while not text.strip():
        line = stream.readline(HEADER_BYTES_MAX)
        if not line:
            raise InvalidValue("file", "is empty; the first line must name the columns")
        if line_number == 0:
            line = line.removeprefix(_BOM)
        line_number += 1
        text = _decoded(line, line_number)
    delimiter = max(_DELIMITERS, key=text.count)
    names = next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter))
    header = tuple(name.strip().lower() for name in names)
    _check_header(header)
    return Layout(delimiter, header, line_number + 1)


def read_blocks(stream: BinaryIO, layout: Layout) -> Iterator[Block]:
    """The lines of a file after its header.

    Raises:
        InvalidValue: The file is not UTF-8, or not made of lines.
    """
    first_line = layout.first_line
    for text in _whole_lines(stream):
        yield _block(_plain(text, first_line), first_line, layout)
        first_line += text.count(b"\n")


def _check_header(header: Sequence[str]) -> None:
    known = ("number", *RANGE_COLUMNS, *TERM_COLUMNS)
    unknown = [name for name in header if name not in (*known, *REPORT_COLUMNS)]
    if unknown:
        raise InvalidValue(
            "file",
            f"the first line names a column {shown(unknown[0])}; a stock file may have"
            f" {', '.join(known)}",
        )
    twice = [name for name in known if header.count(name) > 1]
    if twice:
        raise InvalidValue("file", f"the first line names {twice[0]} twice")
    if ("number" in header) == ("first" in header) or {"number", "last"} <= {*header}:
        raise InvalidValue("file", "the first line must name either number, or first and last")
    missing = [name for name in NEEDED_TERM_COLUMNS if name not in header]
    if missing:
        raise InvalidValue("file", f"the first line does not name {', '.join(missing)}")


def _decoded(text: bytes, first_line: int) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = first_line + text.count(b"\n", 0, error.start)
        raise InvalidValue(
            "file", f"line {line} is not UTF-8 text (byte 0x{text[error.start]:02x})"
        ) from None


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The rest of a stream in pieces that end with a line."""
    rest = b""
    while piece := stream.read(BLOCK_BYTES):
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield rest + piece[:cut]
            rest = piece[cut:]
        else:
            rest += piece
        if len(rest) > BLOCK_BYTES:
            raise InvalidValue("file", f"a line has more than {BLOCK_BYTES} bytes")
    if rest:
        yield rest + b"\n"


def _plain(text: bytes, first_line: int) -> bytes:
    """Lines that are UTF-8 and end with a line feed alone."""
    if not text.isascii():
        _decoded(text, first_line)
    if b"\r" in text:
        return text.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    return text


def _ends(text: bytes) -> NDArray[np.int64]:
    """Where the lines of a text end."""
    return np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)


def _block(text: bytes, first_line: int, layout: Layout) -> Block:
    rows = text
    faults: list[Fault] = []
    if b'"' in text:
        rows, unpaired = _without_unpaired_quotes(_tight_quotes(text, layout.delimiter))
        faults = [Fault(first_line + line, "a quoted value does not end") for line in unpaired]
    numbers, terms, misfits = _columns(rows, layout)
    lines = _lines_of_rows(rows, len(numbers[0]) + len(misfits)) + first_line
    faults += [
        Fault(int(lines[place]), f"has {values} instead of {len(layout.header)} values")
        for place, values in misfits.items()
        if values
    ]
    good_lines = np.delete(lines, list(misfits))
    return Block(numbers, terms, good_lines, sorted(faults), first_line, text)


def _columns(
    rows: bytes, layout: Layout
) -> tuple[list[pa.StringArray], list[WordColumn], dict[int, int]]:
    """The columns of some lines, and how many values the rows of another width have, by place."""
    misfits: dict[int, int] = {}

    def skip(row: arrow_csv.InvalidRow) -> Literal["skip"]:
        # Rows are numbered from 1, as there are no threads; a line of blanks holds no values.
        misfits[(row.number or 0) - 1] = row.actual_columns if row.text.strip() else 0
        return "skip"

    types: dict[str, pa.DataType] = dict.fromkeys(layout.number_columns, pa.string())
    types |= dict.fromkeys(layout.term_columns, pa.dictionary(pa.int32(), pa.string()))
    source: Any = pa.BufferReader(rows)
    table = arrow_csv.read_csv(
        source,
        # One block, so that a column has one dictionary.
        arrow_csv.ReadOptions(
            use_threads=False, block_size=len(rows) + 1, column_names=list(layout.header)
        ),
        arrow_csv.ParseOptions(delimiter=layout.delimiter, invalid_row_handler=skip),
        arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types=types,
            strings_can_be_null=False,
            include_columns=list(types),
        ),
    )
    columns: list[Any] = [table.column(name).combine_chunks() for name in types]
    width = len(layout.number_columns)
    return columns[:width], columns[width:], misfits


def _lines_of_rows(rows: bytes, count: int) -> NDArray[np.int64]:
    """The line of every row, counted from 0; an empty line is no row."""
    ends = _ends(rows)
    if len(ends) == count:
        return np.arange(count)
    return np.flatnonzero(np.diff(ends, prepend=-1) > 1)


def _tight_quotes(text: bytes, delimiter: str) -> bytes:
    """The same lines without blanks between a delimiter and a quoted value."""
    if f'{delimiter} "'.encode() not in text:
        return text
    # What stands in quotes is matched first, and kept as it is.
    pattern = rb'("(?:[^"\n]|"")*")|(?<=%b) +(?=")' % re.escape(delimiter.encode())
    return re.sub(pattern, lambda match: match[1] or b"", text)


def _without_unpaired_quotes(text: bytes) -> tuple[bytes, list[int]]:
    """The same lines, blank where the number of quotes is odd, and which lines these are."""
    characters = np.frombuffer(text, np.uint8)
    ends = _ends(text)
    quotes = np.searchsorted(ends, np.flatnonzero(characters == _QUOTE))
    unpaired = np.flatnonzero(np.bincount(quotes, minlength=len(ends)) % 2)
    if not len(unpaired):
        return text, []
    starts = np.concatenate(([0], ends[:-1] + 1))
    blanked = characters.copy()
    for line in unpaired.tolist():
        blanked[starts[line] : ends[line]] = _BLANK
    return blanked.tobytes(), unpaired.tolist()
