"""The built-in provisioner does as it is told, and an operator's own is found by its name."""

import asyncio

import pytest

from factories import GB, in_loop
from numberline.core.errors import InvalidValue
from numberline.core.provisioning import Service, Target
from numberline.platform import provisioners
from numberline.platform.provisioners import (
    BuiltIn,
    ProvisioningFailed,
    ProvisioningRequest,
    check_installed,
    load_provisioner,
    parse_rule,
)
from numberline.platform.settings import ProvisioningRule, Settings

PLAN = Target("plan", "SP")


def request(service=Service.SMS, target=PLAN, **values):
    defaults = {
        "account_id": "ada",
        "number": GB,
        "action": "link",
        "replaces": Target("", ""),
        "attempt": 1,
        "idempotency_key": "key",
    }
    return ProvisioningRequest(service=service, target=target, **(defaults | values))


VOICE = request(Service.VOICE, Target("trunk", "T"))


# --- the built-in one -----------------------------------------------------------------------


@in_loop
async def test_every_step_succeeds_unless_a_rule_says_not():
    provisioner = BuiltIn(0, (ProvisioningRule("plan", "OTHER", "NOT_TODAY"),))

    await provisioner(request())
    await provisioner(VOICE)


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        (f"number={GB}:NOT_TODAY", request()),
        (f"number={GB}:NOT_TODAY", VOICE),
        (f"number=+{GB}:NOT_TODAY", VOICE),
        ("plan=SP:NOT_TODAY", request()),
        ("plan=SP:NOT_TODAY", request(action="unlink")),
        ("campaign=a:b:NOT_TODAY", request(Service.CAMPAIGN, Target("campaign", "a:b"))),
        ("trunk=T:NOT_TODAY", VOICE),
    ],
)
@in_loop
async def test_what_a_rule_names_fails_with_its_code(rule, asked):
    provisioner = BuiltIn(0, (parse_rule(rule),))

    with pytest.raises(ProvisioningFailed) as failure:
        await provisioner(asked)

    assert failure.value.code == "NOT_TODAY"


@in_loop
async def test_a_step_takes_as_long_as_was_chosen(monkeypatch):
    slept = []

    async def sleep(duration_s):
        slept.append(duration_s)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await BuiltIn(0.25, ())(request())

    assert slept == [0.25]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plan",
        "plan=SP",
        "plan=SP:",
        "plan=:CODE",
        "plan:SP=CODE",
        "number=12:CODE",
        "number=x:CODE",
        "account=ada:CODE",
        "plan=SP:A CODE",
        "plan=SP:NUL\x00",
        "plan=SP:" + "X" * 101,
    ],
)
def test_a_rule_that_is_none_is_refused_with_an_example(text):
    with pytest.raises(InvalidValue, match="number=447700900123:NOT_TODAY"):
        parse_rule(text)


# --- an operator's own ----------------------------------------------------------------------

PLUG_IN = """
calls = []

async def provision(request):
    calls.append(request)

not_callable = 7
"""

ENTRY_POINTS = """
[numberline.provisioners]
acme = acme_numbers:provision
broken = acme_numbers:missing
gone = no_such_module:provision
number = acme_numbers:not_callable
"""


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """A package as an operator installs it."""
    (tmp_path / "acme_numbers.py").write_text(PLUG_IN)
    info = tmp_path / "acme_numbers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-numbers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)


def settings(name):
    return Settings(database="sqlite:///x.db", provisioner=name)


@pytest.mark.usefixtures("plug_in")
@in_loop
async def test_a_provisioner_that_is_installed_is_called_by_its_name():
    provisioner = load_provisioner(settings("acme"))
    await provisioner(request())

    import acme_numbers

    assert acme_numbers.calls == [request()]


def test_the_built_in_one_is_there_without_any_other():
    assert isinstance(load_provisioner(settings("built-in")), provisioners.BuiltIn)


@pytest.mark.usefixtures("plug_in")
def test_an_unknown_name_is_refused_with_those_that_are_installed():
    with pytest.raises(InvalidValue, match="'acne'; installed: built-in, acme, broken"):
        check_installed("acne")


@pytest.mark.usefixtures("plug_in")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("broken", "acme_numbers:missing"),
        ("gone", "No module named 'no_such_module'"),
        ("number", "cannot be called"),
    ],
)
def test_a_provisioner_that_cannot_be_loaded_is_said_with_the_reason(name, why):
    with pytest.raises(InvalidValue, match=why):
        load_provisioner(settings(name))
