"""Which keys are Quantum Safe (KMIP 2.1, 4.45): those that a client may demand to be so.

A quantum computer searches through a symmetric key's values in the square root of their number, so that such keys need 256 bits; the
usual asymmetric algorithms it breaks altogether. The profile's case QS-M-2 has a 128-bit AES key refused, with General Failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicAlgorithm as Algorithm
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmip_server.objects.managed import Instance

LEAST_BITS: dict[Algorithm, int] = {
    Algorithm.AES: 256,
    Algorithm.CAMELLIA: 256,
    Algorithm.TWOFISH: 256,
    Algorithm.CHACHA20: 256,
    Algorithm.CHACHA20POLY1305: 256,
    Algorithm.HMAC_SHA256: 256,
    Algorithm.HMAC_SHA384: 256,
    Algorithm.HMAC_SHA512: 256,
    Algorithm.HMAC_SHA3_256: 256,
    Algorithm.HMAC_SHA3_384: 256,
    Algorithm.HMAC_SHA3_512: 256,
    Algorithm.XMSS: 0,
    Algorithm.MCELIECE: 0,
    Algorithm.MCELIECE_6960119: 0,
    Algorithm.MCELIECE_8192128: 0,
    Algorithm.SPHINCS_256: 0,
}
"""The algorithms that are quantum safe, with keys of so many bits at least. No other is."""


def quantum_safety_must_be_met(attributes: Mapping[str, tuple[Instance, ...]]) -> None:
    """Raises `KmipFailure` where Quantum Safe is True and the algorithm is not. What has no algorithm hides behind none."""
    if "Quantum Safe" not in attributes or attributes["Quantum Safe"][0].value is not True:
        return
    named = (attributes.get(name) for name in ("Cryptographic Algorithm", "Cryptographic Length"))
    algorithm, bits = (None if instances is None else instances[0].value for instances in named)
    if not isinstance(algorithm, Algorithm):
        return
    if algorithm not in LEAST_BITS or not isinstance(bits, int) or bits < LEAST_BITS[algorithm]:
        sentence = f"Quantum Safe is demanded, which a key of {algorithm.name} with {bits} bits is not"
        raise KmipFailure(ResultReason.GENERAL_FAILURE, sentence)
