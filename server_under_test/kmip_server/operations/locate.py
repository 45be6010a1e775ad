"""Locate (KMIP 1.4, 4.9; 2.1, 6.1.28): which objects have these attributes.

What the store's index can tell becomes criteria of its query; the rest (bits of a usage mask, structures given in part, Usage Limits
that are large enough, absence) is decided by looking at the candidates. Newest first.

Decisions where the standard leaves room:

* Destroyed objects are found only when the request asks for a State that is one of theirs (2.0 made that a bit of the Storage Status Mask,
  1.x has no word for it).
* Located Items is counted for requests with Offset Items, which go through the results page by page, and left out elsewhere.
* The default object of a group (`Group Member Default`) is each of its members in turn. Fresh ones are given oldest first before 2.0, which
  has an order for all results; of the group that 1.x reserves, "default", there is always one: when none is left, a key is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING

from kmip_server.attributes import attribute, index_key
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectGroupMember,
    ObjectType,
    Operation,
    ResultReason,
    StorageStatusMask,
)
from kmip_server.errors import KmipFailure
from kmip_server.lifecycle import DESTROYED_STATES
from kmip_server.messages import DateTime, LocateResponse, UsageLimits
from kmip_server.objects.at_rest import ARCHIVED, DESTROYED, DUE, NOT_INDEXED, ON_LINE, storage_of
from kmip_server.objects.birth import Given, bring_into_being
from kmip_server.objects.managed import AttributeValue, Instance
from kmip_server.operations.create import generated_key
from kmip_server.operations.table import operation
from kmip_server.store.contract import Between, Criterion, Equals, Lacks, LocateQuery
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import Attribute, LocateRequest
    from kmip_server.objects.managed import ManagedObject

Condition = Callable[["ManagedObject"], bool]

LARGEST_DATE = 2**63 - 1
"""A Date attribute of the largest possible value "is equivalent to an undefined attribute"."""


PLACES = {
    StorageStatusMask.ON_LINE_STORAGE: ON_LINE,
    StorageStatusMask.ARCHIVAL_STORAGE: ARCHIVED,
    StorageStatusMask.DESTROYED_STORAGE: DESTROYED,
}


@dataclass(frozen=True, slots=True)
class Search:
    """What to ask the index for, and what to ask each candidate."""

    criteria: tuple[Criterion, ...]
    conditions: tuple[Condition, ...]


RESERVED_GROUP = "default"
"""The Object Group that 1.1-1.4 reserve (1.4, 3.33). The server fills it "on-the-fly, based on server policy" (4.9): keys like these."""
RESERVED_GROUP_KEY: dict[str, AttributeValue] = {
    "Cryptographic Algorithm": CryptographicAlgorithm.AES,
    "Cryptographic Length": 256,
    "Cryptographic Usage Mask": CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT,
    "Object Group": RESERVED_GROUP,
}


@operation(Operation.LOCATE, writes=True)
async def locate(request: LocateRequest, context: RequestContext) -> LocateResponse:
    """The unique identifiers of what matches; exactly one of them becomes the ID Placeholder, otherwise it is emptied."""
    for number, name in ((request.maximum_items, "Maximum Items"), (request.offset_items, "Offset Items")):
        if number is not None and number < 0:
            raise KmipFailure(ResultReason.INVALID_FIELD, f"{name} is negative")
    search = _search(request, context)
    await _settle_due_objects(context)
    found, total = _found(search, request, context)
    if not found and _asks_for_a_fresh_key(request, context):
        found, total = [await _fresh_key(context)], 1
    context.id_placeholder = found[0] if len(found) == 1 and (total == 1 or request.maximum_items == 1) else None
    return LocateResponse(located_items=total if request.offset_items else None, unique_identifier=tuple(found))


def _asks_for_a_fresh_key(request: LocateRequest, context: RequestContext) -> bool:
    """Whether nothing but a fresh member of the reserved group is wanted, and may be made."""
    fresh = request.object_group_member is ObjectGroupMember.GROUP_MEMBER_FRESH
    wanted = [(one.attribute_name, one.attribute_value) for one in request.attribute]
    return fresh and wanted == [("Object Group", RESERVED_GROUP)] and context.services.personality.offers(Operation.CREATE)


async def _fresh_key(context: RequestContext) -> str:
    given: Given = {name: (Instance(0, value),) for name, value in RESERVED_GROUP_KEY.items()}
    holding = generated_key(given, CryptographicAlgorithm.AES, 256, context)
    return (await bring_into_being(ObjectType.SYMMETRIC_KEY, given, holding, context, generated=True)).unique_identifier


async def _settle_due_objects(context: RequestContext) -> None:
    """Dates that have come move objects by themselves: the index must know before it is asked for states."""
    due = context.store.locate(context.owner, LocateQuery((Between(DUE, None, context.now),)))
    if due:
        await context.services.shelf.settle(context, due)


def _found(search: Search, request: LocateRequest, context: RequestContext) -> tuple[list[str], int]:
    """The page that was asked for, and how many there are in all; without Offset Items, how many are in the page."""
    offset, maximum = request.offset_items or 0, request.maximum_items
    if request.object_group_member is ObjectGroupMember.GROUP_MEMBER_DEFAULT:
        group = (context.owner, *(one.attribute_value for one in _named(request) if one.attribute_name == "Object Group"))
        chosen = context.services.turns.next_of(group, _matching(search, request, context)[::-1]) if maximum != 0 else None
        return ([], 0) if chosen is None else ([chosen], 1)
    if not search.conditions:
        found = context.store.locate(context.owner, LocateQuery(search.criteria, offset, maximum))
        return found, context.store.count(context.owner, LocateQuery(search.criteria)) if offset else len(found)
    matching = _matching(search, request, context)
    if request.object_group_member is ObjectGroupMember.GROUP_MEMBER_FRESH and context.version < V2_0:
        matching.reverse()
    end = None if maximum is None else offset + maximum
    return matching[offset:end], len(matching)


def _matching(search: Search, request: LocateRequest, context: RequestContext) -> list[str]:
    """All that match, newest first."""
    candidates = _candidates(search, request, context)
    if not search.conditions:
        return candidates
    return [one for one in candidates if _meets(search.conditions, context.services.shelf.get(context, one, archived=True))]


def _candidates(search: Search, request: LocateRequest, context: RequestContext) -> list[str]:
    """What the index leaves over; of a Unique Identifier there can be but one."""
    for given in _named(request):
        if given.attribute_name == "Unique Identifier" and isinstance(given.attribute_value, str):
            known = context.store.get(context.owner, given.attribute_value) is not None
            query = LocateQuery(search.criteria)
            return [one for one in context.store.locate(context.owner, query) if one == given.attribute_value] if known else []
    return context.store.locate(context.owner, LocateQuery(search.criteria))


def _named(request: LocateRequest) -> tuple[Attribute, ...]:
    """The attributes to look for, in the field that the version has for them."""
    return request.attribute if request.attributes is None else request.attributes.attribute


def _meets(conditions: tuple[Condition, ...], item: ManagedObject) -> bool:
    return all(condition(item) for condition in conditions)


def _search(request: LocateRequest, context: RequestContext) -> Search:
    wanted: dict[str, list[AttributeValue]] = {}
    for given in _named(request):
        if attribute(given.attribute_name, context.version) is None:
            raise KmipFailure(ResultReason.INVALID_FIELD, f"KMIP {context.version} has no attribute {given.attribute_name!r} to look for")
        wanted.setdefault(given.attribute_name, []).append(given.attribute_value)
    criteria: list[Criterion] = []
    conditions: list[Condition] = []
    places = _places(request.storage_status_mask, wanted.get("State", []), context)
    if ON_LINE in places or len(places) == 1:
        criteria += _stored_in(places)
    else:
        conditions.append(lambda item: storage_of(item) in places)
    if request.object_group_member is ObjectGroupMember.GROUP_MEMBER_FRESH:
        conditions.append(lambda item: item.value("Fresh") is True)
    for name, values in wanted.items():
        if _is_date(name, context) and len(values) == 2:
            between = _range(name, values)
            if name in NOT_INDEXED:
                conditions.append(_lies_between(between))
            else:
                criteria.append(between)
            continue
        for value in values:
            condition = _condition(name, value, context)
            if condition is None:
                criteria.append(Equals(name, index_key(value)))
            else:
                conditions.append(condition)
    return Search(tuple(criteria), tuple(conditions))


def _places(mask: StorageStatusMask | None, states: list[AttributeValue], context: RequestContext) -> frozenset[tuple[str, str]]:
    """Where to search: on-line unless the mask says otherwise. 1.x has no bit for what is destroyed, and finds it by its State."""
    asked = StorageStatusMask.ON_LINE_STORAGE if mask is None else mask
    places = {place for bit, place in PLACES.items() if bit & asked}
    if context.version < V2_0:
        places.discard(DESTROYED)
        if any(state in DESTROYED_STATES for state in states):
            places.add(DESTROYED)
    return frozenset(places)


def _stored_in(places: frozenset[tuple[str, str]]) -> Iterable[Criterion]:
    """The criteria of objects in these places: on-line objects have no entry that says so, but none of the others' either."""
    if ON_LINE in places:
        return [Lacks(*place) for place in (ARCHIVED, DESTROYED) if place not in places]
    return [Equals(*place) for place in places]


def _is_date(name: str, context: RequestContext) -> bool:
    rule = attribute(name, context.version)
    return rule is not None and rule.value == DateTime


def _range(name: str, values: list[AttributeValue]) -> Between:
    """Two values of one Date attribute are a range, limits included, whichever comes first."""
    low, high = sorted(value for value in values if isinstance(value, int))
    return Between(name, low, None if high == LARGEST_DATE else high)


def _condition(name: str, value: AttributeValue, context: RequestContext) -> Condition | None:
    """How to look at a candidate; None: the index compares for us. The index has no states of Opaque Objects, which 1.x does not know."""
    if value == LARGEST_DATE and _is_date(name, context):
        return lambda item: not item.instances(name)
    if isinstance(value, CryptographicUsageMask):
        return lambda item: _int(item.value(name)) & value == value
    if isinstance(value, UsageLimits):
        return lambda item: _limits_are_enough(item.value(name), value)
    if is_dataclass(value) and any(getattr(value, field.name) is None for field in fields(value)):
        return lambda item: any(_has_the_given(instance.value, value) for instance in item.instances(name))
    if name in NOT_INDEXED or (name == "State" and context.version >= V2_0):
        return lambda item: any(instance.value == value for instance in item.instances(name))
    return None


def _lies_between(between: Between) -> Condition:
    low, high = between.low or 0, LARGEST_DATE if between.high is None else between.high
    return lambda item: low <= _int(item.value(between.name)) <= high and between.name in item.attributes


def _int(value: AttributeValue | None) -> int:
    return value if isinstance(value, int) else 0


def _limits_are_enough(held: AttributeValue | None, wanted: UsageLimits) -> bool:
    """Count and Total "equal to or larger than the values specified", of the same unit."""
    if not isinstance(held, UsageLimits):
        return False
    pairs = ((held.usage_limits_total, wanted.usage_limits_total), (held.usage_limits_count, wanted.usage_limits_count))
    same_unit = wanted.usage_limits_unit in {None, held.usage_limits_unit}
    return same_unit and all(least is None or (have or 0) >= least for have, least in pairs)


def _has_the_given(held: AttributeValue, wanted: AttributeValue) -> bool:
    """Not all fields of a structure need be specified: those that are must be equal."""
    if type(held) is not type(wanted) or not is_dataclass(wanted):
        return False
    given = ((field.name, getattr(wanted, field.name)) for field in fields(wanted))
    return all(value is None or getattr(held, name) == value for name, value in given)
