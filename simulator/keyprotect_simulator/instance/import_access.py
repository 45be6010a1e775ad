"""The policy keyCreateImportAccess: which kinds of keys may be generated and imported, and whether only with an import token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.faults import fault
from keyprotect_simulator.instance.policies import IMPORT_ACCESS, attributes_in_force

if TYPE_CHECKING:
    from keyprotect_simulator.calls import Call


def creation_is_allowed(call: Call, *, extractable: bool, imported: bool, secure: bool) -> None:
    """Refuse a new key of a kind that the policy does not allow."""
    attributes = attributes_in_force(call.state, call.instance.id, IMPORT_ACCESS)
    if attributes is None:
        return
    kind = f"{'import' if imported else 'create'}_{'standard' if extractable else 'root'}_key"
    if not attributes[kind] or (attributes["enforce_token"] and imported and not extractable and not secure):
        raise fault("KEY_CREATE_IMPORT_ACCESS_ERR")


def rotation_is_allowed(call: Call, *, imported: bool, secure: bool) -> None:
    """Refuse new material for an imported key without an import token, where the policy enforces tokens."""
    attributes = attributes_in_force(call.state, call.instance.id, IMPORT_ACCESS)
    if attributes is not None and attributes["enforce_token"] and imported and not secure:
        raise fault("KEY_CREATE_IMPORT_ACCESS_ERR")
