"""What the tables say a response must look like, beyond its encoding: types, versions, and the fields of payloads.

`misfits` names everything in a response that the standard's own tables do not allow under a version: a field of the wrong type, one that
the version does not have, a value of an enumeration that is none, a payload with a field too much, too few, or out of order. It judges
1.x messages; a caller decides what of it breaks the rule that is checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance import tables
from kmip_conformance.tables import EXTENSION_TAGS, EXTENSION_VALUES, ItemType, KmipVersion, ResultStatus, Tag, words
from kmip_conformance.tables.rows import ANY_OBJECT, VALUE_ROWS
from kmip_conformance.wire.tree import tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_conformance.wire.items import Item
    from kmip_conformance.wire.messages import Response, ResponseBatchItem

OBJECTS = frozenset(
    {
        Tag.CERTIFICATE,
        Tag.SYMMETRIC_KEY,
        Tag.PUBLIC_KEY,
        Tag.PRIVATE_KEY,
        Tag.SPLIT_KEY,
        Tag.TEMPLATE,
        Tag.SECRET_DATA,
        Tag.OPAQUE_OBJECT,
        Tag.PGP_KEY,
    }
)
"""The tags that stand for "the object" in payloads."""

HEADER_FIELDS = (Tag.PROTOCOL_VERSION, Tag.TIME_STAMP, Tag.BATCH_COUNT)
"""Required in every response header, in this order (KMIP 1.4, 7.2, table 284)."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something that the tables do not allow: where (names of tags, outermost first), what, and the clause of the table."""

    place: tuple[str, ...]
    text: str
    clause: str

    def __str__(self) -> str:
        return f"{' / '.join(self.place)}: {self.text} ({self.clause})"


def misfits(response: Response, version: KmipVersion) -> tuple[Misfit, ...]:
    """Everything in a response that the tables of a 1.x version do not allow."""
    found = [*_header(response)]
    for item in response.batch_items:
        if item.result_status == ResultStatus.SUCCESS:
            found += _payload(item, version)
    found += _below(response.root, (), version)
    return tuple(found)


def _header(response: Response) -> Iterator[Misfit]:
    present = [child.tag for child in response.header.children]
    missing = [tag for tag in HEADER_FIELDS if tag not in present]
    for tag in missing:
        yield Misfit(("Response Header",), f"{words(tag)} is missing", "KMIP 1.4, 7.2")


def _payload(item: ResponseBatchItem, version: KmipVersion) -> Iterator[Misfit]:
    """The fields of a successful item's payload: none too many, none missing, in the table's order."""
    rows = tables.payload_fields(item.operation or 0, "response", version)
    if not rows:
        return
    place = ("Response Payload",)
    allowed = [row.field for row in rows]
    present = list(dict.fromkeys(ANY_OBJECT if child.tag in OBJECTS else tag_name(child.tag) for child in item.payload.children))
    for name in present:
        if name not in allowed:
            yield Misfit(place, f"{tag_name(Tag.RESPONSE_PAYLOAD)} of {_operation(item)} has no field {name}", rows[0].clause)
    for row in rows:
        if row.required and row.field not in present:
            yield Misfit(place, f"{row.field} is missing in the answer to {_operation(item)}", row.clause)
    known = [name for name in present if name in allowed]
    if known != sorted(known, key=allowed.index):
        yield Misfit(place, f"fields stand in the order {', '.join(known)}", rows[0].clause)


def _operation(item: ResponseBatchItem) -> str:
    row = tables.operation(item.operation or 0)
    return row.name if row else "an unknown operation"


def _below(item: Item, place: Sequence[str], version: KmipVersion) -> Iterator[Misfit]:
    here = (*place, tag_name(item.tag))
    yield from _item(item, here, version)
    for child in item.children:
        if item.tag == Tag.ATTRIBUTE and child.tag == Tag.ATTRIBUTE_VALUE:
            yield from _attribute_value(item.text(Tag.ATTRIBUTE_NAME) or "", child, here, version)
            for inner in child.children:
                yield from _below(inner, (*here, "Attribute Value"), version)
        else:
            yield from _below(child, here, version)


def _item(item: Item, place: tuple[str, ...], version: KmipVersion) -> Iterator[Misfit]:
    row = tables.tag_row(item.tag)
    if row is None:
        if item.tag not in EXTENSION_TAGS:
            yield Misfit(place, "no version has such a tag", "KMIP 1.4, 9.1.3.1")
        return
    if row.since > version or (row.until is not None and version > row.until):
        yield Misfit(place, f"the tag exists {_span(row)}, not in {version}", row.clause)
    if row.types and _type_name(item) not in row.types:
        yield Misfit(place, f"the type is {_type_name(item)}, not {' or '.join(row.types)}", row.clause)
    yield from _value(item, row.enumeration, place, version)


def _attribute_value(name: str, value: Item, place: tuple[str, ...], version: KmipVersion) -> Iterator[Misfit]:
    """The value of an Attribute has the type that its name's table gives it; custom attributes may have any (KMIP 1.4, 3.39)."""
    here = (*place, f"Attribute Value of {name}")
    row = tables.attribute(name)
    if row is None:
        if not name.startswith(("x-", "y-")):
            yield Misfit(here, "no version has such an attribute", "KMIP 1.4, 3")
        return
    if row.since > version or (row.until is not None and version > row.until):
        yield Misfit(here, f"the attribute exists {_span(row)}, not in {version}", row.clause)
    if row.types and _type_name(value) not in row.types:
        yield Misfit(here, f"the type is {_type_name(value)}, not {' or '.join(row.types)}", row.clause)
    yield from _value(value, row.enumeration, here, version)


def _value(item: Item, enumeration: str, place: tuple[str, ...], version: KmipVersion) -> Iterator[Misfit]:
    """A value of an enumeration is one that the version has, or a vendor's."""
    if item.tag == Tag.OPERATION and place[-2:-1] == ("Batch Item",):
        return  # an echo of the request, whatever that said
    rows = VALUE_ROWS.get(enumeration, ()) if item.type == ItemType.ENUMERATION else ()
    if not rows or not isinstance(item.value, int) or item.value in EXTENSION_VALUES:
        return
    row = next((row for row in rows if row.number == item.value), None)
    if row is None:
        yield Misfit(place, f"{item.value} is no value of {enumeration}", rows[0].clause)
    elif row.since > version:
        yield Misfit(place, f"{row.name} exists {_span(row)}, not in {version}", row.clause)


def _span(row: tables.TagRow | tables.AttributeRow | tables.ValueRow) -> str:
    return f"since {row.since}" if row.until is None else f"from {row.since} to {row.until}"


def _type_name(item: Item) -> str:
    return words(ItemType(item.type)) if item.type in set(ItemType) else f"0x{item.type:02X}"
