"""A server with TLS, for the Vonage Python SDKs speak nothing else."""

import itertools
from types import SimpleNamespace

import pytest

from live import open_tenants, serving


@pytest.fixture(scope="session")
def secure(tmp_path_factory):
    """A demo server with TLS, and the file of its authority."""
    directory = tmp_path_factory.mktemp("tls")
    with serving("--demo", "--tls", "--tls-directory", str(directory)) as served:
        yield SimpleNamespace(served=served, authority=str(directory / "ca.pem"))


@pytest.fixture
def tenant(secure):
    (opened,) = open_tenants(secure.served.database)
    return opened


_mobiles = itertools.count(447700900000)


@pytest.fixture
def msisdn():
    """A British mobile number that no other test takes."""
    return str(next(_mobiles))
