"""Load on loopback: wrk where it is installed, else a generator of our own.

Both keep a fixed number of connections busy, each with one request at a time. Our own takes
more of the machine than wrk does, so ratios against a very fast peer look better with it than
they are: install wrk (Debian: apt-get install wrk) to judge those.
"""

import os
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WRK = shutil.which("wrk")
TOOL = "wrk" if WRK else "own generator (wrk is not installed)"

_SCRIPT = """
local requests = {}
local file = io.open(os.getenv("BENCH_REQUESTS"), "rb")
local lengths = file:read("*l")
for length in string.gmatch(lengths, "%d+") do
  requests[#requests + 1] = file:read(tonumber(length))
end
file:close()
local i = 0
request = function()
  i = i % #requests + 1
  return requests[i]
end
"""


@dataclass(frozen=True)
class Load:
    """What a load has measured."""

    requests_per_s: float
    answered: int
    refused: int
    """Answers other than 2xx."""

    def __str__(self) -> str:
        return f"{self.requests_per_s:9,.0f}/s"


def get(path: str, authorization: str) -> bytes:
    """A GET request as bytes."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n"
        "Accept: application/json\r\n\r\n"
    ).encode()


def post(path: str, authorization: str, form: str) -> bytes:
    """A POST request with a form, as bytes."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n"
        "Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\n\r\n{form}"
    ).encode()


def run(port: int, requests: list[bytes], *, clients: int, duration_s: float) -> Load:
    """Send requests in rotation over so many connections for so long."""
    if WRK:
        return _run_wrk(port, requests, clients, duration_s)
    return _run_own(port, requests, clients, duration_s)


def _run_wrk(port: int, requests: list[bytes], clients: int, duration_s: float) -> Load:
    with tempfile.TemporaryDirectory() as directory:
        script, data = Path(directory, "load.lua"), Path(directory, "requests")
        script.write_text(_SCRIPT)
        lengths = " ".join(str(len(request)) for request in requests)
        data.write_bytes(lengths.encode() + b"\n" + b"".join(requests))
        command = [str(WRK), "-t1", f"-c{clients}", f"-d{duration_s:.0f}s", "-s", str(script)]
        printed = subprocess.run(
            [*command, f"http://127.0.0.1:{port}"],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"BENCH_REQUESTS": str(data)},
        ).stdout
    answered = int(_figure(r"(\d+) requests in", printed))
    refused = int(_figure(r"Non-2xx or 3xx responses: (\d+)", printed))
    return Load(_figure(r"Requests/sec:\s+([\d.]+)", printed), answered, refused)


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found[1]) if found else 0.0


def _run_own(port: int, requests: list[bytes], clients: int, duration_s: float) -> Load:
    selector = selectors.DefaultSelector()
    following = _rotation(requests)
    for _ in range(clients):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(next(following))
        selector.register(connection, selectors.EVENT_READ)
    answered = refused = 0
    started = time.perf_counter()
    end = started + duration_s
    while (now := time.perf_counter()) < end:
        for key, _ in selector.select(timeout=1):
            connection = key.fileobj
            answer = _whole_answer(connection)
            answered += 1
            refused += answer[9:10] != b"2"
            connection.sendall(next(following))
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    return Load(answered / (now - started), answered, refused)


def _rotation(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def _whole_answer(connection: socket.socket) -> bytes:
    answer = connection.recv(65_536)
    head_end = answer.find(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", answer[:head_end], re.IGNORECASE)
    expected = head_end + 4 + int(found[1] if found else 0)
    while len(answer) < expected:
        answer += connection.recv(65_536)
    return answer
