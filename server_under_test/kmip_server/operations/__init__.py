"""The operations, one module a family. Importing this package fills the table (`operations.table`)."""

from __future__ import annotations

from kmip_server.operations import (
    attributes,
    check,
    create,
    destroy,
    discovery,
    encryption,
    get,
    hashing,
    locate,
    macs,
    randomness,
    register,
    revoke,
)

__all__ = [
    "attributes",
    "check",
    "create",
    "destroy",
    "discovery",
    "encryption",
    "get",
    "hashing",
    "locate",
    "macs",
    "randomness",
    "register",
    "revoke",
]
