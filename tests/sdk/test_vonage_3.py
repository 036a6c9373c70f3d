"""The older Vonage Python SDK, in a process of its own: two versions cannot share one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SDK = Path(sys.prefix) / "sdk-vonage-3"
SESSION = Path(__file__).parent / "vonage_3_session.py"


@pytest.fixture
def steps(secure, tenant, msisdn):
    assert SDK.is_dir(), f"the older SDK is not in {SDK}; 'make test' puts it there"
    host = f"127.0.0.1:{secure.served.port}"
    ran = subprocess.run(
        [sys.executable, SESSION, host, tenant.key, tenant.secret, msisdn],
        env=os.environ | {"PYTHONPATH": str(SDK), "REQUESTS_CA_BUNDLE": secure.authority},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_session_of_the_older_sdk_is_understood(steps, msisdn):
    success = {"error-code": "200", "error-code-label": "success"}
    (found,) = steps["search"]["numbers"]
    (listed,) = steps["list"]["numbers"]

    assert steps["version"] == "3.17.3"
    assert (steps["search"]["count"], found["msisdn"]) == (1, msisdn)
    assert (steps["buy"], steps["update"], steps["cancel"]) == (success, success, success)
    assert steps["buy again"].startswith("ClientError: {'error-code': '420'")
    assert (listed["msisdn"], listed["app_id"]) == (msisdn, "x")
    assert listed["moHttpUrl"] == "https://example.com/"
    assert steps["list again"] == {}
    assert steps["stranger"].startswith("AuthenticationError")
