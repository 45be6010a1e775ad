"""Encryption and decryption with symmetric keys: algorithm and Block Cipher Mode → a `Transformation` (KMIP 2.1, 6.1.17, 6.1.11).

`MODES` is the table of block cipher modes, `STREAM_CIPHERS` the one of algorithms that have no mode. What is in the standard's tables and
in neither of these is refused: PCBC, and the key wraps of X9.102. CMAC and CBC-MAC make MACs (`macs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.ciphers import Cipher, aead
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR, ECB, GCM, XTS

from kmip_server.crypto import chacha
from kmip_server.crypto.ciphers import block_cipher, keyed
from kmip_server.crypto.initialization import IvRule, counter_block
from kmip_server.crypto.refusals import bad, bad_tag_length, failed, unsupported
from kmip_server.crypto.transformations import AtOnce, BlockDecryption, BlockEncryption, Flowing
from kmip_server.enums import BlockCipherMode as Mode
from kmip_server.enums import CryptographicAlgorithm as Algorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from kmip_server.crypto.padding import Random
    from kmip_server.crypto.transformations import Transformation
    from kmip_server.messages import CryptographicParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a cipher is to do.

    Attributes:
        algorithm, key: the key's algorithm and its material; for XTS both keys, one after the other.
        parameters: the request's Cryptographic Parameters, or the key's.
        encrypt: or else decrypt.
        random: gives random bytes.
        iv: IV/Counter/Nonce as given.
        additional_data: Authenticated Encryption Additional Data.
        tag: Authenticated Encryption Tag, for decryption. None with ``tag_follows``.
        tag_follows: the tag is the end of the encrypted data, as before 1.4, which has no field for it.
    """

    algorithm: Algorithm
    key: bytes
    parameters: CryptographicParameters
    encrypt: bool
    random: Random
    iv: bytes | None = None
    additional_data: bytes = b""
    tag: bytes | None = None
    tag_follows: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """A transformation that can begin, and the IV where the server made it."""

    transformation: Transformation
    made_iv: bytes | None = None


def started(job: Job) -> Started:
    """The cipher, set up. Raises `KmipFailure` for what the parameters, the key or the library do not allow."""
    algorithm = _algorithm(job)
    try:
        if algorithm in STREAM_CIPHERS:
            return STREAM_CIPHERS[algorithm](job)
        if job.parameters.block_cipher_mode is None:
            raise bad(f"{algorithm.name} needs a Block Cipher Mode, in the request's Cryptographic Parameters or in the key's")
        if job.parameters.block_cipher_mode not in MODES:
            raise unsupported(f"the Block Cipher Mode {job.parameters.block_cipher_mode.name} does not encrypt, or not on this server")
        return MODES[job.parameters.block_cipher_mode](job)
    except UnsupportedAlgorithm as error:
        raise unsupported(f"{algorithm.name} is not available in this Block Cipher Mode") from error


def transformed(job: Job, data: bytes) -> tuple[bytes, bytes | None, bytes | None]:
    """Data through a cipher in one part: the result, the IV where it was made here, and the tag where there is one."""
    one = started(job)
    result = one.transformation.update(data) + one.transformation.finish()
    return result, one.made_iv, one.transformation.tag


def _algorithm(job: Job) -> Algorithm:
    """The key's algorithm; a ChaCha20 key may be used with Poly1305, and no other parameter may name another algorithm."""
    asked = job.parameters.cryptographic_algorithm
    if asked is None or asked is job.algorithm:
        if job.algorithm is Algorithm.CHACHA20 and job.parameters.block_cipher_mode is Mode.AEAD:
            return Algorithm.CHACHA20POLY1305
        return job.algorithm
    if {asked, job.algorithm} == {Algorithm.CHACHA20, Algorithm.CHACHA20POLY1305}:
        return asked
    raise bad(f"the Cryptographic Parameters say {asked.name}, and the key is one of {job.algorithm.name}")


def _iv(job: Job, mode: str, lengths: Container[int], usual: int) -> tuple[bytes, bool]:
    return IvRule(mode, lengths, usual).of(job.iv, job.parameters, job.random if job.encrypt else None)


def _context(job: Job, cipher: Any, mode: Any) -> Any:
    try:
        whole: Any = Cipher(cipher, mode)
        return whole.encryptor() if job.encrypt else whole.decryptor()
    except ValueError as error:
        raise bad("the IV/Counter/Nonce or the key does not suit this Block Cipher Mode") from error


def _blocks(job: Job, cipher: Any, mode: Any) -> Transformation:
    block, method = cipher.block_size // 8, job.parameters.padding_method
    context = _context(job, cipher, mode)
    return BlockEncryption(context, block, method, job.random) if job.encrypt else BlockDecryption(context, block, method)


def _ecb(job: Job) -> Started:
    return Started(_blocks(job, block_cipher(job.algorithm, job.key), ECB()))  # noqa: S305 - the standard has it, the client asks for it


def _cbc(job: Job) -> Started:
    cipher = block_cipher(job.algorithm, job.key)
    block = cipher.block_size // 8
    iv, made = _iv(job, "CBC", (block,), block)
    return Started(_blocks(job, cipher, CBC(iv)), iv if made else None)


def _feedback(name: str) -> Callable[[Job], Started]:
    def mode(job: Job) -> Started:
        cipher = block_cipher(job.algorithm, job.key)
        block = cipher.block_size // 8
        iv, made = _iv(job, name, (block,), block)
        return Started(Flowing(_context(job, cipher, _weak_mode(name)(iv))), iv if made else None)

    return mode


def _weak_mode(name: str) -> Any:
    """CFB and OFB: the library has moved them among the decrepit in one of its releases."""
    from cryptography.hazmat.primitives.ciphers import modes

    try:
        from cryptography.hazmat.decrepit.ciphers import modes as weak
    except ImportError:
        return getattr(modes, name)
    return getattr(weak, name)


def _ctr(job: Job) -> Started:
    cipher = block_cipher(job.algorithm, job.key)
    block = cipher.block_size // 8
    counter = (job.parameters.counter_length or 0) // 8
    nonce, made = _iv(job, "CTR", range(1, block + 1), block - counter)
    return Started(Flowing(_context(job, cipher, CTR(counter_block(nonce, block, job.parameters)))), nonce if made else None)


def _tag_length(job: Job, mode: str, lengths: Container[int]) -> int:
    length = 16 if job.parameters.tag_length is None else job.parameters.tag_length
    if length not in lengths:
        raise bad_tag_length(length, mode)
    return length


def _verified(job: Job, length: int, decrypt: Callable[[bytes, bytes], bytes]) -> AtOnce:
    """Decryption of data and tag: the tag given, or the end of the data."""

    def whole(data: bytes) -> bytes:
        data, tag = (data[:-length], data[-length:]) if job.tag_follows else (data, job.tag or b"")
        if len(tag) != length:
            raise failed(f"the Authenticated Encryption Tag is {len(tag)} bytes long, and Tag Length says {length}")
        return decrypt(data, tag)

    return AtOnce(whole)


def _gcm(job: Job) -> Started:
    cipher = block_cipher(job.algorithm, job.key)
    length = _tag_length(job, "GCM", (4, 8, 12, 13, 14, 15, 16))
    iv, made = _iv(job, "GCM", range(8, 129), 12)

    def decrypt(data: bytes, tag: bytes) -> bytes:
        context = _context(job, cipher, GCM(iv, tag, length))
        context.authenticate_additional_data(job.additional_data)
        return bytes(context.update(data) + context.finalize())

    if not job.encrypt:
        return Started(_verified(job, length, decrypt))
    context = _context(job, cipher, GCM(iv))
    context.authenticate_additional_data(job.additional_data)
    return Started(Flowing(context, length), iv if made else None)


def _ccm(job: Job) -> Started:
    length = _tag_length(job, "CCM", (4, 6, 8, 10, 12, 14, 16))
    iv, made = _iv(job, "CCM", range(7, 14), 12)
    if job.algorithm is not Algorithm.AES:
        raise unsupported("CCM is available with AES only")
    try:
        cipher = aead.AESCCM(job.key, length)
    except ValueError as error:
        raise bad("the key does not suit AES") from error
    if job.encrypt:
        return Started(AtOnce(lambda data: cipher.encrypt(iv, data, job.additional_data), length), iv if made else None)
    return Started(_verified(job, length, lambda data, tag: cipher.decrypt(iv, data + tag, job.additional_data)))


def _xts(job: Job) -> Started:
    if job.algorithm is not Algorithm.AES:
        raise unsupported("XTS is available with AES only")
    if len(job.key) not in (32, 64):
        raise bad("XTS needs two AES keys of 128 or of 256 bits: link the second to the first as its Next Link")
    tweak, made = _iv(job, "XTS", (16,), 16)

    def whole(data: bytes) -> bytes:
        if len(data) < 16:
            raise failed("XTS needs at least one block, 16 bytes, of data")
        context = _context(job, keyed("AES", job.key), XTS(tweak))
        return bytes(context.update(data) + context.finalize())

    return Started(AtOnce(whole), tweak if made else None)


def _key_wrap(wrap: Callable[[bytes, bytes], bytes], unwrap: Callable[[bytes, bytes], bytes]) -> Callable[[Job], Started]:
    """RFC 3394 and RFC 5649: no IV of the client's, no padding of ours."""

    def mode(job: Job) -> Started:
        if job.algorithm is not Algorithm.AES:
            raise unsupported("NIST Key Wrap and AES Key Wrap Padding are made with AES keys")

        def whole(data: bytes) -> bytes:
            try:
                return (wrap if job.encrypt else unwrap)(job.key, data)
            except (ValueError, keywrap.InvalidUnwrap) as error:
                raise failed(f"the data cannot be {'wrapped' if job.encrypt else 'unwrapped'} so: {error}") from error

        return Started(AtOnce(whole))

    return mode


def _one_time_pad(job: Job) -> Started:
    """Every byte with the pad's byte at its place (KMIP 1.3 has no field that says where in the pad to begin)."""

    def whole(data: bytes) -> bytes:
        if len(data) > len(job.key):
            raise failed(f"the One Time Pad has {len(job.key)} bytes, and the data has {len(data)}")
        return bytes(one ^ other for one, other in zip(data, job.key, strict=False))

    return Started(AtOnce(whole))


def _rc4(job: Job) -> Started:
    return Started(Flowing(_context(job, keyed("ARC4", job.key), None)))


def _chacha20(job: Job) -> Started:
    nonce, made = _iv(job, "ChaCha20", (8, 12, 16), 12)
    cipher = keyed("ChaCha20", job.key, chacha.counter_and_nonce(nonce, job.parameters.initial_counter_value))
    return Started(Flowing(_context(job, cipher, None)), nonce if made else None)


def _chacha20_poly1305(job: Job) -> Started:
    length = _tag_length(job, "ChaCha20-Poly1305", range(12, 17))
    nonce, made = _iv(job, "ChaCha20-Poly1305", (12,), 12)
    sealing = chacha.Poly1305Sealing(job.key, nonce, job.additional_data, length)
    if job.encrypt:
        return Started(AtOnce(sealing.seal, length), nonce if made else None)
    return Started(_verified(job, length, sealing.open))


MODES: dict[Mode, Callable[[Job], Started]] = {
    Mode.CBC: _cbc,
    Mode.ECB: _ecb,
    Mode.CFB: _feedback("CFB"),
    Mode.OFB: _feedback("OFB"),
    Mode.CTR: _ctr,
    Mode.CCM: _ccm,
    Mode.GCM: _gcm,
    Mode.XTS: _xts,
    Mode.NIST_KEY_WRAP: _key_wrap(keywrap.aes_key_wrap, keywrap.aes_key_unwrap),
    Mode.AES_KEY_WRAP_PADDING: _key_wrap(keywrap.aes_key_wrap_with_padding, keywrap.aes_key_unwrap_with_padding),
}

STREAM_CIPHERS: dict[Algorithm, Callable[[Job], Started]] = {
    Algorithm.ONE_TIME_PAD: _one_time_pad,
    Algorithm.RC4: _rc4,
    Algorithm.CHACHA20: _chacha20,
    Algorithm.CHACHA20POLY1305: _chacha20_poly1305,
}
