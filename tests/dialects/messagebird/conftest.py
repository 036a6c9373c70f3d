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


@pytest.fixture
def rented(bird, msisdns):
    """Four numbers that the account rents, ascending."""
    bought = msisdns(4)
    for number in bought:
        body = {"number": number, "countryCode": "GB"}
        assert bird.post("/v1/phone-numbers", json=body).status_code == 201
    return bought
