"""What an import rejects: the lines, and why."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

REPORTED_MAX: Final = 100_000
"""How many rejected lines are remembered; of the rest there is a count."""

REPORT_SUFFIX: Final = ".rejected.csv"

REPORT_COLUMNS: Final = ("line", "reason")
"""What a report adds to the columns of the file; an import of a mended report skips them."""


class Rejection(NamedTuple):
    """A line that an import does not take."""

    line: int
    reason: str
    text: str


class Rejections:
    """The rejected lines of a file, in its order.

    Attributes:
        count: How many there are.
        kept: The first of them.
        delimiter: What stands between the columns of the lines.
        header: The names of the columns.
    """

    def __init__(self, delimiter: str, header: Sequence[str]) -> None:
        self.count = 0
        self.kept: list[Rejection] = []
        self.delimiter = delimiter
        self.header = header

    @property
    def room(self) -> int:
        """How many more will be remembered."""
        return REPORTED_MAX - len(self.kept)

    def write(self, path: Path) -> None:
        """Write a report: a line number and a reason, then the columns as they stood."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*REPORT_COLUMNS, *self._without_report(self.header)])
            for line, reason, text in self.kept:
                values = next(csv.reader([text], delimiter=self.delimiter))
                writer.writerow([line, reason, *self._without_report(values)])
            if self.count > len(self.kept):
                more = f"and {self.count - len(self.kept)} more lines"
                writer.writerow(["", more, *("" for _ in self._without_report(self.header))])

    def _without_report(self, values: Sequence[str]) -> list[str]:
        """The values of a line but for what a report had added to it."""
        named = zip(values, self.header, strict=False)
        kept = [value for value, name in named if name not in REPORT_COLUMNS]
        return [*kept, *values[len(self.header) :]]
