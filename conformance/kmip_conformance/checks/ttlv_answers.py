"""TTLV, answers: what everything that a server sends has to look like on the wire (KMIP 1.4, 9.1)."""

from __future__ import annotations

import secrets
from functools import partial

from kmip_conformance.authoring import (
    SHOULD,
    Conversation,
    ObjectType,
    Operation,
    QueryFunction,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.wire import AnomalyKind
from kmip_conformance.wire.schema import misfits

LENGTHS = {AnomalyKind.CUT_SHORT, AnomalyKind.BEYOND_END, AnomalyKind.WRONG_LENGTH, AnomalyKind.MISSING_PADDING, AnomalyKind.TRAILING_BYTES}
TAGS = {AnomalyKind.WRONG_TAG, AnomalyKind.UNKNOWN_TAG}
A_NAME = "Ключ – clé – 鍵 – 🗝"
"""A name of two, three and four bytes a letter, none of them in Latin-1."""

rule = partial(check, needs=[Operation.CREATE, Operation.GET, Operation.GET_ATTRIBUTES])


@check(
    "ttlv.padding-is-zero",
    level=SHOULD,
    cites=kmip_1_4("9.1.2 Examples"),
    mutants=["ttlv.padding-not-zero"],
)
def padding_is_zero(kmip: Conversation) -> None:
    """The bytes that pad a value to a multiple of eight are zero."""
    with_numbers = kmip.query(QueryFunction.QUERY_OPERATIONS).is_answered().reply.response
    with_texts = kmip.query(QueryFunction.QUERY_SERVER_INFORMATION).is_answered().reply.response
    anomalies = with_numbers.anomalies + with_texts.anomalies
    paddings = [str(anomaly) for anomaly in anomalies if anomaly.kind is AnomalyKind.NON_ZERO_PADDING]
    expect(paddings, "the list of paddings that are not zero").is_([])


@rule(
    "ttlv.lengths-are-right",
    cites=kmip_1_4("9.1.1.3 Item Length", "the Item Length is the number of bytes excluding the padding bytes"),
    in_2_x=kmip_2_1("10.1.5 Padding", "the Item Length is the number of bytes excluding the padding bytes"),
)
def every_item_has_the_length_of_its_type(kmip: Conversation) -> None:
    """Every item of an answer has the length and the padding of its type, and ends where the structure around it does."""
    key = kmip.has_key()
    answers = [kmip.query().is_answered(), kmip.get_attributes(key).is_answered(), kmip.get(key).is_answered(), kmip.get("none").refuses()]
    anomalies = [anomaly for answer in answers for anomaly in answer.reply.response.anomalies]
    expect([anomaly.text for anomaly in anomalies if anomaly.kind in LENGTHS], "the list of wrong lengths").is_([])


@rule(
    "ttlv.types-exist",
    cites=kmip_1_4("9.1.1.2 Item Type", "a coded value that indicates the data type of the data object"),
)
def every_item_has_a_type_of_the_standard(kmip: Conversation) -> None:
    """Every item of an answer has one of the ten item types."""
    key = kmip.has_key()
    answers = [kmip.query().is_answered(), kmip.get_attributes(key).is_answered(), kmip.get(key).is_answered(), kmip.get("none").refuses()]
    anomalies = [anomaly for answer in answers for anomaly in answer.reply.response.anomalies]
    expect([anomaly.text for anomaly in anomalies if anomaly.kind is AnomalyKind.UNKNOWN_TYPE], "the list of unknown types").is_([])


@rule(
    "ttlv.tags-exist",
    cites=kmip_1_4(
        "9.1.1.1 Item Tag", "all tags SHALL contain either the value 42 in hex or the value 54 in hex as the high order (first) byte"
    ),
)
def every_item_has_a_tag_of_the_standard_or_of_a_vendor(kmip: Conversation) -> None:
    """Every tag of an answer is one that the standard defines, or one of the range for extensions."""
    key = kmip.has_key()
    answers = [kmip.query().is_answered(), kmip.get_attributes(key).is_answered(), kmip.get(key).is_answered(), kmip.get("none").refuses()]
    anomalies = [anomaly for answer in answers for anomaly in answer.reply.response.anomalies]
    expect([anomaly.text for anomaly in anomalies if anomaly.kind in TAGS], "the list of unknown tags").is_([])


@rule(
    "ttlv.booleans-are-0-or-1",
    cites=kmip_1_4(
        "9.1.1.4 Item Value", "Booleans are encoded as an eight-byte value that SHALL either contain the hex value 0000000000000000"
    ),
    mutants=["ttlv.boolean-two"],
)
def a_boolean_is_0_or_1(kmip: Conversation) -> None:
    """Every Boolean of an answer, such as Fresh since 1.1, is encoded as 0 or as 1."""
    attributes = kmip.get_attributes(kmip.has_key()).is_answered().reply.response
    wrong = [anomaly.text for anomaly in attributes.anomalies if anomaly.kind is AnomalyKind.WRONG_BOOLEAN]
    expect(wrong, "the list of Booleans that are neither").is_([])


@check(
    "ttlv.texts-not-null-terminated",
    cites=kmip_1_4("9.1.1.4 Item Value", "There SHALL NOT be null-termination at the end of such strings."),
    needs=[Operation.CREATE, Operation.GET_ATTRIBUTES],
    mutants=["ttlv.length-counts-padding"],
)
def no_text_ends_with_a_zero_byte(kmip: Conversation) -> None:
    """No Text String of an answer ends with a zero byte, and none counts its padding as text."""
    key = kmip.has_key(requests.name(f"kmiplab-{secrets.token_hex(6)}-odd"))
    answers = [kmip.get_attributes(key).is_answered(), kmip.get("none").is_answered()]
    anomalies = [anomaly for answer in answers for anomaly in answer.reply.response.anomalies]
    expect([anomaly.text for anomaly in anomalies if anomaly.kind is AnomalyKind.NULL_TERMINATED], "the list of such texts").is_([])


@check(
    "ttlv.texts-are-utf-8",
    cites=kmip_1_4(
        "9.1.1.4 Item Value", "Text Strings are sequences of bytes that encode character values according to the UTF-8 encoding standard."
    ),
    in_2_x=kmip_2_1("10.1.4 Value", "character values according to [RFC3629] the UTF-8 encoding standard"),
    needs=[Operation.CREATE, Operation.GET_ATTRIBUTES],
    mutants=["ttlv.text-in-latin-1"],
)
def texts_of_every_alphabet_come_back(kmip: Conversation) -> None:
    """A Name of letters of several alphabets comes back as it was given, in UTF-8."""
    name = f"{A_NAME} {secrets.token_hex(6)}"
    answer = kmip.get_attributes(kmip.has_key(requests.name(name)), "Name").succeeds()
    names = [value.value for value in (item.anywhere(Tag.NAME_VALUE) for item in answer.attributes("Name")) if value is not None]
    expect(names == [name], "whether the Name is the one that was given").is_(wanted=True)
    broken = [anomaly.text for anomaly in answer.reply.response.anomalies if anomaly.kind is AnomalyKind.INVALID_UTF8]
    expect(broken, "the list of texts that are not UTF-8").is_([])


@check(
    "ttlv.texts-of-every-length",
    cites=kmip_1_4(
        "9.1.1.3 Item Length",
        "SHALL be padded with the minimal number of bytes following the Item Value to obtain a multiple of eight bytes",
    ),
    in_2_x=kmip_2_1(
        "10.1.5 Padding", "SHALL be padded with the minimal number of bytes following the Item Value to obtain a multiple of eight bytes"
    ),
    needs=[Operation.GET],
)
def texts_of_every_length_are_understood(kmip: Conversation) -> None:
    """Unique Identifiers of 1 to 17 bytes, with every amount of padding, are read: each is said not to be found."""
    for length in range(1, 18):
        kmip.get("k" * length).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED)).settle()


@rule(
    "ttlv.types-are-those-of-the-tables",
    cites=kmip_1_4("7.2 Operations"),
    mutants=["messages.time-stamp-as-long-integer", "get.cryptographic-length-as-long-integer", "attributes.state-as-text"],
)
def every_field_has_the_type_of_its_table(kmip: Conversation) -> None:
    """Every field and attribute of an answer has the item type that the standard's tables give it."""
    key = kmip.has_key()
    answers = [kmip.query().is_answered(), kmip.get_attributes(key).is_answered(), kmip.get(key).is_answered(), kmip.get("none").refuses()]
    found = [str(misfit) for answer in answers for misfit in misfits(answer.reply.response, kmip.version) if "the type is" in misfit.text]
    expect(found, "the list of wrong types").is_([])


@rule(
    "ttlv.fields-stand-in-order",
    cites=kmip_1_4(
        "9.1.1.4 Item Value",
        "All structures defined in this specification SHALL have all of their fields encoded in the order in which they appear",
    ),
    in_2_x=kmip_2_1(
        "10.1.2 Type",
        "All structures defined in this specification SHALL have all of their fields encoded in the order in which they appear",
    ),
)
def the_fields_of_a_key_block_stand_in_their_order(kmip: Conversation) -> None:
    """Key Format Type, Key Value, Cryptographic Algorithm and Length stand in a Key Block in this order."""
    block = kmip.get(kmip.has_key()).find(Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK)
    order = [Tag.KEY_FORMAT_TYPE, Tag.KEY_VALUE, Tag.CRYPTOGRAPHIC_ALGORITHM, Tag.CRYPTOGRAPHIC_LENGTH]
    expect([child.tag for child in block.children if child.tag in order] if block else None, "the order of the fields").is_(order)


@rule(
    "ttlv.attributes-stand-in-order",
    cites=kmip_1_4("2.1.1 Attribute"),
)
def the_fields_of_an_attribute_stand_in_their_order(kmip: Conversation) -> None:
    """Attribute Name, Attribute Index, when there is one, and Attribute Value stand in an Attribute in this order."""
    payload = kmip.get_attributes(kmip.has_key(), "State", "Cryptographic Length").payload
    orders = [[child.tag for child in item.children if child.tag != Tag.ATTRIBUTE_INDEX] for item in payload.all(Tag.ATTRIBUTE)]
    expect(len(orders), "the number of attributes").is_(2)
    misplaced = [order for order in orders if order != [Tag.ATTRIBUTE_NAME, Tag.ATTRIBUTE_VALUE]]
    expect(misplaced, "the list of attributes that are built otherwise").is_([])
    indices = [item.children[1].tag for item in payload.all(Tag.ATTRIBUTE) if len(item.children) > 2]
    expect([tag for tag in indices if tag != Tag.ATTRIBUTE_INDEX], "what else stands between name and value").is_([])


@check(
    "ttlv.byte-strings-of-every-length",
    cites=kmip_1_4("9.1.1.4 Item Value", "Byte Strings are sequences of bytes containing individual unspecified eight-bit binary values"),
    needs=[Operation.REGISTER, Operation.GET, ObjectType.SECRET_DATA],
    once=True,
)
def byte_strings_of_every_length_come_back(kmip: Conversation) -> None:
    """Byte Strings of 1 to 9 bytes with every kind of padding, zero bytes at their end, come back as they were."""
    for length in range(1, 10):
        secret = b"\xff" + bytes(length - 1)
        expect(kmip.get(kmip.has_secret(secret=secret)).key_material == secret, f"whether {length} bytes came back").is_(wanted=True)
