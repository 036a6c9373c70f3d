"""One server with an access log for all tests of a process, over a stock with unlike offers."""

import msgspec
import pytest
from pyroaring import BitMap

from live import OFFER_TERMS, client_of, open_tenants, serving
from numberline.core.numbers import CHUNK_SIZE
from numberline.platform.clocks import SystemClock
from numberline.platform.stocking.intake import add_stock
from numberline.storage.engines import open_database
from numberline.storage.migrate import upgrade

RESTLESS = 447700900000
RESTING = 447700950000
"""The first numbers of an offer without quarantine and of one with 45 days."""


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('server')}/numberline.db"
    database = open_database(url)
    upgrade(database)
    for first, days in ((RESTLESS, 0), (RESTING, 45)):
        terms = msgspec.structs.replace(OFFER_TERMS, quarantine_days=days)
        chunk, offset = divmod(first, CHUNK_SIZE)
        stock = {terms: {chunk: BitMap(range(offset, offset + 100))}}
        add_stock(database, stock, now=SystemClock().now())
    database.close()
    with serving("--access-log", database=url) as served:
        yield served


@pytest.fixture
def tenant(server):
    (opened,) = open_tenants(server.database)
    return opened


@pytest.fixture
def http(server, tenant):
    with client_of(server, tenant.auth) as client:
        yield client
