"""How a door's own OpenAPI document comes to describe its fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import (
    OpenAPIMediaType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from numberline.dialects.fields import Field

FORM = "application/x-www-form-urlencoded"


def operation(
    *,
    query: Iterable[Field[Any]] = (),
    form: Iterable[Field[Any]] = (),
    also: Iterable[str] = (),
) -> type[Operation]:
    """The description of an operation whose handler reads its request by `Field`.

    Args:
        query: The fields of its query.
        form: The fields of its form body.
        also: Media types in which every answer may come besides JSON.
    """
    parameters = [
        Parameter(
            name=field.name,
            param_in="query",
            description=field.description,
            required=field.required,
            schema=Schema(**field.schema),
        )
        for field in query
    ]
    body = _form_body(list(form))
    media_types = tuple(also)

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*parameters] or None
            self.request_body = body
            for response in (self.responses or {}).values():
                json = (getattr(response, "content", None) or {}).get("application/json")
                if json is not None:
                    response.content |= dict.fromkeys(media_types, json)  # type: ignore[union-attr,operator]

    return Described


def _form_body(fields: list[Field[Any]]) -> RequestBody | None:
    if not fields:
        return None
    properties = {
        field.name: Schema(**field.schema, description=field.description) for field in fields
    }
    required = [field.name for field in fields if field.required]
    schema = Schema(type="object", properties=properties, required=required)  # type: ignore[arg-type]
    return RequestBody(content={FORM: OpenAPIMediaType(schema=schema)}, required=True)
