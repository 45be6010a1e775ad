"""Add, Modify and Delete Attribute, as changes of a value: the object before → the object after, and the instance concerned.

Pure but for one look into the transaction, whether a Name is free. The Result Reasons are those of KMIP 1.4, 11.15-11.17; where 1.0
said otherwise about the Attribute Index, the version decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.attributes import Permission, attribute
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.objects.managed import AttributeValue, Instance, ManagedObject
from kmip_server.objects.values import (
    MOST_INSTANCES,
    SERVER_PREFIX,
    accepted,
    dates_must_be_in_order,
    names_must_be_free,
    state_must_allow,
)
from kmip_server.versions import V1_1

if TYPE_CHECKING:
    from kmip_server.attributes import AttributeRule
    from kmip_server.engine.context import RequestContext
    from kmip_server.store.contract import Transaction

Changed = tuple[ManagedObject, Instance]


def added(item: ManagedObject, name: str, value: AttributeValue, context: RequestContext, transaction: Transaction) -> Changed:
    """One instance more, with the next free Attribute Index."""
    rule = attribute(name, context.version)
    if rule is None or item.object_type not in rule.applies_to:
        raise _denied(f"{name} is not an attribute of this object under KMIP {context.version}")
    if not rule.addable or name.startswith(SERVER_PREFIX):
        raise _denied(f"{name} is set by the server, clients may only read it")
    before = item.instances(name)
    if before and not rule.multiple:
        raise KmipFailure(ResultReason.ILLEGAL_OPERATION, f"the object has the attribute {name} already; Modify Attribute changes it")
    if len(before) >= MOST_INSTANCES:
        raise KmipFailure(
            ResultReason.INDEX_OUT_OF_BOUNDS, f"the object has {MOST_INSTANCES} instances of {name}, which is the most there can be"
        )
    state_must_allow(rule, item, context.now)
    instance = Instance(before[-1].index + 1 if before else 0, accepted(name, value))
    _name_must_be_free(name, instance, item, transaction)
    return _checked(item.with_instances(name, (*before, instance))), instance


def modified(
    item: ManagedObject, name: str, index: int | None, value: AttributeValue, context: RequestContext, transaction: Transaction
) -> Changed:
    """The instance with that index (none given: 0) has another value."""
    rule = _changeable(item, name, context)
    if rule is not None and (rule.modifiable is Permission.NEVER or name.startswith(SERVER_PREFIX)):
        raise _denied(f"{name} cannot be modified by clients")
    before = item.instances(name)
    if rule is None or not before:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"the object has no attribute {name} to modify; Add Attribute sets it first")
    old = _instance(before, name, index)
    state_must_allow(rule, item, context.now)
    instance = Instance(old.index, accepted(name, value))
    _name_must_be_free(name, instance, item, transaction)
    after = item.with_instances(name, tuple(instance if one.index == old.index else one for one in before))
    return _checked(_followed(after, name, instance.value)), instance


def deleted(item: ManagedObject, name: str, index: int | None, context: RequestContext) -> Changed:
    """The instance with that index (none given: 0) is gone; the others keep their indices."""
    rule = _changeable(item, name, context)
    if rule is not None and (rule.deletable is Permission.NEVER or name.startswith(SERVER_PREFIX)):
        raise _denied(f"{name} cannot be deleted by clients")
    before = item.instances(name)
    if rule is None or not before:
        raise KmipFailure(ResultReason.ITEM_NOT_FOUND, f"the object has no attribute {name} to delete")
    if context.version < V1_1:
        _index_must_suit_1_0(rule, before, name, index)
    old = _instance(before, name, index)
    return item.with_instances(name, tuple(one for one in before if one.index != old.index)), old


def _changeable(item: ManagedObject, name: str, context: RequestContext) -> AttributeRule | None:
    rule = attribute(name, context.version)
    return rule if rule is not None and item.object_type in rule.applies_to else None


def _index_must_suit_1_0(rule: AttributeRule, before: tuple[Instance, ...], name: str, index: int | None) -> None:
    """KMIP 1.0, 11.16: no index for single-instance attributes, and one where there are several instances. 1.1 made it always 0."""
    if index is not None and not rule.multiple:
        raise KmipFailure(ResultReason.ITEM_NOT_FOUND, f"{name} has no instances, so no Attribute Index may be given")
    if index is None and len(before) > 1:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"{name} has {len(before)} instances; say which by Attribute Index")


def _instance(before: tuple[Instance, ...], name: str, index: int | None) -> Instance:
    for instance in before:
        if instance.index == (index or 0):
            return instance
    raise KmipFailure(ResultReason.ITEM_NOT_FOUND, f"{name} has no instance with the Attribute Index {index or 0}")


def _name_must_be_free(name: str, instance: Instance, item: ManagedObject, transaction: Transaction) -> None:
    if name == "Name":
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
    return item


def _denied(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.PERMISSION_DENIED, sentence)
