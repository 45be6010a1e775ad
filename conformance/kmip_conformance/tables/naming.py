"""How the standard's words become Python names, and XML tokens.

``Re-key Key Pair`` is `RE_KEY_KEY_PAIR`, ``PKCS#11`` is `PKCS_11`, and a leading run of digits goes behind the letters (``3DES`` is
`DES3`), as the XML encoding has it (KMIP 1.4 Profiles, 5.4: element and value names).
"""

from __future__ import annotations

import re

CLASS_NAMES = {"Unique Identifier": "UniqueIdentifierEnumeration", "Data": "DataEnumeration"}
"""Enumerations whose own name would hide the field that holds them."""

WORDS_RUN_TOGETHER = {"AESKeyWrapPadding": "AES Key Wrap Padding", "NISTKeyWrap": "NIST Key Wrap", "ECPrivateKey": "EC Private Key"}


def member_name(words: str) -> str:
    """The constant for a tag or a value: upper snake case."""
    words = WORDS_RUN_TOGETHER.get(words, words)
    return re.sub(r"\W+", "_", re.sub(r"^(\d+)(\w+)", r"\2\1", words)).strip("_").upper()


def class_name(enumeration: str) -> str:
    """The class for an enumeration: its words, run together."""
    return CLASS_NAMES.get(enumeration, re.sub(r"\W+", "", enumeration))


def xml_token(words: str) -> str:
    """The name of a tag or value in XML and JSON: ``UniqueIdentifier``, ``SHA_256`` (Additional Message Encodings 1.0, 4.1.3)."""
    parts = [re.sub(r"\W", "_", word) for word in re.sub(r"\W([A-Za-z][a-z])", r" \1", re.sub(r"[()]", " ", words)).split()]
    parts[0] = re.sub(r"^(\d+)(.*)", r"\2\1", parts[0])
    return "".join(part[:1].upper() + part[1:] for part in parts)
