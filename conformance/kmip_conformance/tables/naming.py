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
    """The name of a tag or value in the XML encoding, ``UniqueIdentifier``; other symbols become ``_``."""
    words = re.sub(r"^(\d+)(\w+)", r"\2\1", words)
    camel = "".join(word[:1].upper() + word[1:] for word in re.split(r"[ -]+", words))
    return re.sub(r"\W+", "_", camel).strip("_")
