"""``numberline serve``: what it says, what it refuses, and the demo."""

import json
import re
import socket
import subprocess

import httpx
import pytest

from live import (
    PROGRAM,
    client_of,
    demo_numbers,
    free_port,
    numberline,
    serving,
    started,
    tables_of,
)
from numberline.cli import serve
from numberline.cli.provisioning import provisioning_settings
from numberline.core.accounts import Door
from numberline.platform import provisioners
from numberline.platform.settings import ProvisioningRule


def assert_refused(ran, *words):
    """One line on standard error that says what is wrong, and exit code 1."""
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("numberline: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.0.2.1", "example.invalid", "127.0.0.1.x"]
)
def test_a_demo_does_not_listen_beyond_this_machine(host):
    assert_refused(numberline("serve", "--demo", "--host", host), "--expose-demo")


def test_a_demo_listens_beyond_this_machine_if_that_is_meant():
    with started("--demo", "--host", "0.0.0.0", "--expose-demo") as served:
        assert httpx.get(f"{served.base_url}/healthz").status_code == 200
        assert served.stop() == 0


def test_a_port_in_use_is_said_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = numberline(
            "serve", "--port", str(port), "--database", f"sqlite:///{tmp_path}/numberline.db"
        )

    assert_refused(ran, str(port), "--port")


@pytest.mark.parametrize("demo", [(), ("--demo",)])
def test_the_port_of_another_server_is_said_in_one_line(tmp_path, demo):
    with serving(*demo) as served:
        ran = numberline(
            *("serve", *demo, "--port", str(served.port)),
            *("--database", f"sqlite:///{tmp_path}/numberline.db"),
        )

    assert_refused(ran, str(served.port), "--port")


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "nowhere.invalid", "a..b", "-", "1.2.3.4.5", "x" * 300]
)
def test_a_host_that_is_not_this_machines_is_said_in_one_line(tmp_path, host):
    url = f"sqlite:///{tmp_path}/numberline.db"

    assert_refused(numberline("serve", f"--host={host}", "--database", url), "listen")


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", ""])
def test_a_port_that_is_none_is_refused(port):
    ran = numberline("serve", f"--port={port}")

    assert ran.code == 2
    assert "--port" in ran.err


def test_sqlite_has_one_worker(tmp_path):
    url = f"sqlite:///{tmp_path}/numberline.db"

    assert_refused(numberline("serve", "--workers", "2", "--database", url), "PostgreSQL")


def test_an_unknown_way_to_update_is_refused():
    assert numberline("serve", "--vonage-update", "append").code == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--provisioner", "acme"], ["--provisioner", "'acme'", "installed: built-in"]),
        (["--provisioning-fail", "plan"], ["--provisioning-fail", "number=447700900123:"]),
        (["--provisioning-fail", "number=12:CODE"], ["'number=12:CODE'"]),
        (["--provisioning-delay", "-1"], ["--provisioning-delay"]),
        (["--provisioning-delay", "nan"], ["--provisioning-delay"]),
        (["--provisioning-delay", "10"], ["--provisioning-delay", "10 seconds"]),
        (["--provisioning-timeout", "0"], ["--provisioning-timeout"]),
        (["--provisioning-timeout", "inf"], ["--provisioning-timeout", "3600 seconds"]),
        (["--provisioning-timeout", "0.1", "--demo"], ["--provisioning-delay", "0.1 seconds"]),
    ],
)
def test_a_bad_option_about_provisioning_is_said_in_one_line(tmp_path, options, words):
    url = f"sqlite:///{tmp_path}/numberline.db"

    assert_refused(numberline("serve", "--database", url, *options), *words)


@pytest.mark.parametrize("option", ["--provisioning-fail=plan=a:B", "--provisioning-delay=1"])
def test_what_the_built_in_provisioner_does_cannot_be_told_to_another(monkeypatch, option):
    monkeypatch.setattr(provisioners, "installed", lambda: {"acme": None})

    assert_refused(numberline("serve", "--provisioner", "acme", option), "built-in")


def test_provisioning_is_quick_and_in_the_demo_visible():
    quick, demo = (
        provisioning_settings("built-in", 10.0, None, ["plan=a:B"], demo=demo)
        for demo in (False, True)
    )

    assert quick == {
        "provisioner": "built-in",
        "provisioning_timeout_s": 10.0,
        "provisioning_delay_s": 0.0,
        "provisioning_rules": (ProvisioningRule("plan", "a", "B"),),
    }
    assert demo["provisioning_delay_s"] == 0.2


@pytest.mark.parametrize(
    ("options", "reach"),
    [
        ((), False),
        (("--webhooks-reach-loopback",), True),
        (("--demo",), True),
        (("--demo", "--host", "0.0.0.0", "--expose-demo"), False),
        (("--demo", "--host", "0.0.0.0", "--expose-demo", "--webhooks-reach-loopback"), True),
    ],
)
def test_webhooks_reach_this_machine_in_a_demo_of_ones_own_or_if_that_is_meant(
    monkeypatch, tmp_path, options, reach
):
    served = []
    monkeypatch.setattr(serve, "serve_process", lambda settings, _: served.append(settings))
    url = f"sqlite:///{tmp_path}/numberline.db"

    assert numberline("serve", *options, "--port", str(free_port()), "--database", url).code == 0
    assert [settings.webhooks_reach_loopback for settings in served] == [reach]


# --- the demo -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo():
    with serving("--demo") as served:
        yield served


def test_a_demo_prints_its_credentials_and_a_command_that_works(demo):
    command = re.search(r"curl -u (\S+):(\S+) '(\S+)'", demo.stdout)
    key, secret, url = command.groups()
    answer = httpx.get(url, auth=(key, secret))

    assert (key, secret) == ("a1b2c3d4", "demo-vonage-secret")
    assert url.startswith(demo.base_url)
    assert answer.status_code == 200
    assert len(answer.json()["numbers"]) == 10


def test_a_demo_prints_a_command_with_its_access_key(demo):
    command = re.search(r"curl -H '(\S+): ([^']+)' '(\S+)'", demo.stdout)
    name, value, url = command.groups()
    answer = httpx.get(url, headers={name: value})

    assert value == "AccessKey demo-messagebird-key"
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 20


def test_the_addresses_that_are_printed_answer(demo):
    for url in re.findall(r"http://[^\s,)']+", demo.stdout.splitlines()[0]):
        assert httpx.get(url).status_code in {200, 404}
    assert f"{demo.base_url}/healthz" in demo.stdout


def test_the_log_goes_to_standard_error_in_json(demo):
    events = [json.loads(line) for line in demo.stderr.splitlines() if line.startswith("{")]

    assert [event["event"] for event in events] == ["server_ready"]


def test_a_demo_keeps_what_was_done_when_it_starts_again(tmp_path):
    url = f"sqlite:///{tmp_path}/demo.db"
    number = {"country": "GB", "msisdn": "447700900000"}
    counts = []
    for _ in range(2):
        with serving("--demo", database=url) as served, client_of(served) as http:
            if not counts:
                assert http.post("/number/buy", data=number).status_code == 200
            owned = http.get("/account/numbers").json()["numbers"]
            total = http.get("/number/search?country=GB").json()["count"]
            counts.append(([each["msisdn"] for each in owned], total))
    accounts, credentials, entries = tables_of(url, "account", "credential", "ledger_entry")

    assert counts == [(["447700900000"], len(demo_numbers("GB")) - 1)] * 2
    assert (len(accounts), len(credentials), len(entries)) == (1, len(Door), 2)


def test_a_demo_without_a_database_leaves_nothing_behind(tmp_path):
    port = free_port()
    with (tmp_path / "stdout").open("wb") as out:
        process = subprocess.Popen(
            [PROGRAM, "serve", "--demo", "--port", str(port)],
            stdout=out,
            stderr=subprocess.PIPE,
            env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
            cwd=tmp_path,
        )
        with process.stderr as lines:
            line = b""
            while b"server_ready" not in line:
                line = next(lines)
            within = list(tmp_path.glob("numberline-demo-*/demo.db"))
            process.terminate()
            lines.read()
        code = process.wait(30)

    assert (len(within), code) == (1, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["stdout"]


# --- TLS ------------------------------------------------------------------------------------


def test_an_authority_is_kept_and_its_keys_are_private(tmp_path):
    directory = tmp_path / "new" / "tls [1]"
    authorities = []
    for _ in range(2):
        with serving("--tls", "--tls-directory", str(directory)) as served:
            assert str(directory / "ca.pem") in served.stdout
            assert served.base_url in served.stdout
            authorities.append((directory / "ca.pem").read_bytes())
    private = [directory / "ca-key.pem", directory / "server-key.pem"]

    assert authorities[0] == authorities[1]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_hold_an_authority_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    url = f"sqlite:///{tmp_path}/numberline.db"
    ran = numberline("serve", "--tls", "--tls-directory", str(tmp_path / "file"), "--database", url)

    assert_refused(ran, "file")


# --- the program ----------------------------------------------------------------------------


def test_the_program_tells_its_version():
    ran = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)

    assert re.fullmatch(r"numberline \d+\.\d+\.\d+\n", ran.stdout)


def test_the_programs_help_names_every_command():
    shown = numberline("--help")

    assert shown.code == 0
    for command in ("serve", "worker", "stock", "account", "credential", "webhook", "db"):
        assert command in shown.out
