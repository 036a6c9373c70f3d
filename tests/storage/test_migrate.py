"""Migrations bring an empty database to the tables that the program declares."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from factories import GB
from numberline.core.provisioning import NO_PROVISIONING
from numberline.storage import tables
from numberline.storage.engines import Database, open_database
from numberline.storage.migrate import HEAD, NewerDatabase, _config, current_revision, upgrade
from numberline.storage.queries import number_row


def test_a_migrated_database_holds_exactly_the_declared_tables(database: Database):
    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)

    assert differences == []


def test_head_names_the_newest_migration_script(database: Database):
    with database.writing() as connection:
        script = ScriptDirectory.from_config(_config(connection))

    assert script.get_current_head() == HEAD


def test_an_upgraded_database_has_nothing_left_to_do(database: Database):
    assert not upgrade(database)
    assert current_revision(database) == HEAD


def test_a_database_of_a_newer_program_is_left_alone(database: Database):
    with database.writing() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))

    with pytest.raises(NewerDatabase, match="run a newer Numberline"):
        upgrade(database)

    with database.writing() as connection:
        connection.execute(sa.text(f"update alembic_version set version_num = '{HEAD}'"))


def test_a_database_of_the_first_schema_keeps_its_numbers(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/old.db")
    row = (GB, 1, 1, "active", "ada", 0, 0, 0, None, "{}")
    with database.writing() as connection:
        command.upgrade(_config(connection), "0001")
        marks = ", ".join("?" * len(row))
        connection.exec_driver_sql(f"insert into number values ({marks})", row)

    assert upgrade(database)

    with database.reading() as connection:
        found = number_row(connection, GB)
    database.close()
    assert (found.account_id, found.interval_months) == ("ada", None)
    assert (found.provisioning, found.work_at) == (NO_PROVISIONING, None)


def test_each_installation_has_a_hash_key_of_its_own(database: Database):
    with database.reading() as connection:
        key = connection.execute(sa.select(tables.server_secret.c.value)).scalar_one()

    assert len(bytes(key)) == 32
