"""What each command about pools does and what it is refused for, one rule at a time."""

import msgspec
import pytest

from factories import GB, NEW_YEAR, MemoryView, make_account, make_offer, make_pool
from numberline.core import commands as c
from numberline.core.errors import (
    AccountNotFound,
    InvalidValue,
    NumberNotOwned,
    PoolExists,
    PoolNotFound,
    TooManyPools,
)
from numberline.core.instants import DAY_US, Instant, add_months
from numberline.core.lifecycle import EventKind, State
from numberline.core.pools import POOL_NAME_LENGTH_MAX, POOLS_MAX
from numberline.core.rows import Configuration

LATER = Instant(NEW_YEAR + DAY_US)
LINKED = Configuration(application_id="app", tags=("kept",))


def create(pool_id="p1", name=None, account_id="ada", **values):
    return c.CreatePool(
        account_id=account_id, pool_id=pool_id, name=name or f"the {pool_id}", **values
    )


def change(pool_id="p1", account_id="ada", **values):
    return c.ChangePool(account_id=account_id, pool_id=pool_id, **values)


def delete(pool_id="p1", account_id="ada"):
    return c.DeletePool(account_id=account_id, pool_id=pool_id)


def join(pool_id="p1", account_id="ada", number=GB):
    return c.JoinPool(account_id=account_id, number=number, pool_id=pool_id)


def leave(pool_id="p1", account_id="ada", number=GB):
    return c.LeavePool(account_id=account_id, number=number, pool_id=pool_id)


def release(**values):
    return c.Release(account_id="ada", number=GB, **values)


@pytest.fixture
def view():
    """Ada rents a number and has one pool; Bob has neither."""
    view = MemoryView(
        offers=[make_offer(quarantine_days=1)],
        stock={GB: 1, GB + 1: 1},
        accounts=[make_account("ada"), make_account("bob")],
    )
    view.perform(c.Rent(account_id="ada", number=GB, configuration=LINKED))
    view.perform(create())
    return view


def names(view, account_id="ada"):
    return sorted(pool.name for pool in view.pools(account_id).pools)


def pools_of(view, number=GB):
    return view.number(number).configuration.pools


# --- pools ----------------------------------------------------------------------------------


def test_a_pool_is_created_when_the_register_says(view):
    created = view.perform(create("p2", "mine", service="sms", by_country=True), LATER)

    assert created.reply == make_pool(
        "p2", name="mine", service="sms", by_country=True, created_at=LATER, updated_at=LATER
    )
    assert view.pools("ada").find("p2") == created.reply
    assert names(view) == ["mine", "the p1"]


def test_each_change_of_pools_moves_the_revision_of_the_account_on(view):
    for command in (create("p2"), change(name="x"), delete("p2")):
        view.perform(command)

    assert (view.pools("ada").revision, view.pools("bob").revision) == (4, 0)


def test_two_pools_of_an_account_have_two_names(view):
    with pytest.raises(PoolExists, match="the p1"):
        view.perform(create("p2", "the p1"))

    assert view.perform(create("p2", "The p1")).reply.name == "The p1"


def test_another_account_may_have_a_pool_of_the_same_name(view):
    view.perform(create("p2", "the p1", account_id="bob"))

    assert names(view, "ada") == names(view, "bob") == ["the p1"]


def test_a_pool_needs_an_account(view):
    with pytest.raises(AccountNotFound):
        view.perform(create(account_id="stranger"))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *(("name", "nul\x00"), ("name", "\ud800"), ("name", "x" * (POOL_NAME_LENGTH_MAX + 1))),
        *(("service", "a\nb"), ("service", "x" * (POOL_NAME_LENGTH_MAX + 1))),
    ],
)
def test_a_text_that_is_none_for_a_pool_is_refused(view, field, text):
    with pytest.raises(InvalidValue, match=field):
        view.perform(create("p2", **{field: text}))
    with pytest.raises(InvalidValue, match=field):
        view.perform(change(**{field: text}))


def test_a_pool_has_a_name(view):
    with pytest.raises(InvalidValue, match="name"):
        view.perform(c.CreatePool(account_id="ada", pool_id="p2", name=""))
    with pytest.raises(InvalidValue, match="name"):
        view.perform(change(name=""))


def test_an_account_has_a_hundred_pools_at_most(view):
    for n in range(2, POOLS_MAX + 1):
        view.perform(create(f"p{n}"))

    with pytest.raises(TooManyPools):
        view.perform(create("p0"))
    view.perform(delete("p7"))
    view.perform(create("p0"))

    assert len(view.pools("ada").pools) == POOLS_MAX == 100


@pytest.mark.parametrize(
    "values", [{"name": "new"}, {"service": "voice"}, {"by_country": True}, {"name": "The p1"}]
)
def test_what_is_named_is_changed_and_the_rest_stays(view, values):
    changed = view.perform(change(**values), LATER).reply

    assert changed == make_pool(**{"updated_at": LATER} | values)
    assert view.pools("ada").pools == (changed,)


@pytest.mark.parametrize("values", [{}, {"name": "the p1", "service": "", "by_country": False}])
def test_a_change_that_changes_nothing_writes_nothing(view, values):
    decision = view.perform(change(**values), LATER)

    assert (decision.reply, decision.events, decision.pools) == (make_pool(), (), ())


def test_a_pool_is_not_given_the_name_of_another(view):
    view.perform(create("p2"))

    with pytest.raises(PoolExists):
        view.perform(change("p2", name="the p1"))


def test_a_name_that_was_given_up_is_free(view):
    view.perform(change(name="new"))
    view.perform(create("p2", "the p1"))
    view.perform(delete("p2"))
    view.perform(change(name="the p1"))

    assert names(view) == ["the p1"]


@pytest.mark.parametrize("make", [change, delete, join])
@pytest.mark.parametrize("pool_id", ["p1", "p2"])
def test_a_pool_of_another_looks_as_if_it_were_not_there(view, make, pool_id):
    view.perform(c.Rent(account_id="bob", number=GB + 1))
    values = {"number": GB + 1} if make is join else {}

    with pytest.raises(PoolNotFound):
        view.perform(make(pool_id, account_id="bob", **values))


# --- the numbers of a pool ------------------------------------------------------------------


def test_a_number_that_joins_a_pool_keeps_its_settings_and_its_tags(view):
    row = view.perform(join(), LATER).reply

    assert row.configuration == msgspec.structs.replace(LINKED, pools=("p1",))
    assert (row.version, row.state, row.changed_at) == (2, State.ACTIVE, LATER)


def test_a_number_may_be_in_several_pools(view):
    view.perform(create("p2"))
    view.perform(join())
    view.perform(join("p2"))

    assert pools_of(view) == ("p1", "p2")


@pytest.mark.parametrize("make", [join, leave])
def test_where_nothing_changes_nothing_is_written(view, make):
    if make is join:
        view.perform(join())
    before = view.number(GB)

    decision = view.perform(make(), LATER)

    assert (decision.reply, decision.events, decision.numbers) == (before, (), ())


def test_a_number_that_leaves_a_pool_stays_in_the_others(view):
    view.perform(create("p2"))
    for command in (join(), join("p2"), leave()):
        view.perform(command)

    assert pools_of(view) == ("p2",)
    assert view.number(GB).configuration.tags == ("kept",)


@pytest.mark.parametrize("make", [join, leave])
@pytest.mark.parametrize(("account_id", "number"), [("bob", GB), ("ada", GB + 1), ("ada", GB - 1)])
def test_only_who_rents_a_number_puts_it_in_a_pool_or_takes_it_out(view, make, account_id, number):
    view.perform(create("p2", account_id="bob"))
    view.perform(c.Hold(account_id="ada", number=GB + 1, until=LATER))

    with pytest.raises(NumberNotOwned):
        view.perform(make("p2" if account_id == "bob" else "p1", account_id, number))


@pytest.mark.parametrize(
    "command",
    [
        c.Configure(account_id="ada", number=GB, configuration=Configuration()),
        c.Configure(account_id="ada", number=GB, configuration=Configuration(pools=("p9",))),
        c.Configure(account_id="ada", number=GB, tags=()),
        release(at_renewal=True),
    ],
)
def test_nothing_else_that_is_done_to_a_rented_number_touches_its_pools(view, command):
    view.perform(join())
    view.perform(command)

    assert pools_of(view) == ("p1",)


def test_a_number_that_will_be_released_can_still_join_and_leave(view):
    view.perform(release(at_renewal=True))

    assert view.perform(join()).reply.state is State.EXPIRING
    left = view.perform(leave()).reply
    assert (left.state, left.due_at, left.configuration) == (
        State.EXPIRING,
        add_months(NEW_YEAR, 1),
        LINKED,
    )


def test_membership_ends_with_the_rental(view):
    view.perform(join())
    view.perform(release())
    view.perform(c.EndQuarantine(number=GB), LATER)
    view.perform(c.Rent(account_id="ada", number=GB))

    assert pools_of(view) == ()


# --- pools that are no more -----------------------------------------------------------------


def test_a_deleted_pool_is_joined_by_nothing(view):
    view.perform(delete())

    with pytest.raises(PoolNotFound):
        view.perform(join())


def test_a_number_can_leave_a_pool_that_is_no_more(view):
    for command in (join(), delete(), leave()):
        view.perform(command)

    assert pools_of(view) == ()


def test_a_number_never_names_more_pools_than_there_are(view):
    for n in range(3):
        view.perform(create(f"q{n}"))
        view.perform(join(f"q{n}"))
        view.perform(delete(f"q{n}"))
    view.perform(join())

    assert pools_of(view) == ("p1",)


# --- events ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "kind", "name"),
    [
        (create("p2"), EventKind.POOL_CREATED, "the p2"),
        (change(name="new"), EventKind.POOL_CHANGED, "new"),
        (delete(), EventKind.POOL_DELETED, "the p1"),
    ],
)
def test_a_change_of_a_pool_is_told_with_its_name(view, command, kind, name):
    (event,) = view.perform(command).events

    assert (event.kind, event.number, event.account_id) == (kind, None, "ada")
    assert msgspec.json.decode(event.data) == {"pool_id": command.pool_id, "name": name}


def test_a_change_of_membership_is_told_with_the_number_and_the_pool(view):
    events = [event for command in (join(), leave()) for event in view.perform(command).events]

    assert [(e.kind, e.number, e.account_id) for e in events] == [
        (EventKind.POOL_JOINED, GB, "ada"),
        (EventKind.POOL_LEFT, GB, "ada"),
    ]
    told = {"offer_id": 1, "state": "active", "pool_id": "p1"}
    assert [msgspec.json.decode(event.data) for event in events] == [told, told]
