"""A rented number whose provisioning can be asked for and carried out in few words."""

import msgspec

from factories import GB, NEW_YEAR, MemoryView, make_account, make_offer
from numberline.core import commands as c
from numberline.core.instants import Instant
from numberline.core.provisioning import Done, Service, Setup, StepNews, VoiceLink

SMS, CAMPAIGN, VOICE = Service
LATER = Instant(NEW_YEAR + 1000)
MUCH_LATER = Instant(NEW_YEAR + 5000)

DONE = Done()
APP = VoiceLink("application", "app")
FAX = VoiceLink("fax", "fax")
HOOK = Setup(callback_url="https://example.com/told", callback_scheme="sinch")


class Number:
    """One number of Ada's, with short ways to ask for things."""

    def __init__(self, setup=None, **terms):
        self.now = NEW_YEAR
        self.view = MemoryView(
            offers=[make_offer(**terms)], stock={GB: 1}, accounts=[make_account("ada")]
        )
        self.told = []
        self.perform(c.Rent(account_id="ada", number=GB, setup=setup))

    def perform(self, command):
        decision = self.view.perform(command, self.now)
        self.told = decision.events
        return decision.reply

    @property
    def row(self):
        return self.view.number(GB)

    @property
    def provisioning(self):
        return self.row.provisioning

    def set_up(self, **values):
        return self.configure(setup=Setup(**values))

    def configure(self, **values):
        return self.perform(c.Configure(account_id="ada", number=GB, **values))

    def start(self, service, lease_until=LATER):
        row = self.perform(c.StartProvisioning(number=GB, service=service, lease_until=lease_until))
        return row.provisioning.task(service).lease

    def finish(self, lease, result):
        return self.perform(c.FinishProvisioning(number=GB, lease=lease, result=result))

    def carry_out(self, *services, result=DONE):
        for service in services:
            self.finish(self.start(service), result)
        return self

    def release(self, **values):
        return self.perform(c.Release(account_id="ada", number=GB, **values))

    @property
    def news(self):
        """What the last command has told: kind, service, action, status and target."""
        decoded = [(e.kind, msgspec.json.decode(e.data, type=StepNews)) for e in self.told[1:]]
        return [
            (kind, n.service, n.action, n.status, (n.target_kind, n.target_id))
            for kind, n in decoded
        ]


def news_of(event):
    return msgspec.json.decode(event.data, type=StepNews)


def linked_number(**values):
    """A number whose links are as given, with everything carried out."""
    number = Number(Setup(**values))
    for task in number.provisioning.tasks:
        number.carry_out(*task.steps)
    assert number.provisioning.tasks == ()
    return number
