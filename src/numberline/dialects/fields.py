"""Fields of requests: how each is read and how a door's document describes it, in one place."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, TypeVar

from numberline.core.countries import parse_country
from numberline.core.errors import InvalidValue, MissingValue
from numberline.core.numbers import parse_number
from numberline.dialects.wire import NotPlain, Parameters
from numberline.stock import PATTERN_LENGTH_MAX

TEXT_MAX: Final = 2_048
"""The longest value that any field takes."""

SEEN_MAX: Final = 1_024
SEEN_LENGTH_MAX: Final = 32
"""How many values a field remembers to have read, and how long those are: a client says the
same few again and again."""

PATTERN_CHARACTERS: Final = frozenset("0123456789*")

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class Field(Generic[T]):
    """A parameter of a request.

    Attributes:
        name: The name under which the vendor documents it.
        aliases: Other names that clients send.
        description: What it is for, for the door's document.
        schema: The OpenAPI schema of its values.
        required: Whether a request without it is refused.
    """

    def __init__(  # noqa: PLR0913  a declaration names all that it declares
        self,
        name: str,
        parse: Callable[[str, str], T],
        *,
        description: str,
        schema: dict[str, Any],
        aliases: Iterable[str] = (),
        required: bool = False,
    ) -> None:
        self.name = name
        self.names = (name, *aliases)
        self.description = description
        self.schema = schema
        self.required = required
        self._parse = parse
        self._seen: dict[str, T] = {}
        self._seen_lists: dict[tuple[str, str | None], tuple[T, ...]] = {}

    def read(self, parameters: Parameters) -> T | None:
        """The value that a request holds, or None where it is left out or empty.

        Raises:
            InvalidValue: It is there and none of its kind, or required and not there.
        """
        text = parameters.first(*self.names)
        if not text:
            if self.required:
                raise MissingValue(self.name)
            return None
        value = self._seen.get(text) if type(text) is str else None
        return self._read_anew(text) if value is None else value

    def _read_anew(self, text: str) -> T:
        value = self._parse(self.name, check_text(self.name, text))
        _remember(self._seen, text, value, len(text))
        return value

    def named_in(self, parameters: Parameters) -> bool:
        """Whether a request names the field, be it with an empty value."""
        return parameters.has(*self.names)

    def read_list(self, parameters: Parameters, separator: str | None = None) -> tuple[T, ...]:
        """Every value that a request holds, where there may be several.

        Args:
            parameters: The request's.
            separator: What may stand between several values in one text.
        """
        values: tuple[T, ...] = ()
        for text in parameters.all(self.names):
            seen = self._seen_lists.get((text, separator)) if type(text) is str else None
            values += self._read_list_anew(text, separator) if seen is None else seen
        return values

    def _read_list_anew(self, text: str, separator: str | None) -> tuple[T, ...]:
        check_text(self.name, text)
        parts = text.split(separator) if separator else [text]
        values = tuple(self._parse(self.name, part) for part in parts if part.strip())
        _remember(self._seen_lists, (text, separator), values, len(text))
        return values

    def need(self, parameters: Parameters) -> T:
        """The value of a required field."""
        value = self.read(parameters)
        if value is None:
            raise MissingValue(self.name)
        return value


def _remember(seen: dict[K, V], key: K, value: V, length: int) -> None:
    """Keep what a text was read as, unless it is long."""
    if len(seen) >= SEEN_MAX:
        seen.clear()
    if length <= SEEN_LENGTH_MAX:
        seen[key] = value


def check_text(name: str, text: str) -> str:
    """A plain text that is short enough and holds no control characters.

    Raises:
        InvalidValue: It is not.
    """
    if isinstance(text, NotPlain):
        raise InvalidValue(name, "Must be a plain value.")
    if len(text) > TEXT_MAX:
        raise InvalidValue(name, f"Must be at most {TEXT_MAX} characters long.")
    if _CONTROL.search(text):
        raise InvalidValue(name, "Must not hold control characters.")
    return text


def integer(lowest: int, highest: int) -> Callable[[str, str], int]:
    """Reads a whole number between two bounds."""

    def parse(name: str, text: str) -> int:
        if not _INTEGER.fullmatch(text.strip()):
            raise InvalidValue(name, "Must be a whole number.")
        value = int(text)
        if not lowest <= value <= highest:
            raise InvalidValue(name, f"Must be between {lowest} and {highest}.")
        return value

    return parse


def choice(values: dict[str, T]) -> Callable[[str, str], T]:
    """Reads one of several words, in any case, as what it stands for."""
    words = {word.lower(): value for word, value in values.items()}

    def parse(name: str, text: str) -> T:
        try:
            return words[text.strip().lower()]
        except KeyError:
            raise InvalidValue(name, f"Must be one of {', '.join(values)}.") from None

    return parse


FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}
"""How clients write a boolean: Python sends ``True``, PHP ``1``."""


def flag(name: str, text: str) -> bool:
    """Reads a boolean in any of the ways in which clients write one."""
    value = FLAGS.get(text.strip().lower())
    if value is None:
        raise InvalidValue(name, "Must be true or false.")
    return value


def text_value(name: str, text: str) -> str:  # noqa: ARG001  every field's parser takes a name
    """Reads any text."""
    return text


def country(name: str, text: str) -> str:
    """Reads an ISO 3166-1 alpha-2 code in either case."""
    code = parse_country(text)
    if code is None:
        raise InvalidValue(name, "Must be a two-letter country code (ISO 3166-1 alpha-2).")
    return code


def msisdn(name: str, text: str) -> int:
    """Reads a full international number, with or without ``+``."""
    number = parse_number(text)
    if number is None:
        raise InvalidValue(name, "Must be a number in E.164 format, 7 to 15 digits.")
    return number


def digits(name: str, text: str) -> str:
    """Reads digits to look for, with ``*`` for any; a leading ``+`` is passed over."""
    found = text.strip().removeprefix("+")
    if len(found) > PATTERN_LENGTH_MAX:
        raise InvalidValue(name, f"Must be at most {PATTERN_LENGTH_MAX} characters long.")
    if not set(found) <= PATTERN_CHARACTERS:
        raise InvalidValue(name, "Must hold digits only, with * for any digits.")
    return found


def web_url(name: str, text: str) -> str:
    """Reads an absolute http or https URL."""
    scheme, separator, rest = text.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme.lower() not in ("http", "https") or not separator or not host:
        raise InvalidValue(name, "Must be an absolute http or https URL.")
    if re.search(r"\s", text):
        raise InvalidValue(name, "Must not hold blanks.")
    return text
