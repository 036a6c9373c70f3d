"""A demo server whose account rents a number with every setting, so that lists have content."""

import httpx
import pytest

from live import client_of, serving
from numberline.platform.demo import MESSAGEBIRD_ACCESS_KEY

SETTINGS = {
    "app_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    "moHttpUrl": "https://example.com/webhooks/inbound-sms",
    "moSmppSysType": "inbound",
    "voiceCallbackType": "tel",
    "voiceCallbackValue": "447700900001",
    "voiceStatusCallback": "https://example.com/webhooks/status",
    "messagesCallbackType": "app",
    "messagesCallbackValue": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
}


@pytest.fixture(scope="session")
def demo():
    with serving("--demo") as served:
        number = {"country": "GB", "msisdn": "447700900500"}
        with client_of(served) as http:
            assert http.post("/number/buy", data=number).status_code == 200
            assert http.post("/number/update", data=number | SETTINGS).status_code == 200
        tags = {"tags": ["a tag", "another"]}
        access = {"Authorization": f"AccessKey {MESSAGEBIRD_ACCESS_KEY}"}
        url = f"{served.base_url}/v1/phone-numbers/{number['msisdn']}"
        assert httpx.patch(url, json=tags, headers=access).status_code == 200
        yield served
