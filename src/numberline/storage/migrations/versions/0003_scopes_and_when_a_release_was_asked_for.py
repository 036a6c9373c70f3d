"""The scope of a credential, and when a scheduled release was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("number", sa.Column("release_asked_at", sa.BigInteger(), nullable=True))
    op.add_column("credential", sa.Column("scope", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("credential", "scope")
    op.drop_column("number", "release_asked_at")
