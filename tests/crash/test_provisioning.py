"""Provisioning goes on after its server was killed or stopped in the middle of a step."""

import signal
from collections import Counter

import pytest

from crash.buyers import buy_once, fresh_numbers
from factories import number_rows
from live import open_tenants, started, tables_of, until
from numberline.core import commands as c
from numberline.core.provisioning import Setup, SmsLink, Status, VoiceLink
from numberline.platform.clocks import SystemClock
from numberline.register.sync import perform
from numberline.storage.engines import open_database
from numberline.workers.provisioning import LEASE_MARGIN_S

TIMEOUT_S = 30
SLOW = ("--provisioning-timeout", str(TIMEOUT_S), "--provisioning-delay", str(TIMEOUT_S - 1))
"""A server that is killed before any step is done."""

SHORT_S = 1
BRIEF = ("--provisioning-timeout", str(SHORT_S), "--provisioning-delay", "0.9")
"""A server whose leases are over soon."""

SOON_S = 5.0
PATIENCE_S = 30.0


class Rental:
    """A number that a tenant has bought at a server's door."""

    def __init__(self, served):
        self._url = served.database
        (tenant,) = open_tenants(self._url)
        self.account_id = tenant.account_id
        self.number = next(fresh_numbers())
        assert buy_once(served, tenant, self.number) == 200

    def want(self, **values):
        """Ask for a setup as another process of the same database would."""
        command = c.Configure(account_id=self.account_id, number=self.number, setup=Setup(**values))
        database = open_database(self._url)
        perform(database, SystemClock(), [command])
        database.close()

    @property
    def provisioning(self):
        database = open_database(self._url)
        try:
            return number_rows(database)[self.number].provisioning
        finally:
            database.close()

    def is_in_progress(self):
        return {task.status for task in self.provisioning.tasks} == {Status.IN_PROGRESS}

    def is_done(self):
        return not self.provisioning.tasks

    def events(self):
        """How often each kind of event about provisioning was told."""
        (events,) = tables_of(self._url, "event")
        return Counter(event["kind"] for event in events if "service" in event["data"])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """A stocked database of either kind."""
    fixture = "stocked_url" if request.param == "sqlite" else "stocked_postgres_url"
    return request.getfixturevalue(fixture)


def test_what_a_killed_server_had_under_way_is_carried_out_by_the_next(url):
    with started(*BRIEF, database=url) as served:
        rental = Rental(served)
        rental.want(plan_id="SP", campaign_id="CMP", voice=VoiceLink("application", "app"))
        until(rental.is_in_progress, within_s=PATIENCE_S)
        served.kill()
    assert rental.is_in_progress()

    with started(database=url):
        until(rental.is_done, within_s=SHORT_S + LEASE_MARGIN_S + PATIENCE_S)

    provisioned = rental.provisioning
    assert provisioned.sms == SmsLink("SP", "CMP")
    assert provisioned.voice == VoiceLink("application", "app")
    assert rental.events()["provisioned"] == 3
    assert rental.events()["provisioning_started"] > 3


def test_what_was_wanted_while_no_server_ran_is_carried_out_by_the_next(stocked_url):
    with started(database=stocked_url) as served:
        rental = Rental(served)
        assert served.stop() == 0
    rental.want(plan_id="SP")

    with started(database=stocked_url):
        until(rental.is_done, within_s=SOON_S)

    assert rental.provisioning.sms == SmsLink("SP")


def test_what_a_stopped_server_had_under_way_is_handed_to_the_next_at_once(url):
    with started(*SLOW, database=url) as served:
        rental = Rental(served)
        rental.want(voice=VoiceLink("trunk", "T"))
        until(rental.is_in_progress, within_s=PATIENCE_S)
        assert served.stop(signal.SIGTERM) == 0

    with started(database=url):
        until(rental.is_done, within_s=SOON_S)

    assert rental.provisioning.voice == VoiceLink("trunk", "T")
    assert rental.events() == {
        "provisioning_requested": 1,
        "provisioning_started": 2,
        "provisioning_postponed": 1,
        "provisioned": 1,
    }
