"""Rentals over HTTP through the Vonage door, on SQLite and on PostgreSQL.

Targets. SQLite with synchronous=FULL, 32 clients: at least 0.4 of the rate at which the same
server answers an authenticated POST of the same size that changes nothing. PostgreSQL: at least
0.65 of what pgbench reaches with the same rows, one transaction a rental and as many clients, at
32 clients, and 1.0 at 128.

The POST that changes nothing is a purchase in a country that there is not: the door reads it,
checks the credentials and refuses it, and nothing behind the door is asked.
"""

import re
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import load
from bench.postgres import Server, postgres_server
from bench.processes import command, open_accounts, serving

FIRST = 447_100_000_000
STOCK = 4_000_000
ACCOUNTS = 128
"""As many as there are clients, so that no two of pgbench's wait for one wallet."""
DURATION_S = 4
ROUNDS = 2
PLAIN_RENTALS = 1_500


def main() -> None:
    print(f"load: {load.TOOL}, {DURATION_S} s each")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "bench.db")
        _on_sqlite(f"sqlite:///{path}")
        plain = _plain_loop(path)
        print(f"plain sqlite3 loop, a commit a rental     {plain:9,.0f}/s")
    with postgres_server({"max_connections": "200"}) as server:
        _on_postgresql(server)


def _on_sqlite(database: str) -> None:
    authorizations = _stocked(database)
    numbers = _numbers()
    with serving("--database", database) as port:
        for some in (authorizations[:1], authorizations):
            idle, busy = [], []
            for _ in range(ROUNDS):
                idle.append(_change_nothing(port, some))
                busy.append(_rent(port, some, numbers, clients=32))
            ratios = [rented / nothing for rented, nothing in zip(busy, idle, strict=True)]
            print(f"SQLite, synchronous=FULL, 32 clients, accounts: {len(some)}")
            print(f"  POST that changes nothing               {statistics.mean(idle):9,.0f}/s")
            print(f"  rentals                                 {statistics.mean(busy):9,.0f}/s")
            print(f"  ratio {statistics.mean(ratios):.2f}; target 0.4")


def _on_postgresql(server: Server) -> None:
    authorizations = _stocked(server.uri)
    numbers = _numbers()
    print("PostgreSQL")
    for clients, target in ((32, 0.65), (128, 1.0)):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(_pgbench(server, clients, numbers))
            with serving("--database", server.uri) as port:
                ours.append(_rent(port, authorizations, numbers, clients=clients))
        ratios = [mine / peer for mine, peer in zip(ours, theirs, strict=True)]
        print(f"  rentals, {clients:3} clients                    {statistics.mean(ours):9,.0f}/s")
        print(
            f"  pgbench, {clients:3} clients, a commit a rental {statistics.mean(theirs):9,.0f}/s"
        )
        print(f"  ratio {statistics.mean(ratios):.2f}; target {target}")


def _stocked(database: str) -> list[str]:
    """A database with a stock and accounts; returns the accounts' Authorizations."""
    where = ("--database", database)
    terms = ("--country", "GB", "--type", "mobile", "--features", "sms voice")
    prices = ("--setup-price", "0.50", "--monthly-price", "1.00")
    command("stock", "add", str(FIRST), str(FIRST + STOCK - 1), *terms, *prices, *where)
    return open_accounts(database, ACCOUNTS)


def _numbers() -> Iterator[int]:
    yield from range(FIRST, FIRST + STOCK)


def _change_nothing(port: int, authorizations: list[str]) -> float:
    posts = [
        load.post("/number/buy", authorization, f"country=XX&msisdn={FIRST}")
        for authorization in authorizations
    ]
    return load.run(port, posts, clients=32, duration_s=DURATION_S).requests_per_s


def _rent(port: int, authorizations: list[str], numbers: Iterator[int], *, clients: int) -> float:
    """The rate at which numbers that nobody has are rented."""
    posts = [
        load.post(
            "/number/buy", authorizations[i % len(authorizations)], f"country=GB&msisdn={number}"
        )
        for i, number in zip(range(20_000 * DURATION_S), numbers, strict=False)
    ]
    measured = load.run(port, posts, clients=clients, duration_s=DURATION_S)
    if measured.refused or measured.answered > len(posts):
        raise RuntimeError(f"{measured.refused} of {measured.answered} rentals were refused")
    return measured.requests_per_s


# --- the same rows without Numberline -------------------------------------------------------

NUMBER_COLUMNS = (
    "number, offer_id, version, state, account_id, changed_at, rented_at, renews_at, configuration"
)
EVENT_COLUMNS = "writer_id, seq, at, kind, number, account_id, data"
ENTRY_COLUMNS = (
    "account_id, writer_id, seq, line, at, debit, credit, amount_micros, currency, reason, number"
)
EVENT_DATA = '{"offer_id":1,"state":"active"}'
NOW = 1_800_000_000_000_000


def _plain_loop(path: Path) -> float:
    """Rentals a second of a loop that writes the same rows, one transaction at a time."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma synchronous=FULL")
    started = time.perf_counter()
    for seq in range(PLAIN_RENTALS):
        number, account = FIRST + STOCK - 1 - seq, f"bench{seq % ACCOUNTS}"
        connection.execute("begin immediate")
        connection.execute("select * from number where number = ?", (number,)).fetchone()
        connection.execute("select * from wallet where account_id = ?", (account,)).fetchall()
        row = (number, 1, 1, "active", account, NOW, NOW, NOW, "{}")
        connection.execute(f"insert into number ({NUMBER_COLUMNS}) values (?{',?' * 8})", row)
        event = (999, seq, NOW, "number_rented", number, account, EVENT_DATA)
        connection.execute(f"insert into event ({EVENT_COLUMNS}) values (?{',?' * 6})", event)
        for line, (reason, price) in enumerate((("setup", 500_000), ("rental", 1_000_000))):
            entry = (
                account,
                999,
                seq,
                line,
                NOW,
                "wallet",
                "revenue",
                price,
                "EUR",
                reason,
                number,
            )
            connection.execute(
                f"insert into ledger_entry ({ENTRY_COLUMNS}) values (?{',?' * 10})", entry
            )
        connection.execute(
            "update wallet set balance_micros = balance_micros - 1500000 where account_id = ?",
            (account,),
        )
        connection.execute("commit")
    rate = PLAIN_RENTALS / (time.perf_counter() - started)
    connection.close()
    return rate


ACCOUNT = "'bench' || :client_id::text"
STREAM = ":writer::bigint + :client_id::bigint"
PGBENCH_SCRIPT = f"""
\\set seq :seq + 1
\\set number :first + :client_id * :share + :seq
begin;
select * from number where number = :number;
select * from wallet where account_id = {ACCOUNT};
insert into number ({NUMBER_COLUMNS})
  values (:number, 1, 1, 'active', {ACCOUNT}, {NOW}, {NOW}, {NOW}, '{{}}')
  on conflict (number) do update set version = excluded.version
  where number.version = excluded.version - 1;
insert into event ({EVENT_COLUMNS})
  values ({STREAM}, :seq, {NOW}, 'number_rented', :number, {ACCOUNT}, '{EVENT_DATA}');
insert into ledger_entry ({ENTRY_COLUMNS}) values
  ({ACCOUNT}, {STREAM}, :seq, 0, {NOW}, 'wallet', 'revenue', 500000, 'EUR', 'setup', :number),
  ({ACCOUNT}, {STREAM}, :seq, 1, {NOW}, 'wallet', 'revenue', 1000000, 'EUR', 'rental', :number);
update wallet set balance_micros = balance_micros - 1500000
  where account_id = {ACCOUNT} and balance_micros - 1500000 >= floor_micros;
commit;
"""


def _pgbench(server: Server, clients: int, numbers: Iterator[int]) -> float:
    """Rentals a second of pgbench, prepared statements, one transaction a rental."""
    share = 20_000 * DURATION_S // clients
    first = next(numbers)
    for _ in range(share * clients):
        next(numbers)
    variables = {"first": first, "share": share, "writer": first, "seq": 0}
    options = [f"-D{name}={value}" for name, value in variables.items()]
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(PGBENCH_SCRIPT)
        script.flush()
        with _credit_lines(server):
            printed = subprocess.run(
                [
                    server.pgbench,
                    *("--no-vacuum", "--protocol=prepared", "--jobs=2"),
                    *(f"--client={clients}", f"--time={DURATION_S}", f"--file={script.name}"),
                    *(*options, f"--host={server.socket_directory}", "--username=postgres"),
                    "postgres",
                ],
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ).stdout
    found = re.search(r"tps = ([\d.]+) \(without initial connection time\)", printed)
    if found is None or not re.search(r"number of failed transactions: 0 ", printed):
        raise RuntimeError(f"pgbench: {printed}")
    return float(found[1])


@contextmanager
def _credit_lines(server: Server) -> Iterator[None]:
    """The wallets that pgbench's updates expect; ours are made by the first rental."""
    import psycopg

    with psycopg.connect(server.uri) as connection:
        connection.execute(
            "insert into wallet (account_id, currency, balance_micros, floor_micros)"
            " select account_id, 'EUR', 0, -credit_limit_micros from account"
            " on conflict do nothing"
        )
        connection.commit()
        yield


if __name__ == "__main__":
    main()
