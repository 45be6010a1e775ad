"""Aliases of a key: further names, each of which one key of the instance has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection
from keyprotect_simulator.faults import bad_field, fault
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.bodies import ALIAS_RULE, MAXIMUM_ALIASES, is_alias
from keyprotect_simulator.keys.lifecycle import require
from keyprotect_simulator.keys.lookup import by_alias, key_of
from keyprotect_simulator.records import Key, Put

if TYPE_CHECKING:
    from collections.abc import Iterable

MAXIMUM_IN_INSTANCE = 1000


def create_alias(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#createkeyalias."""
    alias = call.path["alias"]
    if not is_alias(alias):
        raise bad_field("alias", ALIAS_RULE)
    key = key_of(call)
    require(key, "aliases", call.now)
    aliases = free_aliases(call, (*key.aliases, alias), owner=key)
    if alias in key.aliases:
        raise fault("KEY_ALIAS_NOT_UNIQUE_ERR")
    resource = {"keyId": key.id, "alias": alias, "creationDate": rfc3339(call.now), "createdBy": call.iam_id}
    return Answer(201, collection("alias+json", [resource]), changes=(Put(replace(key, aliases=aliases, updated=call.now)),))


def delete_alias(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#deletekeyalias."""
    key, alias = key_of(call), call.path["alias"]
    if alias not in key.aliases:
        raise fault("KEY_ALIAS_NOT_FOUND_ERR")
    left = tuple(other for other in key.aliases if other != alias)
    return Answer(204, changes=(Put(replace(key, aliases=left, updated=call.now)),))


def free_aliases(call: Call, wanted: Iterable[str], owner: Key | None = None) -> tuple[str, ...]:
    """The aliases asked for, each once, as soon as no other key of the instance has one of them and they are not too many."""
    aliases = tuple(dict.fromkeys(wanted))
    if any(by_alias(call, alias) not in (None, owner) for alias in aliases):
        raise fault("KEY_ALIAS_NOT_UNIQUE_ERR")
    if len(aliases) > MAXIMUM_ALIASES or (aliases and aliases_in_instance(call) >= MAXIMUM_IN_INSTANCE):
        raise fault("KEY_ALIAS_QUOTA_ERR")
    return aliases


def aliases_in_instance(call: Call) -> int:
    """How many aliases all keys of the instance have."""
    return sum(len(key.aliases) for key in call.state.find(Key, "instance", call.instance.id))
