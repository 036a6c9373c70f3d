"""Between the domain's structs and the rows of the tables, both ways."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from numberline.core.accounts import Account, Credential, Door, WebhookSecret
from numberline.core.lifecycle import State
from numberline.core.offers import Capability, NumberType, Offer
from numberline.core.pools import Pool
from numberline.core.provisioning import NO_PROVISIONING, Provisioning
from numberline.core.rows import NO_CONFIGURATION, Callback, Configuration, Entry, Event, NumberRow
from numberline.core.webhooks import Attempt, Delivery, DeliveryState, host_of
from numberline.storage import tables

Values = tuple[Any, ...]
"""A value for every column of a table, in its order."""

_encode: Final = msgspec.json.Encoder().encode
_decode_configuration: Final = msgspec.json.Decoder(Configuration).decode
_decode_provisioning: Final = msgspec.json.Decoder(Provisioning).decode


def number_values(row: NumberRow) -> Values:
    """A row of `number`."""
    return (
        row.number,
        row.offer_id,
        row.version,
        row.state.value,
        row.account_id,
        row.changed_at,
        row.rented_at,
        row.renews_at,
        row.due_at,
        "{}" if row.configuration is NO_CONFIGURATION else _encode(row.configuration).decode(),
        row.interval_months,
        row.release_asked_at,
        None if row.provisioning is NO_PROVISIONING else _encode(row.provisioning).decode(),
        row.work_at,
    )


NUMBER_COLUMNS: Final = tuple(
    sa.cast(column, sa.Text).label(column.name) if isinstance(column.type, sa.JSON) else column
    for column in tables.number.c
)
"""What `number_row` reads: JSON as text, whatever the driver makes of it."""


def number_row(values: Sequence[Any]) -> NumberRow:
    """A row of `NUMBER_COLUMNS`, read."""
    number, offer_id, version, state, account_id, changed_at, rented_at, *rest = values
    renews_at, due_at, configuration, interval_months, release_asked_at, *last = rest
    provisioning, work_at = last
    return NumberRow(
        number=number,
        offer_id=offer_id,
        version=version,
        state=State(state),
        account_id=account_id,
        changed_at=changed_at,
        rented_at=rented_at,
        renews_at=renews_at,
        due_at=due_at,
        configuration=_decode_configuration(configuration),
        interval_months=interval_months,
        release_asked_at=release_asked_at,
        provisioning=_decode_provisioning(provisioning) if provisioning else NO_PROVISIONING,
        work_at=work_at,
    )


def account_values(row: Account) -> Values:
    """A row of `account`."""
    return (
        row.account_id,
        row.name,
        row.parent_id,
        row.payer_id,
        row.credit_limit_micros,
        row.documents_on_file,
        row.created_at,
    )


def account_row(values: Sequence[Any]) -> Account:
    """A row of `account`, read."""
    account_id, name, parent_id, payer_id, limit_micros, documents_on_file, created_at = values
    return Account(
        account_id=account_id,
        name=name,
        parent_id=parent_id,
        payer_id=payer_id,
        credit_limit_micros=limit_micros,
        documents_on_file=bool(documents_on_file),
        created_at=created_at,
    )


def credential_values(row: Credential) -> Values:
    """A row of `credential`."""
    return (
        row.door.value,
        row.key,
        row.account_id,
        row.secret_hash,
        row.issued_at,
        row.revoked_at,
        " ".join(row.scope),
    )


def credential_row(values: Sequence[Any]) -> Credential:
    """A row of `credential`, read."""
    door, key, account_id, secret_hash, issued_at, revoked_at, scope = values
    return Credential(
        door=Door(door),
        key=key,
        account_id=account_id,
        secret_hash=bytes(secret_hash),
        issued_at=issued_at,
        revoked_at=revoked_at,
        scope=tuple(scope.split()),
    )


def pool_values(row: Pool) -> Values:
    """A row of `pool`."""
    return (
        row.account_id,
        row.pool_id,
        row.name,
        row.service,
        row.by_country,
        row.created_at,
        row.updated_at,
    )


def pool_row(values: Sequence[Any]) -> Pool:
    """A row of `pool`, read."""
    account_id, pool_id, name, service, by_country, created_at, updated_at = values
    return Pool(
        account_id=account_id,
        pool_id=pool_id,
        name=name,
        service=service,
        by_country=bool(by_country),
        created_at=created_at,
        updated_at=updated_at,
    )


def entry_values(entry: Entry, writer_id: int, seq: int, line: int, at: int) -> Values:
    """A row of `ledger_entry`: a line of the transaction that an event caused."""
    return (
        entry.account_id,
        writer_id,
        seq,
        line,
        at,
        entry.debit.value,
        entry.credit.value,
        entry.amount_micros,
        entry.currency,
        entry.reason,
        entry.number,
    )


def event_values(event: Event, writer_id: int, seq: int, at: int) -> Values:
    """A row of `event`: the event's place in a writer's stream."""
    data = bytes(event.data).decode()
    return (writer_id, seq, at, event.kind.value, event.number, event.account_id, data)


def callback_values(event: Event, callback: Callback, writer_id: int, seq: int, at: int) -> Values:
    """A row of `webhook` for an event that is told: due at once, and not tried yet."""
    return (
        writer_id,
        seq,
        1,
        event.account_id,
        event.number,
        callback.url,
        host_of(callback.url),
        callback.scheme,
        at,
        DeliveryState.PENDING.value,
        0,
        0,
        at,
        None,
        None,
    )


def delivery_values(delivery: Delivery) -> Values:
    """A row of `webhook`."""
    values = msgspec.structs.asdict(delivery)
    return tuple((values | {"state": delivery.state.value}).values())


def delivery_row(values: Sequence[Any]) -> Delivery:
    """A row of `webhook`, read."""
    fields = dict(zip(Delivery.__struct_fields__, values, strict=True))
    return Delivery(**fields | {"state": DeliveryState(fields["state"])})


def attempt_values(delivery: Delivery, attempt: Attempt) -> Values:
    """A row of `webhook_attempt`: an attempt and the delivery as it stands after it."""
    return (
        *delivery.key,
        delivery.version,
        attempt.at,
        attempt.duration_ms,
        attempt.status,
        attempt.error,
        attempt.worker_id,
    )


def attempt_row(values: Sequence[Any]) -> Attempt:
    """A row of `webhook_attempt`, read."""
    at, duration_ms, status, error, worker_id = values[3:]
    return Attempt(at=at, duration_ms=duration_ms, status=status, error=error, worker_id=worker_id)


def webhook_secret_values(row: WebhookSecret) -> Values:
    """A row of `webhook_secret`."""
    return row.account_id, row.secret, row.updated_at


def offer_values(offer: Offer) -> Values:
    """A row of `offer`."""
    return (
        offer.offer_id,
        offer.country,
        offer.type.value,
        int(offer.capabilities),
        offer.region,
        offer.locality,
        offer.setup_price_micros,
        offer.monthly_price_micros,
        offer.currency,
        offer.interval_months,
        offer.contract_months,
        offer.documents_required,
        offer.quarantine_days,
    )


def offer_row(row: sa.Row[Any]) -> Offer:
    """A row of `offer`, read."""
    return Offer(
        offer_id=row.offer_id,
        country=row.country,
        type=NumberType(row.type),
        capabilities=Capability(row.capabilities),
        region=row.region,
        locality=row.locality,
        setup_price_micros=row.setup_price_micros,
        monthly_price_micros=row.monthly_price_micros,
        currency=row.currency,
        interval_months=row.interval_months,
        contract_months=row.contract_months,
        documents_required=row.documents_required,
        quarantine_days=row.quarantine_days,
    )
