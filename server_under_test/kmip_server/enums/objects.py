"""Enumerations of managed objects and their attributes."""

from __future__ import annotations

from kmip_server.enums.versioned import VersionedEnum, VersionedMask
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, V3_0


class ObjectType(VersionedEnum):
    """Object Type (KMIP 1.4, 9.1.3.2.12)."""

    CERTIFICATE = 0x01
    SYMMETRIC_KEY = 0x02
    PUBLIC_KEY = 0x03
    PRIVATE_KEY = 0x04
    SPLIT_KEY = 0x05
    TEMPLATE = 0x06, V1_0, V1_4
    SECRET_DATA = 0x07
    OPAQUE_OBJECT = 0x08
    PGP_KEY = 0x09, V1_2
    CERTIFICATE_REQUEST = 0x0A, V2_0
    USER = 0x0B, V3_0
    GROUP = 0x0C, V3_0
    PASSWORD_CREDENTIAL = 0x0D, V3_0
    DEVICE_CREDENTIAL = 0x0E, V3_0
    ONE_TIME_PASSWORD_CREDENTIAL = 0x0F, V3_0
    HASHED_PASSWORD_CREDENTIAL = 0x10, V3_0


class State(VersionedEnum):
    """State (KMIP 1.4, 9.1.3.2.18)."""

    PRE_ACTIVE = 0x01
    ACTIVE = 0x02
    DEACTIVATED = 0x03
    COMPROMISED = 0x04
    DESTROYED = 0x05
    DESTROYED_COMPROMISED = 0x06


class NameType(VersionedEnum):
    """Name Type (KMIP 1.4, 9.1.3.2.11)."""

    UNINTERPRETED_TEXT_STRING = 0x01
    URI = 0x02


class AlternativeNameType(VersionedEnum):
    """Alternative Name Type (KMIP 1.4, 9.1.3.2.34)."""

    UNINTERPRETED_TEXT_STRING = 0x01, V1_2
    URI = 0x02, V1_2
    OBJECT_SERIAL_NUMBER = 0x03, V1_2
    EMAIL_ADDRESS = 0x04, V1_2
    DNS_NAME = 0x05, V1_2
    X_500_DISTINGUISHED_NAME = 0x06, V1_2
    IP_ADDRESS = 0x07, V1_2


class LinkType(VersionedEnum):
    """Link Type (KMIP 1.4, 9.1.3.2.20)."""

    CERTIFICATE_LINK = 0x101
    PUBLIC_KEY_LINK = 0x102
    PRIVATE_KEY_LINK = 0x103
    DERIVATION_BASE_OBJECT_LINK = 0x104
    DERIVED_KEY_LINK = 0x105
    REPLACEMENT_OBJECT_LINK = 0x106
    REPLACED_OBJECT_LINK = 0x107
    PARENT_LINK = 0x108, V1_2
    CHILD_LINK = 0x109, V1_2
    PREVIOUS_LINK = 0x10A, V1_2
    NEXT_LINK = 0x10B, V1_2
    PKCS_12_CERTIFICATE_LINK = 0x10C, V1_4
    PKCS_12_PASSWORD_LINK = 0x10D, V1_4
    WRAPPING_KEY_LINK = 0x10E, V2_0


class RevocationReasonCode(VersionedEnum):
    """Revocation Reason Code (KMIP 1.4, 9.1.3.2.19)."""

    UNSPECIFIED = 0x01
    KEY_COMPROMISE = 0x02
    CA_COMPROMISE = 0x03
    AFFILIATION_CHANGED = 0x04
    SUPERSEDED = 0x05
    CESSATION_OF_OPERATION = 0x06
    PRIVILEGE_WITHDRAWN = 0x07


class UsageLimitsUnit(VersionedEnum):
    """Usage Limits Unit (KMIP 1.4, 9.1.3.2.31)."""

    BYTE = 0x01
    OBJECT = 0x02


class CryptographicUsageMask(VersionedMask):
    """Cryptographic Usage Mask (KMIP 1.4, 9.1.3.3.1)."""

    SIGN = 0x00000001
    VERIFY = 0x00000002
    ENCRYPT = 0x00000004
    DECRYPT = 0x00000008
    WRAP_KEY = 0x00000010
    UNWRAP_KEY = 0x00000020
    EXPORT = 0x00000040, V1_0, V1_4
    MAC_GENERATE = 0x00000080
    MAC_VERIFY = 0x00000100
    DERIVE_KEY = 0x00000200
    CONTENT_COMMITMENT = 0x00000400, V1_0, V1_4
    KEY_AGREEMENT = 0x00000800
    CERTIFICATE_SIGN = 0x00001000
    CRL_SIGN = 0x00002000
    GENERATE_CRYPTOGRAM = 0x00004000, V1_0, V1_4
    VALIDATE_CRYPTOGRAM = 0x00008000, V1_0, V1_4
    TRANSLATE_ENCRYPT = 0x00010000, V1_0, V1_4
    TRANSLATE_DECRYPT = 0x00020000, V1_0, V1_4
    TRANSLATE_WRAP = 0x00040000, V1_0, V1_4
    TRANSLATE_UNWRAP = 0x00080000, V1_0, V1_4
    AUTHENTICATE = 0x00100000, V2_0
    UNRESTRICTED = 0x00200000, V2_0
    FPE_ENCRYPT = 0x00400000, V2_0
    FPE_DECRYPT = 0x00800000, V2_0


class StorageStatusMask(VersionedMask):
    """Storage Status Mask (KMIP 1.4, 9.1.3.3.2)."""

    ON_LINE_STORAGE = 0x00000001
    ARCHIVAL_STORAGE = 0x00000002
    DESTROYED_STORAGE = 0x00000004, V2_0


class ObjectGroupMember(VersionedEnum):
    """Object Group Member (KMIP 1.4, 9.1.3.2.33)."""

    GROUP_MEMBER_FRESH = 0x01, V1_1
    GROUP_MEMBER_DEFAULT = 0x02, V1_1


class KeyFormatType(VersionedEnum):
    """Key Format Type (KMIP 1.4, 9.1.3.2.3)."""

    RAW = 0x01
    OPAQUE = 0x02
    PKCS_1 = 0x03
    PKCS_8 = 0x04
    X_509 = 0x05
    EC_PRIVATE_KEY = 0x06
    TRANSPARENT_SYMMETRIC_KEY = 0x07
    TRANSPARENT_DSA_PRIVATE_KEY = 0x08
    TRANSPARENT_DSA_PUBLIC_KEY = 0x09
    TRANSPARENT_RSA_PRIVATE_KEY = 0x0A
    TRANSPARENT_RSA_PUBLIC_KEY = 0x0B
    TRANSPARENT_DH_PRIVATE_KEY = 0x0C
    TRANSPARENT_DH_PUBLIC_KEY = 0x0D
    TRANSPARENT_ECDSA_PRIVATE_KEY = 0x0E, V1_0, V1_4
    TRANSPARENT_ECDSA_PUBLIC_KEY = 0x0F, V1_0, V1_4
    TRANSPARENT_ECDH_PRIVATE_KEY = 0x10, V1_0, V1_4
    TRANSPARENT_ECDH_PUBLIC_KEY = 0x11, V1_0, V1_4
    TRANSPARENT_ECMQV_PRIVATE_KEY = 0x12, V1_0, V1_4
    TRANSPARENT_ECMQV_PUBLIC_KEY = 0x13, V1_0, V1_4
    TRANSPARENT_EC_PRIVATE_KEY = 0x14, V1_3
    TRANSPARENT_EC_PUBLIC_KEY = 0x15, V1_3
    PKCS_12 = 0x16, V1_4
    PKCS_10 = 0x17, V2_0


class KeyCompressionType(VersionedEnum):
    """Key Compression Type (KMIP 1.4, 9.1.3.2.2)."""

    EC_PUBLIC_KEY_TYPE_UNCOMPRESSED = 0x01
    EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME = 0x02
    EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_CHAR2 = 0x03
    EC_PUBLIC_KEY_TYPE_X9_62_HYBRID = 0x04


class KeyValueLocationType(VersionedEnum):
    """Key Value Location Type (KMIP 1.4, 9.1.3.2.35)."""

    UNINTERPRETED_TEXT_STRING = 0x01, V1_2
    URI = 0x02, V1_2


class KeyWrapType(VersionedEnum):
    """Key Wrap Type (KMIP 1.4, 9.1.3.2.48)."""

    NOT_WRAPPED = 0x01, V1_4
    AS_REGISTERED = 0x02, V1_4


class SecretDataType(VersionedEnum):
    """Secret Data Type (KMIP 1.4, 9.1.3.2.9)."""

    PASSWORD = 0x01
    SEED = 0x02


class CertificateType(VersionedEnum):
    """Certificate Type (KMIP 1.4, 9.1.3.2.6)."""

    X_509 = 0x01
    PGP = 0x02


class CertificateRequestType(VersionedEnum):
    """Certificate Request Type (KMIP 1.4, 9.1.3.2.22)."""

    CRMF = 0x01
    PKCS_10 = 0x02
    PEM = 0x03
    PGP = 0x04, V1_0, V1_4


class SplitKeyMethod(VersionedEnum):
    """Split Key Method (KMIP 1.4, 9.1.3.2.8)."""

    XOR = 0x01
    POLYNOMIAL_SHARING_GF_2_16 = 0x02
    POLYNOMIAL_SHARING_PRIME_FIELD = 0x03
    POLYNOMIAL_SHARING_GF_2_8 = 0x04, V1_2


class ValidityIndicator(VersionedEnum):
    """Validity Indicator (KMIP 1.4, 9.1.3.2.23)."""

    VALID = 0x01
    INVALID = 0x02
    UNKNOWN = 0x03


class ProtectionLevel(VersionedEnum):
    """Protection Level (KMIP 2.1, 11.42)."""

    HIGH = 0x01, V2_0
    LOW = 0x02, V2_0


class ProtectionStorageMask(VersionedMask):
    """Protection Storage Mask."""

    SOFTWARE = 0x00000001, V2_0
    HARDWARE = 0x00000002, V2_0
    ON_PROCESSOR = 0x00000004, V2_0
    ON_SYSTEM = 0x00000008, V2_0
    OFF_SYSTEM = 0x00000010, V2_0
    HYPERVISOR = 0x00000020, V2_0
    OPERATING_SYSTEM = 0x00000040, V2_0
    CONTAINER = 0x00000080, V2_0
    ON_PREMISES = 0x00000100, V2_0
    OFF_PREMISES = 0x00000200, V2_0
    SELF_MANAGED = 0x00000400, V2_0
    OUTSOURCED = 0x00000800, V2_0
    VALIDATED = 0x00001000, V2_0
    SAME_JURISDICTION = 0x00002000, V2_0


class UniqueIdentifier(VersionedEnum):
    """Unique Identifier (KMIP 2.1, 11.58)."""

    ID_PLACEHOLDER = 0x01, V2_0
    CERTIFY = 0x02, V2_0
    CREATE = 0x03, V2_0
    CREATE_KEY_PAIR = 0x04, V2_0
    CREATE_KEY_PAIR_PRIVATE_KEY = 0x05, V2_0
    CREATE_KEY_PAIR_PUBLIC_KEY = 0x06, V2_0
    CREATE_SPLIT_KEY = 0x07, V2_0
    DERIVE_KEY = 0x08, V2_0
    IMPORT = 0x09, V2_0
    JOIN_SPLIT_KEY = 0x0A, V2_0
    LOCATE = 0x0B, V2_0
    REGISTER = 0x0C, V2_0
    RE_KEY = 0x0D, V2_0
    RE_CERTIFY = 0x0E, V2_0
    RE_KEY_KEY_PAIR = 0x0F, V2_0
    RE_KEY_KEY_PAIR_PRIVATE_KEY = 0x10, V2_0
    RE_KEY_KEY_PAIR_PUBLIC_KEY = 0x11, V2_0
    RE_PROVISION = 0x12, V3_0
    CREATE_USER = 0x13, V3_0
    CREATE_GROUP = 0x14, V3_0
    CREATE_CREDENTIAL = 0x15, V3_0


class RotateNameType(VersionedEnum):
    """Rotate Name Type (KMIP 2.1, 11.51)."""

    UNINTERPRETED_TEXT_STRING = 0x01, V2_1
    URI = 0x02, V2_1


class AdjustmentType(VersionedEnum):
    """Adjustment Type (KMIP 2.1, 11.1)."""

    INCREMENT = 0x01, V2_0
    DECREMENT = 0x02, V2_0
    NEGATE = 0x03, V2_0


class Data(VersionedEnum):
    """Data (KMIP 2.1, 11.13)."""

    DECRYPT = 0x01, V2_0
    ENCRYPT = 0x02, V2_0
    HASH = 0x03, V2_0
    MAC_MAC_DATA = 0x04, V2_0
    RNG_RETRIEVE = 0x05, V2_0
    SIGN_SIGNATURE_DATA = 0x06, V2_0
    SIGNATURE_VERIFY = 0x07, V2_0


class TicketType(VersionedEnum):
    """Ticket Type (KMIP 2.1, 11.57)."""

    LOGIN = 0x01, V2_0


class ObjectClass(VersionedEnum):
    """Object Class (draft of KMIP 3.0)."""

    USER = 0x01, V3_0
    SYSTEM = 0x02, V3_0
