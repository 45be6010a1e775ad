"""The Digest of an object in the format it has, and since 2.0 a second one in the default format of its kind."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, HashingAlgorithm, KeyFormatType, ObjectType
from kmip_server.messages import (
    Attributes,
    Digest,
    GetAttributesRequest,
    GetRequest,
    KeyBlock,
    KeyValue,
    PrivateKey,
    PublicKey,
    RegisterRequest,
    SymmetricKey,
    TemplateAttribute,
    TransparentSymmetricKey,
)
from kmip_server.versions import V1_4, V2_0, V2_1

FORM, ALGORITHM = KeyFormatType, CryptographicAlgorithm


def digest(data, form):
    return Digest(hashing_algorithm=HashingAlgorithm.SHA_256, digest_value=hashlib.sha256(data).digest(), key_format_type=form)


async def digests_of(lab, held, kind, algorithm, bits, form, material, version):
    block = KeyBlock(
        key_format_type=form, key_value=KeyValue(key_material=material), cryptographic_algorithm=algorithm, cryptographic_length=bits
    )
    given = (lab.attr("Cryptographic Usage Mask", CryptographicUsageMask.SIGN),)
    named = {"template_attribute": TemplateAttribute(attribute=given)} if version < V2_0 else {"attributes": Attributes(given)}
    request = RegisterRequest(object_type=kind, managed_object=held(key_block=block), **named)
    made = (await lab.do(request, version=version)).unique_identifier
    got = await lab.do(GetAttributesRequest(unique_identifier=made, attribute_name=("Digest",)), version=V1_4)
    return made, [one.attribute_value for one in got.attribute]


@pytest.mark.parametrize("version", [V1_4, V2_1], ids=str)
async def test_an_rsa_key_that_is_not_pkcs_1_has_a_digest_of_pkcs_1_too(lab, version):
    pair = rsa.generate_private_key(65537, 1024)
    pkcs_8 = pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    pkcs_1 = pair.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    _, found = await digests_of(lab, PrivateKey, ObjectType.PRIVATE_KEY, ALGORITHM.RSA, 1024, FORM.PKCS_8, pkcs_8, version)
    assert found == [digest(pkcs_8, FORM.PKCS_8)] + ([digest(pkcs_1, FORM.PKCS_1)] if version >= V2_0 else [])
    public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    _, found = await digests_of(lab, PublicKey, ObjectType.PUBLIC_KEY, ALGORITHM.RSA, 1024, FORM.PKCS_1, public, version)
    assert found == [digest(public, FORM.PKCS_1)]


async def test_the_second_digest_is_that_of_what_get_gives_in_that_format(lab):
    key = ec.generate_private_key(ec.SECP256R1())
    pkcs_8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    made, found = await digests_of(lab, PrivateKey, ObjectType.PRIVATE_KEY, ALGORITHM.EC, 256, FORM.PKCS_8, pkcs_8, V2_1)
    assert [one.key_format_type for one in found] == [FORM.PKCS_8, FORM.TRANSPARENT_EC_PRIVATE_KEY]
    wanted = GetRequest(unique_identifier=made, key_format_type=FORM.TRANSPARENT_EC_PRIVATE_KEY)
    block = (await lab.do(wanted, version=V2_1)).managed_object.key_block
    _, of_that = await digests_of(
        lab, PrivateKey, ObjectType.PRIVATE_KEY, ALGORITHM.EC, 256, block.key_format_type, block.key_value.key_material, V2_1
    )
    assert of_that == found[1:]


async def test_a_transparent_symmetric_key_has_a_digest_of_its_bytes_too(lab):
    material, form = TransparentSymmetricKey(key=bytes(16)), FORM.TRANSPARENT_SYMMETRIC_KEY
    _, found = await digests_of(lab, SymmetricKey, ObjectType.SYMMETRIC_KEY, ALGORITHM.AES, 128, form, material, V2_0)
    assert [one.key_format_type for one in found] == [form, FORM.RAW]
    assert found[1] == digest(bytes(16), FORM.RAW)


async def test_a_key_that_cannot_be_read_is_kept_with_one_digest(lab):
    _, found = await digests_of(lab, PrivateKey, ObjectType.PRIVATE_KEY, ALGORITHM.RSA, 1024, FORM.PKCS_8, b"no key", V2_1)
    assert found == [digest(b"no key", FORM.PKCS_8)]
