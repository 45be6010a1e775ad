"""Certify, Re-certify, Validate, and PKCS#12 containers in Register and Get."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from kmip_server.crypto.authority import Wish, certify, new_authority
from kmip_server.crypto.pkcs12 import read_container, write_container
from kmip_server.enums import (
    CertificateRequestType,
    CertificateType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    KeyFormatType,
    LinkType,
    ObjectType,
    ResultReason,
    SecretDataType,
    ValidityIndicator,
)
from kmip_server.messages import (
    ActivateRequest,
    Attributes,
    Certificate,
    CertificateRequest,
    CertifyRequest,
    DestroyRequest,
    GetAttributesRequest,
    GetRequest,
    KeyBlock,
    KeyValue,
    Link,
    LocateRequest,
    PrivateKey,
    PublicKey,
    ReCertifyRequest,
    RegisterRequest,
    SecretData,
    TemplateAttribute,
    ValidateRequest,
)
from kmip_server.versions import V1_0, V1_2, V1_4, V2_0, V2_1

MASK = CryptographicUsageMask
KEY, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
VALID, INVALID, UNKNOWN = ValidityIndicator.VALID, ValidityIndicator.INVALID, ValidityIndicator.UNKNOWN


def a_request(key=KEY, name="Client"):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return x509.CertificateSigningRequestBuilder(subject).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def registering(lab, object_type, held, *attributes, mask=None):
    masks = () if mask is None else (lab.attr("Cryptographic Usage Mask", mask),)
    return RegisterRequest(
        object_type=object_type, template_attribute=TemplateAttribute(attribute=(*masks, *attributes)), managed_object=held
    )


async def register(lab, *what, **how):
    return (await lab.do(registering(lab, *what, **how))).unique_identifier


async def a_public_key(lab, key=KEY, *attributes):
    data = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    held = PublicKey(KeyBlock(key_format_type=KeyFormatType.X_509, key_value=KeyValue(data)))
    return await register(lab, ObjectType.PUBLIC_KEY, held, *attributes, mask=MASK.VERIFY)


async def certificate_of(lab, unique_identifier):
    held = (await lab.do(GetRequest(unique_identifier=unique_identifier))).managed_object
    return x509.load_der_x509_certificate(held.certificate_value)


async def links_of(lab, unique_identifier):
    got = await lab.do(GetAttributesRequest(unique_identifier=unique_identifier, attribute_name=("Link",)))
    return {(one.attribute_value.link_type, one.attribute_value.linked_object_identifier) for one in got.attribute}


@pytest.mark.parametrize("version", [V1_0, V1_2, V1_4, V2_0, V2_1], ids=str)
async def test_a_key_is_certified_and_certified_again(lab, version):
    key = await a_public_key(lab)
    said = {"certificate_request_type": CertificateRequestType.PKCS_10}
    said["certificate_request" if version < V2_0 else "certificate_request_value"] = a_request()
    named = (
        {"template_attribute": TemplateAttribute(attribute=(lab.named("c"),))}
        if version < V2_0
        else {"attributes": Attributes((lab.named("c"),))}
    )
    first = (await lab.do(CertifyRequest(unique_identifier=key, **said, **named), version=version)).unique_identifier
    certificate = await certificate_of(lab, first)
    assert certificate.subject.rfc4514_string() == "CN=Client"
    assert certificate.public_key() == KEY.public_key()
    assert await links_of(lab, first) == {(LinkType.PUBLIC_KEY_LINK, key)}
    assert await links_of(lab, key) == {(LinkType.CERTIFICATE_LINK, first)}
    second = (await lab.do(ReCertifyRequest(unique_identifier=first, **said), version=version)).unique_identifier
    assert await links_of(lab, first) == {(LinkType.PUBLIC_KEY_LINK, key), (LinkType.REPLACEMENT_OBJECT_LINK, second)}
    assert await links_of(lab, second) == {(LinkType.PUBLIC_KEY_LINK, key), (LinkType.REPLACED_OBJECT_LINK, first)}
    assert await links_of(lab, key) == {(LinkType.CERTIFICATE_LINK, second)}
    found = await lab.do(LocateRequest(attribute=(lab.named("c"),)))
    assert found.unique_identifier == (second,)
    assert (await certificate_of(lab, second)).serial_number != certificate.serial_number
    assert (await lab.do(ValidateRequest(unique_identifier=(second,)))).validity_indicator is VALID


async def test_without_a_request_the_name_and_the_dates_are_the_attributes(lab):
    key = await a_public_key(lab, KEY, lab.named("the key"))
    start, end = int(lab.now[0]) + 100, int(lab.now[0]) + 5000
    dates = (lab.attr("Activation Date", start), lab.attr("Deactivation Date", end))
    made = await lab.do(CertifyRequest(unique_identifier=key, template_attribute=TemplateAttribute(attribute=dates)))
    certificate = await certificate_of(lab, made.unique_identifier)
    assert certificate.subject.rfc4514_string() == "CN=the key"
    assert (certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()) == (start, end)
    again = await lab.do(ReCertifyRequest(unique_identifier=made.unique_identifier, offset=1000))
    certificate = await certificate_of(lab, again.unique_identifier)
    assert certificate.subject.rfc4514_string() == "CN=the key"
    assert certificate.not_valid_before_utc.timestamp() == int(lab.now[0]) + 1000
    assert certificate.not_valid_after_utc.timestamp() == int(lab.now[0]) + 1000 + end - start


async def test_a_certificate_request_that_is_an_object(lab):
    held = CertificateRequest(CertificateRequestType.PKCS_10, a_request(name="Object"))
    request = RegisterRequest(object_type=ObjectType.CERTIFICATE_REQUEST, attributes=Attributes(), managed_object=held)
    asked = (await lab.do(request, version=V2_1)).unique_identifier
    made = (await lab.do(CertifyRequest(unique_identifier=asked), version=V2_1)).unique_identifier
    assert (await certificate_of(lab, made)).subject.rfc4514_string() == "CN=Object"
    again = await lab.do(ReCertifyRequest(unique_identifier=made, certificate_request_unique_identifier=asked), version=V2_1)
    assert (await certificate_of(lab, again.unique_identifier)).subject.rfc4514_string() == "CN=Object"


async def test_each_client_has_an_authority_of_its_own(lab):
    issuers = set()
    for peer in (lab.peer, lab.other, lab.peer):
        data = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        held = PublicKey(KeyBlock(key_format_type=KeyFormatType.X_509, key_value=KeyValue(data)))
        key = (await lab.do(registering(lab, ObjectType.PUBLIC_KEY, held, mask=MASK.VERIFY), peer=peer)).unique_identifier
        made = (await lab.do(CertifyRequest(unique_identifier=key), peer=peer)).unique_identifier
        got = (await lab.do(GetRequest(unique_identifier=made), peer=peer)).managed_object
        certificate = x509.load_der_x509_certificate(got.certificate_value)
        issuers.add(certificate.issuer.rfc4514_string())
        assert (await lab.do(ValidateRequest(unique_identifier=(made,)), peer=peer)).validity_indicator is VALID
        stranger = lab.other if peer is lab.peer else lab.peer
        assert (await lab.do(ValidateRequest(certificate=(got,)), peer=stranger)).validity_indicator is not VALID
    assert len(issuers) == 2
    everything = await lab.do(LocateRequest(), peer=lab.peer)
    assert len(everything.unique_identifier) == 4


async def test_the_authoritys_key_is_at_rest_wrapped_only(lab, tmp_path):
    await lab.do(CertifyRequest(unique_identifier=await a_public_key(lab)))
    row = lab.store.get("kmip:authorities", f"authority of {lab.peer.client.id}")
    assert row.envelope is not None
    assert row.attributes == b""
    assert b"PRIVATE KEY" not in b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.suffix != ".key")


async def test_what_is_not_certified(lab):
    key = await a_public_key(lab)
    pkcs_10 = CertificateRequestType.PKCS_10
    refused = [
        (CertifyRequest(unique_identifier="nobody"), ResultReason.ITEM_NOT_FOUND),
        (CertifyRequest(unique_identifier=await lab.key()), ResultReason.PERMISSION_DENIED),
        (CertifyRequest(), ResultReason.ITEM_NOT_FOUND),
        (CertifyRequest(unique_identifier=key, certificate_request_type=pkcs_10), ResultReason.INVALID_FIELD),
        (CertifyRequest(unique_identifier=key, certificate_request_type=pkcs_10, certificate_request=b"?"), ResultReason.INVALID_FIELD),
        (
            CertifyRequest(unique_identifier=key, certificate_request_type=pkcs_10, certificate_request=a_request(OTHER)),
            ResultReason.INVALID_FIELD,
        ),
        (ReCertifyRequest(unique_identifier=key), ResultReason.PERMISSION_DENIED),
    ]
    for request, reason in refused:
        assert await lab.refused(request) is reason, request
    pgp = TemplateAttribute(attribute=(lab.attr("Certificate Type", CertificateType.PGP),))
    assert await lab.refused(CertifyRequest(unique_identifier=key, template_attribute=pgp)) is ResultReason.INVALID_FIELD
    forged = CertifyRequest(unique_identifier=key, certificate_request_type=pkcs_10, certificate_request_value=b"?")
    assert await lab.refused(forged, version=V2_1) is ResultReason.INVALID_CSR


def a_chain(now):
    authority = new_authority("Root", now)
    leaf = certify(authority, OTHER.public_key(), None, Wish("Leaf", MASK.SIGN, now, now + 1000), now)
    return leaf, authority.certificate.public_bytes(Encoding.DER)


async def test_chains_in_the_request_and_at_the_server(lab):
    now = int(lab.now[0])
    leaf, root = (Certificate(CertificateType.X_509, data) for data in a_chain(now))
    kept = await register(lab, ObjectType.CERTIFICATE, root)
    for chain, at, expected in (
        ({"certificate": (leaf, root)}, None, VALID),
        ({"certificate": (leaf,), "unique_identifier": (kept,)}, None, VALID),
        ({"certificate": (leaf,)}, None, UNKNOWN),
        ({"certificate": (leaf, root)}, now + 2000, INVALID),
    ):
        assert (await lab.do(ValidateRequest(**chain, validity_date=at))).validity_indicator is expected
    strangers = ValidateRequest(certificate=(leaf,), unique_identifier=(await lab.key(),))
    assert await lab.refused(strangers) is ResultReason.INVALID_FIELD
    assert await lab.refused(ValidateRequest()) is ResultReason.INVALID_MESSAGE


async def a_password(lab, text=b"password", kind=SecretDataType.PASSWORD, *, active=True):
    held = SecretData(kind, KeyBlock(key_format_type=KeyFormatType.OPAQUE, key_value=KeyValue(text)))
    key = await register(lab, ObjectType.SECRET_DATA, held)
    if active:
        await lab.do(ActivateRequest(unique_identifier=key))
    return key


def password_link(lab, key):
    return lab.attr("Link", Link(LinkType.PKCS_12_PASSWORD_LINK, key))


def a_container(now, name="alias", password=b"password"):
    leaf, root = a_chain(now)
    return write_container(OTHER, [leaf, root], name, password), leaf, root


async def test_a_container_is_taken_apart_and_made_again(lab):
    data, leaf, root = a_container(int(lab.now[0]))
    held = PrivateKey(KeyBlock(key_format_type=KeyFormatType.PKCS_12, key_value=KeyValue(data)))
    link = password_link(lab, await a_password(lab))
    key = await register(lab, ObjectType.PRIVATE_KEY, held, link, mask=MASK.SIGN)
    got = (await lab.do(GetRequest(unique_identifier=key))).managed_object.key_block
    assert (got.key_format_type, got.cryptographic_algorithm, got.cryptographic_length) == (
        KeyFormatType.PKCS_8,
        CryptographicAlgorithm.RSA,
        2048,
    )
    assert got.key_value.key_material == OTHER.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert (await lab.values(key, "PKCS#12 Friendly Name"))["PKCS#12 Friendly Name"] == "alias"
    certificates = [identifier for kind, identifier in await links_of(lab, key) if kind is LinkType.PKCS_12_CERTIFICATE_LINK]
    assert (await lab.do(GetRequest(unique_identifier=certificates[0]))).managed_object.certificate_value == leaf
    assert {kind for kind, _ in await links_of(lab, certificates[0])} == {LinkType.PKCS_12_CERTIFICATE_LINK}
    for version in (V1_4, V2_1):
        block = (
            await lab.do(GetRequest(unique_identifier=key, key_format_type=KeyFormatType.PKCS_12), version=version)
        ).managed_object.key_block
        container = block.key_value if version < V2_0 else block.key_value.key_material
        read = read_container(container, b"password", "alias")
        assert read.key.private_numbers() == OTHER.private_numbers()
        assert read.certificates == (leaf, root)


async def test_passwords_that_are_none(lab):
    data, *_ = a_container(int(lab.now[0]))
    held = PrivateKey(KeyBlock(key_format_type=KeyFormatType.PKCS_12, key_value=KeyValue(data)))
    good, seed, inactive, wrong = (
        await a_password(lab),
        await a_password(lab, kind=SecretDataType.SEED),
        await a_password(lab, active=False),
        await a_password(lab, b"another"),
    )
    for links, reason in (
        ((), ResultReason.INVALID_FIELD),
        ((good, wrong), ResultReason.INVALID_FIELD),
        ((seed,), ResultReason.INVALID_FIELD),
        ((await lab.key(),), ResultReason.INVALID_FIELD),
        ((inactive,), ResultReason.PERMISSION_DENIED),
        ((wrong,), ResultReason.CRYPTOGRAPHIC_FAILURE),
        (("nobody",), ResultReason.ITEM_NOT_FOUND),
    ):
        attributes = [password_link(lab, link) for link in links]
        assert await lab.refused(registering(lab, ObjectType.PRIVATE_KEY, held, *attributes, mask=MASK.SIGN)) is reason
    another = lab.attr("PKCS#12 Friendly Name", "another")
    request = registering(lab, ObjectType.PRIVATE_KEY, held, password_link(lab, good), another, mask=MASK.SIGN)
    assert await lab.refused(request) is ResultReason.CRYPTOGRAPHIC_FAILURE
    located = await lab.do(LocateRequest(attribute=(lab.attr("Object Type", ObjectType.PRIVATE_KEY),)))
    assert located.unique_identifier == ()


async def test_a_chain_that_clients_have_linked(lab):
    """From the key to its public key, to the certificate, to the one above: 4.11."""
    leaf, root = a_chain(int(lab.now[0]))
    above = await register(lab, ObjectType.CERTIFICATE, Certificate(CertificateType.X_509, root))
    own = await register(
        lab, ObjectType.CERTIFICATE, Certificate(CertificateType.X_509, leaf), lab.attr("Link", Link(LinkType.CERTIFICATE_LINK, above))
    )
    public = await a_public_key(lab, OTHER, lab.attr("Link", Link(LinkType.CERTIFICATE_LINK, own)))
    data = OTHER.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    held = PrivateKey(KeyBlock(key_format_type=KeyFormatType.PKCS_8, key_value=KeyValue(data)))
    links = (password_link(lab, await a_password(lab)), lab.attr("Link", Link(LinkType.PUBLIC_KEY_LINK, public)))
    key = await register(lab, ObjectType.PRIVATE_KEY, held, *links, mask=MASK.SIGN)
    block = (await lab.do(GetRequest(unique_identifier=key, key_format_type=KeyFormatType.PKCS_12))).managed_object.key_block
    assert read_container(block.key_value, b"password", None).certificates == (leaf, root)
    await lab.do(DestroyRequest(unique_identifier=own))
    assert await lab.refused(GetRequest(unique_identifier=key, key_format_type=KeyFormatType.PKCS_12)) is ResultReason.PERMISSION_DENIED
