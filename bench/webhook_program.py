"""The numberline program with a manner of telling events that costs what a door's would."""

import hashlib
import hmac

import msgspec

from numberline.cli.app import main
from numberline.platform.webhooks import Message, Notice
from numberline.server.background import SCHEMES


class SignedScheme:
    """JSON, signed with HMAC-SHA1."""

    async def message(self, notice: Notice) -> Message:
        event = notice.event
        fields = {"id": notice.event_id, "number": event.number, "data": event.data}
        body = msgspec.json.encode(fields | {"kind": event.kind, "account": event.account_id})
        signature = hmac.new(notice.secret.encode(), body, hashlib.sha1).hexdigest()
        return Message(body, (("content-type", "application/json"), ("x-signature", signature)))


SCHEMES["bench"] = lambda _platform: SignedScheme()
"""At the top, so that the processes that Granian starts have it too."""

if __name__ == "__main__":
    main()
