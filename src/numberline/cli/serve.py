"""``numberline serve``: the server."""

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from numberline.cli.common import (
    DEFAULT_DATABASE,
    DatabaseOption,
    ReachLoopbackOption,
    connected,
    err,
    fail,
    out,
)
from numberline.cli.provisioning import (
    DelayOption,
    FailOption,
    ProvisionerOption,
    TimeoutOption,
    provisioning_settings,
)
from numberline.core.accounts import Door
from numberline.platform.settings import ACCESS_TOKEN_LIFETIME_S, BUILT_IN_PROVISIONER, Settings
from numberline.server.process import Listening, check_port
from numberline.server.process import serve as serve_process

if TYPE_CHECKING:
    from numberline.server.tls import TLSFiles


def serve(  # noqa: PLR0913  one option each
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Start with a demo account, credentials and stock.")
    ] = False,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8080,
    database: DatabaseOption = "",
    workers: Annotated[int, typer.Option(min=1, max=256, help="Worker processes.")] = 1,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS with a certificate of a local authority.")
    ] = False,
    tls_directory: Annotated[
        Path | None, typer.Option(help="Where the local authority is kept.")
    ] = None,
    expose_demo: Annotated[
        bool,
        typer.Option(
            "--expose-demo", help="Let others than this machine reach the demo's known secrets."
        ),
    ] = False,
    vonage_update: Annotated[
        Literal["replace", "merge"],
        typer.Option(help="What a Vonage update does with settings that it leaves out."),
    ] = "replace",
    vonage_probe_webhook: Annotated[
        bool,
        typer.Option("--vonage-probe-webhook", help="Call a moHttpUrl before taking it."),
    ] = False,
    webhooks_reach_loopback: ReachLoopbackOption = False,
    background: Annotated[
        bool,
        typer.Option(
            "--background/--no-background",
            help="Carry out what falls due and deliver webhooks, or leave it to"
            " `numberline worker`.",
        ),
    ] = True,
    access_token_lifetime: Annotated[
        int, typer.Option(min=1, metavar="SECONDS", help="How long an access token is good.")
    ] = ACCESS_TOKEN_LIFETIME_S,
    access_log: Annotated[bool, typer.Option("--access-log", help="Log each request.")] = False,
    provisioner: ProvisionerOption = BUILT_IN_PROVISIONER,
    provisioning_timeout: TimeoutOption = 10.0,
    provisioning_delay: DelayOption = None,
    provisioning_fail: FailOption = None,
) -> None:
    """Serve the front doors.

    Without --database the demo starts fresh each time; a server without --demo uses
    numberline.db in this folder.
    """
    from numberline.server.tls import default_directory, is_loopback

    if demo and not is_loopback(host) and not expose_demo:
        fail(
            f"the demo's secrets are known to everyone, so it does not listen on {host};"
            " add --expose-demo if you mean it"
        )
    provisioning = provisioning_settings(
        provisioner, provisioning_timeout, provisioning_delay, provisioning_fail or (), demo=demo
    )
    # Until the server listens for signals itself, one ends the command in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with _chosen(database, demo=demo) as url:
        if workers > 1 and url.startswith("sqlite"):
            fail("SQLite is served by one worker; use a PostgreSQL --database for more")
        files = _certificates(tls_directory or default_directory(), host) if tls else None
        listening = Listening(host=host, port=port, workers=workers, tls=files)
        check_port(listening)
        _prepare(url, demo=demo)
        settings = Settings(
            database=url,
            vonage_update=vonage_update,
            vonage_probe_sms_webhook=vonage_probe_webhook,
            # The demo's receivers are on this machine, unless others may make it call them.
            webhooks_reach_loopback=webhooks_reach_loopback or (demo and is_loopback(host)),
            background=background,
            access_token_lifetime_s=access_token_lifetime,
            access_log=access_log,
            **provisioning,
        )
        _greet(listening, demo=demo, database=database)
        serve_process(settings, listening)


def _certificates(directory: Path, host: str) -> "TLSFiles":
    """The files of the local authority and of the server's certificate."""
    from numberline.server.tls import issue

    try:
        return issue(directory, host)
    except (OSError, ValueError) as error:
        fail(
            f"no certificate can be kept in {directory}: {error};"
            " name another folder with --tls-directory"
        )


@contextmanager
def _chosen(database: str, *, demo: bool) -> Iterator[str]:
    """The URL of the database; that of a demo without one is gone at the end."""
    if database or not demo:
        yield database or DEFAULT_DATABASE
        return
    with tempfile.TemporaryDirectory(prefix="numberline-demo-") as directory:
        yield f"sqlite:///{directory}/demo.db"


def _prepare(url: str, *, demo: bool) -> None:
    """Bring the database to the newest schema, and the demo's things into it."""
    with connected(url) as opened:
        if demo:
            from numberline.platform.clocks import SystemClock
            from numberline.platform.demo import seed

            seed(opened, SystemClock())


def _greet(listening: Listening, *, demo: bool, database: str) -> None:
    """Say where the server is, and what to type first."""
    url = listening.base_url
    documents = ", ".join(f"{url}/docs/{door}" for door in Door)
    out.print(f"Numberline serves {url} (health: {url}/healthz, APIs: {documents})")
    if listening.tls:
        out.print(f"Certificate authority for clients: {listening.tls.authority}")
    if not demo:
        return
    trust = f"--cacert {listening.tls.authority} " if listening.tls else ""
    for door, known, who, path in _demo_doors():
        out.print()
        for place, (name, value) in enumerate(known.items()):
            out.print(f"{'' if place else door:<11}  {name:<12}  {value}", markup=False)
        out.print(f"  curl {trust}{who} '{url}{path}'", markup=False)
    out.print()
    if not database:
        err.print(
            "This demo forgets everything when it stops; keep it with --database sqlite:///demo.db",
            markup=False,
        )


def _demo_doors() -> list[tuple[str, dict[str, str], str, str]]:
    """For each door its name, what the demo's callers must know, and what curl takes to search."""
    from numberline.platform import demo

    return [
        (
            "Vonage",
            {"api_key": demo.VONAGE_KEY, "api_secret": demo.VONAGE_SECRET},
            f"-u {demo.VONAGE_KEY}:{demo.VONAGE_SECRET}",
            "/number/search?country=GB&type=mobile-lvn&features=SMS,VOICE",
        ),
        (
            "MessageBird",
            {"access key": demo.MESSAGEBIRD_ACCESS_KEY},
            f"-H 'Authorization: AccessKey {demo.MESSAGEBIRD_ACCESS_KEY}'",
            "/v1/available-phone-numbers/GB?type=mobile&features=sms,voice",
        ),
        (
            "Bird",
            {
                "access key": demo.BIRD_ACCESS_KEY,
                "organization": demo.BIRD_ORGANIZATION,
                "workspace": demo.BIRD_WORKSPACE,
            },
            f"-H 'Authorization: AccessKey {demo.BIRD_ACCESS_KEY}'",
            f"/organizations/{demo.BIRD_ORGANIZATION}/numbers-stock-items?countryCodes=GB",
        ),
        (
            "Sinch",
            {
                "project": demo.SINCH_PROJECT,
                "key id": demo.SINCH_KEY,
                "key secret": demo.SINCH_SECRET,
            },
            f"-u {demo.SINCH_KEY}:{demo.SINCH_SECRET}",
            f"/v1/projects/{demo.SINCH_PROJECT}/availableNumbers?regionCode=GB&type=MOBILE",
        ),
    ]
