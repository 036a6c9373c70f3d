"""Provisioners: who links a number at the SMS and voice platforms, and unlinks it.

One is built in and only pretends. An operator's own is a callable that is installed under the
entry point group `numberline.provisioners`.
"""

import asyncio
from collections.abc import Awaitable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Literal, Protocol

import msgspec

from numberline.core.errors import InvalidValue
from numberline.core.numbers import parse_number
from numberline.core.provisioning import TARGET_KINDS, Service, Target
from numberline.core.rows import NumberRow
from numberline.platform.settings import BUILT_IN_PROVISIONER, ProvisioningRule, Settings

ENTRY_POINTS: Final = "numberline.provisioners"
"""The group in which an operator's package names its provisioner."""

FAILURE_CODE_MAX: Final = 100
"""How many characters a failure code may have."""


class ProvisioningRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One step that a platform is to carry out for a number.

    `action` says whether `service` is to be linked to `target`, in the place of `replaces`, or
    to be unlinked from `target`; `replaces` is what it is linked to as far as known, and its
    identifier is empty where that is nothing. `attempt` counts from 1. A step that is tried
    again has the same `idempotency_key`, for it may have been carried out already.
    """

    account_id: str
    number: int
    service: Service
    action: Literal["link", "unlink"]
    target: Target
    replaces: Target
    attempt: int
    idempotency_key: str


class Provisioner(Protocol):
    """What carries out a step of provisioning."""

    def __call__(self, request: ProvisioningRequest, /) -> Awaitable[None]:
        """Carry the step out; what returns has succeeded.

        It runs in the server's event loop and so must not block. Any error but
        `ProvisioningFailed`, and taking longer than the server waits, is tried again later.

        Raises:
            ProvisioningFailed: The step has failed for good.
        """
        ...


class ProvisioningFailed(Exception):
    """A platform will not carry a step out, however often it is asked."""

    def __init__(self, code: str) -> None:
        """Say why, in a code that the owner of the number is shown."""
        super().__init__(code)
        self.code = code


def is_failure_code(code: object) -> bool:
    """Whether something can be shown to owners as a failure code."""
    return isinstance(code, str) and 0 < len(code) <= FAILURE_CODE_MAX and code.isprintable()


def request_for(row: NumberRow, service: Service) -> ProvisioningRequest:
    """What a provisioner is asked for the step that a worker has taken."""
    task = row.provisioning.task(service)
    assert task is not None and row.account_id is not None, row  # noqa: S101, PT018  it was taken
    step = row.provisioning.step(service)
    return ProvisioningRequest(
        account_id=row.account_id,
        number=row.number,
        service=service,
        action=step.action,
        target=step.target,
        replaces=step.replaces,
        attempt=task.attempts,
        idempotency_key=task.idempotency_key,
    )


# --- the built-in one -----------------------------------------------------------------------


class BuiltIn:
    """A provisioner that pretends: every step succeeds after a while, unless a rule says not."""

    def __init__(self, delay_s: float, rules: tuple[ProvisioningRule, ...]) -> None:
        self._delay_s = delay_s
        self._codes = {(rule.kind, rule.name): rule.code for rule in rules}

    async def __call__(self, request: ProvisioningRequest, /) -> None:
        """Let the time pass, then succeed or fail as told.

        Raises:
            ProvisioningFailed: A rule names the number, or what is to be linked or unlinked.
        """
        await asyncio.sleep(self._delay_s)
        code = self._codes.get(request.target) or self._codes.get(("number", str(request.number)))
        if code is not None:
            raise ProvisioningFailed(code)


def parse_rule(text: str) -> ProvisioningRule:
    """The rule that an operator gives as ``number=447700900123:CODE`` or ``plan=SP1:CODE``.

    Raises:
        InvalidValue: It is none.
    """
    kind, _, rest = text.partition("=")
    name, _, code = rest.rpartition(":")
    if kind == "number":
        number = parse_number(name)
        name = str(number) if number else ""
    elif kind not in TARGET_KINDS:
        name = ""
    if not name or not is_failure_code(code) or " " in code:
        kinds = ", ".join(sorted({"number"} | TARGET_KINDS))
        raise InvalidValue(
            "--provisioning-fail",
            f"{text!r} is no rule; write WHAT=ID:CODE, such as number=447700900123:NOT_TODAY,"
            f" where WHAT is one of {kinds}",
        )
    return ProvisioningRule(kind, name, code)


# --- finding one ----------------------------------------------------------------------------


def installed() -> dict[str, EntryPoint]:
    """The provisioners that are installed, by name."""
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def check_installed(name: str) -> None:
    """Make sure that there is a provisioner of this name.

    Raises:
        InvalidValue: There is none.
    """
    known = (BUILT_IN_PROVISIONER, *sorted(installed()))
    if name not in known:
        raise InvalidValue(
            "--provisioner",
            f"there is none called {name!r}; installed: {', '.join(known)}",
        )


def load_provisioner(settings: Settings) -> Provisioner:
    """The provisioner that an operator has chosen.

    Raises:
        InvalidValue: There is none of that name, or it cannot be loaded.
    """
    name = settings.provisioner
    check_installed(name)
    if name == BUILT_IN_PROVISIONER:
        return BuiltIn(settings.provisioning_delay_s, settings.provisioning_rules)
    point = installed()[name]
    try:
        provisioner: Any = point.load()
    except Exception as error:
        raise InvalidValue("--provisioner", f"{name} ({point.value}): {error}") from error
    if not callable(provisioner):
        raise InvalidValue("--provisioner", f"{name} ({point.value}) cannot be called")
    chosen: Provisioner = provisioner
    return chosen
