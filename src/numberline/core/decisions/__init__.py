"""Decisions: what becomes of a command, from the rows as they stand and the time. Pure."""

from collections.abc import Callable
from typing import Any, Final

from numberline.core import commands as c
from numberline.core.decisions import accounts, numbers, pools, provisioning
from numberline.core.decisions.decision import Decision
from numberline.core.instants import Instant
from numberline.core.rows import View

__all__ = ["Decision", "decide"]


def decide(command: c.Command, view: View, now: Instant) -> Decision:
    """Decide a command.

    Args:
        command: What is asked.
        view: The rows as they stand, with every earlier decision of the batch applied.
        now: When it is decided.

    Raises:
        Refusal: The rules do not allow it; nothing is to be written.
        InvalidValue: The command holds a value that no rule allows.
    """
    return _DECIDERS[type(command)](command, view, now)


_DECIDERS: Final[dict[type, Callable[[Any, View, Instant], Decision]]] = {
    c.Rent: numbers.rent,
    c.RentTogether: numbers.rent_together,
    c.Hold: numbers.hold,
    c.Configure: numbers.configure,
    c.Release: numbers.release,
    c.EndHold: numbers.end_hold,
    c.Expire: numbers.expire,
    c.EndQuarantine: numbers.end_quarantine,
    c.Withdraw: numbers.withdraw,
    c.Restock: numbers.restock,
    c.StartProvisioning: provisioning.start,
    c.FinishProvisioning: provisioning.finish,
    c.OpenAccount: accounts.open_account,
    c.TopUp: accounts.top_up,
    c.IssueCredential: accounts.issue_credential,
    c.RevokeCredential: accounts.revoke_credential,
    c.CreatePool: pools.create_pool,
    c.ChangePool: pools.change_pool,
    c.DeletePool: pools.delete_pool,
    c.JoinPool: pools.join_pool,
    c.LeavePool: pools.leave_pool,
    c.SetWebhookSecret: accounts.set_webhook_secret,
    c.DisableCallback: provisioning.disable_callback,
}
