"""TTLV, framing: how a message is found in a stream of bytes, and what becomes of bytes that are none (KMIP 1.4, 9.1.1).

A server may close the connection where it cannot tell any more where the next message begins; where it can, it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from kmip_conformance.authoring import (
    MAY,
    MUST,
    SHOULD,
    Closed,
    Connection,
    Conversation,
    Operation,
    QueryFunction,
    Reason,
    Silence,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.wire import Response, encode, nested, structure, truncated, with_total_length

UNPARSED = kmip_1_4("11.1 General", "Message cannot be parsed")
LENGTH = kmip_1_4("9.1.1.3 Item Length", "An Item Length is a 32-bit binary integer, transmitted big-endian")
FIRST_BYTE = kmip_1_4(
    "9.1.1.1 Item Tag", "all tags SHALL contain either the value 42 in hex or the value 54 in hex as the high order (first) byte"
)
ASKING = requests.query(QueryFunction.QUERY_OPERATIONS)
HTTP_ERROR = re.compile(rb"HTTP/1\.[01] [45]\d\d ")
PATIENCE = 1.5
"""Seconds to wait for a server that may as well be waiting for the rest of a message."""

Open = Callable[..., Connection]

rule = partial(check, once=True)


@rule("ttlv.message-cut-short-is-refused", level=MUST, cites=UNPARSED, hostile=True)
def a_message_whose_structure_ends_too_early_is_refused(kmip: Conversation) -> None:
    """A message whose inner lengths reach beyond its end is refused as an invalid message, or the connection is closed."""
    whole = encode(kmip.request(ASKING))
    outer_length = (len(whole) - 16).to_bytes(4)
    cut = whole[:4] + outer_length + truncated(whole, 8)[8:]
    kmip.send_bytes(cut).is_refused(because=Reason.INVALID_MESSAGE).or_closes()


@rule(
    "ttlv.byte-by-byte", cites=LENGTH, in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer, transmitted big-endian")
)
def a_request_that_comes_byte_by_byte_is_answered(kmip: Conversation, connect: Open) -> None:
    """A request that arrives in pieces of one byte is put together and answered."""
    connection = connect()
    connection.send_slowly(encode(kmip.request(ASKING)))
    outcome = connection.receive()
    expect(isinstance(outcome, bytes) and Response.read(outcome).batch_count == 1, "whether it was answered").is_(wanted=True)


@rule(
    "ttlv.message-after-message",
    level=SHOULD,
    cites=LENGTH,
    in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer, transmitted big-endian"),
)
def requests_that_come_at_once_are_answered_one_by_one(kmip: Conversation, connect: Open) -> None:
    """Three requests that arrive in one piece are answered by three responses, in the same order."""
    connection = connect()
    ids = [b"first", b"second", b"third"]
    connection.send(b"".join(encode(kmip.request(ASKING, ids=[batch_id])) for batch_id in ids))
    outcomes = [connection.receive(PATIENCE) for _ in ids]
    items = [item for outcome in outcomes if isinstance(outcome, bytes) for item in Response.read(outcome).batch_items]
    expect([item.unique_batch_item_id for item in items], "the list of Unique Batch Item IDs").is_(ids)


@rule("ttlv.in-pieces", cites=LENGTH, in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer, transmitted big-endian"))
def a_request_that_comes_in_pieces_is_answered(kmip: Conversation, connect: Open) -> None:
    """A request that arrives in pieces of 7, 8, 9 or more bytes, cut in headers or in values, is put together and answered."""
    connection, message = connect(), encode(kmip.request(ASKING))
    for size in (7, 8, 9, len(message) - 1):
        connection.send_slowly(message, chunk=size)
        outcome = connection.receive()
        expect(isinstance(outcome, bytes) and Response.read(outcome).batch_count == 1, f"the answer to pieces of {size}").is_(wanted=True)


@rule(
    "ttlv.garbage-behind-a-message",
    cites=LENGTH,
    in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer, transmitted big-endian"),
    hostile=True,
)
def a_message_before_garbage_is_answered(kmip: Conversation, connect: Open) -> None:
    """A request with garbage behind it is answered: its length says where it ends."""
    connection = connect(timeout=PATIENCE)
    connection.send(encode(kmip.request(ASKING)) + b"\xff" * 16)
    outcome = connection.receive()
    answered = isinstance(outcome, bytes) and Response.read(outcome).batch_count == 1
    expect(answered or isinstance(outcome, Closed), "whether the request was answered, or the connection closed").is_(wanted=True)


@rule("ttlv.wrong-first-byte", cites=[FIRST_BYTE, UNPARSED], hostile=True)
def a_message_that_begins_with_another_byte_is_refused(kmip: Conversation) -> None:
    """A message whose first tag begins neither with 42 nor with 54 is refused as an invalid message, or the connection is closed."""
    message = b"\x43" + encode(kmip.request(ASKING))[1:]
    kmip.again(timeout=PATIENCE).send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_closes()


@rule("ttlv.web-request", cites=FIRST_BYTE, hostile=True)
def a_web_request_is_no_message(kmip: Conversation) -> None:
    """A web browser's request is refused as an invalid message or by an HTTP error, or the connection is closed, or more is waited for."""
    text = b"GET / HTTP/1.1\r\nHost: kms\r\nAccept: */*\r\n\r\n"
    reply = kmip.again(timeout=PATIENCE).send_bytes(text).is_refused(because=Reason.INVALID_MESSAGE).or_closes()
    reply.allows("refuses it with an HTTP error, as a server of the HTTPS profile", lambda: HTTP_ERROR.match(reply.heard) is not None)
    reply.allows("waits for the rest", lambda: isinstance(reply.outcome, Silence), lesser=True)


@rule("ttlv.another-root", cites=[kmip_1_4("7.1 Message Structure"), UNPARSED], hostile=True)
def a_message_of_another_tag_is_refused(kmip: Conversation) -> None:
    """A message under another tag than Request Message is refused as an invalid message, or the connection is closed."""
    response = structure(Tag.RESPONSE_MESSAGE, *kmip.request(ASKING).children)
    kmip.send_bytes(response).is_refused(because=(Reason.INVALID_MESSAGE, Reason.INVALID_FIELD)).or_closes()


@rule("ttlv.empty-message", cites=[kmip_1_4("7.1 Message Structure"), UNPARSED], hostile=True)
def a_message_without_anything_in_it_is_refused(kmip: Conversation) -> None:
    """A Request Message of length 0 is refused as an invalid message, or the connection is closed."""
    reply = kmip.send_bytes(structure(Tag.REQUEST_MESSAGE)).is_refused(because=Reason.INVALID_MESSAGE).or_closes()
    reply.or_acceptably(because=Reason.MISSING_DATA)


@rule(
    "ttlv.length-in-no-multiple-of-eight",
    cites=[kmip_1_4("9.1.1.3 Item Length", "Varies, multiple of 8"), UNPARSED],
    in_2_x=kmip_2_1("10.1.3 Length", "Varies, multiple of 8"),
    hostile=True,
)
def a_structure_whose_length_is_no_multiple_of_eight_is_refused(kmip: Conversation) -> None:
    """A Request Message that says it is four bytes longer than its items, and is, is refused, or the connection is closed."""
    message = encode(kmip.request(ASKING))
    longer = with_total_length(message, len(message) - 8 + 4) + bytes(4)
    kmip.again(timeout=PATIENCE).send_bytes(longer).is_refused(because=Reason.INVALID_MESSAGE).or_closes().or_acceptably_succeeds()


@rule(
    "ttlv.huge-length",
    level=SHOULD,
    cites=LENGTH,
    in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer, transmitted big-endian"),
    hostile=True,
)
def a_message_that_says_it_is_huge_is_not_waited_for(kmip: Conversation) -> None:
    """A message that says it is 2 GiB long is refused, or the connection is closed; the server does not make room for it."""
    message = with_total_length(encode(kmip.request(ASKING)), 0x7FFFFFF8)
    kmip.again(timeout=PATIENCE).send_bytes(message).is_refused().or_closes()


@rule(
    "ttlv.greatest-length",
    level=SHOULD,
    cites=LENGTH,
    in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer, transmitted big-endian"),
    hostile=True,
)
def a_length_of_all_ones_is_not_believed(kmip: Conversation) -> None:
    """A message that says it is 4 GiB long, a negative length to a careless reader, is refused, or the connection is closed."""
    message = with_total_length(encode(kmip.request(ASKING)), 0xFFFFFFFF)
    kmip.again(timeout=PATIENCE).send_bytes(message).is_refused().or_closes()


@rule("ttlv.inner-length-beyond-the-message", needs=[Operation.GET], cites=UNPARSED, hostile=True)
def a_text_that_reaches_beyond_the_message_is_refused(kmip: Conversation) -> None:
    """A text whose length reaches far beyond the message is refused as an invalid message, or the connection is closed."""
    message = encode(kmip.request(requests.get("abcdefgh")))
    start = message.index(b"abcdefgh") - 4
    spoilt = message[:start] + b"\x7f\xff\xff\xf8" + message[start + 4 :]
    kmip.again(timeout=PATIENCE).send_bytes(spoilt).is_refused(because=Reason.INVALID_MESSAGE).or_closes()


@rule("ttlv.too-deep", cites=UNPARSED, hostile=True)
def structures_in_structures_without_end_are_refused(kmip: Conversation) -> None:
    """Ten thousand structures inside each other are refused, or the connection is closed."""
    deep = nested(structure(Tag.VENDOR_EXTENSION), 10_000)
    header = encode(*kmip.request(ASKING).children[:1])
    body = header + Tag.BATCH_ITEM.to_bytes(3) + b"\x01" + len(deep).to_bytes(4) + deep
    message = Tag.REQUEST_MESSAGE.to_bytes(3) + b"\x01" + len(body).to_bytes(4) + body
    kmip.send_bytes(message).is_refused().or_closes()


@rule(
    "ttlv.half-a-message",
    level=MAY,
    cites=LENGTH,
    in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer, transmitted big-endian"),
    hostile=True,
)
def half_a_message_is_not_answered(kmip: Conversation, connect: Open) -> None:
    """A connection whose client sends half a message and then no more (TCP FIN) is closed."""
    connection = connect(timeout=PATIENCE)
    connection.send(encode(kmip.request(ASKING))[:40])
    connection.half_close()
    expect(isinstance(connection.receive(), Closed), "whether the connection is closed").is_(wanted=True)
