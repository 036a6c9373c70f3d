"""Schemathesis against the live doors: by each door's own document, and by the vendor's."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest
import yaml

from live import DEMO
from numberline.dialects.bird.ids import NUMBERS
from numberline.platform.demo import (
    BIRD_ACCESS_KEY,
    BIRD_ORGANIZATION,
    BIRD_WORKSPACE,
    MESSAGEBIRD_ACCESS_KEY,
    SINCH_KEY,
    SINCH_PROJECT,
    SINCH_SECRET,
)

PROGRAM = Path(sys.prefix) / "bin" / "schemathesis"
CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"

RENTED = 447_700_900_500
"""The number that the demo's account rents for these tests."""

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
    """A door, and the file of its vendor's contract.

    Attributes:
        base_path: The start of the paths that the contract leaves out.
        promised: How many operations the contract has.
        served: How many the door has.
        caller: Who calls, as options.
        known: What paths name and nobody can guess.
        may_lack: Members, by schema, that may be null or empty although the contract says not.
        asked: What members of requests hold, by schema, so that no name server is asked.
        examples_max: How many examples each operation gets at the most.
    """

    name: str
    contract: str
    base_path: str
    promised: int
    served: int
    caller: tuple[str, str]
    known: Mapping[str, str] = MappingProxyType({})
    may_lack: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    asked: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType({})
    examples_max: int = 25


VONAGE = Door("vonage", "vonage.json", "", 5, 5, ("--auth", ":".join(DEMO)))
MESSAGEBIRD = Door(
    *("messagebird", "messagebird.yaml", "/v1", 6, 14),
    ("--header", f"Authorization: AccessKey {MESSAGEBIRD_ACCESS_KEY}"),
)
BIRD = Door(
    *("bird", "bird.yaml", "", 1, 6),
    ("--header", f"Authorization: AccessKey {BIRD_ACCESS_KEY}"),
    {
        "organizationId": BIRD_ORGANIZATION,
        "workspaceId": BIRD_WORKSPACE,
        "numberId": NUMBERS.of(RENTED),
    },
)
CALLBACK_URLS = ("", "http://127.0.0.1:9/events", "ftp://127.0.0.1", "x")
SINCH = Door(
    *("sinch", "sinch.yaml", "", 8, 16),
    ("--auth", f"{SINCH_KEY}:{SINCH_SECRET}"),
    {
        **dict.fromkeys(("projectId", "project_id"), SINCH_PROJECT),
        **dict.fromkeys(("phoneNumber", "phone_number"), f"+{RENTED}"),
    },
    {
        "ActiveNumber": ("expireAt", "callbackUrl"),
        "SmsConfiguration": ("scheduledProvisioning",),
        "VoiceConfiguration": ("scheduledVoiceProvisioning",),
    },
    {
        "RentNumberRequest": {"callbackUrl": CALLBACK_URLS},
        "UpdateActiveNumberRequest": {"callbackUrl": CALLBACK_URLS},
    },
    examples_max=10,
)
DOORS = pytest.mark.parametrize(
    "door", [VONAGE, MESSAGEBIRD, BIRD, SINCH], ids=lambda door: door.name
)


def schemathesis(location, url, door, checks, folder):
    """Run it in an empty folder; returns the exit code and the report."""
    lines = ["[parameters]", *(f'{name} = "{value}"' for name, value in door.known.items())]
    (folder / "schemathesis.toml").write_text("\n".join(lines), encoding="utf-8")
    ran = subprocess.run(
        [
            *(PROGRAM, "--no-color", "run", location, "--url", url, *door.caller),
            *("--checks", ",".join(checks), "--warnings", "off"),
            *("--seed", "1", "--max-examples", str(door.examples_max), "--request-timeout", "10"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def eased(contract, door, folder):
    """The contract with what the vendor's own answers show where a member is not set."""
    content = yaml.safe_load(contract.read_text(encoding="utf-8"))
    schemas = content.get("components", {}).get("schemas", {})
    for schema, names in door.may_lack.items():
        members = schemas[schema]["properties"]
        members |= {name: {"anyOf": [members[name], {"enum": [None, ""]}]} for name in names}
    for schema, values in door.asked.items():
        members = schemas[schema]["properties"]
        members |= {name: {"type": "string", "enum": [*found]} for name, found in values.items()}
    path = folder / "contract.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


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
    code, report = schemathesis(eased(contract, door, tmp_path), url, door, SHAPE, tmp_path)

    assert code == 0, report
    assert f"Tested: {door.promised}" in report
