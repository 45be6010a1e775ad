"""What the draft of KMIP 3.0 writes otherwise in Attributes than 2.x: names are texts, and every kind of link is an attribute of its own.

The server keeps these values as 1.x and 2.x know them; here are the two ways between both. The draft has no published text that could
be cited; the OASIS test cases of its Profiles show it (BL-M-1-30, SASED-M-2-30, AKLC-O-1-30).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmip_server.enums import ItemType, LinkType, NameType, RotateNameType, Tag
from kmip_server.messages.attribute_values import Link, RotateName
from kmip_server.messages.attributes_1 import Name
from kmip_server.messages.tables import Alternative
from kmip_server.versions import V3_0

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Rendering:
    """How 3.0 writes an attribute: as which item, and what its value is there and here."""

    name: str
    alternative: Alternative
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def _text(tag: Tag, item_type: ItemType = ItemType.TEXT_STRING) -> Alternative:
    return Alternative(tag, item_type, str, V3_0)


def _link(link_type: LinkType) -> Callable[[Any], Any]:
    return lambda identifier: Link(link_type, identifier)


LINKS: dict[LinkType, Tag] = {
    LinkType.CERTIFICATE_LINK: Tag.CERTIFICATE_LINK,
    LinkType.PUBLIC_KEY_LINK: Tag.PUBLIC_KEY_LINK,
    LinkType.PRIVATE_KEY_LINK: Tag.PRIVATE_KEY_LINK,
    LinkType.DERIVATION_BASE_OBJECT_LINK: Tag.DERIVATION_OBJECT_LINK,
    LinkType.DERIVED_KEY_LINK: Tag.DERIVED_OBJECT_LINK,
    LinkType.REPLACEMENT_OBJECT_LINK: Tag.REPLACEMENT_OBJECT_LINK,
    LinkType.REPLACED_OBJECT_LINK: Tag.REPLACED_OBJECT_LINK,
    LinkType.PARENT_LINK: Tag.PARENT_LINK,
    LinkType.CHILD_LINK: Tag.CHILD_LINK,
    LinkType.PREVIOUS_LINK: Tag.PREVIOUS_LINK,
    LinkType.NEXT_LINK: Tag.NEXT_LINK,
    LinkType.PKCS_12_CERTIFICATE_LINK: Tag.PKCS_12_CERTIFICATE_LINK,
    LinkType.PKCS_12_PASSWORD_LINK: Tag.PKCS_12_PASSWORD_LINK,
    LinkType.WRAPPING_KEY_LINK: Tag.WRAPPING_KEY_LINK,
}

RENDERINGS: dict[Tag, Rendering] = {
    Tag.NAME: Rendering("Name", _text(Tag.NAME), lambda text: Name(text, NameType.UNINTERPRETED_TEXT_STRING), lambda name: name.name_value),
    Tag.ROTATE_NAME: Rendering(
        "Rotate Name",
        _text(Tag.ROTATE_NAME),
        lambda text: RotateName(text, RotateNameType.UNINTERPRETED_TEXT_STRING),
        lambda name: name.rotate_name_value,
    ),
    Tag.GROUP_LINK: Rendering("Object Group", _text(Tag.GROUP_LINK, ItemType.NAME_REFERENCE), str, str),
    **{
        tag: Rendering("Link", _text(tag, ItemType.REFERENCE), _link(link_type), lambda link: link.linked_object_identifier)
        for link_type, tag in LINKS.items()
    },
}
"""By the tag that the attribute has in 3.0."""

_TAGS = {rendering.name: tag for tag, rendering in RENDERINGS.items() if rendering.name != "Link"}


def rendering_of(name: str, value: object) -> Rendering | None:
    """How 3.0 writes an attribute with this value; None: as 2.x does."""
    tag = LINKS.get(value.link_type) if isinstance(value, Link) else _TAGS.get(name)
    return None if tag is None else RENDERINGS[tag]
