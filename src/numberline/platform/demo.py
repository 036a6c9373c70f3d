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
from numberline.platform.keyring import fingerprint, hash_secret
from numberline.platform.stocking.intake import add_stock
from numberline.platform.stocking.terms import parse_terms
from numberline.register.sync import perform
from numberline.storage import queries
from numberline.storage.engines import Database

DEMO_ACCOUNT_ID: Final = "demo"
VONAGE_KEY: Final = "a1b2c3d4"
VONAGE_SECRET: Final = "demo-vonage-secret"  # noqa: S105  known to everyone, on purpose
MESSAGEBIRD_ACCESS_KEY: Final = "demo-messagebird-key"
BIRD_ACCESS_KEY: Final = "demo-bird-key"
BIRD_ORGANIZATION: Final = "22222222-2222-4222-8222-222222222222"
BIRD_WORKSPACE: Final = "33333333-3333-4333-8333-333333333333"
SINCH_PROJECT: Final = "11111111-1111-4111-8111-111111111111"
SINCH_KEY: Final = "demo-sinch-key"
SINCH_SECRET: Final = "demo-sinch-secret"  # noqa: S105  as above


def seed(database: Database, clock: Clock) -> bool:
    """Put the demo's account, credentials and stock into a database, as far as it lacks them.

    Returns:
        Whether there was anything to do; what a database of the demo holds is kept.
    """
    with database.reading() as connection:
        account = queries.find_account(connection, DEMO_ACCOUNT_ID)
        credentials = demo_credentials(queries.server_secret(connection, "hash_key"))
        held = {(held.door, held.key) for held in queries.list_credentials(connection)}
    commands: list[c.Command] = []
    if account is None:
        # The stock goes in before the account, which so tells that the stock is there.
        add_stock(database, demo_stock(), now=clock.now())
        commands.append(c.OpenAccount(account=demo_account()))
    commands += [
        c.IssueCredential(credential=credential)
        for credential in credentials
        if (credential.door, credential.key) not in held
    ]
    if commands:
        perform(database, clock, commands)
    return bool(commands)


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


def demo_credentials(hash_key: bytes) -> list[Credential]:
    """The demo's credential at each door."""
    messagebird_name = fingerprint(MESSAGEBIRD_ACCESS_KEY, hash_key)
    bird_name = fingerprint(BIRD_ACCESS_KEY, hash_key)
    bird_scope = (BIRD_ORGANIZATION, BIRD_WORKSPACE)
    return [
        Credential(
            door=door,
            key=key,
            account_id=DEMO_ACCOUNT_ID,
            secret_hash=hash_secret(secret, hash_key),
            issued_at=Instant(0),
            scope=scope,
        )
        for door, key, secret, scope in (
            (Door.VONAGE, VONAGE_KEY, VONAGE_SECRET, ()),
            (Door.MESSAGEBIRD, messagebird_name, MESSAGEBIRD_ACCESS_KEY, ()),
            (Door.BIRD, bird_name, BIRD_ACCESS_KEY, bird_scope),
            (Door.SINCH, SINCH_KEY, SINCH_SECRET, (SINCH_PROJECT,)),
        )
    ]


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
