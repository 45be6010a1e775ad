"""Set Defaults, Set Constraints and Get Constraints (KMIP 2.1, 6.1.53, 6.1.52 and 6.1.22): rules for the objects that a client will make.

Set Constraints without Constraints removes them all, as Set Defaults does without Defaults Information: the table of 6.1.52 requires the
field, but the published test case TC-MD-24-21 leaves it out for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.attributes import attribute
from kmip_server.enums import Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import GetConstraintsResponse, SetConstraintsResponse, SetDefaultsResponse
from kmip_server.objects.birth import attributes_given, object_type_must_be_offered
from kmip_server.objects.defaults import types_of
from kmip_server.objects.standing import CONSTRAINTS, DEFAULTS, constraints_of, lay_down
from kmip_server.operations.table import operation
from kmip_server.versions import V2_1

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import (
        Constraint,
        GetConstraintsRequest,
        ObjectDefaults,
        SetConstraintsRequest,
        SetDefaultsRequest,
    )


@operation(Operation.SET_DEFAULTS, writes=True, since=V2_1)
async def set_defaults(request: SetDefaultsRequest, context: RequestContext) -> SetDefaultsResponse:
    """These, and no others from now on."""
    defaults = request.defaults_information
    for one in () if defaults is None else defaults.object_defaults:
        _can_be_supplied(one, context)
    await lay_down(DEFAULTS, defaults, context)
    return SetDefaultsResponse()


@operation(Operation.SET_CONSTRAINTS, writes=True, since=V2_1)
async def set_constraints(request: SetConstraintsRequest, context: RequestContext) -> SetConstraintsResponse:
    """These, and no others from now on."""
    constraints = request.constraints
    for one in () if constraints is None else constraints.constraint:
        _can_be_demanded(one, context)
    await lay_down(CONSTRAINTS, constraints, context)
    return SetConstraintsResponse()


@operation(Operation.GET_CONSTRAINTS, writes=False, since=V2_1)
async def get_constraints(_: GetConstraintsRequest, context: RequestContext) -> GetConstraintsResponse:
    """Those that are set."""
    return GetConstraintsResponse(constraints=constraints_of(context))


def _can_be_supplied(defaults: ObjectDefaults, context: RequestContext) -> None:
    """Defaults are what a client could give itself, for objects that there can be. Raises `KmipFailure`."""
    types = types_of(defaults).object_type
    if not types:
        raise _invalid("Object Defaults need an Object Type, or Object Types with one at least")
    for object_type in types:
        object_type_must_be_offered(object_type, context)
        try:
            attributes_given(defaults.attributes, object_type, context)
        except KmipFailure as failure:
            raise _invalid(f"these cannot be defaults: {failure}") from failure


def _can_be_demanded(constraint: Constraint, context: RequestContext) -> None:
    """A constraint speaks of attributes that the objects can have. Raises `KmipFailure`."""
    types = () if constraint.object_types is None else constraint.object_types.object_type
    for object_type in types:
        object_type_must_be_offered(object_type, context)
    for one in () if constraint.attributes is None else constraint.attributes.attribute:
        rule = attribute(one.attribute_name, context.version)
        if rule is None or any(object_type not in rule.applies_to for object_type in types):
            raise _invalid(f"{one.attribute_name} is not an attribute of every object that the Constraint speaks of")


def _invalid(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence)
