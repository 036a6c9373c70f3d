"""``numberline db``: the database's schema."""

import typer

from numberline.cli.common import DEFAULT_DATABASE, DatabaseOption, connected, out

db_app = typer.Typer(help="The database.", no_args_is_help=True)


@db_app.callback()
def _db() -> None:
    """The database."""


@db_app.command()
def upgrade(database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """Bring the database to the schema of this version; `serve` does so by itself."""
    from numberline.storage.migrate import HEAD

    with connected(database):
        out.print(f"the database stands at revision {HEAD}", markup=False)
