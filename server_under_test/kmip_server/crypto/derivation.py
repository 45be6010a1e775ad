"""Derivation Method (KMIP 2.1, 11.14; Derive Key, 6.1.14) → the bytes of the derived key.

A method gets the base key, the Derivation Data and the Derivation Parameters, and gives so many bytes; `DERIVATIONS` is the table.
Asymmetric Key (key agreement) takes two keys and is not here.

Where the text leaves room:

* HASH takes the key or the Derivation Data, as the text says; both are refused as ambiguous (KMIP 1.4, 11.7).
* HMAC: the key's own HMAC algorithm decides. A key of another algorithm says nothing about the PRF; then Hashing Algorithm does
  (TC-DERIVEKEY-2).
* NIST800-108: the Derivation Data is the whole fixed input: nothing is added to it. The counter has 32 bits and stands before the fixed
  input, in Feedback and Double-Pipeline Iteration Mode after the iterated value. The PRF is HMAC; with Block Cipher Mode CMAC it is CMAC.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kmip_server.crypto import hashes
from kmip_server.crypto.library_hashes import library_hash
from kmip_server.crypto.macs import hmac_of, mac
from kmip_server.crypto.refusals import bad, failed, unsupported
from kmip_server.crypto.symmetric import Job, transformed
from kmip_server.enums import BlockCipherMode, DerivationMethod, HashingAlgorithm, ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kmip_server.crypto.macs import Mac
    from kmip_server.crypto.padding import Random
    from kmip_server.enums import CryptographicAlgorithm
    from kmip_server.messages import CryptographicParameters

MOST_ITERATIONS = 2_000_000
"""Iterations of PBKDF2, those of all blocks of the result together: a request may not keep a processor busy for minutes."""

MOST_DERIVED = 64 * 1024
"""Bytes that can be derived at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What is derived from, and how.

    Attributes:
        key: the material of the object to derive from.
        algorithm: its Cryptographic Algorithm; None for a Secret Data.
        parameters: those of the Derivation Parameters, or the key's own.
        data: every Derivation Data; one, but for AWS Signature Version 4.
        iv: Initialization Vector.
        salt, iterations: of PBKDF2; HKDF has a salt too.
        random: gives random bytes, for paddings that have some.
    """

    key: bytes
    algorithm: CryptographicAlgorithm | None
    parameters: CryptographicParameters
    random: Random
    data: tuple[bytes, ...] = ()
    iv: bytes | None = None
    salt: bytes | None = None
    iterations: int | None = None

    def only_data(self) -> bytes:
        """The one Derivation Data that most methods need."""
        if len(self.data) != 1:
            raise _missing("this Derivation Method needs one Derivation Data, in the request or in a Secret Data object")
        return self.data[0]


def derived(method: DerivationMethod, base: Base, length: int) -> bytes:
    """``length`` bytes derived by the method. Raises `KmipFailure`."""
    if method not in DERIVATIONS:
        raise unsupported(f"the Derivation Method {method.name} is not supported")
    if length > MOST_DERIVED:
        raise failed(f"{length} bytes are asked for, and at most {MOST_DERIVED} are derived at once")
    result = DERIVATIONS[method](base, length)
    if len(result) < length:
        raise failed(f"the Derivation Method gives {len(result) * 8} bits, fewer than the Cryptographic Length of {length * 8}")
    return result[:length]


def _pbkdf2(base: Base, length: int) -> bytes:
    """RFC 8018, 5.2; SHA-1 where nothing else is said (TC-DERIVEKEY-3)."""
    if base.salt is None or base.iterations is None:
        raise _missing("PBKDF2 needs a Salt and an Iteration Count")
    name = hashes.library_name(base.parameters.hashing_algorithm or HashingAlgorithm.SHA_1)
    blocks = -(-length // hashlib.new(name, usedforsecurity=False).digest_size)
    if not 1 <= base.iterations <= MOST_ITERATIONS // blocks:
        raise bad(f"the Iteration Count is {base.iterations}; for this length 1 to {MOST_ITERATIONS // blocks} are possible")
    return hashlib.pbkdf2_hmac(name, base.key, base.salt, base.iterations, length)


def _hash(base: Base, _: int) -> bytes:
    if base.parameters.hashing_algorithm is None:
        raise bad("the Derivation Method HASH needs a Hashing Algorithm in the Cryptographic Parameters")
    if base.data and base.key:
        raise _ambiguous()
    return hashes.digest(base.parameters.hashing_algorithm, base.key or base.only_data())


def _hmac(base: Base, _: int) -> bytes:
    return _prf(base)(base.only_data())


def _encrypt(base: Base, _: int) -> bytes:
    if base.algorithm is None:
        raise bad("the Derivation Method ENCRYPT needs a key with a Cryptographic Algorithm, not a Secret Data")
    job = Job(algorithm=base.algorithm, key=base.key, parameters=base.parameters, encrypt=True, random=base.random, iv=base.iv)
    return transformed(job, base.only_data())[0]


def _prf(base: Base) -> Callable[[bytes], bytes]:
    """The pseudorandom function: the HMAC of the key's algorithm, or what the parameters say."""
    if base.algorithm in hashes.HMAC_HASHES:
        hashing = hashes.HMAC_HASHES[base.algorithm]
        return lambda data: _of(hmac_of(hashing, base.key), data)
    if base.parameters.block_cipher_mode is BlockCipherMode.CMAC or base.parameters.hashing_algorithm is None:
        return lambda data: _of(mac(base.algorithm, base.key, base.parameters), data)
    chosen = base.parameters.hashing_algorithm
    return lambda data: _of(hmac_of(chosen, base.key), data)


def _of(context: Mac, data: bytes) -> bytes:
    context.update(data)
    return context.digest()


def _counter_mode(base: Base, length: int) -> bytes:
    """NIST SP 800-108, 4.1: K(i) = PRF(KI, [i] || fixed input)."""
    prf, fixed = _prf(base), base.only_data()
    return _joined((prf(_counter(i) + fixed) for i in range(1, 2**32)), length)


def _feedback_mode(base: Base, length: int) -> bytes:
    """NIST SP 800-108, 4.2: K(i) = PRF(KI, K(i-1) || [i] || fixed input), K(0) the Initialization Vector."""
    prf, fixed = _prf(base), base.only_data()

    def blocks() -> Iterator[bytes]:
        block = base.iv or b""
        for i in range(1, 2**32):
            block = prf(block + _counter(i) + fixed)
            yield block

    return _joined(blocks(), length)


def _double_pipeline_mode(base: Base, length: int) -> bytes:
    """NIST SP 800-108, 4.3: A(i) = PRF(KI, A(i-1)), A(0) the fixed input; K(i) = PRF(KI, A(i) || [i] || fixed input)."""
    prf, fixed = _prf(base), base.only_data()

    def blocks() -> Iterator[bytes]:
        iterated = fixed
        for i in range(1, 2**32):
            iterated = prf(iterated)
            yield prf(iterated + _counter(i) + fixed)

    return _joined(blocks(), length)


def _counter(i: int) -> bytes:
    return i.to_bytes(4, "big")


def _joined(blocks: Iterator[bytes], length: int) -> bytes:
    result = b""
    while len(result) < length:
        result += next(blocks)
    return result


def _aws_signature_4(base: Base, _: int) -> bytes:
    """Date, Region and Service, in this order (KMIP 2.1, 7.12), one HMAC-SHA-256 after the other."""
    if len(base.data) != 3:
        raise _missing("AWS Signature Version 4 needs three Derivation Data: the date, the region and the service")
    key = b"AWS4" + base.key
    for part in (*base.data, b"aws4_request"):
        key = _of(hmac_of(HashingAlgorithm.SHA_256, key), part)
    return key


def _hkdf(base: Base, length: int) -> bytes:
    """RFC 5869; SHA-256 where nothing else is said, and the Derivation Data is the optional information (KMIP 2.1, 7.12)."""
    if len(base.data) > 1:
        raise bad("HKDF takes one Derivation Data")
    hashing = base.parameters.hashing_algorithm or HashingAlgorithm.SHA_256
    algorithm = library_hash(hashing)
    if length > 255 * algorithm.digest_size:
        raise failed(f"HKDF with {hashing.name} gives {255 * algorithm.digest_size} bytes at the most")
    return HKDF(algorithm, length, base.salt, base.data[0] if base.data else None).derive(base.key)


def _missing(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence)


def _ambiguous() -> KmipFailure:
    """KMIP 1.4, 11.7."""
    return KmipFailure(
        ResultReason.INVALID_MESSAGE, "both a key and Derivation Data are given, and the Derivation Method takes one of them"
    )


DERIVATIONS: dict[DerivationMethod, Callable[[Base, int], bytes]] = {
    DerivationMethod.PBKDF2: _pbkdf2,
    DerivationMethod.HASH: _hash,
    DerivationMethod.HMAC: _hmac,
    DerivationMethod.ENCRYPT: _encrypt,
    DerivationMethod.NIST800_108_C: _counter_mode,
    DerivationMethod.NIST800_108_F: _feedback_mode,
    DerivationMethod.NIST800_108_DPI: _double_pipeline_mode,
    DerivationMethod.AWS_SIGNATURE_VERSION_4: _aws_signature_4,
    DerivationMethod.HKDF: _hkdf,
}
