"""Decisions agree with a small model of the rules, whatever is asked in whatever order."""

from collections import Counter
from dataclasses import replace

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.rules import (
    CREDIT,
    ENDS,
    KNOWN,
    NOWHERE,
    OFFERS,
    PAYERS,
    QUICK,
    RENTED,
    SLOW,
    Model,
    record_of,
)
from factories import REPEATABLE, UNIT, MemoryView, make_account
from numberline.core import commands as c
from numberline.core.decisions import decide
from numberline.core.errors import NumberlineError
from numberline.core.instants import DAY_US, Instant
from numberline.core.lifecycle import EventKind, State
from numberline.core.money import MICROS_MAX
from numberline.core.provisioning import (
    NO_PROVISIONING,
    Done,
    Failed,
    Setup,
    Status,
    TryAgain,
    VoiceLink,
)
from numberline.core.rows import Configuration

numbers = st.sampled_from([*OFFERS, NOWHERE])
callers = st.sampled_from(["holder", "holder", *PAYERS, "stranger"])
"""Who asks; the holder is whoever has the number."""
countries = st.sampled_from([None, None, None, "GB", "US"])
configurations = st.builds(Configuration, application_id=st.sampled_from(["", "app"]))
setups = st.none() | st.builds(
    Setup,
    plan_id=st.sampled_from([None, "", "SP"]),
    campaign_id=st.sampled_from([None, "", "CMP"]),
    voice=st.sampled_from([None, VoiceLink(), VoiceLink("fax", "F")]),
    callback_url=st.sampled_from([None, "", "https://a.example"]),
)


class Decisions(RuleBasedStateMachine):
    """Asks both the rules and the model, and compares."""

    @initialize()
    def start(self):
        self.model = Model()
        self.view = MemoryView(
            offers=[QUICK, SLOW],
            stock={number: offer.offer_id for number, offer in OFFERS.items()},
            accounts=[
                make_account(
                    account_id,
                    payer_id=payer_id,
                    parent_id=payer_id if payer_id != account_id else None,
                    credit_limit_micros=CREDIT.get(account_id, 0),
                    documents_on_file=account_id in KNOWN,
                )
                for account_id, payer_id in PAYERS.items()
            ],
        )
        self.told = dict.fromkeys(OFFERS, ("available", None))
        self.rentals_told = Counter()

    # --- what may be asked ------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 46, 95]))
    def time_goes_by(self, days):
        self.model.now += days * DAY_US

    @rule(
        caller=callers,
        number=numbers,
        country=countries,
        configuration=configurations,
        setup=setups,
    )
    def rent(self, caller, number, **values):
        command = c.Rent(account_id=self.account(caller, number), number=number, **values)
        self.agree(command, self.model.rent(command))

    @rule(caller=callers, number=numbers, days=st.sampled_from([1, 2, 60, 0]))
    def hold(self, caller, number, days):
        until = self.model.now + days * DAY_US
        command = c.Hold(account_id=self.account(caller, number), number=number, until=until)
        self.agree(command, self.model.hold(command))

    @rule(
        caller=callers,
        number=numbers,
        country=countries,
        configuration=configurations,
        setup=setups,
    )
    def configure(self, caller, number, **values):
        command = c.Configure(account_id=self.account(caller, number), number=number, **values)
        self.agree(command, self.model.configure(command))

    @precondition(lambda self: any(row.work_at for row in self.view.numbers.values()))
    @rule(data=st.data(), outcome=st.sampled_from([Done(), Done(), Failed("NO"), "again", None]))
    def provision(self, data, outcome):
        row = data.draw(st.sampled_from([r for r in self.view.numbers.values() if r.work_at]))
        due = [t for t in row.provisioning.tasks if t.due_at and t.due_at <= self.model.now]
        later = Instant(self.model.now + DAY_US)
        for task in due:
            service = task.steps[0]
            start = c.StartProvisioning(number=row.number, service=service, lease_until=later)
            started = self.carry_on(start).provisioning.task(service)
            if outcome is not None:
                result = TryAgain(later) if outcome == "again" else outcome
                self.carry_on(
                    c.FinishProvisioning(number=row.number, lease=started.lease, result=result)
                )

    def carry_on(self, command):
        """Decide what may not be refused and does not touch what the model knows."""
        record = self.model.records[command.number]
        self.agree(command, record)
        return self.view.number(command.number)

    @rule(caller=callers, number=numbers, country=countries, at_renewal=st.booleans())
    def release(self, caller, number, **values):
        command = c.Release(account_id=self.account(caller, number), number=number, **values)
        self.agree(command, self.model.release(command))

    @precondition(lambda self: self.numbers_in(*RENTED))
    @rule(data=st.data(), at_renewal=st.booleans())
    def release_what_is_rented(self, data, at_renewal):
        number = data.draw(st.sampled_from(self.numbers_in(*RENTED)))
        self.release("holder", number, country=None, at_renewal=at_renewal)

    @rule(number=numbers, end=st.sampled_from(sorted(ENDS)))
    def end(self, number, end):
        self.agree(ENDS[end](number=number), self.model.end(number, end))

    @precondition(lambda self: self.numbers_in(*ENDS))
    @rule(data=st.data())
    def end_what_will_end(self, data):
        number = data.draw(st.sampled_from(self.numbers_in(*ENDS)))
        self.end(number, self.model.records[number].state)

    @rule(number=numbers, restock=st.booleans())
    def withdraw_or_restock(self, number, restock):
        if restock:
            expected = self.model.turn(number, ("withdrawn",), "available")
            self.agree(c.Restock(number=number), expected)
        else:
            expected = self.model.turn(number, ("available", "quarantined"), "withdrawn")
            self.agree(c.Withdraw(number=number), expected)

    @rule(
        account_id=st.sampled_from([*PAYERS, "stranger"]),
        amount_micros=st.sampled_from([0, 1, UNIT, 5 * UNIT, MICROS_MAX + 1]),
        currency=st.sampled_from(["EUR", "USD"]),
    )
    def top_up(self, **values):
        command = c.TopUp(**values)
        self.agree(command, self.model.top_up(command))

    def account(self, caller, number):
        """The account behind a caller."""
        record = self.model.records.get(number)
        if caller != "holder":
            return caller
        return record.account_id if record and record.account_id else "ada"

    def numbers_in(self, *states):
        """The numbers that stand in one of these states."""
        return [n for n, record in self.model.records.items() if record.state in states]

    # --- what must come of it ---------------------------------------------------------------

    def agree(self, command, expected):
        """Decide a command, and hold the outcome against what the model expects."""
        decision, refused = self.decide(command)
        assert refused == (expected if isinstance(expected, str) else None)
        if decision is None:
            return
        self.view.apply(decision)
        self.listen(decision.events)
        if expected is not None:
            number = command.number
            before = self.model.records[number]
            self.model.records[number] = replace(expected, version=before.version + 1)
            assert decision.numbers == (decision.reply,) == (self.view.number(number),)
            assert decision.reply.changed_at == self.model.now

    def decide(self, command):
        """The decision, or the code of the refusal."""
        try:
            return decide(command, self.view, self.model.now), None
        except NumberlineError as refusal:
            return None, refusal.code

    def listen(self, events):
        """Follow the events as a reader of the feed would, who sees no rows."""
        former = None
        for event in events:
            if event.number is None:
                continue
            state, tenant = self.told[event.number]
            if event.kind is EventKind.NUMBER_RENTED:
                assert state not in RENTED
                self.rentals_told[event.number] += 1
                tenant = event.account_id
            elif event.kind is EventKind.NUMBER_RELEASED:
                assert state in RENTED
                assert event.account_id == tenant
                former, tenant = tenant, None
            data = msgspec.json.decode(event.data)
            if "service" in data:
                assert event.account_id == (tenant or former)
                continue
            assert data["offer_id"] == OFFERS[event.number].offer_id
            self.told[event.number] = (data["state"], tenant)

    @invariant()
    def every_number_stands_where_the_model_says(self):
        rows = {number: record_of(row) for number, row in self.view.numbers.items()}
        touched = {n: record for n, record in self.model.records.items() if record.version}

        assert rows == touched

    @invariant()
    def events_tell_the_states_and_the_tenants(self):
        rented = {n: row for n, row in self.view.numbers.items() if row.state.value in RENTED}

        assert {n: state for n, (state, _) in self.told.items()} == {
            n: record.state for n, record in self.model.records.items()
        }
        assert {n: tenant for n, (_, tenant) in self.told.items() if tenant} == {
            n: row.account_id for n, row in rented.items()
        }

    @invariant()
    def wallets_are_the_sums_of_their_entries_and_never_below_their_floor(self):
        for payer, limit in CREDIT.items():
            for currency in ("EUR", "USD"):
                balance = self.view.wallet(payer, currency).balance_micros
                assert balance == self.model.balances[payer, currency]
                assert balance >= -limit

    @invariant()
    def every_rental_is_charged_exactly_once(self):
        charged = Counter(e.number for e in self.view.entries if e.reason == "rental")
        set_up = Counter(e.number for e in self.view.entries if e.reason == "setup")

        assert charged == set_up == self.rentals_told == self.model.rentals

    @invariant()
    def only_what_is_rented_is_provisioned_and_the_row_says_when_to_look_at_it(self):
        for row in self.view.numbers.values():
            tasks = row.provisioning.tasks
            assert row.state.value in RENTED or row.provisioning is NO_PROVISIONING
            assert row.work_at == min((t.due_at for t in tasks if t.due_at), default=None)
            assert all((t.due_at is None) == (t.status is Status.FAILED) for t in tasks)

    @invariant()
    def only_what_falls_due_has_a_date_to_end_on(self):
        for row in self.view.numbers.values():
            ends = row.state in {State.HELD, State.EXPIRING, State.QUARANTINED}
            assert (row.due_at is not None) == ends


TestDecisions = Decisions.TestCase
TestDecisions.settings = settings(REPEATABLE, max_examples=150, stateful_step_count=100)
