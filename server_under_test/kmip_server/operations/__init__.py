"""The operations, one module a family. Importing this package fills the table (`operations.table`)."""

from __future__ import annotations

from kmip_server.operations import (
    adjusting,
    archive,
    attributes,
    check,
    create,
    destroy,
    discovery,
    encryption,
    get,
    hashing,
    leases,
    locate,
    macs,
    randomness,
    register,
    rekey,
    revoke,
)

__all__ = [
    "adjusting",
    "archive",
    "attributes",
    "check",
    "create",
    "destroy",
    "discovery",
    "encryption",
    "get",
    "hashing",
    "leases",
    "locate",
    "macs",
    "randomness",
    "register",
    "rekey",
    "revoke",
]
