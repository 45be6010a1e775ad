"""Seeds as documents: TOML or JSON, and the tables that say what they may hold. `sowing` makes records of them.

[[instances]]
name = "payments"                       # "kmiplab" is the lab's own
region = "eu-de"
key_rings = ["team"]
policies = { rotation = { interval_month = 3 } }        # by type, with their attributes

  [[instances.keys]]
  name = "orders"                       # a root key of 256 bits, generated
  aliases = ["orders-key"]
  key_ring = "team"
  rotations = 2                         # three versions
  dualAuthDelete = { enabled = true }
  registrations = [{ resourceCrn = "crn:v1:bluemix:public:is:us-south:a/1::volume:v-1", preventKeyDeletion = true }]

  [[instances.keys]]
  name = "database password"
  extractable = true                    # a standard key
  payload = "c2VjcmV0"                  # base64; also imports root keys
  state = "destroyed"                   # active, suspended (root keys) or destroyed

  [[instances.kmip_adapters]]
  name = "vcenter"
  key = "orders"
  certificates = [{ name = "vcenter", certificate = "-----BEGIN CERTIFICATE-----…" }]

[[service_ids]]
name = "auditor"
api_key = "auditors-api-key"            # generated when left out
roles = { payments = ["Reader"], kmiplab = ["ReaderPlus"] }
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from keyprotect_simulator import base64_text, json_text
from keyprotect_simulator.errors import SeedUnusable
from keyprotect_simulator.identifiers import is_uuid
from keyprotect_simulator.keys import bodies
from keyprotect_simulator.keys.bodies import Field, has_length, json_name
from keyprotect_simulator.roles import Role
from keyprotect_simulator.settings import REGIONS

if TYPE_CHECKING:
    from pathlib import Path

    from keyprotect_simulator.messages import Json

STATES = ("active", "suspended", "destroyed")
MOST_ROTATIONS = 1000
CRN_SEPARATORS = 9
NAME = bodies.KEY["name"]
ID = Field(str, is_uuid, "a UUID")


def is_base64(text: str) -> bool:
    """Whether the text is base64."""
    try:
        base64_text.decode(text)
    except base64_text.IllegalBase64:
        return False
    return True


def are_roles(value: dict[str, Any]) -> bool:
    """Whether each value is a list of roles."""
    known = {role.value for role in Role}
    return all(isinstance(roles, list) and all(role in known for role in roles) for roles in value.values())


SEED = {"instances": Field(list), "service_ids": Field(list)}
INSTANCE = {
    "name": NAME,
    "id": ID,
    "region": Field(str, lambda text: text in REGIONS, f"one of {', '.join(REGIONS)}"),
    "key_rings": Field(list),
    "policies": Field(dict),
    "keys": Field(list),
    "kmip_adapters": Field(list),
}
KEY = {
    **{name: bodies.KEY[name] for name in ("name", "description", "aliases", "tags", "expirationDate", "extractable")},
    "id": ID,
    "key_ring": Field(str),
    "rotation": Field(dict),
    "dualAuthDelete": Field(dict),
    "registrations": Field(list),
    "payload": Field(str, is_base64, "base64"),
    "state": Field(str, lambda text: text in STATES, f"one of {', '.join(STATES)}"),
    "rotations": Field(int, lambda number: 0 <= number <= MOST_ROTATIONS, f"a number between 0 and {MOST_ROTATIONS}"),
}
REGISTRATION = {
    "resourceCrn": Field(str, lambda text: text.count(":") >= CRN_SEPARATORS, "a CRN: crn:v1:bluemix:public:<service>:…"),
    "preventKeyDeletion": Field(bool),
}
KMIP_ADAPTER = {"name": NAME, "key": Field(str), "id": ID, "description": bodies.DESCRIPTION, "certificates": Field(list)}
CERTIFICATE = {"name": NAME, "certificate": Field(str)}
SERVICE_ID = {
    "name": NAME,
    "api_key": Field(str, has_length(8, 200), "a text of 8 to 200 characters"),
    "roles": Field(dict, are_roles, f"a table from names of instances to lists of roles out of {', '.join(role.value for role in Role)}"),
}
HINT = "docs/simulator.md shows what a seed may hold."


def unusable(what: str) -> SeedUnusable:
    """The error for a seed."""
    return SeedUnusable(f"the seed cannot be used: {what}", HINT)


def read_seed_file(path: Path) -> Json:
    """The document of a file: TOML by its ending, JSON otherwise. Raises SeedUnusable."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unusable(f"{path}: {error.strerror}") from error
    return parse_seed(content, toml=path.suffix.lower() == ".toml", source=str(path))


def parse_seed(content: bytes, *, toml: bool, source: str = "it") -> Json:
    """The document of a text. Raises SeedUnusable."""
    try:
        document = tomllib.loads(content.decode()) if toml else json_text.parse(content)
    except (ValueError, RecursionError) as error:
        raise unusable(f"{source} is no {'TOML' if toml else 'JSON'}: {error}") from error
    if not isinstance(document, dict):
        raise unusable(f"{source} must be an object")
    return document


def checked_seed(document: Json) -> Json:
    """The document, once every entry of it is known, of its type, and lawful. Raises SeedUnusable."""
    checked_entry(document, SEED, "")
    for place, instance in placed(document, "instances"):
        checked_entry(instance, INSTANCE, place, "name")
        for inner, entry in placed(instance, "keys", place):
            checked_entry(entry, KEY, inner, "name")
            for innermost, registration in placed(entry, "registrations", inner):
                checked_entry(registration, REGISTRATION, innermost, "resourceCrn")
        for inner, entry in placed(instance, "kmip_adapters", place):
            checked_entry(entry, KMIP_ADAPTER, inner, "name", "key")
            for innermost, certificate in placed(entry, "certificates", inner):
                checked_entry(certificate, CERTIFICATE, innermost, "name", "certificate")
    for place, service in placed(document, "service_ids"):
        checked_entry(service, SERVICE_ID, place, "name")
    return document


def kind_of(value: Any) -> str:
    """What JSON, or else Python, calls the type of a value; TOML knows dates too."""
    return json_name(value) if value is None or json_name(value) != "null" else type(value).__name__


def placed(document: Json, name: str, within: str = "") -> list[tuple[str, Any]]:
    """The entries of a list, each with its place."""
    return [(f"{within}{'.' if within else ''}{name}[{number}]", entry) for number, entry in enumerate(document.get(name, ()))]


def checked_entry(entry: Any, table: dict[str, Field], place: str, *needed: str) -> None:
    """Refuse an entry that is no object, or has a field that is unknown, missing or wrong."""
    before = f"{place}." if place else ""
    if not isinstance(entry, dict):
        raise unusable(f"{place} must be an object")
    for name, value in entry.items():
        field = table.get(name)
        if field is None:
            raise unusable(f"{before}{name} is unknown; there are {', '.join(table)}")
        if not isinstance(value, field.json_type) or (isinstance(value, bool) and field.json_type is int):
            raise unusable(f"{before}{name} must not be a {kind_of(value)}")
        if not field.holds(value):
            raise unusable(f"{before}{name} must be {field.must_be}")
    for name in needed:
        if name not in entry:
            raise unusable(f"{before}{name} is missing")
