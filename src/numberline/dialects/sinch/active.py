"""The operations on the numbers that a project rents, and on the secret of their events."""

from typing import TypeAlias

from msgspec import UNSET

from numberline.core.accounts import Credential
from numberline.core.errors import InvalidValue
from numberline.core.provisioning import Setup
from numberline.core.rows import NumberRow
from numberline.dialects import shell
from numberline.dialects.paging import Paging, its_number
from numberline.dialects.sinch import requests as asked
from numberline.dialects.sinch.messages import (
    ActiveNumber,
    ActiveNumbers,
    CallbackConfiguration,
    Wording,
)
from numberline.platform.addresses import Unreachable
from numberline.platform.catalogue import EVERY_OFFER
from numberline.platform.page_tokens import Position
from numberline.storage.queries import OwnedFilter, PageCut

Call: TypeAlias = shell.Call[Wording]


def project_of(caller: Credential) -> str:
    """The project for which a credential is."""
    (project_id,) = caller.scope
    return project_id


def active(call: Call, row: NumberRow) -> ActiveNumber:
    """A number that the caller's project rents, in Sinch's words."""
    return call.wording.active(row, project_of(call.caller))


async def read_setup(call: Call) -> Setup | None:
    """What a request wants of a number; its callback URL leads nowhere that it must not.

    Raises:
        InvalidValue: A value is bad.
    """
    setup = asked.read_setup(call.parameters)
    if setup is not None and setup.callback_url:
        try:
            await call.platform.check_callback_url(setup.callback_url)
        except Unreachable as error:
            raise InvalidValue(asked.CALLBACK_URL.name, f"{error}.") from error
    return setup


def its_name(row: NumberRow) -> Position:
    """Where a list by display name stands at a number."""
    return row.configuration.display_name, row.number


async def list_active(call: Call) -> ActiveNumbers:
    """List the numbers that the project rents."""
    parameters = call.parameters
    wanted = asked.read_wanted(
        parameters, asked.REGION.read(parameters), asked.TYPE.read(parameters)
    )
    order = asked.ORDER_BY.read(parameters) or asked.Order()
    page = Paging(
        call.platform.page_tokens,
        parameters,
        f"active numbers\0{call.caller.account_id}\0{wanted}\0{order}",
        token_field=asked.PAGE_TOKEN,
        limit=asked.PAGE_SIZE.read(parameters) or asked.SIZE_DEFAULT,
    )
    if wanted.nothing:
        return ActiveNumbers((), "", 0)
    offers = None if wanted.offers == EVERY_OFFER else call.platform.offers(wanted.offers)
    filter_ = OwnedFilter(
        account_id=call.caller.account_id,
        offer_ids=offers,
        globs=(wanted.pattern.text,) if wanted.pattern else (),
    )
    cut = PageCut(
        limit=page.wanted, after=page.after, descending=order.descending, by_name=order.by_name
    )
    rows, total = await call.platform.owned(filter_, cut)
    rows_, token = page.cut(rows, its_name if order.by_name else its_number)
    numbers = tuple(active(call, row) for row in rows_)
    return ActiveNumbers(numbers, "" if token is UNSET else str(token), total)


async def view_active(call: Call) -> ActiveNumber:
    """Show a number that the project rents."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    return active(call, await call.platform.owned_number(call.caller.account_id, number))


async def update(call: Call) -> ActiveNumber:
    """Have a number set up otherwise; what is left out stays as it is."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    setup = await read_setup(call)
    if setup is None:
        return await view_active(call)
    return active(call, await call.platform.set_up(call.caller.account_id, number, setup))


async def release(call: Call) -> ActiveNumber:
    """Give a number back when its interval ends; until then it stays as it is."""
    number = asked.PHONE_NUMBER.need(call.parameters)
    row = await call.platform.release(call.caller.account_id, number, at_renewal=True)
    return active(call, row)


# --- events ---------------------------------------------------------------------------------


async def view_callbacks(call: Call) -> CallbackConfiguration:
    """Show the secret under which events are signed."""
    secret = await call.platform.webhook_secret(call.caller.account_id)
    return CallbackConfiguration(project_of(call.caller), secret)


async def update_callbacks(call: Call) -> CallbackConfiguration:
    """Sign events under another secret from now on."""
    if asked.HMAC_SECRET.named_in(call.parameters):
        secret = asked.HMAC_SECRET.read(call.parameters)
        if secret is None:
            raise InvalidValue(asked.HMAC_SECRET.name, "Must not be empty.")
        await call.platform.set_webhook_secret(call.caller.account_id, secret)
    return await view_callbacks(call)
