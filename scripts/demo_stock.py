#!/usr/bin/env python3
"""Write the demo's stock: ranges kept free for fiction, and libphonenumber's example numbers.

Run by hand, with nothing but phonenumbers installed; docs/demo-stock.md names the sources.
"""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

DEMO_STOCK: Final = (
    Path(__file__).parents[1] / "src" / "numberline" / "platform" / "data" / "demo_stock.csv"
)

HEADER: Final = (
    "first,last,country,type,features,region,locality,setup_price,monthly_price,currency,"
    "interval_months,contract_months,documents_required,quarantine_days\n"
)


class Range(NamedTuple):
    """Consecutive numbers of one country and type."""

    first: int
    last: int
    country: str
    type: str
    region: str = ""
    locality: str = ""


# In every area code, 555-0100 to 555-0199 are fictitious.
US_AREA_CODES: Final = """\
201 NJ Jersey City
202 DC Washington
203 CT Bridgeport
205 AL Birmingham
206 WA Seattle
207 ME Portland
208 ID Boise
212 NY New York
213 CA Los Angeles
214 TX Dallas
215 PA Philadelphia
302 DE Wilmington
303 CO Denver
304 WV Charleston
305 FL Miami
307 WY Cheyenne
312 IL Chicago
313 MI Detroit
314 MO St. Louis
317 IN Indianapolis
401 RI Providence
402 NE Omaha
404 GA Atlanta
405 OK Oklahoma City
406 MT Billings
410 MD Baltimore
414 WI Milwaukee
415 CA San Francisco
501 AR Little Rock
502 KY Louisville
503 OR Portland
504 LA New Orleans
505 NM Albuquerque
512 TX Austin
515 IA Des Moines
601 MS Jackson
602 AZ Phoenix
603 NH Manchester
605 SD Sioux Falls
612 MN Minneapolis
614 OH Columbus
615 TN Nashville
617 MA Boston
619 CA San Diego
701 ND Fargo
702 NV Las Vegas
704 NC Charlotte
713 TX Houston
801 UT Salt Lake City
802 VT Burlington
803 SC Columbia
804 VA Richmond
808 HI Honolulu
907 AK Anchorage
913 KS Overland Park
917 NY New York
"""
CA_AREA_CODES: Final = """\
204 MB Winnipeg
250 BC Victoria
306 SK Regina
403 AB Calgary
416 ON Toronto
418 QC Quebec City
506 NB Saint John
514 QC Montreal
604 BC Vancouver
613 ON Ottawa
709 NL St. John's
780 AB Edmonton
867 YT Whitehorse
902 NS Halifax
"""

RESERVED: Final = (
    # Ofcom, the United Kingdom
    Range(44_113_496_0000, 44_113_496_0999, "GB", "local", "ENG", "Leeds"),
    Range(44_114_496_0000, 44_114_496_0999, "GB", "local", "ENG", "Sheffield"),
    Range(44_115_496_0000, 44_115_496_0999, "GB", "local", "ENG", "Nottingham"),
    Range(44_116_496_0000, 44_116_496_0999, "GB", "local", "ENG", "Leicester"),
    Range(44_117_496_0000, 44_117_496_0999, "GB", "local", "ENG", "Bristol"),
    Range(44_118_496_0000, 44_118_496_0999, "GB", "local", "ENG", "Reading"),
    Range(44_121_496_0000, 44_121_496_0999, "GB", "local", "ENG", "Birmingham"),
    Range(44_131_496_0000, 44_131_496_0999, "GB", "local", "SCT", "Edinburgh"),
    Range(44_141_496_0000, 44_141_496_0999, "GB", "local", "SCT", "Glasgow"),
    Range(44_151_496_0000, 44_151_496_0999, "GB", "local", "ENG", "Liverpool"),
    Range(44_161_496_0000, 44_161_496_0999, "GB", "local", "ENG", "Manchester"),
    Range(44_191_498_0000, 44_191_498_0999, "GB", "local", "ENG", "Newcastle upon Tyne"),
    Range(44_20_7946_0000, 44_20_7946_0999, "GB", "local", "ENG", "London"),
    Range(44_28_9649_6000, 44_28_9649_6999, "GB", "local", "NIR", "Belfast"),
    Range(44_29_2018_0000, 44_29_2018_0999, "GB", "local", "WLS", "Cardiff"),
    Range(44_1632_960_000, 44_1632_960_999, "GB", "local"),
    Range(44_3069_990_000, 44_3069_990_999, "GB", "national"),
    Range(44_7700_900_000, 44_7700_900_999, "GB", "mobile"),
    Range(44_8081_570_000, 44_8081_570_999, "GB", "toll_free"),
    Range(44_909_8790_000, 44_909_8790_999, "GB", "premium_rate"),
    # Arcep, France
    Range(33_1_99_00_00_00, 33_1_99_00_99_99, "FR", "local", "IDF", "Paris"),
    Range(33_2_61_91_00_00, 33_2_61_91_99_99, "FR", "local", "PDL", "Nantes"),
    Range(33_3_53_01_00_00, 33_3_53_01_99_99, "FR", "local", "GES", "Strasbourg"),
    Range(33_4_65_71_00_00, 33_4_65_71_99_99, "FR", "local", "PAC", "Marseille"),
    Range(33_5_36_49_00_00, 33_5_36_49_99_99, "FR", "local", "OCC", "Toulouse"),
    Range(33_6_39_98_00_00, 33_6_39_98_99_99, "FR", "mobile"),
    # Bundesnetzagentur, Germany
    Range(49_30_23125_000, 49_30_23125_999, "DE", "local", "BE", "Berlin"),
    Range(49_40_66969_000, 49_40_66969_999, "DE", "local", "HH", "Hamburg"),
    Range(49_69_90009_000, 49_69_90009_999, "DE", "local", "HE", "Frankfurt am Main"),
    Range(49_89_99998_000, 49_89_99998_999, "DE", "local", "BY", "Munich"),
    Range(49_221_4710_000, 49_221_4710_999, "DE", "local", "NW", "Cologne"),
    Range(49_152_28817386, 49_152_28817386, "DE", "mobile"),
    Range(49_152_28895456, 49_152_28895456, "DE", "mobile"),
    Range(49_152_54599371, 49_152_54599371, "DE", "mobile"),
    Range(49_171_39200_00, 49_171_39200_99, "DE", "mobile"),
    Range(49_172_9925904, 49_172_9925904, "DE", "mobile"),
    Range(49_172_9968532, 49_172_9968532, "DE", "mobile"),
    Range(49_172_9973185, 49_172_9973186, "DE", "mobile"),
    Range(49_172_9980752, 49_172_9980752, "DE", "mobile"),
    Range(49_174_9091317, 49_174_9091317, "DE", "mobile"),
    Range(49_174_9464308, 49_174_9464308, "DE", "mobile"),
    Range(49_176_040690_00, 49_176_040690_99, "DE", "mobile"),
    # ComReg, Ireland
    Range(353_20_910_0000, 353_20_919_9999, "IE", "local"),
    # PTS, Sweden
    Range(46_8_46500400, 46_8_46500499, "SE", "local", "AB", "Stockholm"),
    Range(46_31_3900600, 46_31_3900699, "SE", "local", "O", "Gothenburg"),
    Range(46_40_6280400, 46_40_6280499, "SE", "local", "M", "Malmö"),
    Range(46_980_319200, 46_980_319299, "SE", "local", "BD", "Kiruna"),
    Range(46_70_1740605, 46_70_1740699, "SE", "mobile"),
    # ACMA, Australia
    Range(61_2_5550_0000, 61_2_5550_9999, "AU", "local", "NSW", "Sydney"),
    Range(61_2_7010_0000, 61_2_7010_9999, "AU", "local", "NSW", "Sydney"),
    Range(61_3_5550_0000, 61_3_5550_9999, "AU", "local", "VIC", "Melbourne"),
    Range(61_3_7010_0000, 61_3_7010_9999, "AU", "local", "VIC", "Melbourne"),
    Range(61_7_5550_0000, 61_7_5550_9999, "AU", "local", "QLD", "Brisbane"),
    Range(61_7_7010_0000, 61_7_7010_9999, "AU", "local", "QLD", "Brisbane"),
    Range(61_8_5550_0000, 61_8_5550_9999, "AU", "local", "WA", "Perth"),
    Range(61_8_7010_0000, 61_8_7010_9999, "AU", "local", "WA", "Perth"),
    Range(61_1300_975_707, 61_1300_975_711, "AU", "national"),
    Range(61_1800_160_401, 61_1800_160_401, "AU", "toll_free"),
    Range(61_1800_975_707, 61_1800_975_711, "AU", "toll_free"),
)
# Australia's mobiles for fiction are thirty single numbers: what follows +61 491 57.
AU_MOBILES: Final = """\
0006 0110 0156 0157 0158 0159 0313 0737 1266 1491 1804 2549 2665 2983 3087
3770 4118 4632 5254 5789 6398 6801 7426 7644 8148 8888 8957 9212 9455 9760
"""

# Regions of libphonenumber that are not in ISO 3166-1: Ascension, Tristan da Cunha, Kosovo.
NOT_ISO: Final = frozenset({"AC", "TA", "XK"})
EXAMPLE_TYPES: Final = {
    "local": PhoneNumberType.FIXED_LINE,
    "mobile": PhoneNumberType.MOBILE,
    "toll_free": PhoneNumberType.TOLL_FREE,
    "premium_rate": PhoneNumberType.PREMIUM_RATE,
}
# libphonenumber counts every example of these territories to a neighbour that shares the
# plan. Each takes one, before the neighbour does, so that it too answers a search.
SHARED_EXAMPLES: Final = {"EH": "local", "MF": "toll_free"}

FEATURES: Final = {
    "mobile": "sms voice",
    "local": "voice",
    "national": "voice",
    "toll_free": "voice",
    "premium_rate": "voice-inbound",
}
SPECIAL_FEATURES: Final = {
    ("US", "local"): "sms mms voice",
    ("US", "toll_free"): "sms voice",
    ("CA", "local"): "sms voice",
    ("CZ", "mobile"): "sms-inbound",
    ("ES", "mobile"): "sms-inbound",
    ("PT", "mobile"): "sms-inbound",
}
SETUP_PRICES: Final = {
    "mobile": "0.50",
    "local": "0.00",
    "national": "0.00",
    "toll_free": "1.00",
    "premium_rate": "1.00",
}
MONTHLY_PRICES: Final = {
    "mobile": "1.50",
    "local": "1.00",
    "national": "1.25",
    "toll_free": "4.00",
    "premium_rate": "6.00",
}
# Numbers cost more in some of the nine zones of the E.164 plan (a number's first digit).
ZONE_SURCHARGES: Final = {
    "1": "0.00",
    "2": "1.00",
    "3": "0.25",
    "4": "0.25",
    "5": "0.75",
    "6": "0.50",
    "7": "0.75",
    "8": "0.75",
    "9": "1.00",
}
WITH_CONTRACT: Final = frozenset({"toll_free", "premium_rate"})
WITH_DOCUMENTS: Final = frozenset({("CH", "local"), ("SG", "local")})


def reserved_ranges() -> Iterator[Range]:
    """The ranges that regulators keep free for fiction."""
    for country, area_codes in (("US", US_AREA_CODES), ("CA", CA_AREA_CODES)):
        for line in area_codes.splitlines():
            area_code, region, locality = line.split(maxsplit=2)
            first = int(f"1{area_code}5550100")
            yield Range(first, first + 99, country, "local", region, locality)
    yield from RESERVED
    for digits in AU_MOBILES.split():
        number = int(f"6149157{digits}")
        yield Range(number, number, "AU", "mobile")


def example_number(region: str, number_type: str) -> int | None:
    """The example number of a type in a region, where it is that region's own."""
    example = phonenumbers.example_number_for_type(region, EXAMPLE_TYPES[number_type])
    if example is None:
        return None
    own = phonenumbers.region_code_for_number(example) == region
    if not own and SHARED_EXAMPLES.get(region) != number_type:
        return None
    return int(phonenumbers.format_number(example, PhoneNumberFormat.E164))


def example_ranges(reserved: list[Range]) -> Iterator[Range]:
    """One range per example number that is neither reserved nor taken by another region."""
    taken: set[int] = set()
    regions = phonenumbers.SUPPORTED_REGIONS - NOT_ISO
    for region in sorted(regions, key=lambda code: (code not in SHARED_EXAMPLES, code)):
        for number_type in EXAMPLE_TYPES:
            number = example_number(region, number_type)
            if number is None or number in taken:
                continue
            if any(each.first <= number <= each.last for each in reserved):
                continue
            taken.add(number)
            yield Range(number, number, region, number_type)


def row(numbers: Range) -> tuple[str | int, ...]:
    """A range with its offer, in the order of the header."""
    kind = (numbers.country, numbers.type)
    surcharge = Decimal(ZONE_SURCHARGES[str(numbers.first)[0]])
    return (
        numbers.first,
        numbers.last,
        *kind,
        SPECIAL_FEATURES.get(kind, FEATURES[numbers.type]),
        numbers.region,
        numbers.locality,
        SETUP_PRICES[numbers.type],
        str(Decimal(MONTHLY_PRICES[numbers.type]) + surcharge),
        "EUR",
        1,
        int(numbers.type in WITH_CONTRACT),
        "true" if kind in WITH_DOCUMENTS else "false",
        0,
    )


def demo_stock() -> str:
    """The whole file as text, in ascending order of the numbers."""
    reserved = list(reserved_ranges())
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerows(map(row, sorted([*reserved, *example_ranges(reserved)])))
    return HEADER + rows.getvalue()


if __name__ == "__main__":
    DEMO_STOCK.write_text(demo_stock(), encoding="utf-8", newline="")
