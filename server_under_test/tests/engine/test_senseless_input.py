"""Requests that parse and make no sense: every operation on every kind of object in every state, and every leaf of every payload at the
ends of its type's range. Whatever the answer is, it is not a defect of the server, and a failure leaves everything as it was.

Each request is the first item of a batch that cannot succeed, with the option Undo: so an object is met in the same state by all of them,
and that Undo brings everything back is tested on the way.
"""

from __future__ import annotations

import time
from itertools import chain

import pytest
from faulty_payloads import tree
from kmip_server.codec import encode
from kmip_server.enums import BatchErrorContinuationOption, ItemType, ObjectType, Operation, ResultStatus, State
from kmip_server.messages import GetRequest
from kmip_server.operations.table import offered_operations
from kmip_server.personality import REFERENCE
from kmip_server.versions import V1_0, V1_2, V1_4, V2_1
from museum import exhibits
from sensible import naming, requests_of, requests_with_attributes
from written import batch, everything_in, items_of

WORKS_ON = {
    Operation.SIGN: ObjectType.PRIVATE_KEY,
    Operation.SIGNATURE_VERIFY: ObjectType.PUBLIC_KEY,
    Operation.CERTIFY: ObjectType.PUBLIC_KEY,
    Operation.RE_CERTIFY: ObjectType.CERTIFICATE,
    Operation.VALIDATE: ObjectType.CERTIFICATE,
    Operation.RE_KEY_KEY_PAIR: ObjectType.PRIVATE_KEY,
    Operation.JOIN_SPLIT_KEY: ObjectType.SPLIT_KEY,
}
"""What an operation can be done with, where that is no symmetric key."""

TAKE_ANY_ATTRIBUTE = {Operation.CREATE, Operation.ADD_ATTRIBUTE, Operation.MODIFY_ATTRIBUTE, Operation.SET_ATTRIBUTE, Operation.LOCATE}
"""Operations with which every attribute is tried: the others take them in the same way."""

FIRST_OF_ALL, SOME = 12, 5
"""Of an operation's usual requests, so many are spoilt from the first one on, and of the rest each one of so many."""

SLOWEST = 10.0
"""Seconds that one item may take at most: the longest keys take their time."""

LARGE = 900_000

EXTREMES: dict[int, list[bytes]] = {
    ItemType.INTEGER: [number.to_bytes(4, "big", signed=True) for number in (0, -1, 7, 2**31 - 1, -(2**31))],
    ItemType.LONG_INTEGER: [number.to_bytes(8, "big", signed=True) for number in (0, -1, 2**63 - 1, -(2**63))],
    ItemType.DATE_TIME: [number.to_bytes(8, "big", signed=True) for number in (0, -1, 2**63 - 1, -(2**63), 2**40)],
    ItemType.DATE_TIME_EXTENDED: [number.to_bytes(8, "big", signed=True) for number in (0, -1, 2**63 - 1, -(2**63))],
    ItemType.INTERVAL: [number.to_bytes(4, "big") for number in (0, 2**32 - 1)],
    ItemType.BIG_INTEGER: [bytes(8), b"\xff" * 8, b"\x7f" * 4096, b"\x80" + bytes(4095)],
    ItemType.BOOLEAN: [bytes(8), bytes(7) + b"\1"],
    ItemType.TEXT_STRING: [b"", b"\0", b"x" * LARGE, "\U0010ffff\u202e'\";--".encode(), b"-1"],
    ItemType.BYTE_STRING: [b"", b"\0", bytes(LARGE), b"\x30\x82\xff\xff" + bytes(12), bytes(16)],
}
"""Bodies at the ends of each type's range, and some that parsers of what is inside stumble over."""


class Judge:
    """Asks, and writes down what was wrong with the answers."""

    def __init__(self, lab, version):
        self.lab = lab
        self.version = version
        self.wrong = []
        self.asked = self.performed = 0
        self.good = encode(GetRequest(unique_identifier="nobody"), version)

    async def tries(self, operation, payload, told, *, sayable=True):
        """Perform one item, undo it, and look at its answer. What is not ``sayable`` is too new for the version."""
        undo = BatchErrorContinuationOption.UNDO
        message = batch(self.version, (operation, payload), (Operation.GET, self.good), batch_error_continuation_option=undo)
        started = time.perf_counter()
        reply = await self.lab.send(message)
        item = items_of(reply.data)[0]
        self.asked += 1
        self.performed += item.status == ResultStatus.OPERATION_UNDONE
        if reply.close or "unexpected" in item.message or (sayable and "no words" in item.message) or item.operation != operation:
            self.wrong.append((operation.name, told, item.message))
        if time.perf_counter() - started > SLOWEST:
            self.wrong.append((operation.name, told, "too slow"))


@pytest.mark.slow
@pytest.mark.parametrize("version", [V1_0, V1_2, V1_4, V2_1], ids=str)
async def test_every_operation_on_every_object_in_every_state(lab, tmp_path, version):
    shown = await exhibits(lab)
    assert {one.object_type for one in shown} == {kind for kind in ObjectType if kind.since <= V2_1}
    before, judge = everything_in(tmp_path), Judge(lab, version)
    for operation in offered_operations(version, REFERENCE):
        for payload in requests_of(operation, version):
            for one in shown:
                message = encode(naming(payload, one.unique_identifier), version)
                await judge.tries(operation, message, f"{payload} on {one}", sayable=one.object_type.exists_in(version))
    assert not judge.wrong, judge.wrong[:10]
    assert judge.asked > 1_000
    assert judge.performed > 100
    assert everything_in(tmp_path) == before


def with_other_leaves(root):
    """Each leaf of a tree in turn with each extreme of its type: (where, the bytes of the whole)."""

    def leaves(node, way):
        if isinstance(node.content, list):
            for number, child in enumerate(node.content):
                yield from leaves(child, f"{way}/{child.tag:06X}[{number}]")
        else:
            yield node, way

    for node, way in leaves(root, ""):
        right = node.content
        for body in EXTREMES.get(node.item_type, ()):
            node.content = body
            yield f"{way} = {body[:16].hex()}", root.written()
        node.content = right


@pytest.mark.slow
@pytest.mark.parametrize("version", [V1_0, V1_4, V2_1], ids=str)
async def test_every_leaf_at_the_ends_of_its_range(lab, tmp_path, version):
    shown = {one.object_type: one.unique_identifier for one in await exhibits(lab) if one.state is State.ACTIVE}
    before, judge = everything_in(tmp_path), Judge(lab, version)
    for operation in offered_operations(version, REFERENCE):
        many = list(requests_of(operation, version))
        some = many[:FIRST_OF_ALL] + many[FIRST_OF_ALL::SOME]
        for payload in chain(some, requests_with_attributes(operation, version) if operation in TAKE_ANY_ATTRIBUTE else ()):
            key = shown[WORKS_ON.get(operation, ObjectType.SYMMETRIC_KEY)]
            (root,) = tree(encode(naming(payload, key), version))
            for told, message in with_other_leaves(root):
                await judge.tries(operation, message, told)
    assert not judge.wrong, judge.wrong[:10]
    assert judge.performed > 100
    assert everything_in(tmp_path) == before
