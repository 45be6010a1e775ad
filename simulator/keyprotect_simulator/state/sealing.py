"""Records as JSON documents, with every `Secret` in them sealed by AES-256-GCM under the master key of the state folder.

A document has one member for each field of its record. A secret is `{"sealed": "<base64 of nonce, ciphertext and tag>"}`, bound to the
kind and id of its record, so that nobody can move it to another.
"""

from __future__ import annotations

import base64
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keyprotect_simulator.records import KINDS, Record, Secret

if TYPE_CHECKING:
    from keyprotect_simulator.identifiers import Random
    from keyprotect_simulator.messages import Json

NONCE_LENGTH = 12
KIND_NAMES = {record_type: name for name, record_type in KINDS.items()}


class Unsealable(Exception):
    """A secret was not sealed by this master key for this record, or the document is not that of a record."""


class Sealer:
    """Writes records as documents and reads them back."""

    def __init__(self, master_key: bytes, random: Random) -> None:
        self._cipher = AESGCM(master_key)
        self._random = random

    def document(self, record: Record) -> Json:
        """The document of a record."""
        place = place_of(KIND_NAMES[type(record)], record.id)
        return {field.name: self._written(getattr(record, field.name), place) for field in fields(record)}

    def record(self, kind: str, record_id: str, document: Json) -> Record:
        """The record of a document. Raises Unsealable when it is none of this kind and id, or sealed otherwise."""
        try:
            record = self._read(KINDS[kind], document, place_of(kind, record_id))
        except (KeyError, TypeError, ValueError, InvalidTag) as error:
            raise Unsealable(f"the {kind} {record_id} cannot be read: {type(error).__name__}") from error
        if not isinstance(record, Record) or record.id != record_id:
            raise Unsealable(f"the {kind} {record_id} has another id inside")
        return record

    def _written(self, value: Any, place: bytes) -> Any:
        if isinstance(value, Secret):
            return self._sealed(value, place)
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, tuple):
            return [self._written(item, place) for item in value]
        if is_dataclass(value):
            return {field.name: self._written(getattr(value, field.name), place) for field in fields(value)}
        return value

    def _read(self, wanted: Any, value: Any, place: bytes) -> Any:
        if get_origin(wanted) is UnionType:
            present = next(option for option in get_args(wanted) if option is not NoneType)
            return None if value is None else self._read(present, value, place)
        if get_origin(wanted) is tuple:
            return tuple(self._read(get_args(wanted)[0], item, place) for item in value)
        if wanted is Secret:
            return self._opened(value, place)
        if isinstance(wanted, type) and is_dataclass(wanted):
            types = field_types(wanted)
            return wanted(**{name: self._read(types[name], item, place) for name, item in value.items()})
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return wanted(value)
        return float(value) if wanted is float else value

    def _sealed(self, secret: Secret, place: bytes) -> Json:
        nonce = self._random(NONCE_LENGTH)
        return {"sealed": base64.b64encode(nonce + self._cipher.encrypt(nonce, bytes(secret), place)).decode()}

    def _opened(self, value: Json, place: bytes) -> Secret:
        sealed = base64.b64decode(value["sealed"], validate=True)
        return Secret(self._cipher.decrypt(sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], place))


def place_of(kind: str, record_id: str) -> bytes:
    """What a secret is bound to."""
    return f"{kind} {record_id}".encode()


@cache
def field_types(record_type: type) -> dict[str, Any]:
    """The types of the fields of a dataclass."""
    return get_type_hints(record_type)
