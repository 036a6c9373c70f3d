"""Sinch's messages: its objects, and the platform's words for what they hold.

Names, order and shapes: published traces of the service, and what its SDKs test against. Every
member is in every answer: a text that is not set is empty, an object or a time null.
"""

from typing import Final

import msgspec

from numberline.core.instants import Instant, next_date, to_datetime
from numberline.core.lifecycle import State
from numberline.core.money import amount_text
from numberline.core.offers import Capability, NumberType, Offer
from numberline.core.provisioning import NO_VOICE, SmsLink, Status, Task, VoiceKind, VoiceLink
from numberline.core.rows import NumberRow
from numberline.dialects.wording import NUMBER_MARK, OfferWording, template
from numberline.platform.platform import Platform

encode: Final = msgspec.json.Encoder().encode
"""A message as JSON."""

UNSPECIFIED: Final = "NUMBER_TYPE_UNSPECIFIED"
"""What Sinch calls a number of none of its types; its SDKs know the word."""

TYPES: Final = {
    "MOBILE": (NumberType.MOBILE,),
    "LOCAL": (NumberType.LOCAL, NumberType.NATIONAL),
    "TOLL_FREE": (NumberType.TOLL_FREE,),
}
"""Sinch's number types and the platform's; a premium rate number is of none of them."""

TYPE_WORDS: Final = {NumberType.PREMIUM_RATE: UNSPECIFIED} | {
    type_: word for word, types in TYPES.items() for type_ in types
}

CAPABILITIES: Final = {"SMS": Capability.SMS, "VOICE": Capability.VOICE}
"""Sinch's capabilities; it knows no others."""

VOICE_TYPES: Final[dict[str, VoiceKind]] = {
    "RTC": "application",
    "EST": "trunk",
    "FAX": "fax",
}
"""Sinch's types of voice configuration, and what the platform links a number to."""

_VOICE_WORDS: Final = {kind: word for word, kind in VOICE_TYPES.items()}

STATUSES: Final = {
    Status.WAITING: "WAITING",
    Status.IN_PROGRESS: "IN_PROGRESS",
    Status.FAILED: "FAILED",
}


class Money(msgspec.Struct, frozen=True, rename="camel"):
    """An amount as a decimal, with two places at least."""

    currency_code: str
    amount: str


class AvailableNumber(msgspec.Struct, frozen=True, rename="camel"):
    """A number that can be rented."""

    phone_number: str
    region_code: str
    type: str
    capability: tuple[str, ...]
    setup_price: Money
    monthly_price: Money
    payment_interval_months: int
    supporting_documentation_required: bool


class AvailableNumbers(msgspec.Struct, frozen=True, rename="camel"):
    """What a search has found."""

    available_numbers: tuple[AvailableNumber, ...]


class AvailablePage(msgspec.Struct, frozen=True, rename="camel"):
    """`AvailableNumbers` with numbers that are encoded already."""

    available_numbers: list[msgspec.Raw]


class Region(msgspec.Struct, frozen=True, rename="camel"):
    """A country in which numbers can be rented, and of which types."""

    region_code: str
    region_name: str
    types: tuple[str, ...]


class Regions(msgspec.Struct, frozen=True, rename="camel"):
    """The countries in which numbers can be rented."""

    available_regions: tuple[Region, ...]


class ScheduledProvisioning(msgspec.Struct, frozen=True, rename="camel"):
    """A change of SMS that is under way or has failed."""

    service_plan_id: str
    status: str
    last_updated_time: str
    campaign_id: str
    error_codes: tuple[str, ...]


class SmsConfiguration(msgspec.Struct, frozen=True, rename="camel"):
    """What a number sends and receives for."""

    service_plan_id: str
    scheduled_provisioning: ScheduledProvisioning | None
    campaign_id: str


class ScheduledVoiceProvisioning(msgspec.Struct, frozen=True, rename="camel"):
    """A change of voice that is under way or has failed."""

    app_id: str
    status: str
    last_updated_time: str
    type: str
    trunk_id: str
    service_id: str


class VoiceConfiguration(msgspec.Struct, frozen=True, rename="camel"):
    """What takes a number's calls."""

    app_id: str
    scheduled_voice_provisioning: ScheduledVoiceProvisioning | None
    last_updated_time: None
    type: str
    trunk_id: str
    service_id: str


class ActiveNumber(msgspec.Struct, frozen=True, rename="camel"):
    """A number that the project rents."""

    phone_number: str
    project_id: str
    display_name: str
    region_code: str
    type: str
    capability: tuple[str, ...]
    money: Money
    payment_interval_months: int
    next_charge_date: str
    expire_at: str | None
    sms_configuration: SmsConfiguration
    voice_configuration: VoiceConfiguration
    callback_url: str


class ActiveNumbers(msgspec.Struct, frozen=True, rename="camel"):
    """A page of the numbers that the project rents; without a token it is the last."""

    active_numbers: tuple[ActiveNumber, ...]
    next_page_token: str
    total_size: int


class CallbackConfiguration(msgspec.Struct, frozen=True, rename="camel"):
    """The secret under which a project's events are signed."""

    project_id: str
    hmac_secret: str


class OfferWords(msgspec.Struct, frozen=True):
    """What all numbers of an offer say of themselves at this door."""

    region_code: str
    type: str
    capability: tuple[str, ...]
    monthly_price: Money
    interval_months: int
    available: bytes
    """An available number in JSON, as `template` makes it."""


def capability_words(capabilities: Capability) -> tuple[str, ...]:
    """The capabilities of a number; one that works in one direction counts."""
    return tuple(word for word, both in CAPABILITIES.items() if capabilities & both)


def offer_words(offer: Offer) -> OfferWords:
    """An offer in Sinch's words."""
    number = AvailableNumber(
        phone_number=f"+{NUMBER_MARK}",
        region_code=offer.country,
        type=TYPE_WORDS[offer.type],
        capability=capability_words(offer.capabilities),
        setup_price=Money(offer.currency, amount_text(offer.setup_price_micros)),
        monthly_price=Money(offer.currency, amount_text(offer.monthly_price_micros)),
        payment_interval_months=offer.interval_months,
        supporting_documentation_required=offer.documents_required,
    )
    return OfferWords(
        number.region_code,
        number.type,
        number.capability,
        number.monthly_price,
        offer.interval_months,
        template(encode(number)),
    )


def time_text(instant: int) -> str:
    """An instant with six digits of a second and Z, also where they are zeros."""
    return f"{to_datetime(instant):%Y-%m-%dT%H:%M:%S.%f}Z"


def _sms(link: SmsLink, task: Task[SmsLink] | None) -> SmsConfiguration:
    scheduled = None
    if task is not None:
        scheduled = ScheduledProvisioning(
            service_plan_id=task.wanted.plan_id,
            status=STATUSES[task.status],
            last_updated_time=time_text(task.updated_at),
            campaign_id=task.wanted.campaign_id,
            error_codes=task.error_codes,
        )
    return SmsConfiguration(link.plan_id, scheduled, link.campaign_id)


def _voice_ids(link: VoiceLink) -> tuple[str, str, str, str]:
    """The type of a voice configuration, and its appId, trunkId and serviceId."""
    ids = {kind: link.target_id if kind == link.kind else "" for kind in _VOICE_WORDS}
    word = _VOICE_WORDS.get(link.kind, "RTC")
    return word, ids["application"], ids["trunk"], ids["fax"]


def _voice(link: VoiceLink, task: Task[VoiceLink] | None) -> VoiceConfiguration:
    scheduled = None
    # A change that was given up and is being taken back is nobody's wish.
    if task is not None and task.wanted != link:
        type_, app_id, trunk_id, service_id = _voice_ids(
            task.wanted if task.wanted.target_id else VoiceLink(link.kind)
        )
        scheduled = ScheduledVoiceProvisioning(
            app_id=app_id,
            status=STATUSES[task.status],
            last_updated_time=time_text(task.updated_at),
            type=type_,
            trunk_id=trunk_id,
            service_id=service_id,
        )
    type_, app_id, trunk_id, service_id = _voice_ids(link if link.target_id else NO_VOICE)
    return VoiceConfiguration(app_id, scheduled, None, type_, trunk_id, service_id)


class Wording(OfferWording[OfferWords]):
    """Numbers in Sinch's words."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self._clock = platform.clock

    def word(self, offer: Offer) -> OfferWords:
        """An offer in Sinch's words."""
        return offer_words(offer)

    def active(self, row: NumberRow, project_id: str) -> ActiveNumber:
        """A rented number; one that was given back ends when it would be charged next."""
        words = self.offer(row.offer_id)
        interval_months = row.interval_months or words.interval_months
        ends_at = row.due_at if row.state is State.EXPIRING else None
        rented_at = row.rented_at or Instant(0)
        charged_at = ends_at or next_date(rented_at, interval_months, self._clock.now())
        provisioning = row.provisioning
        return ActiveNumber(
            phone_number=f"+{row.number}",
            project_id=project_id,
            display_name=row.configuration.display_name,
            region_code=words.region_code,
            type=words.type,
            capability=words.capability,
            money=words.monthly_price,
            payment_interval_months=interval_months,
            next_charge_date=time_text(charged_at),
            expire_at=time_text(ends_at) if ends_at else None,
            sms_configuration=_sms(provisioning.sms, provisioning.sms_task),
            voice_configuration=_voice(provisioning.voice, provisioning.voice_task),
            callback_url=provisioning.callback_url,
        )
