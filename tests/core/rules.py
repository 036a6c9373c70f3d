"""The rules about numbers once more, in plain words: a model to hold the decisions against.

It keeps one plain record a number and says beforehand what will come of a command: a refusal's
code, or the record as it stands afterwards. It knows nothing of transitions, and nothing of
provisioning, which is told apart in the rows.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

from factories import GB, NEW_YEAR, UNIT, US, make_offer
from numberline.core import commands as c
from numberline.core.instants import DAY_US, add_months
from numberline.core.money import MICROS_MAX

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
