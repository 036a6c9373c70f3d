"""Decisions about provisioning: a worker takes a step of a task, and tells what came of it."""

from typing import Any

import msgspec

from numberline.core import commands as c
from numberline.core.decisions.decision import Decision
from numberline.core.decisions.setups import step_event, with_provisioning
from numberline.core.errors import (
    CallbackReplaced,
    InvalidValue,
    ProvisioningNotDue,
    ProvisioningSuperseded,
)
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.core.provisioning import Done, Failed, Provisioning, Status, Task, TryAgain
from numberline.core.rows import Event, NumberRow, View


def start(command: c.StartProvisioning, view: View, now: Instant) -> Decision:
    """A task whose next step a worker takes, until its lease runs out."""
    row = view.number(command.number)
    task = row.provisioning.task(command.service) if row else None
    if row is None or task is None or task.due_at is None or task.due_at > now:
        raise ProvisioningNotDue(command.number)
    if task.steps[0] is not command.service:
        raise ProvisioningNotDue(command.number)
    if command.lease_until <= now:
        raise InvalidValue("lease_until", "must lie in the future")
    attempts = task.attempts + 1
    started = msgspec.structs.replace(
        task,
        status=Status.IN_PROGRESS,
        attempts=attempts,
        updated_at=now,
        due_at=command.lease_until,
        lease=f"{task.idempotency_key}-{attempts}",
    )
    provisioning = row.provisioning.with_task(command.service, started)
    step = provisioning.step(command.service)
    row = _moved_on(row, provisioning, now)
    event = step_event(EventKind.PROVISIONING_STARTED, row, step, "in_progress", started)
    return _decision(row, event)


def finish(command: c.FinishProvisioning, view: View, now: Instant) -> Decision:
    """What comes of an attempt: the links move up, or it has failed, or is tried again."""
    row = view.number(command.number)
    tasks = row.provisioning.tasks if row and command.lease else ()
    task = next((task for task in tasks if task.lease == command.lease), None)
    if row is None or task is None:
        raise ProvisioningSuperseded(command.number)
    if not task.attempts:
        return _give_way(row, task, now)
    match command.result:
        case Done():
            return _done(row, task, now)
        case Failed():
            return _failed(row, task, command.result, now)
        case TryAgain():
            return _put_off(row, task, command.result.at, now)


def _give_way(row: NumberRow, task: Task[Any], now: Instant) -> Decision:
    """The attempt was of a task before this one, which now need not wait for it any longer."""
    freed = msgspec.structs.replace(task, lease="", due_at=now)
    provisioning = row.provisioning.with_task(task.steps[0], freed)
    row = _moved_on(row, provisioning, now)
    step = provisioning.step(task.steps[0])
    return _decision(
        row, step_event(EventKind.PROVISIONING_SUPERSEDED, row, step, "waiting", freed)
    )


def _done(row: NumberRow, task: Task[Any], now: Instant) -> Decision:
    service = task.steps[0]
    step = row.provisioning.step(service)
    further = task.after_step()
    if further.steps:
        further = msgspec.structs.replace(further, attempts=0, updated_at=now, due_at=now, lease="")
        provisioning = row.provisioning.with_task(service, further)
    else:
        provisioning = row.provisioning.linked(service, task.wanted)
    row = _moved_on(row, provisioning, now)
    kind = EventKind.PROVISIONED if step.action == "link" else EventKind.DEPROVISIONED
    return _decision(row, step_event(kind, row, step, "succeeded", task))


def _failed(row: NumberRow, task: Task[Any], result: Failed, now: Instant) -> Decision:
    if not result.code or not result.code.isprintable():
        raise InvalidValue("code", "must be a text without control characters")
    service = task.steps[0]
    step = row.provisioning.step(service)
    # An earlier attempt, of which nothing was heard, may have carried it out.
    in_doubt = result.in_doubt or task.attempts > 1
    failed = msgspec.structs.replace(
        task.left_in_doubt() if in_doubt else task,
        status=Status.FAILED,
        updated_at=now,
        due_at=None,
        lease="",
        error_codes=(result.code,),
    )
    row = _moved_on(row, row.provisioning.with_task(service, failed), now)
    return _decision(row, step_event(EventKind.PROVISIONING_FAILED, row, step, "failed", failed))


def _put_off(row: NumberRow, task: Task[Any], at: Instant, now: Instant) -> Decision:
    put_off = msgspec.structs.replace(task, updated_at=now, due_at=at, lease="")
    service = task.steps[0]
    provisioning = row.provisioning.with_task(service, put_off)
    row = _moved_on(row, provisioning, now)
    step = provisioning.step(service)
    return _decision(
        row, step_event(EventKind.PROVISIONING_POSTPONED, row, step, "in_progress", put_off)
    )


def disable_callback(command: c.DisableCallback, view: View, now: Instant) -> Decision:
    """A number of which a URL is told nothing more, until its owner names one again."""
    row = view.number(command.number)
    if row is None or row.provisioning.callback_url != command.url:
        raise CallbackReplaced(command.number)
    silent = msgspec.structs.replace(row.provisioning, callback_url="", callback_scheme="")
    event = Event(
        kind=EventKind.CALLBACK_DISABLED,
        number=row.number,
        account_id=row.account_id,
        data=msgspec.Raw(msgspec.json.encode({"url": command.url})),
    )
    return _decision(_moved_on(row, silent, now), event)


def _moved_on(row: NumberRow, provisioning: Provisioning, now: Instant) -> NumberRow:
    changed = msgspec.structs.replace(row, version=row.version + 1, changed_at=now)
    return with_provisioning(changed, provisioning)


def _decision(row: NumberRow, event: Event) -> Decision:
    return Decision(reply=row, events=(event,), numbers=(row,))
