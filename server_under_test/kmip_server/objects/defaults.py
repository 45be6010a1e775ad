"""What a new object gets that the client left out: "KMIP servers SHALL supply values for these attributes" (KMIP 2.1, 4, Table 28).

Since 2.0 only; 1.x makes the client name them (1.4, 4.1 and 4.3). Query tells these values (Query Defaults Information).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, ObjectType
from kmip_server.objects.managed import Instance
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kmip_server.engine.context import RequestContext
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
    for name, value in DEFAULTS.get(object_type, {}).items():
        if name not in besides:
            given.setdefault(name, (Instance(0, value),))
