"""The log: JSON, a line an event, and nothing in it that is secret."""

import json
import sys
from base64 import b64encode
from pathlib import Path
from unittest import mock

import sqlalchemy as sa
import structlog

from live import exchange, request_bytes, until
from numberline.server.logs import configure_logs

SECRET_NAMES = ("hash_secret", "secret_hash", "compare_digest")
SOURCE = Path(__file__).parents[2] / "src" / "numberline"


def request_events(server, path):
    return [event for event in server.events if event.get("path") == path]


def test_every_line_of_the_log_is_a_json_object_with_a_time_and_a_level(server, http):
    http.get("/account/numbers")
    until(lambda: request_events(server, "/account/numbers"), within_s=5)

    for line in server.stderr.splitlines():
        assert json.loads(line).keys() >= {"event", "level", "timestamp"}


def test_a_line_is_written_in_one_piece(monkeypatch):
    """Workers share standard error; what is written in two pieces is torn apart by others."""
    before = structlog.get_config()
    stream = mock.Mock()
    monkeypatch.setattr(sys, "stderr", stream)
    try:
        configure_logs()
        structlog.get_logger().info("event", key="value\nvalue")
    finally:
        structlog.configure(**before)
    (call,) = stream.write.call_args_list

    assert call.args[0].endswith("}\n")
    assert call.args[0].count("\n") == 1


def test_a_request_is_logged_with_its_outcome(server, http):
    http.get("/account/numbers/logged")
    until(lambda: request_events(server, "/account/numbers/logged"), within_s=5)
    (event,) = request_events(server, "/account/numbers/logged")

    assert (event["event"], event["method"], event["status"]) == ("request", "GET", 404)
    assert 0 <= event["duration_ms"] < 10_000


def test_a_line_break_in_a_path_does_not_forge_a_line(server):
    exchange(server, request_bytes('/number/%0A{"event":"forged"}'.replace('"', "%22")))
    until(lambda: "forged" in server.stderr, within_s=5)

    assert all(event["event"] != "forged" for event in server.events)


def test_no_secret_is_logged_or_stored(server, http, tenant):
    """Whichever way it comes: in the query, the form, the header, or where it does not belong."""
    key, secret = tenant.auth
    pair = f"api_key={key}&api_secret={secret}"
    for target, body in [
        (f"/account/numbers?{pair}", b""),
        (f"/account/numbers?{pair}&size=x", b""),
        (f"/number/nowhere?{pair}", b""),
        (f"/nowhere?{pair}", b""),
        ("/number/buy", pair.encode()),
        (f"/number/buy?{pair}", b'{"a":'),
    ]:
        exchange(
            server,
            request_bytes(target, "Authorization:", method="POST" if body else "GET", body=body),
        )
    http.get("/account/numbers/the-end")
    until(lambda: request_events(server, "/account/numbers/the-end"), within_s=5)

    assert secret not in server.stderr
    assert b64encode(f"{key}:{secret}".encode()).decode() not in server.stderr
    for content in database_files(server):
        assert secret.encode() not in content


def database_files(server):
    file = Path(sa.make_url(server.database).database)
    found = list(file.parent.glob(f"{file.name}*"))
    assert file in found
    return [each.read_bytes() for each in found]


def test_secrets_are_compared_in_the_keyring_alone():
    """No door and no part of the server looks at a hash or compares one by itself."""
    looking = {
        str(path.relative_to(SOURCE))
        for folder in ("dialects", "server", "workers")
        for path in (SOURCE / folder).rglob("*.py")
        if any(name in path.read_text(encoding="utf-8") for name in SECRET_NAMES)
    }

    assert looking == set()
