"""Every operation can succeed under every version that has it: some usual request does, with some object."""

from __future__ import annotations

from itertools import chain

import pytest
from kmip_server.enums import ObjectType, Operation, ResultStatus, State, UsageLimitsUnit
from kmip_server.messages import AddAttributeRequest, Attributes, CreateKeyPairRequest, LoginRequest, UsageLimits
from kmip_server.operations.table import offered_operations
from kmip_server.personality import REFERENCE
from kmip_server.versions import VERSIONS
from museum import exhibit
from sensible import PAIR, naming, requests_of, requests_with_attributes, with_attributes
from specimens import specimen
from written import items_of

NEED_MORE = {
    Operation.CANCEL: "`test_asynchronous.py`",
    Operation.POLL: "`test_asynchronous.py`",
    Operation.PROCESS: "`test_asynchronous.py`",
    Operation.JOIN_SPLIT_KEY: "`test_split_keys.py`",
    Operation.LOGOUT: "`test_sessions.py`",
    Operation.RE_PROVISION: "needs a certificate",
    Operation.SET_ENDPOINT_ROLE: "needs a connection",
    Operation.RE_CERTIFY: "`test_certification.py`",
    Operation.CREATE_SPLIT_KEY: "`test_split_keys.py`",
    Operation.IMPORT: "`test_derive_key.py`",
}
"""Operations that succeed after others only, and have tests of their own."""

EVERY = [
    pytest.param(operation, version, id=f"{version}-{operation.name}")
    for version in VERSIONS
    for operation in offered_operations(version, REFERENCE)
    if operation not in NEED_MORE
]


async def somebody(lab, object_type, state, version):
    """An object with what operations need beside it."""
    key = await exhibit(lab, object_type, state)
    limits = UsageLimits(usage_limits_total=1 << 40, usage_limits_unit=UsageLimitsUnit.BYTE)
    for one in (lab.attr("Contact Information", "text"), lab.attr("Usage Limits", limits)):
        await lab.ask(AddAttributeRequest(unique_identifier=key, attribute=one, new_attribute=Attributes((one,))), version=version)
    return key


async def keys(lab, version):
    for object_type in (ObjectType.SYMMETRIC_KEY, ObjectType.PRIVATE_KEY, ObjectType.PUBLIC_KEY, ObjectType.CERTIFICATE):
        for state in (State.PRE_ACTIVE, State.ACTIVE):
            yield await somebody(lab, object_type, state, version)
    pair = with_attributes(specimen(CreateKeyPairRequest, version, rich=False), PAIR, version)
    made = await lab.do(pair, version=version)
    yield made.private_key_unique_identifier
    yield made.public_key_unique_identifier


@pytest.mark.parametrize(("operation", "version"), EVERY)
async def test_it_succeeds(lab, operation, version):
    if operation is Operation.LOGIN:
        await lab.do(LoginRequest(), version=version)
        return
    async for key in keys(lab, version):
        for payload in chain(requests_of(operation, version), requests_with_attributes(operation, version)):
            (item,) = items_of((await lab.send(lab.request(naming(payload, key), version=version))).data)
            if item.status == ResultStatus.SUCCESS:
                return
    pytest.fail("none of the usual requests succeeds")
