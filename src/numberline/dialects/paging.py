"""Pages that begin behind the last number of the page before, by a token."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from msgspec import UNSET, UnsetType

from numberline.core.errors import InvalidValue
from numberline.dialects.fields import Field
from numberline.dialects.wire import Parameters
from numberline.platform.page_tokens import PageTokens, Position

Found = TypeVar("Found")


def its_number(result: Any) -> Position:
    """Where a list by number stands at a result."""
    number: int = result.number
    return number


class Paging:
    """The page of a list that a request asks for.

    Attributes:
        limit: How many results the page has at most.
        after: Where the page before ended, or None where this is the first.
        wanted: How many results to look for: one more tells whether another page follows.
    """

    def __init__(
        self,
        tokens: PageTokens,
        parameters: Parameters,
        list_: str,
        *,
        token_field: Field[str],
        limit: int,
    ) -> None:
        """Read the token of a request.

        Args:
            tokens: What reads and issues tokens.
            parameters: The request's.
            list_: What tells the list from every other, as `PageTokens.issue` says.
            token_field: The field in which the token stands.
            limit: How many results the page has at most.

        Raises:
            InvalidValue: The token is not of this list.
        """
        self.limit: Final = limit
        self.wanted: Final = limit + 1
        self.after: Position | None = None
        self._tokens, self._list = tokens, list_
        token = token_field.read(parameters)
        if token is not None:
            self.after = tokens.read(list_, token)
            if self.after is None:
                raise InvalidValue(token_field.name, "Must be a token of this very list.")

    @property
    def after_number(self) -> int | None:
        """Where the page before ended, in a list by number."""
        return self.after if isinstance(self.after, int) else None

    def cut(
        self, found: Sequence[Found], position: Callable[[Found], Position] = its_number
    ) -> tuple[Sequence[Found], str | UnsetType]:
        """The results of the page, and the token of the next one where there is one.

        Args:
            found: What was found, of which one may be too many.
            position: Where the list stands at a result.
        """
        if len(found) <= self.limit:
            return found, UNSET
        page = found[: self.limit]
        return page, self._tokens.issue(self._list, position(page[-1]))
