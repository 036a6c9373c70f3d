"""What is wanted of a rented number: recorded as tasks, given up, and ended with the rental."""

from typing import Any, Final, TypeVar

import msgspec

from numberline.core.errors import InvalidValue
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.core.provisioning import (
    NO_PROVISIONING,
    NO_VOICE,
    VOICE_KINDS,
    Provisioning,
    Service,
    Setup,
    SmsLink,
    Step,
    StepNews,
    Task,
    VoiceLink,
    steps_between,
)
from numberline.core.rows import Callback, Event, NumberRow

LinkT = TypeVar("LinkT", SmsLink, VoiceLink)


def set_up(row: NumberRow, setup: Setup, now: Instant) -> tuple[NumberRow, tuple[Event, ...]]:
    """A rented number with what is wanted of it recorded, and the events of its new tasks.

    What is linked already and not about to change makes no task. Another want takes the place
    of a pending or failed one.

    Raises:
        InvalidValue: The setup holds a value that no rule allows.
    """
    _check(setup)
    before = row.provisioning
    provisioning = _with_callback(before, setup)
    if setup.plan_id is not None or setup.campaign_id is not None:
        sms = before.sms_task.wanted if before.sms_task else before.sms
        plan_id = sms.plan_id if setup.plan_id is None else setup.plan_id
        campaign_id = sms.campaign_id if setup.campaign_id is None else setup.campaign_id
        provisioning = _want(row, provisioning, Service.SMS, SmsLink(plan_id, campaign_id), now)
    if setup.voice is not None:
        voice = setup.voice if setup.voice.target_id else NO_VOICE
        provisioning = _want(row, provisioning, Service.VOICE, voice, now)
    if setup.display_name is not None:
        configuration = msgspec.structs.replace(row.configuration, display_name=setup.display_name)
        row = msgspec.structs.replace(row, configuration=configuration)
    if setup.emergency_address is not None:
        configuration = msgspec.structs.replace(
            row.configuration, emergency_address=setup.emergency_address
        )
        row = msgspec.structs.replace(row, configuration=configuration)
    row = with_provisioning(row, provisioning)
    kind = EventKind.PROVISIONING_REQUESTED
    events = [
        step_event(kind, row, provisioning.step(service), "waiting", task)
        for task in provisioning.tasks
        if task not in before.tasks
        for service in task.steps
    ]
    return row, tuple(events)


def _check(setup: Setup) -> None:
    for name, text in setup.texts():
        if not text.isprintable():
            raise InvalidValue(name, "must not hold control characters")
    voice = setup.voice
    if voice is not None and voice.target_id and voice.kind not in VOICE_KINDS:
        raise InvalidValue("voice", f"must be one of {', '.join(sorted(VOICE_KINDS))}")


def _with_callback(provisioning: Provisioning, setup: Setup) -> Provisioning:
    if setup.callback_url is None:
        return provisioning
    return msgspec.structs.replace(
        provisioning,
        callback_url=setup.callback_url,
        callback_scheme=setup.callback_scheme if setup.callback_url else "",
    )


def _want(
    row: NumberRow, provisioning: Provisioning, service: Service, wanted: Any, now: Instant
) -> Provisioning:
    """The same with a task for what is wanted, where that takes one."""
    old = provisioning.task(service)
    if old is not None and old.is_pending and old.wanted == wanted:
        return provisioning
    count = provisioning.task_count + 1
    task_id = f"{row.number}-{row.rented_at}-{count}"
    task = _task(old, provisioning.link(service), wanted, task_id=task_id, now=now)
    if task is None:
        return provisioning.with_task(service, None)
    counted = msgspec.structs.replace(provisioning, task_count=count)
    return counted.with_task(service, task)


def _task(
    old: Task[LinkT] | None, linked: LinkT, wanted: LinkT, *, task_id: str, now: Instant
) -> Task[LinkT] | None:
    """The task that leads to what is wanted, or None where nothing is to be done.

    An attempt that a worker has under way goes before it: the two might overtake each other.
    """
    left = old.left_in_doubt() if old else None
    reached = left.reached if left else linked
    in_doubt = left.in_doubt if left else ()
    steps = steps_between(linked, reached, wanted, in_doubt)
    if not steps:
        return None
    waits = old is not None and old.lease and old.due_at is not None and old.due_at > now
    return Task(
        task_id=task_id,
        wanted=wanted,
        reached=reached,
        in_doubt=in_doubt,
        steps=steps,
        updated_at=now,
        due_at=old.due_at if old and waits else now,
        lease=old.lease if old and waits else "",
    )


def cancel_voice(row: NumberRow, now: Instant) -> tuple[NumberRow, tuple[Event, ...]]:
    """A number whose release is scheduled: what is wanted of its voice is given up.

    What was begun meanwhile is taken back, for it may have been carried out.
    """
    task = row.provisioning.voice_task
    if task is None:
        return row, ()
    step = row.provisioning.step(Service.VOICE)
    event = step_event(EventKind.PROVISIONING_CANCELLED, row, step, "cancelled", task)
    provisioning = _want(row, row.provisioning, Service.VOICE, row.provisioning.voice, now)
    return with_provisioning(row, provisioning), (event,)


def unlinked(row: NumberRow) -> tuple[Event, ...]:
    """The events of what a number was linked to when its rental ends."""
    provisioning = row.provisioning
    if provisioning is NO_PROVISIONING:
        return ()
    events = []
    for service in Service:
        task = provisioning.task(service)
        # What is under way may have been carried out.
        target = task.left_in_doubt().reached.target(service) if task else provisioning.at(service)
        if target.target_id:
            step = Step(service, "unlink", target, target)
            events.append(step_event(EventKind.DEPROVISIONED, row, step, "succeeded"))
    return tuple(events)


# --- what start and finish use too ----------------------------------------------------------


def with_provisioning(row: NumberRow, provisioning: Provisioning) -> NumberRow:
    """A number with another provisioning, and when a worker has to look at it."""
    return msgspec.structs.replace(row, provisioning=provisioning, work_at=provisioning.work_at)


TOLD: Final = frozenset(
    {EventKind.PROVISIONED, EventKind.DEPROVISIONED, EventKind.PROVISIONING_FAILED}
)
"""What the owner of a number is told of."""


def step_event(
    kind: EventKind, row: NumberRow, step: Step, status: str, task: Task[Any] | None = None
) -> Event:
    """The event of something that has happened to a step of a task."""
    codes = task.error_codes if task else ()
    news = StepNews(
        service=step.service,
        action=step.action,
        status=status,
        target_kind=step.target.kind,
        target_id=step.target.target_id,
        task_id=task.task_id if task else None,
        attempt=task.attempts if task else 0,
        error_codes=codes,
        failure_code=codes[0] if codes else None,
    )
    url = row.provisioning.callback_url
    return Event(
        kind=kind,
        number=row.number,
        account_id=row.account_id,
        data=msgspec.Raw(msgspec.json.encode(news)),
        callback=Callback(url, row.provisioning.callback_scheme) if url and kind in TOLD else None,
    )
