"""Search over HTTP through the Vonage door, beside a bare Granian application.

Target: at least 0.35 of the bare application's rate, which returns the same bytes.
"""

import itertools
import statistics
import tempfile
import urllib.request
from pathlib import Path

from bench import load
from bench.processes import bare_granian, command, open_accounts, serving

CLIENTS = 32
DURATION_S = 3
ROUNDS = 3
STOCK = 1_000_000


def main() -> None:
    print(f"load: {load.TOOL}, {CLIENTS} clients, {DURATION_S} s each; stock: {STOCK:,} numbers")
    with tempfile.TemporaryDirectory() as directory:
        database = f"sqlite:///{Path(directory, 'bench.db')}"
        authorization = _stocked(database)
        with serving("--database", database) as port:
            _measure(port, authorization)


def _stocked(database: str) -> str:
    """A database with a stock and an account; returns the account's Authorization."""
    first = 447_100_000_000
    terms = ("--country", "GB", "--type", "mobile", "--features", "sms voice")
    where = ("--database", database)
    command("stock", "add", str(first), str(first + STOCK - 1), *terms, *where)
    return open_accounts(database, 1)[0]


def _measure(port: int, authorization: str) -> None:
    path = "/number/search?country=GB&type=mobile-lvn&features=SMS%2CVOICE&pattern=77"
    one = [load.get(f"{path}&search_pattern=1&size=10&index=1", authorization)]
    patterns = itertools.product(range(1000), (0, 1, 2))
    many = [
        load.get(
            f"/number/search?country=GB&pattern={'447' if p == 0 else ''}{n}"
            f"&search_pattern={p}&size=10",
            authorization,
        )
        for n, p in patterns
    ]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}&search_pattern=1&size=10&index=1",
        headers={"Authorization": authorization},
    )
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
    for interface in ("asgi", "rsgi"):
        with bare_granian(body, interface) as bare_port:
            ratios = []
            for _ in range(ROUNDS):
                ours = load.run(port, one, clients=CLIENTS, duration_s=DURATION_S)
                bare = load.run(bare_port, one, clients=CLIENTS, duration_s=DURATION_S)
                ratios.append(ours.requests_per_s / bare.requests_per_s)
            varied = load.run(port, many, clients=CLIENTS, duration_s=DURATION_S)
        if ours.refused or varied.refused:
            raise RuntimeError("searches were refused")
        print(f"search {ours}, bare Granian ({interface}) {bare}")
        print(f"  ratio {statistics.mean(ratios):.2f}; target 0.35")
        print(
            f"  {len(many):,} patterns in turn {varied}, "
            f"ratio {varied.requests_per_s / bare.requests_per_s:.2f}"
        )


if __name__ == "__main__":
    main()
