"""Whoever is killed, stops or comes second: every event arrives, and mostly once."""

import asyncio
import contextlib
from unittest import mock

from factories import GB, in_loop, make_event
from numberline.platform import outbound
from numberline.storage.outbox import find_told
from numberline.workers.webhooks import worker as worker_module
from numberline.workers.webhooks.worker import LEASE_S
from receivers import OK, STALL, answer, receiving


async def deliver(worker):
    while await worker.look():
        await worker.settle()


async def kill(worker):
    """End everything that a worker does at once, without a word to the database."""
    tasks = list(worker._under_way)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    worker._outcomes.clear()
    worker._waiting.clear()


def numbers(receiver):
    return [body["number"] - GB for body in receiver.bodies]


@in_loop
async def test_what_a_killed_worker_had_in_hand_is_sent_when_its_lease_ends(outbox):
    async with receiving() as receiver, outbox.worker() as killed, outbox.worker() as other:
        receiver.answer = STALL
        outbox.commit(*(make_event(GB + n, url=receiver.url()) for n in range(2)))
        await killed.look()
        await receiver.came.wait()
        await kill(killed)
        receiver.answer, arrived = OK, len(receiver.received)

        outbox.advance(LEASE_S - 0.001)
        assert await other.look() == 0
        outbox.advance(0.001)
        await deliver(other)

    assert outbox.states == ["delivered"] * 2
    assert sorted(numbers(receiver)[arrived:]) == [0, 1]


@in_loop
async def test_what_was_killed_keeps_its_place_before_later_events_of_its_number(outbox):
    async with receiving() as receiver, outbox.worker() as killed, outbox.worker() as other:
        receiver.answer = STALL
        outbox.commit(*(make_event(url=receiver.url()) for _ in range(3)))
        await killed.look()
        await receiver.came.wait()
        await kill(killed)
        receiver.received.clear()
        receiver.answer = OK
        outbox.advance(1)
        outbox.commit(make_event(url=receiver.url()))
        assert await other.look() == 0
        outbox.advance(LEASE_S)
        outbox.commit(make_event(url=receiver.url()))
        await deliver(other)

    ids = [came.event_id for came in receiver.received]
    assert ids == sorted(ids)
    assert len(ids) == 5


async def look_at_once(*workers):
    """Every worker has read what is due before any claims it."""
    barrier = asyncio.Barrier(len(workers))
    with contextlib.ExitStack() as stack:
        for worker in workers:
            platform = worker._platform
            await platform.webhook_secret("ada")  # or it would be read meanwhile

            async def read(query, read_at_once=platform.read):
                found = await read_at_once(query)
                await barrier.wait()
                return found

            stack.enter_context(mock.patch.object(platform, "read", read))
        await asyncio.gather(*(worker.look() for worker in workers))


@in_loop
async def test_of_two_workers_that_see_the_same_each_event_is_sent_by_one(outbox):
    async with receiving() as receiver, outbox.worker() as one, outbox.worker() as other:
        outbox.commit(*(make_event(GB + n % 50, url=receiver.url()) for n in range(200)))
        while "pending" in outbox.states:
            await look_at_once(one, other)
            await asyncio.gather(one.settle(), other.settle())

    ids = [came.event_id for came in receiver.received]
    assert len(ids) == len(set(ids)) == 200


@in_loop
async def test_a_worker_that_comes_second_gives_back_what_would_overtake(outbox, monkeypatch):
    """It has seen one event more than the first, and gets that one alone."""
    async with receiving() as receiver, outbox.worker() as first, outbox.worker() as second:
        outbox.commit(*(make_event(url=receiver.url()) for _ in range(3)))
        read_at_once = first._platform.read

        async def read_and_be_overtaken(query):
            found = await read_at_once(query)
            outbox.commit(make_event(url=receiver.url()))
            plan = await second._platform.read(lambda connection: planned(second, connection))
            plans.append(plan)
            return found

        def planned(worker, connection):
            return worker_module._plan(connection, outbox.clock.now(), worker._hosts.room())

        plans = []
        monkeypatch.setattr(first._platform, "read", read_and_be_overtaken)
        assert await first.look() == 2  # a new host has room for two
        monkeypatch.setattr(first._platform, "read", read_at_once)
        [plan] = plans
        assert [len(run.deliveries) for run in plan] == [2]
        last = outbox.rows[3]["writer_id"], outbox.rows[3]["seq"]
        plan[0].deliveries.append(await second._platform.read(lambda c: find_told(c, last)))
        held = await second._platform.write(
            lambda connection: second._write(connection, [], plan, outbox.clock.now())
        )

        assert held == []
        assert [row["version"] for row in outbox.rows] == [2, 2, 1, 3]
        assert outbox.rows[3]["leased_until"] is None
        await first.settle()
        await deliver(second)
    ids = [came.event_id for came in receiver.received]
    assert ids == sorted(ids)
    assert len(ids) == 4


@in_loop
async def test_a_result_that_comes_too_late_is_recorded_and_decides_nothing(outbox):
    async with receiving() as receiver, outbox.worker() as late, outbox.worker() as other:
        receiver.answer = answer(500)
        outbox.commit(make_event(url=receiver.url()))
        await late.look()
        while late._under_way:
            await asyncio.wait(late._under_way)
        receiver.answer = OK
        outbox.advance(LEASE_S)
        await deliver(other)
        assert outbox.states == ["delivered"]

        await late.look()

    assert (outbox.states, sorted(outbox.attempts)) == (["delivered"], [200, 500])


@in_loop
async def test_no_attempt_begins_that_might_outlive_its_lease(outbox):
    async with receiving() as receiver, outbox.worker() as worker:

        def answer_slowly(_request):
            outbox.advance(9)
            return OK

        receiver.answer = answer_slowly
        outbox.commit(*(make_event(url=receiver.url()) for _ in range(2)))
        await worker.look()
        await worker.settle()

        assert [row["attempts"] for row in outbox.rows] == [1, 0]
        assert [row["leased_until"] for row in outbox.rows] == [None, None]
        await deliver(worker)
    assert outbox.states == ["delivered"] * 2


@in_loop
async def test_a_worker_that_stops_writes_what_came_and_gives_back_the_rest(outbox, monkeypatch):
    monkeypatch.setattr(worker_module, "GRACE_S", 0.2)
    async with receiving() as quick, receiving() as stalled:
        stalled.answer = STALL
        async with outbox.worker() as worker:
            outbox.commit(*(make_event(GB + n, url=stalled.url()) for n in range(5)))
            outbox.commit(make_event(GB + 9, url=quick.url()))
            running = asyncio.create_task(worker.run())
            await quick.came.wait()
            await stalled.came.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

            assert outbox.states == ["pending"] * 5 + ["delivered"]
            assert {row["leased_until"] for row in outbox.rows} == {None}
            assert outbox.attempts == [200]


@in_loop
async def test_events_arrive_although_the_worker_is_killed_between_the_attempts(
    outbox, monkeypatch
):
    monkeypatch.setattr(outbound, "TIMEOUT_S", 0.1)
    async with receiving() as receiver:
        outbox.commit(*(make_event(GB + n % 2, url=receiver.url()) for n in range(6)))
        for said in (answer(500), STALL, answer(302, "Location: /x")):
            receiver.answer = said
            async with outbox.worker() as worker:
                await worker.look()
                await worker.settle()
                await worker.look()
                await kill(worker)
            outbox.advance(LEASE_S)
        receiver.answer = OK
        async with outbox.worker() as worker:
            for _ in range(8):
                await deliver(worker)
                outbox.advance(200)

    assert outbox.states == ["delivered"] * 6
    by_number = {row["number"]: [] for row in outbox.rows}
    for body in receiver.bodies:
        if body["id"] not in by_number[body["number"]]:
            by_number[body["number"]].append(body["id"])
    assert all(ids == sorted(ids) and len(ids) == 3 for ids in by_number.values())
