"""Reading keys: one, its metadata, its versions, all of them, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection, paged
from keyprotect_simulator.faults import bad_query_parameter
from keyprotect_simulator.keys import filtering
from keyprotect_simulator.keys.lifecycle import KeyState, require, state_of
from keyprotect_simulator.keys.lookup import key_of, keys_of
from keyprotect_simulator.keys.rendering import full_form, version_form
from keyprotect_simulator.keys.search import found, parse_search

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json
    from keyprotect_simulator.records import Key

LISTED_BY_DEFAULT = frozenset(KeyState) - {KeyState.DESTROYED}
"""A list that names no states leaves destroyed keys out."""


def get_key(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkey."""
    return Answer(200, collection("key+json", [full_form(key_of(call), call, payload=True)]))


def get_key_metadata(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkeymetadata."""
    return Answer(200, collection("key+json", [full_form(key_of(call), call)]))


def list_keys(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkeys."""
    keys = selected(call)
    for name, descending in reversed(call.query["sort"]):
        keys.sort(key=lambda key: sort_key(key, name, call.now), reverse=descending)
    more: Json = {}
    search = call.query["search"]
    if search is not None:
        keys, more = found(keys, parse_search(search))
    page = keys[call.query["offset"] : call.query["offset"] + call.query["limit"]]
    return Answer(200, collection("key+json", [full_form(key, call) for key in page], **more))


def count_keys(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkeycollectionmetadata."""
    return Answer(200, headers=(("Key-Total", str(len(selected(call)))),))


def selected(call: Call) -> list[Key]:
    """The keys in the states, and of the kind, that the query asks for."""
    terms = call.query["filter"] or ()
    named = {term.name for term in terms}
    for name in ("state", "extractable"):
        if name in named and call.query[name] not in (None, frozenset()):
            raise bad_query_parameter("filter", f"without {name}, if that is a parameter of its own too")
    states = call.query["state"] or (frozenset(KeyState) if "state" in named else LISTED_BY_DEFAULT)
    extractable = call.query["extractable"]
    keys = [key for key in keys_of(call) if state_of(key, call.now) in states and extractable in (None, key.extractable)]
    return [key for key in keys if filtering.holds(terms, properties(key, call.now))] if terms else keys


def sort_key(key: Key, name: str, now: float) -> tuple[bool, float | str]:
    """By what a key is sorted; a key without the date in question comes last."""
    value = properties(key, now)[name]
    return (True, 0.0) if value is None else (False, value)


def properties(key: Key, now: float) -> dict[str, float | str | bool | None]:
    """What keys can be sorted and filtered by, under its name in an answer."""
    return {
        "id": key.id,
        "state": int(state_of(key, now)),
        "extractable": key.extractable,
        "imported": key.imported,
        "creationDate": key.created,
        "lastUpdateDate": key.updated,
        "lastRotateDate": key.rotated,
        "deletionDate": key.deleted,
        "expirationDate": key.expires,
    }


def list_versions(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkeyversions."""
    key = key_of(call)
    require(key, "versions of all key states" if call.query.get("allKeyStates") else "versions", call.now)
    return paged(call, "key.version+json", [version_form(version) for version in reversed(key.versions)])
