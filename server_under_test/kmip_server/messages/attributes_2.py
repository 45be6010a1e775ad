"""The Attributes structure of KMIP 2.x (2.1, 3.1), in the form that attributes have everywhere in this server.

On the wire of 2.x each attribute is an item under a tag of its own; a vendor's is an Attribute structure with Vendor Identification,
Attribute Name and Attribute Value. The codec (`kmip_server.codec.attributes_2`) translates, so that operations see names and values and
never ask which version they came in.
"""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import Tag
from kmip_server.messages.attributes_1 import Attribute
from kmip_server.messages.tables import structure


@structure(Tag.ATTRIBUTES)
class Attributes:
    """Attributes; Common, Private Key and Public Key Attributes, Current and New Attribute, which are written alike."""

    attribute: tuple[Attribute, ...] = ()
