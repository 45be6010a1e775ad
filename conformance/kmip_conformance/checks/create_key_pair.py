"""Create Key Pair (KMIP 1.4, 4.2): two objects that belong together, each with its own attributes."""

from __future__ import annotations

from functools import partial

from cryptography.hazmat.primitives.asymmetric import rsa

from kmip_conformance.arranging import own_name, values_of
from kmip_conformance.arranging_keys import has_key_pair, links_of, pair_in, private_key_of, provided, public_key_of
from kmip_conformance.authoring import (
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectType,
    Operation,
    Reason,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import LinkType

RULE, LATER = "4.2 Create Key Pair", "6.1.9 Create Key Pair"
NEEDS = [Operation.CREATE_KEY_PAIR]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]
SIGN, VERIFY = CryptographicUsageMask.SIGN, CryptographicUsageMask.VERIFY

NEW_PAIR = "generate a new public/private key pair and register the two corresponding new Managed Cryptographic Objects"
rule = partial(check, cites=kmip_1_4(RULE, NEW_PAIR), in_2_x=kmip_2_1(LATER, NEW_PAIR), needs=AND_SHOWS)


@rule("create-key-pair.names-both", mutants=["create-key-pair.identifiers-exchanged"])
def the_answer_names_a_private_and_a_public_key(kmip: Conversation) -> None:
    """The two identifiers in the answer are those of a Private Key and of a Public Key."""
    pair = has_key_pair(kmip)
    kinds = [kmip.get_attributes(uid, "Object Type").attribute("Object Type") for uid in pair]
    expect(kinds, "the Object Types").is_([ObjectType.PRIVATE_KEY, ObjectType.PUBLIC_KEY])


@check(
    "create-key-pair.links",
    cites=kmip_1_4(RULE, "the server SHALL create a Link attribute of Link Type Public Key pointing to the Public Key"),
    in_2_x=kmip_2_1(LATER, "the server SHALL create a Link attribute of Link Type Public Key pointing to the Public Key"),
    needs=AND_SHOWS,
    mutants=["links.none"],
)
def each_key_links_to_the_other(kmip: Conversation) -> None:
    """The private key has a link to the public one, and the public key to the private one."""
    pair = has_key_pair(kmip)
    expect(links_of(kmip, pair.private, LinkType.PUBLIC_KEY_LINK) == [pair.public], "whether the private key links").is_(wanted=True)
    expect(links_of(kmip, pair.public, LinkType.PRIVATE_KEY_LINK) == [pair.private], "whether the public key links").is_(wanted=True)


@rule("create-key-pair.rsa-2048", needs=[*NEEDS, Operation.GET], mutants=["create-key-pair.strange-halves"])
def the_two_keys_belong_together(kmip: Conversation) -> None:
    """Of an RSA pair of 2048 bits, the public key is that of the private key, and the modulus has 2048 bits."""
    pair = pair_in(provided(kmip.ask(requests.create_key_pair()), "RSA"))
    private, public = private_key_of(kmip, pair.private), public_key_of(kmip, pair.public)
    expect(private.public_key() == public, "whether the public key is that of the private key").is_(wanted=True)
    expect(isinstance(private, rsa.RSAPrivateKey) and private.key_size, "the number of bits of the modulus").is_(2048)


@rule("create-key-pair.elliptic-curve", needs=[*NEEDS, Operation.GET], mutants=["create-key-pair.strange-halves"])
def two_keys_on_a_curve_belong_together(kmip: Conversation) -> None:
    """Of a pair on P-256, or whatever the target provides, the public key is that of the private key."""
    pair = has_key_pair(kmip)
    private, public = private_key_of(kmip, pair.private), public_key_of(kmip, pair.public)
    expect(private.public_key() == public, "whether the public key is that of the private key").is_(wanted=True)


@rule("create-key-pair.pairs-differ", needs=[*NEEDS, Operation.GET])
def every_pair_is_a_new_one(kmip: Conversation) -> None:
    """Two pairs have different public keys."""
    one, two = (public_key_of(kmip, has_key_pair(kmip).public) for _ in range(2))
    expect(one == two, "whether they are the same").is_(wanted=False)


@rule("create-key-pair.own-usage-masks", cites=kmip_1_4("Table 168: Create Key Pair Attribute Requirements", "Cryptographic Usage Mask"))
def each_key_has_its_own_usage_mask(kmip: Conversation) -> None:
    """The private key may do what its own attributes say, the public key what its own say."""
    pair = has_key_pair(kmip)
    masks = [kmip.get_attributes(uid, "Cryptographic Usage Mask").attribute("Cryptographic Usage Mask") for uid in pair]
    expect(masks, "the two Cryptographic Usage Masks").is_([int(SIGN), int(VERIFY)])


@check(
    "create-key-pair.common-attributes",
    cites=kmip_1_4(RULE, "MAY be specified for both keys at the same time by specifying a Common Template-Attribute object"),
    in_2_x=kmip_2_1(LATER, "Attributes MAY be specified for both keys at the same time by specifying a Common Attributes object"),
    needs=AND_SHOWS,
    mutants=["create-key-pair.common-attributes-ignored"],
)
def common_attributes_are_those_of_both(kmip: Conversation) -> None:
    """An Object Group among the common attributes is that of both keys."""
    pair = has_key_pair(kmip, requests.attribute("Object Group", "kmiplab-pairs"))
    groups = [[item.value for item in values_of(kmip, uid, "Object Group")] for uid in pair]
    expect(groups, "the Object Groups").is_([["kmiplab-pairs"], ["kmiplab-pairs"]])


@check(
    "create-key-pair.own-attributes-take-precedence",
    cites=kmip_1_4(RULE, "which take precedence over the Common Template-Attribute object"),
    in_2_x=kmip_2_1(LATER, "which take precedence over the Common Attributes object"),
    needs=AND_SHOWS,
)
def own_attributes_take_precedence(kmip: Conversation) -> None:
    """A Cryptographic Usage Mask among the common attributes gives way to each key's own."""
    pair = has_key_pair(kmip, requests.attribute("Cryptographic Usage Mask", CryptographicUsageMask.CERTIFICATE_SIGN))
    masks = [kmip.get_attributes(uid, "Cryptographic Usage Mask").attribute("Cryptographic Usage Mask") for uid in pair]
    expect(masks, "the two Cryptographic Usage Masks").is_([int(SIGN), int(VERIFY)])


@rule("create-key-pair.own-names", cites=kmip_1_4(RULE, "Attributes not common to both keys (e.g., Name, Cryptographic Usage Mask)"))
def each_key_has_its_own_name(kmip: Conversation) -> None:
    """Each key has the Name that was given to it, and not the other's."""
    private, public = own_name(), own_name()
    masks = [requests.attribute("Cryptographic Usage Mask", mask) for mask in (SIGN, VERIFY)]
    pair = has_key_pair(kmip, private=(private, masks[0]), public=(public, masks[1]))
    names = [[name.text(Tag.NAME_VALUE) for name in values_of(kmip, uid, "Name")] for uid in pair]
    wanted = [[item.text(Tag.ATTRIBUTE_VALUE, Tag.NAME_VALUE)] for item in (private, public)]
    expect(names == wanted, "whether each has its own name alone").is_(wanted=True)


@check(
    "create-key-pair.sets-the-placeholder",
    cites=kmip_1_4(RULE, "The ID Placeholder value SHALL be set to the Unique Identifier of the Private Key"),
    in_2_x=kmip_2_1(LATER, "The ID Placeholder value SHALL be set to the Unique Identifier of the Private Key"),
    needs=AND_SHOWS,
    mutants=["messages.id-placeholder-not-set"],
)
def the_next_operation_of_the_batch_means_the_private_key(kmip: Conversation) -> None:
    """In one batch, Get Attributes without identifier after a Create Key Pair is about the private key."""
    reply = kmip.send(requests.create_key_pair(), requests.get_attributes(None, "Object Type"), order=True)
    expect(reply[1].succeeds().attribute("Object Type"), "the Object Type").is_(ObjectType.PRIVATE_KEY)


@check(
    "create-key-pair.begins-pre-active",
    cites=kmip_1_4("3.22 State", "it automatically goes from non-existent to Pre-Active"),
    in_2_x=kmip_2_1("4.57 State", "it automatically goes from non-existent to Pre-Active"),
    needs=AND_SHOWS,
)
def both_keys_begin_pre_active(kmip: Conversation) -> None:
    """Both keys of a new pair are Pre-Active."""
    expect([kmip.state_of(uid) for uid in has_key_pair(kmip)], "the two States").is_([State.PRE_ACTIVE, State.PRE_ACTIVE])


@rule(
    "create-key-pair.lives-are-their-own",
    needs=[*AND_SHOWS, Operation.DESTROY],
    cites=kmip_1_4("4.21 Destroy"),
    in_2_x=kmip_2_1("6.1.15 Destroy"),
)
def the_public_key_outlives_the_private_one(kmip: Conversation) -> None:
    """Destroy of the private key leaves the public key as it is."""
    pair = has_key_pair(kmip)
    kmip.destroy(pair.private).succeeds().settle()
    expect(kmip.state_of(pair.public), "the State of the public key").is_(State.PRE_ACTIVE)


INVALID, INVALID_LATER = (
    kmip_1_4("11.3 Create Key Pair", "Incorrect attribute value(s) specified"),
    kmip_2_1("Table 192: Create Key Pair Errors"),
)


@check("create-key-pair.symmetric-algorithm-refused", cites=INVALID, in_2_x=INVALID_LATER, needs=NEEDS)
def an_algorithm_without_pairs_is_refused(kmip: Conversation) -> None:
    """Create Key Pair for AES, which has no pairs, fails."""
    item = requests.create_key_pair(algorithm=CryptographicAlgorithm.AES, length=256)
    kmip.ask(item).refuses(because=(Reason.INVALID_FIELD, Reason.CRYPTOGRAPHIC_FAILURE)).or_acceptably()


@check("create-key-pair.impossible-length-refused", cites=INVALID, in_2_x=INVALID_LATER, needs=NEEDS)
def an_impossible_length_is_refused(kmip: Conversation) -> None:
    """Create Key Pair for RSA with 7 bits fails."""
    item = requests.create_key_pair(length=7)
    kmip.ask(item).refuses(because=(Reason.INVALID_FIELD, Reason.CRYPTOGRAPHIC_FAILURE)).or_acceptably()


@check(
    "create-key-pair.algorithm-required",
    cites=kmip_1_4("Table 168: Create Key Pair Attribute Requirements", "Cryptographic Algorithm"),
    needs=NEEDS,
)
def without_an_algorithm_no_pair_is_made(kmip: Conversation) -> None:
    """Create Key Pair without a Cryptographic Algorithm, which the standard requires, fails."""
    kmip.ask(requests.create_key_pair(algorithm=None)).refuses()


@check(
    "create-key-pair.name-is-unique",
    cites=kmip_1_4("11.3 Create Key Pair", "Trying to create a new object with the same Name attribute value as an existing object"),
    in_2_x=kmip_2_1("Table 192: Create Key Pair Errors", "Non Unique Name Attribute"),
    needs=NEEDS,
)
def a_name_is_not_used_twice(kmip: Conversation) -> None:
    """Create Key Pair with a Name that another object has fails, and no key is left over of it."""
    name, mask = own_name(), requests.attribute("Cryptographic Usage Mask", SIGN)
    has_key_pair(kmip, private=(name, mask))
    kmip.ask(requests.create_key_pair(private=(name, mask))).refuses(because=Reason.INVALID_FIELD).or_acceptably()
