"""Create Split Key and Join Split Key (KMIP 1.4, 4.38 and 4.39): together the parts are the key, and fewer are nothing."""

from __future__ import annotations

from functools import partial, reduce

from kmip_conformance.arranging_keys import provided
from kmip_conformance.authoring import (
    V1_2,
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectType,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import SplitKeyMethod

SPLIT, SPLIT_LATER = "4.38 Create Split Key", "6.1.10 Create Split Key"
JOIN, JOIN_LATER = "4.39 Join Split Key", "6.1.27 Join Split Key"
SPLITS = [Operation.CREATE_SPLIT_KEY, Operation.REGISTER, Operation.GET]
JOINS = [*SPLITS, Operation.JOIN_SPLIT_KEY]
SECRET = bytes(range(1, 33))
USAGE = CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT
AES_KEY = requests.of_key(CryptographicAlgorithm.AES, 256, USAGE)
SHARING = SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_16
"""A way of sharing that 1.2 has already."""

splits = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(SPLIT, "generate a new split key and register all the splits as individual new Managed Cryptographic Objects"),
    in_2_x=kmip_2_1(SPLIT_LATER, "generate a new split key and register all the splits as individual new Managed Cryptographic Objects"),
    needs=SPLITS,
)
joins = partial(
    check,
    since=V1_2,
    cites=kmip_1_4(JOIN, "combine a list of Split Keys into a single Managed Cryptographic Object"),
    in_2_x=kmip_2_1(JOIN_LATER, "combine a list of Split Keys into a single Managed Cryptographic Object"),
    needs=JOINS,
    mutants=["register.material-altered"],
)


def parts_of(kmip: Conversation, *, method: int = SplitKeyMethod.XOR, threshold: int = 3) -> list[str]:
    """A key of the suite's own, split in three; the identifiers of the parts."""
    key = kmip.ask(requests.register_symmetric_key(SECRET)).uid
    item = requests.create_split_key(ObjectType.SPLIT_KEY, *AES_KEY, uid=key, threshold=threshold, method=method)
    parts = [str(uid) for uid in provided(kmip.ask(item), "this way of splitting").values_of(Tag.UNIQUE_IDENTIFIER)]
    expect(len(parts), "the number of parts").is_(3)
    return parts


@splits("create-split-key.as-many-as-asked")
def as_many_parts_are_made_as_were_asked_for(kmip: Conversation) -> None:
    """A key that is to be split in three gives three objects, the parts 1, 2 and 3 of 3."""
    parts = parts_of(kmip)
    expect(len(set(parts)), "the number of parts").is_(3)
    answers = [kmip.get(uid) for uid in parts]
    numbers = sorted(answer.value(Tag.SPLIT_KEY, Tag.KEY_PART_IDENTIFIER) for answer in answers)
    expect(numbers, "the Key Part Identifiers").is_([1, 2, 3])
    expect({answer.value(Tag.SPLIT_KEY, Tag.SPLIT_KEY_PARTS) for answer in answers}, "the Split Key Parts").is_({3})


@splits(
    "create-split-key.xor",
    cites=kmip_1_4("2.2.5 Split Key", "the secret is reconstructed by XORing all of the parts"),
    in_2_x=kmip_2_1("11.54 Split Key Method Enumeration"),
    mutants=["register.material-altered"],
)
def the_parts_together_are_the_key(kmip: Conversation) -> None:
    """With XOR, the exclusive or of all parts is the key that was split."""
    materials = [kmip.get(uid).key_material for uid in parts_of(kmip)]
    joined = reduce(lambda left, right: bytes(a ^ b for a, b in zip(left, right, strict=True)), materials)
    expect(joined == SECRET, "whether it is the key").is_(wanted=True)


@splits("create-split-key.parts-tell-nothing", mutants=["create-split-key.part-is-the-key"])
def no_part_is_the_key(kmip: Conversation) -> None:
    """No part of a split key is the key itself, and no two parts are alike."""
    materials = [kmip.get(uid).key_material for uid in parts_of(kmip)]
    expect(SECRET in materials, "whether a part is the key").is_(wanted=False)
    expect(len(set(materials)), "the number of different parts").is_(3)


@splits("create-split-key.of-a-new-key")
def a_new_key_may_be_split_at_once(kmip: Conversation) -> None:
    """Without a key to split, a new one is made and split: every time another."""
    items = [requests.create_split_key(ObjectType.SPLIT_KEY, *AES_KEY) for _ in range(2)]
    answers = [provided(kmip.ask(item), "splitting of new keys") for item in items]
    firsts = {kmip.get(str(answer.values_of(Tag.UNIQUE_IDENTIFIER)[0])).key_material for answer in answers}
    expect(len(firsts), "the number of different first parts").is_(2)


@splits(
    "create-split-key.threshold-beyond-parts-refused",
    cites=kmip_1_4("11.39 Create Split Key", "Incorrect attribute value(s) specified"),
    in_2_x=kmip_2_1("Table 195: Create Split Key Errors", "Bad Cryptographic Parameters"),
    needs=[Operation.CREATE_SPLIT_KEY],
)
def no_more_parts_are_needed_than_there_are(kmip: Conversation) -> None:
    """A threshold of 4 of 3 parts is refused."""
    item = requests.create_split_key(ObjectType.SPLIT_KEY, *AES_KEY, threshold=4, method=SHARING)
    kmip.ask(item).refuses()


@splits(
    "create-split-key.unknown-object-not-found",
    cites=kmip_1_4("11.39 Create Split Key", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 195: Create Split Key Errors", "Item Not Found"),
    needs=[Operation.CREATE_SPLIT_KEY],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Create Split Key of a key that does not exist fails with Item Not Found."""
    item = requests.create_split_key(ObjectType.SPLIT_KEY, *AES_KEY, uid="no-such-object")
    kmip.ask(item).refuses(because=Reason.ITEM_NOT_FOUND)


@joins("join-split-key.xor")
def joined_parts_are_the_key(kmip: Conversation) -> None:
    """Join Split Key of all parts gives the key that was split."""
    joined = kmip.ask(requests.join_split_key(ObjectType.SYMMETRIC_KEY, parts_of(kmip), *AES_KEY)).uid
    expect(kmip.get(joined).key_material == SECRET, "whether it is the key").is_(wanted=True)


@joins("join-split-key.threshold")
def as_many_parts_as_the_threshold_are_enough(kmip: Conversation) -> None:
    """Of three parts by polynomial sharing with a threshold of two, any two give the key."""
    one, two, three = parts_of(kmip, method=SHARING, threshold=2)
    for chosen in ([one, two], [three, one]):
        joined = kmip.ask(requests.join_split_key(ObjectType.SYMMETRIC_KEY, chosen, *AES_KEY)).uid
        expect(kmip.get(joined).key_material == SECRET, "whether it is the key").is_(wanted=True)


@joins(
    "join-split-key.too-few-refused",
    cites=kmip_1_4(JOIN, "The number of Unique Identifiers in the request SHALL be at least the value of the Split Key Threshold"),
    in_2_x=kmip_2_1(JOIN_LATER, "The number of Unique Identifiers in the request SHALL be at least the value of the Split Key Threshold"),
    mutants=["join-split-key.too-few-accepted"],
)
def fewer_parts_are_not_enough(kmip: Conversation) -> None:
    """Join Split Key of two parts of three, all of which are needed, fails."""
    parts = parts_of(kmip)[:2]
    kmip.ask(requests.join_split_key(ObjectType.SYMMETRIC_KEY, parts, *AES_KEY)).refuses()


@joins(
    "join-split-key.same-part-twice-refused",
    cites=kmip_1_4(JOIN, "The number of Unique Identifiers in the request SHALL be at least the value of the Split Key Threshold"),
    in_2_x=kmip_2_1(JOIN_LATER, "The number of Unique Identifiers in the request SHALL be at least the value of the Split Key Threshold"),
    mutants=["join-split-key.too-few-accepted"],
)
def the_same_part_again_is_no_other_part(kmip: Conversation) -> None:
    """Join Split Key of one part, named as often as parts are needed, does not give a key."""
    part = parts_of(kmip)[0]
    kmip.ask(requests.join_split_key(ObjectType.SYMMETRIC_KEY, [part, part, part], *AES_KEY)).refuses()


@joins(
    "join-split-key.parts-of-others",
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    in_2_x=(),
    mutants=["access.everybody-is-one"],
)
def parts_of_others_are_not_joined(kmip: Conversation, other: Conversation) -> None:
    """Another client does not join parts that are not its own."""
    parts = parts_of(kmip)
    item = requests.join_split_key(ObjectType.SYMMETRIC_KEY, parts, *AES_KEY)
    other.ask(item).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))
