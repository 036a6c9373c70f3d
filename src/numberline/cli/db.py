"""``numberline db``: the database's schema."""

import typer

from numberline.cli.common import DEFAULT_DATABASE, DatabaseOption, out

db_app = typer.Typer(help="The database.", no_args_is_help=True)


@db_app.callback()
def _db() -> None:
    """The database."""


@db_app.command()
def upgrade(database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """Bring the database to the schema of this version; `serve` does so by itself."""
    from numberline.storage import migrate
    from numberline.storage.engines import open_database

    opened = open_database(database)
    changed = migrate.upgrade(opened)
    opened.close()
    state = "upgraded to" if changed else "already at"
    out.print(f"{state} revision {migrate.HEAD}", markup=False)
