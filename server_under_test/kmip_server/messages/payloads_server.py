"""The payloads of operations on the server itself, and of those that it sends (KMIP 1.4, 4.25, 4.26 and 5; KMIP 2.1, 6.1 and 6.2)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import (
    AttestationType,
    ClientRegistrationMethod,
    EndpointRole,
    InteropFunction,
    ObjectType,
    Operation,
    PKCS11Function,
    PKCS11ReturnCode,
    PutFunction,
    QueryFunction,
    Tag,
)
from kmip_server.messages.attribute_values import RNGParameters
from kmip_server.messages.attributes_1 import Attribute
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.envelope import ProtocolVersion
from kmip_server.messages.objects import Certificate, CertificateRequest, ManagedObject
from kmip_server.messages.query import (
    CapabilityInformation,
    ExtensionInformation,
    ProfileInformation,
    ServerInformation,
    ValidationInformation,
)
from kmip_server.messages.rules import Constraints, DefaultsInformation, ObjectGroups, ProtectionStorageMasks
from kmip_server.messages.tables import field, request, response
from kmip_server.messages.values import AnyStructure, AttributeReference, Encoded, Integer
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1


@request(Operation.QUERY)
class QueryRequest:
    """Query (4.25; 2.1, 6.1.40)."""

    query_function: tuple[QueryFunction, ...]
    object_groups: ObjectGroups | None = field(default=None, since=V2_1)


@response(Operation.QUERY)
class QueryResponse:
    """Query (4.25; 2.1, 6.1.40). A payload that has nothing to say is empty.

    Server Information is the vendor's own structure until 1.4, and the standard's since 2.0.
    """

    operation: tuple[Operation, ...] = ()
    object_type: tuple[ObjectType, ...] = ()
    vendor_identification: str | None = None
    server_information: AnyStructure | None = field(default=None, until=V1_4)
    described_server: ServerInformation | None = field(default=None, since=V2_0, tag=Tag.SERVER_INFORMATION)
    application_namespace: tuple[str, ...] = ()
    extension_information: tuple[ExtensionInformation, ...] = field(default=(), since=V1_1)
    attestation_type: tuple[AttestationType, ...] = field(default=(), since=V1_2)
    rng_parameters: tuple[RNGParameters, ...] = field(default=(), since=V1_3)
    profile_information: tuple[ProfileInformation, ...] = field(default=(), since=V1_3)
    validation_information: tuple[ValidationInformation, ...] = field(default=(), since=V1_3)
    capability_information: tuple[CapabilityInformation, ...] = field(default=(), since=V1_3)
    client_registration_method: tuple[ClientRegistrationMethod, ...] = field(default=(), since=V1_3)
    defaults_information: DefaultsInformation | None = field(default=None, since=V2_0)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@request(Operation.DISCOVER_VERSIONS)
class DiscoverVersionsRequest:
    """Discover Versions (4.26), since 1.1."""

    protocol_version: tuple[ProtocolVersion, ...] = ()


@response(Operation.DISCOVER_VERSIONS)
class DiscoverVersionsResponse:
    """Discover Versions (4.26), since 1.1."""

    protocol_version: tuple[ProtocolVersion, ...] = ()


@request(Operation.SET_DEFAULTS)
class SetDefaultsRequest:
    """Set Defaults (2.1, 6.1.53), since 2.1."""

    defaults_information: DefaultsInformation | None = None


@response(Operation.SET_DEFAULTS)
class SetDefaultsResponse:
    """Set Defaults (2.1, 6.1.53), since 2.1."""


@request(Operation.SET_CONSTRAINTS)
class SetConstraintsRequest:
    """Set Constraints (2.1, 6.1.52), since 2.1. Required by the table, and left out by the published test case that removes them all."""

    constraints: Constraints | None = None


@response(Operation.SET_CONSTRAINTS)
class SetConstraintsResponse:
    """Set Constraints (2.1, 6.1.52), since 2.1."""


@request(Operation.GET_CONSTRAINTS)
class GetConstraintsRequest:
    """Get Constraints (2.1, 6.1.22), since 2.1."""


@response(Operation.GET_CONSTRAINTS)
class GetConstraintsResponse:
    """Get Constraints (2.1, 6.1.22), since 2.1."""

    constraints: Constraints


@request(Operation.PING)
class PingRequest:
    """Ping (2.1, 6.1.36), since 2.1."""


@response(Operation.PING)
class PingResponse:
    """Ping (2.1, 6.1.36), since 2.1."""


@request(Operation.LOG)
class LogRequest:
    """Log (2.1, 6.1.29), since 2.0."""

    log_message: str


@response(Operation.LOG)
class LogResponse:
    """Log (2.1, 6.1.29), since 2.0."""


@request(Operation.INTEROP)
class InteropRequest:
    """Interop (2.1, 6.1.26), since 2.0."""

    interop_function: InteropFunction
    interop_identifier: str


@response(Operation.INTEROP)
class InteropResponse:
    """Interop (2.1, 6.1.26), since 2.0."""


@request(Operation.PKCS_11)
class PKCS11Request:
    """PKCS#11 (2.1, 6.1.37), since 2.0. A function is PKCS#11's, an enumeration, or the vendor's, an integer."""

    pkcs_11_interface: str | None = None
    pkcs_11_function: PKCS11Function | None = None
    vendor_function: Integer | None = field(default=None, tag=Tag.PKCS_11_FUNCTION)
    correlation_value: bytes | None = None
    pkcs_11_input_parameters: bytes | None = None


@response(Operation.PKCS_11)
class PKCS11Response:
    """PKCS#11 (2.1, 6.1.37), since 2.0. A function is PKCS#11's, an enumeration, or the vendor's, an integer."""

    pkcs_11_interface: str | None = None
    pkcs_11_function: PKCS11Function | None = None
    vendor_function: Integer | None = field(default=None, tag=Tag.PKCS_11_FUNCTION)
    correlation_value: bytes | None = None
    pkcs_11_output_parameters: bytes | None = None
    pkcs_11_return_code: PKCS11ReturnCode | int = field()


@request(Operation.SET_ENDPOINT_ROLE)
class SetEndpointRoleRequest:
    """Set Endpoint Role (2.1, 6.1.54 and 6.2.5), since 2.0."""

    endpoint_role: EndpointRole


@response(Operation.SET_ENDPOINT_ROLE)
class SetEndpointRoleResponse:
    """Set Endpoint Role (2.1, 6.1.54 and 6.2.5), since 2.0."""

    endpoint_role: EndpointRole


@request(Operation.RE_PROVISION)
class ReProvisionRequest:
    """Re-Provision (2.1, 6.1.48), since 2.0."""

    certificate_request: CertificateRequest | None = None
    certificate: Certificate | None = None


@response(Operation.RE_PROVISION)
class ReProvisionResponse:
    """Re-Provision (2.1, 6.1.48), since 2.0."""

    unique_identifier: str | None = None


@request(Operation.NOTIFY)
class NotifyRequest:
    """Notify (5.1; 2.1, 6.2.2), sent by the server; the response has no payload."""

    unique_identifier: str
    attribute: tuple[Attribute | Encoded, ...] = field(default=(), until=V1_4, required_since=V1_0)
    attributes: Attributes | None = field(default=None, since=V2_0)
    attribute_reference: tuple[AttributeReference, ...] = field(default=(), since=V2_0)


@request(Operation.PUT)
class PutRequest:
    """Put (5.2; 2.1, 6.2.3), sent by the server; the response has no payload."""

    unique_identifier: str
    put_function: PutFunction
    replaced_unique_identifier: str | None = None
    managed_object: ManagedObject | Encoded
    attribute: tuple[Attribute, ...] = field(default=(), until=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0)
