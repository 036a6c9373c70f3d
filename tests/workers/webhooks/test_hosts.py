"""A host has as much under way as it deserves, and never takes the places of the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.workers.webhooks import hosts as hosts_module
from numberline.workers.webhooks.hosts import (
    AHEAD,
    SLOTS_MAX,
    SLOW_S,
    UNPROVEN_SLOTS_MAX,
    WINDOW_MAX,
    WINDOW_START,
    Hosts,
)


def start_all(hosts, name, wanted):
    """Start as many runs of one delivery as there are places for; returns how many."""
    hosts.claim(name, wanted)
    started = 0
    while started < wanted and hosts.may_start(name):
        hosts.start(name)
        started += 1
    return started


def answer_quickly(hosts, name, times=WINDOW_MAX):
    hosts.claim(name, 1)
    for _ in range(times):
        hosts.learn(name, answered=True, took_s=0.01)
    hosts.drop(name, 1)


def test_a_new_host_starts_small_and_earns_more():
    hosts = Hosts()
    assert start_all(hosts, "new", 50) == WINDOW_START

    hosts.learn("new", answered=True, took_s=0.01)
    assert start_all(hosts, "new", 1) == 1

    answer_quickly(hosts, "quick")
    assert start_all(hosts, "quick", 50) == WINDOW_MAX


@pytest.mark.parametrize(("answered", "took_s"), [(False, 0.0), (False, 10.0), (True, SLOW_S)])
def test_a_host_that_does_not_answer_or_is_slow_has_one_at_a_time(answered, took_s):
    hosts = Hosts()
    answer_quickly(hosts, "once-quick")
    hosts.claim("once-quick", 1)
    hosts.learn("once-quick", answered=answered, took_s=took_s)
    hosts.drop("once-quick", 1)

    assert hosts.room().of("once-quick") == 1
    assert start_all(hosts, "once-quick", 50) == 1


def test_deliveries_to_a_quick_host_are_claimed_ahead_and_to_a_new_one_are_not():
    hosts = Hosts()
    answer_quickly(hosts, "quick")
    room = hosts.room()

    assert (room.of("quick"), room.of("new")) == (WINDOW_MAX * AHEAD, WINDOW_START)
    hosts.claim("quick", WINDOW_MAX * AHEAD)
    assert hosts.room().full == ["quick"]


def test_however_many_hosts_are_silent_the_quick_ones_have_places():
    hosts = Hosts()
    answer_quickly(hosts, "quick")
    silent = [f"silent-{n}" for n in range(500)]

    assert sum(start_all(hosts, name, 5) for name in silent) == UNPROVEN_SLOTS_MAX
    assert start_all(hosts, "quick", 50) == WINDOW_MAX
    assert hosts.room().of("another") <= 0


def test_all_hosts_together_have_a_limit():
    hosts = Hosts()
    quick = [f"quick-{n}" for n in range(50)]
    for name in quick:
        answer_quickly(hosts, name)

    assert sum(start_all(hosts, name, 50) for name in quick) == SLOTS_MAX
    assert hosts.is_full


def test_hosts_with_nothing_under_way_are_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(hosts_module, "HOSTS_MAX", 10)
    hosts = Hosts()
    hosts.claim("busy", 1)
    for n in range(100):
        hosts.claim(f"host-{n}", 1)
        hosts.drop(f"host-{n}", 1)

    assert len(hosts.room().hosts) <= 11
    assert hosts.room().hosts["busy"] == WINDOW_START - 1


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.floats(0, 12)), max_size=60))
@REPEATABLE
def test_places_are_counted_right_whatever_hosts_do(steps):
    hosts, running = Hosts(), []
    for number, answered, took_s in steps:
        name = f"host-{number}"
        hosts.claim(name, 1)
        if hosts.may_start(name):
            hosts.start(name)
            running.append(name)
        else:
            hosts.drop(name, 1)
        if len(running) > 3:
            ended = running.pop(0)
            hosts.learn(ended, answered=answered, took_s=took_s)
            hosts.drop(ended, 1)
            hosts.end(ended)
    for name in running:
        hosts.drop(name, 1)
        hosts.end(name)

    assert hosts.room().unproven == UNPROVEN_SLOTS_MAX
    assert (hosts._running, hosts._running_unproven) == (0, 0)
