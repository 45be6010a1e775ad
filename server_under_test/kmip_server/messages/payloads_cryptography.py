"""The payloads of cryptographic operations (KMIP 1.4, 4.29-4.37), since 1.2.

Since 1.3 an operation may be done in parts: then most of its data "is not required" in a part, so that from there on no field is.
"""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import Operation, ValidityIndicator
from kmip_server.messages.objects import CryptographicParameters
from kmip_server.messages.tables import field, request, response
from kmip_server.messages.values import DataItem, Integer, ObjectIdentifier
from kmip_server.versions import V1_2, V1_3, V1_4


@request(Operation.ENCRYPT)
class EncryptRequest:
    """Encrypt (4.29)."""

    unique_identifier: ObjectIdentifier | None = None
    cryptographic_parameters: CryptographicParameters | None = None
    data: DataItem | None = field(default=None, required_until=V1_2)
    iv_counter_nonce: bytes | None = None
    correlation_value: bytes | None = field(default=None, since=V1_3)
    init_indicator: bool | None = field(default=None, since=V1_3)
    final_indicator: bool | None = field(default=None, since=V1_3)
    authenticated_encryption_additional_data: bytes | None = field(default=None, since=V1_4)


@response(Operation.ENCRYPT)
class EncryptResponse:
    """Encrypt (4.29)."""

    unique_identifier: str
    data: bytes | None = field(default=None, required_until=V1_2)
    iv_counter_nonce: bytes | None = None
    correlation_value: bytes | None = field(default=None, since=V1_3)
    authenticated_encryption_tag: bytes | None = field(default=None, since=V1_4)


@request(Operation.DECRYPT)
class DecryptRequest:
    """Decrypt (4.30)."""

    unique_identifier: ObjectIdentifier | None = None
    cryptographic_parameters: CryptographicParameters | None = None
    data: DataItem | None = field(default=None, required_until=V1_2)
    iv_counter_nonce: bytes | None = None
    correlation_value: bytes | None = field(default=None, since=V1_3)
    init_indicator: bool | None = field(default=None, since=V1_3)
    final_indicator: bool | None = field(default=None, since=V1_3)
    authenticated_encryption_additional_data: bytes | None = field(default=None, since=V1_4)
    authenticated_encryption_tag: bytes | None = field(default=None, since=V1_4)


@response(Operation.DECRYPT)
class DecryptResponse:
    """Decrypt (4.30)."""

    unique_identifier: str
    data: bytes | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)


@request(Operation.SIGN)
class SignRequest:
    """Sign (4.31)."""

    unique_identifier: ObjectIdentifier | None = None
    cryptographic_parameters: CryptographicParameters | None = None
    data: DataItem | None = field(default=None, required_until=V1_2)
    digested_data: bytes | None = field(default=None, since=V1_4)
    correlation_value: bytes | None = field(default=None, since=V1_3)
    init_indicator: bool | None = field(default=None, since=V1_3)
    final_indicator: bool | None = field(default=None, since=V1_3)


@response(Operation.SIGN)
class SignResponse:
    """Sign (4.31)."""

    unique_identifier: str
    signature_data: bytes | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)


@request(Operation.SIGNATURE_VERIFY)
class SignatureVerifyRequest:
    """Signature Verify (4.32)."""

    unique_identifier: ObjectIdentifier | None = None
    cryptographic_parameters: CryptographicParameters | None = None
    data: DataItem | None = None
    digested_data: bytes | None = field(default=None, since=V1_4)
    signature_data: DataItem | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)
    init_indicator: bool | None = field(default=None, since=V1_3)
    final_indicator: bool | None = field(default=None, since=V1_3)


@response(Operation.SIGNATURE_VERIFY)
class SignatureVerifyResponse:
    """Signature Verify (4.32)."""

    unique_identifier: str
    validity_indicator: ValidityIndicator | None = None
    data: bytes | None = None
    correlation_value: bytes | None = field(default=None, since=V1_3)


@request(Operation.MAC)
class MACRequest:
    """MAC (4.33)."""

    unique_identifier: ObjectIdentifier | None = None
    cryptographic_parameters: CryptographicParameters | None = None
    data: DataItem | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)
    init_indicator: bool | None = field(default=None, since=V1_3)
    final_indicator: bool | None = field(default=None, since=V1_3)


@response(Operation.MAC)
class MACResponse:
    """MAC (4.33)."""

    unique_identifier: str
    mac_data: bytes | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)


@request(Operation.MAC_VERIFY)
class MACVerifyRequest:
    """MAC Verify (4.34)."""

    unique_identifier: ObjectIdentifier | None = None
    cryptographic_parameters: CryptographicParameters | None = None
    data: DataItem | None = None
    mac_data: DataItem | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)
    init_indicator: bool | None = field(default=None, since=V1_3)
    final_indicator: bool | None = field(default=None, since=V1_3)


@response(Operation.MAC_VERIFY)
class MACVerifyResponse:
    """MAC Verify (4.34)."""

    unique_identifier: str
    validity_indicator: ValidityIndicator | None = None
    correlation_value: bytes | None = field(default=None, since=V1_3)


@request(Operation.RNG_RETRIEVE)
class RNGRetrieveRequest:
    """RNG Retrieve (4.35)."""

    data_length: Integer


@response(Operation.RNG_RETRIEVE)
class RNGRetrieveResponse:
    """RNG Retrieve (4.35)."""

    data: bytes


@request(Operation.RNG_SEED)
class RNGSeedRequest:
    """RNG Seed (4.36)."""

    data: DataItem


@response(Operation.RNG_SEED)
class RNGSeedResponse:
    """RNG Seed (4.36)."""

    data_length: Integer


@request(Operation.HASH)
class HashRequest:
    """Hash (4.37)."""

    cryptographic_parameters: CryptographicParameters
    data: DataItem | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)
    init_indicator: bool | None = field(default=None, since=V1_3)
    final_indicator: bool | None = field(default=None, since=V1_3)


@response(Operation.HASH)
class HashResponse:
    """Hash (4.37)."""

    data: bytes | None = field(default=None, required_until=V1_2)
    correlation_value: bytes | None = field(default=None, since=V1_3)
