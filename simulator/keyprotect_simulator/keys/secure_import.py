"""Secure import: key material encrypted to an import token.

The calls for import tokens are not simulated yet, so no instance has a token, and material that says that it was encrypted to one is
refused the way an expired token is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.faults import fault
from keyprotect_simulator.keys.bodies import SECURE_IMPORT

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json


def refuse_secure_import(fields: Json) -> None:
    """Refuse a body that has any of the fields of a secure import."""
    if not SECURE_IMPORT.keys().isdisjoint(fields):
        raise fault("IMPORT_TOKEN_EXPIRED_ERR")
