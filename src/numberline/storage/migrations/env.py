"""Alembic's way in; `numberline.storage.migrate` hands the connection over."""

from alembic import context

from numberline.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
