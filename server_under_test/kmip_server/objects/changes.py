"""Add, Modify, Set and Delete Attribute, as changes of a value: the object before → the object after, and the instance concerned.

Pure but for one look into the transaction, whether a Name is free. The Result Reasons are those of KMIP 1.4, 11.15-11.17, and of 2.1,
6.1.2, 6.1.13, 6.1.34 and 6.1.51. 1.x says which instance is meant by its Attribute Index, 2.x by its value (`Which`); where 1.0 said
otherwise about the index than its successors, the version decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.attributes import Permission, attribute
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.objects.managed import AttributeValue, Instance, ManagedObject
from kmip_server.objects.quantum_safety import quantum_safety_must_be_met
from kmip_server.objects.rotating import rotation_must_be_possible
from kmip_server.objects.values import (
    MOST_INSTANCES,
    SERVER_PREFIX,
    accepted,
    dates_must_be_in_order,
    limits_must_be_unused,
    names_must_be_free,
    state_must_allow,
)
from kmip_server.versions import V1_1, V2_0

if TYPE_CHECKING:
    from kmip_server.attributes import AttributeRule
    from kmip_server.engine.context import RequestContext
    from kmip_server.store.contract import Transaction

Changed = tuple[ManagedObject, Instance]


@dataclass(frozen=True, slots=True)
class Which:
    """The instance that a request means: the one with this Attribute Index (1.x), or the one with this value (Current Attribute, 2.x)."""

    index: int | None = None
    current: AttributeValue | None = None


def added(item: ManagedObject, name: str, value: AttributeValue, context: RequestContext, transaction: Transaction) -> Changed:
    """One instance more, with the next free Attribute Index."""
    rule = attribute(name, context.version)
    if rule is None or item.object_type not in rule.applies_to:
        raise _denied(f"{name} is not an attribute of this object under KMIP {context.version}", ResultReason.INVALID_ATTRIBUTE)
    if not rule.addable or name.startswith(SERVER_PREFIX):
        raise _denied(f"{name} is set by the server, clients may only read it", ResultReason.READ_ONLY_ATTRIBUTE)
    before = item.instances(name)
    if before and not rule.multiple:
        sentence = f"the object has the attribute {name} already; Modify Attribute changes it"
        raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.ATTRIBUTE_SINGLE_VALUED)
    if len(before) >= MOST_INSTANCES:
        sentence = f"the object has {MOST_INSTANCES} instances of {name}, which is the most there can be"
        raise KmipFailure(ResultReason.INDEX_OUT_OF_BOUNDS, sentence, reason_2=ResultReason.SERVER_LIMIT_EXCEEDED)
    state_must_allow(rule, item, context.now)
    instance = Instance(before[-1].index + 1 if before else 0, accepted(name, value, context))
    _name_must_be_free(name, instance, item, transaction)
    return _checked(item.with_instances(name, (*before, instance))), instance


def modified(
    item: ManagedObject, name: str, which: Which, value: AttributeValue, context: RequestContext, transaction: Transaction
) -> Changed:
    """The instance that is meant has another value; an index that is not given is 0."""
    rule = _changeable(item, name, context)
    if rule is not None and (rule.modifiable is Permission.NEVER or name.startswith(SERVER_PREFIX)):
        raise _denied(f"{name} cannot be modified by clients", ResultReason.ATTRIBUTE_READ_ONLY)
    before = item.instances(name)
    if rule is None or not before:
        sentence = f"the object has no attribute {name} to modify; Add Attribute sets it first"
        raise KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.ATTRIBUTE_NOT_FOUND)
    old = _instance(before, name, which, context)
    state_must_allow(rule, item, context.now)
    instance = Instance(old.index, accepted(name, value, context))
    _name_must_be_free(name, instance, item, transaction)
    after = item.with_instances(name, tuple(instance if one.index == old.index else one for one in before))
    return _checked(_followed(after, name, instance.value)), instance


def was_set(item: ManagedObject, name: str, value: AttributeValue, context: RequestContext, transaction: Transaction) -> Changed:
    """The attribute's one instance has this value, whether there was one before or not (KMIP 2.1, 6.1.51)."""
    before = item.instances(name)
    if len(before) > 1:
        sentence = f"{name} has {len(before)} instances, and Set Attribute cannot say which is meant"
        raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.MULTI_VALUED_ATTRIBUTE)
    if before:
        return modified(item, name, Which(current=before[0].value), value, context, transaction)
    return added(item, name, value, context, transaction)


def all_deleted(item: ManagedObject, name: str, context: RequestContext) -> ManagedObject:
    """Every instance is gone: what an Attribute Reference alone asks for (KMIP 2.1, 6.1.13)."""
    _deletable(item, name, context)
    return item.with_instances(name, ())


def deleted(item: ManagedObject, name: str, which: Which, context: RequestContext) -> Changed:
    """The instance that is meant is gone; the others keep their indices."""
    rule, before = _deletable(item, name, context)
    if context.version < V1_1:
        _index_must_suit_1_0(rule, before, name, which.index)
    old = _instance(before, name, which, context)
    return item.with_instances(name, tuple(one for one in before if one.index != old.index)), old


def _deletable(item: ManagedObject, name: str, context: RequestContext) -> tuple[AttributeRule, tuple[Instance, ...]]:
    """The rule and the instances of an attribute that a client may delete. Raises `KmipFailure` otherwise."""
    rule = _changeable(item, name, context)
    if rule is not None and (rule.deletable is Permission.NEVER or name.startswith(SERVER_PREFIX)):
        raise _denied(f"{name} cannot be deleted by clients", ResultReason.ATTRIBUTE_READ_ONLY)
    before = item.instances(name)
    if rule is None or not before:
        sentence = f"the object has no attribute {name} to delete"
        raise KmipFailure(ResultReason.ITEM_NOT_FOUND, sentence, reason_2=ResultReason.ATTRIBUTE_NOT_FOUND)
    limits_must_be_unused(rule, item)
    return rule, before


def _changeable(item: ManagedObject, name: str, context: RequestContext) -> AttributeRule | None:
    rule = attribute(name, context.version)
    return rule if rule is not None and item.object_type in rule.applies_to else None


def _index_must_suit_1_0(rule: AttributeRule, before: tuple[Instance, ...], name: str, index: int | None) -> None:
    """KMIP 1.0, 11.16: no index for single-instance attributes, and one where there are several instances. 1.1 made it always 0."""
    if index is not None and not rule.multiple:
        raise KmipFailure(ResultReason.ITEM_NOT_FOUND, f"{name} has no instances, so no Attribute Index may be given")
    if index is None and len(before) > 1:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"{name} has {len(before)} instances; say which by Attribute Index")


def _instance(before: tuple[Instance, ...], name: str, which: Which, context: RequestContext) -> Instance:
    if context.version >= V2_0 and which.current is None:
        if len(before) == 1:
            return before[0]
        raise _no_instance(f"{name} has {len(before)} instances; say which by its Current Attribute")
    for instance in before:
        if instance.index == (which.index or 0) if which.current is None else instance.value == which.current:
            return instance
    meant = f"the Attribute Index {which.index or 0}" if which.current is None else "that value"
    raise _no_instance(f"{name} has no instance with {meant}")


def _name_must_be_free(name: str, instance: Instance, item: ManagedObject, transaction: Transaction) -> None:
    if name == "Name":
        if any(one.value == instance.value and one.index != instance.index for one in item.instances(name)):
            sentence = "the object has this Name already"
            raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.NON_UNIQUE_NAME_ATTRIBUTE)
        names_must_be_free(transaction, item.owner, (instance,), ResultReason.ILLEGAL_OPERATION, besides=item.unique_identifier)


def _followed(item: ManagedObject, name: str, value: AttributeValue) -> ManagedObject:
    """Always Sensitive and Never Extractable remember what Sensitive and Extractable have been (3.49, 3.51)."""
    if name == "Sensitive" and value is False:
        return item.with_values({"Always Sensitive": False})
    if name == "Extractable" and value is True:
        return item.with_values({"Never Extractable": False})
    return item


def _checked(item: ManagedObject) -> ManagedObject:
    dates_must_be_in_order(item.attributes)
    quantum_safety_must_be_met(item.attributes)
    rotation_must_be_possible(item.object_type, item.attributes)
    return item


def _denied(sentence: str, reason_2: ResultReason) -> KmipFailure:
    return KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=reason_2)


def _no_instance(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.ITEM_NOT_FOUND, sentence, reason_2=ResultReason.ATTRIBUTE_INSTANCE_NOT_FOUND)
