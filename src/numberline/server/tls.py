"""TLS for a machine of one's own: a local authority, and a certificate that it issues."""

import ipaddress
import os
from pathlib import Path
from typing import Final

import msgspec
import trustme

LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class TLSFiles(msgspec.Struct, frozen=True):
    """Where the files lie: the authority for clients to trust, and the server's own pair."""

    authority: Path
    certificate: Path
    key: Path


def default_directory() -> Path:
    """Where the local authority is kept from one start to the next."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "numberline" / "tls"


def issue(directory: Path, host: str) -> TLSFiles:
    """Issue a certificate for this machine's own names and for the host that is served.

    The authority is made at the first call and kept, so that clients need its file only once.
    Keys are readable by their owner alone.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = TLSFiles(directory / "ca.pem", directory / "server.pem", directory / "server-key.pem")
    names = dict.fromkeys((*LOCAL_NAMES, host))
    unspecified = {"0.0.0.0", "::"}  # noqa: S104  names no interface to listen on here
    pair = _authority(files.authority, directory / "ca-key.pem").issue_cert(
        *(name for name in names if name not in unspecified)
    )
    chain = b"".join(blob.bytes() for blob in pair.cert_chain_pems)
    _write_private(files.key, pair.private_key_pem.bytes())
    files.certificate.write_bytes(chain)
    return files


def _authority(certificate: Path, key: Path) -> trustme.CA:
    if certificate.exists() and key.exists():
        return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
    authority = trustme.CA(organization_name="Numberline local authority")
    _write_private(key, authority.private_key_pem.bytes())
    certificate.write_bytes(authority.cert_pem.bytes())
    return authority


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
