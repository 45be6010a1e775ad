"""Access tokens: JWTs signed with RS256, with the claims that IAM puts in, and the keys to verify them.

A token that cannot be read at all is told from one that is not valid, because Key Protect answers them differently (400 and 401).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from keyprotect_simulator.identifiers import Random, new_uuid
from keyprotect_simulator.records import Secret, ServiceId, SigningKey

if TYPE_CHECKING:
    from jwt.types import Options

    from keyprotect_simulator.messages import Json

ISSUER = "https://iam.cloud.ibm.com/identity"
LIFETIME = 3600
"""Seconds that an access token is good for."""
SCOPE = "ibm openid"
ALGORITHM = "RS256"
CLOCK_SKEW = 1
"""Seconds by which a token may come from the future."""
REMEMBERED_TOKENS = 1024
"""Tokens whose signature is not verified again."""
TIME_IS_OUR_BUSINESS: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["iat", "exp", "iss"]}
"""PyJWT would compare with the machine's clock; IAM's clock is given."""


class UnreadableToken(Exception):
    """The text is no JWT, or one without a subject."""


class InvalidToken(Exception):
    """The token is expired, not yet valid, or not signed by this IAM."""


class VerifiedToken(NamedTuple):
    """What is left to check of a token whose signature and issuer are right."""

    iam_id: str
    issued_at: int
    expires_at: int


def new_signing_key(random: Random) -> SigningKey:
    """A fresh RSA-2048 key. The key itself always comes from the operating system's randomness."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SigningKey(id=f"simulator-{random(8).hex()}", private_pem=Secret(pem))


class TokenIssuer:
    """Signs and verifies access tokens with one key."""

    def __init__(self, signing_key: SigningKey) -> None:
        self._verified: dict[str, VerifiedToken] = {}
        self.use(signing_key)

    def use(self, signing_key: SigningKey) -> None:
        """Sign and verify with this key from now on; what another one signed is forged."""
        private = serialization.load_pem_private_key(signing_key.private_pem, password=None)
        assert isinstance(private, rsa.RSAPrivateKey)
        self._private = private
        self._public = private.public_key()
        self._verified = {}
        self.key_id = signing_key.id

    def issue(self, service: ServiceId, *, grant_type: str, now: float, random: Random) -> str:
        """An access token for a service ID, good for one hour from `now`."""
        claims = claims_of(service, grant_type=grant_type, now=int(now), token_id=new_uuid(random))
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self.key_id})

    def subject(self, token: str, *, now: float) -> str:
        """The `iam_id` of a valid token.

        Raises:
            UnreadableToken: the text is no JWT or names no subject.
            InvalidToken: another issuer's, or outside of its time.
        """
        verified = self._verified.get(token) or self._verify(token)
        if not verified.issued_at <= now + CLOCK_SKEW or not now < verified.expires_at:
            raise InvalidToken("the token is outside of its time")
        return verified.iam_id

    def _verify(self, token: str) -> VerifiedToken:
        require_subject(token)
        try:
            claims = jwt.decode(token, self._public, algorithms=[ALGORITHM], issuer=ISSUER, options=TIME_IS_OUR_BUSINESS)
            verified = VerifiedToken(str(claims["iam_id"]), int(claims["iat"]), int(claims["exp"]))
        except (jwt.InvalidTokenError, ValueError) as error:
            raise InvalidToken(str(error)) from error
        if len(self._verified) >= REMEMBERED_TOKENS:
            self._verified.clear()
        self._verified[token] = verified
        return verified

    def key_set(self) -> Json:
        """The JSON Web Key Set with the public key."""
        public: dict[str, Any] = RSAAlgorithm.to_jwk(self._public, as_dict=True)
        public.pop("key_ops", None)
        return {"keys": [{**public, "alg": ALGORITHM, "use": "sig", "kid": self.key_id}]}


def require_subject(token: str) -> None:
    """Raise UnreadableToken for a text that is no JWT with a subject."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise UnreadableToken(str(error)) from error
    if not isinstance(claims.get("sub"), str) or not isinstance(claims.get("iam_id"), str):
        raise UnreadableToken("the token has no subject")


def claims_of(service: ServiceId, *, grant_type: str, now: int, token_id: str) -> Json:
    """The claims of a service ID's token, as published tokens of IBM Cloud have them."""
    identity = {"sub": service.id, "iam_id": service.iam_id, "sub_type": "ServiceId", "name": service.name}
    return {
        "iam_id": service.iam_id,
        "id": service.iam_id,
        "realmid": "iam",
        "jti": token_id,
        "identifier": service.id,
        "name": service.name,
        "sub": service.id,
        "sub_type": "ServiceId",
        "authn": identity,
        "account": {"valid": True, "bss": service.account_id, "frozen": True},
        "iat": now,
        "exp": now + LIFETIME,
        "iss": ISSUER,
        "grant_type": grant_type,
        "scope": SCOPE,
        "client_id": "default",
        "acr": 1,
        "amr": ["pwd"],
    }
