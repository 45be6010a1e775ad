"""Fields whose type an earlier field chooses, resolved: value of that field → what the chosen one is.

Four fields of the standard are such: Attribute Value by Attribute Name, Credential Value by Credential Type, Key Material by the
Key Block's Key Format Type, and the payload by the operation.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kmip_server.attributes import rules_by_name
from kmip_server.enums import ItemType, Tag
from kmip_server.messages import CREDENTIAL_VALUES, REQUEST_PAYLOADS, RESPONSE_PAYLOADS, TRANSPARENT_KEYS
from kmip_server.messages.tables import Alternative

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.versions import KmipVersion


@cache
def choices(tag: Tag, version: KmipVersion) -> Mapping[object, Alternative]:
    """What the field of this tag is, by the value that chooses it, in this version. Raises KeyError for a field nothing chooses."""
    if tag is Tag.ATTRIBUTE_VALUE:
        return {name: rule.written for name, rule in rules_by_name(version).items()}
    if tag is Tag.CREDENTIAL_VALUE:
        return _structures(tag, {kind: made for kind, made in CREDENTIAL_VALUES.items() if kind.exists_in(version)})
    if tag is Tag.KEY_MATERIAL:
        return _structures(tag, {kind: made for kind, made in TRANSPARENT_KEYS.items() if kind.exists_in(version)})
    payloads = {Tag.REQUEST_PAYLOAD: REQUEST_PAYLOADS, Tag.RESPONSE_PAYLOAD: RESPONSE_PAYLOADS}[tag]
    return _structures(tag, {operation: made for operation, made in payloads.items() if operation.exists_in(version)})


def _structures(tag: Tag, chosen: Mapping[object, type]) -> dict[object, Alternative]:
    return {value: Alternative(tag, ItemType.STRUCTURE, python) for value, python in chosen.items()}
