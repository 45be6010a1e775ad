"""How a request finds its row in the table of `routes`.

The deprecated form of actions, `POST /keys/{id}?action=…`, finds the row of the new form, with the query that is left to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from keyprotect_simulator.faults import Fault, bad_query_parameter
from keyprotect_simulator.routes import KEY, ROUTES, Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keyprotect_simulator.messages import ApiRequest

OLD_ACTIONS = {route.old_action: route for route in ROUTES if route.old_action}


def find_route(request: ApiRequest) -> tuple[Route, dict[str, str], str]:
    """The row of a request, what the names in its path stand for, and the query that is left to the call.

    Raises a Fault of status 404 or 405 when there is none.
    """
    if request.method == "POST":
        old = old_form(request)
        if old is not None:
            return old
    allowed: set[str] = set()
    for path, methods in candidates(request.path):
        names = match(path, request.path)
        if names is None:
            continue
        if request.method in methods:
            return methods[request.method], names, request.query
        allowed |= methods.keys() | ({"POST"} if path == KEY else set())
    raise no_such_call(allowed)


def no_such_call(allowed: set[str]) -> Fault:
    """404 for a path that nobody has, 405 with `Allow` for a method that the path does not take."""
    if not allowed:
        return Fault(404, message="The requested path does not exist")
    return Fault(405, message="The requested path does not take this method", headers=(("Allow", ", ".join(sorted(allowed))),))


def old_form(request: ApiRequest) -> tuple[Route, dict[str, str], str] | None:
    """The row of a deprecated `POST /keys/{id}?action=…`; None when the request is not of that form."""
    names = match(KEY, request.path)
    if names is None:
        return None
    asked = parse_qs(request.query, keep_blank_values=True).get("action", [""])
    if len(asked) != 1 or asked[0] not in OLD_ACTIONS:
        raise bad_query_parameter("action", f"one of {', '.join(sorted(OLD_ACTIONS))}")
    rest = "&".join(part for part in request.query.split("&") if part.partition("=")[0] != "action")
    return OLD_ACTIONS[asked[0]], names, rest


def match(template: str, path: str) -> dict[str, str] | None:
    """What the names in a template stand for in a path; None when it does not fit."""
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    names = {}
    for want, give in zip(wanted, given, strict=True):
        if want.startswith("{") and give:
            names[want[1:-1]] = give
        elif want != give:
            return None
    return names


def candidates(path: str) -> Iterator[tuple[str, Mapping[str, Route]]]:
    """The templates with as many segments as the path, those with fewer names first."""
    return iter(TEMPLATES.get(path.count("/"), ()))


def templates() -> dict[int, list[tuple[str, dict[str, Route]]]]:
    """All templates with their methods, by number of segments."""
    methods: dict[str, dict[str, Route]] = {}
    for route in ROUTES:
        methods.setdefault(route.path, {})[route.method] = route
    by_length: dict[int, list[tuple[str, dict[str, Route]]]] = {}
    for path, table in sorted(methods.items(), key=lambda item: item[0].count("{")):
        by_length.setdefault(path.count("/"), []).append((path, table))
    return by_length


TEMPLATES = templates()
