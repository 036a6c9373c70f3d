"""A batch fills the outbox in its own transaction, or not at all."""

from unittest import mock

import pytest
from structlog.testing import capture_logs

from factories import GB, HOOK, all_rows, make_event
from numberline.core import commands as c
from numberline.core import decisions
from numberline.core.decisions.decision import Decision
from numberline.core.errors import AccountNotFound, CallbackReplaced, InvalidValue, NumberlineError
from numberline.core.provisioning import Setup
from numberline.register import committer
from numberline.storage import tables
from registers import ask, ask_together, kinds


@pytest.fixture(autouse=True)
def telling(monkeypatch):
    """Every rental is told to its owner, as a door with callbacks would have it."""

    def decide(command, view, now):
        decision = decisions.decide(command, view, now)
        if not isinstance(command, c.Rent):
            return decision
        told = make_event(command.number, account_id=command.account_id)
        return Decision(decision.reply, (*decision.events, told), decision.numbers)

    monkeypatch.setattr(committer, "decide", decide)


def rent(number=GB, account_id="ada"):
    return c.Rent(account_id=account_id, number=number)


def told(database):
    return [row["number"] for row in all_rows(database, tables.webhook)]


def test_what_is_committed_is_in_the_outbox_at_the_place_of_its_event(database, register, shelf):
    ask_together(register, shelf, *(rent(GB + n) for n in range(3)))
    events = {(row["writer_id"], row["seq"]): row for row in all_rows(database, tables.event)}

    assert told(database) == [GB, GB + 1, GB + 2]
    for row in all_rows(database, tables.webhook):
        event = events[row["writer_id"], row["seq"]]
        assert (event["number"], event["at"]) == (row["number"], row["created_at"])
        assert event["kind"] == "number_configured"


def test_what_is_refused_is_not_told(database, register, shelf):
    outcomes = ask_together(register, shelf, rent(), rent(account_id="bob"), rent(GB - 9))

    assert kinds(outcomes) == {"NumberRow": 1, "NumberNotAvailable": 1, "NumberNotInStock": 1}
    assert told(database) == [GB]


def test_a_batch_that_fails_leaves_nothing_and_is_told_once_when_it_succeeds(
    database, wire, register, shelf
):
    with wire.failing("INSERT INTO webhook", times=1), capture_logs():
        outcomes = ask_together(register, shelf, rent(), rent(GB + 1))

    assert kinds(outcomes) == {"NumberRow": 2}
    assert told(database) == [GB, GB + 1]


def test_a_command_whose_outbox_row_cannot_be_stored_changes_nothing(database, register):
    with mock.patch.object(committer, "decide", _decide_without_account), capture_logs():
        [failed] = ask(register, rent())

    assert isinstance(failed, NumberlineError)
    assert told(database) == all_rows(database, tables.number) == []


def _decide_without_account(command, view, now):
    decision = decisions.decide(command, view, now)
    events = (*decision.events, make_event(command.number, account_id=None))
    return Decision(decision.reply, events, decision.numbers)


# --- secrets and callbacks ------------------------------------------------------------------


def test_the_later_of_two_secrets_is_kept_also_within_one_batch(database, register, shelf):
    secrets = [("ada", "one"), ("bob", "hers"), ("ada", "two \u00e9 'quoted' \\ \"x\"")]
    commands = [c.SetWebhookSecret(account_id=who, secret=secret) for who, secret in secrets]
    ask_together(register, shelf, *commands)
    ask(register, c.SetWebhookSecret(account_id="bob", secret="his"))

    rows = all_rows(database, tables.webhook_secret)
    assert {row["account_id"]: row["secret"] for row in rows} == {
        "ada": secrets[2][1],
        "bob": "his",
    }


def test_the_event_of_a_secret_does_not_tell_it(database, register):
    ask(register, c.SetWebhookSecret(account_id="ada", secret="hush"))

    event = all_rows(database, tables.event)[-1]
    assert (event["kind"], event["account_id"], event["data"]) == ("webhook_secret_set", "ada", {})


@pytest.mark.parametrize("secret", ["", "a" * 257, "line\nbreak", "nul\0"])
def test_a_secret_that_is_none_is_refused(register, secret):
    [refused] = ask(register, c.SetWebhookSecret(account_id="ada", secret=secret))

    assert isinstance(refused, InvalidValue)


def test_a_secret_of_nobody_is_refused(register):
    [refused] = ask(register, c.SetWebhookSecret(account_id="nobody", secret="x"))

    assert isinstance(refused, AccountNotFound)


def test_a_callback_that_is_disabled_is_an_event_of_its_number_and_its_owner(database, register):
    told_there = Setup(callback_url=HOOK, callback_scheme="test")
    rental = c.Rent(account_id="ada", number=GB, setup=told_there)
    [_, disabled] = ask(register, rental, c.DisableCallback(number=GB, url=HOOK))

    assert disabled.provisioning.callback_url == ""
    event = all_rows(database, tables.event)[-1]
    assert (event["kind"], event["number"], event["account_id"], event["data"]) == (
        "callback_disabled",
        GB,
        "ada",
        {"url": HOOK},
    )
    assert told(database) == [GB]


@pytest.mark.parametrize("number", [GB, GB - 9])
def test_a_callback_that_a_number_does_not_have_is_not_disabled(register, number):
    told_elsewhere = Setup(callback_url=f"{HOOK}/new", callback_scheme="test")
    rental = c.Rent(account_id="ada", number=GB, setup=told_elsewhere)
    [rented, refused] = ask(register, rental, c.DisableCallback(number=number, url=HOOK))

    assert rented.provisioning.callback_url == f"{HOOK}/new"
    assert isinstance(refused, CallbackReplaced)
