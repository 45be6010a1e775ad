"""How requests are written under 2.x: checks say what they mean in the form of 1.x, and `in_form_of` writes it in that of the version.

Since 2.0 an attribute is an item under its own tag, and those of a request stand in one Attributes structure (KMIP 2.1, 4 and 6.1):

=================================  ==============================================================
1.x                                2.x
=================================  ==============================================================
Template-Attribute and its kin     Attributes, Common Attributes, Private and Public Key Attributes
Attribute of the standard          an item under the attribute's tag; Attribute Index is gone
Attribute ``x-…``, ``y-…``         Attribute with Vendor Identification "x", "y" (4.60)
Locate's and Import's Attributes   one Attributes structure
Attribute Name of a request        Attribute Reference: the tag, or vendor and name
Add's and Modify's Attribute       New Attribute
Attributes of a Key Value          one Attributes structure in it (3.2)
Certificate Request                Certificate Request Value (6.1.6)
Import without Object Type         with one: left out of 1.x (6.1.25)
=================================  ==============================================================

`named_attributes` and `named_references` read answers of 2.x back the other way, so that one check reads both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_conformance import tables
from kmip_conformance.tables import V2_0, V3_0, KmipVersion, Operation, Tag, member_name
from kmip_conformance.tables.rows import ATTRIBUTE_ROWS
from kmip_conformance.wire import Item, enumeration, structure, text

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATES = {
    Tag.TEMPLATE_ATTRIBUTE: Tag.ATTRIBUTES,
    Tag.COMMON_TEMPLATE_ATTRIBUTE: Tag.COMMON_ATTRIBUTES,
    Tag.PRIVATE_KEY_TEMPLATE_ATTRIBUTE: Tag.PRIVATE_KEY_ATTRIBUTES,
    Tag.PUBLIC_KEY_TEMPLATE_ATTRIBUTE: Tag.PUBLIC_KEY_ATTRIBUTES,
}
HELD_IN = frozenset(TEMPLATES.values()) | {Tag.NEW_ATTRIBUTE, Tag.CURRENT_ATTRIBUTE}
"""The structures of 2.x that hold attributes under their own tags."""

CUSTOM_VENDORS = ("x", "y")
"""Vendors that stand for the custom attributes of 1.x (KMIP 2.1, 4.60)."""

OWN_VENDOR = "kmiplab"
"""The vendor of a name that is neither the standard's nor a custom attribute's."""

_BY_TAG = {int(Tag[member_name(row.name)]): row.name for row in ATTRIBUTE_ROWS if member_name(row.name) in Tag.__members__}


def is_2_x(version: KmipVersion) -> bool:
    """Does this version have the form of 2.x? The draft of 3.0 has one of its own."""
    return V2_0 <= version < V3_0


def in_form_of(version: KmipVersion, batch_item: Item) -> Item:
    """A batch item in the form of 1.x as `version` writes it."""
    operation = batch_item.number(Tag.OPERATION)
    if version < V2_0 and operation == Operation.IMPORT:
        return batch_item.changed(Tag.REQUEST_PAYLOAD, _without_object_type)
    if not is_2_x(version) or batch_item.first(Tag.REQUEST_PAYLOAD) is None:
        return batch_item
    return batch_item.changed(Tag.REQUEST_PAYLOAD, lambda payload: _payload(operation, payload))


def tagged(attribute: Item) -> Item:
    """An Attribute of 1.x under its own tag; that of a vendor as vendor, name and value."""
    name, value = attribute.text(Tag.ATTRIBUTE_NAME) or "", attribute.first(Tag.ATTRIBUTE_VALUE)
    tag = _tag_of(name)
    if tag is None:
        return structure(Tag.ATTRIBUTE, *_of_vendor(name), value)
    return structure(tag) if value is None else replace(value, tag=tag)


def reference(name: str) -> Item:
    """An Attribute Reference to an attribute by the name that 1.x has for it."""
    tag = _tag_of(name)
    return structure(Tag.ATTRIBUTE_REFERENCE, *_of_vendor(name)) if tag is None else enumeration(Tag.ATTRIBUTE_REFERENCE, tag)


def named_attributes(holder: Item) -> list[Item]:
    """The attributes below an item of an answer, in either form, as Attributes of 1.x."""
    found: list[Item] = []
    for child in holder.children:
        if child.tag in HELD_IN:
            found += [_named(attribute) for attribute in child.children]
        elif child.tag == Tag.ATTRIBUTE:
            found.append(_named(child))
        else:
            found += named_attributes(child)
    return found


def named_references(payload: Item) -> list[str]:
    """The names in a Get Attribute List's answer, in either form."""
    return [_name_in(item) for item in payload.children if item.tag in {Tag.ATTRIBUTE_NAME, Tag.ATTRIBUTE_REFERENCE}]


def _named(item: Item) -> Item:
    if item.tag == Tag.ATTRIBUTE and item.first(Tag.VENDOR_IDENTIFICATION) is None:
        return item
    vendors = item.tag == Tag.ATTRIBUTE
    name = _vendors_name(item) if vendors else _BY_TAG.get(item.tag, hex(item.tag))
    value = item.first(Tag.ATTRIBUTE_VALUE) if vendors else replace(item, tag=Tag.ATTRIBUTE_VALUE)
    return structure(Tag.ATTRIBUTE, text(Tag.ATTRIBUTE_NAME, name), value)


def _name_in(item: Item) -> str:
    """The name in an Attribute Name or an Attribute Reference."""
    if isinstance(item.value, str):
        return item.value
    return _BY_TAG.get(item.value, hex(item.value)) if isinstance(item.value, int) else _vendors_name(item)


def _vendors_name(item: Item) -> str:
    return f"{item.text(Tag.VENDOR_IDENTIFICATION)}-{item.text(Tag.ATTRIBUTE_NAME)}"


def _tag_of(name: str) -> int | None:
    row = tables.attribute(name)
    return int(Tag[member_name(name)]) if row is not None and (row.until is None or row.until >= V2_0) else None


def _of_vendor(name: str) -> tuple[Item, Item]:
    vendor, dash, rest = name.partition("-")
    if not dash or vendor not in (*CUSTOM_VENDORS, OWN_VENDOR):
        vendor, rest = OWN_VENDOR, name
    return text(Tag.VENDOR_IDENTIFICATION, vendor), text(Tag.ATTRIBUTE_NAME, rest)


def _payload(operation: int | None, payload: Item) -> Item:
    rewrite = _OF_OPERATION.get(operation or 0)
    return _rewritten(payload if rewrite is None else payload.holding(rewrite(payload.children)))


def _rewritten(item: Item) -> Item:
    """An item with its templates, and the attributes of key values, in the form of 2.x."""
    if item.tag in TEMPLATES:
        return structure(TEMPLATES[Tag(item.tag)], *(tagged(child) for child in item.children if child.tag == Tag.ATTRIBUTE))
    if item.tag == Tag.KEY_VALUE and item.children:
        return item.holding(_gathered(item.children))
    return item.holding(tuple(_rewritten(child) for child in item.children)) if item.children else item


def _gathered(children: tuple[Item, ...]) -> tuple[Item, ...]:
    """Loose Attributes together in one structure, where the first of them stood."""
    loose = [child for child in children if child.tag == Tag.ATTRIBUTE]
    if not loose:
        return children
    together = structure(Tag.ATTRIBUTES, *map(tagged, loose))
    return tuple(together if child is loose[0] else child for child in children if child is loose[0] or child.tag != Tag.ATTRIBUTE)


def _without_object_type(payload: Item) -> Item:
    return payload.holding(tuple(child for child in payload.children if child.tag != Tag.OBJECT_TYPE))


def _with_request_value(children: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(replace(child, tag=Tag.CERTIFICATE_REQUEST_VALUE) if child.tag == Tag.CERTIFICATE_REQUEST else child for child in children)


def _of_locate(children: tuple[Item, ...]) -> tuple[Item, ...]:
    """Attributes is required, and empty when every object is meant (6.1.28)."""
    gathered = _gathered(children)
    return gathered if any(child.tag == Tag.ATTRIBUTES for child in gathered) else (*gathered, structure(Tag.ATTRIBUTES))


def _with_new_attribute(children: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(structure(Tag.NEW_ATTRIBUTE, tagged(child)) if child.tag == Tag.ATTRIBUTE else child for child in children)


def _with_references(children: tuple[Item, ...]) -> tuple[Item, ...]:
    kept = (child for child in children if child.tag != Tag.ATTRIBUTE_INDEX)
    return tuple(reference(str(child.value)) if child.tag == Tag.ATTRIBUTE_NAME else child for child in kept)


_OF_OPERATION: dict[int, Callable[[tuple[Item, ...]], tuple[Item, ...]]] = {
    Operation.LOCATE: _of_locate,
    Operation.IMPORT: _gathered,
    Operation.CERTIFY: _with_request_value,
    Operation.RE_CERTIFY: _with_request_value,
    Operation.GET_ATTRIBUTES: _with_references,
    Operation.DELETE_ATTRIBUTE: _with_references,
    Operation.ADD_ATTRIBUTE: _with_new_attribute,
    Operation.MODIFY_ATTRIBUTE: _with_new_attribute,
    Operation.SET_ATTRIBUTE: _with_new_attribute,
    Operation.ADJUST_ATTRIBUTE: _with_new_attribute,
}
