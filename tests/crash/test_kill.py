"""A server that is killed in the middle of its work, again and again."""

import contextlib
import os
import signal
import subprocess

from crash.buyers import Buyers, assert_kept, assert_sound, buy_once, fresh_numbers, rentals
from live import PROGRAM, child_pids, free_port, numberline, open_tenants, processes, started, until
from numberline.core import commands as c
from numberline.platform.clocks import SystemClock
from numberline.platform.demo import demo_account, demo_stock
from numberline.platform.stocking.intake import add_stock
from numberline.register.sync import perform
from numberline.storage.engines import open_database

KILLS = 10
CLIENTS = 6
PURCHASES_BEFORE = 60
"""How many purchases are answered before a kill; the next are then under way."""


def test_what_was_answered_outlives_ten_kills_and_nothing_is_charged_twice(stocked_url):
    """The purchases that a kill leaves unanswered are sent again, as the SDKs do."""
    tenants = open_tenants(stocked_url, CLIENTS)
    numbers = fresh_numbers()
    answered, cut = [], []
    for _ in range(KILLS):
        with started(database=stocked_url) as served:
            for tenant, number in cut:
                assert buy_once(served, tenant, number) in {200, 420}
                assert rentals(stocked_url)[number] == tenant.account_id
            buyers = Buyers(served, tenants, numbers)
            until(lambda b=buyers: len(b.answered) >= PURCHASES_BEFORE, within_s=20)
            served.kill()
            buyers.join()
        assert {each.status for each in buyers.answered} == {200}
        answered += buyers.answered
        cut = buyers.cut
        assert_kept(stocked_url, answered)
        assert_sound(stocked_url)

    assert len(answered) >= KILLS * PURCHASES_BEFORE
    assert cut


def test_a_killed_server_can_start_again_at_once_on_the_same_port(stocked_url):
    port = free_port()
    for _ in range(2):
        with started(database=stocked_url, port=port) as served:
            served.kill()
            assert not served.is_up()


def test_a_worker_does_not_outlive_its_supervisor(stocked_url):
    """Else it holds the port and the database, and nobody is left to stop it."""
    with started(database=stocked_url) as served:
        workers = child_pids(served.process.pid)
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()

        assert workers
        until(lambda: not any(map(is_alive, workers)), within_s=5, what="the worker's end")
        assert not served.is_up()


def test_a_server_whose_worker_was_killed_ends_so_that_it_can_be_started_again(stocked_url):
    with started(database=stocked_url) as served:
        for pid in child_pids(served.process.pid):
            os.kill(pid, signal.SIGKILL)

        until(lambda: served.process.poll() is not None, within_s=5, what="the server's end")
        assert served.process.returncode != 0
        assert not served.is_up()


def is_alive(pid):
    """Whether a process runs; one that only waits to be collected does not."""
    return processes().get(pid, (0, "Z"))[1] != "Z"


def test_a_demo_that_was_killed_while_it_was_seeded_is_seeded_to_its_end(sqlite_url):
    """The stock was taken in and the account opened, but its credential was not issued."""
    database = open_database(sqlite_url)
    add_stock(database, demo_stock(), now=SystemClock().now())
    perform(database, SystemClock(), [c.OpenAccount(account=demo_account())])
    database.close()

    with started("--demo", database=sqlite_url):
        listed = numberline("credential", "list", "--database", sqlite_url)

    assert "a1b2c3d4" in listed.out
    assert "messagebird" in listed.out


def test_a_server_that_is_killed_while_it_starts_leaves_nothing_broken(stocked_url):
    (tenant,) = open_tenants(stocked_url)
    command = [PROGRAM, "serve", "--port", str(free_port()), "--database", stocked_url]
    for delay_s in (0.05, 0.2, 0.35, 0.5):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay_s)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    with started(database=stocked_url) as served:
        assert buy_once(served, tenant, next(fresh_numbers())) == 200
    assert_sound(stocked_url)
