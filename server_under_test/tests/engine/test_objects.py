"""Every type of object, registered and got back byte for byte; what the server says of it; templates; material that is at rest wrapped."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from kmip_server.enums import (
    CertificateRequestType,
    CertificateType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    DigitalSignatureAlgorithm,
    ItemType,
    KeyFormatType,
    NameType,
    ObjectType,
    ResultReason,
    SecretDataType,
    SplitKeyMethod,
)
from kmip_server.messages import (
    Attributes,
    Certificate,
    CertificateRequest,
    CreateRequest,
    CustomValue,
    DestroyRequest,
    GetAttributesRequest,
    GetRequest,
    KeyBlock,
    KeyValue,
    LocateRequest,
    Name,
    OpaqueObject,
    PGPKey,
    PrivateKey,
    PublicKey,
    RegisterRequest,
    SecretData,
    SplitKey,
    SymmetricKey,
    Template,
    TemplateAttribute,
    TransparentRSAPrivateKey,
    TransparentSymmetricKey,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1

ALGORITHM, MASK, FORM = CryptographicAlgorithm, CryptographicUsageMask, KeyFormatType
RSA = rsa.generate_private_key(65537, 1024)
PKCS_1 = RSA.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
SPKI = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
NOT_PRIME = TransparentRSAPrivateKey(modulus=15 * 21, private_exponent=5, public_exponent=3, p=15, q=21)


def a_certificate(key=None, **names):
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(getattr(NameOID, oid), value) for oid, value in (names or {"COMMON_NAME": "me"}).items()])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 0x1234)
    builder = builder.not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).not_valid_after(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


CERTIFICATE = a_certificate(COUNTRY_NAME="AU", ORGANIZATION_NAME="Kmip Test", COMMON_NAME="EE")


def block(material, form=FORM.RAW, algorithm=ALGORITHM.RSA, bits=1024):
    return KeyBlock(key_format_type=form, key_value=KeyValue(material), cryptographic_algorithm=algorithm, cryptographic_length=bits)


def a_part(**changes):
    fields = {"split_key_parts": 3, "key_part_identifier": 1, "split_key_threshold": 2, "split_key_method": SplitKeyMethod.XOR}
    return SplitKey(**{**fields, **changes}, key_block=block(b"part", algorithm=None, bits=None))


OBJECTS = [
    (V1_0, ObjectType.CERTIFICATE, Certificate(CertificateType.X_509, CERTIFICATE)),
    (V1_0, ObjectType.CERTIFICATE, Certificate(CertificateType.PGP, b"anything")),
    (V1_0, ObjectType.SYMMETRIC_KEY, SymmetricKey(block(bytes(16), algorithm=ALGORITHM.AES, bits=128))),
    (
        V1_0,
        ObjectType.SYMMETRIC_KEY,
        SymmetricKey(block(TransparentSymmetricKey(bytes(16)), FORM.TRANSPARENT_SYMMETRIC_KEY, ALGORITHM.AES, 128)),
    ),
    (V1_0, ObjectType.PRIVATE_KEY, PrivateKey(block(PKCS_1, FORM.PKCS_1))),
    (V1_0, ObjectType.PRIVATE_KEY, PrivateKey(block(b"not a key at all", FORM.PKCS_8))),
    (V1_0, ObjectType.PRIVATE_KEY, PrivateKey(block(NOT_PRIME, FORM.TRANSPARENT_RSA_PRIVATE_KEY))),
    (V1_0, ObjectType.PUBLIC_KEY, PublicKey(block(SPKI, FORM.X_509))),
    (V1_0, ObjectType.SPLIT_KEY, a_part()),
    (V1_0, ObjectType.SECRET_DATA, SecretData(SecretDataType.SEED, block(b"secret", FORM.OPAQUE, None, None))),
    (V1_0, ObjectType.OPAQUE_OBJECT, OpaqueObject(0x80000001, b"opaque")),
    (V1_2, ObjectType.PGP_KEY, PGPKey(4, block(b"-----BEGIN PGP"))),
    (V2_0, ObjectType.CERTIFICATE_REQUEST, CertificateRequest(CertificateRequestType.PKCS_10, b"request")),
]


def register(lab, object_type, held, *attributes, version=V1_4, mask=MASK.SIGN):
    masked = () if mask is None else (lab.attr("Cryptographic Usage Mask", mask),)
    masked = () if object_type in (ObjectType.OPAQUE_OBJECT, ObjectType.TEMPLATE) else masked
    if version >= V2_0:
        return RegisterRequest(object_type=object_type, attributes=Attributes((*masked, *attributes)), managed_object=held)
    return RegisterRequest(
        object_type=object_type, template_attribute=TemplateAttribute(attribute=(*masked, *attributes)), managed_object=held
    )


@pytest.mark.parametrize(("version", "object_type", "held"), OBJECTS, ids=[f"{row[1].name}-{number}" for number, row in enumerate(OBJECTS)])
async def test_what_was_registered_comes_back(lab, version, object_type, held):
    key = (await lab.do(register(lab, object_type, held, version=version), version=version)).unique_identifier
    for asked in {version, V1_4 if version < V2_0 else V2_1}:
        got = await lab.do(GetRequest(unique_identifier=key), version=asked)
        assert (got.object_type, got.managed_object) == (object_type, held)
    found = await lab.do(
        LocateRequest(attribute=(lab.attr("Object Type", object_type),))
        if version < V2_0
        else LocateRequest(attributes=Attributes((lab.attr("Object Type", object_type),))),
        version=version,
    )
    assert found.unique_identifier == (key,)
    await lab.do(DestroyRequest(unique_identifier=key), version=version)
    reason = ResultReason.ITEM_NOT_FOUND if version < V1_3 else ResultReason.ILLEGAL_OPERATION
    reason = ResultReason.OBJECT_DESTROYED if version >= V2_0 else reason
    assert await lab.refused(GetRequest(unique_identifier=key), version=version) is reason


SECRETS = [
    (ObjectType.PRIVATE_KEY, PrivateKey(block(PKCS_1, FORM.PKCS_1)), PKCS_1[100:140]),
    (
        ObjectType.PRIVATE_KEY,
        PrivateKey(
            block(
                TransparentRSAPrivateKey(modulus=RSA.private_numbers().public_numbers.n, p=RSA.private_numbers().p),
                FORM.TRANSPARENT_RSA_PRIVATE_KEY,
            )
        ),
        RSA.private_numbers().p.to_bytes(64, "big"),
    ),
    (ObjectType.SPLIT_KEY, a_part(key_part_identifier=2), b"part"),
    (ObjectType.PGP_KEY, PGPKey(4, block(b"-----BEGIN PGP PRIVATE")), b"-----BEGIN PGP PRIVATE"),
]


@pytest.mark.parametrize(("object_type", "held", "material"), SECRETS, ids=range(len(SECRETS)))
async def test_material_is_at_rest_wrapped_only(lab, tmp_path, object_type, held, material):
    key = (await lab.do(register(lab, object_type, held))).unique_identifier
    row = lab.store.get(lab.peer.client.id, key)
    assert material not in row.attributes
    assert material not in row.envelope.ciphertext
    assert all(material not in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())


async def test_a_certificate_says_its_attributes_in_every_version(lab):
    given = lab.attr("Certificate Type", CertificateType.X_509)
    key = (await lab.do(register(lab, ObjectType.CERTIFICATE, Certificate(CertificateType.X_509, CERTIFICATE), given))).unique_identifier
    old = await lab.values(key, "Certificate Identifier", "Certificate Subject", "Cryptographic Length", version=V1_0)
    assert old["Certificate Identifier"].serial_number == "1234"
    assert old["Certificate Subject"].certificate_subject_distinguished_name == "CN=EE,O=Kmip Test,C=AU"
    assert old["Cryptographic Length"] == 256
    newer = await lab.values(key, "X.509 Certificate Identifier", "Digital Signature Algorithm", "Certificate Length", version=V1_1)
    assert newer["X.509 Certificate Identifier"].certificate_serial_number == bytes.fromhex("02021234")
    assert newer["Digital Signature Algorithm"] is DigitalSignatureAlgorithm.ECDSA_WITH_SHA256
    assert newer["Certificate Length"] == len(CERTIFICATE)
    for name, value in (("Certificate Subject CN", "EE"), ("Certificate Issuer O", "Kmip Test")):
        found = await lab.do(LocateRequest(attributes=Attributes((lab.attr(name, value),))), version=V2_1)
        assert found.unique_identifier == (key,)


REFUSED = [
    (V1_4, ObjectType.CERTIFICATE, Certificate(CertificateType.X_509, b"nonsense"), ResultReason.INVALID_FIELD),
    (V1_4, ObjectType.PUBLIC_KEY, PublicKey(block(SPKI, FORM.PKCS_8)), ResultReason.INVALID_FIELD),
    (V1_4, ObjectType.PRIVATE_KEY, PrivateKey(block(PKCS_1, FORM.X_509)), ResultReason.INVALID_FIELD),
    (V1_4, ObjectType.PRIVATE_KEY, PrivateKey(block(b"?", FORM.PKCS_8, None, None)), ResultReason.MISSING_DATA),
    (V1_4, ObjectType.PRIVATE_KEY, PublicKey(block(SPKI, FORM.X_509)), ResultReason.INVALID_FIELD),
    (V1_4, ObjectType.SPLIT_KEY, a_part(key_part_identifier=4), ResultReason.INVALID_FIELD),
    (V1_4, ObjectType.SPLIT_KEY, a_part(split_key_threshold=4), ResultReason.INVALID_FIELD),
]


@pytest.mark.parametrize(("version", "object_type", "held", "reason"), REFUSED)
async def test_what_is_not_taken(lab, version, object_type, held, reason):
    assert await lab.refused(register(lab, object_type, held, version=version), version=version) is reason


async def test_a_certificate_of_another_type_than_the_attribute_says(lab):
    wrong = lab.attr("Certificate Type", CertificateType.PGP)
    held = Certificate(CertificateType.X_509, CERTIFICATE)
    assert await lab.refused(register(lab, ObjectType.CERTIFICATE, held, wrong)) is ResultReason.INVALID_FIELD


async def test_a_key_tells_its_algorithm_and_length_itself(lab):
    for object_type, held in (
        (ObjectType.PRIVATE_KEY, PrivateKey(block(PKCS_1, FORM.PKCS_1, None, None))),
        (ObjectType.PUBLIC_KEY, PublicKey(block(SPKI, FORM.X_509, None, None))),
    ):
        key = (await lab.do(register(lab, object_type, held))).unique_identifier
        told = await lab.values(key, "Cryptographic Algorithm", "Cryptographic Length")
        assert told == {"Cryptographic Algorithm": ALGORITHM.RSA, "Cryptographic Length": 1024}


async def test_keys_need_a_usage_mask_and_parts_and_certificates_do_not(lab):
    private = register(lab, ObjectType.PRIVATE_KEY, PrivateKey(block(PKCS_1, FORM.PKCS_1)), mask=None)
    assert await lab.refused(private) is ResultReason.MISSING_DATA
    await lab.do(register(lab, ObjectType.SPLIT_KEY, a_part(), mask=None))
    await lab.do(register(lab, ObjectType.CERTIFICATE, Certificate(CertificateType.X_509, CERTIFICATE), mask=None))


def a_name(text):
    return Name(name_value=text, name_type=NameType.UNINTERPRETED_TEXT_STRING)


def a_template(lab):
    return Template(
        attribute=(
            lab.attr("Cryptographic Algorithm", ALGORITHM.AES),
            lab.attr("Cryptographic Length", 128),
            lab.attr("Object Group", "group"),
            lab.attr("x-purpose", CustomValue(ItemType.TEXT_STRING, "test")),
        )
    )


async def test_a_template_gives_its_attributes_to_objects_that_name_it(lab):
    template = (await lab.do(register(lab, ObjectType.TEMPLATE, a_template(lab), lab.named("t")))).unique_identifier
    assert (await lab.do(GetRequest(unique_identifier=template))).managed_object == a_template(lab)
    own = (lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT), lab.attr("Cryptographic Length", 256), lab.attr("Object Group", "own"))
    request = CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(name=(a_name("t"),), attribute=own))
    key = (await lab.do(request)).unique_identifier
    told = await lab.values(key, "Cryptographic Algorithm", "Cryptographic Length", "x-purpose")
    assert told["Cryptographic Length"] == 256
    assert told["x-purpose"].value == "test"
    for group in ("group", "own"):
        assert (await lab.do(LocateRequest(attribute=(lab.attr("Object Group", group),)))).unique_identifier == (key,)
    await lab.do(DestroyRequest(unique_identifier=template))
    assert await lab.refused(GetRequest(unique_identifier=template)) is ResultReason.ITEM_NOT_FOUND
    assert await lab.refused(request) is ResultReason.ITEM_NOT_FOUND
    for gone in (GetRequest(unique_identifier=template), GetAttributesRequest(unique_identifier=template)):
        assert await lab.refused(gone) is ResultReason.ITEM_NOT_FOUND


async def test_only_templates_are_templates(lab):
    await lab.key(lab.named("key"))
    request = CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(name=(a_name("key"),)))
    assert await lab.refused(request) is ResultReason.ITEM_NOT_FOUND


@pytest.mark.parametrize("version", [V1_0, V1_1])
async def test_the_name_in_a_template_was_its_own(lab, version):
    held = Template(attribute=(*a_template(lab).attribute, lab.named("inside")))
    template = (await lab.do(register(lab, ObjectType.TEMPLATE, held), version=version)).unique_identifier
    assert (await lab.values(template, "Name"))["Name"] == a_name("inside")
    mask = lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT)
    request = CreateRequest(
        object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(name=(a_name("inside"),), attribute=(mask,))
    )
    key = (await lab.do(request, version=version)).unique_identifier
    assert "Name" not in await lab.values(key, "Name")


async def test_templates_that_are_none(lab):
    named = Template(attribute=(lab.named("inside"),))
    assert await lab.refused(register(lab, ObjectType.TEMPLATE, named)) is ResultReason.INVALID_FIELD
    read_only = Template(attribute=(lab.attr("Initial Date", 5),))
    assert await lab.refused(register(lab, ObjectType.TEMPLATE, read_only)) is ResultReason.INVALID_FIELD
