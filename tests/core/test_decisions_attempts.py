"""A step may be attempted several times, and its owner may change his mind meanwhile."""

import pytest

from core.provisioned import (
    APP,
    FAX,
    LATER,
    MUCH_LATER,
    SMS,
    VOICE,
    Number,
    linked_number,
)
from factories import NEW_YEAR
from numberline.core.errors import ProvisioningNotDue, ProvisioningSuperseded
from numberline.core.lifecycle import EventKind
from numberline.core.provisioning import (
    NO_VOICE,
    Done,
    Failed,
    Setup,
    SmsLink,
    Status,
    Target,
    TryAgain,
)

# --- trying again ---------------------------------------------------------------------------


def test_a_step_that_is_put_off_is_taken_again_at_its_time_and_not_before():
    number = Number(Setup(voice=APP))
    first = number.start(VOICE)
    number.finish(first, TryAgain(LATER))

    assert number.told[0].kind is EventKind.PROVISIONING_POSTPONED
    assert (number.provisioning.voice_task.status, number.row.work_at) == (
        Status.IN_PROGRESS,
        LATER,
    )
    with pytest.raises(ProvisioningNotDue):
        number.start(VOICE)

    number.now = LATER
    number.start(VOICE, lease_until=MUCH_LATER)
    assert number.provisioning.voice_task.attempts == 2


def test_an_attempt_has_one_outcome():
    number = Number(Setup(voice=APP))
    lease = number.start(VOICE)
    number.finish(lease, TryAgain(LATER))

    with pytest.raises(ProvisioningSuperseded):
        number.finish(lease, TryAgain(LATER))


def test_all_attempts_at_a_step_go_by_one_key_and_other_steps_by_others():
    number = Number(Setup(plan_id="SP", campaign_id="CMP", voice=APP))
    keys = [number.provisioning.sms_task.idempotency_key]
    number.carry_out(SMS, result=TryAgain(NEW_YEAR))
    assert number.provisioning.sms_task.idempotency_key == keys[0]

    number.carry_out(SMS)
    keys.append(number.provisioning.sms_task.idempotency_key)
    keys.append(number.provisioning.voice_task.idempotency_key)
    number.set_up(plan_id="OTHER")
    keys.append(number.provisioning.sms_task.idempotency_key)

    assert len(set(keys)) == 4


# --- another want while a worker is at it ---------------------------------------------------


def test_a_new_want_waits_for_the_attempt_that_is_under_way():
    number = Number(Setup(voice=APP))
    old = number.start(VOICE)

    number.set_up(voice=FAX)
    assert number.provisioning.voice_task.status is Status.WAITING
    assert number.row.work_at == LATER
    with pytest.raises(ProvisioningNotDue):
        number.start(VOICE)

    number.finish(old, Done())
    assert number.told[0].kind is EventKind.PROVISIONING_SUPERSEDED
    assert (number.provisioning.voice, number.row.work_at) == (NO_VOICE, NEW_YEAR)
    assert number.carry_out(VOICE).provisioning.voice == FAX


def test_a_new_want_waits_no_longer_than_the_lease():
    number = Number(Setup(voice=APP))
    old = number.start(VOICE)
    number.set_up(voice=FAX)
    number.now = LATER

    number.start(VOICE, lease_until=MUCH_LATER)

    with pytest.raises(ProvisioningSuperseded):
        number.finish(old, Done())


def test_what_an_attempt_may_have_done_is_undone_when_it_is_no_longer_wanted():
    number = linked_number(voice=APP)
    number.set_up(voice=FAX)
    old = number.start(VOICE)

    number.set_up(voice=APP)

    assert number.provisioning.voice_task.wanted == APP
    assert number.provisioning.step(VOICE).replaces == Target("fax", "fax")
    number.finish(old, Failed("NOT_TODAY"))
    assert number.carry_out(VOICE).provisioning.voice == APP


def test_a_number_is_unlinked_again_where_it_is_in_doubt_whether_it_was():
    number = linked_number(plan_id="SP")
    number.set_up(plan_id="SP2")
    number.carry_out(SMS, result=TryAgain(NEW_YEAR))
    number.set_up(plan_id="")
    number.carry_out(SMS, result=TryAgain(NEW_YEAR))

    number.set_up(plan_id="SP")

    task = number.provisioning.sms_task
    assert (task.steps, task.in_doubt) == ((SMS,), (SMS,))
    assert number.provisioning.step(SMS).replaces == Target("plan", "SP2")


def test_what_only_the_platform_has_is_still_to_be_linked():
    number = Number(Setup(plan_id="SP", campaign_id="CMP"))
    number.carry_out(SMS)

    number.set_up(campaign_id="")

    assert number.provisioning.sms_task.steps == (SMS,)
    assert number.carry_out(SMS).provisioning.sms == SmsLink("SP")


def test_a_step_that_is_done_is_in_doubt_no_longer():
    number = linked_number(plan_id="SP")
    number.set_up(plan_id="SP2", campaign_id="CMP")
    number.carry_out(SMS, result=TryAgain(NEW_YEAR))
    number.set_up(plan_id="SP", campaign_id="CMP")
    number.carry_out(SMS)

    number.set_up(campaign_id="")

    assert number.provisioning.tasks == ()


def test_a_link_that_is_made_again_replaces_what_is_linked_as_far_as_known():
    number = linked_number(voice=APP)
    number.set_up(voice=FAX)
    number.carry_out(VOICE, result=Failed("INTERNAL_ERROR", in_doubt=True))

    number.set_up(voice=FAX)

    assert number.provisioning.step(VOICE).replaces == Target("application", "app")
