"""What owners want of their numbers is recorded, told to them, and ends with the rental."""

import msgspec
import pytest

from core.provisioned import (
    APP,
    CAMPAIGN,
    FAX,
    HOOK,
    LATER,
    SMS,
    VOICE,
    Number,
    linked_number,
)
from factories import GB, NEW_YEAR
from numberline.core import commands as c
from numberline.core.errors import InvalidValue, ProvisioningSuperseded
from numberline.core.instants import DAY_US, Instant, add_months
from numberline.core.lifecycle import EventKind, State
from numberline.core.provisioning import (
    NO_PROVISIONING,
    NO_SMS,
    NO_VOICE,
    Done,
    Failed,
    Provisioning,
    Setup,
    SmsLink,
    Status,
    TryAgain,
    VoiceLink,
)
from numberline.core.rows import Callback, Configuration

RENEWAL = add_months(NEW_YEAR, 1)


# --- what is wanted -------------------------------------------------------------------------


def test_a_rental_without_a_setup_has_no_provisioning():
    number = Number()

    assert number.provisioning is NO_PROVISIONING
    assert number.row.work_at is None
    assert len(number.told) == 1


def test_what_a_rental_wants_waits_and_nothing_is_linked_yet():
    number = Number(Setup(plan_id="SP", campaign_id="CMP", voice=APP))
    provisioning = number.provisioning

    assert (provisioning.sms, provisioning.voice) == (NO_SMS, NO_VOICE)
    assert provisioning.sms_task.wanted == SmsLink("SP", "CMP")
    assert provisioning.voice_task.wanted == APP
    assert {task.status for task in provisioning.tasks} == {Status.WAITING}
    assert {task.updated_at for task in provisioning.tasks} == {NEW_YEAR}
    assert number.row.work_at == NEW_YEAR


def test_each_step_that_is_wanted_is_told():
    number = Number(Setup(plan_id="SP", campaign_id="CMP", voice=APP))
    kind = EventKind.PROVISIONING_REQUESTED

    assert [event.kind for event in number.told[:1]] == [EventKind.NUMBER_RENTED]
    assert number.news == [
        (kind, SMS, "link", "waiting", ("plan", "SP")),
        (kind, CAMPAIGN, "link", "waiting", ("campaign", "CMP")),
        (kind, VOICE, "link", "waiting", ("application", "app")),
    ]
    assert {event.account_id for event in number.told} == {"ada"}


def test_what_is_none_stays_as_it_is():
    number = linked_number(
        plan_id="SP", campaign_id="CMP", voice=APP, callback_url="https://a.example"
    )
    before = number.provisioning

    number.set_up(display_name="Desk")

    assert number.provisioning == before
    assert number.row.configuration == Configuration(display_name="Desk")


@pytest.mark.parametrize(
    "setup",
    [
        pytest.param(Setup(plan_id="SP", campaign_id="CMP"), id="sms"),
        pytest.param(Setup(plan_id="SP"), id="plan"),
        pytest.param(Setup(campaign_id="CMP"), id="campaign"),
        pytest.param(Setup(voice=APP), id="voice"),
        pytest.param(Setup(), id="nothing"),
    ],
)
def test_wanting_what_is_linked_makes_no_task(setup):
    number = linked_number(plan_id="SP", campaign_id="CMP", voice=APP)

    number.configure(setup=setup)

    assert (number.provisioning.tasks, number.row.work_at, number.news) == ((), None, [])


@pytest.mark.parametrize("setup", [Setup(plan_id=""), Setup(voice=VoiceLink("trunk", ""))])
def test_unlinking_what_is_not_linked_makes_no_task(setup):
    assert Number(setup).provisioning == Provisioning()


def test_wanting_again_what_is_pending_does_not_begin_anew():
    number = Number(Setup(plan_id="SP", voice=APP))
    before = number.provisioning
    number.now = LATER

    number.set_up(plan_id="SP", voice=APP)

    assert number.provisioning == before


def test_another_want_takes_the_place_of_one_that_waits():
    number = Number(Setup(plan_id="SP", voice=APP))
    number.now = LATER

    number.set_up(plan_id="SP2", voice=FAX)

    assert number.provisioning.sms_task.wanted == SmsLink("SP2")
    assert number.provisioning.voice_task.wanted == FAX
    assert {task.updated_at for task in number.provisioning.tasks} == {LATER}
    ids = {task.task_id for task in number.provisioning.tasks}
    assert ids == {f"{GB}-{NEW_YEAR}-3", f"{GB}-{NEW_YEAR}-4"}


def test_a_want_that_was_never_begun_can_be_taken_back():
    number = Number(Setup(plan_id="SP", voice=APP))

    number.set_up(plan_id="", voice=NO_VOICE)

    assert (number.provisioning.tasks, number.row.work_at) == ((), None)


def test_a_plan_and_a_campaign_may_be_wanted_one_after_the_other():
    number = Number(Setup(plan_id="SP"))

    number.set_up(campaign_id="CMP")

    assert number.provisioning.sms_task.wanted == SmsLink("SP", "CMP")


def test_a_want_after_a_failure_begins_from_what_was_wanted_then():
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))
    number.carry_out(SMS, result=Failed("NOT_TODAY"))

    number.set_up(campaign_id="OTHER")

    task = number.provisioning.sms_task
    assert (task.wanted, task.status, task.steps) == (
        SmsLink("SP", "OTHER"),
        Status.WAITING,
        (SMS, CAMPAIGN),
    )
    assert task.error_codes == ()


@pytest.mark.parametrize(
    ("setup", "field"),
    [
        (Setup(plan_id="nul\x00"), "plan_id"),
        (Setup(campaign_id="\n"), "campaign_id"),
        (Setup(callback_url="\t"), "callback_url"),
        (Setup(display_name="\x07"), "display_name"),
        (Setup(voice=VoiceLink("fax", "\x00")), "voice"),
        (Setup(voice=VoiceLink("", "app")), "voice"),
    ],
)
def test_a_setup_that_no_rule_allows_is_refused(setup, field):
    number = Number()

    with pytest.raises(InvalidValue) as refusal:
        number.configure(setup=setup)

    assert refusal.value.field == field
    assert number.provisioning is NO_PROVISIONING


def test_settings_and_tags_of_another_door_undo_nothing_of_a_setup():
    number = linked_number(
        plan_id="SP", voice=APP, display_name="Desk", callback_url="https://a.example"
    )
    number.set_up(plan_id="SP2")
    before = number.provisioning

    number.configure(configuration=Configuration(application_id="vonage"))
    number.configure(tags=("a",))

    assert number.provisioning == before
    assert number.row.configuration == Configuration(
        application_id="vonage", tags=("a",), display_name="Desk"
    )
    assert number.row.work_at == NEW_YEAR


def test_a_configuration_cannot_bring_a_display_name():
    number = Number()
    number.configure(configuration=Configuration(display_name="sneaked in"))

    assert number.row.configuration == Configuration()


def test_a_callback_is_replaced_and_taken_away():
    number = Number(HOOK)
    assert (number.provisioning.callback_url, number.provisioning.callback_scheme) == (
        HOOK.callback_url,
        "sinch",
    )

    number.set_up(callback_url="")
    assert (number.provisioning.callback_url, number.provisioning.callback_scheme) == ("", "")


# --- telling the owner ----------------------------------------------------------------------


def told_to(number):
    return [event.callback for event in number.told]


def test_what_was_linked_unlinked_or_failed_is_told_to_the_owner():
    number = Number(msgspec.structs.replace(HOOK, voice=APP, plan_id="SP"))
    callback = Callback(HOOK.callback_url, "sinch")
    assert told_to(number) == [None] * 3

    lease = number.start(VOICE)
    assert told_to(number) == [None]
    number.finish(lease, TryAgain(NEW_YEAR))
    assert told_to(number) == [None]
    number.carry_out(VOICE)
    assert told_to(number) == [callback]
    number.carry_out(SMS, result=Failed("NOT_TODAY"))
    assert told_to(number) == [callback]
    number.set_up(voice=NO_VOICE)
    number.carry_out(VOICE)
    assert told_to(number) == [callback]


def test_nobody_is_told_without_a_callback():
    number = Number(Setup(voice=APP)).carry_out(VOICE)

    assert told_to(number) == [None]


# --- the end --------------------------------------------------------------------------------


def test_a_scheduled_release_gives_up_what_is_wanted_of_voice_and_keeps_the_rest():
    number = linked_number(plan_id="SP", voice=APP)
    number.set_up(plan_id="SP2", voice=FAX)

    number.release(at_renewal=True)

    assert (number.provisioning.voice_task, number.provisioning.voice) == (None, APP)
    assert number.provisioning.sms_task.wanted == SmsLink("SP2")
    assert number.news == [
        (EventKind.PROVISIONING_CANCELLED, VOICE, "link", "cancelled", ("fax", "fax"))
    ]
    assert number.carry_out(SMS).provisioning.sms == SmsLink("SP2")
    assert number.row.state is State.EXPIRING


def test_a_scheduled_release_takes_back_what_was_begun_of_voice():
    number = linked_number(voice=APP)
    number.set_up(voice=FAX)
    lease = number.start(VOICE)

    number.release(at_renewal=True)

    task = number.provisioning.voice_task
    assert (task.wanted, task.lease, number.provisioning.voice) == (APP, lease, APP)
    number.finish(lease, Done())
    assert number.carry_out(VOICE).provisioning.voice == APP
    assert number.provisioning.voice_task is None


def test_the_end_of_a_rental_tells_also_what_may_have_been_linked():
    number = linked_number(voice=APP)
    number.set_up(voice=FAX)
    number.start(VOICE)

    number.release()

    assert (EventKind.DEPROVISIONED, VOICE, "unlink", "succeeded", ("fax", "fax")) in number.news


def test_a_number_that_is_about_to_end_can_still_be_set_up():
    number = Number()
    number.release(at_renewal=True)

    number.set_up(voice=APP)

    assert (number.row.due_at, number.row.work_at) == (RENEWAL, NEW_YEAR)
    assert number.carry_out(VOICE).provisioning.voice == APP


@pytest.mark.parametrize("rest_days", [0, 45])
@pytest.mark.parametrize("scheduled", [False, True])
def test_the_end_of_a_rental_takes_all_and_tells_what_was_linked(rest_days, scheduled):
    number = Number(
        msgspec.structs.replace(HOOK, plan_id="SP", campaign_id="CMP", voice=APP),
        quarantine_days=rest_days,
    )
    number.carry_out(SMS, CAMPAIGN, VOICE)
    number.set_up(plan_id="SP2", display_name="Desk")

    if scheduled:
        number.release(at_renewal=True)
        number.now = RENEWAL
        number.perform(c.Expire(number=GB))
    else:
        number.release()

    assert number.provisioning is NO_PROVISIONING
    assert (number.row.work_at, number.row.configuration) == (None, Configuration())
    kind = EventKind.DEPROVISIONED
    assert number.news == [
        (kind, SMS, "unlink", "succeeded", ("plan", "SP")),
        (kind, CAMPAIGN, "unlink", "succeeded", ("campaign", "CMP")),
        (kind, VOICE, "unlink", "succeeded", ("application", "app")),
    ]
    callback = Callback(HOOK.callback_url, "sinch")
    assert told_to(number) == [None, callback, callback, callback]
    assert {event.account_id for event in number.told} == {"ada"}


def test_the_end_of_a_rental_tells_what_a_failure_has_left():
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))
    number.carry_out(SMS)
    number.carry_out(CAMPAIGN, result=Failed("NOT_TODAY"))

    number.release()

    assert number.news == [(EventKind.DEPROVISIONED, SMS, "unlink", "succeeded", ("plan", "SP"))]


def test_an_attempt_of_an_earlier_rental_is_none_of_the_next_one():
    number = Number(Setup(voice=APP))
    old = number.start(VOICE)
    number.release()
    number.now = Instant(NEW_YEAR + DAY_US)
    number.perform(c.Rent(account_id="ada", number=GB, setup=Setup(voice=APP)))
    number.start(VOICE, lease_until=Instant(number.now + 1))

    with pytest.raises(ProvisioningSuperseded):
        number.finish(old, Done())
