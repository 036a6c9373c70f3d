"""A billing interval that is chosen at the rental."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("number", sa.Column("interval_months", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("number", "interval_months")
