"""Schemathesis against the live door: by the door's own document, and by the vendor's."""

import subprocess
import sys
from pathlib import Path

import pytest

from live import DEMO

PROGRAM = Path(sys.prefix) / "bin" / "schemathesis"
CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "vonage.json"

EXAMPLES_MAX = 25
RUN_S = 90

SHAPE = ("not_a_server_error", "response_schema_conformance", "content_type_conformance")
"""What must hold by any document."""

OURS = (
    *SHAPE,
    *("status_code_conformance", "negative_data_rejection", "ignored_auth"),
    *("unsupported_method", "allow_header_conformance"),
)
"""What must hold by our own. That valid data is accepted cannot: it rents numbers by chance."""


def schemathesis(location, served, checks, folder):
    """Run it in an empty folder; returns the exit code and the report."""
    ran = subprocess.run(
        [
            *(PROGRAM, "--no-color", "run", location, "--url", served.base_url),
            *("--auth", ":".join(DEMO), "--checks", ",".join(checks), "--warnings", "off"),
            *("--seed", "1", "--max-examples", str(EXAMPLES_MAX), "--request-timeout", "10"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_the_door_keeps_to_its_own_document(demo, tmp_path):
    code, report = schemathesis(f"{demo.base_url}/docs/vonage", demo, OURS, tmp_path)

    assert code == 0, report
    assert "Tested: 5" in report


@pytest.mark.skipif(
    not CONTRACT.is_file(), reason="the vendor's contract is not beside the repository"
)
def test_the_door_keeps_to_the_vendors_document(demo, tmp_path):
    code, report = schemathesis(CONTRACT, demo, SHAPE, tmp_path)

    assert code == 0, report
    assert "Tested: 5" in report
