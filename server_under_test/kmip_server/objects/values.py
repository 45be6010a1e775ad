"""What the server makes of attribute values that clients give, beyond their type: checked, completed, or refused.

The codec has read each value as its attribute's type already. Here are the rules that the attributes' own sections state, and the
instances and uniqueness of attributes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.attributes import Permission, index_key
from kmip_server.enums import ItemType, ResultReason, State, VersionedEnum
from kmip_server.errors import KmipFailure
from kmip_server.messages import ApplicationSpecificInformation, CustomValue, Link, UsageLimits, fields_of, is_structure
from kmip_server.objects.at_rest import DESTROYED
from kmip_server.store.contract import Equals, Lacks, LocateQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.attributes import AttributeRule
    from kmip_server.engine.context import RequestContext
    from kmip_server.objects.managed import AttributeValue, Instance, ManagedObject
    from kmip_server.store.contract import Transaction
    from kmip_server.versions import KmipVersion

SERVER_PREFIX = "y-"
"""Custom attributes of the server's own: "The server SHALL NOT accept a client-created or modified attribute" of that prefix (3.39)."""

NAMESPACES = ("kmiplab",)
"""Application Namespaces that the server makes data for (3.36); Query tells them. With data, a client may use any other."""

MOST_INSTANCES = 1000
"""How many instances of one attribute an object may have; one more is Index Out of Bounds."""

DEFAULT_POLICY = "default"
"""The one operation policy there is (KMIP 1.4, 3.18.2): the owner may do everything, others nothing."""


def exists_in(value: AttributeValue, version: KmipVersion) -> bool:
    """Whether a version has words for a value: no enumeration in it is younger. Fields that the version lacks are left out anyway."""
    if isinstance(value, VersionedEnum):
        return value.exists_in(version)
    if is_structure(type(value)):
        rows = (row for row in fields_of(type(value)) if row.exists_in(version))
        return all(exists_in(getattr(value, row.name), version) for row in rows)
    return True


def accepted(name: str, value: AttributeValue, context: RequestContext) -> AttributeValue:
    """The value as it is kept. Raises `KmipFailure` when the attribute's section does not allow it."""
    if isinstance(value, CustomValue):
        _custom_structures_are_flat(name, value)
    elif isinstance(value, UsageLimits):
        return _limits(value)
    elif isinstance(value, Link) and not isinstance(value.linked_object_identifier, str):
        return replace(value, linked_object_identifier=context.identify(value.linked_object_identifier))
    elif isinstance(value, ApplicationSpecificInformation) and value.application_data is None:
        return _with_data(value, context)
    elif name == "Operation Policy Name" and value != DEFAULT_POLICY:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"there is no operation policy {value!r} here, only {DEFAULT_POLICY!r}")
    return value


def _with_data(value: ApplicationSpecificInformation, context: RequestContext) -> ApplicationSpecificInformation:
    """Application Data that the client leaves to the server: a number that nothing else has (3.36)."""
    if value.application_namespace not in NAMESPACES:
        raise KmipFailure(
            ResultReason.APPLICATION_NAMESPACE_NOT_SUPPORTED,
            f"Application Data is missing, and this server makes none up for the namespace {value.application_namespace!r}",
        )
    return replace(value, application_data=context.services.random(16).hex())


def _custom_structures_are_flat(name: str, value: CustomValue) -> None:
    """A custom structure "SHALL NOT include sub structures" (3.39)."""
    if isinstance(value.value, tuple) and any(item.item_type is ItemType.STRUCTURE for item in value.value):
        raise _no_value(f"the structure in {name} holds another structure, which custom attributes may not")


def _limits(value: UsageLimits) -> UsageLimits:
    """The count starts at the total; one that the client gives is ignored (3.21)."""
    if value.usage_limits_total is None or value.usage_limits_unit is None:
        raise _no_value("Usage Limits needs a Usage Limits Total and a Usage Limits Unit")
    if value.usage_limits_total < 0:
        raise _no_value("Usage Limits Total is negative")
    return replace(value, usage_limits_count=value.usage_limits_total)


def dates_must_be_in_order(attributes: Mapping[str, tuple[Instance, ...]]) -> None:
    """Process Start Date not before Activation Date, Protect Stop Date not after Deactivation Date (3.25, 3.26)."""
    for earlier, later in (("Activation Date", "Process Start Date"), ("Protect Stop Date", "Deactivation Date")):
        first, second = (attributes[name][0].value if name in attributes else None for name in (earlier, later))
        if isinstance(first, int) and isinstance(second, int) and first > second:
            raise _no_value(f"{later} lies before {earlier}")


def names_must_be_free(
    transaction: Transaction, owner: str, names: tuple[Instance, ...], reason: ResultReason, *, besides: str | None = None
) -> None:
    """Names "SHALL be unique within a given key management domain" (3.2): here, among a client's objects that are not destroyed."""
    for instance in names:
        named = Equals("Name", index_key(instance.value))
        if not transaction.locate(owner, LocateQuery((named,), maximum=1)):
            continue  # nearly every new name: half as long as to ask for both at once
        if any(found != besides for found in transaction.locate(owner, LocateQuery((named, Lacks(*DESTROYED)), maximum=2))):
            raise KmipFailure(reason, "another object has this Name already", reason_2=ResultReason.NON_UNIQUE_NAME_ATTRIBUTE)


def _no_value(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.INVALID_ATTRIBUTE_VALUE)


def limits_must_be_unused(rule: AttributeRule, item: ManagedObject) -> None:
    """Usage Limits are the client's to change "as long as Get Usage Allocation has not been performed" (3.21)."""
    limits = item.value(rule.name) if rule.modifiable is Permission.UNTIL_USED else None
    if isinstance(limits, UsageLimits) and limits.usage_limits_count != limits.usage_limits_total:
        raise KmipFailure(
            ResultReason.PERMISSION_DENIED,
            "the object's Usage Limits are in use: some have been allocated, so they cannot be changed any more",
            reason_2=ResultReason.ATTRIBUTE_READ_ONLY,
        )


_STATES = {
    Permission.WHILE_PRE_ACTIVE: frozenset({State.PRE_ACTIVE}),
    Permission.WHILE_ACTIVE: frozenset({State.PRE_ACTIVE, State.ACTIVE}),
    Permission.UNTIL_REACHED: frozenset({State.PRE_ACTIVE, State.ACTIVE}),
}


def state_must_allow(rule: AttributeRule, item: ManagedObject, now: int) -> None:
    """The "Yes, only while in ..." of the date attributes and Usage Limits (3.21, 3.24-3.27). Raises `KmipFailure` (Permission Denied)."""
    limits_must_be_unused(rule, item)
    states = _STATES.get(rule.modifiable)
    reached = item.date(rule.name)
    too_late = rule.modifiable is Permission.UNTIL_REACHED and reached is not None and reached <= now
    if (states is not None and item.state not in states) or too_late:
        sentence = f"{rule.name} can be set {rule.modifiable.value}; it is too late for that"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.WRONG_KEY_LIFECYCLE_STATE)
