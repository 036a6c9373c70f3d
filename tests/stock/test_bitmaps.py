import pytest
from pyroaring import BitMap

from numberline.core.numbers import CHUNK_SIZE
from numberline.stock.bitmaps import listed_values, rest_of, without_runs

RUNS = BitMap(low for start in range(0, CHUNK_SIZE, 50) for low in range(start, start + 10))
LISTS = BitMap(range(0, CHUNK_SIZE, 37))


def bytes_in_runs(bits):
    return bits.get_statistics()["n_bytes_run_containers"]


def test_many_runs_become_bits():
    assert bytes_in_runs(RUNS) > 10_000
    freed = without_runs(RUNS, beyond_bytes=10_000)

    assert freed == RUNS
    assert bytes_in_runs(freed) == 0


def test_few_runs_stay():
    assert without_runs(RUNS, beyond_bytes=10**6) is RUNS


def test_the_rest_of_a_list_is_in_bits():
    assert listed_values(LISTS) == len(LISTS)
    rest = rest_of(LISTS)

    assert rest == LISTS.flip(0, CHUNK_SIZE)
    assert bytes_in_runs(rest) == listed_values(rest) == 0


@pytest.mark.parametrize("bits", [BitMap(), RUNS, LISTS, BitMap(range(CHUNK_SIZE))])
def test_the_rest_of_the_rest_is_the_same(bits):
    assert rest_of(rest_of(bits)) == bits
