"""Which versions and operations the server offers: one engine, several faces.

``reference`` offers everything that is built. ``kmip-for-vmware`` is the classic IBM Cloud service as vCenter knows it.
``keyprotect-native`` is Key Protect's own KMIP adapter: Discover Versions answers 1.4 alone, and nine operations are served. vCenter
writes 1.1 in every header, whatever it is offered, and is certified with the real service: so *accepting* a version is not *offering* it
(inferred: nobody has recorded what the service does with 1.1). `Personality.strict` refuses what is not offered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kmip_server.enums import ObjectType, Operation
from kmip_server.errors import ConfigurationError
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, V3_0, KmipVersion


@dataclass(frozen=True, slots=True)
class Personality:
    """A face of the server.

    Attributes:
        name: what ``--personality`` calls it.
        offered: the versions that Discover Versions lists, most preferred first.
        accepted: the versions a request header may carry.
        operations: what is on offer; None: everything the operation table has.
        object_types: what may be created or registered.
    """

    name: str
    offered: tuple[KmipVersion, ...]
    accepted: frozenset[KmipVersion]
    operations: frozenset[Operation] | None
    object_types: frozenset[ObjectType]

    def strict(self) -> Personality:
        """The same, but that it accepts only what it offers."""
        return replace(self, accepted=frozenset(self.offered))

    def offers(self, operation: Operation | int) -> bool:
        """Whether the operation is on offer here, if the version has it."""
        return self.operations is None or operation in self.operations

    def answering_version(self, asked: KmipVersion | None) -> KmipVersion:
        """The version that an error answer is written in: the request's where it is accepted, else the highest offered below it."""
        if asked in self.accepted:
            return asked
        lower = (version for version in self.offered if asked is not None and version <= asked)
        return next(lower, self.offered[0])

    def processing_version(self, asked: KmipVersion) -> KmipVersion | None:
        """The version a request is read under; None: its major version is foreign, or this personality refuses it.

        A later minor version is processed as the highest of its major version: "Ignore unknown fields, process rest normally"
        (KMIP 1.4, 11.1; 6.1 asks for compatibility within a major version).
        """
        if asked in self.accepted:
            return asked
        highest = next((version for version in self.offered if version.major == asked.major), None)
        return highest if highest is not None and asked > highest else None


_ONE = (V1_4, V1_3, V1_2, V1_1, V1_0)
_ALL = (V2_1, V2_0, *_ONE, V3_0)
"""Most preferred first; the draft of 3.0 is for those who ask for it."""
_ALL_OBJECTS = frozenset(kind for kind in ObjectType if kind.since < V3_0)
_NATIVE_OPERATIONS = frozenset(
    {
        Operation.CREATE,
        Operation.LOCATE,
        Operation.GET,
        Operation.GET_ATTRIBUTES,
        Operation.ADD_ATTRIBUTE,
        Operation.ACTIVATE,
        Operation.REVOKE,
        Operation.DESTROY,
        Operation.DISCOVER_VERSIONS,
    }
)
_CLASSIC_OPERATIONS = _NATIVE_OPERATIONS | {
    Operation.QUERY,
    Operation.GET_ATTRIBUTE_LIST,
    Operation.MODIFY_ATTRIBUTE,
    Operation.DELETE_ATTRIBUTE,
}

REFERENCE = Personality("reference", _ALL, frozenset(_ALL), None, _ALL_OBJECTS)
KMIP_FOR_VMWARE = Personality("kmip-for-vmware", _ONE, frozenset(_ONE), _CLASSIC_OPERATIONS, frozenset({ObjectType.SYMMETRIC_KEY}))
KEYPROTECT_NATIVE = Personality("keyprotect-native", (V1_4,), frozenset(_ONE), _NATIVE_OPERATIONS, frozenset({ObjectType.SYMMETRIC_KEY}))
"""Key Protect's own KMIP: 1.4 and nine operations; requests under 1.0 to 1.3 are served, as vCenter needs."""

PERSONALITIES = {personality.name: personality for personality in (REFERENCE, KMIP_FOR_VMWARE, KEYPROTECT_NATIVE)}


def personality_named(name: str, *, only_offered_versions: bool = False) -> Personality:
    """The personality of that name, `Personality.strict` if so wanted. Raises `ConfigurationError` that lists the names there are."""
    if name not in PERSONALITIES:
        raise ConfigurationError(f"no personality is called {name!r}", f"choose one of: {', '.join(PERSONALITIES)}")
    return PERSONALITIES[name].strict() if only_offered_versions else PERSONALITIES[name]
