"""Events are told until they are taken, one slow receiver holds up nobody, and 410 ends it."""

import asyncio

import pytest
from structlog.testing import capture_logs

from factories import GB, add_stock, all_rows, in_loop, make_event, make_offer, open_account
from numberline.core.errors import RegisterBusy
from numberline.core.provisioning import Setup
from numberline.platform import outbound
from numberline.storage import tables
from numberline.workers.webhooks import worker as worker_module
from receivers import OK, STALL, answer, receiving, signature


async def deliver(worker):
    """Look until nothing more is claimed, each time waiting for the answers."""
    claimed = 0
    while found := await worker.look():
        claimed += found
        await worker.settle()
    return claimed


@in_loop
async def test_an_event_is_told_once_signed_with_the_secret_of_its_account(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        outbox.commit(make_event(GB, url=receiver.url("/in?a=b"), account_id="ada"))

        assert [await deliver(worker), await deliver(worker)] == [1, 0]
        secret = await worker._platform.webhook_secret("ada")

    [came] = receiver.received
    assert came.line == "POST /in?a=b HTTP/1.1"
    assert came.headers["x-signature"] == signature(came.body, secret)
    assert receiver.bodies[0] | {"id": ""} == {
        "id": "",
        "kind": "number_configured",
        "number": GB,
        "account": "ada",
        "data": {},
    }
    assert (outbox.states, outbox.attempts) == (["delivered"], [200])


@in_loop
async def test_every_attempt_of_an_event_has_the_same_id_and_body(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        receiver.answer = answer(500)
        outbox.commit(make_event(url=receiver.url()))
        for _ in range(3):
            await deliver(worker)
            outbox.advance(1000)

    assert len({came.event_id for came in receiver.received}) == 1
    assert len({came.body for came in receiver.received}) == 1
    assert len(receiver.received) == 3


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(500), id="fails"),
        pytest.param(answer(302, "Location: /elsewhere"), id="redirects"),
        pytest.param(answer(307, "Location: http://169.254.169.254/"), id="redirects-inward"),
        pytest.param(b"SSH-2.0\r\n\r\nConnection: close", id="speaks-no-http"),
        pytest.param(STALL, id="stalls"),
    ],
)
@in_loop
async def test_an_attempt_that_fails_is_made_again_at_its_time_and_not_before(
    outbox, monkeypatch, said
):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.1)
    async with receiving() as receiver, outbox.worker() as worker:
        receiver.answer = said
        outbox.commit(make_event(url=receiver.url()))
        await deliver(worker)
        receiver.answer = OK

        outbox.advance(4.9)
        assert (await deliver(worker), outbox.states) == (0, ["pending"])
        outbox.advance(0.1)
        assert (await deliver(worker), outbox.states) == (1, ["delivered"])

    assert len(receiver.received) == 2
    assert len(outbox.attempts) == 2


@in_loop
async def test_an_event_that_nobody_takes_is_given_up_in_the_end(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        receiver.answer = answer(503)
        outbox.commit(make_event(url=receiver.url()))
        with capture_logs() as log:
            while outbox.states == ["pending"]:
                outbox.advance(max(outbox.due_in_s(), 0))
                assert await deliver(worker) == 1

        assert await deliver(worker) == 0
    assert (outbox.states, len(receiver.received)) == (["failed"], 15)
    assert [entry["event"] for entry in log] == ["webhook_given_up"]


@in_loop
async def test_an_address_that_leads_inward_is_an_attempt_that_failed(outbox):
    async with outbox.worker() as worker:
        outbox.commit(make_event(url="http://169.254.169.254/latest/meta-data/"))
        await deliver(worker)

    assert outbox.attempts == ["169.254.169.254 does not lie on the public internet"]
    assert outbox.states == ["pending"]


# --- order ----------------------------------------------------------------------------------


@in_loop
async def test_the_events_of_a_number_arrive_in_their_order(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        for _ in range(4):
            outbox.commit(*(make_event(GB + n % 3, url=receiver.url()) for n in range(15)))
            outbox.advance(1)
        await deliver(worker)

    for number in range(GB, GB + 3):
        ids = [body["id"] for body in receiver.bodies if body["number"] == number]
        assert ids == sorted(ids)
        assert len(ids) == 20


@in_loop
async def test_an_event_waits_while_an_earlier_one_of_its_number_is_under_way(outbox, monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 2.0)
    async with receiving() as receiver, outbox.worker() as worker, outbox.worker() as other:
        receiver.answer = STALL
        outbox.commit(make_event(url=receiver.url()))
        await worker.look()
        outbox.commit(make_event(url=receiver.url()), make_event(GB + 1, url=receiver.url()))
        receiver.answer = OK

        assert [await worker.look(), await other.look()] == [1, 0]
        await worker.settle()
        assert await deliver(other) == 1

    assert [body["number"] for body in receiver.bodies] == [GB, GB + 1, GB]


@in_loop
async def test_an_event_that_failed_does_not_hold_up_the_next_of_its_number(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        receiver.answer = lambda _: answer(500) if len(receiver.received) == 1 else OK
        outbox.commit(*(make_event(url=receiver.url()) for _ in range(3)))
        await deliver(worker)

        assert outbox.states == ["pending", "delivered", "delivered"]
        outbox.advance(5)
        await deliver(worker)
        assert outbox.states == ["delivered"] * 3


# --- slow receivers -------------------------------------------------------------------------


@in_loop
async def test_receivers_that_stall_hold_up_no_other(outbox):
    """More is due to them than there are places, and all of it first."""
    async with receiving() as quick, receiving() as stalled, outbox.worker() as worker:
        stalled.answer = STALL
        urls = [stalled.url()] * 600
        outbox.commit(*(make_event(GB + n, url=url) for n, url in enumerate(urls)))
        outbox.advance(1)
        outbox.commit(*(make_event(GB - 1 - n, url=quick.url()) for n in range(100)))
        while len(quick.received) < 100:
            await worker.look()
            await asyncio.sleep(0.01)

        assert 1 <= len(stalled.received) <= 2
        assert all(row["attempts"] == 0 for row in outbox.rows if row["url"] == stalled.url())


@in_loop
async def test_a_number_of_a_receiver_that_stops_answering_gives_its_place_back(
    outbox, monkeypatch
):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.1)
    async with receiving() as receiver, outbox.worker() as worker:
        receiver.answer = STALL
        outbox.commit(*(make_event(url=receiver.url()) for _ in range(2)))
        await worker.look()
        await worker.settle()

        assert [row["attempts"] for row in outbox.rows] == [1, 0]
        assert [row["leased_until"] for row in outbox.rows] == [None, None]


# --- 410 ------------------------------------------------------------------------------------


@in_loop
async def test_410_ends_what_is_told_of_a_number_to_a_url_and_nothing_else(outbox):
    add_stock(outbox.database, [make_offer()], {1: [GB, GB + 1]})
    async with receiving() as gone, receiving() as fine, outbox.worker() as worker:
        gone.answer = answer(410)
        await open_account(worker._platform)
        for number in (GB, GB + 1):
            setup = Setup(callback_url=gone.url(), callback_scheme="test")
            await worker._platform.rent("ada", number, setup=setup)
        outbox.commit(
            make_event(GB, url=gone.url()),
            make_event(GB, url=fine.url()),
            make_event(GB, url=gone.url()),
            make_event(GB + 1, url=fine.url()),
            *(make_event(GB, url=gone.url()) for _ in range(20)),
        )
        await deliver(worker)

    assert (len(gone.received), len(fine.received)) == (1, 2)
    assert outbox.states == ["disabled", "delivered", "disabled", "delivered"] + ["disabled"] * 20
    [event] = [e for e in all_rows(outbox.database, tables.event) if "disabled" in e["kind"]]
    assert (event["number"], event["account_id"]) == (GB, "ada")
    assert event["data"] == {"url": gone.url()}


@in_loop
async def test_410_for_an_event_without_a_number_ends_that_event(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        receiver.answer = lambda _: answer(410) if len(receiver.received) == 1 else OK
        outbox.commit(make_event(None, url=receiver.url()), make_event(None, url=receiver.url()))
        await deliver(worker)

    assert sorted(outbox.states) == ["delivered", "disabled"]


@in_loop
async def test_410_is_asked_for_again_where_it_could_not_be_written_down(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        receiver.answer = answer(410)
        outbox.commit(make_event(url=receiver.url()))
        execute = worker._platform.execute

        def too_busy(_command):
            raise RegisterBusy("too many commands wait")

        worker._platform.execute = too_busy
        await worker.look()
        await worker.settle()
        assert (outbox.states, outbox.attempts) == (["pending"], [])

        worker._platform.execute = execute
        await deliver(worker)
        assert (outbox.states, outbox.attempts) == (["disabled"], [410])


# --- faults of ours -------------------------------------------------------------------------


class BrokenScheme:
    async def message(self, notice):
        raise ZeroDivisionError(notice.event_id)


@in_loop
async def test_a_message_that_cannot_be_written_costs_its_own_event_alone(outbox):
    async with receiving() as receiver, outbox.worker(broken=BrokenScheme()) as worker:
        outbox.commit(
            make_event(GB, url=receiver.url(), scheme="broken"),
            make_event(GB + 1, url=receiver.url(), scheme="unheard-of"),
            make_event(GB + 2, url=receiver.url()),
        )
        with capture_logs() as log:
            await deliver(worker)

    assert outbox.states == ["pending", "pending", "delivered"]
    assert "the server's log says why" in outbox.attempts[0]
    assert "unheard-of" in outbox.attempts[1]
    assert [entry["event"] for entry in log] == ["webhook_not_written"]


@in_loop
async def test_what_came_of_attempts_is_written_when_the_database_answers_again(outbox):
    async with receiving() as receiver, outbox.worker() as worker:
        outbox.commit(make_event(url=receiver.url()))
        await worker.look()
        while worker._under_way:
            await asyncio.wait(worker._under_way)
        write = worker._platform.write

        async def fail(_change):
            raise ConnectionError("the server has gone")

        worker._platform.write = fail
        with pytest.raises(ConnectionError):
            await worker.look()
        worker._platform.write = write
        assert outbox.states == ["pending"]

        await worker.look()
        assert (outbox.states, outbox.attempts) == (["delivered"], [200])
    assert len(receiver.received) == 1


@in_loop
async def test_the_loop_is_woken_by_a_commit_of_its_own_process_and_goes_on_after_a_failure(
    outbox, monkeypatch
):
    monkeypatch.setattr(worker_module, "POLL_S", 3600)
    async with receiving() as receiver, outbox.worker() as worker:
        look, failures = worker.look, [ZeroDivisionError()]

        async def fail_first():
            if failures:
                raise failures.pop()
            return await look()

        worker.look = fail_first
        with capture_logs() as log:
            running = asyncio.create_task(worker.run())
            for n in range(3):
                await asyncio.sleep(0.2 * n)
                outbox.commit(make_event(GB + n, url=receiver.url()))
                worker._platform.outbox_filled.set()
                receiver.came.clear()
                await receiver.came.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    assert running.cancelled()
    assert outbox.states == ["delivered"] * 3
    assert [entry["event"] for entry in log] == ["webhooks_not_delivered"]
