"""What a number is linked to, and when a worker has to look at it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("number", sa.Column("provisioning", sa.JSON(), nullable=True))
    op.add_column("number", sa.Column("work_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_number_work_at",
        "number",
        ["work_at"],
        unique=False,
        sqlite_where=sa.text("work_at IS NOT NULL"),
        postgresql_where=sa.text("work_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_number_work_at", table_name="number")
    op.drop_column("number", "work_at")
    op.drop_column("number", "provisioning")
