"""The demo: an account with known credentials and a stock that touches no stranger's phone."""

import csv
from importlib.resources import files
from typing import Final

from pyroaring import BitMap

from numberline.core import commands as c
from numberline.core.accounts import UNLIMITED_CREDIT, Account, Credential, Door
from numberline.core.instants import Clock, Instant
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.offers import OfferTerms
from numberline.platform.keyring import hash_secret
from numberline.platform.stocking.intake import add_stock
from numberline.platform.stocking.terms import parse_terms
from numberline.register.sync import perform
from numberline.storage import queries
from numberline.storage.engines import Database

DEMO_ACCOUNT_ID: Final = "demo"
VONAGE_KEY: Final = "a1b2c3d4"
VONAGE_SECRET: Final = "demo-vonage-secret"  # noqa: S105  known to everyone, on purpose


def seed(database: Database, clock: Clock) -> bool:
    """Put the demo's account, credentials and stock into a database that lacks them.

    Returns:
        Whether there was anything to do; what a database of the demo holds is kept.
    """
    with database.reading() as connection:
        account = queries.find_account(connection, DEMO_ACCOUNT_ID)
        credential = queries.find_credential(connection, Door.VONAGE, VONAGE_KEY)
        hash_key = queries.server_secret(connection, "hash_key")
    if credential is not None:
        return False
    add_stock(database, demo_stock(), now=clock.now())
    opening = [] if account else [c.OpenAccount(account=demo_account())]
    issuing = c.IssueCredential(credential=demo_credential(hash_key))
    perform(database, clock, [*opening, issuing])
    return True


def demo_account() -> Account:
    """The demo's account, which never runs out of credit."""
    return Account(
        account_id=DEMO_ACCOUNT_ID,
        name="Demo",
        parent_id=None,
        payer_id=DEMO_ACCOUNT_ID,
        credit_limit_micros=UNLIMITED_CREDIT,
        documents_on_file=False,
        created_at=Instant(0),
    )


def demo_credential(hash_key: bytes) -> Credential:
    """The demo's key at the Vonage door; it is issued last, so that it tells that all is there."""
    return Credential(
        door=Door.VONAGE,
        key=VONAGE_KEY,
        account_id=DEMO_ACCOUNT_ID,
        secret_hash=hash_secret(VONAGE_SECRET, hash_key),
        issued_at=Instant(0),
    )


def demo_stock() -> dict[OfferTerms, dict[int, BitMap]]:
    """The numbers of the packaged stock file, by terms and chunk."""
    path = files("numberline.platform") / "data" / "demo_stock.csv"
    stock: dict[OfferTerms, dict[int, BitMap]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            terms = parse_terms(row)
            assert isinstance(terms, OfferTerms), terms  # noqa: S101  the file is ours
            chunks = stock.setdefault(terms, {})
            first, last = int(row["first"]), int(row["last"])
            for chunk in range(first // CHUNK_SIZE, last // CHUNK_SIZE + 1):
                base = chunk * CHUNK_SIZE
                begin, end = max(first - base, 0), min(last - base, CHUNK_SIZE - 1)
                chunks.setdefault(chunk, BitMap()).add_range(begin, end + 1)
    return stock
