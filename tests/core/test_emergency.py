"""What is found out about an emergency address."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import REPEATABLE
from numberline.core.emergency import COUNTRIES, EmergencyAddress, Verdict, validate


def in_us(**parts):
    defaults = {
        "display_name": "Ada L.",
        "street_number": "1",
        "street_info": "MAIN ST",
        "city": "ATLANTA",
        "state": "GA",
        "postal_code": "30326",
    }
    return EmergencyAddress(**(defaults | parts))


def in_ca(**parts):
    return in_us(**({"city": "OTTAWA", "state": "ON", "postal_code": "K1A 0B1"} | parts))


def changed(address, **parts):
    return msgspec.structs.replace(address, **parts)


# --- an address that fits -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "country"),
    [
        (in_us(), "US"),
        (in_us(street_info="Main St", city="atlanta", state="ga"), "US"),
        (in_us(street_info="  main   st ", location="Apt 4"), "US"),
        (in_us(street_number="12-34B", postal_code_plus_four="1234"), "US"),
        (in_us(street_number="1 1/2"), "US"),
        (in_us(city="New  York", state="NY", postal_code="10001"), "US"),
        (in_us(state="PR", postal_code="00901"), "US"),
        (in_us(state="VA", postal_code="20166"), "US"),
        (in_us(state="DC", postal_code="20001"), "US"),
        (in_us(state="TX", postal_code="73301"), "US"),
        (in_ca(), "CA"),
        (in_ca(postal_code="k1a 0b1"), "CA"),
    ],
)
def test_an_address_that_is_spelt_as_the_postal_service_spells_it_is_exact(address, country):
    found = validate(address, country)

    assert found == (Verdict.EXACT, found.messages, None, ())
    assert found.messages == ("Address is valid",)


# --- an address that is meant clearly -------------------------------------------------------

NEAR = [
    ({"street_info": "Main Street"}, {"street_info": "MAIN ST"}),
    ({"street_info": "North Peachtree Road."}, {"street_info": "N PEACHTREE RD"}),
    ({"state": "Georgia"}, {"state": "GA"}),
    ({"postal_code": "30326-1234"}, {"postal_code_plus_four": "1234"}),
    (
        {"postal_code": "30326-1234", "postal_code_plus_four": "1234"},
        {"postal_code_plus_four": "1234"},
    ),
]


@pytest.mark.parametrize(("written", "meant"), NEAR)
def test_an_address_that_is_spelt_otherwise_is_near_and_corrected(written, meant):
    found = validate(in_us(**written), "US")

    assert found.verdict is Verdict.NEAR
    assert found.corrected == in_us(**meant)
    assert found.candidates == ()


@pytest.mark.parametrize(
    "written",
    [{"postal_code": "K1A0B1"}, {"postal_code": " k 1a 0 b1"}, {"state": "Ontario"}],
)
def test_a_canadian_address_is_corrected_too(written):
    found = validate(in_ca(**written), "CA")

    assert (found.verdict, found.corrected) == (Verdict.NEAR, in_ca())


# --- an address that is none ----------------------------------------------------------------

WRONG = [
    ({"street_number": ""}, "Street number is invalid"),
    ({"street_number": "Main"}, "Street number is invalid"),
    ({"street_number": "12345678901"}, "Street number is invalid"),
    ({"street_info": "--"}, "Street is invalid"),
    ({"city": "123"}, "City is invalid"),
    ({"state": "XX"}, "State is unknown"),
    ({"state": "ON"}, "State is unknown"),
    ({"postal_code": "3032"}, "Postal code is invalid"),
    ({"postal_code": "K1A 0B1"}, "Postal code is invalid"),
    ({"postal_code": "30326-"}, "Postal code is invalid"),
    ({"postal_code": "\uff13\uff10\uff13\uff12\uff16"}, "Postal code is invalid"),
    ({"postal_code": "10001"}, "Postal code is not of the state"),
    ({"postal_code_plus_four": "12"}, "Postal code plus four is invalid"),
    (
        {"postal_code": "30326-1234", "postal_code_plus_four": "5678"},
        "Postal code is invalid",
    ),
]


@pytest.mark.parametrize(("written", "message"), WRONG)
def test_an_address_that_is_none_says_what_is_wrong(written, message):
    found = validate(in_us(**written), "US")

    assert (found.verdict, found.messages, found.corrected) == (Verdict.NONE, (message,), None)


def test_everything_that_is_wrong_is_said_at_once():
    found = validate(EmergencyAddress(), "US")

    assert len(found.messages) == len(set(found.messages)) == 5
    assert found.candidates == ()


@pytest.mark.parametrize("state", ["TN", "XX", "", "Ontario"])
def test_the_same_in_the_state_of_its_postal_code_may_be_meant(state):
    assert validate(in_us(state=state), "US").candidates == (in_us(),)


def test_a_postal_code_of_two_provinces_gives_two_candidates():
    address = in_ca(state="ON", postal_code="X0A 0H0")

    assert [each.state for each in validate(address, "CA").candidates] == ["NT", "NU"]


def test_what_is_wrong_otherwise_has_no_candidates():
    assert validate(in_us(state="TN", city=""), "US").candidates == ()


# --- laws -----------------------------------------------------------------------------------

words = st.sampled_from(
    [
        *(
            "",
            "1",
            "12-B",
            "Main Street",
            "north 5th Avenue.",
            "st.",
            "STREET. WEST",
            "  a  b ",
            "-",
        ),
        *("Atlanta", "straße", "georgia", "GA", "ny", "New  York", "Ontario", "qc", "ßß", "ŉ"),
        *("30326", "30326-1234", "10001", "k1a0b1", "K1A 0B1", "X0A0H0", "1234", "00501", "٣٠٣٢٦"),
    ]
)
addresses = st.builds(
    EmergencyAddress,
    **dict.fromkeys(EmergencyAddress.__struct_fields__, words | st.text(max_size=12)),
)
likely = st.builds(
    in_us,
    display_name=st.text(max_size=5),
    street_number=st.sampled_from(["1", "12-b", " 7 "]),
    street_info=st.lists(
        st.sampled_from(["Main", "street.", "North", "ROAD", "st.", "fl", "Suite", "straße", "."]),
        min_size=1,
    ).map("  ".join),
    state=st.sampled_from(["GA", "georgia", " ga", "NY", "Ontario", "on", "NT", "XX"]),
    postal_code=st.sampled_from(["30326", "30326-1234", "10001", "k1a0b1", "X0A 0H0", "K1A0 B1"]),
    postal_code_plus_four=st.sampled_from(["", "", "1234"]),
)
countries = st.sampled_from(sorted(COUNTRIES))


@REPEATABLE
@given(addresses | likely, countries)
def test_a_verdict_says_what_else_is_told(address, country):
    found = validate(address, country)

    assert found.messages
    assert (found.corrected is not None) is (found.verdict is Verdict.NEAR)
    assert not found.candidates or found.verdict is Verdict.NONE


@REPEATABLE
@given(addresses | likely, countries)
def test_a_corrected_address_is_exact(address, country):
    corrected = validate(address, country).corrected

    assert corrected is None or validate(corrected, country).verdict is Verdict.EXACT


@REPEATABLE
@given(addresses | likely, countries)
def test_a_candidate_is_exact_and_another_address(address, country):
    for candidate in validate(address, country).candidates:
        assert candidate != address
        assert validate(candidate, country).verdict is Verdict.EXACT


@REPEATABLE
@given(addresses | likely, countries)
def test_capitals_and_blanks_make_no_difference(address, country):
    names = {*EmergencyAddress.__struct_fields__} - {"display_name"}
    loud = changed(
        address, **{name: f"  {getattr(address, name).upper()} " for name in sorted(names)}
    )

    assert validate(loud, country)[:2] == validate(address, country)[:2]


@REPEATABLE
@given(addresses | likely, countries)
def test_a_name_is_kept_as_it_is(address, country):
    found = validate(address, country)
    told = [*found.candidates, *([found.corrected] if found.corrected else [])]

    assert {each.display_name for each in told} <= {address.display_name}


def test_only_one_beginning_of_a_postal_code_is_of_two_states():
    shared = {}
    for digits in range(1000):
        found = validate(in_us(state="", postal_code=f"{digits:03d}90"), "US").candidates
        if len(found) > 1:
            shared[f"{digits:03d}"] = [each.state for each in found]

    assert shared == {"063": ["CT", "NY"]}
