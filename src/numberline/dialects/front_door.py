"""What every front door is to the server."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.types import Receive, Scope

from numberline.dialects.answers import Answer

DOCUMENT_PATHS: Final = frozenset({"", "openapi.json", "swagger"})
"""What stands below ``docs/`` and a door's name; the rest is the door's to say not found."""


VERB: Final = "/:"
"""How a verb begins once it is a step of its own."""

Endpoint = Callable[[Scope, Receive], Awaitable[Answer]]
"""Reads a request and answers it, whatever it is; raises nothing."""


PATHS_MAX: Final = 4_096
PATH_LENGTH_MAX: Final = 256
"""How many paths with parameters are remembered with what they mean, and how long those are."""


class Endpoints:
    """Endpoints by method and path, for the server to call without the framework between.

    The framework's routing took a third of a search. A step of a path that stands in braces is a
    parameter; what a request has in its place goes into the scope, where the framework puts it.

    Below some roots a path may end in a verb, such as ``.../+12015550100:release``, which counts
    as a step of its own.

    Attributes:
        verb_roots: The starts of the paths that may end in a verb.
        plain: The endpoints of paths without parameters, by method and path.
        templates: Those of paths with parameters, by method, first step and number of steps.
    """

    def __init__(self) -> None:
        self.verb_roots: tuple[str, ...] = ()
        self.plain: dict[tuple[str, str], Endpoint] = {}
        self.templates: dict[tuple[str, str, int], list[tuple[list[str], Endpoint]]] = {}
        self._found: dict[tuple[str, str], tuple[Endpoint, dict[str, str]]] = {}

    def add(self, method: str, path: str, endpoint: Endpoint) -> None:
        """Let an endpoint answer a method of a path such as ``/v1/phone-numbers/{number}``."""
        path = self.routed(path)
        if "{" not in path:
            self.plain[method, path] = endpoint
            return
        steps = path.split("/")
        key = method, steps[1], len(steps)
        self.templates.setdefault(key, []).append((steps, endpoint))

    def join(self, other: "Endpoints") -> None:
        """Take in the endpoints of a door."""
        self.verb_roots += other.verb_roots
        self.plain |= other.plain
        for key, templates in other.templates.items():
            self.templates.setdefault(key, []).extend(templates)

    def routed(self, path: str) -> str:
        """A path as it is looked up: with its verb, if it may end in one, as a step of its own."""
        head, slash, step = path.rpartition("/")
        if ":" not in step or not path.startswith(self.verb_roots):
            return path
        if step[0] == ":":  # a verb of nothing, which no path has
            return f"{head}/:{step}"
        return head + slash + step.replace(":", VERB, 1)

    def find(self, scope: Any) -> Endpoint | None:
        """The endpoint of a request, or None where no operation is meant."""
        method, path = scope["method"], scope["path"]
        if ":" in path:
            path = self.routed(path)
        endpoint = self.plain.get((method, path))
        if endpoint is not None:
            return endpoint
        found = self._found.get((method, path)) or self._match(method, path)
        if found is None:
            return None
        endpoint, scope["path_params"] = found
        return endpoint

    def _match(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The endpoint of a template, and what the path has in the place of its parameters."""
        steps = path.split("/")
        if len(steps) == 1:
            return None
        # A verb is meant as it is: it stands for no parameter.
        is_verb = steps[-1][:1] == ":" and path.startswith(self.verb_roots)
        for template, endpoint in self.templates.get((method, steps[1], len(steps)), ()):
            if is_verb and template[-1] != steps[-1]:
                continue
            values = _values(template, steps)
            if values is not None:
                if len(self._found) >= PATHS_MAX:
                    self._found.clear()
                if len(path) <= PATH_LENGTH_MAX:
                    self._found[method, path] = endpoint, values
                return endpoint, values
        return None


def _values(template: Iterable[str], steps: Iterable[str]) -> dict[str, str] | None:
    """What a path has in the place of a template's parameters; None where it is another path."""
    values = {}
    for wanted, step in zip(template, steps, strict=True):
        if wanted == step:
            continue
        if not step or not wanted.startswith("{"):
            return None
        values[wanted[1:-1]] = step
    return values


class FrontDoor(msgspec.Struct, frozen=True):
    """A door: an ASGI application, and which requests are its own.

    `endpoints` are the door's operations. The application knows them too, describes them, and
    answers everything else.

    A request is a door's when its path starts with the door's name, with one of `segments`, or
    with ``docs/`` and the name, or when its Host is one of `hosts`.
    """

    name: str
    app: Litestar
    endpoints: Endpoints
    segments: frozenset[str]
    hosts: frozenset[str]
