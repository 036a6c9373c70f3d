"""``numberline worker``: the background loops in a process of their own."""

import signal
import sys

from numberline.cli.common import (
    DEFAULT_DATABASE,
    DatabaseOption,
    ReachLoopbackOption,
    connected,
    err,
)


def worker(
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    webhooks_reach_loopback: ReachLoopbackOption = False,
) -> None:
    """Carry out what falls due and deliver webhooks, without listening.

    Beside `numberline serve --no-background` it keeps that work off the server; several of them
    share it.
    """
    from numberline.platform.settings import Settings
    from numberline.server.background import work

    # Until the loops listen for signals themselves, one ends the command in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with connected(database):
        pass
    err.print(f"Numberline works on {_shown(database)}; stop it with Ctrl-C", markup=False)
    work(Settings(database=database, webhooks_reach_loopback=webhooks_reach_loopback))


def _shown(url: str) -> str:
    """A database's URL without its password."""
    import sqlalchemy as sa

    return sa.make_url(url).render_as_string(hide_password=True)
