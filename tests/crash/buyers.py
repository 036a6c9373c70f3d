"""Clients that rent numbers from a server without a pause, and what must be true afterwards."""

import contextlib
import http.client
import itertools
import threading
from collections import Counter
from urllib.parse import urlencode

import msgspec

from factories import GB, balances, ledger_sums
from live import ANSWER_S, RENTAL_MICROS, tables_of
from numberline.storage.engines import open_database


class Answered(msgspec.Struct, frozen=True):
    """What a purchase was answered: the account, the number and the status."""

    account_id: str
    number: int
    status: int


class Buyers:
    """Threads that each rent one number after the other, every number asked for once.

    Attributes:
        answered: What was answered, as it came.
        cut: The purchases that were sent, or half sent, and never answered.
    """

    def __init__(self, served, tenants, numbers):
        self.answered = []
        self.cut = []
        self._served = served
        self._numbers = numbers
        self._halt = threading.Event()
        self._threads = [threading.Thread(target=self._buy, args=(t,)) for t in tenants]
        for thread in self._threads:
            thread.start()

    def join(self):
        """Wait until each has met the end of the server."""
        self._halt.set()
        for thread in self._threads:
            thread.join(ANSWER_S)
            assert not thread.is_alive(), "a client was left without an answer"

    def _buy(self, tenant):
        connection = http.client.HTTPConnection("127.0.0.1", self._served.port, timeout=ANSWER_S)
        with contextlib.closing(connection):
            while not self._halt.is_set():
                number = next(self._numbers)
                try:
                    status = buy(connection, tenant, number)
                except (http.client.HTTPException, ConnectionError):
                    self.cut.append((tenant, number))
                    return
                self.answered.append(Answered(tenant.account_id, number, status))


def buy(connection, tenant, number):
    """Rent a number with credentials in the form; returns the status."""
    key, secret = tenant.auth
    form = {"country": "GB", "msisdn": number, "api_key": key, "api_secret": secret}
    connection.request("POST", "/number/buy", urlencode(form))
    with connection.getresponse() as response:
        response.read()
        return response.status


def buy_once(served, tenant, number):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=ANSWER_S)
    with contextlib.closing(connection):
        return buy(connection, tenant, number)


def fresh_numbers():
    """The numbers of the stock, each once; may be shared by threads."""
    return itertools.count(GB)


def rentals(url):
    """Who rents which number."""
    (rows,) = tables_of(url, "number")
    return {row["number"]: row["account_id"] for row in rows if row["state"] == "active"}


def assert_sound(url):
    """Whatever has happened: each rental is charged once, nothing else is, and all sums agree."""
    (entries,) = tables_of(url, "ledger_entry")
    rented = rentals(url)
    charged = Counter((e["account_id"], e["number"], e["reason"]) for e in entries)

    assert charged == {
        (account_id, number, reason): 1
        for number, account_id in rented.items()
        for reason in ("setup", "rental")
    }
    assert sum(e["amount_micros"] for e in entries) == len(rented) * RENTAL_MICROS
    database = open_database(url)
    try:
        assert balances(database) == ledger_sums(database)
    finally:
        database.close()


def assert_kept(url, answered):
    """Everything that was answered with 200 is rented by who was told so."""
    rented = rentals(url)
    lost = [a for a in answered if a.status == 200 and rented.get(a.number) != a.account_id]
    assert lost == []
