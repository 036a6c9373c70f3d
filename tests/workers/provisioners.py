"""A provisioner that does as it is told, and a worker that asks it."""

import asyncio
from contextlib import asynccontextmanager

from factories import (
    GB,
    WAIT_S,
    all_rows,
    number_rows,
    open_account,
    open_platform,
)
from numberline.core.provisioning import (
    Service,
    Setup,
    VoiceLink,
)
from numberline.storage import tables
from numberline.workers.provisioning import (
    ProvisioningWorker,
)

SMS, CAMPAIGN, VOICE = Service
APP = VoiceLink("application", "app")
FAX = VoiceLink("fax", "fax")


class SmsAndVoice:
    """A platform that does what a test tells it to, and remembers what it was asked.

    Args:
        outcomes: What happens to one request after the other; what is raised is an error, and
            an event is waited for. Without one it succeeds.
    """

    def __init__(self, *outcomes):
        self._outcomes = list(outcomes)
        self.asked = []
        self.called = asyncio.Event()

    async def __call__(self, request):
        self.asked.append(request)
        self.called.set()
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if isinstance(outcome, asyncio.Event):
            await outcome.wait()
        elif outcome is not None:
            raise outcome

    @property
    def steps(self):
        """What it was asked for, in short."""
        return [f"{r.action} {r.target.kind} {r.target.target_id}" for r in self.asked]


def worker_of(platform, provisioner, *, chance=1.0):
    """A worker without luck: it waits as long as it may."""
    return ProvisioningWorker(platform, provisioner, random=lambda: chance)


@asynccontextmanager
async def at_work(url, clock, *outcomes, **settings):
    """A platform with Ada's account, a provisioner, and a worker that does not run yet."""
    async with open_platform(url, clock, **settings) as platform:
        await open_account(platform)
        provisioner = SmsAndVoice(*outcomes)
        yield platform, provisioner, worker_of(platform, provisioner)


async def rent(platform, number=GB, **values):
    await platform.rent("ada", number, setup=Setup(**values))


async def look(worker):
    """Look once, and wait for what was begun."""
    begun = await worker.look()
    await worker.settle()
    return begun


def provisioning_of(platform, number=GB):
    return number_rows(platform.database)[number].provisioning


def kinds_told(platform):
    """The kinds of the events about provisioning, in order."""
    events = all_rows(platform.database, tables.event)
    return [e["kind"].removeprefix("provisioning_") for e in events if "service" in e["data"]]


async def done(platform, number=GB):
    """Wait until a number has no task that is pending."""
    async with asyncio.timeout(WAIT_S):
        while any(task.is_pending for task in provisioning_of(platform, number).tasks):  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0.001)


@asynccontextmanager
async def running(worker):
    """A worker that runs, and is then told to stop."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
