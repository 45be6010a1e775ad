"""Encrypt, Decrypt, MAC, MAC Verify, Hash and the random numbers, through the engine: defaults, parts, usage, every version."""

from __future__ import annotations

import pytest
from kmip_server.crypto.streams import LONGEST_PAUSE
from kmip_server.directory.contract import Seeding
from kmip_server.enums import (
    BlockCipherMode,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    Data,
    HashingAlgorithm,
    KeyFormatType,
    LinkType,
    ObjectType,
    PaddingMethod,
    ResultReason,
    ResultStatus,
    RevocationReasonCode,
    SecretDataType,
    UsageLimitsUnit,
    ValidityIndicator,
)
from kmip_server.messages import (
    Attributes,
    CryptographicParameters,
    DecryptRequest,
    DestroyRequest,
    EncryptRequest,
    HashRequest,
    KeyBlock,
    KeyValue,
    Link,
    MACRequest,
    MACVerifyRequest,
    OpaqueObject,
    RegisterRequest,
    RevocationReason,
    RevokeRequest,
    RNGRetrieveRequest,
    RNGSeedRequest,
    SecretData,
    SymmetricKey,
    TemplateAttribute,
    UsageLimits,
)
from kmip_server.versions import V1_2, V1_3, V1_4, V2_0, V2_1

ALGORITHM, MASK, MODE = CryptographicAlgorithm, CryptographicUsageMask, BlockCipherMode
VERSIONS = [V1_2, V1_3, V1_4, V2_0, V2_1]
KEY = bytes.fromhex("0123456789abcdef0123456789abcdef")
BLOCK = bytes.fromhex("01020304050607080910111213141516")
IN_ECB = bytes.fromhex("d9bcce11b0b437b90239552df3a360c9")
ALL = MASK.ENCRYPT | MASK.DECRYPT | MASK.MAC_GENERATE | MASK.MAC_VERIFY
ECB = CryptographicParameters(block_cipher_mode=MODE.ECB)
CBC = CryptographicParameters(block_cipher_mode=MODE.CBC, padding_method=PaddingMethod.PKCS5)


def parameters(lab, **fields):
    return lab.attr("Cryptographic Parameters", CryptographicParameters(**fields))


async def a_key(lab, *attributes, material=KEY, algorithm=ALGORITHM.AES, bits=128, mask=ALL, active=True, version=V1_4):
    """A registered key, Active an hour ago."""
    block = KeyBlock(
        key_format_type=KeyFormatType.RAW,
        key_value=KeyValue(key_material=material),
        cryptographic_algorithm=algorithm,
        cryptographic_length=bits,
    )
    dates = (lab.attr("Activation Date", int(lab.now[0]) - 3600),) if active else ()
    given = (lab.attr("Cryptographic Usage Mask", mask), *dates, *attributes)
    named = {"template_attribute": TemplateAttribute(attribute=given)} if version < V2_0 else {"attributes": Attributes(given)}
    request = RegisterRequest(object_type=ObjectType.SYMMETRIC_KEY, managed_object=SymmetricKey(key_block=block), **named)
    return (await lab.do(request, version=version)).unique_identifier


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_encrypt_and_decrypt_with_the_requests_parameters(lab, version):
    key = await a_key(lab, version=version)
    encrypted = await lab.do(EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK), version=version)
    assert (encrypted.unique_identifier, encrypted.data, encrypted.iv_counter_nonce) == (key, IN_ECB, None)
    decrypted = await lab.do(DecryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=IN_ECB), version=version)
    assert (decrypted.unique_identifier, decrypted.data) == (key, BLOCK)


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_the_keys_own_parameters_are_used_where_the_request_has_none(lab, version):
    key = await a_key(lab, parameters(lab, block_cipher_mode=MODE.CBC, padding_method=PaddingMethod.PKCS5, random_iv=True))
    encrypted = await lab.do(EncryptRequest(unique_identifier=key, data=BLOCK + b"\x01"), version=version)
    assert len(encrypted.iv_counter_nonce) == 16
    without = DecryptRequest(unique_identifier=key, data=encrypted.data)
    assert await lab.refused(without, version=version) is ResultReason.INVALID_MESSAGE
    with_it = DecryptRequest(unique_identifier=key, data=encrypted.data, iv_counter_nonce=encrypted.iv_counter_nonce)
    assert (await lab.do(with_it, version=version)).data == BLOCK + b"\x01"


async def test_parameters_that_are_needed_and_nowhere(lab):
    key = await a_key(lab)
    request = EncryptRequest(unique_identifier=key, data=BLOCK)
    assert await lab.refused(request, version=V1_4) is ResultReason.INVALID_FIELD
    assert await lab.refused(request, version=V2_1) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_usage_limits_are_counted_before_the_answer(lab, version):
    limits = UsageLimits(usage_limits_total=16, usage_limits_unit=UsageLimitsUnit.BYTE)
    key = await a_key(lab, lab.attr("Usage Limits", limits))
    request = EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK)
    await lab.do(request, version=version)
    assert (await lab.values(key, "Usage Limits"))["Usage Limits"].usage_limits_count == 0
    assert await lab.refused(request, version=version) is ResultReason.PERMISSION_DENIED
    await lab.do(DecryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=IN_ECB), version=version)
    await lab.do(DecryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=IN_ECB), version=version)


async def test_usage_limits_in_objects_count_a_stream_once(lab):
    key = await a_key(lab, lab.attr("Usage Limits", UsageLimits(usage_limits_total=2, usage_limits_unit=UsageLimitsUnit.OBJECT)))
    first = await lab.do(EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK, init_indicator=True))
    await lab.do(EncryptRequest(unique_identifier=key, data=BLOCK, correlation_value=first.correlation_value, final_indicator=True))
    await lab.do(MACRequest(unique_identifier=key, cryptographic_parameters=hmac_256(), data=BLOCK))
    last = EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK)
    assert await lab.refused(last) is ResultReason.PERMISSION_DENIED


async def test_what_cannot_be_encrypted_costs_nothing(lab):
    key = await a_key(lab, lab.attr("Usage Limits", UsageLimits(usage_limits_total=16, usage_limits_unit=UsageLimitsUnit.BYTE)))
    assert await lab.refused(EncryptRequest(unique_identifier=key, cryptographic_parameters=CBC, data=BLOCK)) is not None
    await lab.do(EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK))


REASONS = [(V1_4, ResultReason.PERMISSION_DENIED), (V2_0, ResultReason.PERMISSION_DENIED), (V2_1, ResultReason.WRONG_KEY_LIFECYCLE_STATE)]


@pytest.mark.parametrize(("version", "reason"), REASONS, ids=str)
async def test_a_key_is_used_in_its_time_only(lab, version, reason):
    now = int(lab.now[0])
    encrypt, decrypt = (
        lambda key: lab.refused(EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK), version=version),
        lambda key: lab.refused(DecryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=IN_ECB), version=version),
    )
    waiting = await a_key(lab, active=False)
    assert await encrypt(waiting) is reason
    assert await decrypt(waiting) is reason
    dated = await a_key(lab, lab.attr("Process Start Date", now + 3600), lab.attr("Protect Stop Date", now - 3600))
    assert await encrypt(dated) is reason
    assert await decrypt(dated) is reason
    lab.now[0] += 3600
    await lab.do(DecryptRequest(unique_identifier=dated, cryptographic_parameters=ECB, data=IN_ECB), version=version)


async def test_an_old_key_still_decrypts_and_a_destroyed_one_does_nothing(lab):
    key = await a_key(lab)
    await lab.do(
        RevokeRequest(unique_identifier=key, revocation_reason=RevocationReason(revocation_reason_code=RevocationReasonCode.SUPERSEDED))
    )
    encrypt = EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK)
    decrypt = DecryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=IN_ECB)
    assert await lab.refused(encrypt) is ResultReason.PERMISSION_DENIED
    assert (await lab.do(decrypt)).data == BLOCK
    await lab.do(DestroyRequest(unique_identifier=key))
    assert await lab.refused(decrypt, version=V2_1) is ResultReason.WRONG_KEY_LIFECYCLE_STATE


@pytest.mark.parametrize(
    ("version", "reason"),
    [(V1_4, ResultReason.PERMISSION_DENIED), (V2_1, ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK)],
    ids=str,
)
async def test_the_usage_mask_says_what_for(lab, version, reason):
    encrypts = await a_key(lab, mask=MASK.ENCRYPT)
    decrypts = await a_key(lab, mask=MASK.DECRYPT)
    for refused in (
        DecryptRequest(unique_identifier=encrypts, cryptographic_parameters=ECB, data=BLOCK),
        EncryptRequest(unique_identifier=decrypts, cryptographic_parameters=ECB, data=BLOCK),
        MACRequest(unique_identifier=encrypts, cryptographic_parameters=hmac_256(), data=BLOCK),
        MACVerifyRequest(unique_identifier=encrypts, cryptographic_parameters=hmac_256(), data=BLOCK, mac_data=BLOCK),
    ):
        assert await lab.refused(refused, version=version) is reason


async def test_an_unrestricted_key_does_everything(lab):
    key = await a_key(lab, mask=MASK.UNRESTRICTED, version=V2_1)
    await lab.do(EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK), version=V2_1)
    await lab.do(MACRequest(unique_identifier=key, cryptographic_parameters=hmac_256(), data=BLOCK), version=V2_1)


async def test_objects_without_a_key_are_no_keys(lab):
    opaque = RegisterRequest(
        object_type=ObjectType.OPAQUE_OBJECT,
        template_attribute=TemplateAttribute(),
        managed_object=OpaqueObject(opaque_data_type=0x80000001, opaque_data_value=b"x"),
    )
    made = (await lab.do(opaque)).unique_identifier
    request = EncryptRequest(unique_identifier=made, cryptographic_parameters=ECB, data=BLOCK)
    assert await lab.refused(request, version=V1_4) is ResultReason.PERMISSION_DENIED
    assert await lab.refused(request, version=V2_1) is ResultReason.INVALID_OBJECT_TYPE
    stranger = EncryptRequest(unique_identifier=await a_key(lab), cryptographic_parameters=ECB, data=BLOCK)
    assert await lab.refused(stranger, peer=lab.other) is ResultReason.ITEM_NOT_FOUND


@pytest.mark.parametrize("version", [V1_3, V1_4, V2_0, V2_1], ids=str)
async def test_encryption_in_parts(lab, version):
    key = await a_key(lab)
    iv = BLOCK
    first = EncryptRequest(unique_identifier=key, cryptographic_parameters=CBC, data=BLOCK[:8], iv_counter_nonce=iv, init_indicator=True)
    answer = await lab.do(first, version=version)
    value = answer.correlation_value
    assert (answer.data, bool(value)) == (None, True)
    second = await lab.do(EncryptRequest(unique_identifier=key, data=BLOCK[8:], correlation_value=value), version=version)
    assert second.correlation_value == value
    last = await lab.do(EncryptRequest(unique_identifier=key, data=b"\x01", correlation_value=value, final_indicator=True), version=version)
    assert last.correlation_value is None
    whole = EncryptRequest(unique_identifier=key, cryptographic_parameters=CBC, data=BLOCK + b"\x01", iv_counter_nonce=iv)
    encrypted = (await lab.do(whole, version=version)).data
    assert second.data + last.data == encrypted
    opened = await lab.do(
        DecryptRequest(unique_identifier=key, cryptographic_parameters=CBC, data=encrypted[:16], iv_counter_nonce=iv, init_indicator=True),
        version=version,
    )
    assert opened.data is None
    rest = DecryptRequest(data=encrypted[16:], correlation_value=opened.correlation_value, final_indicator=True)
    assert (await lab.do(rest, version=version)).data == BLOCK + b"\x01"
    empty_last = EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK, init_indicator=True)
    begun = await lab.do(empty_last, version=version)
    ended = await lab.do(EncryptRequest(correlation_value=begun.correlation_value, final_indicator=True), version=version)
    assert (begun.data, ended.data, ended.correlation_value) == (IN_ECB, None, None)


async def test_a_stream_is_over_when_it_is_over(lab):
    key, other = await a_key(lab), await a_key(lab)
    begin = EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=BLOCK, init_indicator=True)
    value = (await lab.do(begin)).correlation_value
    more = EncryptRequest(unique_identifier=key, data=BLOCK, correlation_value=value)
    assert await lab.refused(more, peer=lab.other) is ResultReason.ITEM_NOT_FOUND
    decrypt = DecryptRequest(unique_identifier=key, data=BLOCK, correlation_value=value)
    assert await lab.refused(decrypt, version=V2_1) is ResultReason.INVALID_CORRELATION_VALUE
    await lab.do(more)
    with_another = EncryptRequest(unique_identifier=other, data=BLOCK, correlation_value=value)
    assert await lab.refused(with_another) is ResultReason.INVALID_FIELD
    assert await lab.refused(more) is ResultReason.ITEM_NOT_FOUND
    value = (await lab.do(begin)).correlation_value
    lab.now[0] += LONGEST_PAUSE + 1
    late = EncryptRequest(unique_identifier=key, data=BLOCK, correlation_value=value)
    assert await lab.refused(late, version=V2_0) is ResultReason.INVALID_CORRELATION_VALUE


async def test_data_may_be_absent_from_parts_only(lab):
    key = await a_key(lab)
    assert await lab.refused(EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB)) is ResultReason.INVALID_MESSAGE
    await lab.do(EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, init_indicator=True))


async def test_authenticated_encryption_and_where_its_tag_goes(lab):
    key = await a_key(lab)
    gcm = CryptographicParameters(block_cipher_mode=MODE.GCM, tag_length=16, random_iv=True)
    new = await lab.do(
        EncryptRequest(unique_identifier=key, cryptographic_parameters=gcm, data=b"data", authenticated_encryption_additional_data=b"aad")
    )
    assert (len(new.data), len(new.iv_counter_nonce), len(new.authenticated_encryption_tag)) == (4, 12, 16)
    back = {
        "unique_identifier": key,
        "cryptographic_parameters": gcm,
        "data": new.data,
        "iv_counter_nonce": new.iv_counter_nonce,
        "authenticated_encryption_additional_data": b"aad",
        "authenticated_encryption_tag": new.authenticated_encryption_tag,
    }
    assert (await lab.do(DecryptRequest(**back))).data == b"data"
    for touched in ({"authenticated_encryption_tag": bytes(16)}, {"authenticated_encryption_additional_data": b"AAD"}):
        assert await lab.refused(DecryptRequest(**back | touched)) is ResultReason.CRYPTOGRAPHIC_FAILURE
    old = await lab.do(EncryptRequest(unique_identifier=key, cryptographic_parameters=gcm, data=b"data"), version=V1_3)
    assert len(old.data) == 20
    request = DecryptRequest(unique_identifier=key, cryptographic_parameters=gcm, data=old.data, iv_counter_nonce=old.iv_counter_nonce)
    assert (await lab.do(request, version=V1_2)).data == b"data"


async def test_two_linked_keys_are_one_xts_key(lab):
    xts = CryptographicParameters(block_cipher_mode=MODE.XTS)
    second = await a_key(lab, material=bytes.fromhex("22" * 16))
    first = await a_key(
        lab,
        lab.attr("Link", Link(link_type=LinkType.NEXT_LINK, linked_object_identifier=second)),
        material=bytes.fromhex("11" * 16),
    )
    tweak = bytes.fromhex("33333333330000000000000000000000")
    request = EncryptRequest(unique_identifier=first, cryptographic_parameters=xts, data=bytes.fromhex("44" * 32), iv_counter_nonce=tweak)
    expected = "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"
    assert (await lab.do(request)).data.hex() == expected
    alone = EncryptRequest(unique_identifier=second, cryptographic_parameters=xts, data=bytes(32), iv_counter_nonce=tweak)
    assert await lab.refused(alone, version=V2_1) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS


def hmac_256():
    return CryptographicParameters(cryptographic_algorithm=ALGORITHM.HMAC_SHA256)


MAC_OF_BLOCK = bytes.fromhex("c911e78196d64c30f631bb079ea37b97a95936d4da764d6a171df030c895ecf9")


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_macs(lab, version):
    key = await a_key(lab, parameters(lab, cryptographic_algorithm=ALGORITHM.HMAC_SHA256))
    made = await lab.do(MACRequest(unique_identifier=key, data=BLOCK), version=version)
    assert made.mac_data == MAC_OF_BLOCK
    for mac_data, validity in ((MAC_OF_BLOCK, ValidityIndicator.VALID), (bytes(32), ValidityIndicator.INVALID)):
        verified = await lab.do(MACVerifyRequest(unique_identifier=key, data=BLOCK, mac_data=mac_data), version=version)
        assert verified.validity_indicator is validity


@pytest.mark.parametrize("version", [V1_3, V1_4, V2_1], ids=str)
async def test_macs_in_parts(lab, version):
    key = await a_key(lab, parameters(lab, cryptographic_algorithm=ALGORITHM.HMAC_SHA256))
    first = await lab.do(MACRequest(unique_identifier=key, data=BLOCK[:3], init_indicator=True), version=version)
    assert first.mac_data is None
    last = MACRequest(data=BLOCK[3:], correlation_value=first.correlation_value, final_indicator=True)
    assert (await lab.do(last, version=version)).mac_data == MAC_OF_BLOCK
    begun = await lab.do(
        MACVerifyRequest(unique_identifier=key, data=BLOCK[:4], mac_data=MAC_OF_BLOCK, init_indicator=True), version=version
    )
    assert begun.validity_indicator is None
    ended = MACVerifyRequest(unique_identifier=key, data=BLOCK[4:], correlation_value=begun.correlation_value, final_indicator=True)
    assert (await lab.do(ended, version=version)).validity_indicator is ValidityIndicator.VALID
    nothing = MACVerifyRequest(unique_identifier=key, data=BLOCK, init_indicator=True, final_indicator=True)
    assert await lab.refused(nothing, version=version) is ResultReason.INVALID_MESSAGE


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_hashes(lab, version):
    sha = CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256)
    of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (await lab.do(HashRequest(cryptographic_parameters=sha, data=b"abc"), version=version)).data.hex() == of_abc
    if version == V1_2:
        return
    first = await lab.do(HashRequest(cryptographic_parameters=sha, data=b"a", init_indicator=True), version=version)
    assert first.data is None
    value = first.correlation_value
    second = await lab.do(HashRequest(cryptographic_parameters=sha, data=b"bc", correlation_value=value), version=version)
    assert (second.data, second.correlation_value) == (None, value)
    last = HashRequest(cryptographic_parameters=sha, data=b"", correlation_value=value, final_indicator=True)
    assert (await lab.do(last, version=version)).data.hex() == of_abc
    tiger = HashRequest(cryptographic_parameters=CryptographicParameters(hashing_algorithm=HashingAlgorithm.TIGER), data=b"")
    assert await lab.refused(tiger, version=V2_1) is ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_random_numbers(lab, version):
    one, other = [(await lab.do(RNGRetrieveRequest(data_length=32), version=version)).data for _ in range(2)]
    assert len(one) == len(other) == 32
    assert one != other
    assert await lab.refused(RNGRetrieveRequest(data_length=-1), version=version) is ResultReason.INVALID_FIELD
    assert await lab.refused(RNGRetrieveRequest(data_length=2**31 - 1), version=version) is ResultReason.INVALID_FIELD
    assert (await lab.do(RNGSeedRequest(data=bytes(32)), version=version)).data_length == 0


@pytest.mark.parametrize(("seeding", "used"), [(Seeding.USED, 32), (Seeding.PARTLY, 16), (Seeding.IGNORED, 0), (Seeding.REFUSED, None)])
async def test_what_becomes_of_a_seed_is_settled_for_each_client(lab, seeding, used):
    peer = lab.peer._replace(client=lab.directory.add_client("seeder", seeding=seeding))
    pool, seed = lab.services["seed"].__self__, bytes(range(32))
    if used is None:
        assert await lab.refused(RNGSeedRequest(data=seed), peer=peer) is ResultReason.PERMISSION_DENIED
    else:
        assert (await lab.do(RNGSeedRequest(data=seed), peer=peer)).data_length == used
    assert pool == seed[: used or 0]


async def test_data_may_be_what_the_batch_has_put_out(lab):
    sha = CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256)
    key = await a_key(lab)
    answer = await lab.batch(
        RNGRetrieveRequest(data_length=16),
        EncryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=Data.RNG_RETRIEVE),
        DecryptRequest(unique_identifier=key, cryptographic_parameters=ECB, data=1),
        HashRequest(cryptographic_parameters=sha, data=-1),
        HashRequest(cryptographic_parameters=sha, data=0),
        version=V2_1,
    )
    random, encrypted, decrypted, of_last, of_first = (item.response_payload.data for item in answer.batch_item)
    assert (decrypted, of_last) == (random, of_first)
    assert encrypted != random
    for nothing in (Data.SIGN_SIGNATURE_DATA, 0, -1):
        item = await lab.ask(HashRequest(cryptographic_parameters=sha, data=nothing), version=V2_1)
        assert (item.result_status, item.result_reason) == (ResultStatus.OPERATION_FAILED, ResultReason.INVALID_FIELD)


@pytest.mark.parametrize("version", [V1_3, V1_4, V2_1], ids=str)
async def test_a_secret_can_be_a_one_time_pad(lab, version):
    block = KeyBlock(key_format_type=KeyFormatType.OPAQUE, key_value=KeyValue(key_material=bytes.fromhex("fc932e1428bd")))
    given = (
        lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT | MASK.DECRYPT),
        lab.attr("Cryptographic Algorithm", ALGORITHM.ONE_TIME_PAD),
        lab.attr("Cryptographic Length", 48),
        lab.attr("Activation Date", int(lab.now[0]) - 60),
    )
    named = {"template_attribute": TemplateAttribute(attribute=given)} if version < V2_0 else {"attributes": Attributes(given)}
    held = SecretData(secret_data_type=SecretDataType.PASSWORD, key_block=block)
    request = RegisterRequest(object_type=ObjectType.SECRET_DATA, managed_object=held, **named)
    pad = (await lab.do(request, version=version)).unique_identifier
    assert (await lab.do(EncryptRequest(unique_identifier=pad, data=BLOCK[:6]), version=version)).data.hex() == "fd912d102dbb"
    decrypted = await lab.do(DecryptRequest(unique_identifier=pad, data=bytes.fromhex("fd912d102dbb")), version=version)
    assert decrypted.data == BLOCK[:6]
    too_long = EncryptRequest(unique_identifier=pad, data=BLOCK)
    assert await lab.refused(too_long, version=version) is ResultReason.CRYPTOGRAPHIC_FAILURE
