"""What runs in the background, in a server or in a process of its own."""

import asyncio
import random
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from numberline.dialects.sinch.callbacks import SinchCallbacks
from numberline.dialects.sinch.requests import SCHEME as SINCH
from numberline.platform.clocks import SystemClock
from numberline.platform.platform import Platform
from numberline.platform.provisioners import Provisioner, load_provisioner
from numberline.platform.settings import Settings
from numberline.platform.webhooks import Scheme
from numberline.server.logs import configure_logs
from numberline.storage.engines import open_database
from numberline.workers.due import DueWorker
from numberline.workers.feed import FeedFollower
from numberline.workers.provisioning import ProvisioningWorker
from numberline.workers.webhooks.worker import DeliveryWorker

SCHEMES: Final[dict[str, Callable[[Platform], Scheme]]] = {SINCH: SinchCallbacks}
"""The manner in which each door tells events, by the name that its callbacks carry."""

log = structlog.get_logger()


def background_loops(
    platform: Platform, provisioner: Provisioner
) -> list[Coroutine[Any, Any, None]]:
    """The loops that one process or several run over a database, each until it is cancelled."""
    schemes = {name: build(platform) for name, build in SCHEMES.items()}
    return [
        DueWorker(platform).run(),
        ProvisioningWorker(platform, provisioner, random=random.random).run(),
        DeliveryWorker(platform, schemes).run(),
    ]


def work(settings: Settings) -> None:
    """Run the background loops alone, until SIGTERM or SIGINT."""
    configure_logs()
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    provisioner = load_provisioner(settings)
    database = open_database(settings.database)
    platform = Platform(database, clock=SystemClock(), settings=settings)
    loops = [FeedFollower(platform).run(), *background_loops(platform, provisioner)]
    tasks = [asyncio.create_task(loop) for loop in loops]
    log.info("worker_ready")
    await stopped.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await platform.close()
    log.info("worker_closed")
