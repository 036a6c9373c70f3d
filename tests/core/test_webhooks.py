"""The names of events, and what becomes of a delivery with each attempt."""

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from factories import NEW_YEAR, REPEATABLE, make_delivery
from numberline.core.instants import DAY_US, SECOND_US, Instant
from numberline.core.webhooks import (
    ATTEMPTS_MAX,
    DELAY_S_MAX,
    JITTER,
    Attempt,
    DeliveryState,
    EventPlace,
    attempted,
    disabled,
    event_id,
    given_back,
    host_of,
    leased,
    parse_event_id,
    replayed,
    retry_delay_s,
)

places = st.builds(
    EventPlace,
    at=st.integers(0, 2**48 * 1000 - 1).map(Instant),
    writer_id=st.integers(0, 2**26 - 1),
    seq=st.integers(0, 2**44 - 1),
)
chances = st.floats(0, 1, exclude_max=True)


def after(delivery, status=None, *, now=NEW_YEAR, chance=0.5):
    error = "" if status else "no answer"
    attempt = Attempt(at=now, duration_ms=5, status=status, error=error, worker_id=1)
    return attempted(delivery, attempt, now, chance)


# --- names ----------------------------------------------------------------------------------


@given(places)
@REPEATABLE
def test_the_name_of_an_event_is_a_ulid_in_lower_case_that_tells_its_place(place):
    name = event_id(place)

    assert len(name) == 26
    assert set(name) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert name[0] <= "7"
    assert parse_event_id(name) == parse_event_id(name.upper()) == place


@given(places, places)
@REPEATABLE
def test_names_differ_and_are_ordered_as_places_are(one, other):
    assume(one != other)

    assert (event_id(one) < event_id(other)) == (one < other)


def test_the_time_of_a_ulid_is_the_millisecond_of_its_event():
    name = event_id(EventPlace(Instant(1_707_585_729_412_722), 1, 1))

    assert name[:10] == "01hpa0mww4"


NO_NAMES = [
    *("", "x", "0" * 25, "0" * 27, "8" + "0" * 25, "u" + "0" * 25, "0" * 25 + "-", "\u0660" * 26),
    "0000000000zz00000000000000",  # more than 999 microseconds within a millisecond
]


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_is_no_name_tells_no_place(text):
    assert parse_event_id(text) is None


@given(st.text(max_size=30))
@REPEATABLE
def test_any_text_is_a_name_or_none(text):
    place = parse_event_id(text)

    assert place is None or event_id(place) == text.lower()


# --- retries --------------------------------------------------------------------------------


@given(st.integers(1, ATTEMPTS_MAX - 1), chances)
@REPEATABLE
def test_a_delay_keeps_within_its_jitter_and_grows_threefold_up_to_half_a_day(attempts, chance):
    middle = min(5.0 * 3 ** (attempts - 1), 12 * 3600.0)
    delay_s = retry_delay_s(attempts, chance)

    assert middle * (1 - JITTER) <= delay_s <= middle * (1 + JITTER)


@given(st.lists(chances, min_size=ATTEMPTS_MAX - 1, max_size=ATTEMPTS_MAX - 1))
@REPEATABLE
def test_an_event_is_given_up_after_about_three_days(jitters):
    delays_s = [retry_delay_s(n, chance) for n, chance in enumerate(jitters, 1)]
    days = sum(delays_s) / 86_400

    assert 2.3 < days < 3.9
    assert max(delays_s) <= DELAY_S_MAX * (1 + JITTER)


def test_without_jitter_the_first_delays_are_seconds_and_all_make_three_days():
    delays_s = [retry_delay_s(n, 0.5) for n in range(1, ATTEMPTS_MAX)]

    assert delays_s[:5] == [5, 15, 45, 135, 405]
    assert 3 < sum(delays_s) / 86_400 < 3.1


# --- attempts -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(status):
    delivery = after(make_delivery(), status)

    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


@pytest.mark.parametrize("status", [None, 100, 199, 301, 302, 307, 400, 404, 429, 500, 503])
def test_anything_else_is_due_again(status):
    delivery = after(make_delivery(), status, now=Instant(NEW_YEAR + 7))

    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 1)
    assert delivery.next_at == NEW_YEAR + 7 + 5 * SECOND_US


def test_410_disables():
    assert after(make_delivery(), 410).state is DeliveryState.DISABLED


def test_the_last_failure_gives_up():
    delivery, now = make_delivery(), NEW_YEAR
    for _ in range(ATTEMPTS_MAX):
        assert delivery.state is DeliveryState.PENDING
        now = max(now, delivery.next_at)
        delivery = after(delivery, now=now)

    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, ATTEMPTS_MAX)
    assert 3 * DAY_US < now - NEW_YEAR < 3.1 * DAY_US


@pytest.mark.parametrize("state", DeliveryState)
def test_a_replay_starts_anew_in_its_old_place(state):
    delivery = msgspec.structs.replace(make_delivery(), state=state, attempts=15, next_at=0)
    again = replayed(delivery)

    assert (again.state, again.next_at) == (DeliveryState.PENDING, again.created_at)
    assert after(again).next_at == NEW_YEAR + 5 * SECOND_US
    assert after(again).attempts == 16


def test_every_step_moves_the_row_on_by_one_version_and_only_a_claim_is_a_lease():
    claimed = leased(make_delivery(), 7, Instant(NEW_YEAR + 10))

    assert (claimed.version, claimed.worker_id) == (2, 7)
    assert claimed.is_leased(Instant(NEW_YEAR + 9))
    assert not claimed.is_leased(Instant(NEW_YEAR + 10))
    for step in (given_back, disabled, replayed, after):
        moved = step(claimed)
        assert (moved.version, moved.leased_until, moved.worker_id) == (3, None, None)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Hooks.Example/x?y", "hooks.example"),
        ("http://hooks.example:8080/", "hooks.example:8080"),
        ("http://user:pw@hooks.example/", "hooks.example"),
        ("http://[::1]:80/", "[::1]:80"),
        ("http://[::1", ""),
        ("nonsense", ""),
    ],
)
def test_the_host_of_a_url_is_what_stands_for_its_receiver(url, host):
    assert host_of(url) == host
