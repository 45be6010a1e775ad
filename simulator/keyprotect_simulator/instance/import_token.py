"""The import token of an instance: an RSA-4096 key pair and a nonce, to encrypt key material with on its way in.

An instance has one token; a new one replaces it. Retrieving it uses it up, importing with it does not: the documentation says both that
a token serves until it expires and that it ends with the last retrieval, and this is where the two meet.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from keyprotect_simulator.calls import Answer, Call
from keyprotect_simulator.faults import fault
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.bodies import Field, read_object
from keyprotect_simulator.records import ImportToken, Put, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyprotect_simulator.messages import Json

KEY_BITS = 4096
NONCE_LENGTH = 12


def whole(least: int, most: int) -> Callable[[float], bool]:
    """The rule of a whole number within bounds, which SDKs may send as 600.0."""
    return lambda number: number == int(number) and least <= number <= most


BODY = {
    "expiration": Field((int, float), whole(300, 86_400), "an integer between 300 and 86400 (inclusive)"),
    "maxAllowedRetrievals": Field((int, float), whole(1, 500), "an integer between 1 and 500 (inclusive)"),
}


def new_key_pair(call: Call) -> Secret:
    """The private key of a token that is asked for lawfully. It comes from the operating system's randomness, and takes a second or so."""
    read_object(call.request, BODY, required=False)
    private = rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
    return Secret(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def create_import_token(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#postimporttoken. Its key pair was made before (`Route.prepare`)."""
    fields = read_object(call.request, BODY, required=False)
    retrievals = int(fields.get("maxAllowedRetrievals", 1))
    token = ImportToken(
        id=call.instance.id,
        private_pem=call.prepared,
        nonce=Secret(call.random(NONCE_LENGTH)),
        created=call.now,
        expires=call.now + int(fields.get("expiration", 600)),
        allowed_retrievals=retrievals,
        remaining_retrievals=retrievals,
    )
    return Answer(200, token_form(token), changes=(Put(token),))


def get_import_token(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getimporttoken."""
    token = call.state.get(ImportToken, call.instance.id)
    if token is None:
        raise fault("IMPORT_TOKEN_NOT_FOUND_ERR")
    if token.expires <= call.now or token.remaining_retrievals < 1:
        raise fault("IMPORT_TOKEN_EXPIRED_ERR")
    retrieved = replace(token, remaining_retrievals=token.remaining_retrievals - 1)
    public = private_key(token).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    secrets = {"payload": base64.b64encode(pem).decode(), "nonce": base64.b64encode(token.nonce).decode()}
    return Answer(200, {**token_form(retrieved), **secrets}, changes=(Put(retrieved),))


def token_form(token: ImportToken) -> Json:
    """A token without its key."""
    return {
        "creationDate": rfc3339(token.created),
        "expirationDate": rfc3339(token.expires),
        "maxAllowedRetrievals": token.allowed_retrievals,
        "remainingRetrievals": token.remaining_retrievals,
    }


def private_key(token: ImportToken) -> rsa.RSAPrivateKey:
    """The key that opens what was encrypted to the token."""
    key = serialization.load_pem_private_key(token.private_pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
