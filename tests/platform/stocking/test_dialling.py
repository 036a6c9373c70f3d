"""Numbers and the countries that they may belong to."""

import random

import numpy as np
import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from numberline.core.countries import COUNTRIES
from numberline.platform.stocking.dialling import Misfit, misfit_reason, misfits, plan_of

PLANNED = sorted(COUNTRIES & phonenumbers.SUPPORTED_REGIONS)
SHARED = [country for country in PLANNED if plan_of(country).rivals]


def misfit(country, first, last=None):
    (found,) = misfits(country, np.array([first]), np.array([last or first]))
    return Misfit(found)


def e164(number):
    return int(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def numbers_of(country, count):
    """Numbers that libphonenumber holds valid for a country, from around its examples."""
    rng = random.Random(country)
    kinds = (
        phonenumbers.example_number_for_type(country, kind) for kind in PhoneNumberType.values()
    )
    examples = [e164(example) for example in kinds if example is not None]
    found = []
    while len(found) < count:
        near = rng.choice(examples) // 1000 * 1000 + rng.randrange(1000)
        parsed = phonenumbers.parse(f"+{near}")
        if e164(parsed) == near and phonenumbers.is_valid_number_for_region(parsed, country):
            found.append(near)
    return found


@pytest.mark.parametrize("country", PLANNED)
def test_numbers_that_libphonenumber_counts_to_a_country_are_its(country):
    numbers = np.array(numbers_of(country, 20))

    assert not misfits(country, numbers, numbers).any()


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("US", 12025550100),  # kept free for fiction
        ("CA", 14165550199),
        ("GB", 447700900123),
        ("GB", 441632960000),
        ("AU", 61491570006),
        ("US", 19995550100),  # an area code that nobody has
        ("CA", 18005550100),  # shared by North America
        ("JM", 18005550100),
        ("AG", 12685550100),
        ("KZ", 77012345678),
        ("RU", 79123456789),
        ("VA", 390669812345),
        ("IT", 390612345678),
        ("SJ", 4779123456),
        ("IM", 447624123456),
        ("AX", 35818123456),
        ("MF", 590690123456),
        ("NU", 6837012),
        ("SH", 2908123),  # of Tristan da Cunha, which has no code of its own
    ],
)
def test_a_number_passes_under_its_country(country, number):
    assert misfit(country, number) is Misfit.NONE


@pytest.mark.parametrize(
    ("country", "number", "expected"),
    [
        ("GB", 33612345678, Misfit.CALLING_CODE),
        ("FR", 447700900123, Misfit.CALLING_CODE),
        ("DE", 12025550100, Misfit.CALLING_CODE),
        ("US", 1202555010, Misfit.LENGTH),
        ("GB", 44770090012345, Misfit.LENGTH),
        ("CA", 12025550100, Misfit.OTHER_COUNTRY),
        ("US", 14165550199, Misfit.OTHER_COUNTRY),
        ("US", 18765550100, Misfit.OTHER_COUNTRY),  # Jamaica
        ("CA", 19995550100, Misfit.OTHER_COUNTRY),  # unknown ones go to the main country
        ("RU", 77012345678, Misfit.OTHER_COUNTRY),
        ("KZ", 79123456789, Misfit.OTHER_COUNTRY),
        ("GB", 447781123456, Misfit.OTHER_COUNTRY),  # Guernsey
        ("JE", 447700900123, Misfit.OTHER_COUNTRY),
        ("IT", 390669812345, Misfit.OTHER_COUNTRY),
        ("NO", 4779123456, Misfit.OTHER_COUNTRY),
        ("FI", 35818123456, Misfit.OTHER_COUNTRY),
        ("AQ", 672123456, Misfit.NO_PLAN),
    ],
)
def test_a_number_of_another_country_does_not(country, number, expected):
    assert misfit(country, number) is expected
    assert misfit_reason(expected, country, number, number)


def test_every_block_of_a_range_counts():
    # Area codes 201 and 202 are American, 204 is Canadian.
    assert misfit("US", 12010000000, 12029999999) is Misfit.NONE
    assert misfit("US", 12010000000, 12040000000) is Misfit.OTHER_COUNTRY
    assert misfit("FR", 33999999999, 34000000000) is Misfit.CALLING_CODE
    assert misfit_reason(Misfit.OTHER_COUNTRY, "US", 12010000000, 12040000000) == (
        "belongs to CA, by its leading digits"
    )


def test_a_block_is_one_of_numbers_of_the_same_length():
    # 310 and four digits is a Canadian service, 310 and seven is Los Angeles.
    numbers = np.array([13101234, 13105550100, 13101234])

    assert misfits("CA", numbers, numbers).tolist() == [
        Misfit.NONE,
        Misfit.OTHER_COUNTRY,
        Misfit.NONE,
    ]


def test_a_column_is_judged_as_its_numbers_are_one_by_one():
    rng = random.Random(7)
    numbers = [number for country in SHARED for number in numbers_of(country, 5)]
    rng.shuffle(numbers)
    column = np.array(numbers)

    for country in ("US", "AG", "GB", "JE", "RU", "CC"):
        expected = [misfit(country, number) for number in numbers]
        assert misfits(country, column, column).tolist() == expected
        assert len(set(expected)) > 1
