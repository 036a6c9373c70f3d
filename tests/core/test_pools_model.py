"""Pools and their members agree with a small model, whatever is asked in whatever order.

The model knows the names of the pools and, for each, the numbers that are in it; it knows nothing
of where either is kept.
"""

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from factories import GB, NEW_YEAR, REPEATABLE, MemoryView, make_account, make_offer
from numberline.core import commands as c
from numberline.core.decisions import decide
from numberline.core.errors import NumberlineError
from numberline.core.rows import Configuration

ACCOUNTS = ("ada", "bob")
NUMBERS = range(GB, GB + 3)

accounts = st.sampled_from(ACCOUNTS)
names = st.sampled_from(["a", "b", "c"])
numbers = st.sampled_from(NUMBERS)


class Pools(RuleBasedStateMachine):
    """Asks both the rules and the model, and compares."""

    @initialize()
    def start(self):
        self.view = MemoryView(
            offers=[make_offer()],
            stock=dict.fromkeys(NUMBERS, 1),
            accounts=[make_account(account_id) for account_id in ACCOUNTS],
        )
        self.serial = itertools.count()
        self.ids = {}  # the identifier of each pool by its account and name
        self.gone = ["never"]
        self.members = {}  # the numbers of each pool by its identifier
        self.owners = {}

    def ask(self, command):
        """The code of the refusal, or None where the command was carried out."""
        try:
            decision = decide(command, self.view, NEW_YEAR)
        except NumberlineError as refusal:
            return refusal.code
        self.view.apply(decision)
        return None

    # --- what may be asked ------------------------------------------------------------------

    @rule(account_id=accounts, name=names)
    def create(self, account_id, name):
        pool_id = f"p{next(self.serial)}"
        refused = self.ask(c.CreatePool(account_id=account_id, pool_id=pool_id, name=name))

        assert refused == ("pool_exists" if (account_id, name) in self.ids else None)
        if not refused:
            self.ids[account_id, name] = pool_id
            self.members[pool_id] = set()

    @rule(account_id=accounts, name=names, new_name=names)
    def rename(self, account_id, name, new_name):
        pool_id = self.ids.get((account_id, name), self.gone[-1])
        refused = self.ask(c.ChangePool(account_id=account_id, pool_id=pool_id, name=new_name))

        if (account_id, name) not in self.ids:
            assert refused == "pool_not_found"
        elif name != new_name and (account_id, new_name) in self.ids:
            assert refused == "pool_exists"
        else:
            assert refused is None
            self.ids[account_id, new_name] = self.ids.pop((account_id, name))

    @rule(account_id=accounts, name=names)
    def delete(self, account_id, name):
        pool_id = self.ids.pop((account_id, name), None)
        refused = self.ask(c.DeletePool(account_id=account_id, pool_id=pool_id or self.gone[-1]))

        assert refused == (None if pool_id else "pool_not_found")
        if pool_id:
            self.gone.append(pool_id)
            del self.members[pool_id]

    @rule(account_id=accounts, name=names, number=numbers, whose=accounts)
    def join(self, account_id, name, number, whose):
        pool_id = self.ids.get((whose, name), self.gone[-1])
        refused = self.ask(c.JoinPool(account_id=account_id, number=number, pool_id=pool_id))

        if self.owners.get(number) != account_id:
            assert refused == "number_not_owned"
        elif whose != account_id or pool_id not in self.members:
            assert refused == "pool_not_found"
        else:
            assert refused is None
            self.members[pool_id].add(number)

    @rule(account_id=accounts, name=names, number=numbers)
    def leave(self, account_id, name, number):
        pool_id = self.ids.get((account_id, name), self.gone[-1])
        refused = self.ask(c.LeavePool(account_id=account_id, number=number, pool_id=pool_id))

        mine = self.owners.get(number) == account_id
        assert refused == (None if mine else "number_not_owned")
        if mine and pool_id in self.members:
            self.members[pool_id].discard(number)

    @rule(account_id=accounts, number=numbers)
    def rent(self, account_id, number):
        if self.ask(c.Rent(account_id=account_id, number=number)) is None:
            self.owners[number] = account_id

    @rule(account_id=accounts, number=numbers)
    def release(self, account_id, number):
        if self.ask(c.Release(account_id=account_id, number=number)) is None:
            del self.owners[number]
            for members in self.members.values():
                members.discard(number)

    @rule(account_id=accounts, number=numbers, tags=st.none() | st.just(("t",)))
    def configure(self, account_id, number, tags):
        configuration = Configuration(application_id="app") if tags is None else None
        command = c.Configure(
            account_id=account_id, number=number, configuration=configuration, tags=tags
        )
        self.ask(command)

    # --- what must come of it ---------------------------------------------------------------

    @invariant()
    def the_pools_are_those_of_the_model(self):
        found = {
            (account_id, pool.name): pool.pool_id
            for account_id in ACCOUNTS
            for pool in self.view.pools(account_id).pools
        }

        assert found == self.ids

    @invariant()
    def each_pool_has_the_numbers_of_the_model(self):
        found = {
            pool_id: {
                number
                for number, row in self.view.numbers.items()
                if pool_id in row.configuration.pools
            }
            for pool_id in self.members
        }

        assert found == self.members

    @invariant()
    def what_nobody_rents_is_in_no_pool(self):
        for number, row in self.view.numbers.items():
            assert number in self.owners or row.configuration.pools == ()


TestPools = Pools.TestCase
TestPools.settings = settings(REPEATABLE, max_examples=100, stateful_step_count=60)
