"""How Sinch tells events: a JSON body, and a signature over its bytes.

The shape and the signature are those of Sinch's event callbacks, as its SDKs verify them.
"""

import hashlib
import hmac
from typing import Any, Final

import msgspec

from numberline.core.accounts import Door
from numberline.core.instants import to_datetime
from numberline.platform.keyring import default_scope
from numberline.platform.platform import Platform
from numberline.platform.webhooks import Message, Notice
from numberline.storage import queries

SIGNATURE: Final = "X-Sinch-Signature"

EVENT_TYPES: Final = {
    ("sms", "link"): "PROVISIONING_TO_SMS_PLATFORM",
    ("sms", "unlink"): "DEPROVISIONING_FROM_SMS_PLATFORM",
    ("campaign", "link"): "PROVISIONING_TO_CAMPAIGN",
    ("campaign", "unlink"): "DEPROVISIONING_FROM_CAMPAIGN",
    ("voice", "link"): "PROVISIONING_TO_VOICE_PLATFORM",
    ("voice", "unlink"): "DEPROVISIONING_FROM_VOICE_PLATFORM",
}

STATUSES: Final = {"succeeded": "SUCCEEDED", "failed": "FAILED"}

PROJECTS_MAX: Final = 10_000
"""Of how many accounts the project is remembered."""

_encode: Final = msgspec.json.Encoder().encode


class NumberEvent(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What has come of a change of a number."""

    event_id: str
    timestamp: str
    project_id: str
    resource_id: str
    resource_type: str = "ACTIVE_NUMBER"
    event_type: str
    status: str
    failure_code: str | None


def sign(body: bytes, secret: str) -> str:
    """The signature of a body under a project's secret."""
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


class SinchCallbacks:
    """Words the events of numbers that were set up at this door."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._projects: dict[str, str] = {}
        self._changes = 0

    async def message(self, notice: Notice) -> Message:
        """The message of a notice, signed."""
        event = notice.event
        data: dict[str, Any] = event.data
        body = _encode(
            NumberEvent(
                event_id=notice.event_id,
                timestamp=f"{to_datetime(event.at):%Y-%m-%dT%H:%M:%S.%f}",
                project_id=await self._project(event.account_id or ""),
                resource_id=f"+{event.number}",
                event_type=EVENT_TYPES[data["service"], data["action"]],
                status=STATUSES[data["status"]],
                failure_code=data.get("failure_code"),
            )
        )
        headers = (("content-type", "application/json"), (SIGNATURE, sign(body, notice.secret)))
        return Message(body, headers)

    async def _project(self, account_id: str) -> str:
        """The project that an account is here: that of its oldest live credential."""
        changes = self._platform.credential_changes
        if changes != self._changes:
            self._projects.clear()
            self._changes = changes
        found = self._projects.get(account_id)
        if found is None:
            credentials = await self._platform.read(
                lambda connection: queries.list_credentials(connection, account_id)
            )
            scopes = [
                credential.scope
                for credential in credentials
                if credential.door is Door.SINCH and credential.revoked_at is None
            ]
            (found,) = [*scopes, default_scope(Door.SINCH, account_id)][0]
            if len(self._projects) >= PROJECTS_MAX:
                self._projects.clear()
            self._projects[account_id] = found
        return found
