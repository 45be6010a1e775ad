"""TTLV, requests: how a server meets single items that are encoded wrongly (KMIP 1.4, 9.1.1 and 11.1).

The frame of each message is right, so that the server can answer. Where the standard says how an item is encoded, but not that
another encoding has to be refused, a server that understands it all the same is tolerated.
"""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import MAY, Conversation, Operation, QueryFunction, Reason, Tag, check, kmip_1_4, kmip_2_1, requests
from kmip_conformance.wire import encode, octets, spoilt, structure, without_padding

UNPARSED = kmip_1_4("11.1 General", "Error parsing batch item or payload within batch item")
LENGTHS = kmip_1_4("9.1.1.3 Item Length")
VALUES = kmip_1_4("9.1.1.4 Item Value")
BOOLEANS = kmip_1_4(
    "9.1.1.4 Item Value", "Booleans are encoded as an eight-byte value that SHALL either contain the hex value 0000000000000000"
)
TEXTS = kmip_1_4(
    "9.1.1.4 Item Value", "Text Strings are sequences of bytes that encode character values according to the UTF-8 encoding standard."
)
ASKING = requests.query(QueryFunction.QUERY_OPERATIONS)
INVALID = (Reason.INVALID_MESSAGE, Reason.INVALID_FIELD)
UID = (Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD, Tag.UNIQUE_IDENTIFIER)
FUNCTION = (Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD, Tag.QUERY_FUNCTION)
OPERATION = (Tag.BATCH_ITEM, Tag.OPERATION)
BATCH_COUNT = (Tag.REQUEST_HEADER, Tag.BATCH_COUNT)
ORDER = (Tag.REQUEST_HEADER, Tag.BATCH_ORDER_OPTION)

rule = partial(check, cites=[LENGTHS, UNPARSED], hostile=True, once=True)


@rule("ttlv.enumeration-of-eight-bytes")
def an_enumeration_of_eight_bytes_is_refused(kmip: Conversation) -> None:
    """A Query Function, an Enumeration, of eight bytes instead of four is refused as an invalid message."""
    message = kmip.request(ASKING).changed(FUNCTION, lambda item: spoilt(item, body=bytes(7) + b"\1"))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("ttlv.enumeration-without-value")
def an_enumeration_without_a_value_is_refused(kmip: Conversation) -> None:
    """A Query Function of no bytes is refused as an invalid message."""
    message = kmip.request(ASKING).changed(FUNCTION, lambda item: spoilt(item, body=b""))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("ttlv.integer-of-two-bytes")
def an_integer_of_two_bytes_is_refused(kmip: Conversation) -> None:
    """A Batch Count, an Integer, of two bytes instead of four is refused as an invalid message, or the connection is closed."""
    message = kmip.request(ASKING).changed(BATCH_COUNT, lambda item: spoilt(item, body=b"\0\1"))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_closes()


@rule("ttlv.boolean-of-four-bytes")
def a_boolean_of_four_bytes_is_refused(kmip: Conversation) -> None:
    """A Batch Order Option, a Boolean, of four bytes instead of eight is refused as an invalid message, or the connection is closed."""
    message = kmip.request(ASKING, ASKING, order=True)
    spoiled = message.changed(ORDER, lambda item: spoilt(item, body=b"\0\0\0\1"))
    kmip.send_bytes(spoiled).is_refused(because=Reason.INVALID_MESSAGE).or_closes()


@rule("ttlv.boolean-of-two", cites=[BOOLEANS, UNPARSED], mutants=["ttlv.boolean-of-any-value"])
def a_boolean_that_is_2_is_refused(kmip: Conversation) -> None:
    """A Batch Order Option whose value is 2, neither True nor False, is refused as an invalid message."""
    message = kmip.request(ASKING, ASKING, order=True)
    spoiled = message.changed(ORDER, lambda item: spoilt(item, body=bytes(7) + b"\2"))
    kmip.send_bytes(spoiled).is_refused(because=INVALID).or_acceptably_succeeds()


@rule("ttlv.boolean-in-the-wrong-byte", cites=[BOOLEANS, UNPARSED])
def a_boolean_whose_one_is_in_the_first_byte_is_refused(kmip: Conversation) -> None:
    """A Batch Order Option with the 1 in its first byte, as a little-endian sender writes it, is refused as an invalid message."""
    message = kmip.request(ASKING, ASKING, order=True)
    spoiled = message.changed(ORDER, lambda item: spoilt(item, body=b"\1" + bytes(7)))
    kmip.send_bytes(spoiled).is_refused(because=INVALID).or_acceptably_succeeds()


@rule("ttlv.number-padded-with-ones", level=MAY, cites=kmip_1_4("9.1.2 Examples"), mutants=["ttlv.padding-ignored"])
def a_number_whose_padding_is_not_zero_is_refused(kmip: Conversation) -> None:
    """A Batch Count whose padding is not zero is refused: no text demands it, all examples pad with zero."""
    message = kmip.request(ASKING).changed(BATCH_COUNT, lambda item: spoilt(item, padding=b"\xff" * 4))
    kmip.send_bytes(message).is_refused(because=INVALID).or_closes()


@rule("ttlv.text-padded-with-blanks", needs=[Operation.GET], level=MAY, cites=kmip_1_4("9.1.2 Examples"), mutants=["ttlv.padding-ignored"])
def a_text_whose_padding_is_not_zero_is_refused(kmip: Conversation) -> None:
    """A Unique Identifier that is padded with blanks is refused as an invalid message: no text demands it, all examples pad with zero."""
    message = kmip.request(requests.get("none")).changed(UID, lambda item: spoilt(item, padding=b"    "))
    kmip.send_bytes(message).is_refused(because=INVALID)


@rule("ttlv.number-without-padding")
def a_number_without_its_padding_is_refused(kmip: Conversation) -> None:
    """A Query Function without the four bytes that have to pad it is refused as an invalid message."""
    message = kmip.request(ASKING).changed(FUNCTION, without_padding)
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_closes()


@rule(
    "ttlv.text-padded-too-much",
    needs=[Operation.GET],
    cites=[kmip_1_4("9.1.1.3 Item Length", "SHALL be padded with the minimal number of bytes"), UNPARSED],
    in_2_x=kmip_2_1("10.1.5 Padding", "SHALL be padded with the minimal number of bytes"),
)
def a_text_with_more_padding_than_needed_is_refused(kmip: Conversation) -> None:
    """A Unique Identifier with eight bytes of padding more than it needs is refused as an invalid message."""
    message = kmip.request(requests.get("none")).changed(UID, lambda item: spoilt(item, padding=bytes(12)))
    kmip.send_bytes(message).is_refused(because=INVALID)


@rule(
    "ttlv.unknown-type",
    cites=[kmip_1_4("9.1.1.2 Item Type", "The allowed values are"), UNPARSED],
    in_2_x=kmip_2_1("10.1.3 Length", "The allowed values are"),
)
def an_item_of_an_unknown_type_is_refused(kmip: Conversation) -> None:
    """A Query Function of the item type 0E, which there is not, is refused as an invalid message."""
    message = kmip.request(ASKING).changed(FUNCTION, lambda item: spoilt(item, type=0x0E))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule(
    "ttlv.type-zero",
    cites=[kmip_1_4("9.1.1.2 Item Type", "The allowed values are"), UNPARSED],
    in_2_x=kmip_2_1("10.1.3 Length", "The allowed values are"),
)
def an_item_of_type_zero_is_refused(kmip: Conversation) -> None:
    """An Operation of the item type 00, which there is not, is refused as an invalid message."""
    message = kmip.request(ASKING).changed(OPERATION, lambda item: spoilt(item, type=0))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("ttlv.structure-for-a-text", needs=[Operation.GET], cites=UNPARSED)
def a_structure_in_place_of_a_text_is_refused(kmip: Conversation) -> None:
    """A Unique Identifier that is a structure is refused as an invalid message."""
    message = kmip.request(requests.get("none")).changed(UID, lambda item: structure(item.tag))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("ttlv.bytes-for-a-structure", cites=UNPARSED)
def bytes_in_place_of_a_structure_are_refused(kmip: Conversation) -> None:
    """A Request Payload that is a Byte String is refused as an invalid message."""
    message = kmip.request(ASKING)
    flat = message.changed((Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD), lambda item: octets(item.tag, encode(*item.children)))
    kmip.send_bytes(flat).is_refused(because=Reason.INVALID_MESSAGE).or_acceptably(because=Reason.INVALID_FIELD)


@rule("ttlv.inner-tag-of-another-byte", cites=kmip_1_4("9.1.1.1 Item Tag", "ensure that malformed messages are detected more easily"))
def an_inner_tag_that_begins_with_another_byte_is_refused(kmip: Conversation) -> None:
    """A field whose tag begins neither with 42 nor with 54 is refused as an invalid message."""
    message = kmip.request(ASKING).changed(FUNCTION, lambda item: spoilt(item, tag=b"\x43\x00\x74"))
    kmip.send_bytes(message).is_refused(because=(*INVALID, Reason.MISSING_DATA))


@rule("ttlv.text-not-utf-8", needs=[Operation.GET], cites=[TEXTS, UNPARSED])
def a_text_that_is_not_utf_8_is_refused(kmip: Conversation) -> None:
    """A Unique Identifier in Latin-1 is refused, as an invalid message or because there is no such object."""
    message = kmip.request(requests.get("none")).changed(UID, lambda item: spoilt(item, body="Schlüssel".encode("latin-1")))
    kmip.send_bytes(message).is_refused(because=INVALID).or_refuses(because=Reason.ITEM_NOT_FOUND)


@rule("ttlv.text-of-surrogates", needs=[Operation.GET], cites=[TEXTS, UNPARSED])
def a_text_of_surrogates_is_refused(kmip: Conversation) -> None:
    """A Unique Identifier of encoded surrogates, which UTF-8 does not allow, is refused."""
    message = kmip.request(requests.get("none")).changed(UID, lambda item: spoilt(item, body=b"\xed\xa0\x80\xed\xb0\x80"))
    kmip.send_bytes(message).is_refused(because=INVALID).or_refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "ttlv.text-null-terminated",
    needs=[Operation.CREATE, Operation.GET],
    cites=kmip_1_4("9.1.1.4 Item Value", "There SHALL NOT be null-termination at the end of such strings."),
)
def a_null_terminated_text_is_another_text(kmip: Conversation) -> None:
    """A Unique Identifier that ends with a zero byte is refused: it is not the one without."""
    key = kmip.has_key()
    kmip.send_bytes(kmip.request(requests.get(f"{key}\0"))).is_refused().or_acceptably_succeeds()


@rule(
    "ttlv.text-of-64-kibibytes",
    needs=[Operation.GET],
    cites=kmip_1_4("9.1.1.3 Item Length", "An Item Length is a 32-bit binary integer"),
    in_2_x=kmip_2_1("10.1.3 Length", "An Item Length is a 32-bit binary integer"),
)
def a_long_text_is_read(kmip: Conversation) -> None:
    """A Unique Identifier of 64 KiB is read, and refused: there is no such object; a server that limits messages may close."""
    kmip.send_bytes(kmip.request(requests.get("k" * (1 << 16)))).is_refused().or_closes()


@rule(
    "ttlv.text-that-is-empty",
    needs=[Operation.CREATE, Operation.GET],
    cites=kmip_1_4("4 Client-to-Server Operations", "MAY make use of the ID Placeholder by omitting the Unique Identifier field"),
    in_2_x=kmip_2_1("6.1 Client-to-Server Operations", "MAY make use of the ID Placeholder by omitting the Unique Identifier field"),
)
def an_empty_text_is_no_identifier(kmip: Conversation) -> None:
    """A Unique Identifier of no letters names no object: it is refused, and not taken for one that was left out."""
    kmip.has_key()
    kmip.get("").refuses()


@rule(
    "ttlv.enumeration-of-no-meaning",
    needs=[Operation.CREATE, Operation.GET],
    cites=kmip_1_4("6.10 Result Reason", "Some data item in the request has an invalid value"),
)
def a_value_that_an_enumeration_has_not_is_refused(kmip: Conversation) -> None:
    """A Key Format Type of 7FFFFFFF, which no version has, is refused."""
    key = kmip.has_key()
    reasons = (Reason.INVALID_FIELD, Reason.INVALID_MESSAGE, Reason.KEY_FORMAT_TYPE_NOT_SUPPORTED)
    kmip.get(key, format_type=0x7FFFFFFF).refuses(because=reasons)
