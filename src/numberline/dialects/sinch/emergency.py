"""The operations on a number's emergency address."""

from typing import Final, TypeAlias

import msgspec

from numberline.core.emergency import (
    COUNTRIES,
    NO_EMERGENCY_ADDRESS,
    EmergencyAddress,
    Validation,
    Verdict,
    validate,
)
from numberline.core.errors import InvalidValue
from numberline.core.provisioning import Setup
from numberline.core.rows import NumberRow
from numberline.dialects import shell
from numberline.dialects.fields import Field
from numberline.dialects.sinch import requests as asked
from numberline.dialects.sinch.errors import ResourceNotFound
from numberline.dialects.sinch.messages import Wording

Call: TypeAlias = shell.Call[Wording]

RESULTS: Final = {
    Verdict.EXACT: "EXACT_MATCH",
    Verdict.NEAR: "NEAR_MATCH",
    Verdict.NONE: "NO_MATCH",
}


class Address(msgspec.Struct, frozen=True, rename="camel"):
    """An address; a part that it does not have is empty."""

    street_number: str
    street_info: str
    location: str
    city: str
    state: str
    postal_code: str
    postal_code_plus_four: str

    @classmethod
    def of(cls, address: EmergencyAddress) -> "Address":
        """An emergency address in Sinch's words."""
        return cls(*(getattr(address, name) for name in cls.__struct_fields__))


class AddressValidation(msgspec.Struct, frozen=True, rename="camel"):
    """What was found out about an address."""

    phone_number: str
    display_name: str
    validated_address: Address
    validation_result: str
    validation_message: str
    corrected_address: Address | None
    candidate_addresses: tuple[Address, ...]


class Nothing(msgspec.Struct, frozen=True):
    """An answer that has nothing to tell."""


def _part(name: str, description: str, *, required: bool = True) -> Field[str]:
    return Field(
        f"address.{name}",
        asked.identifier,
        aliases=asked.spellings(f"address.{name}"),
        description=description,
        schema={"type": "string", "max_length": asked.ID_LENGTH_MAX},
        required=required,
    )


DISPLAY_NAME: Final = Field(
    "displayName",
    asked.identifier,
    aliases=asked.spellings("displayName"),
    description="Who is there.",
    schema={"type": "string", "max_length": asked.ID_LENGTH_MAX},
    required=True,
)
PARTS: Final = {
    "street_number": _part("streetNumber", "The number of the house."),
    "street_info": _part("streetInfo", "The street."),
    "location": _part("location", "The floor or the door.", required=False),
    "city": _part("city", "The city."),
    "state": _part("state", "The state or province, by its two letters or its name."),
    "postal_code": _part("postalCode", "The postal code."),
    "postal_code_plus_four": _part("postalCodePlusFour", "Its last four digits.", required=False),
}
FIELDS: Final[tuple[Field[str], ...]] = (DISPLAY_NAME, *PARTS.values())


def read_address(call: Call) -> EmergencyAddress:
    """The address that a request holds.

    Raises:
        InvalidValue: A part is missing or bad.
    """
    parts = {name: field.read(call.parameters) or "" for name, field in PARTS.items()}
    return EmergencyAddress(display_name=DISPLAY_NAME.need(call.parameters), **parts)


async def _number(call: Call) -> NumberRow:
    number = asked.PHONE_NUMBER.need(call.parameters)
    return await call.platform.owned_number(call.caller.account_id, number)


def _validation(call: Call, row: NumberRow, address: EmergencyAddress) -> Validation:
    country = call.platform.offer(row.offer_id).country
    if country not in COUNTRIES:
        raise InvalidValue("phoneNumber", "Must be a number of the US or of Canada.")
    return validate(address, country)


async def view_address(call: Call) -> Address:
    """Show the emergency address of a number."""
    row = await _number(call)
    address = row.configuration.emergency_address
    if address == NO_EMERGENCY_ADDRESS:
        raise ResourceNotFound("EmergencyAddress", "Missing E911 feature")
    return Address.of(address)


async def validate_address(call: Call) -> AddressValidation:
    """Say whether an address may be a number's emergency address, without making it one."""
    row, address = await _number(call), read_address(call)
    found = _validation(call, row, address)
    return AddressValidation(
        phone_number=f"+{row.number}",
        display_name=address.display_name,
        validated_address=Address.of(address),
        validation_result=RESULTS[found.verdict],
        validation_message="|".join(found.messages),
        corrected_address=Address.of(found.corrected) if found.corrected else None,
        candidate_addresses=tuple(map(Address.of, found.candidates)),
    )


async def provision_address(call: Call) -> Address:
    """Give a number an emergency address, which must be a valid one."""
    row, address = await _number(call), read_address(call)
    found = _validation(call, row, address)
    if found.verdict is Verdict.NONE:
        raise InvalidValue("address", "; ".join(found.messages) + ".")
    await _keep(call, row.number, address)
    return Address.of(address)


async def deprovision_address(call: Call) -> Nothing:
    """Take a number's emergency address away."""
    await view_address(call)
    await _keep(call, asked.PHONE_NUMBER.need(call.parameters), NO_EMERGENCY_ADDRESS)
    return Nothing()


async def _keep(call: Call, number: int, address: EmergencyAddress) -> None:
    setup = Setup(emergency_address=address)
    await call.platform.set_up(call.caller.account_id, number, setup)
