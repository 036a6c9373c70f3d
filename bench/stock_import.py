"""How fast a stock file is imported, next to a plain loop over the same rows.

    python bench/stock_import.py [--rows 10000000]

The import is the whole command, checks and all, measured from outside; the plain loop reads rows
with the csv module and writes them with executemany, and checks nothing.
"""

import argparse
import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

ROWS: Final = int(os.environ.get("NUMBERLINE_BENCH_ROWS", "2000000"))
PEER_ROWS_MAX: Final = 500_000
PEER_BATCH: Final = 10_000
ROWS_PER_PLACE: Final = 2_000_000
COMMAND: Final = "from numberline.cli.app import main; main()"

HEADER: Final = (
    "number,country,type,features,region,locality,setup_price,monthly_price,currency,"
    "interval_months,contract_months,documents_required\n"
)
PLACES: Final = (
    (12132000000, "US,local,{features},CA,Los Angeles,{prices},USD,1,0,false\n"),
    (12122000000, "US,local,{features},NY,New York,{prices},USD,1,0,false\n"),
    (447400000000, "GB,mobile,{features},,,{prices},GBP,1,0,false\n"),
    (4915112000000, "DE,mobile,{features},,,{prices},EUR,1,1,true\n"),
    (33612000000, "FR,mobile,{features},,,{prices},EUR,3,0,false\n"),
)
FEATURES: Final = ("sms voice", "voice", "sms mms voice")
PRICES: Final = ("0.00,1.00", "0.50,2.25")


def write_file(path: Path, rows: int) -> None:
    """Rows in the order of their numbers, with terms that differ from one row to the next."""
    with path.open("w", encoding="ascii") as file:
        file.write(HEADER)
        for place in range(-(-rows // ROWS_PER_PLACE)):
            first, terms = PLACES[place % len(PLACES)]
            first += place // len(PLACES) * ROWS_PER_PLACE
            tails = [
                "," + terms.format(features=features, prices=prices)
                for features in FEATURES
                for prices in PRICES
            ]
            count = min(ROWS_PER_PLACE, rows - place * ROWS_PER_PLACE)
            file.writelines(f"{first + row}{tails[row % len(tails)]}" for row in range(count))


def import_file(path: Path, database: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of the command."""
    arguments = ["stock", "import", str(path), "--database", f"sqlite:///{database}"]
    command = [sys.executable, "-c", COMMAND, *arguments]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed_s = time.perf_counter() - start
    if status:
        sys.exit("the import failed")
    return elapsed_s, usage.ru_maxrss / 1024


def plain_loop(path: Path, database: Path, rows: int) -> float:
    """Seconds for the first rows of the file."""
    start = time.perf_counter()
    connection = sqlite3.connect(database)
    connection.execute("pragma journal_mode=wal")
    connection.execute(
        f"create table stock (number integer primary key, {HEADER.split(',', 1)[1]})"
    )
    insert = f"insert into stock values ({','.join('?' * (HEADER.count(',') + 1))})"
    with path.open(encoding="utf-8", newline="") as file, connection:
        lines = islice(csv.reader(file), 1, rows + 1)
        for batch in batches(lines):
            connection.executemany(insert, batch)
    connection.close()
    return time.perf_counter() - start


def batches(lines: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while batch := list(islice(lines, PEER_BATCH)):
        yield batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "stock.csv"
        write_file(path, rows)
        print(f"stock import: {rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, SQLite")
        elapsed_s, peak_mb = import_file(path, folder / "numberline.db")
        peer_rows = min(rows, PEER_ROWS_MAX)
        peer_rate = peer_rows / plain_loop(path, folder / "peer.db", peer_rows)
    rate = rows / elapsed_s
    print(f"  numberline stock import  {rate:>12,.0f} rows/s  {peak_mb:,.0f} MB at most")
    print(f"  csv and executemany      {peer_rate:>12,.0f} rows/s  over {peer_rows:,} rows")
    print(f"  ratio                    {rate / peer_rate:>12.1f}")


if __name__ == "__main__":
    main()
