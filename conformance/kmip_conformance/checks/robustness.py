"""Robustness: what strange clients do must not harm the others (KMIP 1.4, 11.1 and 9.1).

Every check here ends with a question: is the server still there? Hostile checks are followed by a probe of the suite besides.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from kmip_conformance.authoring import (
    SHOULD,
    Closed,
    Connection,
    Conversation,
    Operation,
    QueryFunction,
    Reason,
    ResultStatus,
    Tag,
    check,
    expect,
    kmip_1_4,
    requests,
)
from kmip_conformance.wire import Response, encode, flipped, octets, spoilt

ASKING = requests.query(QueryFunction.QUERY_OPERATIONS)
UNPARSED = kmip_1_4("11.1 General", "Message cannot be parsed")
MESSAGES = kmip_1_4("6 Message Contents", "one or more batch items")
PATIENCE = 1.5
"""Seconds to wait for a server that may as well be waiting for the rest of a message."""

Open = Callable[..., Connection]

rule = partial(check, once=True)


@rule("robustness.half-a-request-holds-nobody-up", cites=MESSAGES, hostile=True)
def half_a_request_holds_nobody_up(kmip: Conversation, connect: Open) -> None:
    """Eight connections that stop in the middle of a request do not keep another client from being served."""
    half = encode(kmip.request(ASKING))[:30]
    for _ in range(8):
        connect().send(half)
    kmip.query().succeeds()


@rule("robustness.unread-answers-hold-nobody-up", cites=MESSAGES, hostile=True)
def a_client_that_does_not_read_holds_nobody_up(kmip: Conversation, connect: Open) -> None:
    """A client that sends 200 requests and reads no answer does not keep another client from being served."""
    connect(timeout=PATIENCE).send(encode(kmip.request(ASKING)) * 200)
    kmip.query().succeeds()


@rule("robustness.many-requests-in-a-row", level=SHOULD, cites=MESSAGES)
def many_requests_at_once_are_all_answered(kmip: Conversation, connect: Open) -> None:
    """One hundred requests that are sent before the first answer is read are all answered."""
    connection = connect()
    connection.send(encode(kmip.request(ASKING)) * 100)
    answers = [outcome for outcome in (connection.receive(PATIENCE) for _ in range(100)) if isinstance(outcome, bytes)]
    expect(len(answers), "the number of answers").is_(100)


@rule("robustness.clients-at-once", cites=MESSAGES)
def eight_clients_at_once_are_served(kmip: Conversation) -> None:
    """Eight connections that ask at the same time are all answered."""

    def ask(conversation: Conversation, _number: int) -> int | None:
        return conversation.send(ASKING).response.batch_items[0].result_status

    expect(set(kmip.at_once(8, ask)), "the Result Statuses").is_({ResultStatus.SUCCESS})


@rule("robustness.gone-before-the-answer", cites=MESSAGES, hostile=True)
def a_client_that_is_gone_before_its_answer_does_no_harm(kmip: Conversation, connect: Open) -> None:
    """Five clients that send a request and reset the connection do no harm to the next one."""
    message = encode(kmip.request(ASKING))
    for _ in range(5):
        connection = connect()
        connection.send(message)
        connection.reset()
    kmip.query().succeeds()


@rule(
    "robustness.goes-on-after-a-bad-item",
    level=SHOULD,
    cites=kmip_1_4("11.1 General", "Batch item fails; Result Status is Operation Failed"),
)
def a_connection_goes_on_after_an_item_that_cannot_be_parsed(kmip: Conversation) -> None:
    """After a batch item that cannot be parsed, in a message that can, the connection goes on: "Batch item fails", and no more."""
    bad = kmip.request(ASKING).changed((Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD, Tag.QUERY_FUNCTION), lambda item: spoilt(item, body=b""))
    kmip.send_bytes(bad).is_refused().or_closes()
    good = kmip.send_bytes(kmip.request(ASKING)).is_answered()
    expect(isinstance(good.outcome, Closed), "whether the connection was closed").is_(wanted=False)


@rule("robustness.every-byte-of-the-payload", cites=UNPARSED, hostile=True)
def no_byte_of_a_request_does_harm(kmip: Conversation) -> None:
    """A request in which one byte of its operation or payload is another is answered, or the connection is closed."""
    message = encode(kmip.request(requests.get("kmiplab-none")))
    start = message.index(Tag.OPERATION.to_bytes(3))
    for offset in range(start, len(message), 5):
        kmip.send_bytes(flipped(message, offset, 0x81)).is_answered().or_closes().settle()


@rule("robustness.random-payloads", cites=UNPARSED, hostile=True)
def random_bytes_in_a_right_frame_do_no_harm(kmip: Conversation) -> None:
    """Eight messages of random bytes in a right frame are refused, or the connection is closed."""
    chance = random.Random(5696)  # noqa: S311 - the same bytes in every run
    frame = Tag.REQUEST_MESSAGE.to_bytes(3) + b"\x01"
    for size in range(8, 136, 16):
        kmip.send_bytes(frame + size.to_bytes(4) + chance.randbytes(size)).is_refused().or_closes().settle()


@rule("robustness.batch-of-hundreds", cites=MESSAGES, hostile=True)
def a_batch_of_hundreds_is_met_somehow(kmip: Conversation) -> None:
    """A batch of 300 items is answered item by item, or refused, or the connection is closed."""
    reply = kmip.send_bytes(kmip.request(*[requests.get("none")] * 300, on_error=1))
    reply.is_answered().or_closes()


@rule("robustness.many-unknown-fields", cites=kmip_1_4("11.1 General", "Same major & minor version, unknown field"), hostile=True)
def a_thousand_unknown_fields_are_met_somehow(kmip: Conversation) -> None:
    """A payload with a thousand unknown fields is answered or refused, or the connection is closed."""
    message = kmip.request(requests.batch_item(Operation.QUERY, *[octets(0x540001, b"")] * 1_000))
    kmip.send_bytes(message).is_answered().or_closes()


@rule("robustness.large-message", cites=UNPARSED, hostile=True)
def a_message_of_four_mebibytes_is_met_somehow(kmip: Conversation, connect: Open) -> None:
    """A message of four mebibytes is answered or refused, or the connection is closed."""
    message = kmip.request(requests.batch_item(Operation.QUERY, octets(0x540001, bytes(1 << 22))))
    outcome = connect().exchange(message).response  # by hand: as a transcript it would fill the report
    answered = isinstance(outcome, bytes) and bool(Response.read(outcome).batch_items)
    expect(answered or isinstance(outcome, Closed), "whether it was answered, or the connection closed").is_(wanted=True)


@rule("robustness.long-list-of-names", cites=MESSAGES, needs=[Operation.CREATE, Operation.GET_ATTRIBUTES])
def a_long_list_of_attribute_names_is_answered(kmip: Conversation) -> None:
    """Get Attributes of 200 custom names that the object has not is answered."""
    kmip.get_attributes(kmip.has_key(), *[f"x-kmiplab-{number}" for number in range(200)]).is_answered()


@rule("robustness.failures-do-not-add-up", needs=[Operation.GET], cites=UNPARSED, hostile=True)
def twenty_failures_in_a_row_do_no_harm(kmip: Conversation) -> None:
    """Twenty refused requests over one connection are followed by one that is answered."""
    for _ in range(20):
        kmip.get("no-such-object").refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED)).settle()
    kmip.query().succeeds()
