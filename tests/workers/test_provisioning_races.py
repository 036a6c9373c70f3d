"""One worker at a time has a step, across processes, restarts and changes of mind."""

import asyncio

from structlog.testing import capture_logs

from factories import (
    GB,
    NEW_YEAR,
    WAIT_S,
    in_loop,
    number_rows,
    open_platform,
)
from numberline.core import commands as c
from numberline.core.errors import RegisterBusy
from numberline.core.instants import SECOND_US
from numberline.core.provisioning import (
    Setup,
    SmsLink,
)
from numberline.workers import provisioning
from numberline.workers.provisioning import (
    ATTEMPTS_MAX,
    LEASE_MARGIN_S,
)
from workers.provisioners import (
    APP,
    FAX,
    VOICE,
    SmsAndVoice,
    at_work,
    done,
    kinds_told,
    look,
    provisioning_of,
    rent,
    running,
    worker_of,
)

# --- several workers ------------------------------------------------------------------------


@in_loop
async def test_of_two_workers_that_see_the_same_one_carries_it_out(stocked_url, clock):
    async with (
        at_work(stocked_url, clock) as (one, first, its_worker),
        open_platform(stocked_url, clock) as other,
    ):
        for n in range(20):
            await rent(one, GB + n, plan_id="SP", voice=APP)
        second = SmsAndVoice()

        await asyncio.gather(look(its_worker), look(worker_of(other, second)))

        asked = first.asked + second.asked
        assert len(asked) == len({request.idempotency_key for request in asked}) == 40
        assert kinds_told(one).count("started") == 40
        rows = number_rows(one.database).values()
        assert {(row.provisioning.sms, row.provisioning.voice) for row in rows} == {
            (SmsLink("SP"), APP)
        }


@in_loop
async def test_a_step_of_a_worker_that_is_gone_is_taken_again_when_its_lease_is_over(
    stocked_url, clock
):
    async with at_work(stocked_url, clock) as (platform, provisioner, worker):
        await rent(platform, voice=APP)
        lease_us = int((10 + LEASE_MARGIN_S) * SECOND_US)
        await platform.execute(worker._start(GB, VOICE))

        clock.advance(lease_us - 1)
        assert await look(worker) == 0
        clock.advance(1)
        assert await look(worker) == 1

        assert provisioning_of(platform).voice == APP
        assert [request.attempt for request in provisioner.asked] == [2]


@in_loop
async def test_a_step_at_which_every_worker_ends_is_not_tried_for_ever(stocked_url, clock):
    async with at_work(stocked_url, clock) as (platform, provisioner, worker):
        await rent(platform, voice=APP)
        for _ in range(ATTEMPTS_MAX):
            await platform.execute(worker._start(GB, VOICE))
            clock.advance(60 * SECOND_US)

        await look(worker)

        assert provisioning_of(platform).voice_task.error_codes == ("INTERNAL_ERROR",)
        assert provisioner.asked == []


@in_loop
async def test_another_want_is_carried_out_after_the_call_that_is_under_way(stocked_url, clock):
    gate = asyncio.Event()
    async with at_work(stocked_url, clock, gate) as (platform, provisioner, worker):
        await rent(platform, voice=APP)
        await worker.look()
        await asyncio.wait_for(provisioner.called.wait(), WAIT_S)

        await platform.set_up("ada", GB, Setup(voice=FAX))
        assert await worker.look() == 0
        gate.set()
        await worker.settle()

        assert provisioner.steps == ["link application app", "link fax fax"]
        assert provisioning_of(platform).voice == FAX


@in_loop
async def test_the_outcome_for_a_number_that_is_gone_is_let_go(stocked_url, clock):
    gate = asyncio.Event()
    async with at_work(stocked_url, clock, gate) as (platform, provisioner, worker):
        await rent(platform, voice=APP)
        await worker.look()
        await asyncio.wait_for(provisioner.called.wait(), WAIT_S)
        await platform.release("ada", GB)
        gate.set()
        with capture_logs() as log:
            await worker.settle()

        assert log == []
        assert number_rows(platform.database)[GB].account_id is None


# --- the loop -------------------------------------------------------------------------------


@in_loop
async def test_a_worker_wakes_up_when_something_is_wanted(stocked_url, clock, monkeypatch):
    monkeypatch.setattr(provisioning, "POLL_S", 10 * WAIT_S)
    async with at_work(stocked_url, clock) as (platform, _, worker), running(worker):
        await rent(platform, plan_id="SP", campaign_id="CMP")
        await done(platform)

        await platform.set_up("ada", GB, Setup(plan_id="SP2", voice=APP))
        await done(platform)

        linked = provisioning_of(platform)
        assert (linked.sms, linked.voice) == (SmsLink("SP2", "CMP"), APP)


@in_loop
async def test_a_worker_works_off_more_than_it_may_do_side_by_side(stocked_url, clock, monkeypatch):
    monkeypatch.setattr(provisioning, "POLL_S", 10 * WAIT_S)
    monkeypatch.setattr(provisioning, "CALLS_MAX", 2)
    async with at_work(stocked_url, clock) as (platform, _, worker), running(worker):
        await asyncio.gather(*(rent(platform, GB + n, voice=APP) for n in range(50)))
        for n in range(50):
            await done(platform, GB + n)


@in_loop
async def test_a_worker_finds_what_another_process_has_left(stocked_url, clock, monkeypatch):
    monkeypatch.setattr(provisioning, "POLL_S", 0.001)
    async with (
        at_work(stocked_url, clock) as (one, _, _),
        open_platform(stocked_url, clock) as other,
        running(worker_of(other, SmsAndVoice())),
    ):
        await rent(one, voice=APP)
        await done(one)


@in_loop
async def test_a_worker_goes_on_after_the_database_did_not_answer(stocked_url, clock, monkeypatch):
    monkeypatch.setattr(provisioning, "POLL_S", 0)
    async with at_work(stocked_url, clock) as (platform, _, worker):
        await rent(platform, voice=APP)
        failures = [RegisterBusy(), OSError()]
        read, execute = platform.read, platform.execute

        async def failing_read(query):
            if len(failures) == 2:
                raise failures.pop()
            return await read(query)

        def failing_execute(command):
            if failures and isinstance(command, c.StartProvisioning):
                raise failures.pop()
            return execute(command)

        monkeypatch.setattr(platform, "read", failing_read)
        monkeypatch.setattr(platform, "execute", failing_execute)
        with capture_logs() as log:
            async with running(worker):
                await done(platform)

        assert [(entry["event"], entry["log_level"]) for entry in log] == [
            ("provisioning_not_looked_for", "warning"),
            ("provisioning_not_carried_out", "warning"),
        ]


@in_loop
async def test_what_is_under_way_at_the_end_is_handed_to_the_next_start(stocked_url, clock):
    forever = asyncio.Event()
    async with (
        at_work(stocked_url, clock, forever) as (platform, provisioner, worker),
        running(worker),
    ):
        await rent(platform, plan_id="SP", campaign_id="CMP")
        await asyncio.wait_for(provisioner.called.wait(), WAIT_S)

    async with open_platform(stocked_url, clock) as platform:
        assert number_rows(platform.database)[GB].work_at == NEW_YEAR
        provisioner = SmsAndVoice()
        await look(worker_of(platform, provisioner))

        assert provisioning_of(platform).sms == SmsLink("SP", "CMP")
        assert [request.attempt for request in provisioner.asked] == [2, 1]
