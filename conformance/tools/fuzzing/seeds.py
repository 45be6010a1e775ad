"""The messages to begin with: right requests of every operation and version, from the suite's tables and, if they are there, OASIS's cases.

A Unique Identifier that begins with ``$`` stands for an object of the target: ``$KEY``, ``$PRIVATE``, ``$ANY``; `bound` puts it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance import requests, tables
from kmip_conformance.oasis.case import Placeholder
from kmip_conformance.oasis.catalogue import published_cases
from kmip_conformance.tables import (
    BlockCipherMode,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    HashingAlgorithm,
    ItemType,
    KmipVersion,
    ObjectType,
    Operation,
    RevocationReasonCode,
    Tag,
    member_name,
)
from kmip_conformance.tables.rows import ANY_OBJECT
from kmip_conformance.wire import Item, encode, enumeration, integer, octets, structure, text

from fuzzing.trees import DATE_EXTENDED, TEXT, Node, read

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kmip_conformance.oasis.case import Node as CaseNode

SLOW = {Operation.CREATE_KEY_PAIR, Operation.RE_KEY_KEY_PAIR}
"""Operations that take a server a hundred times longer than others: a run of a million messages asks for few of them."""

SLOW_SHARE = 0.002
ALL_USES = CryptographicUsageMask(0xFFFFF)
NOW = 1_700_000_000
WORKS_ON = {
    Operation.SIGN: "$PRIVATE",
    Operation.SIGNATURE_VERIFY: "$PUBLIC",
    Operation.CERTIFY: "$PUBLIC",
    Operation.RE_KEY_KEY_PAIR: "$PRIVATE",
    Operation.DERIVE_KEY: "$SECRET",
}
"""What an operation is done with, where that is no symmetric key."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """Trees of right requests by operation; a batch of several goes under its first one."""

    by_operation: Mapping[int, Sequence[Node]]
    everything: Sequence[Node]
    operations: Sequence[int] = ()

    def chosen(self, chance: random.Random) -> Node:
        """One of them: every operation as often as another, the slow ones rarely."""
        while True:
            operation = chance.choice(self.operations)
            if operation not in SLOW or chance.random() < SLOW_SHARE * len(self.operations):
                return chance.choice(self.by_operation[operation])


def collected(oasis: Path | None, versions: Sequence[KmipVersion]) -> Seeds:
    """Every seed there is: from the tables for these versions, and from a folder of OASIS's cases."""
    by_operation: dict[int, list[Node]] = {}
    for message in (*_from_tables(versions), *(_from_cases(oasis) if oasis else ())):
        tree = read(message)
        operations = [node.body for node, _ in tree.walk() if node.tag == Tag.OPERATION and isinstance(node.body, bytes)]
        by_operation.setdefault(int.from_bytes(operations[0], "big") if operations else 0, []).append(tree)
    return Seeds(by_operation, [tree for trees in by_operation.values() for tree in trees], list(by_operation))


def bound(seed: Node, objects: Mapping[str, Sequence[bytes]], chance: random.Random) -> Node:
    """The seed with identifiers of objects that are there."""
    tree = seed.copy()
    for node, _ in tree.walk():
        if (node.type == TEXT or node.type > DATE_EXTENDED) and isinstance(node.body, bytes) and node.body[:1] == b"$":
            node.body = chance.choice(objects.get(node.body.decode(), objects["$ANY"]))
    return tree


# --- from the tables


def _from_tables(versions: Sequence[KmipVersion]) -> Iterator[bytes]:
    for version in versions:
        for row in tables.operations(version):
            for payload in _payloads(row.number, version):
                yield encode(requests.request(version, requests.batch_item(row.number, *payload)))
        keys = requests.get("$KEY"), requests.get("$KEY"), requests.query(1)
        yield encode(requests.request(version, *keys, on_error=1, credential=requests.credential("fuzz", "fuzz")))


def _payloads(operation: int, version: KmipVersion) -> Iterator[list[Item]]:
    """A payload with what is required, and one with everything. The tables are those of 1.x; what 2.x changed, `_as_2` changes."""
    fields = tables.payload_fields(operation, "request", min(version, tables.V1_4))
    for rows in ([row for row in fields if row.required], fields) if fields else ():
        made = [item for row in rows for item in _field(row.field, operation)]
        yield [_as_2(item) for item in made] if version >= tables.V2_0 else made
    if version >= tables.V2_0:
        yield from ONLY_2.get(operation, [[]] if not fields else [])


def _field(name: str, operation: int) -> list[Item]:
    if name == ANY_OBJECT:
        return [_key(b"k" * 16)]
    if name in STRUCTURES:
        return [STRUCTURES[name]]
    tag = Tag[member_name(name)]
    row = tables.tag_row(tag)
    if name == "Unique Identifier":
        return [text(tag, WORKS_ON.get(Operation(operation), "$KEY"))]
    if name.endswith("Unique Identifier"):
        return [text(tag, "$ANY")]
    if name == "Object Type":
        return [enumeration(tag, ObjectType.SYMMETRIC_KEY)]
    if row is None or not row.types:
        return []
    return [Item(tag, ItemType[member_name(row.types[0])], VALUES[row.types[0]])] if row.types[0] in VALUES else [structure(tag)]


def _key(material: bytes) -> Item:
    return structure(
        Tag.SYMMETRIC_KEY,
        structure(
            Tag.KEY_BLOCK,
            enumeration(Tag.KEY_FORMAT_TYPE, 1),
            structure(Tag.KEY_VALUE, octets(Tag.KEY_MATERIAL, material)),
            enumeration(Tag.CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm.AES),
            integer(Tag.CRYPTOGRAPHIC_LENGTH, len(material) * 8),
        ),
    )


def _as_2(item: Item) -> Item:
    """A field as 2.x writes it: attributes under their own tags."""
    if item.tag in TEMPLATES:
        found = [_attribute_2(one) for one in item.children if one.tag == Tag.ATTRIBUTE]
        return structure(TEMPLATES[item.tag], *found)
    if item.tag == Tag.ATTRIBUTE:
        return structure(Tag.NEW_ATTRIBUTE, _attribute_2(item))
    if item.tag == Tag.ATTRIBUTE_NAME:
        return enumeration(Tag.ATTRIBUTE_REFERENCE, Tag.NAME)
    return item


def _attribute_2(item: Item) -> Item:
    name, *_, value = item.children
    return Item(Tag[member_name(str(name.value))], value.type, value.value)


TEMPLATES = {
    Tag.TEMPLATE_ATTRIBUTE: Tag.ATTRIBUTES,
    Tag.COMMON_TEMPLATE_ATTRIBUTE: Tag.COMMON_ATTRIBUTES,
    Tag.PRIVATE_KEY_TEMPLATE_ATTRIBUTE: Tag.PRIVATE_KEY_ATTRIBUTES,
    Tag.PUBLIC_KEY_TEMPLATE_ATTRIBUTE: Tag.PUBLIC_KEY_ATTRIBUTES,
}
VALUES: dict[str, bool | int | str | bytes] = {
    "Integer": 1,
    "Long Integer": 1,
    "Big Integer": 2**257 + 93,
    "Enumeration": 1,
    "Boolean": True,
    "Text String": "text",
    "Byte String": bytes(range(32)),
    "Date Time": NOW,
    "Interval": 10,
    "Date Time Extended": NOW * 1_000_000,
}
AES_KEY = [
    requests.attribute("Cryptographic Algorithm", CryptographicAlgorithm.AES),
    requests.attribute("Cryptographic Length", 256),
    requests.attribute("Cryptographic Usage Mask", ALL_USES),
    requests.attribute("Activation Date", NOW),
]
EC_KEY = [requests.attribute("Cryptographic Algorithm", CryptographicAlgorithm.EC), requests.attribute("Cryptographic Length", 256)]
USES = [requests.attribute("Cryptographic Usage Mask", ALL_USES)]
CBC = structure(Tag.CRYPTOGRAPHIC_PARAMETERS, enumeration(Tag.BLOCK_CIPHER_MODE, BlockCipherMode.CBC), enumeration(Tag.PADDING_METHOD, 3))
STRUCTURES: dict[str, Item] = {
    "Template-Attribute": requests.template_attribute(*AES_KEY),
    "Common Template-Attribute": requests.common_template_attribute(*EC_KEY),
    "Private Key Template-Attribute": requests.private_key_template_attribute(*USES),
    "Public Key Template-Attribute": requests.public_key_template_attribute(*USES),
    "Attribute": requests.attribute("Contact Information", "fuzz"),
    "Attribute Name": text(Tag.ATTRIBUTE_NAME, "Name"),
    "Cryptographic Parameters": CBC,
    "Derivation Parameters": structure(
        Tag.DERIVATION_PARAMETERS,
        structure(Tag.CRYPTOGRAPHIC_PARAMETERS, enumeration(Tag.HASHING_ALGORITHM, HashingAlgorithm.SHA_256)),
        octets(Tag.DERIVATION_DATA, b"data"),
    ),
    "Revocation Reason": structure(Tag.REVOCATION_REASON, enumeration(Tag.REVOCATION_REASON_CODE, RevocationReasonCode.KEY_COMPROMISE)),
    "Key Wrapping Specification": structure(
        Tag.KEY_WRAPPING_SPECIFICATION,
        enumeration(Tag.WRAPPING_METHOD, 1),
        structure(
            Tag.ENCRYPTION_KEY_INFORMATION,
            text(Tag.UNIQUE_IDENTIFIER, "$KEY"),
            structure(Tag.CRYPTOGRAPHIC_PARAMETERS, enumeration(Tag.BLOCK_CIPHER_MODE, BlockCipherMode.NIST_KEY_WRAP)),
        ),
    ),
    "Protocol Version": requests.protocol_version(tables.V1_4),
}
"""Fields that no type alone tells how to fill."""

_UID = text(Tag.UNIQUE_IDENTIFIER, "$KEY")
_NEW = structure(Tag.NEW_ATTRIBUTE, text(Tag.CONTACT_INFORMATION, "fuzz"))
_LENGTH = enumeration(Tag.ATTRIBUTE_REFERENCE, Tag.CRYPTOGRAPHIC_LENGTH)
ONLY_2: dict[int, list[list[Item]]] = {
    Operation.SET_ATTRIBUTE: [[_UID, _NEW]],
    Operation.ADJUST_ATTRIBUTE: [[_UID, _LENGTH, enumeration(Tag.ADJUSTMENT_TYPE, 1)]],
    Operation.LOG: [[text(Tag.LOG_MESSAGE, "fuzz")]],
    Operation.LOGIN: [[integer(Tag.REQUEST_COUNT, 5)]],
    Operation.LOGOUT: [[structure(Tag.TICKET, enumeration(Tag.TICKET_TYPE, 1), octets(Tag.TICKET_VALUE, b"none"))]],
    Operation.DELEGATED_LOGIN: [[structure(Tag.RIGHTS, structure(Tag.RIGHT))]],
    Operation.INTEROP: [[enumeration(Tag.INTEROP_FUNCTION, 1), text(Tag.INTEROP_IDENTIFIER, "fuzz")]],
    Operation.PKCS_11: [[enumeration(Tag.PKCS_11_FUNCTION, 1)]],
    Operation.SET_ENDPOINT_ROLE: [[enumeration(Tag.ENDPOINT_ROLE, 1)]],
    Operation.MODIFY_ATTRIBUTE: [[_UID, structure(Tag.CURRENT_ATTRIBUTE, text(Tag.CONTACT_INFORMATION, "fuzz")), _NEW]],
    Operation.DELETE_ATTRIBUTE: [[_UID, structure(Tag.CURRENT_ATTRIBUTE, text(Tag.CONTACT_INFORMATION, "fuzz"))]],
}
"""Payloads of 2.x that the tables of 1.x do not lead to."""


# --- from OASIS's cases


def _from_cases(place: Path) -> Iterator[bytes]:
    for published in published_cases(place):
        for message in published.case.messages if published.case else ():
            if message.is_request and not message.to_client:
                yield encode(_item(message.node))


def _item(node: CaseNode) -> Item:
    if isinstance(node.value, tuple):
        return structure(node.tag, *map(_item, node.value))
    value = node.value
    if isinstance(value, Placeholder):
        value = _stand_in(value, node.type)
    return Item(node.tag, node.type, value)


def _stand_in(placeholder: Placeholder, kind: int) -> int | str | bytes:
    if kind in {ItemType.TEXT_STRING, 12, 13, 14}:
        return "$ANY"
    if kind == ItemType.BYTE_STRING:
        return b"none"
    scale = 1_000_000 if kind == ItemType.DATE_TIME_EXTENDED else 1
    return (NOW + placeholder.seconds) * scale
