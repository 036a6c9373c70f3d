"""An outbox on either database."""

import pytest

from outboxes import Outbox


@pytest.fixture
def outbox(database, database_url):
    return Outbox(database, database_url)
