"""Requests as clients send them, in many ways for each operation: derived from the field tables, and told what tables do not tell."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from kmip_server.attributes import rules_by_name
from kmip_server.codec import encode
from kmip_server.enums import (
    BlockCipherMode,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    DerivationMethod,
    HashingAlgorithm,
    KeyFormatType,
    MaskGenerator,
    ObjectType,
    Operation,
    PaddingMethod,
    SplitKeyMethod,
    WrappingMethod,
)
from kmip_server.errors import UnencodableMessage
from kmip_server.messages import (
    TRANSPARENT_KEYS,
    Attribute,
    AttributeReference,
    Attributes,
    CryptographicParameters,
    DerivationParameters,
    EncryptionKeyInformation,
    KeyBlock,
    KeyValue,
    KeyWrappingSpecification,
    MACSignatureKeyInformation,
    PrivateKey,
    PublicKey,
    TemplateAttribute,
    TransparentSymmetricKey,
    fields_of,
)
from museum import HAVE_NO_USES, holdings
from specimens import request_payloads, specimen, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.versions import KmipVersion

DATA = bytes(range(32))
AES, RSA_KEYS = CryptographicAlgorithm.AES, CryptographicAlgorithm.RSA

CIPHERS = [
    CryptographicParameters(block_cipher_mode=mode, padding_method=padding, cryptographic_algorithm=AES, tag_length=16)
    for mode in BlockCipherMode
    for padding in (None, PaddingMethod.PKCS5)
] + [
    CryptographicParameters(
        cryptographic_algorithm=RSA_KEYS,
        padding_method=padding,
        hashing_algorithm=HashingAlgorithm.SHA_256,
        mask_generator=MaskGenerator.MGF1,
        mask_generator_hashing_algorithm=HashingAlgorithm.SHA_256,
    )
    for padding in (PaddingMethod.PKCS1_V1_5, PaddingMethod.OAEP, PaddingMethod.PSS)
]
MACS = [CryptographicParameters(cryptographic_algorithm=one) for one in (None, CryptographicAlgorithm.HMAC_SHA256, AES)]


def _wrapped(method: WrappingMethod) -> KeyWrappingSpecification:
    """Wrapped by the object that is asked for itself."""
    nist = CryptographicParameters(block_cipher_mode=BlockCipherMode.NIST_KEY_WRAP)
    return KeyWrappingSpecification(method, EncryptionKeyInformation("?", nist), MACSignatureKeyInformation("?"))


GETTING: list[dict[str, Any]] = [
    *({"key_format_type": form} for form in KeyFormatType),
    *({"key_wrapping_specification": _wrapped(method)} for method in WrappingMethod),
]

USUAL: dict[Operation, list[dict[str, Any]]] = {
    Operation.ENCRYPT: [{"data": DATA, "cryptographic_parameters": one, "iv_counter_nonce": bytes(16)} for one in (None, *CIPHERS)]
    + [{"data": DATA, "cryptographic_parameters": CIPHERS[0], "init_indicator": True}],
    Operation.DECRYPT: [
        {"data": DATA, "cryptographic_parameters": one, "iv_counter_nonce": bytes(16), "authenticated_encryption_tag": bytes(16)}
        for one in (None, *CIPHERS)
    ],
    Operation.SIGN: [{"data": DATA, "cryptographic_parameters": one} for one in (None, *CIPHERS[-3:])],
    Operation.SIGNATURE_VERIFY: [{"data": DATA, "signature_data": bytes(256), "cryptographic_parameters": one} for one in CIPHERS[-3:]],
    Operation.MAC: [{"data": DATA, "cryptographic_parameters": one} for one in MACS],
    Operation.MAC_VERIFY: [{"data": DATA, "mac_data": bytes(32), "cryptographic_parameters": one} for one in MACS],
    Operation.HASH: [
        {"data": DATA, "cryptographic_parameters": CryptographicParameters(hashing_algorithm=one)} for one in HashingAlgorithm
    ],
    Operation.GET: GETTING,
    Operation.EXPORT: GETTING,
    Operation.DERIVE_KEY: [
        {
            "object_type": ObjectType.SYMMETRIC_KEY,
            "derivation_method": method,
            "derivation_parameters": DerivationParameters(parameters, bytes(16), (DATA,), b"salt", 10),
        }
        for method in DerivationMethod
        for parameters in (MACS[1], CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256))
    ],
    Operation.CREATE_SPLIT_KEY: [
        {"split_key_parts": 3, "split_key_threshold": 2, "split_key_method": method, "prime_field_size": 2**257 + 93}
        for method in SplitKeyMethod
    ],
    Operation.JOIN_SPLIT_KEY: [{"object_type": ObjectType.SYMMETRIC_KEY}],
}
"""What an operation is usually asked with, where the plainest payload that parses would be refused before anything is looked at."""

CREATED = {
    "Cryptographic Algorithm": AES,
    "Cryptographic Length": 256,
    "Cryptographic Usage Mask": CryptographicUsageMask(0xFFFFF),
}
PAIR = {**CREATED, "Cryptographic Algorithm": CryptographicAlgorithm.ECDSA}
MAKE_KEYS = dict.fromkeys((Operation.CREATE, Operation.DERIVE_KEY, Operation.CREATE_SPLIT_KEY, Operation.JOIN_SPLIT_KEY), CREATED)
MAKE_PAIRS = {Operation.CREATE_KEY_PAIR: PAIR}


def naming(payload: Any, unique_identifier: str) -> Any:
    """The payload with every identifier in it replaced by this one, or given where it is optional."""
    changes = {}
    for field in dataclasses.fields(payload):
        held = getattr(payload, field.name)
        if field.name.endswith("unique_identifier") and isinstance(held, str | tuple | None):
            changes[field.name] = (unique_identifier,) * len(held) if isinstance(held, tuple) else unique_identifier
        elif dataclasses.is_dataclass(held):
            changes[field.name] = naming(held, unique_identifier)
    return dataclasses.replace(payload, **changes)


def requests_of(operation: Operation, version: KmipVersion) -> Iterator[Any]:
    """An operation's request: with what is required, with each field besides, with all of them, and as it is usual."""
    payload = request_payloads(version)[operation]
    plain, rich = specimen(payload, version, rich=False), specimen(payload, version)
    rows = [row for row in fields_of(payload) if row.exists_in(version)]
    yield from (plain, rich)
    for row in rows:
        if not row.required_in(version):
            yield dataclasses.replace(plain, **{row.name: getattr(rich, row.name)})
    there = {row.name for row in rows}
    for usual in (*USUAL.get(operation, ()), *_registered(operation, version)):
        told = {name: one for name, one in usual.items() if name in there}
        made = with_attributes(dataclasses.replace(plain, **told), _required_of(operation), version)
        if can_be_said(made, version):
            yield made


def can_be_said(payload: Any, version: KmipVersion) -> bool:
    """Whether the version has all the values in the payload."""
    try:
        encode(payload, version)
    except UnencodableMessage:
        return False
    return True


def requests_with_attributes(operation: Operation, version: KmipVersion) -> Iterator[Any]:
    """An operation's request with each attribute of the version alone, beside those without which it would be refused."""
    payload = request_payloads(version)[operation]
    plain = specimen(payload, version, rich=False)
    if "object_type" in {row.name for row in fields_of(payload)} and operation is not Operation.REGISTER:
        plain = dataclasses.replace(plain, object_type=ObjectType.SYMMETRIC_KEY)
    for name, rule in rules_by_name(version).items():
        made = with_attributes(plain, {**_required_of(operation), name: value(rule.written_by_tag, version)}, version)
        if made != plain:
            yield made


def with_attributes(payload: Any, values: dict[str, Any], version: KmipVersion) -> Any:
    """The payload with these attributes in every field that takes attributes, in the form that the version has."""
    attributes = tuple(Attribute(attribute_name=name, attribute_value=one) for name, one in values.items())
    if not attributes:
        return payload
    forms = {
        TemplateAttribute: TemplateAttribute(attribute=attributes),
        Attributes: Attributes(attributes),
        Attribute: attributes[-1],
        AttributeReference: AttributeReference(attributes[-1].attribute_name),
    }
    changes: dict[str, Any] = {}
    for row in fields_of(type(payload)):
        form = next((one.python for one in row.alternatives if one.python in forms), None)
        if form is not None and row.exists_in(version):
            changes[row.name] = (forms[form],) if row.is_tuple else forms[form]
        elif row.name == "attribute_name":
            changes[row.name] = (attributes[-1].attribute_name,) if row.is_tuple else attributes[-1].attribute_name
    return dataclasses.replace(payload, **changes)


def _required_of(operation: Operation) -> dict[str, Any]:
    return MAKE_KEYS.get(operation) or MAKE_PAIRS.get(operation) or {}


def _transparent(version: KmipVersion) -> Iterator[tuple[ObjectType, Any]]:
    """Keys of numbers, which are no keys: each format with the smallest numbers."""
    for form, numbers in TRANSPARENT_KEYS.items():
        if form.exists_in(version) and numbers is not TransparentSymmetricKey:
            private = "PRIVATE" in form.name
            block = KeyBlock(form, None, KeyValue(specimen(numbers, version)), RSA_KEYS, 2048)
            yield (ObjectType.PRIVATE_KEY, PrivateKey(block)) if private else (ObjectType.PUBLIC_KEY, PublicKey(block))


def _registered(operation: Operation, version: KmipVersion) -> Iterator[dict[str, Any]]:
    """Every type of object, for the operations that bring one along; a request for a certificate, for those that take one."""
    if operation in {Operation.CERTIFY, Operation.RE_CERTIFY}:
        wanted = holdings()[ObjectType.CERTIFICATE_REQUEST]
        octets = wanted.certificate_request_value
        yield {
            "certificate_request_type": wanted.certificate_request_type,
            "certificate_request": octets,
            "certificate_request_value": octets,
        }
    if operation not in {Operation.REGISTER, Operation.IMPORT}:
        return
    mask = Attribute(attribute_name="Cryptographic Usage Mask", attribute_value=CryptographicUsageMask(0xFFFFF))
    for object_type, holding in (*holdings().items(), *_transparent(version)):
        if object_type.exists_in(version):
            given = () if object_type in HAVE_NO_USES else (mask,)
            yield {
                "object_type": object_type,
                "template_attribute": TemplateAttribute(attribute=given),
                "attribute": given,
                "attributes": Attributes(given),
                "managed_object": holding,
                "key_wrap_type": None,
            }
