"""Vonage's requests: their fields, and what the platform understands by them."""

from typing import Final

import msgspec

from numberline.core.errors import InvalidValue
from numberline.core.rows import NO_CONFIGURATION, Configuration
from numberline.dialects.fields import (
    Field,
    choice,
    country,
    digits,
    flag,
    integer,
    msisdn,
    text_value,
    web_url,
)
from numberline.dialects.vonage.messages import FEATURE_WORDS, TYPES
from numberline.dialects.wire import Parameters
from numberline.stock import Pattern

SIZE_DEFAULT: Final = 10
SIZE_MAX: Final = 100
INDEX_MAX: Final = 1_000_000_000
STARTS, CONTAINS, ENDS = 0, 1, 2
"""The values of `search_pattern`."""

PATTERN_PLACES: Final = {
    STARTS: Pattern.starts_with,
    CONTAINS: Pattern.contains,
    ENDS: Pattern.ends_with,
}

_TEXT: Final = {"type": "string"}
_COUNTRY: Final = {"type": "string", "min_length": 2, "max_length": 2, "examples": ["GB"]}
_MSISDN: Final = {"type": "string", "examples": ["447700900000"]}

COUNTRY: Final = Field(
    "country",
    country,
    description="The country, as an ISO 3166-1 alpha-2 code in either case.",
    schema=_COUNTRY,
)
NEEDED_COUNTRY: Final = Field(
    "country",
    country,
    description="The country of the number, as an ISO 3166-1 alpha-2 code in either case.",
    schema=_COUNTRY,
    required=True,
)
MSISDN: Final = Field(
    "msisdn",
    msisdn,
    description="The number in E.164 format, without or with a leading +.",
    schema=_MSISDN,
    required=True,
)
TARGET_API_KEY: Final = Field(
    "target_api_key",
    text_value,
    description="The api_key of a sub-account for which to act; else it is for the caller.",
    schema=_TEXT,
)
TYPE: Final = Field(
    "type",
    choice(TYPES),
    description="Which type of number to look for.",
    schema={"type": "string", "enum": list(TYPES)},
)


PATTERN: Final = Field(
    "pattern",
    digits,
    description="Digits to look for, from the country code on; * stands for any digits.",
    schema={"type": "string", "examples": ["4477"]},
)
SEARCH_PATTERN: Final = Field(
    "search_pattern",
    integer(STARTS, ENDS),
    description="Where the pattern stands: 0 at the start, 1 anywhere, 2 at the end.",
    schema={"type": "integer", "enum": [STARTS, CONTAINS, ENDS], "default": STARTS},
)
FEATURES: Final = Field(
    "features",
    choice(FEATURE_WORDS),
    description="Features that a number must have, all of them, separated by commas.",
    schema={"type": "string", "examples": ["SMS,VOICE"]},
)
SIZE: Final = Field(
    "size",
    integer(1, SIZE_MAX),
    description="How many numbers a page holds.",
    schema={"type": "integer", "minimum": 1, "maximum": SIZE_MAX, "default": SIZE_DEFAULT},
)
INDEX: Final = Field(
    "index",
    integer(1, INDEX_MAX),
    description="Which page, from 1; the page after the last is an empty object.",
    schema={"type": "integer", "minimum": 1, "default": 1},
)
APPLICATION_ID: Final = Field(
    "application_id",
    text_value,
    description="Only numbers linked to this application.",
    schema=_TEXT,
)
HAS_APPLICATION: Final = Field(
    "has_application",
    flag,
    description="Only numbers that are, or are not, linked to any application.",
    schema={"type": "boolean"},
)

SEARCH_FIELDS: Final = (
    NEEDED_COUNTRY,
    TYPE,
    PATTERN,
    SEARCH_PATTERN,
    FEATURES,
    SIZE,
    INDEX,
)
OWNED_FIELDS: Final = (
    APPLICATION_ID,
    HAS_APPLICATION,
    COUNTRY,
    PATTERN,
    SEARCH_PATTERN,
    SIZE,
    INDEX,
)
NUMBER_FIELDS: Final = (NEEDED_COUNTRY, MSISDN, TARGET_API_KEY)

APP_ID: Final = Field(
    "app_id",
    text_value,
    description="The application that handles the number's inbound traffic.",
    schema=_TEXT,
)
MO_HTTP_URL: Final = Field(
    "moHttpUrl",
    web_url,
    aliases=("mo_http_url",),
    description="The webhook for inbound messages; an empty text removes it.",
    schema=_TEXT,
)
MO_SMPP_SYS_TYPE: Final = Field(
    "moSmppSysType",
    text_value,
    aliases=("mo_smpp_sys_type", "mo_smpp_sytem_type"),
    description="The system type of the SMPP client.",
    schema=_TEXT,
)
VOICE_CALLBACK_TYPE: Final = Field(
    "voiceCallbackType",
    choice({"sip": "sip", "tel": "tel", "app": "app", "vxml": "vxml"}),
    aliases=("voice_callback_type",),
    description="Where inbound calls go; needs voiceCallbackValue. app is deprecated.",
    schema={"type": "string", "enum": ["sip", "tel", "app", "vxml"]},
)
VOICE_CALLBACK_VALUE: Final = Field(
    "voiceCallbackValue",
    text_value,
    aliases=("voice_callback_value",),
    description="A SIP URI, a telephone number or an application; needs voiceCallbackType.",
    schema=_TEXT,
)
VOICE_STATUS_CALLBACK: Final = Field(
    "voiceStatusCallback",
    web_url,
    aliases=("voice_status_callback",),
    description="The webhook that learns of the end of a call.",
    schema=_TEXT,
)
MESSAGES_CALLBACK_TYPE: Final = Field(
    "messagesCallbackType",
    choice({"app": "app"}),
    aliases=("messages_callback_type",),
    description="Deprecated for app_id: always app; needs messagesCallbackValue.",
    schema={"type": "string", "enum": ["app"]},
)
MESSAGES_CALLBACK_VALUE: Final = Field(
    "messagesCallbackValue",
    text_value,
    aliases=("messages_callback_value",),
    description="Deprecated for app_id: the application; needs messagesCallbackType.",
    schema=_TEXT,
)
SETTING_FIELDS: Final = (
    APP_ID,
    MO_HTTP_URL,
    MO_SMPP_SYS_TYPE,
    VOICE_CALLBACK_TYPE,
    VOICE_CALLBACK_VALUE,
    VOICE_STATUS_CALLBACK,
    MESSAGES_CALLBACK_TYPE,
    MESSAGES_CALLBACK_VALUE,
)
UPDATE_FIELDS: Final = (NEEDED_COUNTRY, MSISDN, *SETTING_FIELDS)


def read_pattern(parameters: Parameters) -> Pattern | None:
    """What a number's whole digits must match, from `pattern` and `search_pattern`."""
    place = SEARCH_PATTERN.read(parameters) or STARTS
    wanted = PATTERN.read(parameters)
    return None if wanted is None else PATTERN_PLACES[place](wanted)


# --- settings of a number -------------------------------------------------------------------


class Update(msgspec.Struct, frozen=True):
    """What an update asks for: the settings that it names, an empty text to clear one.

    `linked_by_voice` is the application that an old client links by voiceCallbackType=app.
    """

    named: dict[str, str]
    linked_by_voice: str = ""

    def over(self, current: Configuration, *, merge: bool) -> Configuration:
        """The configuration that the number gets.

        Args:
            current: What it has until now.
            merge: Whether a setting that the update does not name stays; else it is cleared,
                which is how Vonage has been seen to behave.
        """
        named = dict(self.named)
        # Clients that unlink by leaving app_id out echo the voice setting that they were shown,
        # so an application that is linked already is not linked anew by it.
        if self.linked_by_voice and self.linked_by_voice != current.application_id:
            named.setdefault("application_id", self.linked_by_voice)
        return msgspec.structs.replace(current if merge else NO_CONFIGURATION, **named)


_SINGLE_SETTINGS: Final = {
    APP_ID: "application_id",
    MO_HTTP_URL: "sms_webhook_url",
    MO_SMPP_SYS_TYPE: "smpp_system_type",
    VOICE_STATUS_CALLBACK: "voice_status_url",
}


def read_update(parameters: Parameters) -> Update:
    """The settings that a request names.

    Raises:
        InvalidValue: A value is bad, or one of a pair is missing.
    """
    named = {
        setting: field.read(parameters) or ""
        for field, setting in _SINGLE_SETTINGS.items()
        if field.named_in(parameters)
    }
    _, messages_id = _pair(parameters, MESSAGES_CALLBACK_TYPE, MESSAGES_CALLBACK_VALUE)
    if MESSAGES_CALLBACK_TYPE.named_in(parameters):
        named["messages_application_id"] = messages_id
    route, target = _pair(parameters, VOICE_CALLBACK_TYPE, VOICE_CALLBACK_VALUE)
    if route == "app":
        return Update(named | {"voice_route": "", "voice_target": ""}, target)
    if VOICE_CALLBACK_TYPE.named_in(parameters):
        named |= {"voice_route": route, "voice_target": target}
    return Update(named)


def _pair(parameters: Parameters, type_: Field[str], value: Field[str]) -> tuple[str, str]:
    """Two fields that stand only together."""
    type_given, value_given = type_.read(parameters), value.read(parameters)
    if type_given and not value_given:
        raise InvalidValue(value.name, f"Is required with {type_.name}.")
    if value_given and not type_given:
        raise InvalidValue(type_.name, f"Is required with {value.name}.")
    return type_given or "", value_given or ""
