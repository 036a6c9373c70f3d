"""Schemathesis against the live doors: by each door's own document, and by the vendor's."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from live import DEMO
from numberline.platform.demo import MESSAGEBIRD_ACCESS_KEY

PROGRAM = Path(sys.prefix) / "bin" / "schemathesis"
CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"

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


class Door(NamedTuple):
    """A door, the file of its vendor's contract, the paths' start there, and who calls.

    `promised` is how many operations the contract has, `served` how many the door has.
    """

    name: str
    contract: str
    base_path: str
    promised: int
    served: int
    caller: tuple[str, str]


VONAGE = Door("vonage", "vonage.json", "", 5, 5, ("--auth", ":".join(DEMO)))
MESSAGEBIRD = Door(
    *("messagebird", "messagebird.yaml", "/v1", 6, 14),
    ("--header", f"Authorization: AccessKey {MESSAGEBIRD_ACCESS_KEY}"),
)
DOORS = pytest.mark.parametrize("door", [VONAGE, MESSAGEBIRD], ids=lambda door: door.name)


def schemathesis(location, url, door, checks, folder):
    """Run it in an empty folder; returns the exit code and the report."""
    ran = subprocess.run(
        [
            *(PROGRAM, "--no-color", "run", location, "--url", url, *door.caller),
            *("--checks", ",".join(checks), "--warnings", "off"),
            *("--seed", "1", "--max-examples", str(EXAMPLES_MAX), "--request-timeout", "10"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@DOORS
def test_a_door_keeps_to_its_own_document(demo, tmp_path, door):
    location = f"{demo.base_url}/docs/{door.name}"
    code, report = schemathesis(location, demo.base_url, door, OURS, tmp_path)

    assert code == 0, report
    assert f"Tested: {door.served}" in report


@DOORS
def test_a_door_keeps_to_the_vendors_document(demo, tmp_path, door):
    contract = CONTRACTS / door.contract
    if not contract.is_file():
        pytest.skip("the vendor's contract is not beside the repository")
    url = demo.base_url + door.base_path
    code, report = schemathesis(contract, url, door, SHAPE, tmp_path)

    assert code == 0, report
    assert f"Tested: {door.promised}" in report
