"""What is done to a message: to its tree (drop, double, move, retype, retag, numbers, texts, lengths, nesting) and to its bytes.

Every mutation takes the tree or the bytes and a source of chance, and leaves something that may be a message or not. The frame round it all
is mostly right, for what is inside would never be looked at otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kmip_conformance.tables import TAG_ROWS, Operation, Tag

from fuzzing.trees import (
    BIG,
    BOOLEAN,
    DATE,
    DATE_EXTENDED,
    ENUMERATION,
    INTEGER,
    INTERVAL,
    LONG,
    STRUCTURE,
    TEXT,
    Node,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

TAGS = [row.number for row in TAG_ROWS]
OPERATIONS = [int(one) for one in Operation]
LARGEST = 60_000
"""Bytes of a mutated message at most, so that several fit into the buffers between client and server."""

EDGES = [0, 1, 2, 7, 8, 16, 31, 127, 128, 255, 256, 2**15, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
TEXTS = [b"", b"\0", b"x" * 300, b"\xff\xfe", b"\xed\xa0\x80", "\U0001f511".encode(), b"-1", b"%s%n", b"x-", b"y-", b"../../etc/passwd"]


def mutated(seed: Node, chance: random.Random, others: Sequence[Node], identifiers: Sequence[bytes]) -> bytes:
    """A message made from a seed: some changes of its tree, some of its bytes, and mostly the right frame."""
    tree = seed.copy()
    kind = chance.random()
    if kind < 0.08:
        return tree.written()
    if kind < 0.94:
        for _ in range(chance.choice((1, 1, 1, 1, 2, 3))):
            chance.choice(OF_VALUES if chance.random() < 0.6 else OF_STRUCTURE)(tree, chance, others, identifiers)
        return _framed(tree.written()[:LARGEST], chance)
    spoilt = bytearray(tree.written()[:LARGEST])
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        if spoilt:
            chance.choice(ON_BYTES)(spoilt, chance)
    return _framed(bytes(spoilt), chance)


def _framed(data: bytes, chance: random.Random) -> bytes:
    """The bytes in a frame that says how long they are; once in fifty times as they came out."""
    if chance.random() < 0.02 or len(data) < 8:
        return data
    data += bytes(-len(data) & 7)
    return b"\x42\x00\x78\x01" + (len(data) - 8).to_bytes(4, "big") + data[8:]


def is_framed(data: bytes) -> bool:
    """Whether a server that reads by lengths finds just this message in these bytes."""
    return data[:4] == b"\x42\x00\x78\x01" and len(data) % 8 == 0 and int.from_bytes(data[4:8], "big") == len(data) - 8


# --- on trees


def _somewhere(tree: Node, chance: random.Random) -> tuple[Node, list[Node]]:
    """An item and the list that it stands in; mostly of a payload, for a message that is broken round them is soon refused."""
    everywhere = list(tree.walk())
    if chance.random() < 0.9:
        inside = [one for node, _ in everywhere if node.tag == Tag.REQUEST_PAYLOAD for one in node.walk()]
        everywhere = inside or everywhere
    return chance.choice(everywhere or [(tree, [tree])])


def _leaf(tree: Node, chance: random.Random) -> Node | None:
    leaves = [node for node, _ in tree.walk() if isinstance(node.body, bytes)]
    return chance.choice(leaves) if leaves else None


def drop(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """An item less."""
    node, among = _somewhere(tree, chance)
    among[:] = [one for one in among if one is not node]


def double(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """An item several times."""
    node, among = _somewhere(tree, chance)
    place = next((at for at, one in enumerate(among) if one is node), 0)
    among[place:place] = [node.copy() for _ in range(chance.choice((1, 1, 1, 2, 30)))]


def move(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """An item somewhere else."""
    node, _among = _somewhere(tree, chance)
    _other, among = _somewhere(tree, chance)
    among.insert(chance.randrange(len(among) + 1), node.copy())


def swap(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """Two neighbours in the wrong order."""
    _node, among = _somewhere(tree, chance)
    if len(among) > 1:
        at = chance.randrange(len(among) - 1)
        among[at], among[at + 1] = among[at + 1], among[at]


def retype(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """Another item type; the body stays, and is often wrong for it."""
    node, _among = _somewhere(tree, chance)
    if isinstance(node.body, list):
        node.body = b"".join(one.written() for one in node.body)
    node.type = chance.choice((*range(1, 12), 0, 15, 255))


def retag(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """Another tag: of the standard, a vendor's, or none."""
    node, _among = _somewhere(tree, chance)
    node.tag = chance.choice((chance.choice(TAGS), chance.choice(TAGS), 0x540000 + chance.randrange(0x10000), chance.randrange(1 << 24)))


def number(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """A number at the edge of some range, or a small one, for enumerations have small ones."""
    numbers = [node for node, _among in tree.walk() if node.type in SIZES and isinstance(node.body, bytes)]
    if numbers:
        node = chance.choice(numbers)
        size = SIZES[node.type]
        value = chance.choice((chance.choice(EDGES), chance.randrange(64), chance.getrandbits(64)))
        node.body = (value * chance.choice((1, 1, -1)) & ((1 << 8 * size) - 1)).to_bytes(size, "big")


def body(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """Another body for a leaf: texts that parsers stumble over, more bytes, fewer."""
    node = _leaf(tree, chance)
    if node is not None and isinstance(node.body, bytes):
        longer = node.body * chance.choice((2, 3, 40))
        node.body = chance.choice((chance.choice(TEXTS), node.body[:-1], node.body + b"\0", chance.randbytes(chance.randrange(40)), longer))


def length(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """A length that lies, or padding that is wrong."""
    node, _among = _somewhere(tree, chance)
    if chance.random() < 0.7:
        size = len(node.written()) - 8
        node.length = chance.choice((0, 1, 4, 8, max(0, size - 8), size + 8, 0x7FFFFFF8, 0xFFFFFFF8, 0xFFFFFFFF))
    else:
        node.padding = chance.choice((b"", bytes(8), b"\1" * 4, b"\1" * 8))


def nest(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """An item inside structures of its own tag, or of one that holds anything; sometimes deeper than anybody goes."""
    node, among = _somewhere(tree, chance)
    place = next((at for at, one in enumerate(among) if one is node), None)
    if place is None:
        return
    depth = chance.choice((1, 2, 31, 33, 1500))
    tag = chance.choice((node.tag, node.tag, 0x540001, int(Tag.ATTRIBUTE_VALUE)))
    inside = node.written()
    for _level in range(depth - 1):
        inside = tag.to_bytes(3, "big") + b"\1" + len(inside).to_bytes(4, "big") + inside
    among[place] = Node(tag, STRUCTURE, inside)


def graft(tree: Node, chance: random.Random, others: Sequence[Node], _: Sequence[bytes]) -> None:
    """An item of another message in the place of one, or beside it."""
    grafted, _from = _somewhere(chance.choice(others), chance)
    _node, among = _somewhere(tree, chance)
    at = chance.randrange(len(among) + 1)
    among[at : at + chance.randrange(2)] = [grafted.copy()]


def rename(tree: Node, chance: random.Random, _: Sequence[Node], identifiers: Sequence[bytes]) -> None:
    """An object of another kind, or one that is not there; since 2.0 one of the batch."""
    for node, _among in tree.walk():
        if node.tag == Tag.UNIQUE_IDENTIFIER:
            node.body, node.type = chance.choice(
                ((chance.choice(identifiers), TEXT), (chance.choice(identifiers), TEXT), (b"none", TEXT), (b"\0\0\0\1", ENUMERATION))
            )


def redirect(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """Another operation with the same payload."""
    for node, _among in tree.walk():
        if node.tag == Tag.OPERATION and isinstance(node.body, bytes):
            node.body = chance.choice(OPERATIONS).to_bytes(4, "big")


def reversion(tree: Node, chance: random.Random, _: Sequence[Node], __: Sequence[bytes]) -> None:
    """The same under another version."""
    for node, _among in tree.walk():
        if node.tag == Tag.PROTOCOL_VERSION_MAJOR:
            node.body = chance.choice((1, 1, 2, 2, 3, 0)).to_bytes(4, "big")
        elif node.tag == Tag.PROTOCOL_VERSION_MINOR:
            node.body = chance.choice((0, 1, 2, 3, 4, 9)).to_bytes(4, "big")


SIZES = {INTEGER: 4, LONG: 8, BIG: 16, ENUMERATION: 4, BOOLEAN: 8, DATE: 8, INTERVAL: 4, DATE_EXTENDED: 8}
OnTree: TypeAlias = "Callable[[Node, random.Random, Sequence[Node], Sequence[bytes]], None]"
OF_VALUES: list[OnTree] = [number, number, body, rename, redirect]
"""Changes after which a message can still be read, mostly: what the operations themselves are to stand."""
OF_STRUCTURE: list[OnTree] = [drop, double, move, swap, retype, retag, length, nest, graft, reversion]
"""Changes of the shape: what readers are to stand."""


# --- on bytes


def flip(data: bytearray, chance: random.Random) -> None:
    """A bit."""
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def overwrite(data: bytearray, chance: random.Random) -> None:
    """A byte."""
    data[chance.randrange(len(data))] = chance.choice((0, 1, 7, 8, 0x42, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def cut(data: bytearray, chance: random.Random) -> None:
    """Bytes fewer."""
    at = chance.randrange(len(data))
    del data[at : at + chance.choice((1, 4, 8, 16, len(data)))]


def insert(data: bytearray, chance: random.Random) -> None:
    """Bytes more: any, or some of the message itself."""
    at = chance.randrange(len(data) + 1)
    start = chance.randrange(len(data))
    data[at:at] = chance.choice((chance.randbytes(chance.choice((1, 4, 8, 16))), bytes(data[start : start + 64])))


def exchange(data: bytearray, chance: random.Random) -> None:
    """Two pieces in each other's place."""
    one, other = sorted((chance.randrange(len(data)), chance.randrange(len(data))))
    data[one : one + 8], data[other : other + 8] = data[other : other + 8], data[one : one + 8]


def relength(data: bytearray, chance: random.Random) -> None:
    """A word that may be a length, replaced."""
    at = chance.randrange(len(data)) & ~3
    data[at : at + 4] = chance.choice((0, 8, 0x7FFFFFFF, 0xFFFFFFF8, chance.randrange(1 << 12))).to_bytes(4, "big")


ON_BYTES = [flip, flip, overwrite, overwrite, cut, insert, exchange, relength]
