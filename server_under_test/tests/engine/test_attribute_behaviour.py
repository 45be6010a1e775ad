"""Every attribute does what its row says (KMIP 1.4, 3; 2.1, 4): always there, set by whom, modifiable, deletable, several, set implicitly.

That the rows say what the documents say is held by ``test_attribute_rules.py``; here the server is asked to do it, on an object of the
first type that may have the attribute, mostly a Pre-Active one. What is not tried here has its reason in `ELSEWHERE`.
"""

from __future__ import annotations

import dataclasses

import pytest
from attribute_evidence import ELSEWHERE, SET_AT_CREATION, SET_BY_STATE
from kmip_server.attributes import Permission, rules_by_name
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectType,
    ResultReason,
    ResultStatus,
    State,
    UsageLimitsUnit,
    VersionedEnum,
    VersionedMask,
)
from kmip_server.messages import AddAttributeRequest, Attributes, DeleteAttributeRequest, ModifyAttributeRequest, UsageLimits
from kmip_server.versions import V1_4, V2_1
from museum import ARCHIVED, exhibit, holdings
from specimens import value

REASON = ResultReason
READ_ONLY = {
    REASON.PERMISSION_DENIED,
    REASON.READ_ONLY_ATTRIBUTE,
    REASON.ATTRIBUTE_READ_ONLY,
    REASON.OBJECT_ARCHIVED,
    REASON.OBJECT_DESTROYED,
}
NO_SECOND = {REASON.ILLEGAL_OPERATION, REASON.ATTRIBUTE_SINGLE_VALUED, *READ_ONLY}
SOON = 1_700_000_500

GIVEN = {"Cryptographic Usage Mask"}
"""What the objects here are registered with."""

TYPE_FOR = {"Quantum Safe": ObjectType.SYMMETRIC_KEY}

VALUES = {
    "Activation Date": (SOON, SOON + 1),
    "Process Start Date": (SOON + 10, SOON + 11),
    "Protect Stop Date": (SOON + 20, SOON + 21),
    "Deactivation Date": (SOON + 30, SOON + 31),
    "Usage Limits": tuple(UsageLimits(usage_limits_total=total, usage_limits_unit=UsageLimitsUnit.BYTE) for total in (100, 200)),
    "Cryptographic Algorithm": (CryptographicAlgorithm.AES, CryptographicAlgorithm.RSA),
    "Cryptographic Usage Mask": (CryptographicUsageMask.SIGN, CryptographicUsageMask.VERIFY),
}
"""Two values for attributes that do not take any."""

EVERY_ATTRIBUTE = [
    pytest.param(name, version, id=f"{version}-{name}")
    for version in (V1_4, V2_1)
    for name in rules_by_name(version)
    if name not in ELSEWHERE
]


def state_for(name):
    state = SET_BY_STATE.get(name, "PRE_ACTIVE")
    return ARCHIVED if state == "ARCHIVED" else State[state]


def a_value(rule, version):
    return VALUES[rule.name][0] if rule.name in VALUES else value(rule.written_by_tag, version)


def other_than(held, rule, version):
    """Another value than the attribute has."""
    return VALUES[rule.name][1] if rule.name in VALUES else changed(held, version)


def changed(held, version):
    if isinstance(held, bool):
        return not held
    if isinstance(held, VersionedMask):
        return type(held)(int(held) ^ 2)
    if isinstance(held, VersionedEnum):
        return next(one for one in type(held).of(version) if one is not held)
    if isinstance(held, int):
        return held + 1
    if isinstance(held, str | bytes):
        return held + held
    field = next(field.name for field in dataclasses.fields(held) if getattr(held, field.name) is not None)
    return dataclasses.replace(held, **{field: changed(getattr(held, field), version)})


class Trial:
    """One attribute of one object, and what a client may do to it."""

    def __init__(self, lab, version, name):
        self.lab, self.version, self.name = lab, version, name
        self.rule = rules_by_name(version)[name]

    async def begin(self):
        object_type = TYPE_FOR.get(self.name) or next(
            one for one in holdings() if one in self.rule.applies_to and one.exists_in(self.version)
        )
        self.key = await exhibit(self.lab, object_type, state_for(self.name))

    def one(self, held):
        return self.lab.attr(self.name, held)

    async def held(self):
        return (await self.lab.values(self.key, self.name, version=self.version)).get(self.name)

    async def is_added(self, new):
        one = self.one(new)
        return await self.is_done(AddAttributeRequest(unique_identifier=self.key, attribute=one, new_attribute=Attributes((one,))))

    async def is_modified(self, old, new):
        one, before = self.one(new), Attributes((self.one(old),))
        request = ModifyAttributeRequest(
            unique_identifier=self.key, attribute=one, current_attribute=before, new_attribute=Attributes((one,))
        )
        return await self.is_done(request)

    async def is_deleted(self, old):
        current = Attributes((self.one(old),))
        return await self.is_done(DeleteAttributeRequest(unique_identifier=self.key, attribute_name=self.name, current_attribute=current))

    async def is_done(self, request):
        item = await self.lab.ask(request, version=self.version)
        if item.result_status is ResultStatus.SUCCESS:
            return True
        assert item.result_reason in NO_SECOND, (item.result_reason, item.result_message)
        return False


@pytest.mark.parametrize(("name", "version"), EVERY_ATTRIBUTE)
async def test_an_attribute_does_what_its_row_says(lab, name, version):
    trial = Trial(lab, version, name)
    rule = trial.rule
    await trial.begin()
    first = await trial.held()
    implicit = first is not None
    assert implicit or not rule.always, "it SHALL always have a value"
    assert implicit == (name in SET_AT_CREATION | set(SET_BY_STATE) | GIVEN), "whether it is set implicitly"
    if not implicit:
        assert await trial.is_added(a_value(rule, version)) == rule.addable, "who sets it initially"
        first = await trial.held()
    assert first is not None, "what no object has is tested elsewhere"
    modified = await trial.is_modified(first, other_than(first, rule, version))
    assert modified == (rule.modifiable is not Permission.NEVER), "whether a client may modify it"
    again = await trial.held()
    assert (again != first) == modified
    assert await trial.is_added(a_value(rule, version)) == (rule.multiple and rule.addable), "whether there may be several"
    assert await trial.is_deleted(again) == (rule.deletable is not Permission.NEVER), "whether a client may delete it"
