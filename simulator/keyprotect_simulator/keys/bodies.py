"""What the bodies of the key calls may hold: one table a body, and the short reader of these tables.

The service decodes strictly: a field that the table does not have is refused by name, as is a value of the wrong JSON type
(BAD_BODY_ERR); a value of the right type that breaks a rule is an INVALID_FIELD_ERR with the field as its target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from keyprotect_simulator import base64_text, json_text
from keyprotect_simulator.faults import Fault, bad_body, bad_field, fault
from keyprotect_simulator.identifiers import ALIAS_FORM, is_uuid, parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyprotect_simulator.messages import ApiRequest, Json

FORBIDDEN_IN_TAGS = frozenset("<>,:&|")
RESERVED_ALIASES = frozenset(
    (
        *("allowed_ip", "key", "keys", "metadata", "policy", "policies", "registration", "registrations", "ring", "rings"),
        *("rotate", "wrap", "unwrap", "rewrap", "version", "versions"),
    )
)
ALIAS_RULE = "2 to 90 characters out of A-Z, a-z, 0-9, - and _, and neither a UUID nor a reserved word"
MAXIMUM_TAGS = 30
MAXIMUM_ALIASES = 5
MAXIMUM_AAD = 255
"""Strings in a list of additional authenticated data, and characters in each."""


class Field(NamedTuple):
    """A field: its JSON type, the rule for its value, and how the rule is told."""

    json_type: type | tuple[type, ...]
    holds: Callable[[Any], bool] = lambda _: True
    must_be: str = ""
    quote: str = "`"
    """How the service quotes the name of this field."""

    def takes(self, value: Any) -> bool:
        """Whether the value is of the JSON type; `true` is no number, whatever Python says."""
        types = self.json_type if isinstance(self.json_type, tuple) else (self.json_type,)
        return type(value) in types


def has_length(least: int, most: int) -> Callable[[Any], bool]:
    """The rule of a text's length in characters."""
    return lambda text: least <= len(text) <= most


def are_texts(rule: Callable[[str], bool], most: int) -> Callable[[Any], bool]:
    """The rule of a list of at most so many texts, each of which obeys a rule."""
    return lambda values: len(values) <= most and all(isinstance(value, str) and rule(value) for value in values)


def is_alias(text: str) -> bool:
    """Whether a key may have this alias."""
    return ALIAS_FORM.fullmatch(text) is not None and not is_uuid(text) and text not in RESERVED_ALIASES


def is_tag(text: str) -> bool:
    """Whether a key may have this tag."""
    return len(text) <= 30 and FORBIDDEN_IN_TAGS.isdisjoint(text)


def is_time(text: str) -> bool:
    """Whether the text is an RFC 3339 time."""
    try:
        parse_rfc3339(text)
    except ValueError:
        return False
    return True


AAD = Field(list, are_texts(has_length(0, MAXIMUM_AAD), MAXIMUM_AAD), "a list of at most 255 strings of at most 255 characters each")
IGNORED = Field((str, int, float, bool, list, dict))
TEXT = Field(str)
SECURE_IMPORT = {"encryptionAlgorithm": TEXT, "encryptedNonce": TEXT, "iv": TEXT}
DESCRIPTION = Field(str, lambda text: not text or 2 <= len(text) <= 240, "a string between 2 and 240 characters (inclusive)")

BOOLEAN = Field(bool)
INTERVAL_RULE = "an integer between 1 and 12 (inclusive)"
ROTATION = {"enabled": BOOLEAN, "interval_month": Field(int, lambda number: 1 <= number <= 12, INTERVAL_RULE, '"')}
DUAL_AUTH_DELETE = {"enabled": BOOLEAN}

COLLECTION = {"metadata": Field(dict), "resources": Field(list)}
METADATA = {"collectionType": TEXT, "collectionTotal": Field(int)}
KEY = {
    "type": TEXT,
    "name": Field(str, has_length(2, 90), "a string between 2 and 90 characters (inclusive)"),
    "description": DESCRIPTION,
    "aliases": Field(
        list,
        are_texts(is_alias, 10**6),
        f"a list of aliases, each {ALIAS_RULE}",
    ),
    "tags": Field(list, are_texts(is_tag, MAXIMUM_TAGS), "a list of at most 30 tags of at most 30 characters, none of < > , : & |"),
    "expirationDate": Field(str, is_time, "a date and time in the RFC 3339 format"),
    "extractable": BOOLEAN,
    "payload": TEXT,
    **SECURE_IMPORT,
}
KEY_WITH_POLICIES = {**KEY, "rotation": Field(dict), "dualAuthDelete": Field(dict)}
WRAP = {"plaintext": TEXT, "aad": AAD}
UNWRAP = {"ciphertext": TEXT, "aad": AAD}
ROTATE = {"payload": TEXT, **SECURE_IMPORT, "type": TEXT, "name": TEXT, "description": TEXT, "extractable": BOOLEAN}
PATCH = {"keyRingID": TEXT}


def read_json(request: ApiRequest) -> Json | None:
    """The JSON object of a body; None when there is no body."""
    if not request.body.strip():
        return None
    try:
        document = json_text.parse(request.body)
    except (ValueError, RecursionError) as error:
        raise bad_body(f"{error}") from error
    if not isinstance(document, dict):
        raise bad_body(f"json: cannot unmarshal {json_name(document)} into an object")
    return document


def checked(document: Json, table: dict[str, Field]) -> Json:
    """The object, once every field of it is known, of its type, and lawful. A `null` counts as absent."""
    for name in document:
        if name not in table:
            raise bad_body(f'json: unknown field "{name}"')
    present = {name: value for name, value in document.items() if value is not None}
    for name, value in present.items():
        field = table[name]
        if not field.takes(value):
            raise bad_body(f"json: cannot unmarshal {json_name(value)} into field {name}")
        if not field.holds(value):
            raise bad_field(name, field.must_be, quote=field.quote)
    return present


def read_object(request: ApiRequest, table: dict[str, Field], *, required: bool) -> Json:
    """The checked body of an action; an absent one is empty, or NO_BODY_ERR where it is required."""
    document = read_json(request)
    if document is None and required:
        raise fault("NO_BODY_ERR")
    return checked(document or {}, table)


def read_one_resource(request: ApiRequest, table: dict[str, Field], what: str = "key") -> Json:
    """The one checked resource of a collection; `what` is what it is."""
    _, resources = read_collection(request)
    if len(resources) != 1:
        raise bad_body(f"Only creation of one {what} per request is supported")
    if not resources[0]:
        raise bad_body(f"{what[0].upper()}{what[1:]} is zero-valued")
    return checked(resources[0], table)


def read_collection(request: ApiRequest) -> tuple[Json, list[Json]]:
    """The metadata, checked, and the resources, objects that are not, of a collection with something in it."""
    document = read_object(request, COLLECTION, required=True)
    if not document.get("metadata"):
        raise bad_body("CollectionMetadata is empty")
    metadata, resources = checked(document["metadata"], METADATA), document.get("resources") or []
    if not resources:
        raise bad_body("Resources is empty")
    for resource in resources:
        if not isinstance(resource, dict):
            raise bad_body(f"json: cannot unmarshal {json_name(resource)} into an object")
    return metadata, resources


def read_base64(document: Json, name: str) -> bytes:
    """The bytes of a base64 field."""
    try:
        return base64_text.decode(document[name])
    except base64_text.IllegalBase64 as error:
        raise bad_field(name, f"a base64 encoded key material: {error}") from error


def required_field(name: str) -> Fault:
    """The refusal of a body without a field that it must have."""
    return bad_field(name, "present in the body of the request")


def json_name(value: Any) -> str:
    """What JSON calls the type of a value."""
    names = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
