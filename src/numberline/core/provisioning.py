"""Provisioning: what the services of a rented number are linked to, and what is wanted instead.

A number sends and receives for a plan of an SMS platform, may be registered under a campaign
(10DLC) beside it, and takes calls for an application, a trunk or a fax service. A change of
these is a task: what is wanted is recorded, a worker has the platforms carry it out step by
step, and only then does the number count as linked. There is one task at most for SMS, which
takes plan and campaign together, and one for voice.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec

from numberline.core.emergency import NO_EMERGENCY_ADDRESS, EmergencyAddress
from numberline.core.instants import Instant


class Service(StrEnum):
    """What a number can be linked for; each is linked by a step of its own."""

    SMS = "sms"
    CAMPAIGN = "campaign"
    VOICE = "voice"


VoiceKind: TypeAlias = Literal["", "application", "trunk", "fax"]

VOICE_KINDS: Final = frozenset({"application", "trunk", "fax"})
"""What takes the calls of a number."""

TARGET_KINDS: Final = VOICE_KINDS | {"plan", "campaign"}
"""What a number can be linked to."""


class Target(NamedTuple):
    """What a service is linked to; without an identifier to nothing."""

    kind: str
    target_id: str


NO_TARGET: Final = Target("", "")


class SmsLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """The plan and the campaign of a number; an empty identifier is none."""

    plan_id: str = ""
    campaign_id: str = ""

    def target(self, service: Service) -> Target:
        """What a service of SMS is linked to by it."""
        if service is Service.CAMPAIGN:
            return Target("campaign", self.campaign_id)
        return Target("plan", self.plan_id)

    def taking(self, service: Service, other: "SmsLink") -> "SmsLink":
        """The same with one service linked as in another."""
        if service is Service.CAMPAIGN:
            return SmsLink(self.plan_id, other.campaign_id)
        return SmsLink(other.plan_id, self.campaign_id)

    @property
    def order(self) -> tuple[Service, ...]:
        """The services in the order in which to link them: no campaign without a plan."""
        steps = (Service.SMS, Service.CAMPAIGN)
        return steps if self.campaign_id else steps[::-1]


class VoiceLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """What takes the calls of a number; an empty identifier is none."""

    kind: VoiceKind = ""
    target_id: str = ""

    def target(self, service: Service) -> Target:  # noqa: ARG002  voice has one service only
        """What voice is linked to by it."""
        return Target(self.kind, self.target_id)

    def taking(self, service: Service, other: "VoiceLink") -> "VoiceLink":  # noqa: ARG002  as above
        """The same with one service linked as in another."""
        return other

    @property
    def order(self) -> tuple[Service, ...]:
        """The services in the order in which to link them."""
        return (Service.VOICE,)


NO_SMS: Final = SmsLink()
NO_VOICE: Final = VoiceLink()


class Status(StrEnum):
    """How far a task is. One that is done is gone."""

    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    FAILED = "failed"


LinkT = TypeVar("LinkT", SmsLink, VoiceLink)


class Task(msgspec.Struct, Generic[LinkT], frozen=True, kw_only=True, omit_defaults=True):
    """A change of SMS or of voice that is to be carried out, or that has failed."""

    task_id: str
    """Names the task for good; no other of any number has the same."""
    wanted: LinkT
    reached: LinkT
    """What the platforms have by now, as far as known."""
    steps: tuple[Service, ...]
    """What is left to do, in order."""
    updated_at: Instant
    status: Status = Status.WAITING
    attempts: int = 0
    """How often the first of the steps was begun."""
    due_at: Instant | None = None
    """When a worker may take it: where one has it, the end of its lease."""
    lease: str = ""
    """Names the attempt that a worker has until `due_at`, also one of a task before this one."""
    error_codes: tuple[str, ...] = ()
    in_doubt: tuple[Service, ...] = ()
    """The services of which it is not known whether a step was carried out."""

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be carried out."""
        return self.status is not Status.FAILED

    @property
    def idempotency_key(self) -> str:
        """Names its next step; the same at each attempt."""
        return f"{self.task_id}-{self.steps[0]}"

    def left_in_doubt(self) -> "Task[LinkT]":
        """The same with its step in doubt, if it was begun: it may be carried out or not."""
        if not self.is_pending or not self.attempts:
            return self
        service = self.steps[0]
        links = bool(self.wanted.target(service).target_id)
        return msgspec.structs.replace(
            self,
            reached=self.reached.taking(service, self.wanted) if links else self.reached,
            in_doubt=tuple(sorted({*self.in_doubt, service})),
        )

    def after_step(self) -> "Task[LinkT]":
        """The same with its step carried out."""
        service, *left = self.steps
        return msgspec.structs.replace(
            self,
            reached=self.reached.taking(service, self.wanted),
            steps=tuple(left),
            in_doubt=tuple(each for each in self.in_doubt if each is not service),
        )


class Step(NamedTuple):
    """The next step of a task: which service to link to what, or to unlink from what.

    `replaces` is what a link takes the place of, as far as known.
    """

    service: Service
    action: Literal["link", "unlink"]
    target: Target
    replaces: Target


class Provisioning(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rented number is linked to, and the tasks that change it.

    `task_count` is how many tasks there were in this rental. With a callback URL the owner is
    told of what was linked and unlinked, in the manner of the door that the scheme names.
    """

    sms: SmsLink = NO_SMS
    voice: VoiceLink = NO_VOICE
    sms_task: Task[SmsLink] | None = None
    voice_task: Task[VoiceLink] | None = None
    callback_url: str = ""
    callback_scheme: str = ""
    task_count: int = 0

    def task(self, service: Service) -> Task[Any] | None:
        """The task that has to do with a service."""
        return self.voice_task if service is Service.VOICE else self.sms_task

    def link(self, service: Service) -> Any:
        """The links among which a service's is, as they are provisioned."""
        return self.voice if service is Service.VOICE else self.sms

    @property
    def tasks(self) -> tuple[Task[Any], ...]:
        """The tasks, failed ones among them."""
        return tuple(task for task in (self.sms_task, self.voice_task) if task is not None)

    @property
    def work_at(self) -> Instant | None:
        """When there is next something to do for a worker."""
        return min((task.due_at for task in self.tasks if task.due_at is not None), default=None)

    def with_task(self, service: Service, task: Task[Any] | None) -> "Provisioning":
        """The same with another task in the place of the one of a service."""
        if service is Service.VOICE:
            return msgspec.structs.replace(self, voice_task=task)
        return msgspec.structs.replace(self, sms_task=task)

    def linked(self, service: Service, link: Any) -> "Provisioning":
        """The same with links in their place, and no task for them any more."""
        if service is Service.VOICE:
            return msgspec.structs.replace(self, voice=link, voice_task=None)
        return msgspec.structs.replace(self, sms=link, sms_task=None)

    def step(self, service: Service) -> Step:
        """What the task of a service has to do for it."""
        task = self.task(service)
        assert task is not None, service  # noqa: S101  only asked about what is to be done
        wanted, there = task.wanted.target(service), task.reached.target(service)
        if there.target_id in ("", wanted.target_id):
            there = self.at(service)
        if wanted.target_id:
            return Step(service, "link", wanted, there)
        return Step(service, "unlink", there, NO_TARGET)

    def at(self, service: Service) -> Target:
        """What a service is linked to, as it is provisioned."""
        target: Target = self.link(service).target(service)
        return target


NO_PROVISIONING: Final = Provisioning()


def steps_between(
    linked: LinkT, reached: LinkT, wanted: LinkT, in_doubt: tuple[Service, ...]
) -> tuple[Service, ...]:
    """What has to be done so that the platforms and the number both have what is wanted."""

    def stands(service: Service) -> bool:
        target = wanted.target(service)
        known = service not in in_doubt
        return known and target == linked.target(service) == reached.target(service)

    return tuple(service for service in wanted.order if not stands(service))


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner wants of a number; what is None stays as it is, an empty text takes away.

    `callback_scheme` says in the manner of which door the callback URL is to be told.
    """

    plan_id: str | None = None
    campaign_id: str | None = None
    voice: VoiceLink | None = None
    callback_url: str | None = None
    callback_scheme: str = ""
    display_name: str | None = None
    emergency_address: EmergencyAddress | None = None

    def texts(self) -> Iterable[tuple[str, str]]:
        """Every text that it gives, by the name of its field."""
        for name in ("plan_id", "campaign_id", "callback_url", "callback_scheme", "display_name"):
            yield name, getattr(self, name) or ""
        yield "voice", self.voice.target_id if self.voice else ""
        address = self.emergency_address or NO_EMERGENCY_ADDRESS
        yield "emergency_address", "".join(msgspec.structs.astuple(address))


class Done(msgspec.Struct, frozen=True):
    """An attempt has succeeded."""


class Failed(msgspec.Struct, frozen=True):
    """A step has failed for good; `in_doubt` where it may have been carried out all the same."""

    code: str
    in_doubt: bool = False


class TryAgain(msgspec.Struct, frozen=True):
    """An attempt has come to nothing, and another is to follow at an instant."""

    at: Instant


Result: TypeAlias = Done | Failed | TryAgain
"""What has come of an attempt."""


class StepNews(msgspec.Struct, frozen=True, kw_only=True):
    """The data of an event about provisioning.

    `status` is ``waiting``, ``in_progress``, ``succeeded``, ``failed`` or ``cancelled``;
    `failure_code` is the provisioner's own word, None unless it failed.
    """

    service: Service
    action: Literal["link", "unlink"]
    status: str
    target_kind: str
    target_id: str
    task_id: str | None = None
    attempt: int = 0
    error_codes: tuple[str, ...] = ()
    failure_code: str | None = None
