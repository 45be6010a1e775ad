"""Roles, and the one table that says which role may do what.

Service roles are additive except KeyPurge, which stands alone. Platform roles (Viewer …) let a caller see, make and remove
instances; they grant no key operation whatsoever.
"""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """A service role of Key Protect, or a platform role."""

    READER = "Reader"
    READER_PLUS = "ReaderPlus"
    WRITER = "Writer"
    MANAGER = "Manager"
    KEY_PURGE = "KeyPurge"
    KMIP_ADAPTER_MANAGER = "KmipAdapterManager"
    VIEWER = "Viewer"
    OPERATOR = "Operator"
    EDITOR = "Editor"
    ADMINISTRATOR = "Administrator"


R, P, W, M = Role.READER, Role.READER_PLUS, Role.WRITER, Role.MANAGER
K = Role.KMIP_ADAPTER_MANAGER

PERMISSIONS: dict[str, frozenset[Role]] = {
    "kms.secrets.create": frozenset({W, M}),
    "kms.secrets.list": frozenset({R, P, W, M, K}),
    "kms.secrets.head": frozenset({R, P, W, M, K}),
    "kms.secrets.read": frozenset({P, W, M}),
    "kms.secrets.readmetadata": frozenset({R, P, W, M}),
    "kms.secrets.delete": frozenset({M}),
    "kms.secrets.purge": frozenset({Role.KEY_PURGE}),
    "kms.secrets.restore": frozenset({M}),
    "kms.secrets.listkeyversions": frozenset({R, P, W, M}),
    "kms.secrets.wrap": frozenset({R, P, W, M}),
    "kms.secrets.unwrap": frozenset({R, P, W, M}),
    "kms.secrets.rewrap": frozenset({R, P, W, M}),
    "kms.secrets.rotate": frozenset({W, M}),
    "kms.secrets.disable": frozenset({M}),
    "kms.secrets.enable": frozenset({M}),
    "kms.secrets-with-policy-overrides.create": frozenset({M}),
    "kms.secrets.patch": frozenset({M}),
    "kms.secrets.setkeyfordeletion": frozenset({W, M}),
    "kms.secrets.unsetkeyfordeletion": frozenset({W, M}),
    "kms.secrets.sync": frozenset({W, M}),
    "kms.secrets.createalias": frozenset({W, M}),
    "kms.secrets.deletealias": frozenset({W, M}),
    "kms.policies.read": frozenset({M}),
    "kms.policies.write": frozenset({M}),
    "kms.instancepolicies.read": frozenset({M}),
    "kms.instancepolicies.write": frozenset({M}),
    "kms.instance.readallowedipport": frozenset({M}),
    "kms.registrations.list": frozenset({R, P, W, M}),
    "kms.registrations.write": frozenset({R, P, W, M}),
    "kms.importtoken.create": frozenset({W, M}),
    "kms.importtoken.read": frozenset({W, M}),
    "kms.keyrings.create": frozenset({W, M}),
    "kms.keyrings.list": frozenset({R, P, W, M, K}),
    "kms.keyrings.delete": frozenset({M}),
    "kms.kmip-management.create": frozenset({M, K}),
    "kms.kmip-management.list": frozenset({M, K}),
    "kms.kmip-management.read": frozenset({M, K}),
    "kms.kmip-management.delete": frozenset({M, K}),
}
"""Key Protect documentation, "Managing user access"; actions in their old spelling. `registrations.write` is ours: nobody's role lets him
write registrations, and whoever may list them is told why."""
