"""What scripts may count on in the demo's stock, read from the file that the package ships."""

import csv
import importlib.util
import re
from collections import Counter
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import phonenumbers
import pytest
from hatchling.builders.wheel import WheelBuilder
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from numberline.core.numbers import NUMBER_DIGITS_MAX, NUMBER_DIGITS_MIN

ROOT = Path(__file__).parents[2]
STOCK = files("numberline.platform") / "data" / "demo_stock.csv"

HEADER = (
    "first,last,country,type,features,region,locality,setup_price,monthly_price,currency,"
    "interval_months,contract_months,documents_required,quarantine_days"
)
TYPES = {"mobile", "local", "national", "toll_free", "premium_rate"}
FEATURES = {
    f"{kind}{direction}"
    for kind in ("sms", "mms", "voice")
    for direction in ("", "-inbound", "-outbound")
}
EXAMPLE_TYPES = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
)

# As the regulators write them, with the country code in place of the leading zero.
FICTION = {
    "US": r"1\d{3}55501\d\d",
    "CA": r"1\d{3}55501\d\d",
    "GB": r"44(11[3-8]4960|1[2-6]14960|1914980|1632960|2079460|2896496|2920180|"
    r"3069990|7700900|8081570|9098790)\d{3}",
    "FR": r"33(19900|26191|35301|46571|53649|63998)\d{4}",
    "DE": r"49((3023125|4066969|6990009|8999998|2214710)\d{3}|(17139200|176040690)\d\d|"
    r"152(28817386|28895456|54599371)|172(9925904|9968532|9973185|9973186|9980752)|"
    r"174(9091317|9464308))",
    "IE": r"3532091\d{5}",
    "SE": r"46(8465004\d\d|3139006\d\d|4062804\d\d|9803192\d\d|701740(60[5-9]|6[1-9]\d))",
    "AU": r"61([2378](5550|7010)\d{4}|1[38]009757(0[7-9]|1[01])|1800160401|"
    r"49157(0(006|110|15[6-9]|313|737)|1(266|491|804)|2(549|665|983)|3(087|770)|4(118|632)|"
    r"5(254|789)|6(398|801)|7(426|644)|8(148|888|957)|9(212|455|760)))",
}
FICTIONAL_NUMBERS = {
    "GB": 20_000,
    "FR": 60_000,
    "DE": 5_210,
    "IE": 100_000,
    "SE": 495,
    "AU": 80_041,
}

NOT_ISO = {
    "AC",  # Ascension: reserved in ISO 3166-1, a part of SH
    "TA",  # Tristan da Cunha: reserved in ISO 3166-1, a part of SH
    "XK",  # Kosovo: a user-assigned code, not in ISO 3166-1
}
# libphonenumber counts every example of these territories to a neighbour on the same plan.
COUNTED_TO_A_NEIGHBOUR = {"EH": "MA", "MF": "GP"}
# Fiction that libphonenumber knows no region for, because nobody is ever given a number there.
WITHOUT_A_REGION = {441154960000, 441632960000, 447700900000}


class Row(NamedTuple):
    first: int
    last: int
    country: str
    type: str
    features: frozenset[str]
    region: str
    locality: str
    setup_price: str
    monthly_price: str
    currency: str
    interval_months: str
    contract_months: str
    documents_required: str
    quarantine_days: str

    @property
    def numbers(self):
        return range(self.first, self.last + 1)


def read_rows():
    with STOCK.open(encoding="utf-8", newline="") as lines:
        records = list(csv.reader(lines))[1:]
    return [
        Row(int(first), int(last), country, kind, frozenset(features.split()), *rest)
        for first, last, country, kind, features, *rest in records
    ]


ROWS = read_rows()


def count(rows):
    return sum(len(row.numbers) for row in rows)


def offered(country, kind, *features):
    """How many numbers of a country and type have all these features both ways."""
    return count(
        row
        for row in ROWS
        if (row.country, row.type) == (country, kind) and row.features.issuperset(features)
    )


def parse(number):
    return phonenumbers.parse(f"+{number}")


def examples(country):
    found = (phonenumbers.example_number_for_type(country, kind) for kind in EXAMPLE_TYPES)
    return {
        int(phonenumbers.format_number(example, PhoneNumberFormat.E164))
        for example in found
        if example is not None
    }


def is_fictional(row):
    pattern = re.compile(FICTION.get(row.country, r"(?!)"))
    return all(pattern.fullmatch(str(number)) for number in row.numbers)


def test_the_file_has_the_header_of_an_import_and_one_line_per_range():
    lines = STOCK.read_text(encoding="utf-8").splitlines()

    assert lines[0] == HEADER
    assert 300 <= len(ROWS) <= 900
    assert len(lines) == len(ROWS) + 1


def test_the_script_writes_this_very_file():
    spec = importlib.util.spec_from_file_location("demo_stock", ROOT / "scripts/demo_stock.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    assert script.demo_stock().encode() == STOCK.read_bytes(), "run scripts/demo_stock.py"


def test_the_wheel_ships_the_file():
    shipped = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}

    assert "numberline/platform/data/demo_stock.csv" in shipped


def test_every_field_has_a_value_that_an_import_takes():
    for row in ROWS:
        assert row.type in TYPES, row
        assert row.features, row
        assert row.features <= FEATURES, row
        assert re.fullmatch(r"\d+\.\d\d", row.setup_price), row
        assert re.fullmatch(r"\d+\.\d\d", row.monthly_price), row
        assert row.currency == "EUR", row
        assert row.interval_months == "1", row
        assert row.contract_months in {"0", "1"}, row
        assert row.documents_required in {"true", "false"}, row
        assert row.quarantine_days == "0", row


def test_ranges_ascend_and_no_number_stands_in_two():
    assert all(row.first <= row.last for row in ROWS)
    assert [pair for pair in pairwise(ROWS) if pair[0].last >= pair[1].first] == []


def test_numbers_have_the_length_of_e164_and_one_that_their_country_uses():
    for row in ROWS:
        assert len(str(row.first)) == len(str(row.last)), row
        assert NUMBER_DIGITS_MIN <= len(str(row.first)) <= NUMBER_DIGITS_MAX, row
        assert phonenumbers.is_possible_number(parse(row.first)), row


def test_numbers_belong_to_their_country():
    for row in ROWS:
        region = COUNTED_TO_A_NEIGHBOUR.get(row.country, row.country)
        for number in map(parse, {row.first, row.last}):
            if row.first in WITHOUT_A_REGION:
                assert phonenumbers.region_code_for_number(number) is None, row
                assert phonenumbers.region_code_for_country_code(number.country_code) == region
            else:
                assert phonenumbers.region_code_for_number(number) == region, row


@pytest.mark.parametrize("country", COUNTED_TO_A_NEIGHBOUR)
def test_what_is_counted_to_a_neighbour_is_valid_in_the_territory_too(country):
    numbers = [parse(row.first) for row in ROWS if row.country == country]

    assert numbers
    assert all(phonenumbers.is_valid_number_for_region(number, country) for number in numbers)


def test_every_number_is_kept_free_for_fiction_or_an_example_of_libphonenumber():
    strangers = [
        row
        for row in ROWS
        if not is_fictional(row)
        and not (row.first == row.last and row.first in examples(row.country))
    ]

    assert strangers == []


@pytest.mark.parametrize(("country", "expected"), FICTIONAL_NUMBERS.items())
def test_the_ranges_for_fiction_are_there_in_full(country, expected):
    assert count(row for row in ROWS if row.country == country and is_fictional(row)) == expected


@pytest.mark.parametrize(("country", "area_codes_min"), [("US", 40), ("CA", 10)])
def test_north_american_area_codes_have_their_hundred_and_their_city(country, area_codes_min):
    rows = [row for row in ROWS if row.country == country and is_fictional(row)]

    assert len({row.first // 10**7 for row in rows}) == len(rows) >= area_codes_min
    assert all(len(row.numbers) == 100 and row.region and row.locality for row in rows)


def test_every_country_answers_a_search():
    assert {row.country for row in ROWS} == phonenumbers.SUPPORTED_REGIONS - NOT_ISO


def test_scripts_find_the_numbers_that_they_count_on():
    assert count(row for row in ROWS if row.country in {"US", "GB", "CA"}) >= 600
    assert offered("GB", "mobile", "sms", "voice") >= 300
    assert offered("US", "local", "sms", "mms", "voice") >= 99
    assert offered("CA", "local", "sms", "voice") >= 99


def test_documents_are_required_in_two_countries_only():
    required = {(row.country, row.type) for row in ROWS if row.documents_required == "true"}

    assert required == {("CH", "local"), ("SG", "local")}


def test_features_differ_in_kind_and_direction():
    kinds = {(row.country, row.type): row.features for row in ROWS}

    assert kinds["GB", "local"] == kinds["DE", "local"] == {"voice"}
    assert kinds["GB", "mobile"] == {"sms", "voice"}
    assert {country for (country, _), each in kinds.items() if each == {"sms-inbound"}} == {
        "CZ",
        "ES",
        "PT",
    }
    assert kinds["GB", "premium_rate"] == {"voice-inbound"}


def test_prices_differ_and_toll_free_costs_more():
    monthly = {
        kind: {Decimal(row.monthly_price) for row in ROWS if row.type == kind} for kind in TYPES
    }

    assert all(Decimal(1) <= price <= Decimal(3) for price in monthly["local"] | monthly["mobile"])
    assert len(monthly["local"] | monthly["mobile"]) > 3
    assert min(monthly["toll_free"]) > max(monthly["mobile"])
    assert len({row.setup_price for row in ROWS}) > 1


def test_the_types_that_vendors_search_by_are_all_there():
    assert Counter(row.type for row in ROWS).keys() == TYPES
    assert {row.type for row in ROWS if row.country == "GB"} == TYPES
