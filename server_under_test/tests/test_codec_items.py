"""Single items both ways: the examples of KMIP 1.4, 9.1.2, as a custom attribute carries them, and what is refused of each type."""

from __future__ import annotations

import pytest
from kmip_server.codec.items import read_item, write_item
from kmip_server.codec.wire import MARGIN
from kmip_server.enums import ItemType
from kmip_server.errors import MalformedMessage
from kmip_server.messages import Item

EXAMPLES: list[tuple[ItemType, object, str]] = [
    (ItemType.INTEGER, 8, "42 00 20 | 02 | 00 00 00 04 | 00 00 00 08 00 00 00 00"),
    (ItemType.LONG_INTEGER, 123456789000000000, "42 00 20 | 03 | 00 00 00 08 | 01 B6 9B 4B A5 74 92 00"),
    (
        ItemType.BIG_INTEGER,
        1234567890000000000000000000,
        "42 00 20 | 04 | 00 00 00 10 | 00 00 00 00 03 FD 35 EB 6B C2 DF 46 18 08 00 00",
    ),
    (ItemType.ENUMERATION, 255, "42 00 20 | 05 | 00 00 00 04 | 00 00 00 FF 00 00 00 00"),
    (ItemType.BOOLEAN, True, "42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 01"),
    (ItemType.TEXT_STRING, "Hello World", "42 00 20 | 07 | 00 00 00 0B | 48 65 6C 6C 6F 20 57 6F 72 6C 64 00 00 00 00 00"),
    (ItemType.BYTE_STRING, b"\1\2\3", "42 00 20 | 08 | 00 00 00 03 | 01 02 03 00 00 00 00 00"),
    (ItemType.DATE_TIME, 0x47DA67F8, "42 00 20 | 09 | 00 00 00 08 | 00 00 00 00 47 DA 67 F8"),
    (ItemType.INTERVAL, 864000, "42 00 20 | 0A | 00 00 00 04 | 00 0D 2F 00 00 00 00 00"),
    (
        ItemType.STRUCTURE,
        (Item(0x420004, ItemType.ENUMERATION, 254), Item(0x420005, ItemType.INTEGER, 255)),
        """42 00 20 | 01 | 00 00 00 20 | 42 00 04 | 05 | 00 00 00 04 | 00 00 00 FE 00 00 00 00 |
           42 00 05 | 02 | 00 00 00 04 | 00 00 00 FF 00 00 00 00""",
    ),
    (ItemType.INTEGER, -1, "42 00 20 | 02 | 00 00 00 04 | FF FF FF FF 00 00 00 00"),
    (ItemType.LONG_INTEGER, -(2**63), "42 00 20 | 03 | 00 00 00 08 | 80 00 00 00 00 00 00 00"),
    (ItemType.BIG_INTEGER, -1, "42 00 20 | 04 | 00 00 00 08 | FF FF FF FF FF FF FF FF"),
    (ItemType.BIG_INTEGER, 2**63, "42 00 20 | 04 | 00 00 00 10 | 00 00 00 00 00 00 00 00 80 00 00 00 00 00 00 00"),
    (ItemType.BOOLEAN, False, "42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 00"),
    (ItemType.TEXT_STRING, "", "42 00 20 | 07 | 00 00 00 00"),
    (ItemType.TEXT_STRING, "12345678", "42 00 20 | 07 | 00 00 00 08 | 31 32 33 34 35 36 37 38"),
    (ItemType.TEXT_STRING, "Schlüssel", "42 00 20 | 07 | 00 00 00 0A | 53 63 68 6C C3 BC 73 73 65 6C 00 00 00 00 00 00"),
    (ItemType.DATE_TIME, -1, "42 00 20 | 09 | 00 00 00 08 | FF FF FF FF FF FF FF FF"),
    (ItemType.INTERVAL, 2**32 - 1, "42 00 20 | 0A | 00 00 00 04 | FF FF FF FF 00 00 00 00"),
    (ItemType.STRUCTURE, (), "42 00 20 | 01 | 00 00 00 00"),
]


def octets(example: str) -> bytes:
    return bytes.fromhex(example.replace("|", ""))


@pytest.mark.parametrize(("item_type", "value", "example"), EXAMPLES)
def test_an_item_goes_both_ways(item_type: ItemType, value: object, example: str) -> None:
    data = octets(example)
    assert write_item(0x420020, item_type, value).hex(" ") == data.hex(" ")  # type: ignore[arg-type]
    assert read_item(data + MARGIN, 0, len(data)) == (Item(0x420020, item_type, value), len(data))  # type: ignore[arg-type]


@pytest.mark.parametrize("example", [example for _, value, example in EXAMPLES if value not in ("", ())])
def test_an_item_that_is_cut_off_is_refused(example: str) -> None:
    data = octets(example)
    for end in range(8, len(data), 8):
        with pytest.raises(MalformedMessage):
            read_item(data[:end] + MARGIN, 0, end)


@pytest.mark.parametrize(
    "example",
    [
        "42 00 20 | 02 | 00 00 00 05 | 00 00 00 08 00 00 00 00",
        "42 00 20 | 02 | 00 00 00 04 | 00 00 00 08 00 00 00 01",
        "42 00 20 | 03 | 00 00 00 04 | 01 B6 9B 4B A5 74 92 00",
        "42 00 20 | 04 | 00 00 00 00",
        "42 00 20 | 04 | 00 00 00 07 | 00 00 00 00 00 00 00 00",
        "42 00 20 | 05 | 00 00 00 04 | 00 00 00 FF 01 00 00 00",
        "42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 02",
        "42 00 20 | 06 | 00 00 00 08 | 00 00 00 01 00 00 00 01",
        "42 00 20 | 07 | 00 00 00 07 | 48 65 6C 6C 6F 20 57 6F",
        "42 00 20 | 08 | 00 00 00 03 | 01 02 03 00 00 00 00 01",
        "42 00 20 | 0A | 00 00 00 04 | 00 0D 2F 00 00 00 00 80",
        "42 00 20 | 0C | 00 00 00 08 | 00 00 00 00 47 DA 67 F8",
        "42 00 20 | 00 | 00 00 00 08 | 00 00 00 00 47 DA 67 F8",
        "41 00 20 | 02 | 00 00 00 04 | 00 00 00 08 00 00 00 00",
        "42 00 20 | 01 | 00 00 00 04 | 00 00 00 00 00 00 00 00",
        "42 00 20 | 01 | 00 00 00 08 | 42 00 04 05 00 00 00 04 00 00 00 FE 00 00 00 00",
    ],
)
def test_an_item_that_breaks_a_rule_is_refused(example: str) -> None:
    data = octets(example)
    with pytest.raises(MalformedMessage):
        read_item(data + MARGIN, 0, len(data))
