"""One demo server for all tests of the doors in a process; each test has its own account."""

import itertools
from typing import NamedTuple

import httpx
import pytest

from live import Tenant, client_of, open_tenants, serving


class Caller(NamedTuple):
    """An account that never runs out of credit, and a client with its credentials."""

    tenant: Tenant
    http: httpx.Client


@pytest.fixture(scope="session")
def demo():
    with serving("--demo") as served:
        yield served


@pytest.fixture
def caller(demo):
    (tenant,) = open_tenants(demo.database)
    with client_of(demo, tenant.auth) as client:
        yield Caller(tenant, client)


@pytest.fixture
def http(caller):
    return caller.http


_mobiles = itertools.count(447700900000)


@pytest.fixture
def msisdn():
    """A British mobile number that no other test takes."""
    return str(next(_mobiles))


@pytest.fixture
def msisdns():
    """As many of them as a test needs, ascending."""

    def take(count):
        return [str(next(_mobiles)) for _ in range(count)]

    return take
