"""What is wanted of numbers is carried out step by step, whatever the provisioner does."""

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs

from factories import (
    GB,
    WAIT_S,
    in_loop,
    number_rows,
)
from numberline.core.instants import SECOND_US, Instant
from numberline.core.provisioning import (
    NO_VOICE,
    Setup,
    SmsLink,
    Status,
    Target,
)
from numberline.platform.provisioners import ProvisioningFailed, ProvisioningRequest
from numberline.workers import provisioning
from numberline.workers.provisioning import (
    ATTEMPTS_MAX,
    PAUSE_MAX_S,
)
from workers.provisioners import (
    APP,
    FAX,
    VOICE,
    at_work,
    kinds_told,
    look,
    provisioning_of,
    rent,
    worker_of,
)

# --- all goes well --------------------------------------------------------------------------


@in_loop
async def test_all_that_is_wanted_is_carried_out_in_one_look(stocked_url, clock):
    async with at_work(stocked_url, clock) as (platform, provisioner, worker):
        await rent(platform, plan_id="SP", campaign_id="CMP", voice=APP)

        assert await look(worker) == 2

        linked = provisioning_of(platform)
        assert (linked.sms, linked.voice, linked.tasks) == (SmsLink("SP", "CMP"), APP, ())
        assert sorted(provisioner.steps) == [
            "link application app",
            "link campaign CMP",
            "link plan SP",
        ]
        assert await look(worker) == 0


@in_loop
async def test_every_step_appends_an_event(stocked_url, clock):
    async with at_work(stocked_url, clock, OSError()) as (platform, _, worker):
        with capture_logs():
            await rent(platform, voice=APP)
            await look(worker)
            clock.advance(SECOND_US)
            await look(worker)

        assert kinds_told(platform) == [
            "requested",
            "started",
            "postponed",
            "started",
            "provisioned",
        ]


@in_loop
async def test_the_provisioner_is_told_whose_number_it_is_and_what_for(stocked_url, clock):
    async with at_work(stocked_url, clock) as (platform, provisioner, worker):
        await rent(platform, voice=APP)
        await look(worker)
        await platform.set_up("ada", GB, Setup(voice=FAX))
        await look(worker)
        await platform.set_up("ada", GB, Setup(voice=NO_VOICE))
        await look(worker)

        first, second, third = provisioner.asked
        assert first == ProvisioningRequest(
            account_id="ada",
            number=GB,
            service=VOICE,
            action="link",
            target=Target("application", "app"),
            replaces=Target("", ""),
            attempt=1,
            idempotency_key=first.idempotency_key,
        )
        assert (second.action, second.target, second.replaces) == (
            "link",
            Target("fax", "fax"),
            Target("application", "app"),
        )
        assert (third.action, third.target) == ("unlink", Target("fax", "fax"))
        assert len({request.idempotency_key for request in provisioner.asked}) == 3


@in_loop
async def test_a_number_without_anything_to_do_is_left_alone(stocked_url, clock):
    async with at_work(stocked_url, clock) as (platform, provisioner, worker):
        await platform.rent("ada", GB)

        assert (await look(worker), provisioner.asked) == (0, [])
        assert not platform.work.is_set()


# --- failures -------------------------------------------------------------------------------


@in_loop
async def test_a_failure_for_good_is_shown_with_its_code_and_not_tried_again(stocked_url, clock):
    failure = ProvisioningFailed("NOT_TODAY")
    async with at_work(stocked_url, clock, failure) as (platform, provisioner, worker):
        await rent(platform, plan_id="SP", campaign_id="CMP")
        await look(worker)
        clock.advance(3600 * SECOND_US)
        await look(worker)

        task = provisioning_of(platform).sms_task
        assert (task.status, task.error_codes) == (Status.FAILED, ("NOT_TODAY",))
        assert len(provisioner.asked) == 1


@in_loop
async def test_a_campaign_that_fails_fails_the_whole(stocked_url, clock):
    failure = ProvisioningFailed("CAMPAIGN_NOT_AVAILABLE")
    async with at_work(stocked_url, clock, None, failure) as (platform, _, worker):
        await rent(platform, plan_id="SP", campaign_id="CMP")
        await look(worker)

        provisioned = provisioning_of(platform)
        assert provisioned.sms == SmsLink()
        assert provisioned.sms_task.error_codes == ("CAMPAIGN_NOT_AVAILABLE",)


@pytest.mark.parametrize("code", ["", "nul\x00", "x" * 101, None, 7])
@in_loop
async def test_a_code_that_cannot_be_shown_becomes_an_internal_error(stocked_url, clock, code):
    async with at_work(stocked_url, clock, ProvisioningFailed(code)) as (platform, _, worker):
        await rent(platform, voice=APP)
        with capture_logs() as log:
            await look(worker)

        assert provisioning_of(platform).voice_task.error_codes == ("INTERNAL_ERROR",)
        assert [entry["log_level"] for entry in log] == ["warning"]


# --- trying again ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        OSError("no route"),
        ValueError("a bug"),
        SystemExit(1),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
    ],
    ids=repr,
)
@in_loop
async def test_whatever_else_is_raised_is_tried_again_with_the_same_key(
    stocked_url, clock, failure
):
    async with at_work(stocked_url, clock, failure) as (platform, provisioner, worker):
        await rent(platform, voice=APP)
        with capture_logs() as log:
            await look(worker)
        assert [entry["event"] for entry in log] == ["provisioning_attempt_failed"]
        assert (await look(worker), provisioning_of(platform).voice) == (0, NO_VOICE)

        clock.advance(SECOND_US)
        await look(worker)

        assert provisioning_of(platform).voice == APP
        first, second = provisioner.asked
        assert second == msgspec.structs.replace(first, attempt=2)


@in_loop
async def test_a_provisioner_that_is_no_coroutine_function_does_no_harm(stocked_url, clock):
    async with at_work(stocked_url, clock) as (platform, _, _):
        await rent(platform, voice=APP)
        worker = worker_of(platform, lambda _request: None)
        with capture_logs() as log:
            await look(worker)

        assert [entry["event"] for entry in log] == ["provisioning_attempt_failed"]
        assert provisioning_of(platform).voice_task.status is Status.IN_PROGRESS


@in_loop
async def test_attempts_lie_further_and_further_apart_until_the_task_has_failed(stocked_url, clock):
    failures = [OSError()] * ATTEMPTS_MAX
    async with at_work(stocked_url, clock, *failures) as (platform, provisioner, worker):
        await rent(platform, voice=APP)
        pauses_s = []
        with capture_logs():
            while await look(worker):
                row = number_rows(platform.database)[GB]
                if row.work_at is None:
                    break
                pauses_s.append((row.work_at - clock.instant) / SECOND_US)
                clock.instant = Instant(row.work_at - 1)
                assert await look(worker) == 0
                clock.advance(1)

        assert pauses_s == [1, 2, 4, 8, 16, 32, 64, 128, 256]
        task = provisioning_of(platform).voice_task
        assert (task.status, task.error_codes) == (Status.FAILED, ("INTERNAL_ERROR",))
        assert len(provisioner.asked) == ATTEMPTS_MAX


@pytest.mark.parametrize(("attempt", "chance", "pause_s"), [(1, 0, 0.5), (1, 1, 1), (3, 0.5, 3)])
def test_chance_shortens_a_pause_by_half_at_the_most(attempt, chance, pause_s):
    class Nothing:
        settings = msgspec.defstruct("Nothing", [("provisioning_timeout_s", float, 1.0)])()

    assert worker_of(Nothing(), None, chance=chance)._pause_s(attempt) == pause_s


def test_no_pause_is_longer_than_the_longest():
    assert provisioning.PAUSE_FIRST_S * 2 ** (ATTEMPTS_MAX - 2) <= PAUSE_MAX_S


@in_loop
async def test_a_call_that_takes_too_long_is_given_up_and_made_again(stocked_url, clock):
    forever = asyncio.Event()
    settings = {"provisioning_timeout_s": 0.01}
    async with at_work(stocked_url, clock, forever, **settings) as (platform, _, worker):
        await rent(platform, voice=APP)
        with capture_logs() as log:
            await look(worker)
        assert isinstance(log[0]["exc_info"], TimeoutError)

        clock.advance(SECOND_US)
        await look(worker)
        assert provisioning_of(platform).voice == APP


@in_loop
async def test_a_call_that_cannot_even_be_cancelled_holds_nothing_up(stocked_url, clock):
    end = asyncio.Event()

    async def stubborn(_request):
        while not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                continue

    async with at_work(stocked_url, clock, provisioning_timeout_s=0.01) as (platform, _, _):
        await rent(platform, voice=APP)
        with capture_logs() as log:
            await look(worker_of(platform, stubborn))

        assert [entry["event"] for entry in log] == ["provisioning_attempt_failed"]
        end.set()


@in_loop
async def test_one_slow_call_does_not_hold_up_the_others(stocked_url, clock):
    slow = asyncio.Event()
    async with at_work(stocked_url, clock, slow) as (platform, provisioner, worker):
        await rent(platform, GB, voice=APP)
        await worker.look()
        await asyncio.wait_for(provisioner.called.wait(), WAIT_S)
        for n in range(1, 20):
            await rent(platform, GB + n, voice=APP)

        while await worker.look():
            others = [task for (n, _), task in worker._under_way.items() if n != GB]
            await asyncio.gather(*others)

        voices = [row.provisioning.voice for row in number_rows(platform.database).values()]
        assert voices == [NO_VOICE] + [APP] * 19
        slow.set()
        await worker.settle()
        assert provisioning_of(platform).voice == APP


@in_loop
async def test_no_more_calls_are_made_side_by_side_than_may_be(stocked_url, clock, monkeypatch):
    monkeypatch.setattr(provisioning, "CALLS_MAX", 3)
    gate = asyncio.Event()
    async with at_work(stocked_url, clock, *[gate] * 8) as (platform, provisioner, worker):
        for n in range(8):
            await rent(platform, GB + n, voice=APP)

        assert [await worker.look(), await worker.look()] == [3, 0]
        gate.set()
        await worker.settle()
        assert platform.work.is_set()

        assert [await look(worker) for _ in range(3)] == [3, 2, 0]
        assert [request.number for request in provisioner.asked] == [GB + n for n in range(8)]
