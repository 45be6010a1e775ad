"""Messages, fields: what is missing, there twice, out of order or of another type in a request (KMIP 1.4, 7.2 and 11.1).

The tables say which field stands where and of which type. A server that understands a message with fields out of order all the same is
tolerated; one that takes a field twice, or does without a required one, is not.
"""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import Conversation, Operation, QueryFunction, Reason, Tag, check, kmip_1_4, kmip_2_1, requests
from kmip_conformance.wire import enumeration, integer, long_integer, octets

ASKING = requests.query(QueryFunction.QUERY_OPERATIONS)
TWICE = kmip_1_4("11.1 General", "The same field is contained in a header/batch item/payload more than once")
UNPARSED = kmip_1_4("11.1 General", "Message cannot be parsed")
ITEM_UNPARSED = kmip_1_4("11.1 General", "Error parsing batch item or payload within batch item")
IN_ORDER = kmip_1_4("7 Message Format", "All fields SHALL appear in the order specified.")
REQUIRED = kmip_1_4("7.2 Operations")
INVALID = (Reason.INVALID_MESSAGE, Reason.INVALID_FIELD)
ABSENT = (Reason.INVALID_MESSAGE, Reason.MISSING_DATA)
HEADER = Tag.REQUEST_HEADER
ITEM = Tag.BATCH_ITEM
PAYLOAD = (ITEM, Tag.REQUEST_PAYLOAD)

rule = partial(check, hostile=True, once=True)


@rule("messages.header-field-twice", cites=TWICE)
def a_header_field_that_is_there_twice_is_refused(kmip: Conversation) -> None:
    """A header with two Batch Counts is refused as an invalid message."""
    message = kmip.request(ASKING).duplicated((HEADER, Tag.BATCH_COUNT))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.protocol-version-twice", cites=TWICE)
def two_protocol_versions_are_refused(kmip: Conversation) -> None:
    """A header with two Protocol Versions is refused as an invalid message."""
    message = kmip.request(ASKING).duplicated((HEADER, Tag.PROTOCOL_VERSION))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.batch-item-field-twice", cites=TWICE)
def an_operation_that_is_there_twice_is_refused(kmip: Conversation) -> None:
    """A batch item with two Operations is refused as an invalid message."""
    message = kmip.request(ASKING).duplicated((ITEM, Tag.OPERATION))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.id-twice-in-an-item", cites=TWICE)
def an_item_with_two_ids_is_refused(kmip: Conversation) -> None:
    """A batch item with two Unique Batch Item IDs is refused as an invalid message."""
    message = kmip.request(ASKING, ids=[b"one"]).duplicated((ITEM, Tag.UNIQUE_BATCH_ITEM_ID))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.payload-field-twice", cites=TWICE, needs=[Operation.CREATE, Operation.GET])
def a_payload_field_that_is_there_twice_is_refused(kmip: Conversation) -> None:
    """A Get of two Unique Identifiers is refused as an invalid message."""
    key = kmip.has_key()
    message = kmip.request(requests.get(key)).duplicated((*PAYLOAD, Tag.UNIQUE_IDENTIFIER))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.payload-twice", cites=TWICE)
def an_item_with_two_payloads_is_refused(kmip: Conversation) -> None:
    """A batch item with two Request Payloads is refused as an invalid message."""
    message = kmip.request(ASKING).duplicated(PAYLOAD)
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.header-missing", cites=[REQUIRED, UNPARSED])
def a_message_without_a_header_is_refused(kmip: Conversation) -> None:
    """A message without a Request Header is refused as an invalid message, or the connection is closed."""
    kmip.send_bytes(kmip.request(ASKING).without(HEADER)).is_refused(because=(*ABSENT, Reason.INVALID_FIELD)).or_closes()


@rule("messages.protocol-version-missing", cites=[REQUIRED, UNPARSED])
def a_message_without_a_version_is_refused(kmip: Conversation) -> None:
    """A message without a Protocol Version is refused as an invalid message, or the connection is closed."""
    message = kmip.request(ASKING).without((HEADER, Tag.PROTOCOL_VERSION))
    kmip.send_bytes(message).is_refused(because=(*ABSENT, Reason.INVALID_FIELD)).or_closes()


@rule("messages.minor-version-missing", cites=[REQUIRED, UNPARSED])
def half_a_version_is_refused(kmip: Conversation) -> None:
    """A Protocol Version without its minor part is refused as an invalid message, or the connection is closed."""
    message = kmip.request(ASKING).without((HEADER, Tag.PROTOCOL_VERSION, Tag.PROTOCOL_VERSION_MINOR))
    kmip.send_bytes(message).is_refused(because=(*ABSENT, Reason.INVALID_FIELD)).or_closes()


@rule("messages.batch-count-missing", cites=kmip_1_4("6.14 Batch Count", "is REQUIRED"), in_2_x=kmip_2_1("9.5 Batch Count", "is REQUIRED"))
def a_message_without_a_batch_count_is_refused(kmip: Conversation) -> None:
    """A message without a Batch Count is refused as an invalid message, or the connection is closed."""
    message = kmip.request(ASKING).without((HEADER, Tag.BATCH_COUNT))
    kmip.send_bytes(message).is_refused(because=ABSENT).or_closes().or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.operation-missing", cites=[REQUIRED, ITEM_UNPARSED])
def a_batch_item_without_an_operation_is_refused(kmip: Conversation) -> None:
    """A batch item without an Operation is refused as an invalid message, or because data is missing."""
    message = kmip.request(ASKING).without((ITEM, Tag.OPERATION))
    kmip.send_bytes(message).is_refused(because=ABSENT).or_acceptably(because=Reason.INVALID_FIELD)


@rule("messages.payload-missing", cites=[REQUIRED, ITEM_UNPARSED])
def a_batch_item_without_a_payload_is_refused(kmip: Conversation) -> None:
    """A Query without a Request Payload is refused as an invalid message, or because data is missing."""
    message = kmip.request(ASKING).without(PAYLOAD)
    kmip.send_bytes(message).is_refused(because=ABSENT).or_acceptably(because=Reason.INVALID_FIELD)


@rule(
    "messages.required-payload-field-missing",
    cites=kmip_1_4("6.10 Result Reason", "additional information in the request, which was not present"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "additional information in the request, which was not present"),
)
def a_payload_without_a_required_field_is_refused(kmip: Conversation) -> None:
    """A Query without a Query Function is refused as an invalid message, or because data is missing."""
    kmip.ask(requests.query()).refuses(because=ABSENT).or_acceptably(because=(Reason.INVALID_FIELD, Reason.ILLEGAL_OPERATION))


@rule(
    "messages.header-out-of-order",
    cites=[IN_ORDER, UNPARSED],
    in_2_x=kmip_2_1("8 Messages", "All fields SHALL appear in the order specified."),
)
def a_header_whose_fields_are_out_of_order_is_refused(kmip: Conversation) -> None:
    """A header whose Batch Count stands before the Protocol Version is refused as an invalid message; understanding it is tolerated."""
    message = kmip.request(ASKING)
    turned = message.changed(HEADER, lambda header: header.holding(tuple(reversed(header.children))))
    kmip.send_bytes(turned).is_refused(because=(*ABSENT, Reason.INVALID_FIELD)).or_closes().or_acceptably_succeeds()


@rule(
    "messages.item-out-of-order",
    cites=[IN_ORDER, ITEM_UNPARSED],
    in_2_x=kmip_2_1("8 Messages", "All fields SHALL appear in the order specified."),
)
def a_batch_item_whose_fields_are_out_of_order_is_refused(kmip: Conversation) -> None:
    """A batch item whose payload stands before its Operation is refused as an invalid message; understanding it is tolerated."""
    message = kmip.request(ASKING).reordered(ITEM, (1, 0))
    kmip.send_bytes(message).is_refused(because=(*INVALID, Reason.MISSING_DATA)).or_acceptably_succeeds()


@rule(
    "messages.payload-out-of-order",
    cites=[IN_ORDER, ITEM_UNPARSED],
    in_2_x=kmip_2_1("8 Messages", "All fields SHALL appear in the order specified."),
    needs=[Operation.CREATE],
)
def a_payload_whose_fields_are_out_of_order_is_refused(kmip: Conversation) -> None:
    """A Create whose Object Type stands behind the attributes is refused as an invalid message; understanding it is tolerated."""
    message = kmip.request(requests.create_symmetric_key()).reordered(PAYLOAD, (1, 0))
    kmip.send_bytes(message).is_refused(because=(*INVALID, Reason.MISSING_DATA)).or_acceptably_succeeds()


@rule(
    "messages.header-behind-the-items",
    cites=[IN_ORDER, UNPARSED],
    in_2_x=kmip_2_1("8 Messages", "All fields SHALL appear in the order specified."),
)
def a_header_behind_the_batch_items_is_refused(kmip: Conversation) -> None:
    """A message whose header stands behind its batch item is refused as an invalid message; understanding it is tolerated."""
    message = kmip.request(ASKING).reordered((), (1, 0))
    kmip.send_bytes(message).is_refused(because=(*INVALID, Reason.MISSING_DATA)).or_closes().or_acceptably_succeeds()


@rule(
    "messages.batch-count-of-another-type",
    cites=kmip_1_4("6.14 Batch Count", "Batch Count | Integer"),
    in_2_x=kmip_2_1("9.5 Batch Count", "Batch Count | Integer"),
)
def a_batch_count_that_is_a_long_integer_is_refused(kmip: Conversation) -> None:
    """A Batch Count that is a Long Integer is refused as an invalid message, or the connection is closed."""
    message = kmip.request(ASKING).changed((HEADER, Tag.BATCH_COUNT), lambda item: long_integer(item.tag, 1))
    kmip.send_bytes(message).is_refused(because=INVALID).or_closes()


@rule(
    "messages.version-of-another-type",
    cites=kmip_1_4("6.1 Protocol Version", "Protocol Version Major | Integer"),
    in_2_x=kmip_2_1("9.16 Protocol Version", "Protocol Version Major | Integer"),
)
def a_version_that_is_an_enumeration_is_refused(kmip: Conversation) -> None:
    """A Protocol Version Major that is an Enumeration is refused as an invalid message, or the connection is closed."""
    path = (HEADER, Tag.PROTOCOL_VERSION, Tag.PROTOCOL_VERSION_MAJOR)
    message = kmip.request(ASKING).changed(path, lambda item: enumeration(item.tag, 1))
    kmip.send_bytes(message).is_refused(because=INVALID).or_closes().or_acceptably_succeeds()


@rule("messages.operation-of-another-type", cites=kmip_1_4("6.2 Operation", "Operation | Enumeration, see 9.1.3.2.27"))
def an_operation_that_is_an_integer_is_refused(kmip: Conversation) -> None:
    """An Operation that is an Integer is refused as an invalid message; understanding it is tolerated."""
    message = kmip.request(ASKING).changed((ITEM, Tag.OPERATION), lambda item: integer(item.tag, Operation.QUERY))
    kmip.send_bytes(message).is_refused(because=INVALID).or_acceptably_succeeds()


@rule(
    "messages.identifier-of-another-type",
    cites=kmip_1_4("3.1 Unique Identifier", "Unique Identifier | Text String"),
    needs=[Operation.CREATE, Operation.GET],
)
def an_identifier_that_is_a_byte_string_is_refused(kmip: Conversation) -> None:
    """A Unique Identifier that is a Byte String is refused as an invalid message; understanding it is tolerated."""
    key = kmip.has_key()
    path = (*PAYLOAD, Tag.UNIQUE_IDENTIFIER)
    message = kmip.request(requests.get(key)).changed(path, lambda item: octets(item.tag, key.encode()))
    kmip.send_bytes(message).is_refused(because=INVALID).or_acceptably_succeeds()


@rule(
    "messages.id-of-another-type",
    cites=kmip_1_4("6.4 Unique Batch Item ID", "Unique Batch Item ID | Byte String"),
    in_2_x=kmip_2_1("9.21 Unique Batch Item ID", "Unique Batch Item ID | Byte String"),
)
def an_id_that_is_an_integer_is_refused(kmip: Conversation) -> None:
    """A Unique Batch Item ID that is an Integer is refused as an invalid message; understanding it is tolerated."""
    message = kmip.request(ASKING, ids=[b"\0\0\0\1"]).changed((ITEM, Tag.UNIQUE_BATCH_ITEM_ID), lambda item: integer(item.tag, 1))
    kmip.send_bytes(message).is_refused(because=INVALID).or_acceptably_succeeds()


@rule("messages.bad-item-fails-alone", needs=[Operation.GET], cites=ITEM_UNPARSED)
def a_payload_that_cannot_be_parsed_fails_its_item(kmip: Conversation) -> None:
    """A batch item whose payload is not that of its operation fails as an invalid message, and bears its Operation or none."""
    message = kmip.request(requests.batch_item(Operation.GET, integer(Tag.BATCH_COUNT, 1)))
    kmip.send_bytes(message).is_refused(because=INVALID)


@rule(
    "messages.notify-from-a-client-refused",
    cites=kmip_1_4("5 Server-to-Client Operations", "Server-to-client operations are used by servers to send information"),
    in_2_x=kmip_2_1("6.2 Server-to-Client Operations", "Server-to-client operations are used by servers to send information"),
)
def a_server_is_not_sent_what_servers_send(kmip: Conversation) -> None:
    """Notify, which servers send to clients, is refused when a client sends it."""
    answer = kmip.ask(requests.batch_item(Operation.NOTIFY)).refuses(because=Reason.OPERATION_NOT_SUPPORTED)
    answer.or_acceptably(because=(*INVALID, Reason.MISSING_DATA, Reason.PERMISSION_DENIED, Reason.ILLEGAL_OPERATION))
