"""The payloads of operations on attributes (KMIP 1.4, 4.12-4.16; KMIP 2.1, 6.1).

Until 1.4 an attribute is named by a text and an index, and comes back whole; since 2.0 it is referred to by its tag or its value.
"""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import AdjustmentType, Operation, Tag
from kmip_server.messages.attributes_1 import Attribute
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.tables import field, request, response
from kmip_server.messages.values import AttributeReference, Integer, Interval, LongInteger, ObjectIdentifier
from kmip_server.versions import V1_0, V1_4, V2_0


@request(Operation.GET_ATTRIBUTES)
class GetAttributesRequest:
    """Get Attributes (4.12; 2.1, 6.1.20)."""

    unique_identifier: ObjectIdentifier | None = None
    attribute_name: tuple[str, ...] = field(default=(), until=V1_4)
    attribute_reference: tuple[AttributeReference, ...] = field(default=(), since=V2_0)


@response(Operation.GET_ATTRIBUTES)
class GetAttributesResponse:
    """Get Attributes (4.12; 2.1, 6.1.20)."""

    unique_identifier: str
    attribute: tuple[Attribute, ...] = field(default=(), until=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)


@request(Operation.GET_ATTRIBUTE_LIST)
class GetAttributeListRequest:
    """Get Attribute List (4.13; 2.1, 6.1.21)."""

    unique_identifier: ObjectIdentifier | None = None


@response(Operation.GET_ATTRIBUTE_LIST)
class GetAttributeListResponse:
    """Get Attribute List (4.13; 2.1, 6.1.21)."""

    unique_identifier: str
    attribute_name: tuple[str, ...] = field(default=(), until=V1_4, required_since=V1_0)
    attribute_reference: tuple[AttributeReference, ...] = field(default=(), since=V2_0, required_since=V2_0)


@request(Operation.ADD_ATTRIBUTE)
class AddAttributeRequest:
    """Add Attribute (4.14; 2.1, 6.1.2)."""

    unique_identifier: ObjectIdentifier | None = None
    attribute: Attribute | None = field(default=None, until=V1_4, required_since=V1_0)
    new_attribute: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)


@response(Operation.ADD_ATTRIBUTE)
class AddAttributeResponse:
    """Add Attribute (4.14; 2.1, 6.1.2)."""

    unique_identifier: str
    attribute: Attribute | None = field(default=None, until=V1_4, required_since=V1_0)


@request(Operation.MODIFY_ATTRIBUTE)
class ModifyAttributeRequest:
    """Modify Attribute (4.15; 2.1, 6.1.34)."""

    unique_identifier: ObjectIdentifier | None = None
    attribute: Attribute | None = field(default=None, until=V1_4, required_since=V1_0)
    current_attribute: Attributes | None = field(default=None, since=V2_0)
    new_attribute: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)


@response(Operation.MODIFY_ATTRIBUTE)
class ModifyAttributeResponse:
    """Modify Attribute (4.15; 2.1, 6.1.34)."""

    unique_identifier: str
    attribute: Attribute | None = field(default=None, until=V1_4, required_since=V1_0)


@request(Operation.DELETE_ATTRIBUTE)
class DeleteAttributeRequest:
    """Delete Attribute (4.16; 2.1, 6.1.13)."""

    unique_identifier: ObjectIdentifier | None = None
    attribute_name: str | None = field(default=None, until=V1_4, required_since=V1_0)
    attribute_index: Integer | None = field(default=None, until=V1_4)
    current_attribute: Attributes | None = field(default=None, since=V2_0)
    attribute_reference: AttributeReference | None = field(default=None, since=V2_0)


@response(Operation.DELETE_ATTRIBUTE)
class DeleteAttributeResponse:
    """Delete Attribute (4.16; 2.1, 6.1.13)."""

    unique_identifier: str
    attribute: Attribute | None = field(default=None, until=V1_4, required_since=V1_0)


@request(Operation.SET_ATTRIBUTE)
class SetAttributeRequest:
    """Set Attribute (2.1, 6.1.51), since 2.0."""

    unique_identifier: ObjectIdentifier | None = None
    new_attribute: Attributes


@response(Operation.SET_ATTRIBUTE)
class SetAttributeResponse:
    """Set Attribute (2.1, 6.1.51), since 2.0."""

    unique_identifier: str


@request(Operation.ADJUST_ATTRIBUTE)
class AdjustAttributeRequest:
    """Adjust Attribute (2.1, 6.1.3), since 2.0. The Adjustment Value is of the attribute's own type, whichever integer that is."""

    unique_identifier: ObjectIdentifier | None = None
    attribute_reference: AttributeReference
    adjustment_type: AdjustmentType
    adjustment_value: Integer | None = None
    adjustment_long_integer: LongInteger | None = field(default=None, tag=Tag.ADJUSTMENT_VALUE)
    adjustment_interval: Interval | None = field(default=None, tag=Tag.ADJUSTMENT_VALUE)


@response(Operation.ADJUST_ATTRIBUTE)
class AdjustAttributeResponse:
    """Adjust Attribute (2.1, 6.1.3), since 2.0."""

    unique_identifier: str
