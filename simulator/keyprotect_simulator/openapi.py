"""The OpenAPI document of the simulated calls, written from the tables of the code: `routes`, `described`, `parameters`, the error codes.

It is served at `/_simulator/openapi.json` and kept in docs/key-protect-openapi.json; `python -m keyprotect_simulator.documentation` renews
that file, and a test holds it to the code. The rules of a field or parameter that no schema can say stand in its description.
"""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from keyprotect_simulator.described import DESCRIBED, UNDESCRIBED, Described
from keyprotect_simulator.described_iam import DESCRIBED_IAM, UNDESCRIBED_IAM, DescribedIam
from keyprotect_simulator.faults import ERROR_CODES
from keyprotect_simulator.iam.faults import IAM_ERRORS
from keyprotect_simulator.iam.service import IAM_ROUTES
from keyprotect_simulator.keys import bodies
from keyprotect_simulator.messages import JSON
from keyprotect_simulator.openapi_schemas import ANYTHING, SCHEMAS, TEXT, UUID, exactly
from keyprotect_simulator.refusals import statuses_of
from keyprotect_simulator.roles import PERMISSIONS, Role
from keyprotect_simulator.routes import KEY, KEYS, ROUTES, Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keyprotect_simulator.iam.calls import IamRoute
    from keyprotect_simulator.keys.bodies import Field
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.parameters import Parameter

TYPES: dict[Any, Json] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    list: {"type": "array", "items": TEXT},
    dict: {"type": "object"},
}
WITH_A_BODY = ("POST", "PUT", "PATCH")
BOUNDS = re.compile(r"an integer between (\d+) and (\d+) \(inclusive\)")
LENGTH = re.compile(r"a string between (\d+) and (\d+) characters \(inclusive\)")


@cache
def openapi_document() -> Json:
    """The whole document."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "IBM Key Protect and IAM, as keyprotect_simulator answers them",
            "version": "2.0.0",
            "description": "A simulation; docs/simulator.md says how each behaviour is known. Not IBM's document.",
        },
        "servers": [{"url": "http://127.0.0.1:8080"}],
        "security": [{"iam": []}],
        "paths": paths(),
        "components": {
            "schemas": SCHEMAS,
            "responses": refusal_components(),
            "securitySchemes": {"iam": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def paths() -> Json:
    """Every path with its operations."""
    found: dict[str, Json] = {}
    for route in ROUTES:
        found.setdefault(route.path, {})[route.method.lower()] = operation(route)
    found[KEY]["post"] = deprecated_operation()
    for iam_route in IAM_ROUTES:
        found.setdefault(iam_route.path, {})[iam_route.method.lower()] = iam_operation(iam_route)
    return found


def iam_operation(route: IamRoute) -> Json:
    """One call of IAM."""
    described = DESCRIBED_IAM.get(f"{route.method} {route.path}", UNDESCRIBED_IAM)
    answer: Json = {"description": HTTPStatus(described.status).phrase}
    if described.answer:
        answer["content"] = {JSON: {"schema": {"$ref": f"#/components/schemas/{described.answer}"}}}
    body: Json = {}
    if described.body is not None:
        schema = object_schema(described.body)
        body = {
            "requestBody": {"required": True, "content": {described.media_type: {"schema": schema | {"required": [*described.required]}}}}
        }
    return {
        "operationId": operation_id(route.method, route.path),
        "tags": ["IAM"],
        **({"security": []} if described.open else {}),
        "parameters": path_parameters(route.path),
        **body,
        "responses": {str(described.status): answer, **refusals(iam_error_statuses(route, described), "IamError")},
    }


def iam_error_statuses(route: IamRoute, described: DescribedIam) -> set[int]:
    """The statuses of the refusals that a call of IAM can give, by what it is."""
    found = {400} if described.body is not None or route.method == "GET" else set()
    if not described.open:
        found |= {401, 403}
    if "{" in route.path or route.path.endswith("/details"):
        found.add(404)
    if route.writes:
        found.add(409)
    return found | {413}


def operation(route: Route) -> Json:
    """One call of Key Protect."""
    described = DESCRIBED.get(f"{route.method} {route.path}", UNDESCRIBED)
    roles = ", ".join(role.value for role in Role if role in PERMISSIONS[route.action])
    return {
        "operationId": operation_id(route.method, route.path),
        "summary": f"{route.action}: {roles}",
        "tags": ["Key Protect"],
        "parameters": [*path_parameters(route.path), *headers(route), *(query_parameter(name, rule) for name, rule in route.query.items())],
        **request_body(route, described),
        "responses": {**successes(route, described), **refusals(statuses_of(route))},
    }


def deprecated_operation() -> Json:
    """`POST /keys/{id}?action=…`: all old actions are one operation to OpenAPI."""
    old = [route for route in ROUTES if route.old_action]
    action: Json = {"name": "action", "in": "query", "required": True, "schema": {"type": "string", "enum": [r.old_action for r in old]}}
    types = sorted({JSON, *(media_type for route in old for media_type in route.consumes)})
    answers = sorted({JSON, *(route.produces for route in old)})
    document = {"content": {media_type: {"schema": ANYTHING} for media_type in answers}}
    return {
        "operationId": "actionOnKey",
        "summary": "the deprecated form of actions",
        "tags": ["Key Protect"],
        "deprecated": True,
        "parameters": [*path_parameters(KEY), *headers(old[0]), action],
        "requestBody": {"content": {media_type: {"schema": ANYTHING} for media_type in types}},
        "responses": {
            **{str(status): {"description": HTTPStatus(status).phrase, **document} for status in (200, 201)},
            "204": {"description": HTTPStatus(204).phrase},
            **refusals(set().union(*(statuses_of(route) for route in old))),
        },
    }


def operation_id(method: str, path: str) -> str:
    """`getKeysIdMetadata` for GET /api/v2/keys/{id}/metadata."""
    words = re.findall(r"[A-Za-z0-9]+", path.removeprefix("/api/v2"))
    return method.lower() + "".join(word[0].upper() + word[1:] for word in words)


def path_parameters(path: str) -> list[Json]:
    """The names in a path, each a text without a slash."""
    segment = {"type": "string", "pattern": "^[^/]+$"}
    return [{"name": name, "in": "path", "required": True, "schema": segment} for name in re.findall(r"{(\w+)}", path)]


def headers(route: Route) -> list[Json]:
    """The headers that a call reads."""
    found: list[Json] = [
        {"name": "Bluemix-Instance", "in": "header", "required": True, "schema": UUID},
        {"name": "Correlation-Id", "in": "header", "schema": UUID},
    ]
    if route.path.startswith(KEYS):
        found.append({"name": "X-Kms-Key-Ring", "in": "header", "schema": TEXT})
        if route.writes:
            preferences = ["return=minimal", "return=representation"]
            found.append({"name": "Prefer", "in": "header", "schema": {"type": "string", "enum": preferences}})
    return found


def query_parameter(name: str, rule: Parameter) -> Json:
    """A query parameter; its schema as far as its rule is one of those that a schema can say."""
    return {"name": name, "in": "query", "description": rule.must_be, "schema": schema_told(rule.must_be)}


def schema_told(must_be: str) -> Json:
    """The schema of a rule by its words."""
    bounds = BOUNDS.fullmatch(must_be)
    if bounds:
        return {"type": "integer", "minimum": int(bounds[1]), "maximum": int(bounds[2])}
    if must_be.startswith("an integer greater than or equal to "):
        return {"type": "integer", "minimum": int(must_be.rpartition(" ")[2])}
    if must_be.startswith("one of "):
        return {"type": "string", "enum": must_be.removeprefix("one of ").split(", ")}
    return {"type": "boolean"} if must_be == "a boolean" else TEXT


def request_body(route: Route, described: Described) -> Json:
    """The body of a call, in every media type that it takes."""
    if route.method not in WITH_A_BODY:
        return {}
    schema = ANYTHING if described.body is None else object_schema(described.body)
    if described.collected:
        metadata = object_schema(bodies.METADATA)
        resources = {"type": "array", "items": schema, "minItems": 1}
        schema = exactly("metadata", "resources", metadata=metadata, resources=resources)
    types = sorted({JSON, *route.consumes})
    return {"requestBody": {"required": described.required, "content": {media_type: {"schema": schema} for media_type in types}}}


def object_schema(table: Mapping[str, Field]) -> Json:
    """The schema of a table of fields; what is not in it is refused."""
    return exactly(**{name: field_schema(field) for name, field in table.items()})


def field_schema(field: Field) -> Json:
    """The schema of a field: its JSON type, and its rule in words where it has one."""
    types = field.json_type if isinstance(field.json_type, tuple) else (field.json_type,)
    known = [TYPES[one] for one in types]
    schema: Json = TYPES[float] if set(types) == {int, float} else known[0] if len(known) == 1 else {"anyOf": known}
    length = LENGTH.fullmatch(field.must_be)
    if length:
        schema = {**schema, "minLength": int(length[1]), "maxLength": int(length[2])}
    if "RFC 3339" in field.must_be:
        schema = {**schema, "format": "date-time"}
    return {**schema, "description": field.must_be} if field.must_be else schema


def successes(route: Route, described: Described) -> Json:
    """The answers of a call when all goes well."""
    found: Json = {}
    for status in described.statuses:
        answer: Json = {"description": HTTPStatus(status).phrase}
        if described.answer and status != HTTPStatus.NO_CONTENT:
            schema = {"$ref": f"#/components/schemas/{described.answer}"}
            answer["content"] = {media_type: {"schema": schema} for media_type in sorted({JSON, route.produces})}
        if route.method == "HEAD":
            answer["headers"] = {"Key-Total": {"schema": TYPES[int]}}
        found[str(status)] = answer
    return found


def refusals(statuses: Iterable[int], component: str = "Error") -> Json:
    """The answers when something is wrong."""
    return {str(status): {"$ref": f"#/components/responses/{component}{status}"} for status in sorted(statuses)}


def refusal_components() -> Json:
    """What `refusals` points to."""
    found: Json = {}
    told = {
        "Error": {401, 413, 415, *(known.status for known in ERROR_CODES.values())},
        "IamError": {one.status for one in IAM_ERRORS.values()},
    }
    for component, statuses in told.items():
        for status in sorted(statuses):
            content = {JSON: {"schema": {"$ref": f"#/components/schemas/{component}"}}}
            found[f"{component}{status}"] = {"description": HTTPStatus(status).phrase, "content": content}
    return found
