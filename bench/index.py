"""The search index: a page of 10 and the exact total, by size, and beside PostgreSQL's pg_trgm.

Run with ``python -m bench.index``.
"""

import functools
import statistics
import time
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import psycopg
from pyroaring import BitMap

from bench.postgres import postgres_server
from numberline.core.numbers import CHUNK_SIZE
from numberline.stock import Page, Pattern, StockIndex
from numberline.stock.index import PATTERN_CACHE_BYTES

SEED: Final = 1
LIMIT: Final = 10
RUNS: Final = 15
PEER_RUNS: Final = 5
OFFERS: Final = 10

Connection = psycopg.Connection[tuple[Any, ...]]

PEER_SETTINGS: Final = {
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
}
PEER_TABLE: Final = "create table stock (number bigint not null, digits text not null)"
PEER_INDEXES: Final = (
    "create extension pg_trgm",
    "alter table stock add primary key (number)",
    "create index on stock (digits text_pattern_ops)",
    "create index on stock (reverse(digits) text_pattern_ops)",
    "create index on stock using gin (digits gin_trgm_ops)",
    "vacuum (freeze, analyze) stock",
)


class Asked(NamedTuple):
    """A pattern, and the conditions that say the same in SQL."""

    label: str
    pattern: Pattern
    conditions: list[str]


class Measured(NamedTuple):
    """What fresh processes found over one stock: median times and resident memory."""

    first_s: dict[str, float]
    seen_s: dict[str, float]
    resident_mb: float


def starts_with(digits: str) -> Asked:
    between = f"number between {digits:0<12} and {digits:9<12}"  # all numbers have 12 digits
    like = f"digits like '{digits}%'"
    return Asked(f"{digits}*", Pattern.starts_with(digits), [like, between])


def contains(digits: str) -> Asked:
    return Asked(f"*{digits}*", Pattern.contains(digits), [f"digits like '%{digits}%'"])


def ends_with(digits: str) -> Asked:
    backwards = f"reverse(digits) like '{digits[::-1]}%'"
    return Asked(f"*{digits}", Pattern.ends_with(digits), [f"digits like '%{digits}'", backwards])


def exactly(glob: str) -> Asked:
    like = glob.replace("*", "%").replace("?", "_")
    return Asked(glob, Pattern.exactly(glob), [f"digits like '{like}'"])


ASKED: Final = [
    *(starts_with(digits) for digits in ("4", "44", "447", "44770", "4477012")),
    *(contains(digits) for digits in ("3", "33", "314", "31415", "3141592")),
    *(ends_with(digits) for digits in ("3", "14", "314", "31415", "3141592")),
    *(exactly(glob) for glob in ("4?77*5", "*007", "*3?3*", "*1*2*3*4?5*", "*1?????1*")),
]


def scattered(total: int) -> Iterator[tuple[int, BitMap]]:
    """Chunks of 447,7xx,xxx,xxx with so many numbers in all, chosen at random."""
    random = np.random.default_rng(SEED)
    for chunk in range(447_700, 447_800):
        yield chunk, bitmap(random.choice(CHUNK_SIZE, total // 100, replace=False, shuffle=False))


def in_blocks() -> Iterator[tuple[int, BitMap]]:
    """The 1,000 full chunks of 447,xxx,xxx,xxx without 2,000 rented numbers in each."""
    random = np.random.default_rng(SEED)
    block = BitMap(range(CHUNK_SIZE))
    for chunk in range(447_000, 448_000):
        rented = random.choice(CHUNK_SIZE, 2_000, replace=False, shuffle=False)
        yield chunk, block - bitmap(rented)


def bitmap(values: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> BitMap:
    return BitMap(array("I", np.sort(values).astype(np.uint32).tobytes()))


def ten_million() -> Iterator[tuple[int, BitMap]]:
    return scattered(10_000_000)


def one_million() -> Iterator[tuple[int, BitMap]]:
    return scattered(1_000_000)


Stock = Callable[[], Iterator[tuple[int, BitMap]]]


def index_of(stock: Stock, pattern_cache_bytes: int) -> StockIndex:
    index = StockIndex(pattern_cache_bytes=pattern_cache_bytes)
    for chunk, available in stock():
        index.put(chunk % OFFERS, chunk, available)
    return index


def measure(stock: Stock) -> Measured:
    """Every pattern used for the first time, and seen before, each in a process of its own."""
    first_s, first_mb = in_fresh_process(stock, pattern_cache_bytes=0)
    seen_s, seen_mb = in_fresh_process(stock, PATTERN_CACHE_BYTES)
    return Measured(first_s, seen_s, max(first_mb, seen_mb))


def in_fresh_process(stock: Stock, pattern_cache_bytes: int) -> tuple[dict[str, float], float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(time_searches, stock, pattern_cache_bytes).result()


def time_searches(stock: Stock, pattern_cache_bytes: int) -> tuple[dict[str, float], float]:
    """Median times and resident memory; without a cache every use of a pattern is a first use."""
    index = index_of(stock, pattern_cache_bytes)
    times_s = {
        asked.label: median_s(functools.partial(search, index, asked), RUNS) for asked in ASKED
    }
    return times_s, resident_mb()


def search(index: StockIndex, asked: Asked) -> Page:
    return index.search(None, asked.pattern, limit=LIMIT)


def median_s(run: Callable[[], object], runs: int) -> float:
    times_s = []
    for _ in range(runs):
        start_s = time.perf_counter()
        run()
        times_s.append(time.perf_counter() - start_s)
    return statistics.median(times_s)


def resident_mb() -> float:
    """The resident memory of this process, as Linux tells it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) * 1024 / 1e6


def measure_peer() -> dict[str, float]:
    """PostgreSQL's best time for each pattern over the million; its answers have to be ours."""
    index = index_of(one_million, PATTERN_CACHE_BYTES)
    with (
        postgres_server(PEER_SETTINGS) as server,
        psycopg.connect(server.uri, autocommit=True) as connection,
    ):
        load_peer(connection)
        return {
            asked.label: best_peer_s(connection, asked, search(index, asked)) for asked in ASKED
        }


def load_peer(connection: Connection) -> None:
    connection.execute(PEER_TABLE)
    with connection.cursor().copy("copy stock from stdin") as rows:
        for chunk, available in one_million():
            numbers = (chunk * CHUNK_SIZE + low for low in available)
            rows.write("".join(f"{number}\t{number}\n" for number in numbers))
    for statement in PEER_INDEXES:
        connection.execute(statement)


def best_peer_s(connection: Connection, asked: Asked, expected: Page) -> float:
    """The best of every way to ask: which index serves, and one statement or two."""
    answer = [number for number, _ in expected.hits], expected.total
    times_s = []
    for condition in asked.conditions:
        for ask in (ask_twice, ask_once):
            if ask(connection, condition) != answer:
                raise AssertionError(f"PostgreSQL disagrees about {asked.label}")
            times_s.append(median_s(functools.partial(ask, connection, condition), PEER_RUNS))
    return min(times_s)


def ask_twice(connection: Connection, condition: str) -> tuple[list[int], int]:
    page = f"select number from stock where {condition} order by number limit {LIMIT}"
    total = f"select count(*) from stock where {condition}"
    numbers = [number for (number,) in connection.execute(page)]
    [(count,)] = connection.execute(total)
    return numbers, count


def ask_once(connection: Connection, condition: str) -> tuple[list[int], int]:
    both = f"select number, count(*) over () from stock where {condition}"
    rows = connection.execute(f"{both} order by number limit {LIMIT}").fetchall()
    return [number for number, _ in rows], rows[0][1] if rows else 0


def small_stock_us() -> dict[str, float]:
    """A search over 12 of 300 offers, which have 700 chunks of 100 numbers between them."""
    index = StockIndex()
    for place, chunk in enumerate(range(12_000, 19_000, 10)):
        index.put(place % 300, chunk, BitMap(range(550_100, 550_200)))
    offers = frozenset(range(12))
    asked = {
        "any": None,
        "*5*": Pattern.contains("5"),
        "*01*": Pattern.contains("01"),
        "*7": Pattern.ends_with("7"),
    }
    return {
        label: median_s(functools.partial(index.search, offers, pattern, limit=LIMIT), 2_000) * 1e6
        for label, pattern in asked.items()
    }


def main() -> None:
    """Print the table."""
    small_us = small_stock_us()
    stocks = [measure(in_blocks), measure(ten_million), million := measure(one_million)]
    peer = measure_peer()

    print("Search index: a page of 10 and the exact total, median milliseconds")
    print("(first: the pattern is new; seen: it was used before; ratio: PostgreSQL to the index)\n")
    print(f"{'':13}{'1,000 M in blocks':>18}{'10 M at random':>18}{'1 M at random':>18}", end="")
    print(f"{'PostgreSQL 1 M':>18}{'ratio at 1 M':>16}")
    print("pattern".ljust(13) + 3 * "     first    seen", end="")
    print(f"{'pg_trgm, btree':>18}{'first':>8}{'seen':>8}")
    for asked in ASKED:
        label, peer_s = asked.label, peer[asked.label]
        cells = (milliseconds(stock.first_s[label], stock.seen_s[label]) for stock in stocks)
        ratios = peer_s / million.first_s[label], peer_s / million.seen_s[label]
        print(f"{label:13}{''.join(cells)}{peer_s * 1e3:18.3f}{ratios[0]:8.1f}{ratios[1]:8.1f}")
    worst = (milliseconds(max(s.first_s.values()), max(s.seen_s.values())) for s in stocks)
    print(f"{'slowest':13}{''.join(worst)}{max(peer.values()) * 1e3:18.3f}")
    print(f"{'resident':13}{''.join(f'{stock.resident_mb:15.0f} MB' for stock in stocks)}\n")
    print("12 of 300 offers with 700 chunks between them, pattern seen before, microseconds:")
    print("  ".join(f"{label} {us:.1f}" for label, us in small_us.items()))


def milliseconds(first_s: float, seen_s: float) -> str:
    return f"{first_s * 1e3:10.3f}{seen_s * 1e3:8.3f}"


if __name__ == "__main__":
    main()
