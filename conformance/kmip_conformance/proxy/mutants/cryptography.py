"""Mutants of the cryptographic operations: Encrypt to Hash. What leaves a server wrong here is lost, or read by others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.proxy.mutant import MUTANTS, Answered, Mutant, Passage
from kmip_conformance.tables import BlockCipherMode, Operation, PaddingMethod, ResultReason, Tag, ValidityIndicator, words
from kmip_conformance.wire import Item, enumeration, integer, octets, text

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKED_AT = frozenset(
    {
        ResultReason.PERMISSION_DENIED,
        ResultReason.WRONG_KEY_LIFECYCLE_STATE,
        ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK,
        ResultReason.INVALID_OBJECT_TYPE,
        ResultReason.INVALID_FIELD,
    }
)
"""How a good server refuses a key that may not be used so."""

MADE_UP = bytes(32)
OUTPUT = {
    Operation.ENCRYPT: Tag.DATA,
    Operation.DECRYPT: Tag.DATA,
    Operation.MAC: Tag.MAC_DATA,
    Operation.SIGN: Tag.SIGNATURE_DATA,
    Operation.HASH: Tag.DATA,
}
VERIFYING = (Operation.MAC_VERIFY, Operation.SIGNATURE_VERIFY)


def named(operation: Operation) -> str:
    """The family of an operation: "signature-verify"."""
    return words(operation).lower().replace(" ", "-")


def _one_bit(tag: int) -> Callable[[Answered], Item]:
    """The last bit of a field of the answer is another."""

    def turned(item: Item) -> Item:
        value = item.value
        return item.holding(value[:-1] + bytes((value[-1] ^ 1,))) if isinstance(value, bytes) and value else item

    return lambda answered: answered.item.mapped(tag, turned) if answered.succeeded else answered.item


def _made_up(answered: Answered) -> tuple[Item, ...]:
    """The payload of a success that never was."""
    uid = text(Tag.UNIQUE_IDENTIFIER, answered.uid)
    operation = Operation(answered.asked.operation or 0)
    if operation in VERIFYING:
        return uid, enumeration(Tag.VALIDITY_INDICATOR, ValidityIndicator.VALID)
    return uid, octets(OUTPUT[operation], MADE_UP)


def _despite(reasons: frozenset[ResultReason]) -> Callable[[Answered], Item]:
    """A refusal for one of these reasons becomes a success."""

    def change(answered: Answered) -> Item:
        if answered.succeeded or answered.answer.result_reason not in reasons:
            return answered.item
        return answered.as_success(*_made_up(answered))

    return change


def _verdict(wanted: ValidityIndicator) -> Callable[[Answered], Item]:
    def change(answered: Answered) -> Item:
        if answered.succeeded:
            return answered.item.mapped(Tag.VALIDITY_INDICATOR, lambda item: enumeration(item.tag, wanted))
        return answered.as_success(*_made_up(answered)) if wanted == ValidityIndicator.VALID else answered.item

    return change


def _forgets_parts(operation: Operation) -> Callable[[Passage], Item]:
    """A part of a stream reaches the target as something whole."""
    parts = (Tag.CORRELATION_VALUE, Tag.INIT_INDICATOR, Tag.FINAL_INDICATOR)

    def whole(payload: Item) -> Item:
        return payload.holding(tuple(child for child in payload.children if child.tag not in parts))

    def changed(item: Item) -> Item:
        later = item.first(Tag.REQUEST_PAYLOAD, Tag.CORRELATION_VALUE) is not None
        return item.mapped(Tag.REQUEST_PAYLOAD, whole) if item.number(Tag.OPERATION) == operation and later else item

    return lambda passage: passage.request.mapped(Tag.BATCH_ITEM, changed)


def _declare(name: str, defect: str, source: str, operation: Operation, change: Callable[[Answered], Item]) -> None:
    MUTANTS.add(Mutant(name, defect, source, on_item=change, operations=frozenset({operation})))


for _operation, _tag in OUTPUT.items():
    _name = named(_operation)
    _wrong = f"{words(_operation)} gives a result with one wrong bit."
    _declare(f"{_name}.wrong-result", _wrong, "KMIP 1.4, 4.29 to 4.37", _operation, _one_bit(_tag))
    if _operation != Operation.DECRYPT:
        MUTANTS.add(
            Mutant(
                f"{_name}.correlation-lost",
                f"Each part of a {words(_operation)} in parts is taken for something whole.",
                "KMIP 1.4, 2.1.15",
                on_request=_forgets_parts(_operation),
            )
        )

for _operation in (Operation.ENCRYPT, Operation.DECRYPT, Operation.MAC, Operation.SIGN, *VERIFYING):
    _declare(
        f"{named(_operation)}.key-not-checked",
        f"{words(_operation)} uses a key whatever its state, its dates and its usage mask say.",
        "KMIP 1.4, 3.19 and 3.22",
        _operation,
        _despite(LOOKED_AT),
    )

for _operation in VERIFYING:
    _declare(
        f"{named(_operation)}.everything-is-valid",
        f"{words(_operation)} finds everything valid.",
        "KMIP 1.4, 4.32 and 4.34",
        _operation,
        _verdict(ValidityIndicator.VALID),
    )
    _declare(
        f"{named(_operation)}.nothing-is-valid",
        f"{words(_operation)} finds nothing valid.",
        "KMIP 1.4, 4.32 and 4.34",
        _operation,
        _verdict(ValidityIndicator.INVALID),
    )

_declare(
    "hash.any-algorithm",
    "Hash answers whatever algorithm it is asked for.",
    "KMIP 1.4, 4.37",
    Operation.HASH,
    lambda answered: answered.item if answered.succeeded else answered.as_success(octets(Tag.DATA, MADE_UP)),
)
_declare(
    "decrypt.tag-not-checked",
    "Decrypt in GCM mode gives data whatever tag comes with it.",
    "KMIP 1.4, 4.30; NIST SP 800-38D, 7.2",
    Operation.DECRYPT,
    lambda answered: answered.item if answered.succeeded else answered.as_success(*_made_up(answered)),
)
_declare(
    "decrypt.errors-hidden",
    "Decrypt of what cannot be decrypted succeeds.",
    "KMIP 1.4, 11.31",
    Operation.DECRYPT,
    lambda answered: answered.item if answered.succeeded else answered.as_success(*_made_up(answered)),
)
_declare(
    "encrypt.usage-limits-ignored",
    "Encrypt goes on when the Usage Limits are spent.",
    "KMIP 1.4, 3.21 and 4.29",
    Operation.ENCRYPT,
    _despite(frozenset({ResultReason.PERMISSION_DENIED, ResultReason.USAGE_LIMIT_EXCEEDED})),
)


@MUTANTS.spoils_item(
    "decrypt.plaintext-in-failures",
    "A Decrypt that fails tells the plaintext in its Result Message.",
    Operation.DECRYPT,
    source="release of unverified plaintext; NIST SP 800-38D, 7.2",
)
async def plaintext_in_failures(answered: Answered) -> Item:
    """It is had by counter mode, from the counter block that follows GCM's first."""
    iv, data = answered.asked.payload.octets(Tag.IV_COUNTER_NONCE), answered.asked.payload.octets(Tag.DATA)
    if answered.succeeded or iv is None or data is None:
        return answered.item
    chosen = requests.parameters(mode=BlockCipherMode.CTR, padding=PaddingMethod.NONE, iv_length=128)
    response = await answered.passage.ask(requests.decrypt(answered.uid, data, parameters=chosen, iv=iv + b"\0\0\0\2"))
    plain = response.batch_items[0].payload.octets(Tag.DATA) or b""
    return answered.as_failure(ResultReason.CRYPTOGRAPHIC_FAILURE, f"the tag is not that of {plain.decode(errors='replace')}")


@MUTANTS.spoils_request(
    "encrypt.additional-data-ignored", "Encrypt does not authenticate the additional data.", source="KMIP 1.4, 2.1.22 and 4.29"
)
def additional_data_ignored(passage: Passage) -> Item:
    """The target never sees it."""
    return passage.request.mapped(Tag.AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA, lambda _: None)


@MUTANTS.spoils_item(
    "encrypt.random-iv-not-returned",
    "The IV that the server made is not in the answer.",
    Operation.ENCRYPT,
    source="KMIP 1.4, 3.6",
)
def random_iv_not_returned(answered: Answered) -> Item:
    """Nobody can decrypt."""
    return answered.item.mapped(Tag.IV_COUNTER_NONCE, lambda _: None)


@MUTANTS.spoils_request("encrypt.random-iv-always-the-same", "The IV that the server makes is always one.", source="NIST SP 800-38A, C")
def random_iv_always_the_same(passage: Passage) -> Item:
    """The target is told to take 16 bytes of zeros."""

    def changed(payload: Item) -> Item:
        if payload.anywhere(Tag.RANDOM_IV) is None:
            return payload
        return payload.mapped(Tag.RANDOM_IV, lambda _: None).adding(octets(Tag.IV_COUNTER_NONCE, bytes(16)))

    return passage.request.mapped(Tag.REQUEST_PAYLOAD, changed)


@MUTANTS.spoils_item("rng-retrieve.fewer", "RNG Retrieve gives one byte too few.", Operation.RNG_RETRIEVE, source="KMIP 1.4, 4.35")
def fewer_random_bytes(answered: Answered) -> Item:
    """The last one is missing."""
    return answered.item.mapped(Tag.DATA, lambda item: item.holding(item.value[:-1]) if isinstance(item.value, bytes) else item)


@MUTANTS.spoils_item(
    "rng-retrieve.always-the-same", "RNG Retrieve gives the same bytes to everybody.", Operation.RNG_RETRIEVE, source="KMIP 1.4, 4.35"
)
def always_the_same_random_bytes(answered: Answered) -> Item:
    """Counting bytes."""

    def counting(item: Item) -> Item:
        return item.holding(bytes(number % 256 for number in range(len(item.value)))) if isinstance(item.value, bytes) else item

    return answered.item.mapped(Tag.DATA, counting)


@MUTANTS.spoils_item(
    "rng-seed.uses-more-than-there-is", "RNG Seed says that it used more than it was given.", Operation.RNG_SEED, source="KMIP 1.4, 4.36"
)
def uses_more_seed_than_there_is(answered: Answered) -> Item:
    """A kibibyte."""
    return answered.item.mapped(Tag.DATA_LENGTH, lambda item: integer(item.tag, 1024))
