"""Decisions about numbers: the steps of their life, and what a rental costs."""

from itertools import chain

import msgspec

from numberline.core import commands as c
from numberline.core.accounts import Account
from numberline.core.decisions.decision import (
    Decision,
    existing_account,
    owned_row,
    step_of,
)
from numberline.core.decisions.overlay import Overlay
from numberline.core.decisions.setups import cancel_voice, set_up, unlinked
from numberline.core.errors import (
    CountryMismatch,
    DocumentsRequired,
    InsufficientCredit,
    InvalidValue,
    NumberAlreadyOwned,
    NumberNotAvailable,
    NumberNotInStock,
    Refusal,
    RentalsRefused,
)
from numberline.core.instants import DAY_US, Instant, add_months, next_date
from numberline.core.lifecycle import OWNED, Action, Actor, State, Transition
from numberline.core.offers import INTERVAL_MONTHS_MAX, Offer
from numberline.core.rows import (
    NO_CONFIGURATION,
    Book,
    Configuration,
    Entry,
    Event,
    NumberRow,
    View,
)


def _row(view: View, number: int) -> NumberRow:
    """The row of a number; for one that never left the stock, the row that it would have."""
    row = view.number(number)
    if row is not None:
        return row
    offer_id = view.stocked(number)
    if offer_id is None:
        raise NumberNotInStock(number)
    return NumberRow(
        number=number,
        offer_id=offer_id,
        version=0,
        state=State.AVAILABLE,
        account_id=None,
        changed_at=Instant(0),
    )


def _taking_step(row: NumberRow, action: Action, account_id: str) -> Transition:
    """The transition by which an account takes a number: free, or held by itself."""
    if row.account_id == account_id and row.state in OWNED:
        raise NumberAlreadyOwned(row.number)
    step = step_of(row, action)
    if step.actor is Actor.OWNER and row.account_id != account_id:
        raise NumberNotAvailable(row.number)
    return step


def _check_country(offer: Offer, number: int, country: str | None) -> None:
    if country is not None and offer.country != country:
        raise CountryMismatch(number)


def _number_decision(
    step: Transition,
    row: NumberRow,
    account_id: str | None,
    entries: tuple[Entry, ...] = (),
    further: tuple[Event, ...] = (),
) -> Decision:
    """A number that has taken a step, and what else is to be told of it."""
    data = b'{"offer_id":%d,"state":"%s"}' % (row.offer_id, row.state.value.encode())
    event = Event(
        kind=step.event,
        number=row.number,
        account_id=account_id,
        data=msgspec.Raw(data),
        entries=entries,
    )
    return Decision(reply=row, events=(event, *further), numbers=(row,))


def _charge(view: View, account: Account, offer: Offer, command: c.Rent) -> tuple[Entry, ...]:
    """The entries of a new rental: the set-up price and the first interval.

    Raises:
        InsufficientCredit: The wallet that pays would fall below its limit.
    """
    rental_micros = offer.interval_price_micros(command.interval_months)
    prices = (("setup", offer.setup_price_micros), ("rental", rental_micros))
    needed = sum(price for _, price in prices)
    payer = existing_account(view, account.payer_id)
    wallet = view.wallet(payer.account_id, offer.currency)
    if needed and wallet.balance_micros - needed < -payer.credit_limit_micros:
        raise InsufficientCredit(payer.account_id, needed, offer.currency)
    return tuple(
        Entry(
            account_id=payer.account_id,
            debit=Book.WALLET,
            credit=Book.REVENUE,
            amount_micros=price,
            currency=offer.currency,
            reason=reason,
            number=command.number,
        )
        for reason, price in prices
        if price
    )


def rent(command: c.Rent, view: View, now: Instant) -> Decision:
    """A number that an account rents from now on, and what that costs it."""
    _check_configuration(command.configuration)
    if command.interval_months is not None and (
        not 1 <= command.interval_months <= INTERVAL_MONTHS_MAX
    ):
        raise InvalidValue("interval_months", f"must lie between 1 and {INTERVAL_MONTHS_MAX}")
    row = _row(view, command.number)
    step = _taking_step(row, Action.RENT, command.account_id)
    offer = view.offer(row.offer_id)
    _check_country(offer, command.number, command.country)
    account = existing_account(view, command.account_id)
    if offer.documents_required and not account.documents_on_file:
        raise DocumentsRequired(command.number)
    entries = _charge(view, account, offer, command)
    rented = NumberRow(
        number=row.number,
        offer_id=row.offer_id,
        version=row.version + 1,
        state=step.after,
        account_id=command.account_id,
        changed_at=now,
        rented_at=now,
        renews_at=add_months(now, command.interval_months or offer.interval_months),
        configuration=command.configuration,
        interval_months=command.interval_months,
    )
    if command.setup is None:
        return _number_decision(step, rented, command.account_id, entries)
    rented, asked = set_up(rented, command.setup, now)
    return _number_decision(step, rented, command.account_id, entries, asked)


def rent_together(command: c.RentTogether, view: View, now: Instant) -> Decision:
    """Several numbers that an account rents from now on, all of them or none.

    Raises:
        AccountNotFound: There is no such account.
        RentalsRefused: Some are not to be had.
        InsufficientCredit: All are to be had, but the wallets do not cover them together.
    """
    existing_account(view, command.account_id)
    overlay = Overlay(view)
    decisions: list[Decision] = []
    refusals: dict[int, Refusal] = {}
    uncovered: InsufficientCredit | None = None
    for number in command.numbers:
        try:
            decision = rent(c.Rent(account_id=command.account_id, number=number), overlay, now)
        except InsufficientCredit as refusal:
            uncovered = refusal
        except Refusal as refusal:
            refusals[number] = refusal
        else:
            overlay.apply(decision)
            decisions.append(decision)
    if refusals:
        raise RentalsRefused(refusals)
    if uncovered:
        raise uncovered
    rows = tuple(chain.from_iterable(decision.numbers for decision in decisions))
    events = tuple(chain.from_iterable(decision.events for decision in decisions))
    return Decision(reply=rows, events=events, numbers=rows)


def hold(command: c.Hold, view: View, now: Instant) -> Decision:
    """A number that an account reserves."""
    row = _row(view, command.number)
    step = _taking_step(row, Action.HOLD, command.account_id)
    existing_account(view, command.account_id)
    if command.until <= now:
        raise InvalidValue("until", "must lie in the future")
    held = msgspec.structs.replace(
        row,
        version=row.version + 1,
        state=step.after,
        account_id=command.account_id,
        changed_at=now,
        due_at=command.until,
    )
    return _number_decision(step, held, command.account_id)


def _check_configuration(configuration: Configuration) -> None:
    """Refuse a text that holds what not every database can store, such as a null character."""
    if configuration is NO_CONFIGURATION:
        return
    for name in configuration.__struct_fields__:
        value = getattr(configuration, name)
        if isinstance(value, msgspec.Struct):
            value = msgspec.structs.astuple(value)
        texts = value if isinstance(value, tuple) else (value,)
        if not all(text.isprintable() for text in texts):
            raise InvalidValue(name, "must not hold control characters")


def configure(command: c.Configure, view: View, now: Instant) -> Decision:
    """A rented number with other settings, tags or links; its pools stay as they are."""
    row = owned_row(view, command.number, command.account_id)
    settings = row.configuration if command.configuration is None else command.configuration
    tags = row.configuration.tags if command.tags is None else command.tags
    configuration = msgspec.structs.replace(
        settings,
        tags=tags,
        pools=row.configuration.pools,
        display_name=row.configuration.display_name,
        emergency_address=row.configuration.emergency_address,
    )
    _check_configuration(configuration)
    _check_country(view.offer(row.offer_id), command.number, command.country)
    step = step_of(row, Action.CONFIGURE)
    configured = msgspec.structs.replace(
        row,
        version=row.version + 1,
        state=step.after,
        changed_at=now,
        configuration=configuration,
    )
    if command.setup is None:
        return _number_decision(step, configured, command.account_id)
    configured, asked = set_up(configured, command.setup, now)
    return _number_decision(step, configured, command.account_id, further=asked)


def release(command: c.Release, view: View, now: Instant) -> Decision:
    """A rented number that is given back, at once or at its renewal date."""
    row = owned_row(view, command.number, command.account_id)
    offer = view.offer(row.offer_id)
    _check_country(offer, command.number, command.country)
    if not command.at_renewal:
        return _rest(row, step_of(row, Action.RELEASE), offer, now)
    step = step_of(row, Action.SCHEDULE_RELEASE)
    interval_months = row.interval_months or offer.interval_months
    ends_at = row.due_at or next_date(row.rented_at or now, interval_months, now)
    expiring = msgspec.structs.replace(
        row,
        version=row.version + 1,
        state=step.after,
        changed_at=now,
        due_at=ends_at,
        release_asked_at=row.release_asked_at or now,
    )
    expiring, cancelled = cancel_voice(expiring, now)
    return _number_decision(step, expiring, command.account_id, further=cancelled)


def _rest(row: NumberRow, step: Transition, offer: Offer, now: Instant) -> Decision:
    """A released number: into quarantine, or straight to the stock where that lasts no day."""
    rest_us = offer.quarantine_days * DAY_US
    released = NumberRow(
        number=row.number,
        offer_id=row.offer_id,
        version=row.version + 1,
        state=step.after if rest_us else State.AVAILABLE,
        account_id=None,
        changed_at=now,
        due_at=Instant(now + rest_us) if rest_us else None,
    )
    return _number_decision(step, released, row.account_id, further=unlinked(row))


def _due_row(view: View, number: int, action: Action, now: Instant) -> tuple[NumberRow, Transition]:
    row = _row(view, number)
    step = step_of(row, action)
    if row.due_at is None or row.due_at > now:
        raise NumberNotAvailable(number)
    return row, step


def expire(command: c.Expire, view: View, now: Instant) -> Decision:
    """A number whose scheduled release has fallen due."""
    row, step = _due_row(view, command.number, Action.EXPIRE, now)
    return _rest(row, step, view.offer(row.offer_id), now)


def _back_to_stock(row: NumberRow, step: Transition, now: Instant) -> Decision:
    free = msgspec.structs.replace(
        row,
        version=row.version + 1,
        state=step.after,
        account_id=None,
        changed_at=now,
        due_at=None,
    )
    return _number_decision(step, free, row.account_id)


def end_hold(command: c.EndHold, view: View, now: Instant) -> Decision:
    """A reserved number that nobody has rented in time."""
    return _back_to_stock(*_due_row(view, command.number, Action.END_HOLD, now), now)


def end_quarantine(command: c.EndQuarantine, view: View, now: Instant) -> Decision:
    """A released number that has rested."""
    return _back_to_stock(*_due_row(view, command.number, Action.END_QUARANTINE, now), now)


def withdraw(command: c.Withdraw, view: View, now: Instant) -> Decision:
    """A number that is taken off the market."""
    row = _row(view, command.number)
    return _back_to_stock(row, step_of(row, Action.WITHDRAW), now)


def restock(command: c.Restock, view: View, now: Instant) -> Decision:
    """A number that is put back on the market."""
    row = _row(view, command.number)
    return _back_to_stock(row, step_of(row, Action.RESTOCK), now)
