"""A register over a migrated, empty database of either kind, with two accounts."""

import pytest

from factories import TickingClock, make_account
from registers import HeldShelf, open_accounts, open_register
from wiretap import Wire


@pytest.fixture
def wire(database):
    return Wire(database)


@pytest.fixture
def shelf():
    return HeldShelf()


@pytest.fixture
def register(database, wire, shelf):  # noqa: ARG001  the wire is tapped before it is used
    with open_register(database, shelf, clock=TickingClock()) as opened:
        open_accounts(opened, make_account("ada"), make_account("bob"))
        yield opened
