"""Every way to get a payload wrong that the field tables tell of, each with the Result Reasons that the standard leaves for it.

KMIP 1.4, 11.1: what cannot be parsed, and a field that is there twice, is an Invalid Message; an unknown field is an Invalid Field, and a
value that an enumeration has not is too. What is required and absent is Missing Data (6.10). 2.x has the same three reasons.

Faults are made on the bytes, not by the codec's encoder: a payload is read into a tree of `Node`, one node is spoilt, the tree is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from kmip_server.codec import encode
from kmip_server.enums import ItemType, ResultReason, Tag, VersionedEnum
from kmip_server.messages import AnyStructure, AttributeReference, Attributes, fields_of
from kmip_server.messages.tables import is_structure
from kmip_server.versions import VERSIONS, KmipVersion
from specimens import can_be_written, request_payloads, specimen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.enums import Operation
    from kmip_server.messages.tables import Alternative, Field

INVALID_MESSAGE, INVALID_FIELD, MISSING_DATA = ResultReason.INVALID_MESSAGE, ResultReason.INVALID_FIELD, ResultReason.MISSING_DATA

FIXED = {
    ItemType.INTEGER: 4,
    ItemType.LONG_INTEGER: 8,
    ItemType.ENUMERATION: 4,
    ItemType.BOOLEAN: 8,
    ItemType.DATE_TIME: 8,
    ItemType.INTERVAL: 4,
    ItemType.DATE_TIME_EXTENDED: 8,
}
BODIES: dict[int, bytes] = {item_type: bytes(FIXED.get(item_type, 8)) for item_type in ItemType} | {0x0F: bytes(8)}
"""A body for an item of each type, and of one type that there is not."""


@dataclass
class Node:
    """An item: its tag and type, and its items or its bytes. ``length`` and ``padding`` stand for what is written in their places."""

    tag: int
    item_type: int
    content: list[Node] | bytes
    length: int | None = None
    padding: bytes | None = None

    def copy(self) -> Node:
        """A tree of its own."""
        content = self.content if isinstance(self.content, bytes) else [node.copy() for node in self.content]
        return Node(self.tag, self.item_type, content, self.length, self.padding)

    def written(self) -> bytes:
        """The bytes, wrong where the node says so."""
        body = b"".join(node.written() for node in self.content) if isinstance(self.content, list) else self.content
        length = len(body) if self.length is None else self.length
        padding = bytes(-len(body) % 8) if self.padding is None else self.padding
        return self.tag.to_bytes(3, "big") + bytes([self.item_type]) + length.to_bytes(4, "big") + body + padding


def tree(data: bytes) -> list[Node]:
    """The items that these right bytes are."""
    nodes, position = [], 0
    while position < len(data):
        tag, item_type = int.from_bytes(data[position : position + 3], "big"), data[position + 3]
        length = int.from_bytes(data[position + 4 : position + 8], "big")
        body = data[position + 8 : position + 8 + length]
        nodes.append(Node(tag, item_type, tree(body) if item_type == ItemType.STRUCTURE else body))
        position += 8 + length + (-length & 7)
    return nodes


@dataclass(frozen=True)
class Fault:
    """A Request Payload with one thing wrong, and how it may be refused."""

    title: str
    payload: bytes
    reasons: frozenset[ResultReason]


Faults: TypeAlias = "Iterator[tuple[str, bytes, set[ResultReason]]]"


def faults_of(operation: Operation, version: KmipVersion) -> list[Fault]:
    """Everything that can be wrong with an operation's request. A structure inside it is spoilt in the first operation that has it."""
    payload = request_payloads(version)[operation]
    return [
        Fault(f"{operation.name}, KMIP {version}, {title}", written, frozenset(reasons))
        for whole in _wholes(payload, version)
        for title, written, reasons in _Spoiling(whole, version).faults(payload)
    ]


def _wholes(payload: type[Any], version: KmipVersion) -> Iterator[Any]:
    """Right payloads: with everything, with what is required, and with each structure that may stand in the place of another."""
    plain = specimen(payload, version, rich=False)
    yield from (plain, specimen(payload, version))
    for row in fields_of(payload):
        ways = [one for one in row.alternatives if one.exists_in(version) and one.tag.exists_in(version) and is_structure(one.python)]
        for one in ways[1:] if row.exists_in(version) else ():
            yield replace(plain, **{row.name: specimen(one.python, version)})


@cache
def _homes(version: KmipVersion) -> dict[type, type]:
    """The payload in which each structure is spoilt."""
    homes: dict[type, type] = {}

    def settle(structure: type, payload: type) -> None:
        homes[structure] = payload
        for row in fields_of(structure):
            for one in row.alternatives if row.exists_in(version) else ():
                if is_structure(one.python) and one.python not in homes:
                    settle(one.python, payload)

    for payload in request_payloads(version).values():
        settle(payload, payload)
    return homes


class _Spoiling:
    """One payload's tree: a fault is made in a copy of it."""

    def __init__(self, whole: Any, version: KmipVersion) -> None:
        self.root = tree(encode(whole, version))[0]
        self.payload = type(whole)
        self.version = version

    def faults(self, structure: type[Any], way: tuple[int, ...] = ()) -> Faults:
        """The faults of the structure that is at the end of this way through the tree, and of those inside it."""
        at = self.at(way)
        assert isinstance(at.content, list)
        rows = [row for row in fields_of(structure) if row.exists_in(self.version)]
        yield from self.of_structure(structure, way)
        for number, node in enumerate(at.content):
            row = next((row for row in rows if node.tag in _tags(row)), None)
            if row is None:
                continue
            yield from self.of_field(structure, row, node, (*way, number), single=_count(rows, node.tag) == 1)
            inner = next((one.python for one in row.alternatives if one.tag == node.tag and is_structure(one.python)), None)
            if inner is not None and inner is not Attributes and _homes(self.version)[inner] is self.payload:
                yield from self.faults(inner, (*way, number))

    def of_structure(self, structure: type[Any], way: tuple[int, ...]) -> Faults:
        at, name = self.at(way), structure.__name__
        assert isinstance(at.content, list)
        for unknown in (Node(0x420FFF, 2, bytes(4)), Node(0x540001, 2, bytes(4))):
            yield f"{name} with a field 0x{unknown.tag:06X}", self.spoilt(way, lambda n, u=unknown: n.content.append(u)), {INVALID_FIELD}
        yield f"{name} cut in a field's head", self.spoilt(way, _cut), {INVALID_MESSAGE}
        # what follows it may be an empty structure, which is then whole, and a field that it has not
        yield f"{name} longer than it is", self.spoilt(way, lambda n: _set(n, length=len(n.written()))), {INVALID_MESSAGE, INVALID_FIELD}
        for first, second in zip(range(len(at.content)), range(1, len(at.content)), strict=False):
            one, other = at.content[first], at.content[second]
            if one.tag != other.tag and not _interchangeable(structure, one.tag, other.tag):
                title = f"{name} with {_name(other.tag)} before {_name(one.tag)}"
                yield title, self.spoilt(way, lambda n, i=first, j=second: _swap(n, i, j)), {INVALID_MESSAGE}
        yield from self.of_other_versions(structure, way)

    def of_other_versions(self, structure: type[Any], way: tuple[int, ...]) -> Faults:
        """Each field that another version of the structure has, in its place."""
        rows = fields_of(structure)
        known = {tag for row in rows if row.exists_in(self.version) for tag in _tags(row)}
        for row in rows:
            elsewhere = [version for version in VERSIONS if row.exists_in(version) and can_be_written(row, version)]
            if row.exists_in(self.version) or not elsewhere or _tags(row) & known:
                continue
            foreign = tree(encode(specimen(structure, elsewhere[0]), elsewhere[0]))[0]
            assert isinstance(foreign.content, list)
            node = next(node for node in foreign.content if node.tag in _tags(row))
            before = {tag for one in rows[: rows.index(row)] for tag in _tags(one)}
            title = f"{structure.__name__} with {_name(node.tag)} of KMIP {elsewhere[0]}"
            yield title, self.spoilt(way, lambda n, b=before, f=node: _put_in_place(n, b, f)), {INVALID_FIELD}

    def of_field(self, structure: type[Any], row: Field, node: Node, way: tuple[int, ...], *, single: bool) -> Faults:
        name = f"{structure.__name__}.{row.name}"
        ways = [one for one in row.alternatives if one.exists_in(self.version)]
        if row.required_in(self.version):
            yield f"{name} missing", self.spoilt(way[:-1], lambda n: n.content.pop(way[-1])), {MISSING_DATA}
        if not row.repeated_in(self.version) and single:
            yield f"{name} twice", self.spoilt(way[:-1], lambda n: n.content.insert(way[-1], n.content[way[-1]])), {INVALID_MESSAGE}
        right, reasons = {one.item_type for one in ways}, {INVALID_MESSAGE}
        if row.chosen_by:
            right, reasons = {node.item_type}, {INVALID_MESSAGE, INVALID_FIELD}
        for item_type in BODIES.keys() - right if single else ():
            title = f"{name} of item type {item_type:02X}"
            yield title, self.spoilt(way, lambda n, t=item_type: _set(n, item_type=t, content=BODIES[t])), reasons
        yield from self.of_value(name, row, node, way, ways)

    def of_value(self, name: str, row: Field, node: Node, way: tuple[int, ...], ways: list[Alternative]) -> Faults:
        for body in _bad_bodies(node):
            yield f"{name} of {body.hex() or 'nothing'}", self.spoilt(way, lambda n, b=body: _set(n, content=b)), {INVALID_MESSAGE}
        if isinstance(node.content, bytes) and len(node.content) % 8:
            wrong = b"\1" * (-len(node.content) % 8)
            yield f"{name} padded with ones", self.spoilt(way, lambda n: _set(n, padding=wrong)), {INVALID_MESSAGE}
        for length in (0x7FFFFFF8, 0xFFFFFFF8):
            yield f"{name} of {length} bytes", self.spoilt(way, lambda n, s=length: _set(n, length=s)), {INVALID_MESSAGE}
        python = next((one.python for one in ways if one.item_type == node.item_type), None)
        if node.item_type == ItemType.ENUMERATION and python is not None and not row.open_ended:
            for number in _no_values(python, self.version):
                title = f"{name} of 0x{number:08X}"
                yield title, self.spoilt(way, lambda n, v=number: _set(n, content=v.to_bytes(4, "big"))), {INVALID_FIELD}

    def at(self, way: tuple[int, ...], root: Node | None = None) -> Node:
        node = root or self.root
        for number in way:
            assert isinstance(node.content, list)
            node = node.content[number]
        return node

    def spoilt(self, way: tuple[int, ...], spoil: Any) -> bytes:
        root = self.root.copy()
        spoil(self.at(way, root))
        return root.written()


def _bad_bodies(node: Node) -> list[bytes]:
    """Bodies that an item of this type cannot have: of a wrong length, or with a value that is none (9.1.1.3 and 9.1.1.4)."""
    if node.item_type in FIXED:
        more = [bytes(7) + b"\2", b"\1" + bytes(7)] if node.item_type == ItemType.BOOLEAN else []
        return more + [bytes(size) for size in (0, 4, 8, 12, 16) if size != FIXED[ItemType(node.item_type)]]
    if node.item_type == ItemType.BIG_INTEGER:
        return [bytes(size) for size in (0, 4, 9)]
    return [b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80"] if node.item_type == ItemType.TEXT_STRING else []


def _no_values(python: type, version: KmipVersion) -> list[int]:
    """Numbers that an enumeration has not in this version: values of no version, and the first of a later or an earlier one."""
    if python is AttributeReference:
        return [0, 0x420FFF, 0xFFFFFFFF]
    if not issubclass(python, VersionedEnum):
        return []
    others = [int(member) for member in python if not member.exists_in(version)]
    return [0x7FFFFFFF, *others[:1], *others[-1:]]


def _tags(row: Field) -> set[int]:
    return {int(one.tag) for one in row.alternatives} | {int(row.tag)}


def _count(rows: list[Field], tag: int) -> int:
    return sum(tag in _tags(row) for row in rows)


def _interchangeable(structure: type[Any], one: int, other: int) -> bool:
    """Whether the two tags belong to one field, or the structure has no order at all."""
    return structure in {Attributes, AnyStructure} or any({one, other} <= _tags(row) for row in fields_of(structure))


def _name(tag: int) -> str:
    return Tag(tag).name


def _set(node: Node, **changes: Any) -> None:
    for name, changed in changes.items():
        setattr(node, name, changed)


def _swap(node: Node, first: int, second: int) -> None:
    assert isinstance(node.content, list)
    node.content[first], node.content[second] = node.content[second], node.content[first]


def _cut(node: Node) -> None:
    """A structure that ends in the head of a field."""
    node.content = node.written()[8:] + bytes.fromhex("4200940700000008")


def _put_in_place(node: Node, before: set[int], foreign: Node) -> None:
    assert isinstance(node.content, list)
    place = next((number for number, one in enumerate(node.content) if one.tag not in before), len(node.content))
    node.content.insert(place, foreign)
