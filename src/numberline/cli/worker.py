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
from numberline.cli.provisioning import (
    DelayOption,
    FailOption,
    ProvisionerOption,
    TimeoutOption,
    provisioning_settings,
)
from numberline.platform.settings import BUILT_IN_PROVISIONER, Settings


def worker(  # noqa: PLR0913  one option each
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    webhooks_reach_loopback: ReachLoopbackOption = False,
    provisioner: ProvisionerOption = BUILT_IN_PROVISIONER,
    provisioning_timeout: TimeoutOption = 10.0,
    provisioning_delay: DelayOption = None,
    provisioning_fail: FailOption = None,
) -> None:
    """Carry out what falls due, provision numbers and deliver webhooks, without listening.

    Beside `numberline serve --no-background` it keeps that work off the server; several of them
    share it.
    """
    from numberline.server.background import work

    provisioning = provisioning_settings(
        provisioner, provisioning_timeout, provisioning_delay, provisioning_fail or (), demo=False
    )
    # Until the loops listen for signals themselves, one ends the command in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with connected(database):
        pass
    err.print(f"Numberline works on {_shown(database)}; stop it with Ctrl-C", markup=False)
    work(
        Settings(database=database, webhooks_reach_loopback=webhooks_reach_loopback, **provisioning)
    )


def _shown(url: str) -> str:
    """A database's URL without its password."""
    import sqlalchemy as sa

    return sa.make_url(url).render_as_string(hide_password=True)
