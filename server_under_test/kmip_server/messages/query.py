"""Structures in which Query describes the server (KMIP 1.4, 2.1.9 and 2.1.19-2.1.21; KMIP 2.1, 7)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import (
    DestroyAction,
    ItemType,
    ProfileName,
    RNGMode,
    ShreddingAlgorithm,
    Tag,
    UnwrapMode,
    ValidationAuthorityType,
    ValidationType,
)
from kmip_server.messages.tables import field, structure
from kmip_server.messages.values import Integer
from kmip_server.versions import V1_4, V2_0


@structure(Tag.EXTENSION_INFORMATION)
class ExtensionInformation:
    """Extension Information (2.1.9; 2.1, 7.13). Its Extension Type is a number until 1.4 and an Item Type, an enumeration, since 2.0."""

    extension_name: str
    extension_tag: Integer | None = None
    extension_type: Integer | None = field(default=None, until=V1_4)
    item_type: ItemType | None = field(default=None, since=V2_0, tag=Tag.EXTENSION_TYPE)
    extension_enumeration: Integer | None = field(default=None, since=V2_0)
    extension_attribute: bool | None = field(default=None, since=V2_0)
    extension_parent_structure_tag: Integer | None = field(default=None, since=V2_0)
    extension_description: str | None = field(default=None, since=V2_0)


@structure(Tag.PROFILE_VERSION)
class ProfileVersion:
    """Profile Version (2.1, 7.32), since 2.0."""

    profile_version_major: Integer
    profile_version_minor: Integer


@structure(Tag.PROFILE_INFORMATION)
class ProfileInformation:
    """Profile Information (2.1.19)."""

    profile_name: ProfileName
    profile_version: ProfileVersion | None = field(default=None, since=V2_0)
    server_uri: str | None = None
    server_port: Integer | None = None


@structure(Tag.VALIDATION_INFORMATION, kw_only=True)
class ValidationInformation:
    """Validation Information (2.1.20)."""

    validation_authority_type: ValidationAuthorityType
    validation_authority_country: str | None = None
    validation_authority_uri: str | None = None
    validation_version_major: Integer
    validation_version_minor: Integer | None = None
    validation_type: ValidationType
    validation_level: Integer
    validation_certificate_identifier: str | None = None
    validation_certificate_uri: str | None = None
    validation_vendor_uri: str | None = None
    validation_profile: tuple[str, ...] = ()


@structure(Tag.CAPABILITY_INFORMATION)
class CapabilityInformation:
    """Capability Information (2.1.21)."""

    streaming_capability: bool | None = None
    asynchronous_capability: bool | None = None
    attestation_capability: bool | None = None
    batch_undo_capability: bool | None = field(default=None, since=V1_4)
    batch_continue_capability: bool | None = field(default=None, since=V1_4)
    unwrap_mode: UnwrapMode | None = None
    destroy_action: DestroyAction | None = None
    shredding_algorithm: ShreddingAlgorithm | None = None
    rng_mode: RNGMode | None = None
    quantum_safe_capability: bool | None = field(default=None, since=V2_0)


@structure(Tag.SERVER_INFORMATION)
class ServerInformation:
    """Server Information (2.1, 7.37), since 2.0; before, the structure is the vendor's own."""

    server_name: str | None = field(default=None, since=V2_0)
    server_serial_number: str | None = field(default=None, since=V2_0)
    server_version: str | None = field(default=None, since=V2_0)
    server_load: str | None = field(default=None, since=V2_0)
    product_name: str | None = field(default=None, since=V2_0)
    build_level: str | None = field(default=None, since=V2_0)
    build_date: str | None = field(default=None, since=V2_0)
    cluster_info: str | None = field(default=None, since=V2_0)
    alternate_failover_endpoints: tuple[str, ...] = field(default=(), since=V2_0)
