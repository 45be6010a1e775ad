"""The names of tags, types and values as XML and JSON spell them: one word in CamelCase.

KMIP Additional Message Encodings 1.0, 4.1.3 and 6.1.3 make that word from the standard's text; our enumerations hold that text in upper
snake case. So a word is capitalised unless it is an abbreviation, a word that begins with a digit keeps the mark before it as ``_``
(X_509, SHA_1, PKCS_11), and what this loses is in `SPELT`. Every spelling that some version of the standard had is read; the newest is
written.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.enums.versioned import VersionedEnum, VersionedMask

ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        """
    AEAD AES AESKW ANSI ARIA AWS BDK CA CBC CCM CFB CMAC CMVP CN CRL CRMF CRT CSR CTR CVK DC DEK DES DH DN DNS DPI DRBG DSA DUKPT EC ECB
    ECDH ECDSA ECMQV FIPS FPE GCM GF GOST GP HKDF HMAC HTTPS ID IDEA IP IV JSON KEK KMIP MAC MARS MKAC MKCP MKDAC MKDN MKOTH MKSMC MKSMI
    NIST NRBG OAEP OFB OU PCBC PEM PGP PIN PKCS PSS PVKIBM PVKOTH PVKPVV RIPEMD RNG RSA RSASSA SAML SHA SHAKE SKIPJACK SPHINCS ST TCG TDKW
    TLS TPM TR TRKBK TTLV UID URI XML XMSS XOR XTS ZPK
    """,
    )
)
"""Words that keep their capitals. So do single letters (P_192, Q) and words with digits (SHA3, SECP256K1)."""

WORDS = {
    "CHACHA20": "ChaCha20",
    "CHACHA20POLY1305": "ChaCha20Poly1305",
    "CHAR2": "Char2",
    "ED25519": "Ed25519",
    "ED448": "Ed448",
    "MCELIECE": "McEliece",
    "MINLOS": "MinLOS",
    "POLY1305": "Poly1305",
    "RNGS": "RNGs",
}
"""Words with a spelling of their own."""

KEEP_THE_MARK = frozenset({"C", "CBC", "DUAL", "HMAC", "RSASSA"})
"""Words after which the standard has a mark that does not become a blank: HMAC-SHA1, RSASSA-PSS, C_Initialize."""

VERBATIM = frozenset({"PKCS11ReturnCode"})
"""Enumerations whose values other standards spell as we do: CKR_FUNCTION_NOT_SUPPORTED of PKCS#11, without its CKR_."""

SPELT: dict[tuple[str, str], str] = {
    ("CryptographicAlgorithm", "TRIPLE_DES"): "DES3",
    ("CryptographicAlgorithm", "SEED"): "SEED",
    ("CryptographicAlgorithm", "GOST_R_34_10_2012"): "GOSTR34_10_2012",
    ("CryptographicAlgorithm", "GOST_R_34_11_2012"): "GOSTR34_11_2012",
    ("CryptographicAlgorithm", "GOST_R_34_13_2015"): "GOSTR34_13_2015",
    ("CryptographicAlgorithm", "GOST_28147_89"): "GOST28147_89",
    ("DerivationMethod", "HASH"): "HASH",
    ("DerivationMethod", "ENCRYPT"): "ENCRYPT",
    ("DerivationMethod", "NIST800_108_C"): "NIST800_108_C",
    ("DerivationMethod", "NIST800_108_F"): "NIST800_108_F",
    ("DerivationMethod", "NIST800_108_DPI"): "NIST800_108_DPI",
    ("DerivationMethod", "AWS_SIGNATURE_VERSION_4"): "AWSSignatureVersion4",
    ("PaddingMethod", "ISO_10126"): "ISO10126",
    ("RNGAlgorithm", "FIPS_186_2"): "FIPS186_2",
    ("SplitKeyMethod", "POLYNOMIAL_SHARING_GF_2_16"): "PolynomialSharingGF2_16",
    ("SplitKeyMethod", "POLYNOMIAL_SHARING_GF_2_8"): "PolynomialSharingGF2_8",
}
"""Spellings that do not follow from our names."""

ALSO_READ: dict[tuple[str, str], tuple[str, ...]] = {
    ("CryptographicUsageMask", "CONTENT_COMMITMENT"): ("ContentCommitmentNonRepudiation",),
    ("DigitalSignatureAlgorithm", "MD2_WITH_RSA_ENCRYPTION"): ("MD2WithRSAEncryptionPKCS_1V1_5",),
    ("DigitalSignatureAlgorithm", "MD5_WITH_RSA_ENCRYPTION"): ("MD5WithRSAEncryptionPKCS_1V1_5",),
    ("DigitalSignatureAlgorithm", "SHA_1_WITH_RSA_ENCRYPTION"): ("SHA_1WithRSAEncryptionPKCS_1V1_5",),
    ("DigitalSignatureAlgorithm", "SHA_224_WITH_RSA_ENCRYPTION"): ("SHA_224WithRSAEncryptionPKCS_1V1_5",),
    ("DigitalSignatureAlgorithm", "SHA_256_WITH_RSA_ENCRYPTION"): ("SHA_256WithRSAEncryptionPKCS_1V1_5",),
    ("DigitalSignatureAlgorithm", "SHA_384_WITH_RSA_ENCRYPTION"): ("SHA_384WithRSAEncryptionPKCS_1V1_5",),
    ("DigitalSignatureAlgorithm", "SHA_512_WITH_RSA_ENCRYPTION"): ("SHA_512WithRSAEncryptionPKCS_1V1_5",),
    ("DigitalSignatureAlgorithm", "RSASSA_PSS"): ("RSASSA_PSSPKCS_1V2_1",),
    ("HashingAlgorithm", "SHA3_224"): ("SHA_3_224",),
    ("HashingAlgorithm", "SHA3_256"): ("SHA_3_256",),
    ("HashingAlgorithm", "SHA3_384"): ("SHA_3_384",),
    ("HashingAlgorithm", "SHA3_512"): ("SHA_3_512",),
    ("MaskGenerator", "MGF1"): ("MFG1",),
    ("ResultReason", "NOT_AUTHORISED"): ("NotAuthorized",),
}
"""What other versions of the standard, or its test cases, call a value."""


def token_of(member: VersionedEnum | VersionedMask) -> str | None:
    """The word for a tag, a type or a value; None for a vendor's extension, which has none."""
    name = member.name
    if name is None or name.startswith("EXTENSION_8"):
        return None
    enumeration = type(member).__name__
    return name if enumeration in VERBATIM else SPELT.get((enumeration, name)) or _camel_case(name)


@cache
def by_token(enumeration: type[VersionedEnum | VersionedMask]) -> Mapping[str, VersionedEnum | VersionedMask]:
    """Every word of an enumeration or a mask, those of other versions too, with what it means."""
    words: dict[str, VersionedEnum | VersionedMask] = {}
    for member in enumeration:
        token = token_of(member)
        assert token is not None, member
        words[token] = member
        words.update(dict.fromkeys(ALSO_READ.get((enumeration.__name__, str(member.name)), ()), member))
    return words


def _camel_case(name: str) -> str:
    spelt, mark = "", ""
    for word in name.split("_"):
        spelt += f"_{word}" if word[0].isdigit() else mark + _word(word)
        mark = "_" if word in KEEP_THE_MARK else ""
    return spelt


def _word(word: str) -> str:
    if word in WORDS:
        return WORDS[word]
    keeps_capitals = len(word) == 1 or word in ABBREVIATIONS or not word.isalpha()
    return word if keeps_capitals else word.capitalize()
