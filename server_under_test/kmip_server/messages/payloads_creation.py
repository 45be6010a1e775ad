"""The payloads of operations that bring objects into being (KMIP 1.4, 4.1-4.8 and 4.38-4.41; KMIP 2.1, 6.1)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import (
    CertificateRequestType,
    DerivationMethod,
    KeyWrapType,
    ObjectType,
    Operation,
    SecretDataType,
    SplitKeyMethod,
    Tag,
)
from kmip_server.messages.attributes_1 import Attribute, TemplateAttribute
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.objects import CryptographicParameters, ManagedObject
from kmip_server.messages.rules import ProtectionStorageMasks
from kmip_server.messages.tables import field, request, response, structure
from kmip_server.messages.values import BigInteger, Integer, Interval, ObjectIdentifier
from kmip_server.versions import V1_0, V1_2, V1_4, V2_0


@request(Operation.CREATE)
class CreateRequest:
    """Create (4.1; 2.1, 6.1.8)."""

    object_type: ObjectType
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4, required_since=V1_0)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.CREATE)
class CreateResponse:
    """Create (4.1; 2.1, 6.1.8)."""

    object_type: ObjectType
    unique_identifier: str
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.CREATE_KEY_PAIR)
class CreateKeyPairRequest:
    """Create Key Pair (4.2; 2.1, 6.1.9)."""

    common_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    private_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    public_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    common_attributes: Attributes | None = field(default=None, since=V2_0)
    private_key_attributes: Attributes | None = field(default=None, since=V2_0)
    public_key_attributes: Attributes | None = field(default=None, since=V2_0)
    common_protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)
    private_protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)
    public_protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.CREATE_KEY_PAIR)
class CreateKeyPairResponse:
    """Create Key Pair (4.2; 2.1, 6.1.9)."""

    private_key_unique_identifier: str
    public_key_unique_identifier: str
    private_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    public_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.REGISTER)
class RegisterRequest:
    """Register (4.3; 2.1, 6.1.43). Up to 1.1 the table of the clause does not require the object."""

    object_type: ObjectType
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4, required_since=V1_0)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)
    managed_object: ManagedObject | None = field(default=None, required_since=V1_2)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.REGISTER)
class RegisterResponse:
    """Register (4.3; 2.1, 6.1.43)."""

    unique_identifier: str
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.RE_KEY)
class ReKeyRequest:
    """Re-key (4.4; 2.1, 6.1.46)."""

    unique_identifier: ObjectIdentifier | None = None
    offset: Interval | None = None
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.RE_KEY)
class ReKeyResponse:
    """Re-key (4.4; 2.1, 6.1.46)."""

    unique_identifier: str
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.RE_KEY_KEY_PAIR)
class ReKeyKeyPairRequest:
    """Re-key Key Pair (4.5; 2.1, 6.1.47), since 1.1."""

    private_key_unique_identifier: ObjectIdentifier | None = None
    offset: Interval | None = None
    common_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    private_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    public_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    common_attributes: Attributes | None = field(default=None, since=V2_0)
    private_key_attributes: Attributes | None = field(default=None, since=V2_0)
    public_key_attributes: Attributes | None = field(default=None, since=V2_0)
    common_protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)
    private_protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)
    public_protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.RE_KEY_KEY_PAIR)
class ReKeyKeyPairResponse:
    """Re-key Key Pair (4.5; 2.1, 6.1.47), since 1.1."""

    private_key_unique_identifier: str
    public_key_unique_identifier: str
    private_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    public_key_template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@structure(Tag.DERIVATION_PARAMETERS)
class DerivationParameters:
    """Derivation Parameters (4.6; 2.1, 7.12): which of them must be there, the derivation method says."""

    cryptographic_parameters: CryptographicParameters | None = None
    initialization_vector: bytes | None = None
    derivation_data: tuple[bytes, ...] = field(default=(), repeated_since=V2_0)
    salt: bytes | None = None
    iteration_count: Integer | None = None


@request(Operation.DERIVE_KEY)
class DeriveKeyRequest:
    """Derive Key (4.6; 2.1, 6.1.14)."""

    object_type: ObjectType
    unique_identifier: tuple[ObjectIdentifier, ...]
    derivation_method: DerivationMethod
    derivation_parameters: DerivationParameters
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4, required_since=V1_0)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)


@response(Operation.DERIVE_KEY)
class DeriveKeyResponse:
    """Derive Key (4.6; 2.1, 6.1.14)."""

    unique_identifier: str
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.CERTIFY)
class CertifyRequest:
    """Certify (4.7; 2.1, 6.1.6). Since 1.1 the request may be left to the server."""

    unique_identifier: ObjectIdentifier | None = None
    certificate_request_type: CertificateRequestType | None = field(default=None, required_until=V1_0)
    certificate_request: bytes | None = field(default=None, required_until=V1_0, until=V1_4)
    certificate_request_value: bytes | None = field(default=None, since=V2_0)
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.CERTIFY)
class CertifyResponse:
    """Certify (4.7; 2.1, 6.1.6)."""

    unique_identifier: str
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.RE_CERTIFY)
class ReCertifyRequest:
    """Re-certify (4.8; 2.1, 6.1.45)."""

    unique_identifier: ObjectIdentifier | None = None
    certificate_request_unique_identifier: ObjectIdentifier | None = field(default=None, since=V2_0)
    certificate_request_type: CertificateRequestType | None = field(default=None, required_until=V1_0)
    certificate_request: bytes | None = field(default=None, required_until=V1_0, until=V1_4)
    certificate_request_value: bytes | None = field(default=None, since=V2_0)
    offset: Interval | None = None
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.RE_CERTIFY)
class ReCertifyResponse:
    """Re-certify (4.8; 2.1, 6.1.45)."""

    unique_identifier: str
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.CREATE_SPLIT_KEY)
class CreateSplitKeyRequest:
    """Create Split Key (4.38; 2.1, 6.1.10), since 1.2."""

    object_type: ObjectType
    unique_identifier: ObjectIdentifier | None = None
    split_key_parts: Integer
    split_key_threshold: Integer
    split_key_method: SplitKeyMethod
    prime_field_size: BigInteger | None = None
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4, required_since=V1_0)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.CREATE_SPLIT_KEY)
class CreateSplitKeyResponse:
    """Create Split Key (4.38; 2.1, 6.1.10), since 1.2."""

    object_type: ObjectType | None = field(default=None, until=V1_2, required_since=V1_2)
    unique_identifier: tuple[str, ...]
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.JOIN_SPLIT_KEY)
class JoinSplitKeyRequest:
    """Join Split Key (4.39; 2.1, 6.1.27), since 1.2."""

    object_type: ObjectType
    unique_identifier: tuple[ObjectIdentifier, ...]
    secret_data_type: SecretDataType | None = None
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0)
    protection_storage_masks: ProtectionStorageMasks | None = field(default=None, since=V2_0)


@response(Operation.JOIN_SPLIT_KEY)
class JoinSplitKeyResponse:
    """Join Split Key (4.39; 2.1, 6.1.27), since 1.2."""

    object_type: ObjectType | None = field(default=None, until=V1_2, required_since=V1_2)
    unique_identifier: str
    template_attribute: TemplateAttribute | None = field(default=None, until=V1_4)


@request(Operation.IMPORT)
class ImportRequest:
    """Import (4.41; 2.1, 6.1.25), since 1.4."""

    unique_identifier: str
    object_type: ObjectType | None = field(default=None, since=V2_0, required_since=V2_0)
    replace_existing: bool | None = None
    key_wrap_type: KeyWrapType | None = None
    attribute: tuple[Attribute, ...] = field(default=(), until=V1_4, required_since=V1_4)
    attributes: Attributes | None = field(default=None, since=V2_0, required_since=V2_0)
    managed_object: ManagedObject


@response(Operation.IMPORT)
class ImportResponse:
    """Import (4.41; 2.1, 6.1.25), since 1.4."""

    unique_identifier: str
