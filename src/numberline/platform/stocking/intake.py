"""Stock in: numbers taken into the stock under their terms, from code or from a file."""

from collections.abc import Callable, Mapping
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from pyroaring import BitMap

from numberline.core.errors import InvalidValue, Refusal, Unavailable
from numberline.core.instants import Instant
from numberline.core.numbers import CHUNK_SIZE
from numberline.core.offers import Offer, OfferTerms
from numberline.platform.stocking.rejections import REPORT_SUFFIX, Rejections
from numberline.storage.batches import BatchStatements, VersionConflict
from numberline.storage.engines import Database
from numberline.storage.stock import (
    ChunkKey,
    StockStatements,
    read_offers,
    read_revision,
    stock_added,
    terms_of,
)
from numberline.storage.stocktaking import read_owners
from numberline.storage.streams import open_stream

Additions = Mapping[OfferTerms, Mapping[int, BitMap]]
"""Numbers by terms and chunk, as offsets into the chunk."""

ATTEMPTS_MAX: Final = 10
"""How often an addition starts again because another process changed the stock meanwhile."""

Progress = Callable[[int], None]
"""Is told how many bytes of a file have been read."""

NUMBERS_NAMED_MAX: Final = 5
"""How many numbers a refusal names."""


class Added(msgspec.Struct, frozen=True):
    """What came of an addition.

    `numbers_known` stood in the stock already, under the same offer.
    """

    numbers_added: int
    numbers_known: int
    offers_added: int


class Loaded(msgspec.Struct, frozen=True):
    """What came of a stock file; a number that it names twice counts as known."""

    added: Added
    rejections: Rejections
    report: Path | None = None


class NumbersInOtherOffer(Refusal):
    """Numbers stand in the stock under other terms than those that they were given with."""

    code = "numbers_in_other_offer"

    def __init__(self, clashes: Mapping[int, BitMap]) -> None:
        """Take the numbers as offsets by chunk."""
        self.count = sum(map(len, clashes.values()))
        self.numbers = _first_numbers(clashes)
        named = ", ".join(map(str, self.numbers)) + ", ..." * (self.count > len(self.numbers))
        super().__init__(f"{self.count:,} numbers are in stock under another offer: {named}")


class StockFileRejected(Refusal):
    """A stock file has bad lines, so nothing of it was taken."""

    code = "stock_file_rejected"

    def __init__(self, rejections: Rejections, report: Path | None = None) -> None:
        """Take the lines, and where a report of them was written."""
        where = f"; see {report}" if report else ""
        super().__init__(f"nothing was taken: {rejections.count:,} lines are bad{where}")
        self.rejections = rejections
        self.report = report


class _Merge(msgspec.Struct):
    """What additions would make of the stock: new offers, and the content of changed chunks."""

    revision: int
    offers: list[Offer] = []
    chunks: dict[ChunkKey, BitMap] = {}
    clashes: dict[int, BitMap] = {}
    numbers_added: int = 0
    numbers_known: int = 0


def add_stock(database: Database, additions: Additions, *, now: Instant) -> Added:
    """Take numbers into the stock, all or none.

    Raises:
        NumbersInOtherOffer: A number stands under other terms, in the stock or in what is added.
        Unavailable: Other processes would not let the stock rest.
    """
    writer_id: int | None = None
    for _ in range(ATTEMPTS_MAX):
        merge = _merge(database, additions)
        if merge.clashes:
            raise NumbersInOtherOffer(merge.clashes)
        if merge.chunks:
            writer_id = writer_id or open_stream(database, now)
            try:
                _write(database, merge, writer_id, now)
            except VersionConflict:
                continue
        return Added(merge.numbers_added, merge.numbers_known, len(merge.offers))
    raise Unavailable("other processes keep changing the stock; try again")


def _quiet(_read_bytes: int) -> None:
    """Progress that nobody watches."""


def load_stock(  # noqa: PLR0913  all but two are optional
    stream: BinaryIO,
    database: Database,
    *,
    now: Instant,
    skip_bad: bool = False,
    report: Path | None = None,
    progress: Progress = _quiet,
) -> Loaded:
    """Take the numbers of a stock file into the stock.

    Args:
        stream: The file; it is read once more if numbers stand under several terms.
        database: Where the stock is.
        now: When the numbers are taken in.
        skip_bad: Take the good lines of a file that has bad ones too.
        report: Where to write about bad lines, if there are any.
        progress: Is told how many bytes have been read.

    Raises:
        InvalidValue: It is no stock file, or the report cannot be written.
        StockFileRejected: There are bad lines, and they are not to be skipped.
        NumbersInOtherOffer: Another process took a number meanwhile, under other terms.
    """
    # What reads files takes longer to import than all the rest; a caller of add_stock needs none.
    from numberline.platform.stocking.checks import read_stock_file

    reading = read_stock_file(stream, progress)
    found = _merge(database, reading.additions).clashes
    if found:
        in_file = reading.clashes
        in_stock = {chunk: each - in_file.get(chunk, BitMap()) for chunk, each in found.items()}
        reading = read_stock_file(stream, progress, in_file=in_file, in_stock=in_stock)
    rejections = reading.rejections
    if not rejections.count:
        report = None
    elif report:
        _write_report(rejections, report)
    if rejections.count and not skip_bad:
        raise StockFileRejected(rejections, report)
    added = add_stock(database, reading.additions, now=now)
    known = reading.numbers_named - added.numbers_added
    return Loaded(msgspec.structs.replace(added, numbers_known=known), rejections, report)


def load_stock_file(
    path: Path,
    database: Database,
    *,
    now: Instant,
    skip_bad: bool = False,
    progress: Progress = _quiet,
) -> Loaded:
    """Take the numbers of a stock file into the stock; bad lines are reported in a file beside it.

    Raises:
        InvalidValue: The file cannot be read or is no stock file, or the report cannot be written.
        StockFileRejected: There are bad lines, and they are not to be skipped.
        NumbersInOtherOffer: Another process took a number meanwhile, under other terms.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InvalidValue(str(path), _why(error)) from error
    with stream:
        if not stream.seekable():
            raise InvalidValue(str(path), "is not a regular file")
        report = path.with_suffix(REPORT_SUFFIX)
        try:
            return load_stock(
                stream, database, now=now, skip_bad=skip_bad, report=report, progress=progress
            )
        except InvalidValue as error:
            raise InvalidValue(str(path), error.reason) from error


def _merge(database: Database, additions: Additions) -> _Merge:
    with database.reading() as connection:
        # The revision is read first: whatever changes after it makes the write start again.
        merge = _Merge(read_revision(connection))
        offers = read_offers(connection)
        owners = read_owners(connection, {chunk for each in additions.values() for chunk in each})
    ids = {terms_of(offer): offer_id for offer_id, offer in offers.items()}
    fresh_ids = count(max(offers, default=0) + 1)
    for terms, chunks in additions.items():
        if terms not in ids and any(chunks.values()):
            ids[terms] = next(fresh_ids)
            merge.offers.append(Offer.of(ids[terms], terms))
        for chunk, numbers in ((chunk, each) for chunk, each in chunks.items() if each):
            _merge_chunk(merge, owners.setdefault(chunk, {}), (ids[terms], chunk), numbers)
    return merge


def _merge_chunk(merge: _Merge, owners: dict[int, BitMap], key: ChunkKey, numbers: BitMap) -> None:
    offer_id, chunk = key
    for other_id, theirs in owners.items():
        if other_id != offer_id and theirs.intersect(numbers):
            merge.clashes.setdefault(chunk, BitMap()).update(theirs & numbers)
    before = owners.get(offer_id, BitMap())
    after = before | numbers
    merge.numbers_added += len(after) - len(before)
    merge.numbers_known += len(before) + len(numbers) - len(after)
    if len(after) > len(before):
        after.run_optimize()
        owners[offer_id] = merge.chunks[key] = after


def _write(database: Database, merge: _Merge, writer_id: int, now: Instant) -> None:
    changed = StockStatements(database)
    events = [stock_added(key) for key in sorted(merge.chunks)]
    with database.writing() as connection:
        changed.change(
            connection, revision=merge.revision, offers=merge.offers, chunks=merge.chunks
        )
        BatchStatements(database).append(
            connection, events, writer_id=writer_id, first_seq=1, at=now
        )


def _write_report(rejections: Rejections, path: Path) -> None:
    try:
        rejections.write(path)
    except OSError as error:
        raise InvalidValue("file", f"{path} cannot be written: {_why(error)}") from error


def _first_numbers(chunks: Mapping[int, BitMap]) -> tuple[int, ...]:
    numbers = (chunk * CHUNK_SIZE + offset for chunk in sorted(chunks) for offset in chunks[chunk])
    return tuple(islice(numbers, NUMBERS_NAMED_MAX))


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
