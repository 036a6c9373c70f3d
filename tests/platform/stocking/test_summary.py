"""The summary counts every number once, wherever it stands."""

import msgspec
from pyroaring import BitMap

from factories import GB, NEW_YEAR, UNIT, make_offer
from numberline.core.lifecycle import State
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.offers import Capability
from numberline.core.rows import NumberRow
from numberline.platform.stocking.intake import add_stock
from numberline.platform.stocking.summary import SummaryCounts, summarise
from numberline.storage.batches import BatchStatements
from numberline.storage.stock import terms_of

STATES = {
    State.AVAILABLE: 1,
    State.HELD: 2,
    State.ACTIVE: 3,
    State.EXPIRING: 4,
    State.QUARANTINED: 5,
    State.WITHDRAWN: 6,
}


def put_in_states(database, offer_id, first):
    """Number rows in every state, one after another."""
    rows = []
    for state, count in STATES.items():
        owner = "ada" if state in {State.HELD, State.ACTIVE, State.EXPIRING} else None
        for _ in range(count):
            rows.append(
                NumberRow(
                    number=first + len(rows),
                    offer_id=offer_id,
                    version=1,
                    state=state,
                    account_id=owner,
                    changed_at=NEW_YEAR,
                )
            )
    with database.writing() as connection:
        BatchStatements(database).write_numbers(connection, rows)


def test_an_empty_stock_has_no_lines(database):
    assert summarise(database) == {}


def test_numbers_are_counted_by_where_they_stand(database):
    chunk, offset = divmod(GB, CHUNK_SIZE)
    numbers = {chunk: BitMap(range(offset, offset + 40)), chunk + 1: BitMap([0])}
    add_stock(database, {terms_of(make_offer()): numbers}, now=NEW_YEAR)
    put_in_states(database, 1, GB)

    (counts,) = summarise(database).values()

    assert counts == SummaryCounts(
        total=41, available=21, rented=7, held=2, quarantined=5, withdrawn=6
    )


def test_offers_that_differ_in_place_and_contract_only_share_a_line(database):
    terms = terms_of(make_offer())
    places = [msgspec.structs.replace(terms, locality=name, contract_months=3) for name in "abc"]
    dear = msgspec.structs.replace(terms, setup_price_micros=UNIT)
    voice = msgspec.structs.replace(terms, capabilities=Capability.VOICE)
    canadian = msgspec.structs.replace(terms, country="CA")
    additions = {
        each: {place: BitMap([1, 2])} for place, each in enumerate((*places, dear, voice, canadian))
    }
    add_stock(database, additions, now=NEW_YEAR)

    lines = summarise(database)

    assert [
        (key.country, key.capabilities, key.setup_price_micros, counts.total)
        for key, counts in lines.items()
    ] == [
        ("CA", terms.capabilities, UNIT // 2, 2),
        ("GB", Capability.VOICE, UNIT // 2, 2),
        ("GB", terms.capabilities, UNIT // 2, 6),
        ("GB", terms.capabilities, UNIT, 2),
    ]
