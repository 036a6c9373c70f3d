"""What a look claims keeps each number's order and every host's room, whatever is due."""

from hypothesis import given, settings
from hypothesis import strategies as st

from factories import GB, NEW_YEAR, REPEATABLE, make_delivery
from numberline.storage.outbox import Told
from numberline.workers.webhooks import runs as runs_module
from numberline.workers.webhooks.hosts import Room
from numberline.workers.webhooks.runs import RUN_MAX, SCAN_MAX, Planner

A, B, C = "http://a.test/", "http://b.test/", "http://c.test/"


def make_room(*, unproven=10**6, **hosts):
    """Room for hosts by their first letter; quick are all that are named."""
    named = {f"{letter}.test": left for letter, left in hosts.items()}
    return Room(hosts=named, quick=frozenset(named), unproven=unproven)


class Due:
    """What is due, read as the outbox would be."""

    def __init__(self, deliveries):
        self.deliveries = deliveries
        self.scans = 0

    def __call__(self, elsewhere, limit):
        self.scans += 1
        found = [
            Told(each, None)
            for each in self.deliveries
            if each.host not in elsewhere.hosts
            and (elsewhere.only_hosts is None or each.host in elsewhere.only_hosts)
            and (each.number is None or each.number not in elsewhere.numbers)
        ]
        return found[:limit]


def plan(deliveries, room, leased=()):
    planner = Planner(room, dict.fromkeys(leased, "x.test"))
    planner.plan(Due(deliveries))
    return [[told.delivery for told in run.deliveries] for run in planner.runs]


def seqs(runs):
    return [[delivery.seq for delivery in run] for run in runs]


def test_the_events_of_a_number_make_one_run_in_order():
    deliveries = [make_delivery(seq, number=GB + seq % 2, url=A) for seq in range(6)]

    assert seqs(plan(deliveries, make_room(a=100))) == [[0, 2, 4], [1, 3, 5]]


def test_a_run_has_a_limit_and_what_follows_waits():
    deliveries = [make_delivery(seq, url=A) for seq in range(RUN_MAX + 5)]

    assert seqs(plan(deliveries, make_room(a=100))) == [list(range(RUN_MAX))]


def test_a_number_of_which_something_is_under_way_is_left_alone():
    deliveries = [make_delivery(seq, number=GB + seq, url=A) for seq in range(3)]

    assert seqs(plan(deliveries, make_room(a=100), leased=[GB + 1])) == [[0], [2]]


def test_a_run_stops_where_the_url_changes():
    deliveries = [make_delivery(seq, url=url) for seq, url in enumerate((A, A, B, A))]

    assert seqs(plan(deliveries, make_room(a=9, b=9))) == [[0, 1]]


def test_events_without_a_number_go_each_for_itself():
    deliveries = [make_delivery(seq, number=None, url=A) for seq in range(3)]

    assert seqs(plan(deliveries, make_room(a=100))) == [[0], [1], [2]]


def test_a_host_gets_no_more_than_its_room_and_the_others_theirs():
    urls = [A] * 5 + [B] * 5
    deliveries = [make_delivery(seq, number=GB + seq, url=url) for seq, url in enumerate(urls)]

    assert seqs(plan(deliveries, make_room(a=2, b=3))) == [[0], [1], [5], [6], [7]]


def test_a_full_host_with_ever_so_much_due_does_not_hide_the_others():
    stalled = [make_delivery(seq, number=GB + seq, url=A) for seq in range(5 * SCAN_MAX)]
    others = [make_delivery(10**6 + n, number=GB + 10**6 + n, url=B) for n in range(3)]
    runs = plan(stalled + others, make_room(a=1, b=100))

    assert seqs(runs) == [[0], [10**6], [10**6 + 1], [10**6 + 2]]


def test_a_number_with_ever_so_much_due_does_not_hide_the_others():
    much = [make_delivery(seq, url=A) for seq in range(3 * SCAN_MAX)]
    other = make_delivery(10**6, number=GB + 1, url=A)
    runs = plan([*much, other], make_room(a=100))

    assert seqs(runs) == [list(range(RUN_MAX)), [10**6]]


def test_hosts_that_are_not_proven_share_their_room_and_the_quick_ones_have_theirs():
    new = [
        make_delivery(n, number=GB + n, url=f"http://new-{n}.test/") for n in range(2 * SCAN_MAX)
    ]
    quick = make_delivery(10**6, number=GB - 1, url=A)
    runs = plan([*new, quick], make_room(a=5, unproven=7))

    assert seqs(runs) == [[n] for n in range(7)] + [[10**6]]


def test_a_look_reads_on_only_so_often(monkeypatch):
    monkeypatch.setattr(runs_module, "SCAN_MAX", 1)
    deliveries = [make_delivery(seq, number=GB + seq, url=A) for seq in range(100)]
    due = Due(deliveries)
    planner = Planner(make_room(a=100), {})
    planner.plan(due)

    assert due.scans == runs_module.SCANS_MAX


rows = st.lists(
    st.tuples(
        st.sampled_from([None, GB, GB + 1, GB + 2, GB + 3]),
        st.sampled_from([A, B, C, "http://d.test/"]),
        st.booleans(),  # whether it failed before, and is due again later
    ),
    max_size=40,
)


@given(rows, st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.sets(st.integers(0, 3)))
@settings(REPEATABLE, max_examples=300)
def test_no_event_overtakes_an_earlier_one_of_its_number_and_url_that_was_not_tried(
    rows, a, b, unproven, taken
):
    deliveries = [
        make_delivery(seq, number=number, url=url, attempts=failed, next_at=NEW_YEAR + 99 * failed)
        for seq, (number, url, failed) in enumerate(rows)
    ]
    deliveries.sort(key=lambda each: (each.next_at, each.seq))
    leased = {GB + n for n in taken}
    room = make_room(a=a, b=b, unproven=unproven)
    runs = plan(deliveries, room, leased)

    claimed = [delivery for run in runs for delivery in run]
    assert len({each.seq for each in claimed}) == len(claimed)
    assert not leased & {each.number for each in claimed}
    for run in runs:
        assert len({(each.number, each.url) for each in run}) == 1
    for letter, most in (("a", a), ("b", b)):
        assert sum(each.host[0] == letter for each in claimed) <= most
    assert sum(each.host[0] in "cd" for each in claimed) <= unproven
    order = {each.seq: place for place, each in enumerate(claimed)}
    for each in claimed:
        for earlier in deliveries:
            same = (earlier.number, earlier.url) == (each.number, each.url)
            if same and each.number and earlier.seq < each.seq and not earlier.attempts:
                assert order.get(earlier.seq, 10**6) < order[each.seq]
