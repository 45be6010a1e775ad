"""Create, Register and Get: what comes in, what is kept, what goes out."""

from __future__ import annotations

import hashlib

import pytest
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ItemType,
    KeyCompressionType,
    KeyFormatType,
    NameType,
    ObjectType,
    ResultReason,
    RNGAlgorithm,
    SecretDataType,
    State,
    WrappingMethod,
)
from kmip_server.messages import (
    CreateRequest,
    CustomValue,
    DestroyRequest,
    EncryptionKeyInformation,
    GetRequest,
    KeyBlock,
    KeyValue,
    KeyWrappingData,
    LocateRequest,
    Name,
    OpaqueObject,
    RegisterRequest,
    RNGParameters,
    SecretData,
    SymmetricKey,
    TemplateAttribute,
    TransparentSymmetricKey,
    UsageLimits,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4

VERSIONS = [V1_0, V1_1, V1_2, V1_3, V1_4]
ALGORITHM, MASK = CryptographicAlgorithm, CryptographicUsageMask
KEY = bytes(range(32))


def a_create(lab, algorithm, bits=None, *more):
    attributes = [lab.attr("Cryptographic Algorithm", algorithm), lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT)]
    attributes += [lab.attr("Cryptographic Length", bits)] if bits is not None else []
    return CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(attribute=(*attributes, *more)))


def a_symmetric_key(material=KEY, *, bits=256, algorithm=ALGORITHM.AES, form=KeyFormatType.RAW, wrapping=None):
    value = material if isinstance(material, bytes) and wrapping else KeyValue(key_material=material) if material is not None else None
    block = KeyBlock(
        key_format_type=form, key_value=value, cryptographic_algorithm=algorithm, cryptographic_length=bits, key_wrapping_data=wrapping
    )
    return SymmetricKey(key_block=block)


def a_register(lab, held, *attributes, object_type=ObjectType.SYMMETRIC_KEY, mask=MASK.ENCRYPT):
    masks = () if mask is None else (lab.attr("Cryptographic Usage Mask", mask),)
    return RegisterRequest(
        object_type=object_type, template_attribute=TemplateAttribute(attribute=(*masks, *attributes)), managed_object=held
    )


def a_secret(material=b"correct horse", form=KeyFormatType.OPAQUE):
    return SecretData(
        secret_data_type=SecretDataType.PASSWORD, key_block=KeyBlock(key_format_type=form, key_value=KeyValue(key_material=material))
    )


@pytest.mark.parametrize(
    ("algorithm", "bits", "length"),
    [
        (ALGORITHM.AES, 128, 16),
        (ALGORITHM.AES, 192, 24),
        (ALGORITHM.AES, 256, 32),
        (ALGORITHM.AES, None, 32),
        (ALGORITHM.TRIPLE_DES, 112, 16),
        (ALGORITHM.TRIPLE_DES, 168, 24),
        (ALGORITHM.TRIPLE_DES, 192, 24),
        (ALGORITHM.SKIPJACK, 80, 10),
        (ALGORITHM.HMAC_SHA256, 256, 32),
        (ALGORITHM.CAMELLIA, 256, 32),
        (ALGORITHM.CHACHA20, 256, 32),
    ],
)
async def test_keys_of_every_length(lab, algorithm, bits, length):
    made = await lab.do(a_create(lab, algorithm, bits))
    block = (await lab.do(GetRequest(unique_identifier=made.unique_identifier))).managed_object.key_block
    assert len(block.key_value.key_material) == length
    assert block.cryptographic_algorithm is algorithm
    assert block.cryptographic_length == (bits or 256)
    assert block.key_format_type is KeyFormatType.RAW


async def test_des_keys_have_odd_parity(lab):
    key = (await lab.do(a_create(lab, ALGORITHM.TRIPLE_DES, 168))).unique_identifier
    material = (await lab.do(GetRequest(unique_identifier=key))).managed_object.key_block.key_value.key_material
    assert all(byte.bit_count() % 2 == 1 for byte in material)


async def test_two_keys_differ(lab):
    first, second = await lab.key(), await lab.key()
    materials = [(await lab.do(GetRequest(unique_identifier=key))).managed_object for key in (first, second)]
    assert first != second
    assert materials[0] != materials[1]


@pytest.mark.parametrize(
    ("algorithm", "bits", "version"),
    [
        (ALGORITHM.AES, 100, V1_4),
        (ALGORITHM.AES, 512, V1_0),
        (ALGORITHM.AES, 0, V1_4),
        (ALGORITHM.AES, -128, V1_4),
        (ALGORITHM.RSA, 2048, V1_4),
    ],
)
async def test_lengths_that_an_algorithm_has_not_are_refused(lab, algorithm, bits, version):
    assert await lab.refused(a_create(lab, algorithm, bits), version=version) is ResultReason.INVALID_FIELD


@pytest.mark.parametrize("missing", ["Cryptographic Algorithm", "Cryptographic Usage Mask"])
async def test_create_needs_algorithm_and_mask(lab, missing):
    attributes = tuple(one for one in lab.create().template_attribute.attribute if one.attribute_name != missing)
    request = CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(attribute=attributes))
    assert await lab.refused(request) is ResultReason.MISSING_DATA


@pytest.mark.parametrize("object_type", [ObjectType.PRIVATE_KEY, ObjectType.CERTIFICATE, ObjectType.TEMPLATE])
async def test_create_makes_symmetric_keys_and_secrets_only(lab, object_type):
    request = CreateRequest(object_type=object_type, template_attribute=lab.create().template_attribute)
    assert await lab.refused(request) is ResultReason.INVALID_FIELD


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("State", State.ACTIVE),
        ("Unique Identifier", "mine"),
        ("Initial Date", 5),
        ("Destroy Date", 5),
        ("Lease Time", 5),
        ("Operation Policy Name", "somebody's"),
        ("Usage Limits", UsageLimits(usage_limits_total=5)),
        ("Random Number Generator", RNGParameters(rng_algorithm=RNGAlgorithm.DRBG)),
    ],
)
async def test_what_a_client_may_not_give(lab, name, value):
    assert await lab.refused(lab.create(lab.attr(name, value))) is ResultReason.INVALID_FIELD


@pytest.mark.parametrize("name", ["y-mine", "Colour"])
async def test_names_that_are_not_the_clients_are_refused(lab, name):
    assert await lab.refused(lab.create(lab.attr(name, CustomValue(ItemType.TEXT_STRING, "red")))) is ResultReason.INVALID_FIELD


async def test_a_single_instance_attribute_given_twice_is_refused(lab):
    twice = lab.create(lab.attr("Contact Information", "a"), lab.attr("Contact Information", "b"))
    assert await lab.refused(twice) is ResultReason.INVALID_FIELD


async def test_templates_do_not_exist(lab):
    wanted = TemplateAttribute(
        name=(Name(name_value="t", name_type=NameType.UNINTERPRETED_TEXT_STRING),), attribute=lab.create().template_attribute.attribute
    )
    request = CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=wanted)
    assert await lab.refused(request) is ResultReason.ITEM_NOT_FOUND


async def test_names_are_unique_until_their_object_is_destroyed(lab):
    key = await lab.key(lab.named("one"))
    assert await lab.refused(lab.create(lab.named("one"))) is ResultReason.INVALID_FIELD
    await lab.do(lab.create(lab.named("one")), peer=lab.other)
    await lab.do(DestroyRequest(unique_identifier=key))
    await lab.do(lab.create(lab.named("one")))


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_what_the_server_sets_by_itself(lab, version):
    key = await lab.key(version=version)
    values = await lab.values(key, version=version)
    expected = {
        "Unique Identifier": key,
        "Object Type": ObjectType.SYMMETRIC_KEY,
        "State": State.PRE_ACTIVE,
        "Initial Date": 1_700_000_000,
        "Last Change Date": 1_700_000_000,
        "Cryptographic Algorithm": ALGORITHM.AES,
        "Cryptographic Length": 256,
        "Cryptographic Usage Mask": MASK.ENCRYPT | MASK.DECRYPT,
        "Operation Policy Name": "default",
        "Lease Time": 3600,
    }
    expected |= {"Fresh": True} if version >= V1_1 else {}
    expected |= {"Original Creation Date": 1_700_000_000} if version >= V1_2 else {}
    expected |= {"Random Number Generator": RNGParameters(rng_algorithm=RNGAlgorithm.UNSPECIFIED)} if version >= V1_3 else {}
    flags = {"Sensitive": False, "Always Sensitive": False, "Extractable": True, "Never Extractable": False}
    expected |= flags if version >= V1_4 else {}
    digest = values.pop("Digest")
    assert values == expected
    got = await lab.do(GetRequest(unique_identifier=key))
    assert digest.digest_value == hashlib.sha256(got.managed_object.key_block.key_value.key_material).digest()
    assert digest.key_format_type is (KeyFormatType.RAW if version >= V1_1 else None)


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_what_is_registered_comes_back(lab, version):
    held = [
        (ObjectType.SYMMETRIC_KEY, a_symmetric_key(), MASK.ENCRYPT),
        (ObjectType.SYMMETRIC_KEY, a_symmetric_key(bytes(24), bits=168, algorithm=ALGORITHM.TRIPLE_DES), MASK.ENCRYPT),
        (
            ObjectType.SYMMETRIC_KEY,
            a_symmetric_key(TransparentSymmetricKey(key=KEY), form=KeyFormatType.TRANSPARENT_SYMMETRIC_KEY),
            MASK(0),
        ),
        (ObjectType.SECRET_DATA, a_secret(), MASK(0)),
        (ObjectType.SECRET_DATA, a_secret(b"", KeyFormatType.RAW), None),
        (ObjectType.OPAQUE_OBJECT, OpaqueObject(opaque_data_type=0x80000001, opaque_data_value=b"\x00\xff" * 50), None),
    ]
    for object_type, one, mask in held:
        key = (await lab.do(a_register(lab, one, object_type=object_type, mask=mask), version=version)).unique_identifier
        got = await lab.do(GetRequest(unique_identifier=key), version=version)
        assert (got.object_type, got.managed_object, got.unique_identifier) == (object_type, one, key)


async def test_a_key_registered_wrapped_comes_back_wrapped(lab):
    wrapping = KeyWrappingData(
        wrapping_method=WrappingMethod.ENCRYPT, encryption_key_information=EncryptionKeyInformation(unique_identifier="k")
    )
    held = a_symmetric_key(b"w" * 40, wrapping=wrapping)
    key = (await lab.do(a_register(lab, held))).unique_identifier
    assert (await lab.do(GetRequest(unique_identifier=key))).managed_object == held
    assert "Digest" not in await lab.values(key)


async def test_a_key_registered_without_its_value(lab):
    held = a_symmetric_key(None)
    key = (await lab.do(a_register(lab, held), version=V1_2)).unique_identifier
    assert await lab.values(key, "Key Value Present", "Digest") == {"Key Value Present": False}
    assert (await lab.do(GetRequest(unique_identifier=key))).managed_object == held
    assert await lab.refused(GetRequest(unique_identifier=key), version=V1_1) is ResultReason.ILLEGAL_OPERATION


async def test_a_registered_object_must_be_consistent(lab):
    refused = lab.refused
    assert await refused(a_register(lab, a_symmetric_key(KEY[:-1]))) is ResultReason.INVALID_FIELD
    assert await refused(a_register(lab, a_symmetric_key(KEY, bits=128))) is ResultReason.INVALID_FIELD
    assert await refused(a_register(lab, a_secret())) is ResultReason.INVALID_FIELD
    assert await refused(a_register(lab, a_symmetric_key(), lab.attr("Cryptographic Length", 128))) is ResultReason.INVALID_FIELD
    assert (
        await refused(a_register(lab, a_symmetric_key(), lab.attr("Cryptographic Algorithm", ALGORITHM.CAMELLIA)))
        is ResultReason.INVALID_FIELD
    )
    assert await refused(a_register(lab, a_symmetric_key(), mask=None)) is ResultReason.MISSING_DATA
    assert await refused(a_register(lab, a_symmetric_key(bits=None, algorithm=None))) is ResultReason.MISSING_DATA
    assert await refused(a_register(lab, a_symmetric_key(bits=None))) is ResultReason.INVALID_FIELD
    assert (await lab.do(LocateRequest())).unique_identifier == ()


async def test_algorithm_and_length_may_come_as_attributes(lab):
    attributes = (lab.attr("Cryptographic Algorithm", ALGORITHM.AES), lab.attr("Cryptographic Length", 256))
    key = (await lab.do(a_register(lab, a_symmetric_key(bits=None, algorithm=None), *attributes))).unique_identifier
    assert await lab.values(key, "Cryptographic Length") == {"Cryptographic Length": 256}


async def test_a_client_says_when_and_how_its_own_key_came_to_be(lab):
    generator = RNGParameters(rng_algorithm=RNGAlgorithm.DRBG, prediction_resistance=True)
    attributes = (lab.attr("Original Creation Date", 7), lab.attr("Random Number Generator", generator), lab.attr("Fresh", False))
    key = (await lab.do(a_register(lab, a_symmetric_key(), *attributes))).unique_identifier
    values = await lab.values(key)
    assert (values["Original Creation Date"], values["Random Number Generator"], values["Fresh"]) == (7, generator, False)
    other = (await lab.do(a_register(lab, a_symmetric_key()))).unique_identifier
    assert not {"Original Creation Date", "Random Number Generator"} & set(await lab.values(other))


async def test_formats(lab):
    raw = (await lab.do(a_register(lab, a_symmetric_key()))).unique_identifier
    form = KeyFormatType
    transparent = await lab.do(GetRequest(unique_identifier=raw, key_format_type=form.TRANSPARENT_SYMMETRIC_KEY))
    assert transparent.managed_object == a_symmetric_key(TransparentSymmetricKey(key=KEY), form=form.TRANSPARENT_SYMMETRIC_KEY)
    again = (await lab.do(a_register(lab, transparent.managed_object))).unique_identifier
    assert (await lab.do(GetRequest(unique_identifier=again, key_format_type=form.RAW))).managed_object == a_symmetric_key()
    assert (await lab.do(GetRequest(unique_identifier=raw, key_format_type=form.RAW))).managed_object == a_symmetric_key()
    assert await lab.refused(GetRequest(unique_identifier=raw, key_format_type=form.PKCS_1)) is ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED
    compressed = GetRequest(unique_identifier=raw, key_compression_type=KeyCompressionType.EC_PUBLIC_KEY_TYPE_UNCOMPRESSED)
    assert await lab.refused(compressed) is ResultReason.KEY_COMPRESSION_TYPE_NOT_SUPPORTED


async def test_keys_that_must_not_leave(lab):
    sensitive = await lab.key(lab.attr("Sensitive", True))
    kept = await lab.key(lab.attr("Extractable", False))
    assert await lab.refused(GetRequest(unique_identifier=sensitive)) is ResultReason.SENSITIVE
    assert await lab.refused(GetRequest(unique_identifier=kept)) is ResultReason.NOT_EXTRACTABLE
    assert await lab.refused(GetRequest(unique_identifier=kept), version=V1_2) is ResultReason.PERMISSION_DENIED
    assert (await lab.values(sensitive))["Always Sensitive"] is True
    assert (await lab.values(kept))["Never Extractable"] is True


async def test_get_takes_the_freshness_away_and_no_more(lab):
    key = await lab.key()
    lab.now[0] += 100
    assert await lab.values(key, "Fresh") == {"Fresh": True}
    await lab.do(GetRequest(unique_identifier=key))
    assert await lab.values(key, "Fresh", "Last Change Date") == {"Fresh": False, "Last Change Date": 1_700_000_000}


async def test_a_get_of_a_known_key_never_waits(lab):
    key = await lab.key()
    await lab.do(GetRequest(unique_identifier=key))
    coroutine = lab.send(lab.request(GetRequest(unique_identifier=key)))
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    assert end.value.value.data


async def test_the_material_is_nowhere_in_the_file(lab, tmp_path):
    await lab.do(a_register(lab, a_secret(b"the quick brown fox jumps over it"), object_type=ObjectType.SECRET_DATA))
    lab.close()  # SQLite's locks do not outlive a file that is opened beside it
    assert not any(b"quick brown" in file.read_bytes() for file in tmp_path.iterdir())


async def test_everything_is_there_after_a_restart(lab, make_lab, tmp_path):
    key = await lab.key(lab.named("kept"), lab.attr("Activation Date", 5))
    before = await lab.do(GetRequest(unique_identifier=key)), await lab.values(key)
    lab.close()
    again = make_lab(tmp_path)
    assert (await again.do(GetRequest(unique_identifier=key)), await again.values(key)) == before
    again.close()


async def test_a_date_in_the_past_activates_at_once(lab):
    key = await lab.key(lab.attr("Activation Date", 5))
    assert await lab.values(key, "State", "Activation Date") == {"State": State.ACTIVE, "Activation Date": 5}


async def test_dates_must_be_in_order(lab):
    wrong = [("Activation Date", 50, "Process Start Date", 49), ("Protect Stop Date", 51, "Deactivation Date", 50)]
    for first, one, second, two in wrong:
        assert await lab.refused(lab.create(lab.attr(first, one), lab.attr(second, two))) is ResultReason.INVALID_FIELD


async def test_a_key_of_a_younger_algorithm_fails_only_its_own_item_under_an_older_version(lab):
    young = (await lab.do(a_create(lab, ALGORITHM.CHACHA20, 256))).unique_identifier
    old = await lab.key()
    answer = await lab.batch(GetRequest(unique_identifier=old), GetRequest(unique_identifier=young), version=V1_0)
    assert [item.result_reason for item in answer.batch_item] == [None, ResultReason.GENERAL_FAILURE]
    assert "later version" in answer.batch_item[1].result_message
