"""RNG Retrieve and RNG Seed (KMIP 1.4, 4.35 and 4.36)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import V1_2, Conversation, Operation, Reason, Tag, check, expect, kmip_1_4, kmip_2_1, requests

RETRIEVE, RETRIEVE_LATER = "4.35 RNG Retrieve", "6.1.49 RNG Retrieve"
SEED, SEED_LATER = "4.36 RNG Seed", "6.1.50 RNG Seed"
AMOUNT = "The amount of random number generator output to be returned (in bytes)"
USED = "The amount of seed data used (in bytes)"

retrieval = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(RETRIEVE, AMOUNT),
    in_2_x=kmip_2_1(RETRIEVE_LATER, AMOUNT),
    needs=[Operation.RNG_RETRIEVE],
)
seeding = partial(check, since=V1_2, cites=kmip_1_4(SEED, USED), in_2_x=kmip_2_1(SEED_LATER, USED), needs=[Operation.RNG_SEED])


@retrieval("rng-retrieve.as-many-as-asked", mutants=["rng-retrieve.fewer"])
def as_many_bytes_come_as_were_asked_for(kmip: Conversation) -> None:
    """RNG Retrieve returns exactly as many bytes as were asked for: 1, 32 and 1000."""
    for length in (1, 32, 1000):
        expect(len(kmip.ask(requests.rng_retrieve(length)).value(Tag.DATA)), f"the number of bytes, of {length}").is_(length)


@retrieval("rng-retrieve.never-the-same", mutants=["rng-retrieve.always-the-same"])
def no_two_answers_are_alike(kmip: Conversation) -> None:
    """Eight times 32 bytes are eight different values, over two connections, and none of them repeats one byte."""
    values = [who.ask(requests.rng_retrieve(32)).value(Tag.DATA) for who in (kmip, kmip.again()) for _ in range(4)]
    expect(len(set(values)), "the number of different values").is_(8)
    expect(min(len(set(value)) for value in values) > 8, "whether each has more than eight different bytes").is_(wanted=True)


@retrieval("rng-retrieve.negative-refused", cites=kmip_1_4(RETRIEVE, AMOUNT))
def a_negative_number_of_bytes_is_refused(kmip: Conversation) -> None:
    """RNG Retrieve of -1 bytes is refused."""
    kmip.ask(requests.rng_retrieve(-1)).refuses()


@retrieval("rng-retrieve.too-many", hostile=True)
def an_endless_amount_does_no_harm(kmip: Conversation) -> None:
    """RNG Retrieve of two thousand million bytes is refused, and the server goes on."""
    kmip.ask(requests.rng_retrieve(2_000_000_000)).refuses()


@seeding("rng-seed.says-how-much", mutants=["rng-seed.uses-more-than-there-is"])
def no_more_seed_is_used_than_was_given(kmip: Conversation) -> None:
    """RNG Seed answers with how many bytes it used: between none and all; a server may refuse clients' seeds."""
    answer = kmip.ask(requests.rng_seed(bytes(range(32)))).succeeds().or_refuses(because=Reason.PERMISSION_DENIED)
    for used in answer.values_of(Tag.DATA_LENGTH):
        expect(used, "the number of bytes that were used").is_between(0, 32)


@seeding("rng-seed.does-not-decide", needs=[Operation.RNG_SEED, Operation.RNG_RETRIEVE], mutants=["rng-retrieve.always-the-same"])
def a_seed_does_not_decide_what_comes(kmip: Conversation) -> None:
    """The same seed, given twice, does not lead to the same output: nobody sets another client's random numbers."""
    values = []
    for _ in range(2):
        kmip.ask(requests.rng_seed(bytes(32))).succeeds().or_refuses(because=Reason.PERMISSION_DENIED).settle()
        values.append(kmip.ask(requests.rng_retrieve(32)).value(Tag.DATA))
    expect(len(set(values)), "the number of different values").is_(2)
