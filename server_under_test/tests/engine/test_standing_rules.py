"""Set Defaults, Set Constraints, Get Constraints, and what Query says of defaults (KMIP 2.1)."""

from __future__ import annotations

import pytest
from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, ObjectType, QueryFunction, ResultReason
from kmip_server.messages import (
    Attributes,
    Constraint,
    Constraints,
    CreateRequest,
    DefaultsInformation,
    GetConstraintsRequest,
    ObjectDefaults,
    ObjectGroups,
    ObjectTypes,
    QueryRequest,
    SetConstraintsRequest,
    SetDefaultsRequest,
    TemplateAttribute,
)
from kmip_server.personality import KMIP_FOR_VMWARE
from kmip_server.versions import V1_4, V2_0, V2_1

REASON = ResultReason
KEYS = ObjectTypes((ObjectType.SYMMETRIC_KEY,))
MASK = CryptographicUsageMask


@pytest.fixture(autouse=True)
def under_2_1(lab):
    lab.version = V2_1


def attributes(lab, **values):
    return Attributes(tuple(lab.attr(name.replace("_", " ").title(), value) for name, value in values.items()))


def bare(lab, **values):
    return CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, attributes=attributes(lab, **values))


async def constrain(lab, *constraints, **options):
    await lab.do(SetConstraintsRequest(constraints=Constraints(constraints)), **options)


async def default(lab, *defaults):
    await lab.do(SetDefaultsRequest(defaults_information=DefaultsInformation(defaults)))


async def made(lab, **values):
    key = (await lab.do(bare(lab, **values))).unique_identifier
    return await lab.values(key)


async def test_constraints_are_kept_as_they_were_set(lab):
    constraint = Constraint(KEYS, ObjectGroups(("g",)), attributes(lab, cryptographic_length=256))
    await constrain(lab, constraint, Constraint(KEYS))
    assert (await lab.do(GetConstraintsRequest())).constraints == Constraints((constraint, Constraint(KEYS)))
    assert (await lab.do(GetConstraintsRequest(), peer=lab.other)).constraints == Constraints()
    await lab.do(SetConstraintsRequest())
    assert (await lab.do(GetConstraintsRequest())).constraints == Constraints()


async def test_they_outlive_the_server(tmp_path, make_lab):
    first = make_lab(tmp_path)
    await constrain(first, Constraint(KEYS), version=V2_1)
    first.close()
    again = make_lab(tmp_path)
    assert (await again.do(GetConstraintsRequest(), version=V2_1)).constraints == Constraints((Constraint(KEYS),))
    again.close()


@pytest.mark.parametrize("version", [V1_4, V2_0, V2_1], ids=str)
async def test_a_new_object_must_satisfy_one_of_them(lab, version):
    await constrain(
        lab,
        Constraint(KEYS, attributes=attributes(lab, cryptographic_length=128)),
        Constraint(KEYS, ObjectGroups(("big",)), attributes(lab, cryptographic_length=256)),
    )
    lab.version = version
    refusal = REASON.CONSTRAINT_VIOLATION if version >= V2_1 else REASON.GENERAL_FAILURE if version == V2_0 else REASON.PERMISSION_DENIED
    assert await lab.refused(lab.create()) is refusal
    await lab.do(lab.create(lab.attr("Object Group", "big")))
    assert (await lab.ask(short(lab, "big"))).result_reason is refusal
    await lab.do(short(lab, "small"))
    await lab.do(lab.create(), peer=lab.other)


def short(lab, group):
    """Create of a key of 128 bits in this group."""
    given = (*lab.create().attributes.attribute[:-1], lab.attr("Cryptographic Length", 128), lab.attr("Object Group", group))
    return CreateRequest(
        object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute((), given), attributes=Attributes(given)
    )


async def test_an_attribute_has_one_of_the_values_and_a_mask_no_more_bits(lab):
    lengths = [lab.attr("Cryptographic Length", bits) for bits in (128, 256)]
    mask = lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT | MASK.DECRYPT | MASK.MAC_GENERATE)
    await constrain(lab, Constraint(KEYS, attributes=Attributes((*lengths, mask))))
    await made(lab, cryptographic_length=128, cryptographic_usage_mask=MASK.ENCRYPT)
    assert await lab.refused(bare(lab, cryptographic_length=192)) is REASON.CONSTRAINT_VIOLATION
    assert await lab.refused(bare(lab, cryptographic_usage_mask=MASK.ENCRYPT | MASK.WRAP_KEY)) is REASON.CONSTRAINT_VIOLATION


async def test_constraints_on_other_types_do_not_matter(lab):
    await constrain(lab, Constraint(ObjectTypes((ObjectType.SECRET_DATA,)), attributes=attributes(lab, comment="must be")))
    await made(lab)


@pytest.mark.parametrize(
    "types", [ObjectTypes((ObjectType.SYMMETRIC_KEY,)), ObjectTypes((ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA))]
)
async def test_defaults_fill_in_what_is_left_out(lab, types):
    await default(lab, ObjectDefaults(object_types=types, attributes=attributes(lab, cryptographic_length=192, comment="by default")))
    values = await made(lab)
    assert (values["Cryptographic Length"], values["Comment"]) == (192, "by default")
    assert values["Cryptographic Algorithm"] is CryptographicAlgorithm.AES
    assert (await made(lab, cryptographic_length=128))["Cryptographic Length"] == 128
    await lab.do(SetDefaultsRequest())
    assert (await made(lab))["Cryptographic Length"] == 256


async def test_defaults_of_a_group_go_before_those_of_all(lab):
    everywhere = ObjectDefaults(object_type=ObjectType.SYMMETRIC_KEY, attributes=attributes(lab, comment="all", description="all"))
    group = ObjectDefaults(object_types=KEYS, attributes=attributes(lab, comment="group"), object_groups=ObjectGroups(("g",)))
    await default(lab, everywhere, group)
    assert (await made(lab))["Comment"] == "all"
    values = await made(lab, object_group="g")
    assert (values["Comment"], values["Description"]) == ("group", "all")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda lab: ObjectDefaults(attributes=Attributes()),
        lambda lab: ObjectDefaults(object_types=KEYS, attributes=attributes(lab, initial_date=5)),
        lambda lab: ObjectDefaults(object_types=KEYS, attributes=attributes(lab, certificate_length=5)),
    ],
    ids=["no type", "read-only", "of another type"],
)
async def test_what_cannot_be_a_default(lab, wrong):
    request = SetDefaultsRequest(defaults_information=DefaultsInformation((wrong(lab),)))
    assert await lab.refused(request) is REASON.INVALID_FIELD


async def test_a_constraint_speaks_of_what_there_is(lab):
    constraints = Constraints((Constraint(KEYS, attributes=attributes(lab, certificate_length=5)),))
    assert await lab.refused(SetConstraintsRequest(constraints=constraints)) is REASON.INVALID_FIELD


async def told(lab, *groups, **options):
    asked = QueryRequest(query_function=(QueryFunction.QUERY_DEFAULTS_INFORMATION,), object_groups=ObjectGroups(groups) if groups else None)
    return (await lab.do(asked, **options)).defaults_information.object_defaults


async def test_query_tells_the_defaults_of_the_client_and_of_the_server(lab):
    group = ObjectDefaults(object_types=KEYS, attributes=attributes(lab, comment="group"), object_groups=ObjectGroups(("g",)))
    other = ObjectDefaults(object_types=KEYS, attributes=attributes(lab, comment="all"))
    builtin = await told(lab)
    assert {one.object_type for one in builtin} >= {ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA}
    await default(lab, group, other)
    assert (await told(lab))[:2] == (group, other)
    assert (await told(lab, "g"))[:2] == (group, other)
    assert (await told(lab, peer=lab.other)) == builtin
    older = ObjectDefaults(object_type=ObjectType.SYMMETRIC_KEY, attributes=attributes(lab, comment="all"))
    assert (await told(lab, version=V2_0))[0] == older
    await lab.key(lab.attr("Object Group", "h"))
    assert (await told(lab, "h"))[0] == other


async def test_an_unknown_group_has_no_defaults(lab):
    asked = QueryRequest(query_function=(QueryFunction.QUERY_DEFAULTS_INFORMATION,), object_groups=ObjectGroups(("nobody's",)))
    assert await lab.refused(asked) is REASON.UNKNOWN_OBJECT_GROUP


async def test_where_none_can_be_set_none_are_looked_for(lab):
    await constrain(lab, Constraint(KEYS, attributes=attributes(lab, cryptographic_length=128)))
    await lab.as_personality(KMIP_FOR_VMWARE).do(lab.create(), version=V1_4)
