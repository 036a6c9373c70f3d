"""The options of ``numberline serve`` about provisioning."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from numberline.core.errors import InvalidValue
from numberline.platform.settings import BUILT_IN_PROVISIONER, DEMO_PROVISIONING_DELAY_S

TIMEOUT_MAX_S: Final = 3600.0
"""How long a step of provisioning may take at the most."""

ProvisionerOption = Annotated[
    str, typer.Option("--provisioner", help="Who links numbers at the SMS and voice platforms.")
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--provisioning-timeout",
        metavar="SECONDS",
        help="How long a step of provisioning may take before it is tried again.",
    ),
]
DelayOption = Annotated[
    float | None,
    typer.Option(
        "--provisioning-delay",
        metavar="SECONDS",
        help="How long the built-in provisioner takes over a step.",
        show_default=f"0, or {DEMO_PROVISIONING_DELAY_S:g} with --demo",
    ),
]
FailOption = Annotated[
    list[str] | None,
    typer.Option(
        "--provisioning-fail",
        metavar="WHAT=ID:CODE",
        help="What the built-in provisioner fails at, and the code: a number, plan, campaign,"
        " application, trunk or fax. Can be given several times.",
    ),
]


def provisioning_settings(
    provisioner: str,
    timeout_s: float,
    delay_s: float | None,
    rules: Sequence[str],
    *,
    demo: bool,
) -> dict[str, Any]:
    """The settings that the options make.

    Raises:
        InvalidValue: One of them is not allowed, or not with another.
    """
    from numberline.platform.provisioners import check_installed, parse_rule

    check_installed(provisioner)
    if provisioner != BUILT_IN_PROVISIONER and (rules or delay_s is not None):
        option = "--provisioning-fail" if rules else "--provisioning-delay"
        raise InvalidValue(option, f"is for the {BUILT_IN_PROVISIONER} provisioner only")
    # Written so that "nan" is refused too.
    if not 0 < timeout_s <= TIMEOUT_MAX_S:
        raise InvalidValue(
            "--provisioning-timeout", f"must be above 0 and at most {TIMEOUT_MAX_S:g} seconds"
        )
    given_s = (DEMO_PROVISIONING_DELAY_S if demo else 0.0) if delay_s is None else delay_s
    if not 0 <= given_s < timeout_s:
        raise InvalidValue(
            "--provisioning-delay",
            f"must be 0 or more and less than --provisioning-timeout, {timeout_s:g} seconds",
        )
    return {
        "provisioner": provisioner,
        "provisioning_timeout_s": timeout_s,
        "provisioning_delay_s": given_s,
        "provisioning_rules": tuple(map(parse_rule, rules)),
    }
