"""The opt-in call to a moHttpUrl, on a live server: it must not reach into the operator's house."""

import socket
import threading

import pytest

from live import client_of, fullwidth, serving


@pytest.fixture(scope="module")
def probing():
    with serving("--demo", "--vonage-probe-webhook") as served:
        yield served


@pytest.fixture
def listener():
    """A listener on loopback that answers every caller with 200; yields its port and callers."""
    callers = []
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def run():
            while not ended.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                callers.append(address)
                with connection:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=run)
        thread.start()
        yield server.getsockname()[1], callers
        ended.set()
        thread.join()


@pytest.fixture
def number(probing):
    named = {"country": "GB", "msisdn": "447700900001"}
    with client_of(probing) as http:
        http.post("/number/buy", data=named)
        yield lambda **settings: http.post("/number/update", data=named | settings)
        http.post("/number/cancel", data=named)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:{}/", "http://localhost:{}/", "http://[::1]:{}/", "http://127.1:{}/"),
        *("http://2130706433:{}/", "http://0x7f.1:{}/", "http://[::ffff:127.0.0.1]:{}/"),
        *("http://0.0.0.0:{}/", "http://a@127.0.0.1:{}/", "http://10.0.0.1:{}/"),
        *("http://169.254.169.254/latest/meta-data/?{}", "http://192.168.0.1:{}/"),
        *("http://[::1:{}", "http://127.0.0.1:{}99999/", "https://127.0.0.1:{}/"),
        f"http://{fullwidth('127')}.0.0.1:{{}}/",
        "http://127。0。0。1:{}/",
        "http://é@127.0.0.1:{}/",
    ],
    ids=ascii,
)
def test_a_webhook_that_leads_inward_is_refused_without_a_call(probing, listener, number, url):
    port, callers = listener
    answer = number(moHttpUrl=url.format(port), moSmppSysType="x")
    with client_of(probing) as http:
        (listed,) = http.get("/account/numbers").json()["numbers"]

    assert answer.status_code == 400
    assert "moHttpUrl" in answer.json()["error-code-label"]
    assert callers == []
    assert "moSmppSysType" not in listed


def test_an_update_without_a_webhook_needs_no_call(number):
    assert number(app_id="x").status_code == 200
    assert number(moHttpUrl="").status_code == 200


def test_nothing_is_called_before_the_number_is_known_to_be_the_callers(probing, listener):
    port, callers = listener
    with client_of(probing) as http:
        form = {"country": "GB", "msisdn": "447700900002", "moHttpUrl": f"http://127.0.0.1:{port}/"}

        assert http.post("/number/update", data=form).status_code == 420
    assert callers == []
