"""Stocks as plain sets of numbers."""

from typing import NamedTuple

from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.storage.stock import read_chunks, read_offers, read_revision, terms_of


class Stock(NamedTuple):
    """The whole stock as one transaction saw it."""

    revision: int
    offers: dict
    chunks: dict


def read_stock(connection):
    """The whole stock."""
    return Stock(read_revision(connection), read_offers(connection), dict(read_chunks(connection)))


def chunked(*numbers):
    """Numbers as offsets by chunk."""
    chunks = {}
    for number in numbers:
        chunks.setdefault(number // CHUNK_SIZE, BitMap()).add(number % CHUNK_SIZE)
    return chunks


def flat(chunks):
    """The numbers that are offsets by chunk."""
    return {chunk * CHUNK_SIZE + offset for chunk, found in chunks.items() for offset in found}


def stock_of(database):
    """The numbers in stock by the terms of their offer, and the revision."""
    with database.reading() as connection:
        found = read_stock(connection)
    numbers = {terms_of(offer): set() for offer in found.offers.values()}
    for (offer_id, chunk), offsets in found.chunks.items():
        numbers[terms_of(found.offers[offer_id])] |= flat({chunk: offsets})
    return numbers, found.revision


def numbers_of(database):
    """The numbers in stock by the terms of their offer."""
    return stock_of(database)[0]
