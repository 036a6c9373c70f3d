"""An account of its own for each test, and a client with its access key."""

import pytest

from live import access_client, open_tenants


@pytest.fixture
def tenant(demo):
    (opened,) = open_tenants(demo.database)
    return opened


@pytest.fixture
def bird(demo, tenant):
    with access_client(demo, tenant) as client:
        yield client
