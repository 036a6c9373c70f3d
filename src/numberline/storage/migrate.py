"""Migrations: bring a database to the schema that this version of Numberline needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from numberline.core.errors import NumberlineError
from numberline.storage.engines import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0006"
"""The newest revision; a test holds it against the migration scripts."""


class NewerDatabase(NumberlineError):
    """The database was migrated by a newer Numberline than this one."""

    code = "newer_database"


def current_revision(database: Database) -> str | None:
    """The revision at which the database stands, or None where it holds no schema."""
    with database.reading() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(sa.text("select version_num from alembic_version"))
        return found.scalar()


def upgrade(database: Database) -> bool:
    """Bring a database to the newest revision, in one transaction.

    Returns:
        Whether there was anything to do.

    Raises:
        NewerDatabase: The database is ahead of this program.
    """
    revision = current_revision(database)
    if revision == HEAD:
        return False
    if revision is not None and revision > HEAD:
        raise NewerDatabase(
            f"the database stands at revision {revision}, this program knows up to {HEAD};"
            " run a newer Numberline"
        )
    from alembic import command

    with database.writing() as connection:
        command.upgrade(_config(connection), "head")
    return True


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
