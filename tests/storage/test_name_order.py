"""A list by display name: by bytes, then by number, page by page, on either database."""

from hypothesis import given, settings
from hypothesis import strategies as st

from factories import GB, NEW_YEAR, REPEATABLE, rolled_back
from numberline.core.lifecycle import State
from numberline.core.rows import Configuration, NumberRow
from numberline.storage import queries
from numberline.storage.batches import BatchStatements
from numberline.storage.queries import OwnedFilter, PageCut

names = st.sampled_from(
    ["", "a", "A", "a b", "ab", "Ä", "ä", "z", "Z", "~", '"', "日本", "📞", "1"]
)
populations = st.lists(names, max_size=15).map(
    lambda found: [
        NumberRow(
            number=GB + place,
            offer_id=1,
            version=1,
            state=State.ACTIVE,
            account_id="ada",
            changed_at=NEW_YEAR,
            configuration=Configuration(display_name=name),
        )
        for place, name in enumerate(found)
    ]
)


def position(row):
    return row.configuration.display_name, row.number


@given(population=populations, limit=st.integers(1, 6), descending=st.booleans())
@settings(REPEATABLE, max_examples=40)
def test_pages_by_name_are_the_whole_list(database, population, limit, descending):
    with rolled_back(database) as connection:
        if population:
            BatchStatements(database).write_numbers(connection, population)
        together, after = [], None
        for _ in range(len(population) + 1):
            cut = PageCut(limit=limit, after=after, descending=descending, by_name=True)
            page, total = queries.owned_numbers(connection, OwnedFilter(account_id="ada"), cut)
            assert total == len(population)
            if not page:
                break
            together += map(position, page)
            after = position(page[-1])

    by_bytes = sorted(map(position, population), key=lambda at: (at[0].encode(), at[1]))
    assert together == (by_bytes[::-1] if descending else by_bytes)
