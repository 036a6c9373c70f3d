"""``numberline account``: the tenants and their money."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from numberline.cli.common import DEFAULT_DATABASE, DatabaseOption, connected, fail, out, show_table
from numberline.core import commands as c
from numberline.core.accounts import UNLIMITED_CREDIT, Account
from numberline.core.instants import Instant, to_datetime
from numberline.core.money import amount_text, parse_amount_micros, parse_currency

if TYPE_CHECKING:
    from numberline.storage.engines import Database

account_app = typer.Typer(help="Accounts and their wallets.", no_args_is_help=True)

CREDIT_HELP: Final = "How far wallets may fall below zero: an amount, or 'unlimited'."

AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", show_default=False)]


@account_app.command()
def create(  # noqa: PLR0913  one option each
    name: Annotated[str, typer.Argument(show_default=False)],
    *,
    account_id: Annotated[
        str | None, typer.Option("--id", help="An identifier of your own choice.")
    ] = None,
    parent: Annotated[str | None, typer.Option(help="The account that it belongs to.")] = None,
    own_wallet: Annotated[
        bool,
        typer.Option("--own-wallet", help="Let a sub-account pay for itself, not its parent."),
    ] = False,
    credit: Annotated[str, typer.Option(help=CREDIT_HELP)] = "0",
    documents: Annotated[
        bool,
        typer.Option("--documents", help="It has handed in the documents that offers ask for."),
    ] = False,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Open an account."""
    from numberline.platform.clocks import SystemClock
    from numberline.platform.keyring import new_account_id
    from numberline.register.sync import perform

    limit = UNLIMITED_CREDIT if credit == "unlimited" else parse_amount_micros(credit)
    if limit is None:
        fail(f"--credit {credit!r} is neither an amount such as 100.00 nor 'unlimited'")
    if own_wallet and parent is None:
        fail("--own-wallet is for sub-accounts; name the parent with --parent")
    with connected(database) as opened:
        identifier = account_id or new_account_id()
        payer = identifier
        if parent is not None and not own_wallet:
            payer = _find(opened, parent).payer_id
        account = Account(
            account_id=identifier,
            name=name,
            parent_id=parent,
            payer_id=payer,
            credit_limit_micros=limit,
            documents_on_file=documents,
            created_at=Instant(0),
        )
        perform(opened, SystemClock(), [c.OpenAccount(account=account)])
    out.print(identifier, markup=False)


@account_app.command("list")
def list_(database: DatabaseOption = DEFAULT_DATABASE) -> None:
    """List the accounts."""
    from numberline.storage import queries

    with connected(database) as opened, opened.reading() as connection:
        accounts = queries.list_accounts(connection)
        owned = queries.count_owned(connection)
    show_table(
        ("account", "name", "parent", "numbers", "opened"),
        (
            (
                account.account_id,
                account.name,
                account.parent_id or "",
                owned.get(account.account_id, 0),
                f"{to_datetime(account.created_at):%Y-%m-%d}",
            )
            for account in accounts
        ),
    )


@account_app.command()
def show(
    account_id: AccountArgument,
    *,
    ledger: Annotated[bool, typer.Option("--ledger", help="Also list the ledger entries.")] = False,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Show an account, its wallets and its credentials."""
    from numberline.storage import queries

    with connected(database) as opened:
        account = _find(opened, account_id)
        with opened.reading() as connection:
            wallets = queries.list_wallets(connection, account.payer_id)
            credentials = queries.list_credentials(connection, account_id)
            owned = queries.count_owned(connection).get(account_id, 0)
            entries = queries.ledger_entries(connection, account_id) if ledger else ()
    unlimited = account.credit_limit_micros == UNLIMITED_CREDIT
    facts: list[tuple[str, object]] = [
        ("name", account.name),
        ("parent", account.parent_id or "-"),
        ("paid by", account.payer_id),
        ("credit limit", "unlimited" if unlimited else amount_text(account.credit_limit_micros)),
        ("documents", "on file" if account.documents_on_file else "none"),
        ("numbers", owned),
    ]
    facts.extend(
        ("wallet", f"{amount_text(wallet.balance_micros)} {wallet.currency}") for wallet in wallets
    )
    for credential in credentials:
        state = " (revoked)" if credential.revoked_at else ""
        facts.append(("credential", f"{credential.door.value} {credential.key}{state}"))
    show_table(("account", account.account_id), facts)
    if ledger:
        show_table(
            ("at", "from", "to", "amount", "currency", "reason", "number"),
            (
                (
                    f"{to_datetime(entry.at):%Y-%m-%d %H:%M:%S}",
                    entry.debit,
                    entry.credit,
                    amount_text(entry.amount_micros),
                    entry.currency,
                    entry.reason,
                    entry.number or "",
                )
                for entry in entries
            ),
        )


@account_app.command("top-up")
def top_up(
    account_id: AccountArgument,
    amount: Annotated[str, typer.Argument(show_default=False, help="For example 100.00")],
    currency: Annotated[str, typer.Argument(help="An ISO 4217 code.")] = "EUR",
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Add money to the wallet that pays for an account."""
    from numberline.platform.clocks import SystemClock
    from numberline.register.sync import perform

    amount_micros, code = parse_amount_micros(amount), parse_currency(currency)
    if not amount_micros:
        fail(f"{amount!r} is not an amount above zero such as 100.00")
    if code is None:
        fail(f"{currency!r} is not a currency code such as EUR")
    command = c.TopUp(account_id=account_id, amount_micros=amount_micros, currency=code)
    with connected(database) as opened:
        (wallet,) = perform(opened, SystemClock(), [command])
    out.print(f"{amount_text(wallet.balance_micros)} {wallet.currency}", markup=False)


def _find(database: "Database", account_id: str) -> Account:
    """An account that must be there."""
    from numberline.storage import queries

    with database.reading() as connection:
        account = queries.find_account(connection, account_id)
    if account is None:
        fail(f"there is no account {account_id}; 'numberline account list' shows them")
    return account
