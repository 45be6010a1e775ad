"""The profiles that Query claims (KMIP 1.4, 2.1.19; 2.1, 7.31): those whose published cases this server passes.

A profile is claimed where its operations and object types are on offer, so that a personality which leaves some out claims less. Not
claimed, although much of them is here: Baseline and Complete Server, which since 2.0 ask for every server-to-client operation at any time;
Suite B, which asks for certificates that the lab does not make; PKCS#11, of which only the stateless functions are here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kmip_server.enums import ObjectType, Operation, ProfileName
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.personality import Personality
    from kmip_server.versions import KmipVersion

_KEY_MANAGEMENT = frozenset({Operation.QUERY, Operation.LOCATE, Operation.GET, Operation.GET_ATTRIBUTES, Operation.DESTROY})
_LIFE = _KEY_MANAGEMENT | {Operation.ACTIVATE, Operation.REVOKE, Operation.GET_ATTRIBUTE_LIST}
_ATTRIBUTES = frozenset({Operation.ADD_ATTRIBUTE, Operation.MODIFY_ATTRIBUTE, Operation.DELETE_ATTRIBUTE})
_SYMMETRIC = frozenset({ObjectType.SYMMETRIC_KEY})
_PAIR = frozenset({ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY})


@dataclass(frozen=True, slots=True)
class Claim:
    """One profile of a server.

    Attributes:
        profile: its name among the Profile Names, without what says the version.
        operations, object_types: what it asks for.
        because: how it is known that the server meets it.
    """

    profile: str
    operations: frozenset[Operation]
    object_types: frozenset[ObjectType]
    because: str


CLAIMS = (
    Claim("TAPE_LIBRARY", _LIFE | _ATTRIBUTES | {Operation.CREATE}, _SYMMETRIC, "TL-M-1 to 3: batches, 30 custom attributes a key"),
    Claim("SYMMETRIC_KEY_LIFECYCLE", _LIFE | {Operation.CREATE}, _SYMMETRIC, "SKLC-M-1 to 3"),
    Claim("SYMMETRIC_KEY_FOUNDRY", _LIFE | {Operation.CREATE}, _SYMMETRIC, "SKFF-M-1 to 12: 3DES and AES of every length"),
    Claim(
        "OPAQUE_MANAGED_OBJECT_STORE",
        _KEY_MANAGEMENT | {Operation.REGISTER},
        frozenset({ObjectType.OPAQUE_OBJECT}),
        "OMOS-M-1, OMOS-O-1",
    ),
    Claim(
        "STORAGE_ARRAY_WITH_SELF_ENCRYPTING_DRIVE",
        _KEY_MANAGEMENT | {Operation.REGISTER, Operation.ADD_ATTRIBUTE},
        frozenset({ObjectType.SECRET_DATA}),
        "SASED-M-1 to 3",
    ),
    Claim("ASYMMETRIC_KEY_LIFECYCLE", _LIFE | {Operation.CREATE_KEY_PAIR}, _PAIR, "AKLC-M-1 to 3"),
    Claim("BASIC_CRYPTOGRAPHIC", frozenset({Operation.ENCRYPT, Operation.DECRYPT}), _SYMMETRIC, "CS-BC-M"),
    Claim(
        "ADVANCED_CRYPTOGRAPHIC",
        frozenset({Operation.ENCRYPT, Operation.DECRYPT, Operation.SIGN, Operation.SIGNATURE_VERIFY, Operation.MAC, Operation.MAC_VERIFY}),
        _SYMMETRIC | _PAIR,
        "CS-AC-M",
    ),
    Claim("RNG_CRYPTOGRAPHIC", frozenset({Operation.RNG_RETRIEVE, Operation.RNG_SEED}), frozenset(), "CS-RNG-M-1"),
    Claim("AES_XTS", frozenset({Operation.CREATE, Operation.REGISTER}), _SYMMETRIC, "AX-M-1 and 2"),
    Claim("HTTPS", frozenset(), frozenset(), "MSGENC-HTTPS-M-1, on the port of TTLV"),
    Claim("JSON", frozenset(), frozenset(), "MSGENC-JSON-M-1"),
    Claim("XML", frozenset(), frozenset(), "MSGENC-XML-M-1"),
)


@cache
def claimed(version: KmipVersion, personality: Personality) -> tuple[ProfileName, ...]:
    """The profiles that this personality meets, by the names that a version has for them, in the order of their numbers."""
    met = (
        claim
        for claim in CLAIMS
        if all(personality.offers(one) for one in claim.operations) and claim.object_types <= personality.object_types
    )
    names = {ProfileName[name] for claim in met for name in _names(claim.profile, version, personality)}
    return tuple(sorted(name for name in names if name.exists_in(version)))


def _names(profile: str, version: KmipVersion, personality: Personality) -> Iterator[str]:
    """Until 1.4 a name tells the version of the profile, and each accepted version has one; since 2.0 it does not."""
    names = [f"{profile}_SERVER"]
    if version < V2_0:
        names = [f"{profile}_SERVER_KMIP_V{one.major}_{one.minor}" for one in personality.accepted if one < V2_0]
    yield from (name for name in names if name in ProfileName.__members__)
