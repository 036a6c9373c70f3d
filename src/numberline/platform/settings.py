"""Settings of a server, as one struct that travels from the command line to its workers."""

from typing import Final, Literal

import msgspec

BUILT_IN_PROVISIONER: Final = "built-in"
"""The name of the provisioner that only pretends."""

DEMO_PROVISIONING_DELAY_S: Final = 0.2
"""How long the built-in provisioner takes in the demo."""


ACCESS_TOKEN_LIFETIME_S: Final = 3_600
"""How long an access token is good unless the operator says otherwise; Sinch's own are."""


class ProvisioningRule(msgspec.Struct, frozen=True):
    """What the built-in provisioner is to fail at: a number, or a plan or the like, and its code.

    `kind` is ``number`` or one of `TARGET_KINDS`.
    """

    kind: str
    name: str
    code: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may choose."""

    database: str
    """The database's URL."""
    vonage_update: Literal["replace", "merge"] = "replace"
    """What the Vonage door's update does with settings that a request leaves out."""
    vonage_probe_sms_webhook: bool = False
    """Whether the Vonage door calls a moHttpUrl before it takes it, as Vonage does."""
    access_token_lifetime_s: int = ACCESS_TOKEN_LIFETIME_S
    """How long an access token is good."""
    webhooks_reach_loopback: bool = False
    """Whether webhooks may go to this machine itself, and to nothing else that is not public."""
    background: bool = True
    """Whether the server itself carries out what falls due and delivers webhooks."""
    access_log: bool = False
    """Whether each request is logged."""
    provisioner: str = BUILT_IN_PROVISIONER
    """Who links numbers at the SMS and voice platforms."""
    provisioning_timeout_s: float = 10.0
    """How long a step of provisioning may take before it is tried again."""
    provisioning_delay_s: float = 0.0
    """How long the built-in provisioner takes over a step."""
    provisioning_rules: tuple[ProvisioningRule, ...] = ()
    """What the built-in provisioner fails at."""
