"""What the commands share: the database option, the consoles, and how a command fails."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from numberline.storage.engines import Database

DEFAULT_DATABASE: Final = "sqlite:///numberline.db"

DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="NUMBERLINE_DATABASE",
        help="sqlite:///path/to/file.db or postgresql://user@host/name",
    ),
]

ReachLoopbackOption = Annotated[
    bool,
    typer.Option(
        "--webhooks-reach-loopback",
        help="Let webhooks go to this machine itself; the demo does.",
    ),
]

out: Final = Console(highlight=False, soft_wrap=True)
"""Where results go."""

err: Final = Console(highlight=False, soft_wrap=True, stderr=True)
"""Where progress, hints and errors go."""


TABLE_WIDTH_MAX: Final = 500


def show_table(columns: Iterable[str], rows: Iterable[Iterable[object]], *, right: int = 0) -> None:
    """Print a table with every cell as it is and whole, however narrow the terminal.

    Args:
        columns: The headings.
        rows: The cells.
        right: How many columns, from the last back, are aligned to the right.
    """
    headings = list(columns)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        is_number = place >= len(headings) - right
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console(file=out.file, width=TABLE_WIDTH_MAX, highlight=False).print(table)


def fail(message: str) -> NoReturn:
    """End the command with a message that says what is wrong and what to do next."""
    err.print(f"numberline: {message}", style="red", markup=False)
    raise typer.Exit(1)


@contextmanager
def connected(url: str) -> Iterator["Database"]:
    """The database of a command, brought to the newest schema first.

    A database that fails ends the command with a message.
    """
    from sqlalchemy.exc import DBAPIError

    from numberline.storage.engines import open_database
    from numberline.storage.migrate import upgrade

    database = open_database(url)
    try:
        upgrade(database)
        yield database
    except DBAPIError as error:
        fail(f"the database cannot be used: {' '.join(str(error.orig).split())}")
    finally:
        database.close()
