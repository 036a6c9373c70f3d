"""The stock commands, as they are typed."""

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from numberline.cli.app import main

HEADER = "number,country,type,features,monthly_price,currency"
GB = 447700900000


class Done(NamedTuple):
    """What came of a command."""

    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def stock(database_url, tmp_path, monkeypatch, capsys):
    """Runs a command against a database in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NUMBERLINE_DATABASE", database_url)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["numberline", "stock", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return Done(end.value.code, *capsys.readouterr())

    return run


def write(name, *rows):
    Path(name).write_text("\n".join((HEADER, *rows)))


def test_a_file_is_imported_once(stock):
    write("n.csv", f"{GB},GB,mobile,sms,1.5,GBP", f"{GB + 1},GB,mobile,sms,1.50,gbp")

    first, again = stock("import", "n.csv"), stock("import", "n.csv")

    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == "2 numbers added, 0 known already; 1 new offers\n"
    assert again.stdout == "0 numbers added, 2 known already; 0 new offers\n"


def test_bad_lines_are_shown_and_reported_and_nothing_is_taken(stock, tmp_path):
    write("n.csv", f"{GB},GB,mobile,sms,,", *["7,GB,mobile,sms,,"] * 7)

    done = stock("import", "n.csv")

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[4:6] == [
        "line 7: number: '7' is not an E.164 number (7 to 15 digits, the first not 0)",
        "and 2 more",
    ]
    assert done.stderr.endswith(
        "numberline: nothing was taken: 7 lines are bad; see n.rejected.csv"
        " (--skip-bad takes the good lines)\n"
    )
    assert len((tmp_path / "n.rejected.csv").read_text().splitlines()) == 8
    assert "empty" in stock("summary").stderr


def test_bad_lines_can_be_skipped(stock):
    write("n.csv", f"{GB},GB,mobile,sms,,", "7,GB,mobile,sms,,")

    done = stock("import", "n.csv", "--skip-bad")

    assert done.exit_code == 0
    assert done.stdout == "1 numbers added, 0 known already; 1 new offers\n"
    assert done.stderr.endswith("1 bad lines were skipped; see n.rejected.csv\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "nowhere.csv"], "numberline: nowhere.csv: no such file or directory\n"),
        (["import", "."], "numberline: .: is a directory\n"),
        (["export", "nowhere/n.csv"], "numberline: nowhere/n.csv cannot be written: no such file"),
        (["summary", "--database", "fax://"], "numberline: --database: 'fax://' names no file"),
        (
            ["summary", "--database", "sqlite:///nowhere/n.db"],
            "numberline: the database cannot be used: unable to open database file",
        ),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(stock, arguments, message):
    done = stock(*arguments)

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(message)


def test_numbers_are_added_with_all_their_terms(stock):
    terms = {
        "country": "de",
        "type": "local",
        "features": "voice sms-inbound",
        "region": "BE",
        "locality": "Berlin, Mitte",
        "setup-price": "1",
        "monthly-price": "2.5",
        "currency": "usd",
        "interval-months": "3",
        "contract-months": "12",
        "quarantine-days": "7",
    }
    options = [part for name, value in terms.items() for part in (f"--{name}", value)]

    done = stock("add", "+493023125000", "493023125999", *options, "--documents-required")

    assert done.stdout == "1,000 numbers added, 0 known already; 1 new offers\n"
    assert stock("export").stdout.splitlines()[1] == (
        "493023125000,493023125999,DE,local,sms-inbound voice,BE,"
        '"Berlin, Mitte",1.00,2.50,USD,3,12,true,7'
    )


def test_a_single_number_is_added_under_the_defaults(stock):
    stock("add", GB, "--country", "GB", "--type", "mobile")

    assert stock("export").stdout.splitlines()[1:] == [
        f"{GB},{GB},GB,mobile,sms voice,,,0.00,0.00,EUR,1,0,false,45"
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["7"], "first: '7' is not an E.164 number"),
        ([GB, GB - 1], f"first: '{GB}' is greater than last"),
        ([GB, "--country", "FR"], f"first: '{GB}' does not begin with 33"),
        ([GB, "--currency", "pounds"], "currency: 'pounds' is not a currency code"),
    ],
)
def test_what_cannot_be_added_is_refused_with_its_reason(stock, arguments, reason):
    done = stock("add", "--country", "GB", "--type", "mobile", *arguments)

    assert done.exit_code == 1
    assert done.stderr.startswith(f"numberline: {reason}")


def test_the_summary_is_whole_in_a_pipe(stock):
    write("n.csv", f"{GB},GB,mobile,sms,1.5,GBP", f"{GB + 1},GB,mobile,sms,1.5,GBP")
    stock("import", "n.csv")

    lines = [" ".join(line.split()) for line in stock("summary").stdout.splitlines()]

    assert lines == [
        "country type features setup monthly total available rented held quarantined withdrawn",
        "GB mobile sms 0.00 GBP 1.50 GBP 2 2 0 0 0 0",
    ]


def test_what_one_database_exports_another_imports(stock, tmp_path):
    stock("add", GB, GB + 99, "--country", "GB", "--type", "mobile", "--locality", "Zürich")

    out = stock("export", "out.csv")
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    imported = stock("import", "out.csv", "--database", elsewhere)

    assert out.stderr == "100 numbers exported in 1 ranges\n"
    assert imported.stdout == "100 numbers added, 0 known already; 1 new offers\n"
    assert stock("export", "--database", elsewhere).stdout == (tmp_path / "out.csv").read_text()
