"""Create Split Key and Join Split Key: keys, secrets and private keys there and back; who gets what; refusals."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    KeyFormatType,
    ObjectType,
    ResultReason,
    SecretDataType,
    SplitKeyMethod,
)
from kmip_server.messages import (
    Attributes,
    CreateRequest,
    CreateSplitKeyRequest,
    GetRequest,
    JoinSplitKeyRequest,
    KeyBlock,
    KeyValue,
    PrivateKey,
    RegisterRequest,
    SecretData,
    SplitKey,
    TemplateAttribute,
)
from kmip_server.versions import V1_2, V1_4, V2_0, V2_1

METHODS = list(SplitKeyMethod)
MASK = CryptographicUsageMask
EMPTY = TemplateAttribute()


def splitting(
    unique_identifier, method=SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_8, *, parts=3, threshold=2, version=V1_4, attributes=EMPTY, prime=None
):
    threshold = parts if method is SplitKeyMethod.XOR else threshold
    said = {"template_attribute": attributes} if version < V2_0 else {"attributes": Attributes(attributes.attribute)}
    return CreateSplitKeyRequest(
        object_type=ObjectType.SPLIT_KEY,
        unique_identifier=unique_identifier,
        split_key_parts=parts,
        split_key_threshold=threshold,
        split_key_method=method,
        prime_field_size=prime,
        **said,
    )


async def split(lab, unique_identifier, method, version=V1_4, **how):
    return (await lab.do(splitting(unique_identifier, method, version=version, **how), version=version)).unique_identifier


async def joined(lab, parts, object_type=ObjectType.SYMMETRIC_KEY, version=V1_4, **how):
    request = JoinSplitKeyRequest(object_type=object_type, unique_identifier=tuple(parts), **how)
    key = (await lab.do(request, version=version)).unique_identifier
    return (await lab.do(GetRequest(unique_identifier=key), version=version)).managed_object


async def got(lab, unique_identifier):
    return (await lab.do(GetRequest(unique_identifier=unique_identifier))).managed_object


@pytest.mark.parametrize("version", [V1_2, V1_4, V2_0, V2_1], ids=str)
@pytest.mark.parametrize("method", METHODS)
async def test_a_key_is_split_and_joined(lab, method, version):
    key = await lab.key()
    whole = (await got(lab, key)).key_block.key_value
    parts = await split(lab, key, method, version)
    assert len(set(parts)) == 3
    used = parts if method is SplitKeyMethod.XOR else parts[::2]
    assert (await joined(lab, used, version=version)).key_block.key_value == whole
    for number, part in enumerate(parts, 1):
        held = await got(lab, part)
        assert (held.key_part_identifier, held.split_key_parts, held.split_key_method) == (number, 3, method)
        assert held.key_block.cryptographic_length == 256
        assert held.key_block.key_value != whole
        assert (held.prime_field_size is None) == (method is not SplitKeyMethod.POLYNOMIAL_SHARING_PRIME_FIELD)


async def test_the_id_placeholder_is_the_first_part(lab):
    answer = await lab.batch(splitting(await lab.key()), GetRequest())
    assert answer.batch_item[1].response_payload.managed_object.key_part_identifier == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("secret", [b"correct horse", b"\x00\x00odd", b"even"])
async def test_a_secret_is_split_and_joined(lab, method, secret):
    block = KeyBlock(key_format_type=KeyFormatType.OPAQUE, key_value=KeyValue(secret))
    held = SecretData(SecretDataType.SEED, block)
    request = RegisterRequest(object_type=ObjectType.SECRET_DATA, template_attribute=EMPTY, managed_object=held)
    parts = await split(lab, (await lab.do(request)).unique_identifier, method)
    whole = await joined(lab, parts, ObjectType.SECRET_DATA, secret_data_type=SecretDataType.SEED)
    assert whole.secret_data_type is SecretDataType.SEED
    assert whole.key_block.key_value.key_material == secret


@pytest.mark.parametrize("method", METHODS)
async def test_a_private_key_is_split_and_joined(lab, method):
    key = rsa.generate_private_key(65537, 1024)
    pkcs_1, pkcs_8 = (
        key.private_bytes(Encoding.DER, form, NoEncryption()) for form in (PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8)
    )
    held = PrivateKey(KeyBlock(KeyFormatType.PKCS_1, None, KeyValue(pkcs_1), CryptographicAlgorithm.RSA, 1024))
    attributes = TemplateAttribute(attribute=(lab.attr("Cryptographic Usage Mask", MASK.SIGN),))
    request = RegisterRequest(object_type=ObjectType.PRIVATE_KEY, template_attribute=attributes, managed_object=held)
    parts = await split(lab, (await lab.do(request)).unique_identifier, method, parts=5, threshold=3)
    used = parts if method is SplitKeyMethod.XOR else parts[:3]
    whole = await joined(lab, used, ObjectType.PRIVATE_KEY)
    assert whole.key_block.key_format_type is KeyFormatType.PKCS_8
    assert whole.key_block.key_value.key_material == pkcs_8


async def test_a_key_may_be_made_for_it(lab):
    attributes = TemplateAttribute(attribute=lab.create().template_attribute.attribute)
    parts = await split(lab, None, SplitKeyMethod.XOR, attributes=attributes)
    assert (await joined(lab, parts)).key_block.cryptographic_length == 256
    assert await lab.refused(splitting(None)) is ResultReason.MISSING_DATA


async def test_parts_have_the_keys_attributes_and_those_of_the_request(lab):
    key = await lab.key(lab.attr("Sensitive", True))
    wrong = lab.attr("Cryptographic Usage Mask", MASK.SIGN)
    attributes = TemplateAttribute(attribute=(wrong, lab.attr("Object Group", "parts")))
    parts = await split(lab, key, SplitKeyMethod.XOR, attributes=attributes)
    told = await lab.values(parts[0], "Cryptographic Usage Mask", "Object Group", "Sensitive")
    assert told == {"Cryptographic Usage Mask": MASK.ENCRYPT | MASK.DECRYPT, "Object Group": "parts", "Sensitive": True}
    assert await lab.refused(GetRequest(unique_identifier=parts[0])) is ResultReason.SENSITIVE


async def test_what_is_joined_is_as_sensitive_as_its_parts(lab):
    key = await lab.key(lab.attr("Sensitive", True))
    parts = await split(lab, key, SplitKeyMethod.XOR)
    loose = TemplateAttribute(attribute=(lab.attr("Sensitive", False), lab.attr("Extractable", True)))
    request = JoinSplitKeyRequest(object_type=ObjectType.SYMMETRIC_KEY, unique_identifier=parts, template_attribute=loose)
    whole = (await lab.do(request)).unique_identifier
    assert await lab.refused(GetRequest(unique_identifier=whole)) is ResultReason.SENSITIVE


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"parts": 2, "threshold": 3}, ResultReason.INVALID_FIELD),
        ({"parts": 256}, ResultReason.INVALID_FIELD),
        ({"method": SplitKeyMethod.POLYNOMIAL_SHARING_PRIME_FIELD, "prime": 257}, ResultReason.INVALID_FIELD),
    ],
)
async def test_what_is_not_split(lab, how, reason):
    assert await lab.refused(splitting(await lab.key(), **how)) is reason


async def test_who_is_not_split(lab):
    kept = await lab.key(lab.attr("Extractable", False))
    assert await lab.refused(splitting(kept)) is ResultReason.PERMISSION_DENIED
    assert await lab.refused(splitting("nobody")) is ResultReason.ITEM_NOT_FOUND
    request = CreateRequest(object_type=ObjectType.SPLIT_KEY, template_attribute=lab.create().template_attribute)
    assert await lab.refused(request) is ResultReason.INVALID_FIELD


async def test_what_is_not_joined(lab):
    parts = await split(lab, await lab.key(), SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_8)
    others = await split(lab, await lab.key(), SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_16)

    def joining(*chosen, object_type=ObjectType.SYMMETRIC_KEY):
        return JoinSplitKeyRequest(object_type=object_type, unique_identifier=chosen)

    failure = ResultReason.CRYPTOGRAPHIC_FAILURE
    assert await lab.refused(joining(parts[0])) is failure
    assert await lab.refused(joining(parts[0], parts[0])) is failure
    assert await lab.refused(joining(parts[0], others[1])) is failure
    assert await lab.refused(joining(parts[0], parts[1], object_type=ObjectType.PRIVATE_KEY)) is failure
    assert await lab.refused(joining(parts[0], await lab.key())) is ResultReason.INVALID_FIELD
    assert await lab.refused(joining(parts[0], parts[1], object_type=ObjectType.CERTIFICATE)) is ResultReason.INVALID_FIELD


async def test_registered_parts_need_not_say_what_they_are_parts_of(lab):
    """OASIS's case TC-SJ-3 registers parts without algorithm and length; the request to join them says both."""
    shares = {1: "66c46a7754f94de420c7b1a7fff5ec56", 3: "a855b891f61ad9217240d8ec061e37da"}
    registered = []
    for number, share in shares.items():
        part = SplitKey(
            split_key_parts=4,
            key_part_identifier=number,
            split_key_threshold=2,
            split_key_method=SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_8,
            key_block=KeyBlock(key_format_type=KeyFormatType.RAW, key_value=KeyValue(bytes.fromhex(share))),
        )
        request = RegisterRequest(object_type=ObjectType.SPLIT_KEY, template_attribute=EMPTY, managed_object=part)
        registered.append((await lab.do(request)).unique_identifier)
    said = (
        lab.attr("Cryptographic Algorithm", CryptographicAlgorithm.AES),
        lab.attr("Cryptographic Length", 128),
        lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT),
    )
    whole = await joined(lab, registered, template_attribute=TemplateAttribute(attribute=said))
    assert whole.key_block.key_value.key_material == bytes.fromhex("0102030405060708090a0b0c0d0e0f10")
