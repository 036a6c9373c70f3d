"""The outbox of webhooks, what came of each attempt, and the secrets that sign them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("writer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempts_before", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("worker_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(leased_until is null) = (worker_id is null)", name=op.f("ck_webhook_lease")
        ),
        sa.PrimaryKeyConstraint("writer_id", "seq", name=op.f("pk_webhook")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_webhook_due",
        "webhook",
        ["next_at", "writer_id", "seq", "host", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_webhook_leased_until",
        "webhook",
        ["leased_until"],
        unique=False,
        sqlite_where=sa.text("leased_until IS NOT NULL"),
        postgresql_where=sa.text("leased_until IS NOT NULL"),
    )
    op.create_index("ix_webhook_number", "webhook", ["number"], unique=False)
    op.create_index("ix_webhook_account_id", "webhook", ["account_id"], unique=False)
    op.create_table(
        "webhook_attempt",
        sa.Column("writer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("writer_id", "seq", "version", name=op.f("pk_webhook_attempt")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook_secret",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_webhook_secret")),
    )


def downgrade() -> None:
    op.drop_table("webhook_secret")
    op.drop_table("webhook_attempt")
    op.drop_index("ix_webhook_account_id", table_name="webhook")
    op.drop_index("ix_webhook_number", table_name="webhook")
    op.drop_index(
        "ix_webhook_leased_until",
        table_name="webhook",
        sqlite_where=sa.text("leased_until IS NOT NULL"),
        postgresql_where=sa.text("leased_until IS NOT NULL"),
    )
    op.drop_index(
        "ix_webhook_due",
        table_name="webhook",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("webhook")
