"""How objects come to have attributes that no client gave them, and which attributes are tested elsewhere than with all the others.

``engine/test_attribute_behaviour.py`` holds the server to these tables; docs/coverage.md shows them.
"""

from __future__ import annotations

SET_BY_STATE = {
    "Destroy Date": "DESTROYED",
    "Compromise Date": "COMPROMISED",
    "Compromise Occurrence Date": "COMPROMISED",
    "Revocation Reason": "DEACTIVATED",
    "Archive Date": "ARCHIVED",
}
"""The state into which an object has to come before it has the attribute, which its operation sets implicitly."""

PARTS_OF_A_NAME = ("CN", "O", "OU", "Email", "C", "ST", "L", "UID", "Serial Number", "Title", "DC", "DN Qualifier")

SET_AT_CREATION = frozenset(
    {
        "Always Sensitive",
        "Certificate Identifier",
        "Certificate Issuer",
        "Certificate Length",
        "Certificate Subject",
        "Certificate Type",
        "Cryptographic Algorithm",
        "Cryptographic Length",
        "Digest",
        "Digital Signature Algorithm",
        "Extractable",
        "Fresh",
        "Initial Date",
        "Key Format Type",
        "Last Change Date",
        "Lease Time",
        "Never Extractable",
        "Object Type",
        "Opaque Data Type",
        "Operation Policy Name",
        "Protection Storage Mask",
        "Sensitive",
        "Short Unique Identifier",
        "State",
        "Unique Identifier",
        "X.509 Certificate Identifier",
        "X.509 Certificate Issuer",
        "X.509 Certificate Subject",
        *(f"Certificate {whose} {part}" for whose in ("Subject", "Issuer") for part in PARTS_OF_A_NAME),
    }
)
"""What an object has from the beginning, though nobody gave it."""

ELSEWHERE = {
    "Key Value Present": "when a key is registered without its value: `test_keys.py::test_a_key_registered_without_its_value`",
    "Rotate Automatic": "refused: this server rotates no object by itself (2.1, 4.48)",
    "Rotate Date": "by Re-key and its like: `test_rekey.py`",
    "Rotate Generation": "by Re-key and its like: `test_rekey.py`",
    "Rotate Latest": "by Re-key and its like: `test_rekey.py`",
}
"""Attributes that no object of that test comes to have, and where they are tested."""
