"""The server's process: Granian, its workers, and the end of both."""

import signal
import socket
from functools import partial
from typing import Any, Final

import msgspec

from numberline.core.errors import NumberlineError
from numberline.platform.settings import Settings
from numberline.server.tls import TLSFiles

BACKLOG: Final = 2_048
"""How many connections the kernel keeps waiting."""

HEADERS_TIMEOUT_MS: Final = 5_000
"""How long a client may take over the headers of a request."""

WORKER_STOP_S: Final = 30
"""How long a worker may take to finish what it accepted before it is ended by force."""


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how to listen."""

    host: str
    port: int
    workers: int = 1
    tls: TLSFiles | None = None

    @property
    def base_url(self) -> str:
        """The URL to which clients are pointed."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


class PortTaken(NumberlineError):
    """Something else listens there, or the address is not this machine's."""

    code = "port_taken"


def check_port(listening: Listening) -> None:
    """Make sure that one can listen there.

    Raises:
        PortTaken: One cannot.
    """
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listening.host, listening.port))
        except OSError as error:
            raise PortTaken(
                f"cannot listen on {listening.host} port {listening.port}:"
                f" {error.strerror or error}; choose another with --port"
            ) from error


def serve(settings: Settings, listening: Listening) -> None:
    """Serve until a signal ends it; SIGTERM and SIGINT let accepted requests finish."""
    from granian import http
    from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
    from granian.log import LogLevels
    from granian.server import Server

    tls = listening.tls
    server = Server(
        "numberline",
        address=listening.host,
        port=listening.port,
        interface=Interfaces.ASGI,
        workers=listening.workers,
        loop=Loops.uvloop,
        backlog=BACKLOG,
        websockets=False,
        http=HTTPModes.http1,
        http1_settings=http.HTTP1Settings(header_read_timeout=HEADERS_TIMEOUT_MS),
        log_level=LogLevels.error,
        workers_kill_timeout=WORKER_STOP_S,
        ssl_cert=tls.certificate if tls else None,
        ssl_key=tls.key if tls else None,
        ssl_protocol_min=SSLProtocols.tls12,
    )
    server.serve(target_loader=partial(_load, settings), wrap_loader=False)


def _load(settings: Settings) -> Any:
    """Build the application; called in each worker process.

    Until the worker listens for signals itself, one ends it at once; the supervisor's own
    handlers, which it has inherited, would pass it over.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    from numberline.server.app import create_app

    return create_app(settings)
