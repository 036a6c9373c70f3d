"""Decisions agree with a small model of the rules, whatever is asked in whatever order.

The model keeps one plain record a number and says beforehand what will come of a command: a
refusal's code, or the record as it stands afterwards. It knows nothing of transitions.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from factories import GB, NEW_YEAR, REPEATABLE, UNIT, US, MemoryView, make_account, make_offer
from numberline.core import commands as c
from numberline.core.decisions import decide
from numberline.core.errors import NumberlineError
from numberline.core.instants import DAY_US, add_months
from numberline.core.lifecycle import EventKind, State
from numberline.core.money import MICROS_MAX
from numberline.core.rows import Configuration

QUICK = make_offer(1)
SLOW = make_offer(
    2, country="US", quarantine_days=45, interval_months=3, currency="USD", documents_required=True
)
OFFERS = {GB: QUICK, GB + 1: QUICK, US: SLOW, US + 1: SLOW}
NOWHERE = GB - 1

PAYERS = {"ada": "ada", "kid": "ada", "poor": "poor"}
CREDIT = {"ada": 8 * UNIT, "poor": UNIT}
KNOWN = {"ada", "kid"}
"""Who has handed documents in."""

RENTED = ("active", "expiring")
ENDS = {"held": c.EndHold, "expiring": c.Expire, "quarantined": c.EndQuarantine}

numbers = st.sampled_from([*OFFERS, NOWHERE])
callers = st.sampled_from(["holder", "holder", *PAYERS, "stranger"])
"""Who asks; the holder is whoever has the number."""
countries = st.sampled_from([None, None, None, "GB", "US"])
configurations = st.builds(Configuration, application_id=st.sampled_from(["", "app"]))


@dataclass(frozen=True)
class Record:
    """What the model knows of a number."""

    version: int = 0
    state: str = "available"
    account_id: str | None = None
    rented_at: int | None = None
    renews_at: int | None = None
    due_at: int | None = None
    application_id: str = ""


def record_of(row):
    """What the rows say of a number, in the model's terms."""
    return Record(
        row.version,
        row.state.value,
        row.account_id,
        row.rented_at,
        row.renews_at,
        row.due_at,
        row.configuration.application_id,
    )


class Model:
    """The rules once more, in plain words."""

    def __init__(self):
        self.now = NEW_YEAR
        self.records = {number: Record() for number in OFFERS}
        self.balances = Counter()
        self.rentals = Counter()

    def rent(self, command):
        record = self.records.get(command.number)
        refusal = self._taking_refusal(record, command.account_id)
        if refusal:
            return refusal
        offer = OFFERS[command.number]
        price = offer.setup_price_micros + offer.monthly_price_micros * offer.interval_months
        payer = PAYERS.get(command.account_id)
        if command.country not in (None, offer.country):
            return "country_mismatch"
        if payer is None:
            return "account_not_found"
        if offer.documents_required and command.account_id not in KNOWN:
            return "documents_required"
        if self.balances[payer, offer.currency] + CREDIT[payer] < price:
            return "insufficient_credit"
        self.balances[payer, offer.currency] -= price
        self.rentals[command.number] += 1
        return Record(
            state="active",
            account_id=command.account_id,
            rented_at=self.now,
            renews_at=add_months(self.now, offer.interval_months),
            application_id=command.configuration.application_id,
        )

    def hold(self, command):
        record = self.records.get(command.number)
        refusal = self._taking_refusal(record, command.account_id)
        if refusal:
            return refusal
        if command.account_id not in PAYERS:
            return "account_not_found"
        if command.until <= self.now:
            return "invalid_value"
        return Record(state="held", account_id=command.account_id, due_at=command.until)

    def _taking_refusal(self, record, account_id):
        if record is None:
            return "number_not_in_stock"
        mine = record.account_id == account_id
        if mine and record.state in RENTED:
            return "number_already_owned"
        if record.state == "available" or (mine and record.state == "held"):
            return None
        return "number_not_available"

    def configure(self, command):
        record = self._owned(command)
        if isinstance(record, str):
            return record
        return replace(record, application_id=command.configuration.application_id)

    def release(self, command):
        record = self._owned(command)
        if isinstance(record, str):
            return record
        if command.at_renewal:
            interval = OFFERS[command.number].interval_months
            dates = (add_months(record.rented_at, interval * n) for n in count(1))
            ends_at = record.due_at or next(date for date in dates if date > self.now)
            return replace(record, state="expiring", due_at=ends_at)
        return self._rested(command.number)

    def _owned(self, command):
        record = self.records.get(command.number)
        if record is None or record.state not in RENTED or record.account_id != command.account_id:
            return "number_not_owned"
        if command.country not in (None, OFFERS[command.number].country):
            return "country_mismatch"
        return record

    def _rested(self, number):
        rest_days = OFFERS[number].quarantine_days
        if not rest_days:
            return Record()
        return Record(state="quarantined", due_at=self.now + rest_days * DAY_US)

    def end(self, number, state):
        """End a hold, a scheduled release or a quarantine."""
        record = self.records.get(number)
        if record is None:
            return "number_not_in_stock"
        if record.state != state or record.due_at > self.now:
            return "number_not_available"
        return self._rested(number) if state == "expiring" else Record()

    def turn(self, number, states, after):
        """Withdraw or restock."""
        record = self.records.get(number)
        if record is None:
            return "number_not_in_stock"
        return Record(state=after) if record.state in states else "number_not_available"

    def top_up(self, command):
        if not 1 <= command.amount_micros <= MICROS_MAX:
            return "invalid_value"
        if command.account_id not in PAYERS:
            return "account_not_found"
        self.balances[PAYERS[command.account_id], command.currency] += command.amount_micros
        return None


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

    @rule(caller=callers, number=numbers, country=countries, configuration=configurations)
    def rent(self, caller, number, **values):
        command = c.Rent(account_id=self.account(caller, number), number=number, **values)
        self.agree(command, self.model.rent(command))

    @rule(caller=callers, number=numbers, days=st.sampled_from([1, 2, 60, 0]))
    def hold(self, caller, number, days):
        until = self.model.now + days * DAY_US
        command = c.Hold(account_id=self.account(caller, number), number=number, until=until)
        self.agree(command, self.model.hold(command))

    @rule(caller=callers, number=numbers, country=countries, configuration=configurations)
    def configure(self, caller, number, **values):
        command = c.Configure(account_id=self.account(caller, number), number=number, **values)
        self.agree(command, self.model.configure(command))

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
                tenant = None
            data = msgspec.json.decode(event.data)
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
    def only_what_falls_due_has_a_date_to_end_on(self):
        for row in self.view.numbers.values():
            ends = row.state in {State.HELD, State.EXPIRING, State.QUARANTINED}
            assert (row.due_at is not None) == ends


TestDecisions = Decisions.TestCase
TestDecisions.settings = settings(REPEATABLE, max_examples=150, stateful_step_count=100)
