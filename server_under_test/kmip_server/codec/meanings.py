"""Which enumeration or mask the number of an item belongs to: what XML and JSON need to know to write words instead of numbers.

Everything else is in the item itself, for TTLV says of each what its tag and its type are. The field tables give a tag the same meaning
wherever it stands, and here that is collected from them; only an Attribute Value of KMIP 1.x means what its Attribute Name says, which
since 2.0 stands under the attribute's own tag.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from kmip_server.attributes import ATTRIBUTES
from kmip_server.enums import ItemType, Tag, VersionedEnum, VersionedMask
from kmip_server.messages import AttributeReference, fields_of, structures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Words: TypeAlias = "type[VersionedEnum | VersionedMask]"
"""An enumeration, whose values are one word each, or a mask, whose values are several."""

_KINDS: dict[ItemType, type] = {ItemType.ENUMERATION: VersionedEnum, ItemType.INTEGER: VersionedMask}


def words_for(tag: int, item_type: ItemType, attribute_name: str | None) -> Words | None:
    """The words for an item's number, inside the attribute of this name; None where there are none.

    An enumeration's values are named in an Enumeration alone, and a mask's bits in an Integer: a Unique Identifier of 2.x may be either.
    """
    if item_type not in _KINDS:
        return None
    words = _of_attributes().get(attribute_name or "") if tag == Tag.ATTRIBUTE_VALUE else _of_tags().get(tag)
    return words if words is not None and issubclass(words, _KINDS[item_type]) else None


@cache
def _of_attributes() -> Mapping[str, Words]:
    return {rule.name: rule.written.python for rule in ATTRIBUTES if _has_words(rule.written.python)}


@cache
def _of_tags() -> Mapping[int, Words]:
    found: dict[int, Words] = {}
    for tag, words in _tabled():
        known = found.setdefault(tag, words)
        assert known is words, f"{tag.name} is a {known.__name__} in one table and a {words.__name__} in another"
    return found


def _tabled() -> Iterator[tuple[Tag, Words]]:
    alternatives = [one for structure in structures() for field in fields_of(structure) for one in field.alternatives]
    alternatives += [rule.written_by_tag for rule in ATTRIBUTES]
    for one in alternatives:
        if one.python is AttributeReference:
            yield one.tag, Tag
        elif _has_words(one.python):
            yield one.tag, one.python


def _has_words(python: type) -> bool:
    return issubclass(python, VersionedEnum | VersionedMask)
