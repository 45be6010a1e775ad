"""The whole state as one JSON document, and back: to keep a situation, to send it to a colleague, to start a test from it.

    {"format": "keyprotect-simulator-state", "version": 1, "records": [{"kind": "key", "document": {…}}, …]}

Key material, API keys and the key that signs tokens are in it in the clear, as `{"secret": "<base64>"}`: whoever has the document has the
keys. On disk they are sealed (`state.sealing`), with the master key of one folder, which no other could open.
"""

from __future__ import annotations

import base64
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from keyprotect_simulator.iam.tokens import TokenIssuer
from keyprotect_simulator.records import KINDS, LabRecord, Record, Secret, SigningKey
from keyprotect_simulator.state.sealing import KIND_NAMES, Sealer, Unsealable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keyprotect_simulator.messages import Json

FORMAT = "keyprotect-simulator-state"
VERSION = 1


class NoExport(ValueError):
    """The document is no exported state, or not a whole one; says what is wrong with it."""


class InTheClear(Sealer):
    """Writes and reads documents whose secrets are merely base64."""

    def __init__(self) -> None:
        super().__init__(bytes(32), bytes)

    def _sealed(self, secret: Secret, place: bytes) -> Json:  # noqa: ARG002 - nothing is bound to its place here
        return {"secret": base64.b64encode(secret).decode()}

    def _opened(self, value: Json, place: bytes) -> Secret:  # noqa: ARG002
        return Secret(base64.b64decode(value["secret"], validate=True))


def exported(records: Iterable[Record]) -> Json:
    """The document of these records."""
    writer = InTheClear()
    return {
        "format": FORMAT,
        "version": VERSION,
        "records": [{"kind": KIND_NAMES[type(record)], "document": writer.document(record)} for record in records],
    }


def imported(document: Any) -> tuple[Record, ...]:
    """The records of a document. Raises NoExport."""
    if not isinstance(document, dict) or document.get("format") != FORMAT or not isinstance(document.get("records"), list):
        raise NoExport(f'the document must be an object with "format": "{FORMAT}" and a list of "records"')
    if document.get("version") != VERSION:
        raise NoExport(f"the document is of version {document.get('version')!r}; this simulator reads version {VERSION}")
    records = tuple(read_entry(number, entry) for number, entry in enumerate(document["records"]))
    require_whole(records)
    return records


def read_entry(number: int, entry: Any) -> Record:
    """One record."""
    kind, written = (entry.get("kind"), entry.get("document")) if isinstance(entry, dict) else (None, None)
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(written, dict) or not isinstance(written.get("id"), str):
        raise NoExport(f"records[{number}] must have a kind out of {', '.join(KINDS)}, and a document with an id")
    try:
        record = InTheClear().record(kind, written["id"], written)
        misfit = first_misfit(record)
    except (Unsealable, AttributeError) as error:
        raise NoExport(f"records[{number}]: {error}") from error
    if misfit:
        raise NoExport(f"records[{number}]: the field {misfit} of a {kind} has a value of another type")
    return record


def first_misfit(value: object) -> str:
    """The name of a field whose value is not of its type, in this dataclass or within; empty when all are."""
    for name, wanted in get_type_hints(type(value)).items():
        item = getattr(value, name)
        parts, wanted_type = (item, get_args(wanted)[0]) if get_origin(wanted) is tuple else ((item,), wanted)
        for part in parts:
            if (isinstance(part, bool) and wanted_type is not bool) or not isinstance(part, wanted_type):
                return name
            if is_dataclass(part) and (inner := first_misfit(part)):
                return f"{name}.{inner}"
    return ""


def require_whole(records: tuple[Record, ...]) -> None:
    """Refuse a state that no simulator could have: an id twice, no lab, no key or several to sign tokens with."""
    names = [(type(record), record.id) for record in records]
    if len(set(names)) != len(names):
        raise NoExport("two records of one kind have the same id")
    for kind in (SigningKey, LabRecord):
        if sum(isinstance(record, kind) for record in records) != 1:
            raise NoExport(f"there must be exactly one record of the kind {KIND_NAMES[kind]}")
    try:
        TokenIssuer(next(record for record in records if isinstance(record, SigningKey)))
    except (ValueError, AssertionError) as error:
        raise NoExport("the signing_key is no RSA key in PEM") from error
