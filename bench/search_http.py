"""Search over HTTP through the Vonage door, beside a bare Granian application.

Targets: at least 0.35 of the bare application's rate, which returns the same bytes; through
another door, at most 1.3 times what it costs through the Vonage door.
"""

import itertools
import statistics
import tempfile
import urllib.request
from operator import truediv
from pathlib import Path

from bench import load
from bench.processes import bare_granian, command, open_accounts, serving

CLIENTS = 32
DURATION_S = 3
ROUNDS = 3
VONAGE_SEARCH = "/number/search?country=GB&type=mobile-lvn&features=SMS%2CVOICE"
MESSAGEBIRD_SEARCH = (
    "/v1/available-phone-numbers/GB?type=mobile&features=sms&features=voice&search_pattern=anywhere"
)
BIRD_SEARCH = (
    "/organizations/{}/numbers-stock-items"
    "?countryCodes=GB&types=mobile&features=sms&features=voice&prefix=%2B4471&limit=10"
)
STOCK = 1_000_000


def main() -> None:
    print(f"load: {load.TOOL}, {CLIENTS} clients, {DURATION_S} s each; stock: {STOCK:,} numbers")
    with tempfile.TemporaryDirectory() as directory:
        database = f"sqlite:///{Path(directory, 'bench.db')}"
        authorization, others = _stocked(database)
        with serving("--database", database) as port:
            _beside_bare_granian(port, authorization)
            for name, search in others.items():
                _beside_another_door(port, authorization, name, search)


def _stocked(database: str) -> tuple[str, dict[str, bytes]]:
    """A database with a stock and an account; its Authorization, and searches at other doors."""
    first = 447_100_000_000
    terms = ("--country", "GB", "--type", "mobile", "--features", "sms voice")
    where = ("--database", database)
    command("stock", "add", str(first), str(first + STOCK - 1), *terms, *where)
    [authorization] = open_accounts(database, 1)
    messagebird, bird = (_issued(door, *where) for door in ("messagebird", "bird"))
    path = f"{MESSAGEBIRD_SEARCH}&number=77&limit=10&offset=0"
    return authorization, {
        "MessageBird": load.get(path, f"AccessKey {messagebird['access_key']}"),
        "Bird": load.get(
            BIRD_SEARCH.format(bird["organization"]), f"AccessKey {bird['access_key']}"
        ),
    }


def _issued(door: str, *where: str) -> dict[str, str]:
    """What a new credential of the account consists of."""
    printed = command("credential", "issue", "bench0", "--door", door, *where)
    return dict(line.split() for line in printed.splitlines())


def _rate(port: int, requests: list[bytes]) -> float:
    measured = load.run(port, requests, clients=CLIENTS, duration_s=DURATION_S)
    if measured.refused:
        raise RuntimeError("searches were refused")
    return measured.requests_per_s


def _beside_bare_granian(port: int, authorization: str) -> None:
    path = f"{VONAGE_SEARCH}&pattern=77&search_pattern=1&size=10&index=1"
    one = [load.get(path, authorization)]
    many = [
        load.get(
            f"/number/search?country=GB&pattern={'447' if place == 0 else ''}{digits}"
            f"&search_pattern={place}&size=10",
            authorization,
        )
        for digits, place in itertools.product(range(1000), (0, 1, 2))
    ]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": authorization}
    )
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
    for interface in ("asgi", "rsgi"):
        ours, bare = [], []
        with bare_granian(body, interface) as bare_port:
            for _ in range(ROUNDS):
                ours.append(_rate(port, one))
                bare.append(_rate(bare_port, one))
            varied = _rate(port, many)
        ratio = statistics.mean(map(truediv, ours, bare))
        peer = statistics.mean(bare)
        print(f"search {statistics.mean(ours):9,.0f}/s, bare Granian ({interface}) {peer:9,.0f}/s")
        print(f"  ratio {ratio:.2f}; target 0.35")
        print(f"  {len(many):,} patterns in turn {varied:9,.0f}/s, ratio {varied / peer:.2f}")


def _beside_another_door(port: int, authorization: str, name: str, search: bytes) -> None:
    vonage = [load.get(f"{VONAGE_SEARCH}&pattern=77&search_pattern=1&size=10", authorization)]
    first, other = [], []
    for _ in range(ROUNDS):
        first.append(_rate(port, vonage))
        other.append(_rate(port, [search]))
    cost = statistics.mean(map(truediv, first, other))
    print(f"Vonage door {statistics.mean(first):9,.0f}/s, ", end="")
    print(f"{name} door {statistics.mean(other):9,.0f}/s")
    print(f"  a search there costs {cost:.2f} times as much; target 1.3 at the most")


if __name__ == "__main__":
    main()
