"""Pools of numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pool",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("by_country", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "pool_id", name=op.f("pk_pool")),
        sa.UniqueConstraint("account_id", "name", name="uq_pool_name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pool_revision",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_pool_revision")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("pool_revision")
    op.drop_table("pool")
