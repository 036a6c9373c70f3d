"""``numberline webhook``: what is told to whom, and what came of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from numberline.cli.common import (
    DEFAULT_DATABASE,
    DatabaseOption,
    connected,
    err,
    fail,
    out,
    show_table,
)
from numberline.core.instants import Instant, to_datetime
from numberline.core.webhooks import (
    Attempt,
    Delivery,
    DeliveryState,
    EventPlace,
    parse_event_id,
    replayed,
)

if TYPE_CHECKING:
    from numberline.storage.engines import Database
    from numberline.storage.outbox import Told

LIST_DEFAULT: Final = 50

LIST_MAX: Final = 10_000
"""How many deliveries a command lists or replays at a time."""

REPLAY_TRIES: Final = 5
"""How often a replay is tried against a worker that moves the same delivery on."""

webhook_app = typer.Typer(help="Events that are told to receivers.", no_args_is_help=True)

AccountOption = Annotated[str | None, typer.Option("--account", help="Only this account's.")]
NumberOption = Annotated[int | None, typer.Option("--number", help="Only this number's.")]
LimitOption = Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at the most.")]
EventArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The event's id.", show_default=False)
]


@webhook_app.command("list")
def list_(
    *,
    account: AccountOption = None,
    number: NumberOption = None,
    state: Annotated[
        DeliveryState | None, typer.Option("--state", help="Only those in this state.")
    ] = None,
    limit: LimitOption = LIST_DEFAULT,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """List events that are told, the newest first."""
    from numberline.storage import outbox

    filter_ = outbox.DeliveryFilter(account_id=account, number=number, state=state)
    with connected(database) as opened, opened.reading() as connection:
        found = outbox.list_told(connection, filter_, limit=limit)
    show_table(
        ("event", "kind", "number", "account", "state", "attempts", "next", "url"),
        (_line(told) for told in found),
    )
    if len(found) == limit:
        err.print(f"the newest {limit}; there may be more (--limit)", markup=False)


def _line(told: "Told") -> Iterable[object]:
    delivery = told.delivery
    is_pending = delivery.state is DeliveryState.PENDING
    return (
        delivery.event_id,
        told.event.kind.value,
        delivery.number or "",
        delivery.account_id,
        delivery.state.value,
        delivery.attempts,
        _second(delivery.next_at) if is_pending else "",
        delivery.url,
    )


@webhook_app.command()
def show(event_id: EventArgument, database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """Show an event, where it goes, and each attempt."""
    from numberline.storage import outbox

    place = _place(event_id)
    with connected(database) as opened, opened.reading() as connection:
        told = outbox.find_told(connection, place[1:])
        attempts = outbox.attempts_of(connection, place[1:])
    if told is None or told.event.at != place.at:
        fail(f"no event {event_id} is told to anyone")
    delivery = told.delivery
    out.print(f"event     {delivery.event_id}", markup=False)
    out.print(f"kind      {told.event.kind.value}", markup=False)
    out.print(f"number    {delivery.number or ''}", markup=False)
    out.print(f"account   {delivery.account_id}", markup=False)
    out.print(f"url       {delivery.url}", markup=False)
    out.print(f"manner    {delivery.scheme}", markup=False)
    out.print(f"happened  {_second(delivery.created_at)}", markup=False)
    out.print(f"state     {_state_text(delivery)}", markup=False)
    if attempts:
        out.print()
        show_table(
            ("attempt", "at", "took", "answer"),
            (_attempt_line(count, attempt) for count, attempt in enumerate(attempts, 1)),
        )


def _state_text(delivery: Delivery) -> str:
    if delivery.state is not DeliveryState.PENDING:
        return delivery.state.value
    return f"{delivery.state.value}, due {_second(delivery.next_at)}"


def _attempt_line(count: int, attempt: Attempt) -> Iterable[object]:
    answer = attempt.error if attempt.status is None else f"status {attempt.status}"
    return count, _second(attempt.at), f"{attempt.duration_ms} ms", answer


@webhook_app.command()
def replay(  # noqa: PLR0913  one option each
    event_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The event's id.", show_default=False)
    ] = None,
    *,
    account: AccountOption = None,
    number: NumberOption = None,
    state: Annotated[
        DeliveryState | None, typer.Option("--state", help="Those in this state, many at once.")
    ] = None,
    limit: LimitOption = LIST_MAX,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Send an event again, or with --state many; the workers do so within a second.

    An event keeps its id, so a receiver can tell that it has seen it. A replayed event has all
    of its attempts before it again.
    """
    from numberline.storage import outbox

    if (event_id is None) == (state is None):
        fail("name one event, or several by --state (and --account, --number)")
    with connected(database) as opened:
        if event_id is not None:
            if account is not None or number is not None:
                fail("--account and --number go with --state")
            place = _place(event_id)
            if not _replay(opened, place[1:], place.at):
                fail(f"no event {event_id} is told to anyone")
            out.print(f"{event_id} is sent again", markup=False)
            return
        filter_ = outbox.DeliveryFilter(account_id=account, number=number, state=state)
        with opened.reading() as connection:
            found = outbox.list_told(connection, filter_, limit=limit)
        count = sum(_replay(opened, told.delivery.key, told.delivery.created_at) for told in found)
    out.print(f"{count:,} events are sent again", markup=False)
    if len(found) == limit:
        err.print(f"the newest {limit}; there may be more", markup=False)


def _replay(database: "Database", place: tuple[int, int], at: Instant) -> bool:
    """Make a delivery start anew; returns whether there is one."""
    from numberline.storage import outbox

    statements = outbox.OutboxStatements(database)
    for _ in range(REPLAY_TRIES):
        with database.writing() as connection:
            told = outbox.find_told(connection, place)
            if told is None or told.delivery.created_at != at:
                return False
            if statements.write(connection, [replayed(told.delivery)]):
                return True
    return fail("the event is being sent right now; try again")


def _place(event_id: str) -> EventPlace:
    place = parse_event_id(event_id)
    if place is None:
        fail(f"{event_id!r} is no event's id; `numberline webhook list` shows them")
    return place


def _second(instant: int) -> str:
    return f"{to_datetime(instant):%Y-%m-%d %H:%M:%S}"
