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
    housekeeping,
    leases,
    locate,
    macs,
    randomness,
    register,
    rekey,
    revoke,
    sessions,
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
    "housekeeping",
    "leases",
    "locate",
    "macs",
    "randomness",
    "register",
    "rekey",
    "revoke",
    "sessions",
]
