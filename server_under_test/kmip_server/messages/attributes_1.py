"""Attributes as KMIP 1.x writes them: by name and index (KMIP 1.4, 2.1.1 and 2.1.8)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import NameType, Tag
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import Integer


@structure(Tag.NAME)
class Name:
    """Name (3.2)."""

    name_value: str
    name_type: NameType


@structure(Tag.ATTRIBUTE, kw_only=True)
class Attribute:
    """Attribute (2.1.1). The type of its value is the attribute table's; of a name that is not there, the one it came with."""

    attribute_name: str
    attribute_index: Integer | None = None
    attribute_value: object = field(chosen_by="attribute_name")


@structure(Tag.TEMPLATE_ATTRIBUTE)
class TemplateAttribute:
    """Template-Attribute, and Common, Private Key and Public Key Template-Attribute, which are defined alike (2.1.8)."""

    name: tuple[Name, ...] = ()
    attribute: tuple[Attribute, ...] = ()
