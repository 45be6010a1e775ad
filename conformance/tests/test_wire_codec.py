"""The suite's TTLV both ways: one table of samples, fed whole, byte by byte and with bytes behind; and every anomaly it must name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kmip_conformance.tables import ItemType, Operation, Tag
from kmip_conformance.wire import (
    AnomalyKind,
    Item,
    big_integer,
    boolean,
    date_time,
    date_time_extended,
    decode,
    decode_stream,
    encode,
    enumeration,
    inserted,
    integer,
    interval,
    long_integer,
    nested,
    nth,
    octets,
    overwritten,
    spoilt,
    structure,
    text,
    truncated,
    with_total_length,
    without_padding,
)

TAG = Tag.OFFSET_ITEMS  # any tag: the encoding does not depend on it

# The values of KMIP 1.4, 9.1.2 Examples, written out, and the edges of each type
SAMPLES = [
    ("integer 8", integer(0x420020, 8), "42002002 00000004 00000008 00000000"),
    ("integer -1", integer(0x420020, -1), "42002002 00000004 ffffffff 00000000"),
    ("long integer", long_integer(0x420020, 123456789000000000), "42002003 00000008 01b69b4ba5749200"),
    ("big integer", big_integer(0x420020, 1234567890000000000000000000), "42002004 00000010 0000000003fd35eb6bc2df4618080000"),
    ("big integer -1", big_integer(0x420020, -1), "42002004 00000008 ffffffffffffffff"),
    ("big integer 2^63", big_integer(0x420020, 1 << 63), "42002004 00000010 00000000000000008000000000000000"),
    ("enumeration 255", enumeration(0x420020, 255), "42002005 00000004 000000ff 00000000"),
    ("enumeration extension", enumeration(0x420020, 0x8000000A), "42002005 00000004 8000000a 00000000"),
    ("true", boolean(0x420020, True), "42002006 00000008 0000000000000001"),
    ("false", boolean(0x420020, False), "42002006 00000008 0000000000000000"),
    ("text", text(0x420020, "Hello World"), "42002007 0000000b 48656c6c6f20576f726c640000000000"),
    ("an identifier of the draft of 3.0", Item(0x420020, ItemType.IDENTIFIER, "a-1"), "4200200c 00000003 612d310000000000"),
    ("a reference", Item(0x420020, ItemType.REFERENCE, "a-1"), "4200200d 00000003 612d310000000000"),
    ("a reference by name", Item(0x420020, ItemType.NAME_REFERENCE, "a-1"), "4200200e 00000003 612d310000000000"),
    ("empty text", text(0x420020, ""), "42002007 00000000"),
    ("text of eight", text(0x420020, "12345678"), "42002007 00000008 3132333435363738"),
    ("text in UTF-8", text(0x420020, "schlüssel"), "42002007 0000000a 7363686cc3bc7373656c000000000000"),
    ("octets", octets(0x420020, b"\x01\x02\x03"), "42002008 00000003 0102030000000000"),
    ("date", date_time(0x420020, 0x47DA67F8), "42002009 00000008 0000000047da67f8"),
    ("date before 1970", date_time(0x420020, -1), "42002009 00000008 ffffffffffffffff"),
    ("interval", interval(0x420020, 864000), "4200200a 00000004 000d2f00 00000000"),
    ("longest interval", interval(0x420020, 0xFFFFFFFF), "4200200a 00000004 ffffffff 00000000"),
    ("date in microseconds", date_time_extended(0x420020, 1_000_001), "4200200b 00000008 00000000000f4241"),
    ("empty structure", structure(0x420020), "42002001 00000000"),
    (
        "structure",
        structure(0x420020, enumeration(0x420004, 254), integer(0x420005, 255)),
        "42002001 00000020 42000405 00000004 000000fe 00000000 42000502 00000004 000000ff 00000000",
    ),
]
BY_TITLE = pytest.mark.parametrize(
    ("item", "data"), [(item, bytes.fromhex(data)) for _, item, data in SAMPLES], ids=[s[0] for s in SAMPLES]
)


@BY_TITLE
def test_an_item_becomes_its_bytes(item: Item, data: bytes) -> None:
    assert encode(item) == data


@BY_TITLE
def test_the_bytes_become_the_item_again(item: Item, data: bytes) -> None:
    decoded = decode(data)
    assert decoded.item == item
    assert type(decoded.item.value) is type(item.value)
    assert decoded.anomalies == ()
    assert decoded.end == len(data)


@BY_TITLE
def test_every_beginning_of_the_bytes_is_read_and_called_incomplete(item: Item, data: bytes) -> None:
    incomplete = {AnomalyKind.CUT_SHORT, AnomalyKind.BEYOND_END, AnomalyKind.MISSING_PADDING}
    for size in range(len(data)):
        decoded = decode(data[:size])
        assert {anomaly.kind for anomaly in decoded.anomalies} & incomplete, size
        assert decoded.end <= size


@BY_TITLE
def test_bytes_behind_the_end_are_named_with_their_offset(item: Item, data: bytes) -> None:
    decoded = decode(data + b"\0\0\0")
    assert decoded.item == item
    assert [(anomaly.kind, anomaly.offset) for anomaly in decoded.anomalies] == [(AnomalyKind.TRAILING_BYTES, len(data))]


def test_messages_in_a_row_are_read_one_by_one() -> None:
    data = b"".join(bytes.fromhex(sample) for _, _, sample in SAMPLES)
    assert [decoded.item for decoded in decode_stream(data)] == [item for _, item, _ in SAMPLES]


def message(*children: Item) -> Item:
    return structure(Tag.REQUEST_MESSAGE, *children)


FAULTS = [
    ("cut short", truncated(encode(message(integer(TAG, 1))), 12), AnomalyKind.CUT_SHORT, 8),
    ("a length beyond the end", with_total_length(encode(message(integer(TAG, 1))), 24), AnomalyKind.BEYOND_END, 4),
    ("an inner length beyond the end", encode(message(spoilt(text(TAG, "abc"), length=30))), AnomalyKind.BEYOND_END, 12),
    ("no tag of KMIP", encode(message(spoilt(integer(TAG, 1), tag=b"\x41\x00\x20"))), AnomalyKind.WRONG_TAG, 8),
    ("a tag of no version", encode(message(integer(0x42FFFF, 1))), AnomalyKind.UNKNOWN_TAG, 8),
    ("a type of no version", encode(message(spoilt(integer(TAG, 1), type=0x0F))), AnomalyKind.UNKNOWN_TYPE, 11),
    ("an integer of five bytes", encode(message(spoilt(integer(TAG, 1), body=b"\0\0\0\0\1"))), AnomalyKind.WRONG_LENGTH, 12),
    (
        "a boolean of four bytes",
        encode(message(spoilt(boolean(TAG, True), length=4, body=b"\0\0\0\1" + bytes(4), padding=b""))),
        AnomalyKind.WRONG_LENGTH,
        12,
    ),
    ("a big integer of three bytes", encode(message(spoilt(big_integer(TAG, 1), body=b"\0\0\1"))), AnomalyKind.WRONG_LENGTH, 12),
    (
        "a structure of four bytes",
        encode(message(spoilt(structure(TAG), length=4, body=bytes(4), padding=bytes(4)))),
        AnomalyKind.WRONG_LENGTH,
        12,
    ),
    ("padding that is not zero", encode(message(spoilt(integer(TAG, 1), padding=b"\0\0\0\1"))), AnomalyKind.NON_ZERO_PADDING, 20),
    ("no padding at the end", encode(message(without_padding(text(TAG, "abc")))), AnomalyKind.MISSING_PADDING, 19),
    ("the boolean 2", encode(message(spoilt(boolean(TAG, True), body=bytes(7) + b"\2"))), AnomalyKind.WRONG_BOOLEAN, 16),
    ("a text that is not UTF-8", encode(message(spoilt(text(TAG, ""), body=b"ab\xff"))), AnomalyKind.INVALID_UTF8, 18),
    ("a text that ends with a zero byte", encode(message(text(TAG, "abc\0"))), AnomalyKind.NULL_TERMINATED, 19),
    ("sixty-five structures in each other", nested(structure(Tag.REQUEST_MESSAGE), 70), AnomalyKind.TOO_DEEP, 512),
    ("a thousand structures in each other", nested(structure(Tag.REQUEST_MESSAGE), 5000), AnomalyKind.TOO_DEEP, 512),
]


@pytest.mark.parametrize(("data", "kind", "offset"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_what_is_wrong_is_named_with_its_offset(data: bytes, kind: AnomalyKind, offset: int) -> None:
    assert (offset, kind) in [(anomaly.offset, anomaly.kind) for anomaly in decode(data).anomalies]


def test_one_fault_is_the_only_fault() -> None:
    """A spoilt item leaves everything around it right: lengths around it are computed from what is written."""
    whole = message(integer(Tag.BATCH_COUNT, 1), text(Tag.UNIQUE_IDENTIFIER, "abc"), boolean(Tag.BATCH_ORDER_OPTION, True))
    broken = whole.changed(Tag.UNIQUE_IDENTIFIER, lambda item: spoilt(item, padding=b"\xff" * 5))
    decoded = decode(encode(broken))
    assert [anomaly.kind for anomaly in decoded.anomalies] == [AnomalyKind.NON_ZERO_PADDING]
    assert decoded.item == whole


def test_what_cannot_be_read_is_kept_as_bytes_and_written_back() -> None:
    data = encode(message(spoilt(integer(TAG, 1), body=b"\0\0\0\0\1"), spoilt(text(TAG, ""), body=b"ab\xff")))
    item = decode(data).item
    assert item is not None
    assert item.children[0].value == b"\0\0\0\0\1"
    assert encode(item) == data


def test_bytes_put_into_the_middle_do_not_stop_the_reading() -> None:
    data = inserted(encode(message(integer(TAG, 1), integer(TAG, 2))), 24, b"\xee" * 8)
    decoded = decode(data)
    assert decoded.item is not None
    assert decoded.anomalies


def test_a_path_reaches_an_item_and_changes_make_new_trees() -> None:
    items = [structure(Tag.BATCH_ITEM, enumeration(Tag.OPERATION, code)) for code in (Operation.GET, Operation.DESTROY)]
    tree = message(integer(Tag.BATCH_COUNT, 2), *items)
    second = nth(Tag.BATCH_ITEM, 1)
    assert tree.number(second, Tag.OPERATION) == Operation.DESTROY
    assert tree.first(nth(Tag.BATCH_ITEM, 2)) is None
    assert tree.without(second).all(Tag.BATCH_ITEM) == (items[0],)
    assert tree.duplicated(Tag.BATCH_ITEM).all(Tag.BATCH_ITEM) == (items[0], items[0], items[1])
    assert tree.reordered((), [2, 1, 0]).children == (items[1], items[0], tree.children[0])
    assert tree.changed((second, Tag.OPERATION), lambda item: item.holding(1)).number(second, Tag.OPERATION) == 1
    assert tree.mapped(Tag.OPERATION, lambda item: item.holding(9)).number(Tag.BATCH_ITEM, Tag.OPERATION) == 9
    with pytest.raises(LookupError):
        tree.without(Tag.AUTHENTICATION)


def leaves() -> st.SearchStrategy[Item]:
    tags = st.sampled_from([tag for tag in Tag if tag is not Tag.KEY_MATERIAL])
    seconds = st.integers(-(1 << 63), (1 << 63) - 1)
    return st.one_of(
        st.builds(integer, tags, st.integers(-(1 << 31), (1 << 31) - 1)),
        st.builds(long_integer, tags, seconds),
        st.builds(big_integer, tags, st.integers(-(1 << 200), 1 << 200)),
        st.builds(enumeration, tags, st.integers(0, (1 << 32) - 1)),
        st.builds(boolean, tags, st.booleans()),
        st.builds(text, tags, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
        st.builds(octets, tags, st.binary(max_size=70)),
        st.builds(date_time, tags, seconds),
        st.builds(interval, tags, st.integers(0, (1 << 32) - 1)),
        st.builds(date_time_extended, tags, seconds),
    )


def trees() -> st.SearchStrategy[Item]:
    tags = st.sampled_from(Tag)
    return st.recursive(
        leaves(), lambda inner: st.builds(lambda tag, items: structure(tag, *items), tags, st.lists(inner, max_size=4)), max_leaves=12
    )


@given(trees())
def test_reading_undoes_writing(item: Item) -> None:
    decoded = decode(encode(item))
    assert decoded.item == item
    assert decoded.anomalies == ()


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(data: bytes) -> None:
    decoded = decode(data)
    assert 0 <= decoded.end <= len(data)


@given(trees(), st.data())
def test_a_changed_byte_never_raises_and_the_tree_writes_back(item: Item, draw: st.DataObject) -> None:
    data = encode(item)
    offset = draw.draw(st.integers(0, len(data) - 1))
    changed = overwritten(data, offset, bytes((draw.draw(st.integers(0, 255)),)))
    decoded = decode(changed)
    if decoded.item is not None and not decoded.anomalies:
        assert encode(decoded.item) == changed


def test_all_item_types_have_a_sample() -> None:
    assert {item.type for _, item, _ in SAMPLES} == set(ItemType)
