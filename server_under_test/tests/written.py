"""Messages written from bytes, and a store read past the server."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from faulty_payloads import Node, tree
from kmip_server.codec import encode
from kmip_server.enums import ItemType, Tag
from kmip_server.messages import ProtocolVersion, RequestHeader


def batch(version, *items, **header):
    """A request message of these operations and payloads, which are bytes."""
    protocol = ProtocolVersion(protocol_version_major=version.major, protocol_version_minor=version.minor)
    head = RequestHeader(protocol_version=protocol, batch_count=len(items), **header)
    written = [encode(head, version)]
    for number, (operation, payload) in enumerate(items):
        before = Node(Tag.OPERATION, ItemType.ENUMERATION, int(operation).to_bytes(4, "big")).written()
        identity = Node(Tag.UNIQUE_BATCH_ITEM_ID, ItemType.BYTE_STRING, number.to_bytes(4, "big")).written()
        written.append(Node(Tag.BATCH_ITEM, ItemType.STRUCTURE, before + identity + payload).written())
    return Node(Tag.REQUEST_MESSAGE, ItemType.STRUCTURE, b"".join(written)).written()


def everything_in(folder):
    """All rows of the store."""
    with closing(sqlite3.connect(folder / "state.db")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}


class Answered:
    """A batch item of an answer as its bytes say, whatever its payload is: that of a failed Check lacks a required field (1.4, 4.10)."""

    def __init__(self, node):
        fields = {one.tag: one.content for one in node.content}
        self.operation, self.status, self.reason = (
            int.from_bytes(fields[tag], "big") if tag in fields else None for tag in (Tag.OPERATION, Tag.RESULT_STATUS, Tag.RESULT_REASON)
        )
        self.message = fields.get(Tag.RESULT_MESSAGE, b"").decode()


def items_of(answer):
    """The batch items of an answer."""
    (message,) = tree(answer)
    assert message.tag == Tag.RESPONSE_MESSAGE
    return [Answered(node) for node in message.content if node.tag == Tag.BATCH_ITEM]
