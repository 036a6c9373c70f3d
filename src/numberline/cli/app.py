"""The command line: ``numberline``."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from numberline.cli.account import account_app
from numberline.cli.common import err
from numberline.cli.credential import credential_app
from numberline.cli.db import db_app
from numberline.cli.serve import serve
from numberline.cli.stock import stock_app
from numberline.cli.webhook import webhook_app
from numberline.cli.worker import worker
from numberline.core.errors import NumberlineError

app = typer.Typer(
    name="numberline",
    help="A phone-number inventory and provisioning server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(worker)
app.add_typer(stock_app, name="stock")
app.add_typer(account_app, name="account")
app.add_typer(credential_app, name="credential")
app.add_typer(webhook_app, name="webhook")
app.add_typer(db_app, name="db")


def _version(wanted: bool) -> None:  # noqa: FBT001  the form of an option's callback
    if wanted:
        typer.echo(f"numberline {version('numberline')}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version_: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    del version_


def main() -> None:
    """Run the command line; an error that Numberline foresees is one line, and exit code 1."""
    try:
        app()
    except NumberlineError as error:
        err.print(f"numberline: {error}", style="red", markup=False)
        sys.exit(1)
