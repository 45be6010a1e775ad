"""PGP certificates, put together here packet by packet, in every way that lengths are written; and what is none."""

from __future__ import annotations

import base64

import pytest
from kmip_server.crypto.openpgp import pgp_attributes
from kmip_server.enums import CryptographicAlgorithm, DigitalSignatureAlgorithm
from kmip_server.messages import CertificateIdentifier, CertificateIssuer, CertificateSubject

USER = "Alice Example <alice@example.org>"
KEY = b"\x04" + bytes(4) + b"\x01" + (2048).to_bytes(2, "big") + b"\x80" + bytes(255) + b"\x00\x11\x01\x00\x01"
ISSUER = bytes.fromhex("240C17B36CCA0D26")


def old(tag, body, width=2):
    kind = {1: 0, 2: 1, 4: 2}[width]
    return bytes([0x80 | tag << 2 | kind]) + len(body).to_bytes(width, "big") + body


def new(tag, body):
    if len(body) < 192:
        length = bytes([len(body)])
    elif len(body) < 8384:
        length = bytes([(len(body) - 192 >> 8) + 192, len(body) - 192 & 0xFF])
    else:
        length = b"\xff" + len(body).to_bytes(4, "big")
    return bytes([0xC0 | tag]) + length + body


def signature(algorithm=1, hashing=8, hashed=b"", unhashed=b"\x09\x10" + ISSUER):
    return bytes([4, 0x13, algorithm, hashing]) + len(hashed).to_bytes(2, "big") + hashed + len(unhashed).to_bytes(2, "big") + unhashed


def armoured(data, header=b"Version: none\n"):
    text = base64.encodebytes(data).strip()
    return b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n" + header + b"\n" + text + b"\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"


WHOLE = old(6, KEY) + old(13, USER.encode(), 1) + old(2, signature()) + old(2, signature(17, 2))
FORMS = {
    "old": WHOLE,
    "new": new(6, KEY) + new(13, USER.encode()) + new(2, signature()),
    "four octets": old(6, KEY, 4) + old(13, USER.encode(), 4) + old(2, signature(), 4),
    "armoured": armoured(WHOLE),
    "armoured, no header": armoured(WHOLE, b""),
    "armoured, lines of Windows": armoured(WHOLE).replace(b"\n", b"\r\n"),
    "with what nobody knows": new(17, bytes(9000)) + WHOLE + new(60, b"?"),
    "signed part": old(6, KEY) + old(13, USER.encode()) + old(2, signature(hashed=b"\x16\x21\x04" + bytes(12) + ISSUER, unhashed=b"")),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_what_a_pgp_certificate_says(data):
    assert pgp_attributes(data) == {
        "Cryptographic Algorithm": (CryptographicAlgorithm.RSA,),
        "Cryptographic Length": (2048,),
        "Certificate Subject": (CertificateSubject(USER),),
        "Certificate Identifier": (CertificateIdentifier("240C17B36CCA0D26"),),
        "Certificate Issuer": (CertificateIssuer("240C17B36CCA0D26"),),
        "Digital Signature Algorithm": (DigitalSignatureAlgorithm.SHA_256_WITH_RSA_ENCRYPTION,),
    }


NONE = {
    "nothing": b"",
    "text": b"not a certificate",
    "cut": WHOLE[:-1],
    "no length": b"\xc6",
    "partial length": b"\xc6\xe0" + bytes(64),
    "armour alone": b"-----BEGIN PGP PUBLIC KEY BLOCK-----",
    "no base64": armoured(b"")[:-40] + b"\x00\x01",
}


@pytest.mark.parametrize("data", NONE.values(), ids=NONE)
def test_what_is_none_says_nothing(data):
    assert pgp_attributes(data) == {}


def test_parts_that_cannot_be_read_are_left_out():
    odd = old(6, b"\x04") + old(2, b"\x04\x13") + old(2, b"\x03\x05") + old(6, b"\x03" + bytes(20)) + old(13, b"\xff")
    assert pgp_attributes(odd) == {"Certificate Subject": (CertificateSubject("\ufffd"),)}
