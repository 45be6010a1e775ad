"""Hash (KMIP 1.4, 4.37)."""

from __future__ import annotations

import hashlib
from functools import partial

from kmip_conformance.arranging_keys import provided
from kmip_conformance.authoring import (
    V1_2,
    V1_3,
    Conversation,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import HashingAlgorithm

RULE, LATER = "4.37 Hash", "6.1.24 Hash"
RESULT = "The response contains the result of the hash operation"

result = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(RULE, RESULT),
    in_2_x=kmip_2_1(LATER, RESULT),
    needs=[Operation.HASH],
    mutants=["hash.wrong-result"],
)


def is_right(kmip: Conversation, data: bytes, algorithm: HashingAlgorithm, name: str) -> None:
    """The server's hash of data is that which is computed here."""
    answer = provided(kmip.ask(requests.hashed(data, algorithm)), name)
    expect(answer.value(Tag.DATA) == hashlib.new(name, data).digest(), f"whether it is the {name} of the data").is_(wanted=True)


@result("hash.sha-256")
def sha_256_is_right(kmip: Conversation) -> None:
    """The SHA-256 of three bytes is that of FIPS 180."""
    is_right(kmip, b"abc", HashingAlgorithm.SHA_256, "sha256")


@result("hash.sha-384")
def sha_384_is_right(kmip: Conversation) -> None:
    """The SHA-384 of three bytes is that of FIPS 180."""
    is_right(kmip, b"abc", HashingAlgorithm.SHA_384, "sha384")


@result("hash.sha-512")
def sha_512_is_right(kmip: Conversation) -> None:
    """The SHA-512 of three bytes is that of FIPS 180."""
    is_right(kmip, b"abc", HashingAlgorithm.SHA_512, "sha512")


@result("hash.of-64-kibibytes")
def much_data_is_hashed_in_full(kmip: Conversation) -> None:
    """The SHA-256 of 65,536 bytes is that of all of them."""
    is_right(kmip, bytes(range(256)) * 256, HashingAlgorithm.SHA_256, "sha256")


@result("hash.of-nothing")
def no_data_has_a_hash_too(kmip: Conversation) -> None:
    """No bytes at all have the SHA-256 that FIPS 180 gives them; a server may refuse to hash nothing."""
    answer = kmip.ask(requests.hashed(b"")).succeeds().or_acceptably(because=(Reason.INVALID_FIELD, Reason.MISSING_DATA))
    found = answer.values_of(Tag.DATA)
    expect(found in ([hashlib.sha256(b"").digest()], []), "whether it is the hash of nothing").is_(wanted=True)


@result("hash.in-parts", since=V1_3, mutants=["hash.correlation-lost"])
def data_in_parts_has_the_hash_of_the_whole(kmip: Conversation) -> None:
    """Data that is handed over in two parts has the hash of the whole."""
    begun = provided(kmip.ask(requests.hashed(b"ab", stream=requests.Part(first=True))), "Hash in parts")
    part = requests.Part(begun.value(Tag.CORRELATION_VALUE), last=True)
    ended = kmip.ask(requests.hashed(b"c", stream=part))
    expect(ended.value(Tag.DATA) == hashlib.sha256(b"abc").digest(), "whether it is the hash of the whole").is_(wanted=True)


@result(
    "hash.unknown-algorithm-refused",
    cites=kmip_1_4(RULE, "the particular hash method requested"),
    mutants=["hash.any-algorithm"],
)
def an_algorithm_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Hash with a Hashing Algorithm that the standard does not assign is refused."""
    kmip.ask(requests.hashed(b"abc", 0x7FFF)).refuses()


@result("hash.algorithm-required", cites=kmip_1_4(RULE, "The Cryptographic Parameters (Hashing Algorithm)"), mutants=["hash.any-algorithm"])
def without_an_algorithm_nothing_is_hashed(kmip: Conversation) -> None:
    """Hash without Cryptographic Parameters, which its payload requires, is refused."""
    kmip.ask(requests.hashed(b"abc", None)).refuses()
