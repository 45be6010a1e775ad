"""The payloads of operations on objects that are there: find, fetch and use them, and move them through their life (KMIP 1.4, 4.9-4.24)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import (
    CryptographicUsageMask,
    KeyCompressionType,
    KeyFormatType,
    KeyWrapType,
    ObjectGroupMember,
    ObjectType,
    Operation,
    StorageStatusMask,
    ValidityIndicator,
)
from kmip_server.messages.attribute_values import RevocationReason
from kmip_server.messages.attributes_1 import Attribute
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.objects import Certificate, KeyWrappingSpecification, ManagedObject
from kmip_server.messages.tables import field, request, response
from kmip_server.messages.values import DateTime, Encoded, Integer, Interval, LongInteger, ObjectIdentifier
from kmip_server.versions import V1_1, V1_3, V1_4, V2_0


@request(Operation.LOCATE)
class LocateRequest:
    """Locate (4.9). "When an attribute that is defined as a structure is specified, all of the structure fields are not REQUIRED"."""

    maximum_items: Integer | None = None
    offset_items: Integer | None = field(default=None, since=V1_3)
    storage_status_mask: StorageStatusMask | None = None
    object_group_member: ObjectGroupMember | None = field(default=None, since=V1_1)
    attribute: tuple[Attribute, ...] = field(default=(), until=V1_4, in_part=True)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0, in_part=True)


@response(Operation.LOCATE)
class LocateResponse:
    """Locate (4.9)."""

    located_items: Integer | None = field(default=None, since=V1_3)
    unique_identifier: tuple[str, ...] = ()


@request(Operation.CHECK)
class CheckRequest:
    """Check (4.10)."""

    unique_identifier: ObjectIdentifier | None = None
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

    unique_identifier: ObjectIdentifier | None = None
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


@request(Operation.EXPORT)
class ExportRequest:
    """Export (4.40; 2.1, 6.1.18), since 1.4."""

    unique_identifier: ObjectIdentifier | None = None
    key_format_type: KeyFormatType | None = None
    key_wrap_type: KeyWrapType | None = None
    key_compression_type: KeyCompressionType | None = None
    key_wrapping_specification: KeyWrappingSpecification | None = None


@response(Operation.EXPORT)
class ExportResponse:
    """Export (4.40; 2.1, 6.1.18), since 1.4."""

    object_type: ObjectType
    unique_identifier: str
    attribute: tuple[Attribute, ...] = field(default=(), until=V1_4, required_since=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)
    managed_object: ManagedObject | Encoded


@request(Operation.OBTAIN_LEASE)
class ObtainLeaseRequest:
    """Obtain Lease (4.17)."""

    unique_identifier: ObjectIdentifier | None = None


@response(Operation.OBTAIN_LEASE)
class ObtainLeaseResponse:
    """Obtain Lease (4.17)."""

    unique_identifier: str
    lease_time: Interval
    last_change_date: DateTime


@request(Operation.GET_USAGE_ALLOCATION)
class GetUsageAllocationRequest:
    """Get Usage Allocation (4.18)."""

    unique_identifier: ObjectIdentifier | None = None
    usage_limits_count: LongInteger


@response(Operation.GET_USAGE_ALLOCATION)
class GetUsageAllocationResponse:
    """Get Usage Allocation (4.18)."""

    unique_identifier: str


@request(Operation.ACTIVATE)
class ActivateRequest:
    """Activate (4.19)."""

    unique_identifier: ObjectIdentifier | None = None


@response(Operation.ACTIVATE)
class ActivateResponse:
    """Activate (4.19)."""

    unique_identifier: str


@request(Operation.REVOKE)
class RevokeRequest:
    """Revoke (4.20)."""

    unique_identifier: ObjectIdentifier | None = None
    revocation_reason: RevocationReason
    compromise_occurrence_date: DateTime | None = None


@response(Operation.REVOKE)
class RevokeResponse:
    """Revoke (4.20)."""

    unique_identifier: str


@request(Operation.DESTROY)
class DestroyRequest:
    """Destroy (4.21)."""

    unique_identifier: ObjectIdentifier | None = None


@response(Operation.DESTROY)
class DestroyResponse:
    """Destroy (4.21)."""

    unique_identifier: str


@request(Operation.OBLITERATE)
class ObliterateRequest:
    """Obliterate, in the draft of 3.0."""

    unique_identifier: ObjectIdentifier | None = None


@response(Operation.OBLITERATE)
class ObliterateResponse:
    """Obliterate, in the draft of 3.0: the identifier means nothing any more."""


@request(Operation.ARCHIVE)
class ArchiveRequest:
    """Archive (4.22)."""

    unique_identifier: ObjectIdentifier | None = None


@response(Operation.ARCHIVE)
class ArchiveResponse:
    """Archive (4.22)."""

    unique_identifier: str


@request(Operation.RECOVER)
class RecoverRequest:
    """Recover (4.23)."""

    unique_identifier: ObjectIdentifier | None = None


@response(Operation.RECOVER)
class RecoverResponse:
    """Recover (4.23)."""

    unique_identifier: str


@request(Operation.VALIDATE)
class ValidateRequest:
    """Validate (4.24): the certificates of one chain, in any order, some in the request and some at the server."""

    certificate: tuple[Certificate, ...] = ()
    unique_identifier: tuple[ObjectIdentifier, ...] = ()
    validity_date: DateTime | None = None


@response(Operation.VALIDATE)
class ValidateResponse:
    """Validate (4.24)."""

    validity_indicator: ValidityIndicator
