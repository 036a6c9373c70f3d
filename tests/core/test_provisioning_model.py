"""Whatever owners want and however attempts end, platforms and number agree in the end.

The model is the platforms themselves: what each service of one number is really linked to. The
workers are as bad as can be. An attempt may do its work or not, before or after its lease has run
out, and its outcome may be told late or never.
"""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from factories import GB, NEW_YEAR, REPEATABLE, MemoryView, make_account, make_offer
from numberline.core import commands as c
from numberline.core.errors import ProvisioningNotDue, ProvisioningSuperseded
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.core.provisioning import (
    Done,
    Failed,
    Service,
    Setup,
    Status,
    TryAgain,
    VoiceLink,
)

LEASE_US = 10

ids = st.sampled_from([None, "", "a", "b"])
voices = st.sampled_from([None, VoiceLink(), VoiceLink("fax", "a"), VoiceLink("trunk", "a")])
setups = st.builds(Setup, plan_id=ids, campaign_id=ids, voice=voices)

QUIET = {EventKind.PROVISIONED, EventKind.DEPROVISIONED}
"""What moves links."""


@dataclass(frozen=True)
class Call:
    """An attempt that is under way."""

    lease: str
    lease_until: int
    step: object

    def is_of(self, service):
        """Whether it is about the same platform as a service."""
        return (self.step.service is Service.VOICE) == (service is Service.VOICE)


class Provisionings(RuleBasedStateMachine):
    """One rented number, its platforms, and workers that may lose everything but the order."""

    @initialize(setup=st.none() | setups)
    def rent(self, setup):
        self.now = NEW_YEAR
        self.view = MemoryView(offers=[make_offer()], stock={GB: 1}, accounts=[make_account("ada")])
        self.platforms = dict.fromkeys(Service, "")
        self.calls = []
        self.wanted = dict.fromkeys(Service, "")
        self.perform(c.Rent(account_id="ada", number=GB, setup=setup))
        self.note(setup)

    @property
    def provisioning(self):
        return self.view.number(GB).provisioning

    def perform(self, command):
        """Decide a command; links move only by what is told as linked or unlinked."""
        before = self.shown() if self.view.numbers else None
        decision = self.view.perform(command, self.now)
        kinds = {event.kind for event in decision.events}
        assert before in (None, self.shown()) or kinds <= QUIET
        return decision

    def shown(self):
        """What the number says that its services are linked to."""
        return {service: named(self.provisioning.at(service)) for service in Service}

    def note(self, setup):
        """Remember what the owner wants."""
        if setup is None:
            return
        for service, id_ in ((Service.SMS, setup.plan_id), (Service.CAMPAIGN, setup.campaign_id)):
            if id_ is not None:
                self.wanted[service] = id_
        if setup.voice is not None:
            self.wanted[Service.VOICE] = named(setup.voice.target(Service.VOICE))

    # --- what may happen --------------------------------------------------------------------

    @rule(duration_us=st.sampled_from([1, LEASE_US]))
    def time_goes_by(self, duration_us):
        self.now = Instant(self.now + duration_us)

    @rule(setup=setups)
    def set_up(self, setup):
        self.perform(c.Configure(account_id="ada", number=GB, setup=setup))
        self.note(setup)

    @rule(service=st.sampled_from(Service))
    def take(self, service):
        lease_until = Instant(self.now + LEASE_US)
        start = c.StartProvisioning(number=GB, service=service, lease_until=lease_until)
        try:
            self.perform(start)
        except ProvisioningNotDue:
            task = self.provisioning.task(service)
            assert (
                task is None
                or task.status is Status.FAILED
                or task.due_at > self.now
                or task.steps[0] is not service
            )
            return
        others = [call for call in self.calls if call.is_of(service)]
        assert all(call.lease_until <= self.now for call in others)
        # Whoever is overtaken has lost: what it would do now it could have done before.
        self.calls = [call for call in self.calls if call not in others]
        lease = self.provisioning.task(service).lease
        self.calls.append(Call(lease, lease_until, self.provisioning.step(service)))

    @precondition(lambda self: self.due())
    @rule(data=st.data())
    def take_what_is_due(self, data):
        self.take(data.draw(st.sampled_from(self.due())))

    def due(self):
        """The steps that a worker may take now."""
        tasks = self.provisioning.tasks
        return [task.steps[0] for task in tasks if task.due_at and task.due_at <= self.now]

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), works=st.booleans(), result=st.sampled_from(["done", "again", "lost"]))
    def end(self, data, works, result):
        """An attempt ends: with an answer, with none, or without anyone to hear it."""
        call = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        if works or result == "done":
            self.work(call.step)
        if result != "lost":
            self.finish(call, Done() if result == "done" else TryAgain(self.now))

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), works=st.booleans())
    def fail(self, data, works):
        """An attempt fails for good; if it has worked all the same, that is in doubt."""
        call = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        if works:
            self.work(call.step)
        self.finish(call, Failed("NO", in_doubt=works))

    def work(self, step):
        """A platform carries a step out."""
        self.platforms[step.service] = named(step.target) if step.action == "link" else ""

    def finish(self, call, result):
        try:
            self.perform(c.FinishProvisioning(number=GB, lease=call.lease, result=result))
        except ProvisioningSuperseded:
            assert call.lease not in {task.lease for task in self.provisioning.tasks}

    @rule()
    def all_goes_well(self):
        """Every attempt succeeds from now on; what has not failed before comes to its end."""
        for _ in range(12):
            self.time_goes_by(LEASE_US)
            for service in Service:
                self.take(service)
            for call in list(self.calls):
                self.calls.remove(call)
                self.work(call.step)
                self.finish(call, Done())
        assert not any(task.is_pending for task in self.provisioning.tasks)

    # --- what must hold ---------------------------------------------------------------------

    @invariant()
    def where_nothing_is_to_be_done_platforms_number_and_owner_agree(self):
        for service in Service:
            if self.provisioning.task(service) is None:
                assert self.shown()[service] == self.platforms[service] == self.wanted[service]

    @invariant()
    def a_task_leads_to_what_is_wanted(self):
        for service in Service:
            task = self.provisioning.task(service)
            if task is not None:
                assert named(task.wanted.target(service)) == self.wanted[service]

    @invariant()
    def a_step_that_a_worker_has_is_in_progress_and_what_has_failed_is_left_alone(self):
        for task in self.provisioning.tasks:
            assert (task.due_at is None) == (task.status is Status.FAILED)
            assert bool(task.error_codes) == (task.status is Status.FAILED)
            assert task.steps
            if task.attempts:
                assert task.status is not Status.WAITING


def named(target):
    """What a service is linked to, in one text."""
    kinds = {"plan": "", "campaign": ""}
    return kinds.get(target.kind, target.kind) + target.target_id if target.target_id else ""


TestProvisionings = Provisionings.TestCase
TestProvisionings.settings = settings(REPEATABLE, max_examples=100, stateful_step_count=50)
