"""What is wanted of a number is carried out in steps, and counts only when all are done."""

import pytest

from core.provisioned import (
    APP,
    CAMPAIGN,
    FAX,
    LATER,
    MUCH_LATER,
    SMS,
    VOICE,
    Number,
    linked_number,
    news_of,
)
from factories import GB, NEW_YEAR, MemoryView, make_offer
from numberline.core import commands as c
from numberline.core.errors import InvalidValue, ProvisioningNotDue, ProvisioningSuperseded
from numberline.core.instants import Instant
from numberline.core.lifecycle import EventKind
from numberline.core.provisioning import (
    NO_SMS,
    NO_VOICE,
    Done,
    Failed,
    Setup,
    SmsLink,
    Status,
    StepNews,
    Target,
    TryAgain,
    VoiceLink,
)

# --- steps ----------------------------------------------------------------------------------


def test_a_step_that_was_taken_is_in_progress_under_a_lease():
    number = Number(Setup(voice=APP))
    number.now = Instant(NEW_YEAR + 1)

    number.start(VOICE)

    task = number.provisioning.voice_task
    assert (task.status, task.attempts, task.due_at, task.updated_at) == (
        Status.IN_PROGRESS,
        1,
        LATER,
        number.now,
    )
    assert number.row.work_at == LATER
    [event] = number.told
    assert event.kind is EventKind.PROVISIONING_STARTED
    assert news_of(event) == StepNews(
        service=VOICE,
        action="link",
        status="in_progress",
        target_kind="application",
        target_id="app",
        task_id=task.task_id,
        attempt=1,
    )


def test_a_step_that_one_worker_has_is_refused_to_others():
    number = Number(Setup(voice=APP))
    number.start(VOICE)
    number.now = Instant(LATER - 1)

    with pytest.raises(ProvisioningNotDue):
        number.start(VOICE)


def test_a_step_whose_lease_has_run_out_is_taken_again_and_its_old_outcome_refused():
    number = Number(Setup(voice=APP))
    old = number.start(VOICE)
    number.now = LATER

    new = number.start(VOICE, lease_until=MUCH_LATER)

    assert number.provisioning.voice_task.attempts == 2
    with pytest.raises(ProvisioningSuperseded):
        number.finish(old, Done())
    assert number.finish(new, Done()).provisioning.voice == APP


def test_a_late_outcome_counts_while_nobody_else_has_the_step():
    number = Number(Setup(voice=APP))
    lease = number.start(VOICE)
    number.now = MUCH_LATER

    assert number.finish(lease, Done()).provisioning.voice == APP


@pytest.mark.parametrize("service", [CAMPAIGN, VOICE])
def test_only_the_next_step_can_be_taken(service):
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))

    with pytest.raises(ProvisioningNotDue):
        number.start(service)


def test_a_number_without_a_row_has_no_step():
    view = MemoryView(offers=[make_offer()], stock={GB: 1})
    start = c.StartProvisioning(number=GB, service=SMS, lease_until=LATER)
    finish = c.FinishProvisioning(number=GB, lease="", result=Done())

    with pytest.raises(ProvisioningNotDue):
        view.perform(start)
    with pytest.raises(ProvisioningSuperseded):
        view.perform(finish)


def test_an_outcome_without_a_lease_is_refused():
    number = Number(Setup(voice=APP))

    with pytest.raises(ProvisioningSuperseded):
        number.finish("", Done())


def test_a_lease_that_is_over_at_once_is_refused():
    number = Number(Setup(voice=APP))

    with pytest.raises(InvalidValue, match="lease_until"):
        number.start(VOICE, lease_until=NEW_YEAR)


def test_the_links_move_up_when_all_steps_are_done():
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))

    number.carry_out(SMS)
    task = number.provisioning.sms_task
    assert number.provisioning.sms == NO_SMS
    assert (task.status, task.steps, task.attempts) == (Status.IN_PROGRESS, (CAMPAIGN,), 0)
    assert (task.due_at, number.row.work_at) == (NEW_YEAR, NEW_YEAR)

    number.carry_out(CAMPAIGN)
    assert number.provisioning.sms == SmsLink("SP", "CMP")
    assert (number.provisioning.sms_task, number.row.work_at) == (None, None)


def test_the_outcome_of_one_step_is_none_of_the_next():
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))
    plan = number.start(SMS)
    number.finish(plan, Done())
    number.start(CAMPAIGN)

    with pytest.raises(ProvisioningSuperseded):
        number.finish(plan, Done())


@pytest.mark.parametrize(
    ("before", "setup", "steps"),
    [
        ({}, Setup(plan_id="SP", campaign_id="CMP"), ["link plan SP", "link campaign CMP"]),
        ({"plan_id": "SP"}, Setup(campaign_id="CMP"), ["link campaign CMP"]),
        ({"plan_id": "SP", "campaign_id": "CMP"}, Setup(plan_id="SP2"), ["link plan SP2"]),
        (
            {"plan_id": "SP", "campaign_id": "CMP"},
            Setup(plan_id="", campaign_id=""),
            ["unlink campaign CMP", "unlink plan SP"],
        ),
        (
            {"plan_id": "SP", "campaign_id": "CMP"},
            Setup(campaign_id=""),
            ["unlink campaign CMP"],
        ),
        ({"voice": APP}, Setup(voice=FAX), ["link fax fax"]),
        ({"voice": APP}, Setup(voice=VoiceLink("application", "")), ["unlink application app"]),
    ],
)
def test_a_change_takes_only_the_steps_that_it_needs(before, setup, steps):
    number = linked_number(**before)
    number.configure(setup=setup)

    assert [f"{action} {kind} {id_}" for _, _, action, _, (kind, id_) in number.news] == steps


def test_the_old_links_stay_until_a_change_is_done():
    number = linked_number(voice=APP)
    number.set_up(voice=FAX)

    lease = number.start(VOICE)
    assert number.provisioning.voice == APP
    assert number.provisioning.step(VOICE).replaces == Target("application", "app")

    number.finish(lease, Done())
    assert number.provisioning.voice == FAX


def test_a_step_that_is_done_is_told_as_linked_or_unlinked():
    number = Number(Setup(plan_id="SP"))
    lease = number.start(SMS)
    number.finish(lease, Done())
    [told] = number.told
    assert (told.kind, news_of(told).action, news_of(told).status) == (
        EventKind.PROVISIONED,
        "link",
        "succeeded",
    )

    number.set_up(plan_id="")
    number.carry_out(SMS)
    [told] = number.told
    assert (told.kind, news_of(told).action, news_of(told).target_id) == (
        EventKind.DEPROVISIONED,
        "unlink",
        "SP",
    )
    assert number.provisioning.sms == NO_SMS


# --- failures -------------------------------------------------------------------------------


def test_a_failed_task_stays_visible_with_its_codes_and_is_not_taken_again():
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))

    number.carry_out(SMS, result=Failed("NOT_TODAY"))

    task = number.provisioning.sms_task
    assert (task.status, task.error_codes, task.due_at) == (Status.FAILED, ("NOT_TODAY",), None)
    assert (task.wanted, number.provisioning.sms) == (SmsLink("SP", "CMP"), NO_SMS)
    assert number.row.work_at is None
    with pytest.raises(ProvisioningNotDue):
        number.start(SMS)


def test_a_campaign_that_fails_fails_the_whole_and_the_old_links_stay():
    number = linked_number(plan_id="SP", campaign_id="CMP")
    number.set_up(plan_id="SP2", campaign_id="CMP2")

    number.carry_out(SMS)
    number.carry_out(CAMPAIGN, result=Failed("CAMPAIGN_NOT_AVAILABLE"))

    task = number.provisioning.sms_task
    assert (task.status, task.error_codes) == (Status.FAILED, ("CAMPAIGN_NOT_AVAILABLE",))
    assert number.provisioning.sms == SmsLink("SP", "CMP")


def test_a_failure_is_told_with_its_code():
    number = Number(Setup(campaign_id="CMP"))
    number.carry_out(CAMPAIGN, result=Failed("NOT_TODAY"))

    [event] = number.told
    news = news_of(event)
    assert event.kind is EventKind.PROVISIONING_FAILED
    assert (news.status, news.failure_code, news.error_codes, news.target_id) == (
        "failed",
        "NOT_TODAY",
        ("NOT_TODAY",),
        "CMP",
    )


@pytest.mark.parametrize("code", ["", "nul\x00"])
def test_a_failure_code_that_cannot_be_shown_is_refused(code):
    number = Number(Setup(voice=APP))

    with pytest.raises(InvalidValue, match="code"):
        number.carry_out(VOICE, result=Failed(code))


def test_a_failed_task_is_tried_anew_by_wanting_the_same_again():
    number = Number(Setup(voice=APP))
    number.carry_out(VOICE, result=Failed("NOT_TODAY"))
    failed = number.provisioning.voice_task

    number.set_up(voice=APP)

    task = number.provisioning.voice_task
    assert (task.status, task.error_codes, task.due_at) == (Status.WAITING, (), NEW_YEAR)
    assert task.task_id != failed.task_id
    assert number.carry_out(VOICE).provisioning.voice == APP


def test_a_failed_task_is_gone_when_its_owner_no_longer_wants_it():
    number = linked_number(voice=APP)
    number.set_up(voice=FAX)
    number.carry_out(VOICE, result=Failed("NOT_TODAY"))

    number.set_up(voice=APP)

    assert number.provisioning.tasks == ()


def test_what_a_failure_has_left_at_the_platform_is_undone_when_it_is_no_longer_wanted():
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))
    number.carry_out(SMS)
    number.carry_out(CAMPAIGN, result=Failed("NOT_TODAY"))

    number.set_up(plan_id="", campaign_id="")

    kind = EventKind.PROVISIONING_REQUESTED
    assert number.news == [(kind, SMS, "unlink", "waiting", ("plan", "SP"))]


@pytest.mark.parametrize(("in_doubt", "steps"), [(False, ()), (True, (VOICE,))])
def test_a_failure_that_is_in_doubt_may_have_left_something(in_doubt, steps):
    number = Number(Setup(voice=APP))
    number.carry_out(VOICE, result=Failed("INTERNAL_ERROR", in_doubt=in_doubt))

    number.set_up(voice=NO_VOICE)

    assert tuple(s for task in number.provisioning.tasks for s in task.steps) == steps


def test_a_failure_after_an_attempt_of_which_nothing_was_heard_is_in_doubt():
    number = Number(Setup(voice=APP))
    number.carry_out(VOICE, result=TryAgain(NEW_YEAR))
    number.carry_out(VOICE, result=Failed("NOT_TODAY"))

    number.set_up(voice=NO_VOICE)

    assert number.provisioning.step(VOICE).action == "unlink"
