"""A managed object as the engine sees it: frozen, with its attributes by name, and what it looks like at a given time.

Unique Identifier, Object Type and State are fields here, not stored attributes, and appear among the attributes when these are read.
Every change makes a new object. Attribute Indices are kept as they were assigned: "The Attribute Index of an attribute SHALL NOT change
when other instances are added or deleted" (KMIP 1.4, 2.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from kmip_server.attributes import attribute
from kmip_server.lifecycle import DESTROYED_STATES, next_date, settled
from kmip_server.objects.reflected import REFLECTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kmip_server import messages
    from kmip_server.enums import ObjectType, State
    from kmip_server.versions import KmipVersion
    from kmip_server.wrapping.contract import Envelope

AttributeValue: TypeAlias = object
"""What the codec gives for an Attribute Value: an int, str, bytes, enumeration, structure or `CustomValue`."""

LATEST = 2**63 - 1
"""The last time that a Date-Time can say; an imported Initial Date may be that."""

Holding: TypeAlias = "messages.ManagedObject"
"""The object itself, as the standard's structure: a Symmetric Key, a Certificate, ..."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of an attribute: its Attribute Index, which never changes, and its value."""

    index: int
    value: AttributeValue


@dataclass(frozen=True, slots=True)
class ManagedObject:
    """An object at one revision.

    Attributes:
        attributes: every stored attribute by name, each with at least one instance.
        skeleton: the object without its key material, as Get gives it back around the material. None once destroyed, or when the
            whole object is the material (see `material`).
        envelope: the wrapped key material; None when there is none (any more).
        due: when the state moves by itself next, in seconds since 1970; None: never.
    """

    unique_identifier: str
    owner: str
    object_type: ObjectType
    state: State
    attributes: Mapping[str, tuple[Instance, ...]]
    created_at: int
    skeleton: Holding | None = None
    envelope: Envelope | None = None
    revision: int = 1
    due: int | None = None

    @property
    def is_destroyed(self) -> bool:
        """Whether its key material is gone for good."""
        return self.state in DESTROYED_STATES

    @property
    def is_archived(self) -> bool:
        """Whether it lies in archival storage, and has to be recovered before it can be used (KMIP 1.4, 4.22)."""
        return "Archive Date" in self.attributes

    @property
    def rotates_at(self) -> int | None:
        """When the server is to rotate it (KMIP 2.1, 4.48 and 4.51), in seconds since 1970.

        None: never, or not while it is archived, or not any more: it is destroyed, or another one has taken its place.
        """
        if self.value("Rotate Automatic") is not True or self.is_destroyed or self.is_archived or self.value("Rotate Latest") is False:
            return None
        begun, interval = self.date("Initial Date"), self.date("Rotate Interval")
        return None if begun is None or interval is None else min(begun + interval, LATEST)

    def instances(self, name: str) -> tuple[Instance, ...]:
        """The instances of an attribute, in the order of their indices; empty when it is not set."""
        stored = self.attributes.get(name, ())
        if stored or name not in REFLECTED:
            return stored
        value = REFLECTED[name](self)
        return () if value is None else (Instance(0, value),)

    def has_in(self, name: str, version: KmipVersion) -> bool:
        """Whether this version lets an object of this type have the attribute."""
        rule = attribute(name, version)
        return rule is not None and self.object_type in rule.applies_to

    def value(self, name: str) -> AttributeValue | None:
        """The value of an attribute's first instance; None when it is not set."""
        instances = self.attributes.get(name)
        return instances[0].value if instances else None

    def date(self, name: str) -> int | None:
        """The value of a date attribute, in seconds since 1970."""
        return _date(self.attributes, name)

    def names(self, version: KmipVersion) -> Iterator[str]:
        """The names of the attributes that are set and that this version knows."""
        for name in REFLECTED:
            if name not in self.attributes and self.has_in(name, version) and self.instances(name):
                yield name
        for name in self.attributes:
            if self.has_in(name, version):
                yield name

    def but(self, *, state: State | None = None, attributes: Mapping[str, tuple[Instance, ...]] | None = None) -> ManagedObject:
        """The same object with another state, other attributes, or both; `due` is reckoned anew (and five times as fast as `replace`)."""
        state, attributes = state or self.state, self.attributes if attributes is None else attributes
        return ManagedObject(
            self.unique_identifier,
            self.owner,
            self.object_type,
            state,
            attributes,
            self.created_at,
            self.skeleton,
            self.envelope,
            self.revision,
            next_date(state, _date(attributes, "Activation Date"), _date(attributes, "Deactivation Date")),
        )

    def with_values(self, changes: Mapping[str, AttributeValue], *, state: State | None = None) -> ManagedObject:
        """The object with these single-instance attributes set, and perhaps in another state."""
        attributes = dict(self.attributes)
        for name, value in changes.items():
            attributes[name] = (Instance(0, value),)
        return self.but(attributes=attributes, state=state)

    def with_instances(self, name: str, instances: tuple[Instance, ...]) -> ManagedObject:
        """The object with exactly these instances of an attribute; none at all takes the attribute away."""
        attributes = dict(self.attributes)
        if instances:
            attributes[name] = instances
        else:
            attributes.pop(name, None)
        return self.but(attributes=attributes)

    def without_material(self) -> ManagedObject:
        """The object with its key material gone; what its form alone said stays known."""
        kept = {name: self.instances(name) for name in ("Key Format Type", "Opaque Data Type")}
        attributes = {**self.attributes, **{name: instances for name, instances in kept.items() if instances}}
        return replace(self, envelope=None, skeleton=None, attributes=attributes)

    def at(self, now: int) -> ManagedObject:
        """The object as it is at ``now``: moved by the dates that have come since it was written."""
        if self.due is None or self.due > now:
            return self
        return self.but(state=settled(self.state, self.date("Activation Date"), self.date("Deactivation Date"), now))


def _date(attributes: Mapping[str, tuple[Instance, ...]], name: str) -> int | None:
    instances = attributes.get(name)
    value = instances[0].value if instances else None
    return value if isinstance(value, int) else None
