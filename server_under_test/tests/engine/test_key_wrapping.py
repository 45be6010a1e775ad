"""Keys that are wrapped on their way out, and keys that came in wrapped."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from kmip_server.codec import encode
from kmip_server.enums import (
    BlockCipherMode,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    EncodingOption,
    KeyFormatType,
    KeyWrapType,
    ObjectType,
    PaddingMethod,
    ResultReason,
    UsageLimitsUnit,
    WrappingMethod,
)
from kmip_server.messages import (
    Attributes,
    CryptographicParameters,
    DestroyRequest,
    EncryptionKeyInformation,
    EncryptRequest,
    GetRequest,
    KeyBlock,
    KeyValue,
    KeyWrappingData,
    KeyWrappingSpecification,
    MACSignatureKeyInformation,
    OpaqueObject,
    RegisterRequest,
    SymmetricKey,
    TemplateAttribute,
    TransparentSymmetricKey,
    UsageLimits,
)
from kmip_server.versions import V1_0, V1_1, V1_4, V2_0, V2_1

ALGORITHM, MASK, MODE = CryptographicAlgorithm, CryptographicUsageMask, BlockCipherMode
KEK, KEY = bytes(range(16)), bytes.fromhex("00112233445566778899aabbccddeeff")
RFC_3394 = bytes.fromhex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5")
WRAPS = MASK.WRAP_KEY | MASK.UNWRAP_KEY
NIST = CryptographicParameters(block_cipher_mode=MODE.NIST_KEY_WRAP)
NO_ENCODING = EncodingOption.NO_ENCODING


def block_of(material, wrapping=None, form=KeyFormatType.RAW):
    value = material if isinstance(material, bytes) and wrapping else KeyValue(key_material=material)
    return KeyBlock(
        key_format_type=form,
        key_value=value,
        cryptographic_algorithm=ALGORITHM.AES,
        cryptographic_length=128,
        key_wrapping_data=wrapping,
    )


async def registered(lab, block, *attributes, mask=MASK.ENCRYPT, version=V1_4):
    given = (lab.attr("Cryptographic Usage Mask", mask), *attributes)
    named = {"template_attribute": TemplateAttribute(attribute=given)} if version < V2_0 else {"attributes": Attributes(given)}
    request = RegisterRequest(object_type=ObjectType.SYMMETRIC_KEY, managed_object=SymmetricKey(key_block=block), **named)
    return (await lab.do(request, version=version)).unique_identifier


async def a_kek(lab, *attributes, parameters=NIST, mask=WRAPS, material=KEK):
    """An Active wrapping key."""
    dated = lab.attr("Activation Date", int(lab.now[0]) - 1)
    own = () if parameters is None else (lab.attr("Cryptographic Parameters", parameters),)
    return await registered(lab, block_of(material), dated, *own, *attributes, mask=mask)


def encrypted_by(kek, *names, option=None, parameters=NIST, method=WrappingMethod.ENCRYPT, mac=None):
    authentication = None if mac is None else MACSignatureKeyInformation(unique_identifier=mac)
    encryption = None if kek is None else EncryptionKeyInformation(unique_identifier=kek, cryptographic_parameters=parameters)
    return KeyWrappingSpecification(
        wrapping_method=method,
        encryption_key_information=encryption,
        mac_signature_key_information=authentication,
        attribute_name=names,
        encoding_option=option,
    )


async def wrapped(lab, key, specification, version=V1_4):
    """The Key Block that Get returns."""
    got = await lab.do(GetRequest(unique_identifier=key, key_wrapping_specification=specification), version=version)
    return got.managed_object.key_block


@pytest.mark.parametrize("version", [V1_1, V1_4, V2_0, V2_1], ids=str)
async def test_no_encoding_wraps_the_material(lab, version):
    kek, key = await a_kek(lab), await registered(lab, block_of(KEY))
    block = await wrapped(lab, key, encrypted_by(kek, option=NO_ENCODING), version)
    assert block.key_value == RFC_3394
    assert block.key_wrapping_data == KeyWrappingData(
        wrapping_method=WrappingMethod.ENCRYPT,
        encryption_key_information=EncryptionKeyInformation(unique_identifier=kek, cryptographic_parameters=NIST),
        encoding_option=NO_ENCODING,
    )
    assert (block.key_format_type, block.cryptographic_algorithm, block.cryptographic_length) == (KeyFormatType.RAW, ALGORITHM.AES, 128)


@pytest.mark.parametrize("version", [V1_0, V1_4, V2_1], ids=str)
async def test_ttlv_encoding_wraps_the_key_value_with_attributes(lab, version):
    kek, key = await a_kek(lab), await registered(lab, block_of(KEY))
    block = await wrapped(lab, key, encrypted_by(kek, "Cryptographic Usage Mask"), version)
    mask = lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT)
    beside = {"attribute": (mask,)} if version < V2_0 else {"attributes": Attributes((mask,))}
    assert aes_key_unwrap(KEK, block.key_value) == encode(KeyValue(key_material=KEY, **beside), version)
    plain = (await wrapped(lab, key, encrypted_by(kek), version)).key_value
    assert aes_key_unwrap(KEK, plain) == encode(KeyValue(key_material=KEY), version)


@pytest.mark.parametrize(
    "parameters",
    [
        CryptographicParameters(block_cipher_mode=MODE.CBC, padding_method=PaddingMethod.PKCS5),
        CryptographicParameters(block_cipher_mode=MODE.GCM, tag_length=16),
        CryptographicParameters(block_cipher_mode=MODE.AES_KEY_WRAP_PADDING),
        CryptographicParameters(block_cipher_mode=MODE.CTR),
    ],
    ids=lambda one: one.block_cipher_mode.name,
)
@pytest.mark.parametrize("option", [None, NO_ENCODING])
async def test_what_was_wrapped_here_is_unwrapped_here(lab, parameters, option):
    kek = await a_kek(lab, parameters=parameters)
    key = await registered(lab, block_of(KEY))
    block = await wrapped(lab, key, encrypted_by(kek, option=option, parameters=None))
    again = await registered(lab, block)
    clear = await lab.do(GetRequest(unique_identifier=again, key_wrap_type=KeyWrapType.NOT_WRAPPED))
    assert clear.managed_object.key_block == block_of(KEY)
    as_it_came = await lab.do(GetRequest(unique_identifier=again, key_wrap_type=KeyWrapType.AS_REGISTERED))
    assert as_it_came.managed_object.key_block == block == (await lab.do(GetRequest(unique_identifier=again))).managed_object.key_block


@pytest.mark.parametrize(
    "method",
    [WrappingMethod.MAC_SIGN, WrappingMethod.ENCRYPT_THEN_MAC_SIGN, WrappingMethod.MAC_SIGN_THEN_ENCRYPT],
    ids=lambda one: one.name,
)
async def test_wrapping_with_a_mac(lab, method):
    kek, key = await a_kek(lab), await registered(lab, block_of(KEY))
    hmac = CryptographicParameters(cryptographic_algorithm=ALGORITHM.HMAC_SHA256)
    mac = await a_kek(lab, parameters=hmac, mask=MASK.MAC_GENERATE | MASK.MAC_VERIFY)
    encrypts = method is not WrappingMethod.MAC_SIGN
    block = await wrapped(lab, key, encrypted_by(kek if encrypts else None, method=method, mac=mac, option=NO_ENCODING))
    assert (block.key_value == RFC_3394) is encrypts
    assert len(block.key_wrapping_data.mac_signature) == 32
    again = await registered(lab, block)
    not_wrapped = GetRequest(unique_identifier=again, key_wrap_type=KeyWrapType.NOT_WRAPPED)
    assert (await lab.do(not_wrapped)).managed_object.key_block == block_of(KEY)
    forged = KeyWrappingData(
        wrapping_method=method,
        encryption_key_information=block.key_wrapping_data.encryption_key_information,
        mac_signature_key_information=block.key_wrapping_data.mac_signature_key_information,
        mac_signature=bytes(32),
        encoding_option=NO_ENCODING,
    )
    false = await registered(lab, block_of(block.key_value, forged))
    request = GetRequest(unique_identifier=false, key_wrap_type=KeyWrapType.NOT_WRAPPED)
    assert await lab.refused(request) is ResultReason.CRYPTOGRAPHIC_FAILURE


async def test_a_key_that_came_wrapped_is_used_and_wrapped_anew(lab):
    kek, other = await a_kek(lab), await a_kek(lab, material=bytes(16))
    data = KeyWrappingData(
        wrapping_method=WrappingMethod.ENCRYPT,
        encryption_key_information=EncryptionKeyInformation(unique_identifier=kek, cryptographic_parameters=NIST),
        encoding_option=NO_ENCODING,
    )
    key = await registered(lab, block_of(RFC_3394, data), lab.attr("Activation Date", int(lab.now[0]) - 1))
    clear = await registered(lab, block_of(KEY), lab.attr("Activation Date", int(lab.now[0]) - 1))
    ecb = CryptographicParameters(block_cipher_mode=MODE.ECB)
    made = [
        (await lab.do(EncryptRequest(unique_identifier=one, cryptographic_parameters=ecb, data=bytes(16)))).data for one in (key, clear)
    ]
    assert made[0] == made[1]
    again = await wrapped(lab, key, encrypted_by(other, option=NO_ENCODING))
    assert aes_key_unwrap(bytes(16), again.key_value) == KEY


async def test_sensitive_keys_leave_encrypted_only(lab):
    kek = await a_kek(lab)
    hmac = CryptographicParameters(cryptographic_algorithm=ALGORITHM.HMAC_SHA256)
    mac = await a_kek(lab, parameters=hmac, mask=MASK.MAC_GENERATE)
    key = await registered(lab, block_of(KEY), lab.attr("Sensitive", True))
    assert (await wrapped(lab, key, encrypted_by(kek, option=NO_ENCODING))).key_value == RFC_3394
    signed = GetRequest(unique_identifier=key, key_wrapping_specification=encrypted_by(None, method=WrappingMethod.MAC_SIGN, mac=mac))
    assert await lab.refused(signed) is ResultReason.SENSITIVE


async def test_wrapping_counts_against_the_usage_limits(lab):
    limits = UsageLimits(usage_limits_total=1, usage_limits_unit=UsageLimitsUnit.OBJECT)
    kek, key = await a_kek(lab, lab.attr("Usage Limits", limits)), await registered(lab, block_of(KEY))
    await wrapped(lab, key, encrypted_by(kek))
    request = GetRequest(unique_identifier=key, key_wrapping_specification=encrypted_by(kek))
    assert await lab.refused(request) is ResultReason.PERMISSION_DENIED


REASONS = ResultReason


async def test_what_cannot_be_wrapped_so(lab):
    kek, key = await a_kek(lab), await registered(lab, block_of(KEY))
    clear = block_of(TransparentSymmetricKey(key=KEY), form=KeyFormatType.TRANSPARENT_SYMMETRIC_KEY)
    transparent = await registered(lab, clear)
    encrypts = await a_kek(lab, mask=MASK.ENCRYPT)
    bare = await a_kek(lab, parameters=None)
    gone = await registered(lab, block_of(KEK), lab.attr("Cryptographic Parameters", NIST), mask=WRAPS)
    await lab.do(DestroyRequest(unique_identifier=gone))
    cbc = CryptographicParameters(block_cipher_mode=MODE.CBC)
    opaque = RegisterRequest(
        object_type=ObjectType.OPAQUE_OBJECT,
        template_attribute=TemplateAttribute(),
        managed_object=OpaqueObject(opaque_data_type=0x80000001, opaque_data_value=b"x"),
    )
    no_key = (await lab.do(opaque)).unique_identifier
    for asked, wanted, reason, reason_2 in (
        (key, encrypted_by("nowhere"), REASONS.ITEM_NOT_FOUND, REASONS.WRAPPING_OBJECT_NOT_FOUND),
        (key, encrypted_by(gone), REASONS.PERMISSION_DENIED, REASONS.WRAPPING_OBJECT_DESTROYED),
        (key, encrypted_by(no_key), REASONS.ILLEGAL_OPERATION, REASONS.INVALID_OBJECT_TYPE),
        (key, encrypted_by(encrypts), REASONS.PERMISSION_DENIED, REASONS.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK),
        (key, encrypted_by(kek, parameters=cbc), REASONS.ITEM_NOT_FOUND, REASONS.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (key, encrypted_by(bare), REASONS.ITEM_NOT_FOUND, REASONS.BAD_CRYPTOGRAPHIC_PARAMETERS),
        (key, encrypted_by(kek, "Object Group", option=NO_ENCODING), REASONS.ENCODING_OPTION_ERROR, REASONS.ENCODING_OPTION_ERROR),
        (transparent, encrypted_by(kek, option=NO_ENCODING), REASONS.ENCODING_OPTION_ERROR, REASONS.ENCODING_OPTION_ERROR),
        (no_key, encrypted_by(kek), REASONS.ILLEGAL_OPERATION, REASONS.INVALID_OBJECT_TYPE),
        (key, encrypted_by(kek, method=WrappingMethod.TR_31), REASONS.FEATURE_NOT_SUPPORTED, REASONS.FEATURE_NOT_SUPPORTED),
        (key, encrypted_by(None), REASONS.INVALID_FIELD, REASONS.INVALID_FIELD),
    ):
        request = GetRequest(unique_identifier=asked, key_wrapping_specification=wanted)
        assert (await lab.refused(request, version=V1_4), await lab.refused(request, version=V2_1)) == (reason, reason_2)


async def test_what_cannot_be_unwrapped(lab):
    kek, wraps_only = await a_kek(lab), await a_kek(lab, mask=MASK.WRAP_KEY)

    async def reason_of(value, by, option=NO_ENCODING):
        information = EncryptionKeyInformation(unique_identifier=by, cryptographic_parameters=NIST)
        data = KeyWrappingData(wrapping_method=WrappingMethod.ENCRYPT, encryption_key_information=information, encoding_option=option)
        key = await registered(lab, block_of(value, data))
        return await lab.refused(GetRequest(unique_identifier=key, key_wrap_type=KeyWrapType.NOT_WRAPPED))

    assert await reason_of(RFC_3394, wraps_only) is ResultReason.PERMISSION_DENIED
    assert await reason_of(RFC_3394, "nowhere") is ResultReason.ITEM_NOT_FOUND
    assert await reason_of(os.urandom(24), kek) is ResultReason.CRYPTOGRAPHIC_FAILURE
    assert await reason_of(RFC_3394, kek, option=None) is ResultReason.CRYPTOGRAPHIC_FAILURE


async def test_wrapping_keys_that_are_wrapped_in_turn_come_to_an_end(lab):
    kek = await a_kek(lab)
    for depth in range(6):
        data = KeyWrappingData(
            wrapping_method=WrappingMethod.ENCRYPT,
            encryption_key_information=EncryptionKeyInformation(unique_identifier=kek, cryptographic_parameters=NIST),
            encoding_option=NO_ENCODING,
        )
        value = aes_key_wrap(KEK, KEK)
        own = (lab.attr("Activation Date", int(lab.now[0]) - 1), lab.attr("Cryptographic Parameters", NIST))
        kek = await registered(lab, block_of(value, data), *own, mask=WRAPS)
        request = GetRequest(unique_identifier=kek, key_wrap_type=KeyWrapType.NOT_WRAPPED)
        if depth <= 3:
            assert (await lab.do(request)).managed_object.key_block.key_value == KeyValue(key_material=KEK)
        else:
            assert await lab.refused(request) is ResultReason.CRYPTOGRAPHIC_FAILURE
