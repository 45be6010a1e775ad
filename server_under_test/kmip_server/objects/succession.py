"""What a replacement takes over from the object that it replaces, and what both say of each other (KMIP 1.4, 4.4; 2.1, 6.1.46).

Re-key, and what is like it, makes a new object with the attributes of an existing one, less those of Table 173. The names move to the new
one: both are written in one transaction. The rotation attributes of 2.1 (4.49, 4.50, 4.52) count the generations, in every version: the
first one is number 0, which it is told when there is a second; Rotate Date is that of the rotation that made the object.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmip_server.enums import LinkType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Link, UsageLimits
from kmip_server.objects.at_rest import object_of, row_of
from kmip_server.objects.managed import LATEST, Instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmip_server.engine.context import RequestContext
    from kmip_server.objects.birth import Given
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction

DATES = ("Activation Date", "Process Start Date", "Protect Stop Date", "Deactivation Date")
"""What an Offset moves, from the replaced object's values (Table 172)."""

NOT_COPIED = frozenset(
    {
        "Initial Date",
        "Destroy Date",
        "Compromise Occurrence Date",
        "Compromise Date",
        "Revocation Reason",
        "Digest",
        "Link",
        "Last Change Date",
        "Random Number Generator",
        "Archive Date",
        "Fresh",
        "Lease Time",
        "Always Sensitive",
        "Never Extractable",
        "Key Format Type",
        "Key Value Present",
        "Key Value Location",
        "Original Creation Date",
        "Rotate Date",
        "Rotate Generation",
        "Rotate Latest",
    }
)
"""Attributes that the replacement gets of its own, or not at all: those of Table 173, and those that speak of one object's value alone."""


def inherited(existing: ManagedObject, given: Given, offset: int | None, context: RequestContext) -> Given:
    """The attributes of a replacement: copied, moved by the offset, and those that the request names over them; names come together."""
    attributes = {name: instances for name, instances in existing.attributes.items() if name not in NOT_COPIED}
    if offset is not None:
        attributes |= _moved_dates(existing, given, offset, context)
    limits = existing.value("Usage Limits")
    if isinstance(limits, UsageLimits):
        attributes["Usage Limits"] = (Instance(0, replace(limits, usage_limits_count=limits.usage_limits_total)),)
    generation = existing.value("Rotate Generation")
    attributes["Rotate Generation"] = (Instance(0, generation + 1 if isinstance(generation, int) else 1),)
    attributes["Rotate Date"] = (Instance(0, context.now),)
    attributes["Rotate Latest"] = (Instance(0, True),)  # noqa: FBT003 - the attribute's value
    attributes["Link"] = (Instance(0, Link(LinkType.REPLACED_OBJECT_LINK, existing.unique_identifier)),)
    return attributes | given | _together(attributes, given)


def _together(copied: Mapping[str, tuple[Instance, ...]], given: Given) -> Given:
    """Names and Links that a request gives come beside those that the replacement has anyway, which are first."""
    both = (name for name in ("Name", "Link") if name in given and name in copied)
    return {name: _numbered((*copied[name], *(one for one in given[name] if one.value not in _values(copied[name])))) for name in both}


def _values(instances: tuple[Instance, ...]) -> list[object]:
    return [instance.value for instance in instances]


def _numbered(instances: tuple[Instance, ...]) -> tuple[Instance, ...]:
    return tuple(Instance(index, instance.value) for index, instance in enumerate(instances))


def _moved_dates(existing: ManagedObject, given: Given, offset: int, context: RequestContext) -> Given:
    """Table 172. Raises `KmipFailure` for dates beside an offset, and for dates that cannot be moved."""
    if any(name in given for name in DATES):
        raise KmipFailure(ResultReason.INVALID_MESSAGE, "Offset is given, and so is a date that it would set")
    activation, before = context.now + offset, existing.date("Activation Date")
    moved: Given = {"Activation Date": (Instance(0, activation),)}
    for name in DATES[1:]:
        date = existing.date(name)
        if date is not None and before is None:
            sentence = f"Offset cannot move {name}: the existing object has no Activation Date to count from"
            raise KmipFailure(ResultReason.ILLEGAL_OPERATION, sentence, reason_2=ResultReason.INVALID_FIELD)
        if date is not None and before is not None:
            if not -LATEST <= date + activation - before <= LATEST:
                sentence = f"Offset would move {name} beyond the last date that there is"
                raise KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.INVALID_ATTRIBUTE_VALUE)
            moved[name] = (Instance(0, date + activation - before),)
    return moved


def handed_over(existing: ManagedObject, context: RequestContext) -> Callable[[Transaction, ManagedObject], None]:
    """What happens to the replaced object when the replacement is written: its names go, and it says who follows."""

    def together(transaction: Transaction, newborn: ManagedObject) -> None:
        row = transaction.get(existing.owner, existing.unique_identifier, for_update=True)
        if row is None:
            raise KmipFailure(ResultReason.ITEM_NOT_FOUND, "the object to be replaced is gone", reason_2=ResultReason.OBJECT_NOT_FOUND)
        before = object_of(row).at(context.now)
        links = before.instances("Link")
        index = links[-1].index + 1 if links else 0
        follower = Instance(index, Link(LinkType.REPLACEMENT_OBJECT_LINK, newborn.unique_identifier))
        after = before.with_instances("Name", ()).with_instances("Link", (*links, follower))
        generation = before.value("Rotate Generation") or 0
        said = {"Last Change Date": context.now, "Rotate Latest": False, "Rotate Generation": generation}
        transaction.update(row_of(after.with_values(said)))

    return together
