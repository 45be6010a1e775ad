"""What a new object gets that the client left out: "KMIP servers SHALL supply values for these attributes" (KMIP 2.1, 4, Table 28).

Since 2.0 only; 1.x makes the client name them (1.4, 4.1 and 4.3). Since 2.1 a client sets defaults of its own (Set Defaults), for types of
objects and perhaps for some of their groups; those for a group go before those for all, and both before the server's. Query tells all
of them (Query Defaults Information).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, ObjectType
from kmip_server.messages import Attribute, Attributes, DefaultsInformation, ObjectDefaults, ObjectTypes
from kmip_server.objects.managed import Instance
from kmip_server.objects.standing import attributes_by_name, defaults_of, speaks_of
from kmip_server.versions import V2_0, V2_1

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import ObjectGroups
    from kmip_server.objects.managed import AttributeValue

USAGE = "Cryptographic Usage Mask"
CIPHER = CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT

DEFAULTS: dict[ObjectType, Mapping[str, AttributeValue]] = {
    ObjectType.SYMMETRIC_KEY: {"Cryptographic Algorithm": CryptographicAlgorithm.AES, USAGE: CIPHER},
    ObjectType.SPLIT_KEY: {USAGE: CIPHER},
    ObjectType.PRIVATE_KEY: {"Cryptographic Algorithm": CryptographicAlgorithm.RSA, USAGE: CryptographicUsageMask.SIGN},
    ObjectType.PUBLIC_KEY: {"Cryptographic Algorithm": CryptographicAlgorithm.RSA, USAGE: CryptographicUsageMask.VERIFY},
    ObjectType.SECRET_DATA: {USAGE: CryptographicUsageMask.DERIVE_KEY},
}
"""The attributes that the server supplies. Cryptographic Length follows from the algorithm or the material."""


def defaults_fill_in(
    given: dict[str, tuple[Instance, ...]], object_type: ObjectType, context: RequestContext, *, besides: Sequence[str] = ()
) -> None:
    """Add what is missing to the attributes given for a new object, where the version makes the server supply it."""
    if context.version < V2_0:
        return
    groups = {instance.value for instance in given.get("Object Group", ())}
    own = [one for one in defaults_of(context).object_defaults if speaks_of(types_of(one), one.object_groups, object_type, groups)]
    own.sort(key=lambda one: one.object_groups is None)
    for values in (*(attributes_by_name(one.attributes) for one in own), DEFAULTS.get(object_type, {})):
        for name, value in values.items():
            if name not in besides:
                given.setdefault(name, (Instance(0, value),))


def types_of(defaults: ObjectDefaults) -> ObjectTypes:
    """The types of objects that these defaults are for, named in one of two ways (2.1, 7.22)."""
    if defaults.object_types is not None:
        return defaults.object_types
    return ObjectTypes(() if defaults.object_type is None else (defaults.object_type,))


def told(context: RequestContext, groups: ObjectGroups | None) -> DefaultsInformation:
    """What Query says: the client's defaults that hold for these groups (None: all of them), then the server's own."""
    own = defaults_of(context).object_defaults
    if groups is not None:
        own = tuple(one for one in own if one.object_groups is None or set(one.object_groups.object_group) & set(groups.object_group))
    if context.version < V2_1:
        own = tuple(
            ObjectDefaults(object_type=object_type, attributes=one.attributes)
            for one in own
            if one.object_groups is None
            for object_type in types_of(one).object_type
        )
    server = (ObjectDefaults(object_type=object_type, attributes=_written(values)) for object_type, values in DEFAULTS.items())
    return DefaultsInformation((*own, *server))


def _written(values: Mapping[str, AttributeValue]) -> Attributes:
    return Attributes(tuple(Attribute(attribute_name=name, attribute_value=value) for name, value in values.items()))
