"""Derive Key: what is derived, how it is linked, what is refused; and Import and Export."""

from __future__ import annotations

import hashlib

import pytest
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    DerivationMethod,
    HashingAlgorithm,
    KeyFormatType,
    LinkType,
    ObjectType,
    ResultReason,
    SecretDataType,
    State,
)
from kmip_server.messages import (
    Attributes,
    CryptographicParameters,
    DerivationParameters,
    DeriveKeyRequest,
    DestroyRequest,
    ExportRequest,
    GetAttributesRequest,
    GetRequest,
    ImportRequest,
    KeyBlock,
    KeyValue,
    Link,
    RegisterRequest,
    SecretData,
    SymmetricKey,
    TemplateAttribute,
)
from kmip_server.versions import V1_0, V1_2, V1_4, V2_0, V2_1

ALGORITHM, MASK, METHOD = CryptographicAlgorithm, CryptographicUsageMask, DerivationMethod
VERSIONS = [V1_0, V1_2, V1_4, V2_0, V2_1]
KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
SHA_256 = CryptographicParameters(hashing_algorithm=HashingAlgorithm.SHA_256)


def named(attributes, version):
    return {"template_attribute": TemplateAttribute(attribute=attributes)} if version < V2_0 else {"attributes": Attributes(attributes)}


async def a_base(lab, *, secret=None, mask=MASK.DERIVE_KEY, active=True, version=V1_4):
    """An Active key, or a secret, to derive from."""
    dated = (lab.attr("Activation Date", int(lab.now[0]) - 3600),) if active else ()
    given = (lab.attr("Cryptographic Usage Mask", mask), *dated)
    if secret is None:
        block = KeyBlock(
            key_format_type=KeyFormatType.RAW,
            key_value=KeyValue(key_material=KEY),
            cryptographic_algorithm=ALGORITHM.AES,
            cryptographic_length=128,
        )
        kind, held = ObjectType.SYMMETRIC_KEY, SymmetricKey(key_block=block)
    else:
        block = KeyBlock(key_format_type=KeyFormatType.OPAQUE, key_value=KeyValue(key_material=secret))
        kind, held = ObjectType.SECRET_DATA, SecretData(secret_data_type=SecretDataType.SEED, key_block=block)
    request = RegisterRequest(object_type=kind, managed_object=held, **named(given, version))
    return (await lab.do(request, version=version)).unique_identifier


def a_derivation(lab, *bases, method, version=V1_4, bits=128, kind=ObjectType.SYMMETRIC_KEY, algorithm=ALGORITHM.AES, **parameters):
    attributes = [lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT)]
    attributes += [lab.attr("Cryptographic Algorithm", algorithm)] if algorithm is not None else []
    attributes += [lab.attr("Cryptographic Length", bits)] if bits is not None else []
    return DeriveKeyRequest(
        object_type=kind,
        unique_identifier=bases,
        derivation_method=method,
        derivation_parameters=DerivationParameters(**parameters),
        **named(tuple(attributes), version),
    )


async def material_of(lab, made, version=V1_4):
    got = await lab.do(GetRequest(unique_identifier=made.unique_identifier), version=version)
    return got.managed_object.key_block.key_value.key_material


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_a_key_from_a_hash_from_an_hmac_and_from_a_password(lab, version):
    key, password = await a_base(lab, version=version), await a_base(lab, secret=b"password", version=version)
    for bases, method, said, expected in (
        ((key,), METHOD.HASH, {"cryptographic_parameters": SHA_256}, "a8faed6abbf35c12a4b26e40f6feb19d"),
        (
            (key,),
            METHOD.HMAC,
            {"cryptographic_parameters": SHA_256, "derivation_data": (b"\x01\x02",)},
            "1e15c1f1da233629f770fb0a04a5020e",
        ),
        ((password,), METHOD.PBKDF2, {"salt": b"salt", "iteration_count": 4096}, "4b007901b765489abead49d926f721d0"),
    ):
        made = await lab.do(a_derivation(lab, *bases, method=method, version=version, **said), version=version)
        assert (await material_of(lab, made, version)).hex() == expected


async def test_slow_derivations_give_the_same(lab):
    password = await a_base(lab, secret=b"password")
    made = await lab.do(a_derivation(lab, password, method=METHOD.PBKDF2, salt=b"salt", iteration_count=16777, bits=128))

    assert await material_of(lab, made) == hashlib.pbkdf2_hmac("sha1", b"password", b"salt", 16777, 16)


@pytest.mark.parametrize("version", [V1_4, V2_1], ids=str)
async def test_links_go_both_ways_and_a_secret_may_be_the_data(lab, version):
    key, data = await a_base(lab), await a_base(lab, secret=b"\x01\x02")
    request = a_derivation(lab, key, data, method=METHOD.HMAC, cryptographic_parameters=SHA_256, version=version)
    made = await lab.do(request, version=version)
    assert (await material_of(lab, made)).hex() == "1e15c1f1da233629f770fb0a04a5020e"
    got = await lab.do(GetAttributesRequest(unique_identifier=made.unique_identifier, attribute_name=("Link",)))
    assert [one.attribute_value for one in got.attribute] == [
        Link(link_type=LinkType.DERIVATION_BASE_OBJECT_LINK, linked_object_identifier=base) for base in (key, data)
    ]
    for base in (key, data):
        link = (await lab.values(base, "Link"))["Link"]
        assert link == Link(link_type=LinkType.DERIVED_KEY_LINK, linked_object_identifier=made.unique_identifier)
    again = await lab.do(request, version=version)
    links = await lab.do(GetAttributesRequest(unique_identifier=key, attribute_name=("Link",)))
    assert [one.attribute_index or 0 for one in links.attribute] == [0, 1]
    assert again.unique_identifier != made.unique_identifier


@pytest.mark.parametrize("version", VERSIONS, ids=str)
async def test_a_secret_is_derived_in_the_length_asked_for(lab, version):
    key = await a_base(lab, version=version)
    request = a_derivation(
        lab,
        key,
        method=METHOD.NIST800_108_C,
        kind=ObjectType.SECRET_DATA,
        algorithm=None,
        bits=1024,
        version=version,
        cryptographic_parameters=SHA_256,
        derivation_data=(b"label\x00context",),
    )
    made = await lab.do(request, version=version)
    assert len(await material_of(lab, made, version)) == 128
    used_next = await lab.batch(request, GetRequest(), version=version)
    assert used_next.batch_item[1].response_payload.unique_identifier == used_next.batch_item[0].response_payload.unique_identifier


@pytest.mark.parametrize(
    ("what", "reason", "reason_2"),
    [
        ({"bits": None}, ResultReason.INVALID_FIELD, ResultReason.INVALID_FIELD),
        ({"bits": 129}, ResultReason.INVALID_FIELD, ResultReason.INVALID_FIELD),
        ({"algorithm": None}, ResultReason.INVALID_FIELD, ResultReason.INVALID_FIELD),
        ({"algorithm": ALGORITHM.RSA}, ResultReason.INVALID_FIELD, ResultReason.INVALID_FIELD),
        ({"kind": ObjectType.PRIVATE_KEY}, ResultReason.INVALID_FIELD, ResultReason.INVALID_OBJECT_TYPE),
        ({"cryptographic_parameters": None}, ResultReason.INVALID_FIELD, ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS),
        ({"derivation_data": (b"data",)}, ResultReason.INVALID_MESSAGE, ResultReason.INVALID_MESSAGE),
        ({"method": METHOD.PBKDF2, "derivation_data": (b"data",)}, ResultReason.INVALID_MESSAGE, ResultReason.INVALID_MESSAGE),
        ({"method": METHOD.PBKDF2}, ResultReason.INVALID_FIELD, ResultReason.INVALID_FIELD),
        ({"method": METHOD.ASYMMETRIC_KEY}, ResultReason.INVALID_FIELD, ResultReason.INVALID_FIELD),
        (
            {"kind": ObjectType.SECRET_DATA, "algorithm": None, "bits": 512},
            ResultReason.CRYPTOGRAPHIC_FAILURE,
            ResultReason.CRYPTOGRAPHIC_FAILURE,
        ),
    ],
    ids=str,
)
async def test_derivations_that_are_refused(lab, what, reason, reason_2):
    key = await a_base(lab)
    how = {"method": METHOD.HASH, "cryptographic_parameters": SHA_256} | what
    assert await lab.refused(a_derivation(lab, key, **how)) is reason
    assert await lab.refused(a_derivation(lab, key, **how, version=V2_1), version=V2_1) is reason_2


async def test_objects_that_cannot_be_derived_from(lab):
    how = {"method": METHOD.HASH, "cryptographic_parameters": SHA_256}
    for base, reason, reason_2 in (
        ("nowhere", ResultReason.ITEM_NOT_FOUND, ResultReason.OBJECT_NOT_FOUND),
        (
            await a_base(lab, mask=MASK.ENCRYPT),
            ResultReason.INVALID_FIELD,
            ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
        ),
        (await a_base(lab, active=False), ResultReason.INVALID_FIELD, ResultReason.WRONG_KEY_LIFECYCLE_STATE),
    ):
        assert await lab.refused(a_derivation(lab, base, **how)) is reason
        assert await lab.refused(a_derivation(lab, base, **how, version=V2_1), version=V2_1) is reason_2


async def exported(lab, key, version):
    out = await lab.do(ExportRequest(unique_identifier=key), version=version)
    return out, out.attribute if version < V2_0 else out.attributes.attribute


def an_import(out, attributes, version, identifier=None, **more):
    given = {"attribute": attributes} if version < V2_0 else {"attributes": Attributes(attributes), "object_type": out.object_type}
    return ImportRequest(unique_identifier=identifier or out.unique_identifier, managed_object=out.managed_object, **given, **more)


@pytest.mark.parametrize("version", [V1_4, V2_0, V2_1], ids=str)
async def test_what_is_exported_can_be_imported_as_it_was(lab, version):
    key = await a_base(lab, version=version)
    out, attributes = await exported(lab, key, version)
    assert out.managed_object.key_block.key_value == KeyValue(key_material=KEY)
    lab.now[0] += 1000
    assert await lab.refused(an_import(out, attributes, version), version=version) is ResultReason.OBJECT_ALREADY_EXISTS
    await lab.do(an_import(out, attributes, version, replace_existing=True), version=version)
    assert (await exported(lab, key, version))[1] == attributes
    elsewhere = await lab.do(an_import(out, attributes, version), version=version, peer=lab.other)
    assert elsewhere.unique_identifier == key
    assert (await lab.do(GetRequest(unique_identifier=key), version=version, peer=lab.other)).managed_object == out.managed_object


@pytest.mark.parametrize("version", [V1_4, V2_1], ids=str)
async def test_another_identifier_another_state_and_other_attributes(lab, version):
    key = await a_base(lab, active=False, version=version)
    out, attributes = await exported(lab, key, version)
    kept = tuple(one for one in attributes if one.attribute_name not in ("Unique Identifier", "State", "Short Unique Identifier"))
    given = (*kept, lab.attr("State", State.COMPROMISED))
    await lab.do(an_import(out, given, version, identifier="my own"), version=version)
    assert (await lab.values("my own", "State"))["State"] is State.COMPROMISED
    wrong = (*kept, lab.attr("Unique Identifier", key))
    refused = await lab.refused(an_import(out, wrong, version, identifier="another"), version=version)
    assert refused is (ResultReason.INVALID_FIELD if version < V2_0 else ResultReason.INVALID_ATTRIBUTE_VALUE)
    twice = (*kept, lab.attr("Initial Date", 5))
    refused = await lab.refused(an_import(out, twice, version, identifier="another"), version=version)
    assert refused is (ResultReason.INVALID_FIELD if version < V2_0 else ResultReason.ATTRIBUTE_SINGLE_VALUED)
    assert await lab.refused(an_import(out, kept, version, identifier="x" * 300), version=version) is ResultReason.INVALID_FIELD


@pytest.mark.parametrize("version", [V1_4, V2_1], ids=str)
async def test_of_a_destroyed_key_the_attributes_are_exported(lab, version):
    key = await a_base(lab, active=False, version=version)
    out, attributes = await exported(lab, key, version)
    await lab.do(DestroyRequest(unique_identifier=key), version=version)
    gone, left = await exported(lab, key, version)
    assert gone.managed_object.key_block.key_value is None
    assert next(one.attribute_value for one in left if one.attribute_name == "State") is State.DESTROYED
    await lab.do(an_import(out, attributes, version, replace_existing=True), version=version)
    assert (await exported(lab, key, version)) == (out, attributes)


async def test_what_must_not_be_got_is_not_exported(lab):
    key = await lab.key(lab.attr("Sensitive", True))
    assert await lab.refused(ExportRequest(unique_identifier=key)) is ResultReason.SENSITIVE
