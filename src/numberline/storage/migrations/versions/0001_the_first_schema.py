"""The first schema."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("payer_id", sa.Text(), nullable=False),
        sa.Column("credit_limit_micros", sa.BigInteger(), nullable=False),
        sa.Column("documents_on_file", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("credit_limit_micros >= 0", name=op.f("ck_account_credit_limit")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
    )
    op.create_table(
        "credential",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("door", "key", name=op.f("pk_credential")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_credential_account_id", "credential", ["account_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("writer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("writer_id", "seq", name=op.f("pk_event")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("writer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_micros > 0", name=op.f("ck_ledger_entry_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_entry_books")),
        sa.PrimaryKeyConstraint(
            "account_id", "writer_id", "seq", "line", name=op.f("pk_ledger_entry")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "number",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("rented_at", sa.BigInteger(), nullable=True),
        sa.Column("renews_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("configuration", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(state in ('held', 'active', 'expiring')) = (account_id is not null)",
            name=op.f("ck_number_holder"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_number")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_number_account_id", "number", ["account_id", "number"], unique=False)
    op.create_index(
        "ix_number_due_at",
        "number",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "offer",
        sa.Column("offer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("capabilities", sa.Integer(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("locality", sa.Text(), nullable=False),
        sa.Column("setup_price_micros", sa.BigInteger(), nullable=False),
        sa.Column("monthly_price_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("interval_months", sa.Integer(), nullable=False),
        sa.Column("contract_months", sa.Integer(), nullable=False),
        sa.Column("documents_required", sa.Boolean(), nullable=False),
        sa.Column("quarantine_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_offer")),
        sa.UniqueConstraint(
            "country",
            "type",
            "capabilities",
            "region",
            "locality",
            "setup_price_micros",
            "monthly_price_micros",
            "currency",
            "interval_months",
            "contract_months",
            "documents_required",
            "quarantine_days",
            name="uq_offer_terms",
        ),
    )
    op.create_table(
        "server_secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_server_secret")),
    )
    op.create_table(
        "stock_revision",
        sa.Column("row_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("row_id = 1", name=op.f("ck_stock_revision_single_row")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_stock_revision")),
    )
    op.create_table(
        "wallet",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance_micros", sa.BigInteger(), nullable=False),
        sa.Column("floor_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance_micros >= floor_micros", name=op.f("ck_wallet_floor")),
        sa.PrimaryKeyConstraint("account_id", "currency", name=op.f("pk_wallet")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "writer",
        sa.Column("writer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("writer_id", name=op.f("pk_writer")),
    )
    op.create_table(
        "stock_chunk",
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size between 1 and 1000000", name=op.f("ck_stock_chunk_size")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.offer_id"], name=op.f("fk_stock_chunk_offer_id")
        ),
        sa.PrimaryKeyConstraint("offer_id", "chunk", name=op.f("pk_stock_chunk")),
    )
    op.execute("insert into stock_revision (row_id, revision) values (1, 0)")
    server_secret = sa.table("server_secret", sa.column("name"), sa.column("value"))
    op.bulk_insert(server_secret, [{"name": "hash_key", "value": secrets.token_bytes(32)}])


def downgrade() -> None:
    op.drop_table("stock_chunk")
    op.drop_table("writer")
    op.drop_table("wallet")
    op.drop_table("stock_revision")
    op.drop_table("server_secret")
    op.drop_table("offer")
    op.drop_index(
        "ix_number_due_at",
        table_name="number",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_index("ix_number_account_id", table_name="number")
    op.drop_table("number")
    op.drop_table("ledger_entry")
    op.drop_table("event")
    op.drop_index("ix_credential_account_id", table_name="credential")
    op.drop_table("credential")
    op.drop_table("account")
