"""Settings of a server, as one struct that travels from the command line to its workers."""

from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may choose."""

    database: str
    """The database's URL."""
    vonage_update: Literal["replace", "merge"] = "replace"
    """What the Vonage door's update does with settings that a request leaves out."""
    vonage_probe_sms_webhook: bool = False
    """Whether the Vonage door calls a moHttpUrl before it takes it, as Vonage does."""
    webhooks_reach_loopback: bool = False
    """Whether webhooks may go to this machine itself, and to nothing else that is not public."""
    background: bool = True
    """Whether the server itself carries out what falls due and delivers webhooks."""
    access_log: bool = False
    """Whether each request is logged."""
