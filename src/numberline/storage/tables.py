"""The tables.

Amounts are integers in millionths of a unit, instants in microseconds since 1970. On Citus the
tables that grow with numbers are distributed by `number`, those that grow with accounts by
`account_id`, the feed by `writer_id`; the small ones are reference tables. So every unique
constraint holds its table's distribution column, and no foreign key joins two distributions.
On SQLite the tables that grow by the row are clustered by their primary key.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

offer: Final = Table(
    "offer",
    metadata,
    Column("offer_id", Integer, primary_key=True, autoincrement=False),
    Column("country", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("capabilities", Integer, nullable=False),
    Column("region", Text, nullable=False),
    Column("locality", Text, nullable=False),
    Column("setup_price_micros", BigInteger, nullable=False),
    Column("monthly_price_micros", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("interval_months", Integer, nullable=False),
    Column("contract_months", Integer, nullable=False),
    Column("documents_required", Boolean, nullable=False),
    Column("quarantine_days", Integer, nullable=False),
    UniqueConstraint(
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

stock_chunk: Final = Table(
    "stock_chunk",
    metadata,
    Column("offer_id", Integer, ForeignKey("offer.offer_id"), primary_key=True),
    Column("chunk", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("numbers", LargeBinary, nullable=False),
    CheckConstraint("size between 1 and 1000000", name="size"),
)
"""The stock: which numbers of a chunk stand under an offer, as a serialised Roaring bitmap."""

stock_revision: Final = Table(
    "stock_revision",
    metadata,
    Column("row_id", SmallInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("row_id = 1", name="single_row"),
)
"""One row that every change of the stock moves on, so that two changes never cross."""

number: Final = Table(
    "number",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("offer_id", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("account_id", Text),
    Column("changed_at", BigInteger, nullable=False),
    Column("rented_at", BigInteger),
    Column("renews_at", BigInteger),
    Column("due_at", BigInteger),
    Column("configuration", JSON, nullable=False),
    Column("interval_months", Integer),
    Column("release_asked_at", BigInteger),
    Column("provisioning", JSON),
    Column("work_at", BigInteger),
    CheckConstraint(
        "(state in ('held', 'active', 'expiring')) = (account_id is not null)", name="holder"
    ),
    sqlite_with_rowid=False,
)
"""A row for each number that has left the stock at least once."""

Index("ix_number_account_id", number.c.account_id, number.c.number)
Index(
    "ix_number_due_at",
    number.c.due_at,
    sqlite_where=number.c.due_at.is_not(None),
    postgresql_where=number.c.due_at.is_not(None),
)
Index(
    "ix_number_work_at",
    number.c.work_at,
    sqlite_where=number.c.work_at.is_not(None),
    postgresql_where=number.c.work_at.is_not(None),
)

account: Final = Table(
    "account",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent_id", Text),
    Column("payer_id", Text, nullable=False),
    Column("credit_limit_micros", BigInteger, nullable=False),
    Column("documents_on_file", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    CheckConstraint("credit_limit_micros >= 0", name="credit_limit"),
)

wallet: Final = Table(
    "wallet",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("balance_micros", BigInteger, nullable=False),
    Column("floor_micros", BigInteger, nullable=False),
    CheckConstraint("balance_micros >= floor_micros", name="floor"),
    sqlite_with_rowid=False,
)

credential: Final = Table(
    "credential",
    metadata,
    Column("door", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("scope", Text, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)
Index("ix_credential_account_id", credential.c.account_id)

pool: Final = Table(
    "pool",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("pool_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("by_country", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("account_id", "name", name="uq_pool_name"),
    sqlite_with_rowid=False,
)
"""The pools of accounts; which numbers are in one stands in each number's configuration."""

pool_revision: Final = Table(
    "pool_revision",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""A row for each account that ever had a pool. Every change of its pools moves it on, so that two
changes never cross."""

ledger_entry: Final = Table(
    "ledger_entry",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("writer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("amount_micros", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("number", BigInteger),
    CheckConstraint("amount_micros > 0", name="amount"),
    CheckConstraint("debit <> credit", name="books"),
    sqlite_with_rowid=False,
)
"""The ledger. An entry holds both legs, so the legs of a transaction sum to zero whatever
happens; the entries of one transaction share the event (writer_id, seq) that caused them."""

event: Final = Table(
    "event",
    metadata,
    Column("writer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger),
    Column("account_id", Text),
    Column("data", JSON, nullable=False),
    sqlite_with_rowid=False,
)
"""The feed: each writer's own stream, in the order of its commits."""

webhook: Final = Table(
    "webhook",
    metadata,
    Column("writer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("number", BigInteger),
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempts_before", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("leased_until", BigInteger),
    Column("worker_id", BigInteger),
    CheckConstraint("(leased_until is null) = (worker_id is null)", name="lease"),
    sqlite_with_rowid=False,
)
"""The outbox: a row for each event that is told to the owner of its number, written in the
transaction of the event. Its content is the event's, at the same place."""

PENDING: Final = webhook.c.state == literal_column("'pending'")
"""That a delivery is still to be made, in the words by which the partial index is found."""

Index(
    "ix_webhook_due",
    webhook.c.next_at,
    webhook.c.writer_id,
    webhook.c.seq,
    webhook.c.host,
    webhook.c.number,
    sqlite_where=PENDING,
    postgresql_where=PENDING,
)
Index(
    "ix_webhook_leased_until",
    webhook.c.leased_until,
    sqlite_where=webhook.c.leased_until.is_not(None),
    postgresql_where=webhook.c.leased_until.is_not(None),
)
Index("ix_webhook_number", webhook.c.number)
Index("ix_webhook_account_id", webhook.c.account_id)

webhook_attempt: Final = Table(
    "webhook_attempt",
    metadata,
    Column("writer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Column("worker_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What came of each sending, by the version of the delivery that it made."""

webhook_secret: Final = Table(
    "webhook_secret",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""The secrets that accounts chose for the signatures of their webhooks; in the clear, because
signing needs them so."""

writer: Final = Table(
    "writer",
    metadata,
    Column("writer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("started_at", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
)
"""The streams of the feed; a process that writes opens one."""

server_secret: Final = Table(
    "server_secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""Random keys of this installation, such as the one under which secrets are hashed."""
