"""``numberline credential``: the keys with which accounts come to the doors."""

from typing import Annotated

import typer

from numberline.cli.common import DEFAULT_DATABASE, DatabaseOption, connected, err, out, show_table
from numberline.core import commands as c
from numberline.core.accounts import ACCESS_KEY_DOORS, Credential, Door
from numberline.core.instants import Instant, to_datetime

credential_app = typer.Typer(help="Credentials of the front doors.", no_args_is_help=True)

DoorOption = Annotated[Door, typer.Option("--door", show_default=False)]


@credential_app.command()
def issue(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT", show_default=False)],
    *,
    door: DoorOption,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Issue a credential for an account; what is secret of it is shown this once."""
    from numberline.platform.clocks import SystemClock
    from numberline.platform.keyring import fingerprint, hash_secret, new_key, new_secret
    from numberline.register.sync import perform
    from numberline.storage import queries

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
        )
        perform(opened, SystemClock(), [c.IssueCredential(credential=credential)])
    if is_access_key:
        out.print(f"access_key   {secret}\nfingerprint  {key}", markup=False)
    else:
        out.print(f"api_key     {key}\napi_secret  {secret}", markup=False)
    err.print("Keep the secret: it is not stored and cannot be shown again.", markup=False)


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
