"""``numberline credential``: the keys with which accounts come to the doors."""

import re
from typing import Annotated, Final

import typer

from numberline.cli.common import DEFAULT_DATABASE, DatabaseOption, connected, err, out, show_table
from numberline.core import commands as c
from numberline.core.accounts import ACCESS_KEY_DOORS, SCOPES, Credential, Door
from numberline.core.errors import InvalidValue
from numberline.core.instants import Instant, to_datetime

credential_app = typer.Typer(help="Credentials of the front doors.", no_args_is_help=True)

_PAIRS: Final = {Door.VONAGE: ("api_key", "api_secret"), Door.SINCH: ("key_id", "key_secret")}
"""What the key and the secret of a door are called, where a credential is not one access key."""

_SCOPE_ID: Final = re.compile("[A-Za-z0-9_-]{1,64}", re.ASCII)

DoorOption = Annotated[Door, typer.Option("--door", show_default=False)]


@credential_app.command()
def issue(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT", show_default=False)],
    *,
    door: DoorOption,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=ID",
            help="What paths shall call the account: organization=, workspace=, project=.",
            show_default=False,
        ),
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Issue a credential for an account; what is secret of it is shown this once.

    Where the paths of a door name the account, as Bird's name an organization and a workspace and
    Sinch's a project,
    it has identifiers of its own, unless --scope names those that your code has already.
    """
    from numberline.platform.clocks import SystemClock
    from numberline.platform.keyring import (
        default_scope,
        fingerprint,
        hash_secret,
        new_key,
        new_secret,
    )
    from numberline.register.sync import perform
    from numberline.storage import queries

    scope_ids = _scope(door, default_scope(door, account_id), scope or [])
    secret = new_secret()
    is_access_key = door in ACCESS_KEY_DOORS
    with connected(database) as opened:
        with opened.reading() as connection:
            hash_key = queries.server_secret(connection, "hash_key")
        key = fingerprint(secret, hash_key) if is_access_key else new_key()
        credential = Credential(
            door=door,
            key=key,
            account_id=account_id,
            secret_hash=hash_secret(secret, hash_key),
            issued_at=Instant(0),
            scope=scope_ids,
        )
        perform(opened, SystemClock(), [c.IssueCredential(credential=credential)])
    key_name, secret_name = _PAIRS.get(door, ("fingerprint", "access_key"))
    shown = [(key_name, key), (secret_name, secret)]
    if is_access_key:
        shown.reverse()
    shown += zip(SCOPES.get(door, ()), scope_ids, strict=True)
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        out.print(f"{name:<{width}}  {value}", markup=False)
    err.print("Keep the secret: it is not stored and cannot be shown again.", markup=False)


def _scope(door: Door, ids: tuple[str, ...], given: list[str]) -> tuple[str, ...]:
    """The scope of a new credential, with the identifiers that were given in their places.

    Raises:
        InvalidValue: One is for nothing that the door's paths name, or is no identifier.
    """
    scope = dict(zip(SCOPES.get(door, ()), ids, strict=True))
    for text in given:
        name, _, id_ = text.partition("=")
        if name not in scope:
            names = " and ".join(scope) or "nothing"
            raise InvalidValue("--scope", f"the {door} door's paths name {names}, not {name!r}")
        if not _SCOPE_ID.fullmatch(id_):
            raise InvalidValue("--scope", f"{name} must be letters, digits, - and _, as in a UUID")
        scope[name] = id_
    return tuple(scope.values())


@credential_app.command("list")
def list_(
    account_id: Annotated[
        str | None, typer.Argument(metavar="[ACCOUNT]", show_default=False)
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """List the credentials of an account, or all."""
    from numberline.storage import queries

    with connected(database) as opened, opened.reading() as connection:
        credentials = queries.list_credentials(connection, account_id)
    show_table(
        ("door", "key", "account", "issued", "revoked"),
        (
            (
                credential.door.value,
                credential.key,
                credential.account_id,
                _minute(credential.issued_at),
                _minute(credential.revoked_at) if credential.revoked_at else "",
            )
            for credential in credentials
        ),
    )


def _minute(instant: int) -> str:
    return f"{to_datetime(instant):%Y-%m-%d %H:%M}"


@credential_app.command()
def revoke(
    key: Annotated[
        str, typer.Argument(help="The key, or an access key's fingerprint.", show_default=False)
    ],
    *,
    door: DoorOption,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """End what a key may do; running servers follow within a second."""
    from numberline.platform.clocks import SystemClock
    from numberline.register.sync import perform

    with connected(database) as opened:
        perform(opened, SystemClock(), [c.RevokeCredential(door=door, key=key)])
    out.print(f"revoked {door.value} {key}", markup=False)
