"""``numberline stock``: numbers in, numbers out, and what is there."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from numberline.cli.common import (
    DEFAULT_DATABASE,
    DatabaseOption,
    connected,
    err,
    fail,
    out,
    show_table,
)
from numberline.core.money import amount_text
from numberline.core.offers import capability_words

if TYPE_CHECKING:
    from numberline.platform.stocking.intake import Added, Progress
    from numberline.platform.stocking.rejections import Rejections
    from numberline.platform.stocking.summary import SummaryKey

REASONS_SHOWN: Final = 5
"""How many bad lines an import names on the screen."""

STANDARD_OUTPUT: Final = "-"

_COUNTS: Final = ("total", "available", "rented", "held", "quarantined", "withdrawn")

stock_app = typer.Typer(
    help="Bring numbers into the stock, and see what it holds.", no_args_is_help=True
)

_FEATURES_HELP: Final = (
    "sms, mms, voice, or one direction such as voice-inbound; several apart by blanks"
)


@stock_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header.", show_default=False)],
    *,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the good lines of a file with bad ones.")
    ] = False,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Take the numbers of a CSV file into the stock.

    A line is a number or a range (columns number, or first and last) and its terms: country,
    type, features, region, locality, setup_price, monthly_price, currency, interval_months,
    contract_months, documents_required, quarantine_days; all but the first three may be absent.
    Bad lines are reported in NAME.rejected.csv beside the file, and nothing of it is taken then
    without --skip-bad.
    """
    from numberline.platform.clocks import SystemClock
    from numberline.platform.stocking.intake import StockFileRejected, load_stock_file

    with connected(database) as opened:
        try:
            with _progress(file) as progress:
                loaded = load_stock_file(
                    file,
                    opened,
                    now=SystemClock().now(),
                    skip_bad=skip_bad,
                    progress=progress,
                )
        except StockFileRejected as refusal:
            _tell_reasons(refusal.rejections)
            fail(f"{refusal} (--skip-bad takes the good lines)")
    if loaded.rejections.count:
        _tell_reasons(loaded.rejections)
        skipped = f"{loaded.rejections.count:,} bad lines were skipped; see {loaded.report}"
        err.print(skipped, style="yellow", markup=False)
    _tell_added(loaded.added)


@stock_app.command()
def add(  # noqa: PLR0913  one option for each column of a stock file
    first: Annotated[str, typer.Argument(help="A number, or the first of a range.")],
    last: Annotated[str, typer.Argument(help="The last number of a range.")] = "",
    *,
    country: Annotated[str, typer.Option(help="Two letters (ISO 3166-1).")],
    type_: Annotated[
        str, typer.Option("--type", help="mobile, local, national, toll_free or premium_rate.")
    ],
    features: Annotated[str, typer.Option(help=_FEATURES_HELP)] = "sms voice",
    region: Annotated[str, typer.Option(help="A state or province.")] = "",
    locality: Annotated[str, typer.Option(help="A town.")] = "",
    setup_price: Annotated[str, typer.Option(help="A decimal such as 0.50.")] = "",
    monthly_price: Annotated[str, typer.Option(help="A decimal such as 1.25.")] = "",
    currency: Annotated[str, typer.Option(help="Three letters (ISO 4217).")] = "",
    interval_months: Annotated[str, typer.Option(help="How often it is billed.")] = "",
    contract_months: Annotated[str, typer.Option(help="The least time of a rental.")] = "",
    documents_required: Annotated[
        bool,
        typer.Option("--documents-required", help="Rent only to accounts with documents on file."),
    ] = False,
    quarantine_days: Annotated[str, typer.Option(help="The rest after a release.")] = "",
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Take a number or a range of numbers into the stock."""
    from numberline.platform.clocks import SystemClock
    from numberline.platform.stocking.intake import StockFileRejected, load_stock

    row = {
        "first": first,
        "last": last,
        "country": country,
        "type": type_,
        "features": features,
        "region": region,
        "locality": locality,
        "setup_price": setup_price,
        "monthly_price": monthly_price,
        "currency": currency,
        "interval_months": interval_months,
        "contract_months": contract_months,
        "documents_required": str(documents_required),
        "quarantine_days": quarantine_days,
    }
    with connected(database) as opened:
        try:
            loaded = load_stock(_file_of(row), opened, now=SystemClock().now())
        except StockFileRejected as refusal:
            fail(refusal.rejections.kept[0].reason)
    _tell_added(loaded.added)


@stock_app.command()
def summary(*, database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """Say how many numbers are available, rented and at rest, by country, type and price."""
    from numberline.platform.stocking.summary import summarise

    with connected(database) as opened:
        lines = summarise(opened)
    if not lines:
        err.print("The stock is empty; bring numbers in with: numberline stock import FILE.csv")
        return
    show_table(
        ("country", "type", "features", "setup", "monthly", *_COUNTS),
        (
            (*_key_texts(key), *(f"{getattr(counts, name):,}" for name in _COUNTS))
            for key, counts in lines.items()
        ),
        right=2 + len(_COUNTS),
    )


@stock_app.command()
def export(
    file: Annotated[str, typer.Argument(help="Where to write; - is standard output.")] = "-",
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Write the whole stock as a CSV file of ranges, which `import` takes elsewhere."""
    from numberline.platform.stocking.export import export_stock

    with connected(database) as opened:
        if file == STANDARD_OUTPUT:
            exported = export_stock(opened, typer.get_text_stream("stdout", encoding="utf-8"))
        else:
            try:
                with Path(file).open("w", encoding="utf-8", newline="") as written:
                    exported = export_stock(opened, written)
            except OSError as error:
                fail(f"{file} cannot be written: {(error.strerror or str(error)).lower()}")
    err.print(f"{exported.numbers:,} numbers exported in {exported.ranges:,} ranges")


@contextmanager
def _progress(file: Path) -> Iterator["Progress"]:
    """A bar on the terminal that is told how many bytes of a file have been read."""
    from rich import progress as bars

    columns = ("Reading", bars.BarColumn(), bars.DownloadColumn(), bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=file.stat().st_size if file.is_file() else None)

        def progress(read_bytes: int) -> None:
            bar.update(task, completed=read_bytes)

        yield progress


def _file_of(row: dict[str, str]) -> io.BytesIO:
    """A stock file of one line, so that one set of rules serves."""
    text = io.StringIO()
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row)
    return io.BytesIO(text.getvalue().encode())


def _tell_reasons(rejections: "Rejections") -> None:
    for line, reason, _ in rejections.kept[:REASONS_SHOWN]:
        err.print(f"line {line}: {reason}", markup=False)
    if rejections.count > REASONS_SHOWN:
        err.print(f"and {rejections.count - REASONS_SHOWN:,} more")


def _tell_added(added: "Added") -> None:
    out.print(
        f"{added.numbers_added:,} numbers added, {added.numbers_known:,} known already;"
        f" {added.offers_added:,} new offers"
    )


def _key_texts(key: "SummaryKey") -> tuple[str, ...]:
    return (
        key.country,
        key.type.value,
        capability_words(key.capabilities),
        f"{amount_text(key.setup_price_micros)} {key.currency}",
        f"{amount_text(key.monthly_price_micros)} {key.currency}",
    )
