"""Pages that begin behind the last number of the page before, by a token."""

from collections.abc import Sequence
from typing import Final, TypeVar

from msgspec import UNSET, UnsetType

from numberline.core.errors import InvalidValue
from numberline.core.rows import NumberRow
from numberline.dialects.fields import Field
from numberline.dialects.wire import Parameters
from numberline.platform.page_tokens import PageTokens
from numberline.stock import Hit

Found = TypeVar("Found", Hit, NumberRow)


class Paging:
    """The page of a list that a request asks for.

    Attributes:
        limit: How many results the page has at most.
        after: The last number of the page before, or None where this is the first.
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
        self.after: int | None = None
        self._tokens, self._list = tokens, list_
        token = token_field.read(parameters)
        if token is not None:
            self.after = tokens.read(list_, token)
            if self.after is None:
                raise InvalidValue(token_field.name, "Must be a token of this very list.")

    def cut(self, found: Sequence[Found]) -> tuple[Sequence[Found], str | UnsetType]:
        """The results of the page, and the token of the next one where there is one."""
        if len(found) <= self.limit:
            return found, UNSET
        page = found[: self.limit]
        return page, self._tokens.issue(self._list, page[-1].number)
