"""Emergency addresses: where help is sent when a number calls for it, and whether they can be.

The check is a simple one of our own: whether an address is whole, whether its postal code is one
of its state, and how the parts are spelt. It knows no streets and no houses.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec


class EmergencyAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the holder of a number is; an empty text is a part that is not given."""

    display_name: str = ""
    street_number: str = ""
    street_info: str = ""
    location: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    postal_code_plus_four: str = ""


NO_EMERGENCY_ADDRESS: Final = EmergencyAddress()

COUNTRIES: Final = frozenset({"US", "CA"})
"""Where a number may have an emergency address."""


class Verdict(StrEnum):
    """How well an address fits."""

    EXACT = "exact"
    NEAR = "near"
    """It is clear what is meant, but it is spelt otherwise."""
    NONE = "none"


class Validation(NamedTuple):
    """What was found out about an address.

    `corrected` is the address as it should be spelt where the verdict is near; `candidates` are
    addresses that may be meant where there is none.
    """

    verdict: Verdict
    messages: tuple[str, ...]
    corrected: EmergencyAddress | None = None
    candidates: tuple[EmergencyAddress, ...] = ()


_STATES: Final = {
    "AL": ("Alabama", "350-369"),
    "AK": ("Alaska", "995-999"),
    "AZ": ("Arizona", "850-865"),
    "AR": ("Arkansas", "716-729"),
    "CA": ("California", "900-961"),
    "CO": ("Colorado", "800-816"),
    "CT": ("Connecticut", "060-069"),
    "DE": ("Delaware", "197-199"),
    "DC": ("District of Columbia", "200 202-205 569"),
    "FL": ("Florida", "320-349"),
    "GA": ("Georgia", "300-319 398-399"),
    "GU": ("Guam", "969"),
    "HI": ("Hawaii", "967-968"),
    "ID": ("Idaho", "832-838"),
    "IL": ("Illinois", "600-629"),
    "IN": ("Indiana", "460-479"),
    "IA": ("Iowa", "500-528"),
    "KS": ("Kansas", "660-679"),
    "KY": ("Kentucky", "400-427"),
    "LA": ("Louisiana", "700-714"),
    "ME": ("Maine", "039-049"),
    "MD": ("Maryland", "206-219"),
    "MA": ("Massachusetts", "010-027 055"),
    "MI": ("Michigan", "480-499"),
    "MN": ("Minnesota", "550-567"),
    "MS": ("Mississippi", "386-397"),
    "MO": ("Missouri", "630-658"),
    "MT": ("Montana", "590-599"),
    "NE": ("Nebraska", "680-693"),
    "NV": ("Nevada", "889-898"),
    "NH": ("New Hampshire", "030-038"),
    "NJ": ("New Jersey", "070-089"),
    "NM": ("New Mexico", "870-884"),
    "NY": ("New York", "005 063 100-149"),
    "NC": ("North Carolina", "270-289"),
    "ND": ("North Dakota", "580-588"),
    "OH": ("Ohio", "430-459"),
    "OK": ("Oklahoma", "730-731 734-749"),
    "OR": ("Oregon", "970-979"),
    "PA": ("Pennsylvania", "150-196"),
    "PR": ("Puerto Rico", "006-007 009"),
    "RI": ("Rhode Island", "028-029"),
    "SC": ("South Carolina", "290-299"),
    "SD": ("South Dakota", "570-577"),
    "TN": ("Tennessee", "370-385"),
    "TX": ("Texas", "733 750-799 885"),
    "UT": ("Utah", "840-847"),
    "VT": ("Vermont", "050-054 056-059"),
    "VA": ("Virginia", "201 220-246"),
    "VI": ("Virgin Islands", "008"),
    "WA": ("Washington", "980-994"),
    "WV": ("West Virginia", "247-268"),
    "WI": ("Wisconsin", "530-549"),
    "WY": ("Wyoming", "820-831"),
}
"""States with the first three digits of their postal codes (ZIP)."""

_PROVINCES: Final = {
    "AB": ("Alberta", "T"),
    "BC": ("British Columbia", "V"),
    "MB": ("Manitoba", "R"),
    "NB": ("New Brunswick", "E"),
    "NL": ("Newfoundland and Labrador", "A"),
    "NS": ("Nova Scotia", "B"),
    "NT": ("Northwest Territories", "X"),
    "NU": ("Nunavut", "X"),
    "ON": ("Ontario", "KLMNP"),
    "PE": ("Prince Edward Island", "C"),
    "QC": ("Quebec", "GHJ"),
    "SK": ("Saskatchewan", "S"),
    "YT": ("Yukon", "Y"),
}
"""Provinces with the first letters of their postal codes."""

_SUFFIXES: Final = {
    "AVENUE": "AVE",
    "BOULEVARD": "BLVD",
    "CIRCLE": "CIR",
    "COURT": "CT",
    "DRIVE": "DR",
    "HIGHWAY": "HWY",
    "LANE": "LN",
    "PARKWAY": "PKWY",
    "PLACE": "PL",
    "ROAD": "RD",
    "SQUARE": "SQ",
    "STREET": "ST",
    "TERRACE": "TER",
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "APARTMENT": "APT",
    "SUITE": "STE",
    "FLOOR": "FL",
}
"""How the postal service shortens the words of a street."""

_ZIP: Final = re.compile(r"[0-9]{5}", re.ASCII)
_CANADIAN: Final = re.compile(r"[A-Z][0-9][A-Z] [0-9][A-Z][0-9]", re.ASCII)
_PLUS_FOUR: Final = re.compile(r"([0-9]{4})?", re.ASCII)
_HOUSE: Final = re.compile(r"[0-9][0-9A-Z/ -]{0,9}", re.ASCII)


def validate(address: EmergencyAddress, country: str) -> Validation:
    """What can be said of an address in one of `COUNTRIES`."""
    spelt = _spelt(address, country)
    wrong = _wrong(spelt, country)
    if wrong:
        return Validation(Verdict.NONE, wrong, candidates=_candidates(spelt, country))
    if spelt == _folded(address):
        return Validation(Verdict.EXACT, ("Address is valid",))
    return Validation(Verdict.NEAR, ("Corrected to valid address",), corrected=spelt)


def _folded(address: EmergencyAddress) -> EmergencyAddress:
    """The same in capitals, with single blanks."""
    texts = msgspec.structs.asdict(address)
    folded = {name: " ".join(text.upper().split()) for name, text in texts.items()}
    return EmergencyAddress(**folded | {"display_name": address.display_name})


def _spelt(address: EmergencyAddress, country: str) -> EmergencyAddress:
    """The same as the postal service spells it, as far as it is clear what is meant."""
    folded = _folded(address)
    names = _STATES if country == "US" else _PROVINCES
    codes = {name.upper(): code for code, (name, _) in names.items()}
    street = " ".join(_SUFFIXES.get(word.rstrip("."), word) for word in folded.street_info.split())
    postal_code, plus_four = folded.postal_code, folded.postal_code_plus_four
    if country == "US":
        head, dash, tail = postal_code.partition("-")
        if dash and tail and plus_four in ("", tail):
            postal_code, plus_four = head, tail
    else:
        packed = postal_code.replace(" ", "")
        postal_code = f"{packed[:3]} {packed[3:]}"
    return msgspec.structs.replace(
        folded,
        state=codes.get(folded.state, folded.state),
        street_info=street,
        postal_code=postal_code.strip(),
        postal_code_plus_four=plus_four,
    )


def _wrong(address: EmergencyAddress, country: str) -> tuple[str, ...]:
    """What keeps an address from being one."""
    shape = _ZIP if country == "US" else _CANADIAN
    names = _STATES if country == "US" else _PROVINCES
    found = []
    if not _HOUSE.fullmatch(address.street_number):
        found.append("Street number is invalid")
    if not re.search("[A-Z0-9]", address.street_info):
        found.append("Street is invalid")
    if not re.search("[A-Z]", address.city):
        found.append("City is invalid")
    if address.state not in names:
        found.append("State is unknown")
    if not shape.fullmatch(address.postal_code):
        found.append("Postal code is invalid")
    elif address.state in names and address.state not in _states_of(address.postal_code, country):
        found.append("Postal code is not of the state")
    if not _PLUS_FOUR.fullmatch(address.postal_code_plus_four):
        found.append("Postal code plus four is invalid")
    return tuple(found)


def _states_of(postal_code: str, country: str) -> list[str]:
    """The states of which a postal code is."""
    if country != "US":
        return [code for code, (_, letters) in _PROVINCES.items() if postal_code[:1] in letters]
    return [code for code, (_, ranges) in _STATES.items() if _lies_in(postal_code[:3], ranges)]


def _lies_in(prefix: str, ranges: str) -> bool:
    for each in ranges.split():
        first, _, last = each.partition("-")
        if first <= prefix <= (last or first):
            return True
    return False


def _candidates(address: EmergencyAddress, country: str) -> tuple[EmergencyAddress, ...]:
    """The same in the states of its postal code, where that makes it an address."""
    moved = [
        msgspec.structs.replace(address, state=state)
        for state in _states_of(address.postal_code, country)
    ]
    return tuple(each for each in moved if each != address and not _wrong(each, country))
