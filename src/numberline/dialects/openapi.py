"""How a door's own OpenAPI document comes to describe its fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from numberline.dialects.answers import JSON
from numberline.dialects.fields import Field

FORM = "application/x-www-form-urlencoded"


class Description(NamedTuple):
    """How an operation appears in the door's document."""

    operation: type[Operation]
    responses: Mapping[int, ResponseSpec]


def operation(  # noqa: PLR0913  a description says all of its operation
    *,
    path: Iterable[Field[Any]] = (),
    query: Iterable[Field[Any]] = (),
    form: Iterable[Field[Any]] = (),
    json: Iterable[Field[Any]] = (),
    responses: Mapping[int, ResponseSpec],
    also: Iterable[str] = (),
) -> Description:
    """The description of an operation whose handler reads its request by `Field`.

    Args:
        path: The fields of its path.
        query: The fields of its query.
        form: The fields of its body where that is a form.
        json: The fields of its body where that is JSON.
        responses: Its answers by status, and no others.
        also: Media types in which every answer may come besides JSON.
    """
    parameters = [
        Parameter(
            name=field.name,
            param_in=place,
            description=field.description,
            required=field.required,
            schema=Schema(**field.schema),
        )
        for place, fields in (("path", path), ("query", query))
        for field in fields
    ]
    body = _body(FORM, list(form)) or _body(JSON, list(json))
    media_types = tuple(also)

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*parameters] or None
            self.request_body = body
            known = self.responses or {}
            self.responses = {status: known[status] for status in map(str, sorted(responses))}
            for response in self.responses.values():
                content = (getattr(response, "content", None) or {}).get(JSON)
                if content is not None:
                    response.content |= dict.fromkeys(media_types, content)  # type: ignore[union-attr,operator]

    return Description(Described, responses)


def answered(container: type[Any] | None, description: str) -> ResponseSpec:
    """The description of an answer: what its body holds, and when it is given."""
    return ResponseSpec(container, generate_examples=False, description=description)


def _body(media_type: str, fields: list[Field[Any]]) -> RequestBody | None:
    if not fields:
        return None
    schema = _object(fields)
    return RequestBody(
        content={media_type: OpenAPIMediaType(schema=schema)}, required=bool(schema.required)
    )


def _object(fields: list[Field[Any]]) -> Schema:
    """The schema of an object; what stands before a dot in a name is an object in it."""
    properties: dict[str, Any] = {}
    inner: dict[str, list[Field[Any]]] = {}
    for field in fields:
        name, dot, _ = field.name.partition(".")
        if dot:
            inner.setdefault(name, []).append(field)
        else:
            properties[name] = Schema(**field.schema, description=field.description)
    for name, members in inner.items():
        properties[name] = Schema(
            type=[OpenAPIType.OBJECT, OpenAPIType.NULL],
            properties={
                member.name.partition(".")[2]: Schema(
                    **member.schema, description=member.description
                )
                for member in members
            },
            min_properties=1,
        )
    required = [field.name for field in fields if field.required]
    return Schema(type=OpenAPIType.OBJECT, properties=properties, required=required)
