"""An account of its own for each test, and a client below its project's path."""

import pytest

from live import open_tenants, sinch_client


@pytest.fixture
def tenant(demo):
    (opened,) = open_tenants(demo.database)
    return opened


@pytest.fixture
def sinch(demo, tenant):
    with sinch_client(demo, tenant) as client:
        yield client


@pytest.fixture
def rent(sinch):
    """Rents a number, which must succeed; returns it as the answer shows it."""

    def rent(number, **wanted):
        answer = sinch.post(f"/availableNumbers/+{number}:rent", json=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return rent


@pytest.fixture
def shown(sinch):
    """Shows a number of the project, which must be there."""

    def shown(number):
        answer = sinch.get(f"/activeNumbers/+{number}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return shown
