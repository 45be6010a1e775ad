"""The payloads of the operations (KMIP 1.4, section 4), in the order of that section."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import (
    AttestationType,
    ClientRegistrationMethod,
    CryptographicUsageMask,
    KeyCompressionType,
    KeyFormatType,
    KeyWrapType,
    ObjectGroupMember,
    ObjectType,
    Operation,
    QueryFunction,
    StorageStatusMask,
)
from kmip_server.messages.attribute_values import RevocationReason, RNGParameters
from kmip_server.messages.envelope import ProtocolVersion
from kmip_server.messages.objects import Attribute, KeyWrappingSpecification, ManagedObject, TemplateAttribute
from kmip_server.messages.query import CapabilityInformation, ExtensionInformation, ProfileInformation, ValidationInformation
from kmip_server.messages.tables import field, request, response
from kmip_server.messages.values import AnyStructure, DateTime, Encoded, Integer, Interval, LongInteger
from kmip_server.versions import V1_1, V1_2, V1_3, V1_4


@request(Operation.CREATE)
class CreateRequest:
    """Create (4.1)."""

    object_type: ObjectType
    template_attribute: TemplateAttribute


@response(Operation.CREATE)
class CreateResponse:
    """Create (4.1)."""

    object_type: ObjectType
    unique_identifier: str
    template_attribute: TemplateAttribute | None = None


@request(Operation.REGISTER)
class RegisterRequest:
    """Register (4.3). Up to 1.1 the table of the clause does not require the object."""

    object_type: ObjectType
    template_attribute: TemplateAttribute
    managed_object: ManagedObject | None = field(default=None, required_since=V1_2)


@response(Operation.REGISTER)
class RegisterResponse:
    """Register (4.3)."""

    unique_identifier: str
    template_attribute: TemplateAttribute | None = None


@request(Operation.LOCATE)
class LocateRequest:
    """Locate (4.9). "When an attribute that is defined as a structure is specified, all of the structure fields are not REQUIRED"."""

    maximum_items: Integer | None = None
    offset_items: Integer | None = field(default=None, since=V1_3)
    storage_status_mask: StorageStatusMask | None = None
    object_group_member: ObjectGroupMember | None = field(default=None, since=V1_1)
    attribute: tuple[Attribute, ...] = field(default=(), in_part=True)


@response(Operation.LOCATE)
class LocateResponse:
    """Locate (4.9)."""

    located_items: Integer | None = field(default=None, since=V1_3)
    unique_identifier: tuple[str, ...] = ()


@request(Operation.CHECK)
class CheckRequest:
    """Check (4.10)."""

    unique_identifier: str | None = None
    usage_limits_count: LongInteger | None = None
    cryptographic_usage_mask: CryptographicUsageMask | None = None
    lease_time: Interval | None = None


@response(Operation.CHECK)
class CheckResponse:
    """Check (4.10): what comes back beside the identifier is what did not pass."""

    unique_identifier: str
    usage_limits_count: LongInteger | None = None
    cryptographic_usage_mask: CryptographicUsageMask | None = None
    lease_time: Interval | None = None


@request(Operation.GET)
class GetRequest:
    """Get (4.11)."""

    unique_identifier: str | None = None
    key_format_type: KeyFormatType | None = None
    key_wrap_type: KeyWrapType | None = field(default=None, since=V1_4)
    key_compression_type: KeyCompressionType | None = None
    key_wrapping_specification: KeyWrappingSpecification | None = None


@response(Operation.GET)
class GetResponse:
    """Get (4.11)."""

    object_type: ObjectType
    unique_identifier: str
    managed_object: ManagedObject | Encoded


@request(Operation.GET_ATTRIBUTES)
class GetAttributesRequest:
    """Get Attributes (4.12)."""

    unique_identifier: str | None = None
    attribute_name: tuple[str, ...] = ()


@response(Operation.GET_ATTRIBUTES)
class GetAttributesResponse:
    """Get Attributes (4.12)."""

    unique_identifier: str
    attribute: tuple[Attribute, ...] = ()


@request(Operation.GET_ATTRIBUTE_LIST)
class GetAttributeListRequest:
    """Get Attribute List (4.13)."""

    unique_identifier: str | None = None


@response(Operation.GET_ATTRIBUTE_LIST)
class GetAttributeListResponse:
    """Get Attribute List (4.13)."""

    unique_identifier: str
    attribute_name: tuple[str, ...]


@request(Operation.ADD_ATTRIBUTE)
class AddAttributeRequest:
    """Add Attribute (4.14)."""

    unique_identifier: str | None = None
    attribute: Attribute


@response(Operation.ADD_ATTRIBUTE)
class AddAttributeResponse:
    """Add Attribute (4.14)."""

    unique_identifier: str
    attribute: Attribute


@request(Operation.MODIFY_ATTRIBUTE)
class ModifyAttributeRequest:
    """Modify Attribute (4.15)."""

    unique_identifier: str | None = None
    attribute: Attribute


@response(Operation.MODIFY_ATTRIBUTE)
class ModifyAttributeResponse:
    """Modify Attribute (4.15)."""

    unique_identifier: str
    attribute: Attribute


@request(Operation.DELETE_ATTRIBUTE)
class DeleteAttributeRequest:
    """Delete Attribute (4.16)."""

    unique_identifier: str | None = None
    attribute_name: str
    attribute_index: Integer | None = None


@response(Operation.DELETE_ATTRIBUTE)
class DeleteAttributeResponse:
    """Delete Attribute (4.16)."""

    unique_identifier: str
    attribute: Attribute


@request(Operation.ACTIVATE)
class ActivateRequest:
    """Activate (4.19)."""

    unique_identifier: str | None = None


@response(Operation.ACTIVATE)
class ActivateResponse:
    """Activate (4.19)."""

    unique_identifier: str


@request(Operation.REVOKE)
class RevokeRequest:
    """Revoke (4.20)."""

    unique_identifier: str | None = None
    revocation_reason: RevocationReason
    compromise_occurrence_date: DateTime | None = None


@response(Operation.REVOKE)
class RevokeResponse:
    """Revoke (4.20)."""

    unique_identifier: str


@request(Operation.DESTROY)
class DestroyRequest:
    """Destroy (4.21)."""

    unique_identifier: str | None = None


@response(Operation.DESTROY)
class DestroyResponse:
    """Destroy (4.21)."""

    unique_identifier: str


@request(Operation.QUERY)
class QueryRequest:
    """Query (4.25)."""

    query_function: tuple[QueryFunction, ...]


@response(Operation.QUERY)
class QueryResponse:
    """Query (4.25). A payload that has nothing to say is empty."""

    operation: tuple[Operation, ...] = ()
    object_type: tuple[ObjectType, ...] = ()
    vendor_identification: str | None = None
    server_information: AnyStructure | None = None
    application_namespace: tuple[str, ...] = ()
    extension_information: tuple[ExtensionInformation, ...] = field(default=(), since=V1_1)
    attestation_type: tuple[AttestationType, ...] = field(default=(), since=V1_2)
    rng_parameters: tuple[RNGParameters, ...] = field(default=(), since=V1_3)
    profile_information: tuple[ProfileInformation, ...] = field(default=(), since=V1_3)
    validation_information: tuple[ValidationInformation, ...] = field(default=(), since=V1_3)
    capability_information: tuple[CapabilityInformation, ...] = field(default=(), since=V1_3)
    client_registration_method: tuple[ClientRegistrationMethod, ...] = field(default=(), since=V1_3)


@request(Operation.DISCOVER_VERSIONS)
class DiscoverVersionsRequest:
    """Discover Versions (4.26), since 1.1."""

    protocol_version: tuple[ProtocolVersion, ...] = ()


@response(Operation.DISCOVER_VERSIONS)
class DiscoverVersionsResponse:
    """Discover Versions (4.26), since 1.1."""

    protocol_version: tuple[ProtocolVersion, ...] = ()
