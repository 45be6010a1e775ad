"""What a client has laid down for all objects that it will make: constraints and defaults (KMIP 2.1, 7.6 and 7.22), kept until it says
otherwise.

They are the client's own, as its objects are: one client's constraints bind no other. Where nobody can set any (the personality offers
neither operation), nobody looks for them.

Which constraint binds a new object is not in the standard. Here a constraint speaks of an object when it names its type, or no type, and
one of its groups, or no group. Of those that speak of it, the ones that name a group go before those that name none; the object must
satisfy one of the remaining: it has every attribute that the constraint names, with one of the values given there (a mask: with no bit
beyond them).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from kmip_server.codec import decode, encode
from kmip_server.enums import Operation, ResultReason, VersionedMask
from kmip_server.errors import KmipFailure
from kmip_server.ledger import Book, Entry
from kmip_server.messages import Constraint, Constraints, DefaultsInformation
from kmip_server.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.engine.context import RequestContext
    from kmip_server.enums import ObjectType
    from kmip_server.messages import Attributes, ObjectGroups, ObjectTypes
    from kmip_server.objects.managed import AttributeValue, Instance
    from kmip_server.store.contract import Transaction

RULES = Book("kmip:standing-rules", most=2)
CONSTRAINTS, DEFAULTS = "constraints", "defaults"
FOREVER = 2**62
"""When such an entry expires."""

S = TypeVar("S")


def constraints_of(context: RequestContext) -> Constraints:
    """The constraints of this request's client; none are there until it sets some."""
    return _standing(CONSTRAINTS, Constraints, Operation.SET_CONSTRAINTS, context) or Constraints()


def defaults_of(context: RequestContext) -> DefaultsInformation:
    """The defaults that this request's client has set."""
    return _standing(DEFAULTS, DefaultsInformation, Operation.SET_DEFAULTS, context) or DefaultsInformation()


async def lay_down(name: str, rules: Constraints | DefaultsInformation | None, context: RequestContext) -> None:
    """From now on these rules hold, and no others of that name; None: none."""
    key, held = _key(name, context), None if rules is None else encode(rules, EVERY_VERSION).hex()

    def in_transaction(transaction: Transaction) -> None:
        before = RULES.read(transaction, key, context.now)
        if held is None:
            RULES.remove(transaction, key)
        elif before is None:
            RULES.add(transaction, Entry(key, context.owner, {"rules": held}, context.now, FOREVER))
        else:
            RULES.change(transaction, replace(before, content={"rules": held}))

    await context.store.write(in_transaction)


def constraints_must_hold(object_type: ObjectType, attributes: Mapping[str, tuple[Instance, ...]], context: RequestContext) -> None:
    """Raises `KmipFailure` (Constraint Violation) for a new object that its client's constraints do not allow."""
    groups = {instance.value for instance in attributes.get("Object Group", ())}
    binding = [one for one in constraints_of(context).constraint if speaks_of(one.object_types, one.object_groups, object_type, groups)]
    binding = [one for one in binding if one.object_groups is not None] or binding
    if binding and not any(_satisfies(attributes, one) for one in binding):
        sentence = "the object satisfies none of the Constraints that are set for its type and groups"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.CONSTRAINT_VIOLATION)


def speaks_of(types: ObjectTypes | None, groups: ObjectGroups | None, object_type: ObjectType, held: set[AttributeValue]) -> bool:
    """Whether a rule for these types and groups, None for all, is about an object of that type in those groups."""
    return (types is None or object_type in types.object_type) and (groups is None or not held.isdisjoint(groups.object_group))


def _satisfies(attributes: Mapping[str, tuple[Instance, ...]], constraint: Constraint) -> bool:
    wanted: dict[str, list[AttributeValue]] = {}
    for one in constraint.attributes.attribute if constraint.attributes is not None else ():
        wanted.setdefault(one.attribute_name, []).append(one.attribute_value)
    return all(any(_within(instance.value, values) for instance in attributes.get(name, ())) for name, values in wanted.items())


def _within(value: AttributeValue, allowed: list[AttributeValue]) -> bool:
    if isinstance(value, VersionedMask):
        return any(isinstance(one, int) and value & ~one == 0 for one in allowed)
    return value in allowed


def attributes_by_name(attributes: Attributes) -> dict[str, AttributeValue]:
    """The values of a rule's attributes, of several of one name the last."""
    return {one.attribute_name: one.attribute_value for one in attributes.attribute}


def _standing(name: str, of: type[S], by: Operation, context: RequestContext) -> S | None:
    if not context.services.personality.offers(by):
        return None
    entry = RULES.read(context.store, _key(name, context), context.now)
    return None if entry is None else decode(of, bytes.fromhex(entry.content["rules"]), EVERY_VERSION)


def _key(name: str, context: RequestContext) -> str:
    return f"{name} {context.owner}"
