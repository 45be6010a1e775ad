"""Create Key Pair and Re-key Key Pair: what is made, in which format, who knows whom, and what is refused."""

from __future__ import annotations

import pytest
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    KeyCompressionType,
    KeyFormatType,
    LinkType,
    NameType,
    ObjectType,
    ProtectionStorageMask,
    RecommendedCurve,
    ResultReason,
    State,
)
from kmip_server.messages import (
    ActivateRequest,
    Attributes,
    CreateKeyPairRequest,
    CryptographicDomainParameters,
    DestroyRequest,
    GetAttributesRequest,
    GetRequest,
    Link,
    LocateRequest,
    Name,
    ProtectionStorageMasks,
    RegisterRequest,
    ReKeyKeyPairRequest,
    Template,
    TemplateAttribute,
)
from kmip_server.versions import V1_0, V1_1, V1_2, V1_4, V2_0, V2_1

ALGORITHM, MASK, FORM = CryptographicAlgorithm, CryptographicUsageMask, KeyFormatType


def a_pair(lab, *common, private=(), public=(), version=V1_4):
    sign, verify = lab.attr("Cryptographic Usage Mask", MASK.SIGN), lab.attr("Cryptographic Usage Mask", MASK.VERIFY)
    if version >= V2_0:
        return CreateKeyPairRequest(
            common_attributes=Attributes(common),
            private_key_attributes=Attributes((sign, *private)),
            public_key_attributes=Attributes((verify, *public)),
        )
    return CreateKeyPairRequest(
        common_template_attribute=TemplateAttribute(attribute=common),
        private_key_template_attribute=TemplateAttribute(attribute=(sign, *private)),
        public_key_template_attribute=TemplateAttribute(attribute=(verify, *public)),
    )


def algorithm(lab, which, length=None, curve=None):
    said = [lab.attr("Cryptographic Algorithm", which)]
    said += [lab.attr("Cryptographic Length", length)] if length else []
    said += [lab.attr("Cryptographic Domain Parameters", CryptographicDomainParameters(recommended_curve=curve))] if curve else []
    return said


async def block_of(lab, unique_identifier, version=V1_4, **how):
    return (await lab.do(GetRequest(unique_identifier=unique_identifier, **how), version=version)).managed_object.key_block


KINDS = [
    (V1_0, ALGORITHM.RSA, 1024, None, 1024, FORM.PKCS_1, FORM.PKCS_1),
    (V1_0, ALGORITHM.ECDSA, 384, None, 384, FORM.EC_PRIVATE_KEY, FORM.X_509),
    (V1_4, ALGORITHM.EC, None, RecommendedCurve.SECP256K1, 256, FORM.EC_PRIVATE_KEY, FORM.X_509),
    (V2_1, ALGORITHM.EC, None, RecommendedCurve.P_521, 521, FORM.TRANSPARENT_EC_PRIVATE_KEY, FORM.TRANSPARENT_EC_PUBLIC_KEY),
    (V2_1, ALGORITHM.ECDH, None, RecommendedCurve.CURVE25519, 256, FORM.PKCS_8, FORM.X_509),
    (V2_1, ALGORITHM.ED25519, None, None, 256, FORM.PKCS_8, FORM.X_509),
    (V1_4, ALGORITHM.DSA, 1024, None, 1024, FORM.TRANSPARENT_DSA_PRIVATE_KEY, FORM.TRANSPARENT_DSA_PUBLIC_KEY),
    (V1_4, ALGORITHM.DH, None, None, 2048, FORM.TRANSPARENT_DH_PRIVATE_KEY, FORM.TRANSPARENT_DH_PUBLIC_KEY),
]


@pytest.mark.parametrize(("version", "which", "length", "curve", "bits", "private", "public"), KINDS)
async def test_pairs_of_every_kind(lab, version, which, length, curve, bits, private, public):
    made = await lab.do(a_pair(lab, *algorithm(lab, which, length, curve), version=version), version=version)
    one, other = made.private_key_unique_identifier, made.public_key_unique_identifier
    for unique_identifier, form in ((one, private), (other, public)):
        block = await block_of(lab, unique_identifier, version)
        assert (block.key_format_type, block.cryptographic_algorithm, block.cryptographic_length) == (form, which, bits)
    told = await lab.values(one, "Object Type", "Link", "Cryptographic Usage Mask", "Digest", "State", "Cryptographic Length")
    assert told["Object Type"] is ObjectType.PRIVATE_KEY
    assert told["Link"] == Link(LinkType.PUBLIC_KEY_LINK, other)
    assert told["Cryptographic Usage Mask"] is MASK.SIGN
    assert told["Digest"].key_format_type is private
    assert told["State"] is State.PRE_ACTIVE
    assert told["Cryptographic Length"] == bits
    told = await lab.values(other, "Object Type", "Link", "Cryptographic Usage Mask")
    expected = {"Object Type": ObjectType.PUBLIC_KEY, "Link": Link(LinkType.PRIVATE_KEY_LINK, one), "Cryptographic Usage Mask": MASK.VERIFY}
    assert told == expected


async def test_the_id_placeholder_is_the_private_key(lab):
    answer = await lab.batch(a_pair(lab, *algorithm(lab, ALGORITHM.RSA, 1024)), GetRequest())
    got = answer.batch_item[1].response_payload
    assert got.object_type is ObjectType.PRIVATE_KEY
    assert got.unique_identifier == answer.batch_item[0].response_payload.private_key_unique_identifier


async def test_a_format_that_the_client_asks_for(lab):
    wanted = a_pair(
        lab,
        *algorithm(lab, ALGORITHM.RSA, 1024),
        private=(lab.attr("Key Format Type", FORM.PKCS_8),),
        public=(lab.attr("Key Format Type", FORM.X_509),),
        version=V2_1,
    )
    made = await lab.do(wanted, version=V2_1)
    assert (await block_of(lab, made.private_key_unique_identifier, V2_1)).key_format_type is FORM.PKCS_8
    assert (await block_of(lab, made.public_key_unique_identifier, V2_1)).key_format_type is FORM.X_509
    refused = a_pair(lab, *algorithm(lab, ALGORITHM.RSA, 1024), private=(lab.attr("Key Format Type", FORM.EC_PRIVATE_KEY),), version=V2_1)
    assert await lab.refused(refused, version=V2_1) is ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED


async def test_own_attributes_go_before_common_ones_and_multiple_ones_come_together(lab):
    contact = lab.attr("Contact Information", "both")
    wanted = a_pair(
        lab,
        *algorithm(lab, ALGORITHM.RSA, 1024),
        contact,
        lab.attr("Object Group", "g1"),
        private=(lab.attr("Contact Information", "mine"), lab.attr("Object Group", "g2"), lab.named("p")),
    )
    made = await lab.do(wanted)
    assert (await lab.values(made.private_key_unique_identifier, "Contact Information"))["Contact Information"] == "mine"
    assert (await lab.values(made.public_key_unique_identifier, "Contact Information"))["Contact Information"] == "both"
    for group, found in (("g1", 2), ("g2", 1)):
        located = await lab.do(LocateRequest(attribute=(lab.attr("Object Group", group),)))
        assert len(located.unique_identifier) == found


async def test_both_are_made_or_none(lab):
    taken = lab.named("taken")
    await lab.key(taken)
    wanted = a_pair(lab, *algorithm(lab, ALGORITHM.RSA, 1024), public=(taken,))
    assert await lab.refused(wanted) is ResultReason.INVALID_FIELD
    keys = await lab.do(LocateRequest(attribute=(lab.attr("Cryptographic Algorithm", ALGORITHM.RSA),)))
    assert keys.unique_identifier == ()


async def test_what_is_no_pair(lab):
    no_mask = CreateKeyPairRequest(common_template_attribute=TemplateAttribute(attribute=tuple(algorithm(lab, ALGORITHM.RSA, 1024))))
    assert await lab.refused(no_mask) is ResultReason.MISSING_DATA
    assert await lab.refused(a_pair(lab)) is ResultReason.MISSING_DATA
    assert await lab.refused(a_pair(lab, *algorithm(lab, ALGORITHM.AES, 256))) is ResultReason.INVALID_FIELD
    assert await lab.refused(a_pair(lab, *algorithm(lab, ALGORITHM.RSA, 123))) is ResultReason.INVALID_FIELD
    differing = a_pair(lab, *algorithm(lab, ALGORITHM.RSA), private=(lab.attr("Cryptographic Length", 1024),))
    assert await lab.refused(differing) is ResultReason.INVALID_FIELD
    qlength = lab.attr("Cryptographic Domain Parameters", CryptographicDomainParameters(qlength=7))
    assert await lab.refused(a_pair(lab, *algorithm(lab, ALGORITHM.DSA, 1024), qlength)) is ResultReason.INVALID_FIELD


async def test_defaults_of_2_x(lab):
    made = await lab.do(CreateKeyPairRequest(), version=V2_1)
    told = await lab.values(
        made.private_key_unique_identifier, "Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask"
    )
    assert told == {"Cryptographic Algorithm": ALGORITHM.RSA, "Cryptographic Length": 2048, "Cryptographic Usage Mask": MASK.SIGN}


CONVERSIONS = [
    ("private", FORM.PKCS_8),
    ("private", FORM.TRANSPARENT_RSA_PRIVATE_KEY),
    ("public", FORM.X_509),
    ("public", FORM.TRANSPARENT_RSA_PUBLIC_KEY),
]


@pytest.mark.parametrize(("half", "form"), CONVERSIONS)
async def test_get_in_another_format(lab, half, form):
    made = await lab.do(a_pair(lab, *algorithm(lab, ALGORITHM.RSA, 1024)))
    key = getattr(made, f"{half}_key_unique_identifier")
    block = await block_of(lab, key, key_format_type=form)
    assert (block.key_format_type, block.cryptographic_length) == (form, 1024)
    assert block.key_value != (await block_of(lab, key)).key_value
    wrong = GetRequest(unique_identifier=key, key_format_type=FORM.TRANSPARENT_SYMMETRIC_KEY)
    assert await lab.refused(wrong) is ResultReason.KEY_FORMAT_TYPE_NOT_SUPPORTED


async def test_a_compressed_public_key(lab):
    made = await lab.do(a_pair(lab, *algorithm(lab, ALGORITHM.EC, 256)))
    compressed = KeyCompressionType.EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME
    block = await block_of(lab, made.public_key_unique_identifier, key_compression_type=compressed, key_format_type=FORM.RAW)
    assert (block.key_compression_type, len(block.key_value.key_material)) == (compressed, 33)
    refused = GetRequest(unique_identifier=made.private_key_unique_identifier, key_compression_type=compressed)
    assert await lab.refused(refused) is ResultReason.KEY_COMPRESSION_TYPE_NOT_SUPPORTED


@pytest.mark.parametrize("version", [V1_1, V1_2, V2_1], ids=str)
async def test_a_pair_is_replaced(lab, version):
    names = {"private": lab.named("p"), "public": lab.named("q")}
    wanted = a_pair(lab, *algorithm(lab, ALGORITHM.RSA, 1024), private=(names["private"],), public=(names["public"],), version=version)
    old = await lab.do(wanted, version=version)
    await lab.do(ActivateRequest(unique_identifier=old.private_key_unique_identifier), version=version)
    new = await lab.do(ReKeyKeyPairRequest(private_key_unique_identifier=old.private_key_unique_identifier, offset=100), version=version)
    ids = {half: (getattr(old, f"{half}_key_unique_identifier"), getattr(new, f"{half}_key_unique_identifier")) for half in names}
    for half, (before, after) in ids.items():
        assert await links_of(lab, before, LinkType.REPLACEMENT_OBJECT_LINK) == [after]
        assert await links_of(lab, after, LinkType.REPLACED_OBJECT_LINK) == [before]
        found = await lab.do(LocateRequest(attribute=(names[half],)))
        assert found.unique_identifier == (after,)
    assert await links_of(lab, ids["private"][1], LinkType.PUBLIC_KEY_LINK) == [ids["public"][1]]
    assert await links_of(lab, ids["public"][1], LinkType.PRIVATE_KEY_LINK) == [ids["private"][1]]
    told = await lab.values(ids["private"][1], "Activation Date", "State", "Cryptographic Usage Mask", "Cryptographic Length")
    activation = int(lab.now[0]) + 100
    expected = {
        "Activation Date": activation,
        "State": State.PRE_ACTIVE,
        "Cryptographic Usage Mask": MASK.SIGN,
        "Cryptographic Length": 1024,
    }
    assert told == expected
    assert (await block_of(lab, ids["private"][0])).key_value != (await block_of(lab, ids["private"][1])).key_value


async def links_of(lab, unique_identifier, link_type):
    got = await lab.do(GetAttributesRequest(unique_identifier=unique_identifier, attribute_name=("Link",)))
    links = [one.attribute_value for one in got.attribute if one.attribute_name == "Link"]
    return [link.linked_object_identifier for link in links if link.link_type is link_type]


async def test_what_cannot_be_replaced(lab):
    made = await lab.do(a_pair(lab, *algorithm(lab, ALGORITHM.RSA, 1024)))
    public = ReKeyKeyPairRequest(private_key_unique_identifier=made.public_key_unique_identifier)
    assert await lab.refused(public) is ResultReason.PERMISSION_DENIED
    await lab.do(DestroyRequest(unique_identifier=made.private_key_unique_identifier))
    gone = ReKeyKeyPairRequest(private_key_unique_identifier=made.private_key_unique_identifier)
    assert await lab.refused(gone) is ResultReason.PERMISSION_DENIED
    assert await lab.refused(ReKeyKeyPairRequest(private_key_unique_identifier="nobody")) is ResultReason.ITEM_NOT_FOUND


async def test_a_template_gives_both_keys_their_algorithm(lab):
    held = Template(attribute=(*algorithm(lab, ALGORITHM.RSA, 1024), lab.attr("Contact Information", "template")))
    template = RegisterRequest(
        object_type=ObjectType.TEMPLATE, template_attribute=TemplateAttribute(attribute=(lab.named("t"),)), managed_object=held
    )
    await lab.do(template)
    name = Name(name_value="t", name_type=NameType.UNINTERPRETED_TEXT_STRING)
    wanted = CreateKeyPairRequest(
        common_template_attribute=TemplateAttribute(name=(name,)),
        private_key_template_attribute=TemplateAttribute(
            attribute=(lab.attr("Cryptographic Usage Mask", MASK.SIGN), lab.attr("Contact Information", "own"))
        ),
        public_key_template_attribute=TemplateAttribute(attribute=(lab.attr("Cryptographic Usage Mask", MASK.VERIFY),)),
    )
    made = await lab.do(wanted)
    assert (await lab.values(made.private_key_unique_identifier, "Contact Information"))["Contact Information"] == "own"
    assert (await lab.values(made.public_key_unique_identifier, "Contact Information"))["Contact Information"] == "template"


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("common_protection_storage_masks", ResultReason.PROTECTION_STORAGE_UNAVAILABLE),
        ("private_protection_storage_masks", ResultReason.PRIVATE_PROTECTION_STORAGE_UNAVAILABLE),
        ("public_protection_storage_masks", ResultReason.PUBLIC_PROTECTION_STORAGE_UNAVAILABLE),
    ],
)
async def test_storage_that_cannot_be_had(lab, field, reason):
    hardware, software = (ProtectionStorageMasks((mask,)) for mask in (ProtectionStorageMask.HARDWARE, ProtectionStorageMask.SOFTWARE))
    assert await lab.refused(CreateKeyPairRequest(**{field: hardware}), version=V2_1) is reason
    await lab.do(CreateKeyPairRequest(**{field: software}), version=V2_1)
