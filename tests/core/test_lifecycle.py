"""The life of a number is one table; here it stands a second time, as a grid."""

from collections import Counter

import pytest

from numberline.core.lifecycle import (
    OWNED,
    TRANSITIONS,
    Action,
    Actor,
    EventKind,
    State,
    transition,
)

A, H, R, E, Q, W = State
GRID = {
    #                          available  held  active  expiring  quarantined  withdrawn
    Action.HOLD:             (H,         H,    None,   None,     None,        None),
    Action.END_HOLD:         (None,      A,    None,   None,     None,        None),
    Action.RENT:             (R,         R,    None,   None,     None,        None),
    Action.CONFIGURE:        (None,      None, R,      E,        None,        None),
    Action.JOIN_POOL:        (None,      None, R,      E,        None,        None),
    Action.LEAVE_POOL:       (None,      None, R,      E,        None,        None),
    Action.SCHEDULE_RELEASE: (None,      None, E,      E,        None,        None),
    Action.RELEASE:          (None,      None, Q,      Q,        None,        None),
    Action.EXPIRE:           (None,      None, None,   Q,        None,        None),
    Action.END_QUARANTINE:   (None,      None, None,   None,     A,           None),
    Action.WITHDRAW:         (W,         None, None,   None,     W,           None),
    Action.RESTOCK:          (None,      None, None,   None,     None,        A),
}  # fmt: skip
"""What becomes of a number by action and by state before; None where it is refused."""

EVENTS = {
    Action.HOLD: EventKind.NUMBER_HELD,
    Action.END_HOLD: EventKind.HOLD_ENDED,
    Action.RENT: EventKind.NUMBER_RENTED,
    Action.CONFIGURE: EventKind.NUMBER_CONFIGURED,
    Action.JOIN_POOL: EventKind.POOL_JOINED,
    Action.LEAVE_POOL: EventKind.POOL_LEFT,
    Action.SCHEDULE_RELEASE: EventKind.RELEASE_SCHEDULED,
    Action.RELEASE: EventKind.NUMBER_RELEASED,
    Action.EXPIRE: EventKind.NUMBER_RELEASED,
    Action.END_QUARANTINE: EventKind.QUARANTINE_ENDED,
    Action.WITHDRAW: EventKind.NUMBER_WITHDRAWN,
    Action.RESTOCK: EventKind.NUMBER_RESTOCKED,
}

PAIRS = [
    (before, action, after)
    for action, row in GRID.items()
    for before, after in zip(State, row, strict=True)
]


@pytest.mark.parametrize(("before", "action", "after"), PAIRS)
def test_an_action_in_a_state_has_one_outcome(before, action, after):
    step = transition(before, action)

    assert (step.after if step else None) == after


def test_the_grid_has_a_row_for_every_action():
    assert set(GRID) == set(Action)


def test_no_state_and_action_have_two_rows():
    pairs = Counter((row.before, row.action) for row in TRANSITIONS)

    assert max(pairs.values()) == 1


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_left(state):
    assert [row for row in TRANSITIONS if row.before is state and row.after is not state]


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached_from_the_stock(state):
    reached = {State.AVAILABLE}
    for _ in State:
        reached |= {row.after for row in TRANSITIONS if row.before in reached}

    assert state in reached


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.before}-{row.action}")
def test_an_action_is_told_by_one_kind_of_event(row):
    assert row.event is EVENTS[row.action]


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.before}-{row.action}")
def test_only_the_owner_the_system_or_the_operator_may_touch_what_is_not_free(row):
    free = row.before is State.AVAILABLE and row.action is not Action.WITHDRAW

    assert (row.actor is Actor.ANYONE) == free


@pytest.mark.parametrize("state", sorted(OWNED))
def test_what_is_rented_can_be_configured_sorted_and_given_back_by_its_owner(state):
    actions = {
        row.action for row in TRANSITIONS if row.before is state and row.actor is Actor.OWNER
    }

    assert actions == {
        *(Action.CONFIGURE, Action.JOIN_POOL, Action.LEAVE_POOL),
        *(Action.SCHEDULE_RELEASE, Action.RELEASE),
    }
