"""Was a request answered as it deserved? By searching bytes, since decoding every answer would halve the load.

An answer is good when it says Success once for every batch item, names the operation as often, counts its items right, and holds
every ``echo``: pieces of TTLV that a right answer must contain (the unique identifier that was asked for, key material of 32 bytes). A
pattern is at least twelve bytes of tag, type, length and value; that key material looks like one by chance has odds of 2^-96. Anything
else than a good answer is decoded in full, once, to say why (`reason`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from kmip_conformance.tables import Operation, ResultReason, ResultStatus, Tag, words
from kmip_conformance.wire.quick import batch_outcomes

ENUMERATION, INTEGER, TEXT_STRING, BYTE_STRING = 0x05, 0x02, 0x07, 0x08

RESPONSE = struct.pack(">I", Tag.RESPONSE_MESSAGE << 8 | 0x01)
"""How every answer begins: the tag of Response Message, Structure."""


def header(tag: int, item_type: int, length: int) -> bytes:
    """The eight bytes before a TTLV value (KMIP 1.4, 9.1.1)."""
    return struct.pack(">II", tag << 8 | item_type, length)


def number(tag: int, item_type: int, value: int) -> bytes:
    """An Integer or an Enumeration, without its padding."""
    return header(tag, item_type, 4) + struct.pack(">I", value)


def text(tag: int, value: str) -> bytes:
    """A Text String, without its padding."""
    octets = value.encode()
    return header(tag, TEXT_STRING, len(octets)) + octets


def identifier_item(key: str) -> bytes:
    """A Unique Identifier, without its padding."""
    return text(Tag.UNIQUE_IDENTIFIER, key)


SUCCESS = number(Tag.RESULT_STATUS, ENUMERATION, ResultStatus.SUCCESS)
AES_256_MATERIAL = header(Tag.KEY_MATERIAL, BYTE_STRING, 32)
STATE_ATTRIBUTE = text(Tag.ATTRIBUTE_NAME, "State")
UNIQUE_IDENTIFIER = header(Tag.UNIQUE_IDENTIFIER, TEXT_STRING, 0)[:4]
"""Only tag and type: which one the target chose is not known."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is ready to be sent, and what a good answer to it holds. ``name`` is the row it is counted in."""

    name: str
    request: bytes
    operation: bytes
    items: int
    echoes: tuple[bytes, ...]

    def is_answered_by(self, answer: bytes) -> bool:
        """Is this a good answer (see the top of this file)."""
        if answer.count(SUCCESS) != self.items or answer.count(self.operation) != self.items or not answer.startswith(RESPONSE):
            return False
        for echo in self.echoes:  # noqa: SIM110 - all() would cost a generator for every answer
            if echo not in answer:
                return False
        return True


def call(operation: Operation, request: bytes, *echoes: bytes, items: int = 1) -> Call:
    """A call of ``items`` batch items of one operation."""
    batch_count = number(Tag.BATCH_COUNT, INTEGER, items)
    return Call(words(operation), request, number(Tag.OPERATION, ENUMERATION, operation), items, (batch_count, *echoes))


def reason(answer: bytes, call: Call) -> str:
    """Why an answer is not good, in a few words without ids, so that equal failures add up: "Item Not Found"."""
    try:
        outcomes = batch_outcomes(answer)
    except ValueError:
        return "the answer is no KMIP message"
    for status, result_reason in outcomes:
        if status != ResultStatus.SUCCESS:
            return _words_of(result_reason)
    if len(outcomes) != call.items:
        return f"{len(outcomes)} batch items came for {call.items}"
    return "Success, but not of what was asked (operation, unique identifier or key material)"


def _words_of(result_reason: int) -> str:
    try:
        return words(ResultReason(result_reason))
    except ValueError:
        return f"Result Reason {result_reason:#x}" if result_reason else "refused without a Result Reason"
