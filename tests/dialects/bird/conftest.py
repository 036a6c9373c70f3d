"""An account of its own for each test, and a client with its access key."""

import pytest

from live import bird_client, open_tenants


@pytest.fixture
def tenant(demo):
    (opened,) = open_tenants(demo.database)
    return opened


@pytest.fixture
def bird(demo, tenant):
    with bird_client(demo, tenant) as client:
        yield client


@pytest.fixture
def item_of(bird, tenant):
    """Finds the stock item of a number."""

    def find(number):
        query = {"countryCodes": "GB", "prefix": f"+{number}", "limit": 1}
        (item,) = bird.get(tenant.stock_path, params=query).json()["results"]
        assert item["numberString"] == f"+{number}"
        return item

    return find


@pytest.fixture
def buy(bird, tenant, item_of):
    """Buys numbers, which must succeed; returns them as the purchase shows them."""

    def buy(*numbers):
        ids = [item_of(number)["id"] for number in numbers]
        answer = bird.post(f"{tenant.workspace_path}/numbers-long-code", json={ITEMS: ids})
        assert answer.status_code == 201, answer.text
        return answer.json()["results"]

    return buy


ITEMS = "numberStockItemIds"
