"""One object of every type, in every state: what operations are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from kmip_server.enums import (
    CertificateRequestType,
    CertificateType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    KeyFormatType,
    ObjectType,
    RevocationReasonCode,
    SecretDataType,
    SplitKeyMethod,
    State,
)
from kmip_server.messages import (
    ActivateRequest,
    ArchiveRequest,
    Attribute,
    Attributes,
    Certificate,
    CertificateRequest,
    DestroyRequest,
    KeyBlock,
    KeyValue,
    OpaqueObject,
    PGPKey,
    PrivateKey,
    PublicKey,
    RegisterRequest,
    RevocationReason,
    RevokeRequest,
    SecretData,
    SplitKey,
    SymmetricKey,
    Template,
    TemplateAttribute,
)
from kmip_server.versions import V1_4, V2_0, V2_1, KmipVersion

ALL_USES = CryptographicUsageMask(0xFFFFF)
HAVE_NO_USES = {ObjectType.OPAQUE_OBJECT, ObjectType.TEMPLATE, ObjectType.CERTIFICATE_REQUEST}
ARCHIVED = "archived"

PARTS_OF_A_NAME = {
    NameOID.COMMON_NAME: "exhibit",
    NameOID.ORGANIZATION_NAME: "museum",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "room",
    NameOID.EMAIL_ADDRESS: "exhibit@example.org",
    NameOID.COUNTRY_NAME: "CH",
    NameOID.STATE_OR_PROVINCE_NAME: "state",
    NameOID.LOCALITY_NAME: "place",
    NameOID.USER_ID: "user",
    NameOID.SERIAL_NUMBER: "1",
    NameOID.TITLE: "title",
    NameOID.DOMAIN_COMPONENT: "example",
    NameOID.DN_QUALIFIER: "qualifier",
}
"""Everything of a name that 2.x has an attribute for (2.1, 4.6)."""

NOT_BEFORE = datetime(2023, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Exhibit:
    """An object: its type, its state (or "archived"), and the identifier by which it is asked for."""

    object_type: ObjectType
    state: State | str
    unique_identifier: str

    def __str__(self) -> str:
        return f"{self.object_type.name} {getattr(self.state, 'name', self.state)}"


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _key_block(form: KeyFormatType, material: bytes, algorithm: CryptographicAlgorithm | None = None, bits: int | None = None) -> KeyBlock:
    return KeyBlock(
        key_format_type=form, key_value=KeyValue(key_material=material), cryptographic_algorithm=algorithm, cryptographic_length=bits
    )


@cache
def holdings() -> dict[ObjectType, Any]:
    """Right objects of every type."""
    key, name = _rsa(), x509.Name([x509.NameAttribute(part, text) for part, text in PARTS_OF_A_NAME.items()])
    public = key.public_key()
    certificate = x509.CertificateBuilder(name, name, public, 1, NOT_BEFORE, NOT_BEFORE + timedelta(days=3650)).sign(key, hashes.SHA256())
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    der, plain = serialization.Encoding.DER, serialization.NoEncryption()
    private_bytes = key.private_bytes(der, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    public_bytes = public.public_bytes(der, serialization.PublicFormat.PKCS1)
    aes, rsa_ = CryptographicAlgorithm.AES, CryptographicAlgorithm.RSA
    return {
        ObjectType.CERTIFICATE: Certificate(CertificateType.X_509, certificate.public_bytes(der)),
        ObjectType.SYMMETRIC_KEY: SymmetricKey(_key_block(KeyFormatType.RAW, bytes(range(32)), aes, 256)),
        ObjectType.PUBLIC_KEY: PublicKey(_key_block(KeyFormatType.PKCS_1, public_bytes, rsa_, 2048)),
        ObjectType.PRIVATE_KEY: PrivateKey(_key_block(KeyFormatType.PKCS_1, private_bytes, rsa_, 2048)),
        ObjectType.SPLIT_KEY: SplitKey(
            split_key_parts=3,
            key_part_identifier=1,
            split_key_threshold=3,
            split_key_method=SplitKeyMethod.XOR,
            key_block=_key_block(KeyFormatType.RAW, bytes(32), aes, 256),
        ),
        ObjectType.TEMPLATE: Template(attribute=(Attribute(attribute_name="Cryptographic Length", attribute_value=256),)),
        ObjectType.SECRET_DATA: SecretData(SecretDataType.PASSWORD, _key_block(KeyFormatType.OPAQUE, b"correct horse")),
        ObjectType.OPAQUE_OBJECT: OpaqueObject(0x80000001, b"anything at all"),
        ObjectType.PGP_KEY: PGPKey(4, _key_block(KeyFormatType.RAW, bytes(64), rsa_, 2048)),
        ObjectType.CERTIFICATE_REQUEST: CertificateRequest(CertificateRequestType.PKCS_10, request.public_bytes(der)),
    }


def _register(lab: Any, object_type: ObjectType, version: KmipVersion) -> RegisterRequest:
    given = () if object_type in HAVE_NO_USES else (lab.attr("Cryptographic Usage Mask", ALL_USES),)
    holding = holdings()[object_type]
    if version >= V2_0:
        return RegisterRequest(object_type=object_type, attributes=Attributes(given), managed_object=holding)
    return RegisterRequest(object_type=object_type, template_attribute=TemplateAttribute(attribute=given), managed_object=holding)


def _ways(unique_identifier: str) -> dict[State | str, tuple[Any, ...]]:
    """How an object gets from Pre-Active into each state."""
    uid = unique_identifier

    def revoked(code: RevocationReasonCode) -> RevokeRequest:
        return RevokeRequest(unique_identifier=uid, revocation_reason=RevocationReason(revocation_reason_code=code))

    activate, destroy = ActivateRequest(unique_identifier=uid), DestroyRequest(unique_identifier=uid)
    superseded, compromised = revoked(RevocationReasonCode.SUPERSEDED), revoked(RevocationReasonCode.KEY_COMPROMISE)
    return {
        State.PRE_ACTIVE: (),
        State.ACTIVE: (activate,),
        State.DEACTIVATED: (activate, superseded),
        State.COMPROMISED: (compromised,),
        State.DESTROYED: (destroy,),
        State.DESTROYED_COMPROMISED: (compromised, destroy),
        ARCHIVED: (ArchiveRequest(unique_identifier=uid),),
    }


async def exhibit(lab: Any, object_type: ObjectType, state: State | str) -> str:
    """One object of a type, brought into a state; its identifier."""
    version = V2_1 if object_type.exists_in(V2_1) else V1_4
    made = str((await lab.do(_register(lab, object_type, version), version=version)).unique_identifier)
    for step in _ways(made)[state]:
        await lab.do(step, version=version)
    return made


async def exhibits(lab: Any) -> list[Exhibit]:
    """Fill a lab with objects, those that have a state in each. A Template is never activated (KMIP 1.4, 3.22: it has no State)."""
    return [
        Exhibit(object_type, state, await exhibit(lab, object_type, state))
        for object_type in holdings()
        for state in _ways("")
        if object_type is not ObjectType.TEMPLATE or state not in {State.ACTIVE, State.DEACTIVATED}
    ]
