"""The IV, counter or nonce of a mode: given by the client, or made here when Random IV asks for it (KMIP 2.1, 4.16).

IV Length, Fixed Field Length, Invocation Field Length and Counter Length are in bits. What the server makes is random in all its fields,
which satisfies a fixed and an invocation field of any length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.crypto.refusals import bad, missing_iv

if TYPE_CHECKING:
    from collections.abc import Container

    from kmip_server.crypto.padding import Random
    from kmip_server.messages import CryptographicParameters


@dataclass(frozen=True, slots=True)
class IvRule:
    """What a mode asks of its IV: its name for the client, the lengths it takes, and the length that is made here, in bytes."""

    mode: str
    lengths: Container[int]
    usual: int

    def of(self, given: bytes | None, parameters: CryptographicParameters, random: Random | None) -> tuple[bytes, bool]:
        """The IV, and whether it was made here. Without ``random``, as in decryption, it must be given."""
        _fields_must_fit(parameters)
        if given is not None:
            self._suitable(len(given))
            return given, False
        if random is None or not parameters.random_iv:
            raise missing_iv(self.mode)
        return random(self._suitable(self._length(parameters))), True

    def _suitable(self, length: int) -> int:
        if length not in self.lengths:
            raise bad(f"an IV/Counter/Nonce of {length} bytes does not suit {self.mode}")
        return length

    def _length(self, parameters: CryptographicParameters) -> int:
        """The bytes of an IV that is made here: as many as IV Length asks for, or what is usual less the counter."""
        bits = parameters.iv_length
        if bits is None:
            return self.usual
        if bits <= 0 or bits % 8:
            raise bad(f"IV Length is {bits} bits; it must be a number of whole bytes")
        return bits // 8


def counter_block(nonce: bytes, block: int, parameters: CryptographicParameters) -> bytes:
    """The first counter block of CTR: the IV where it fills the block, else the IV and after it the Initial Counter Value (RFC 3686: 1)."""
    missing = block - len(nonce)
    counter = parameters.counter_length
    if counter is not None and missing and counter != missing * 8:
        raise bad(f"the IV has {len(nonce) * 8} bits and Counter Length is {counter}: together they must be the block, {block * 8} bits")
    if not missing:
        if parameters.initial_counter_value is not None:
            raise bad("the IV fills the whole block, so there is no room for the Initial Counter Value")
        return nonce
    first = 1 if parameters.initial_counter_value is None else parameters.initial_counter_value
    if not 0 <= first < 256**missing:
        raise bad(f"the Initial Counter Value does not fit into the {missing * 8} bits that the IV leaves")
    return nonce + first.to_bytes(missing, "big")


def _fields_must_fit(parameters: CryptographicParameters) -> None:
    parts = (parameters.fixed_field_length, parameters.invocation_field_length)
    total = sum(part for part in parts if part is not None)
    if any(part is not None and part < 0 for part in parts) or (parameters.iv_length is not None and total > parameters.iv_length):
        raise bad("Fixed Field Length and Invocation Field Length do not fit into IV Length")
