"""Create (KMIP 1.4, 4.1)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import own_name
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

RULE = "4.1 Create"
ERRORS = "11.2 Create"
NEEDS = [Operation.CREATE]
AND_GET = [*NEEDS, Operation.GET]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]
AES = requests.attribute("Cryptographic Algorithm", CryptographicAlgorithm.AES)
USAGE = requests.attribute("Cryptographic Usage Mask", CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT)
LENGTH = requests.attribute("Cryptographic Length", 256)
UNASSIGNED = 0x00007FFF
"""No Cryptographic Algorithm of any version."""

rule = partial(check, needs=NEEDS)


@rule(
    "create.names-what-it-made",
    cites=kmip_1_4(RULE, "The response contains the Unique Identifier of the created object"),
    in_2_x=kmip_2_1("6.1.8 Create", "The response contains the Unique Identifier of the created object"),
)
def the_answer_names_type_and_identifier(kmip: Conversation) -> None:
    """Create answers with the Object Type and the Unique Identifier of the new object."""
    answer = kmip.create_symmetric_key(length=256).succeeds()
    answer.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY)
    expect(answer.uid, "the Unique Identifier").is_not("")


@check(
    "create.key-begins-pre-active",
    cites=kmip_1_4("3.22 State", "it automatically goes from non-existent to Pre-Active"),
    in_2_x=kmip_2_1("4.57 State", "it automatically goes from non-existent to Pre-Active"),
    needs=AND_SHOWS,
    mutants=["attributes.state-as-text"],
)
def a_key_without_an_activation_date_is_pre_active(kmip: Conversation) -> None:
    """A key that is created without an Activation Date is Pre-Active."""
    expect(kmip.state_of(kmip.has_key()), "the State of the new key").is_(State.PRE_ACTIVE)


@check(
    "create.aes-128",
    cites=kmip_1_4("3.5 Cryptographic Length", "the length in bits of the clear-text cryptographic key material"),
    in_2_x=kmip_2_1("4.15 Cryptographic Length", "the length in bits of the clear-text cryptographic key material"),
    needs=AND_GET,
)
def an_aes_128_key_has_16_bytes(kmip: Conversation) -> None:
    """An AES key of 128 bits has 16 bytes of Key Material."""
    expect(kmip.get(kmip.has_key(length=128)).key_material, "the Key Material").has_length(16)


@check(
    "create.aes-256",
    cites=kmip_1_4("3.5 Cryptographic Length", "the length in bits of the clear-text cryptographic key material"),
    in_2_x=kmip_2_1("4.15 Cryptographic Length", "the length in bits of the clear-text cryptographic key material"),
    needs=AND_GET,
    mutants=["create.half-the-key"],
)
def an_aes_256_key_has_32_bytes(kmip: Conversation) -> None:
    """An AES key of 256 bits has 32 bytes of Key Material."""
    expect(kmip.get(kmip.has_key(length=256)).key_material, "the Key Material").has_length(32)


@check(
    "create.keys-differ",
    cites=kmip_1_4(RULE, "generate a new symmetric key"),
    in_2_x=kmip_2_1("6.1.8 Create", "generate a new symmetric key"),
    needs=AND_GET,
)
def every_key_is_a_new_one(kmip: Conversation) -> None:
    """Eight keys that are created one after another are eight different keys."""
    keys = [kmip.has_key() for _ in range(8)]
    expect(len(set(keys)), "the number of Unique Identifiers").is_(8)
    expect(len({kmip.get(key).key_material for key in keys}), "the number of different keys").is_(8)


@check(
    "create.keeps-its-attributes",
    cites=kmip_1_4(RULE, "some of the attributes to be assigned to the object"),
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
    needs=AND_SHOWS,
)
def the_attributes_of_the_request_are_those_of_the_key(kmip: Conversation) -> None:
    """Algorithm, length and usage mask of the request are attributes of the key."""
    answer = kmip.get_attributes(kmip.has_key(length=128), "Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask")
    expect(answer.attribute("Cryptographic Algorithm"), "the Cryptographic Algorithm").is_(CryptographicAlgorithm.AES)
    expect(answer.attribute("Cryptographic Length"), "the Cryptographic Length").is_(128)
    usage = CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT
    expect(answer.attribute("Cryptographic Usage Mask"), "the Cryptographic Usage Mask").is_(usage)


@check("create.object-type-is-an-attribute", cites=kmip_1_4("3.3 Object Type"), in_2_x=kmip_2_1("4.36 Object Type"), needs=AND_SHOWS)
def the_object_type_is_an_attribute_of_the_key(kmip: Conversation) -> None:
    """A created key has the attribute Object Type, Symmetric Key."""
    answer = kmip.get_attributes(kmip.has_key(), "Object Type")
    expect(answer.attribute("Object Type"), "the Object Type").is_(ObjectType.SYMMETRIC_KEY)


@check(
    "create.sets-the-placeholder",
    cites=kmip_1_4(RULE, "The server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder variable"),
    in_2_x=kmip_2_1(
        "6.1.8 Create", "The server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder variable"
    ),
    needs=AND_GET,
    mutants=["messages.id-placeholder-not-set"],
)
def the_next_operation_of_the_batch_means_the_new_key(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Create returns the key that was created."""
    reply = kmip.send(requests.create_symmetric_key(), requests.get(None), order=True)
    expect(reply[1].succeeds().uid == reply[0].succeeds().uid, "whether Get returned the created key").is_(wanted=True)


@rule(
    "create.unknown-object-type-refused",
    cites=kmip_1_4(ERRORS, "Object Type is not recognized"),
    in_2_x=kmip_2_1("Table 188: Create Errors", "Invalid Object Type"),
)
def an_object_type_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Create of an Object Type that the standard does not assign fails with Invalid Field."""
    kmip.ask(requests.create(0x7FFF, AES, LENGTH, USAGE)).refuses(because=Reason.INVALID_FIELD).or_acceptably(
        because=Reason.INVALID_MESSAGE
    )


@rule("create.certificate-refused", cites=kmip_1_4(RULE, "generate a new symmetric key as a Managed Cryptographic Object"))
def only_symmetric_keys_are_created(kmip: Conversation) -> None:
    """Create of anything but a Symmetric Key is refused."""
    kmip.ask(requests.create(ObjectType.CERTIFICATE, AES, LENGTH, USAGE)).refuses()


@rule("create.usage-mask-required", cites=kmip_1_4("Table 165: Create Attribute Requirements", "Cryptographic Usage Mask"))
def a_key_without_a_usage_mask_is_refused(kmip: Conversation) -> None:
    """Create without a Cryptographic Usage Mask, which the standard requires, fails."""
    kmip.ask(requests.create_symmetric_key(usage=None)).refuses()


@rule("create.algorithm-required", cites=kmip_1_4("Table 165: Create Attribute Requirements", "Cryptographic Algorithm"))
def a_key_without_an_algorithm_is_refused(kmip: Conversation) -> None:
    """Create without a Cryptographic Algorithm, which the standard requires, fails."""
    kmip.ask(requests.create(ObjectType.SYMMETRIC_KEY, LENGTH, USAGE)).refuses()


@rule(
    "create.impossible-length-refused",
    cites=kmip_1_4(ERRORS, "Incorrect attribute value(s) specified"),
    in_2_x=kmip_2_1("Table 188: Create Errors", "Invalid Attribute Value"),
)
def an_aes_key_of_a_length_that_aes_has_not_is_refused(kmip: Conversation) -> None:
    """Create of an AES key of 100 bits fails with Invalid Field."""
    kmip.create_symmetric_key(length=100).refuses(because=Reason.INVALID_FIELD).or_refuses(because=Reason.CRYPTOGRAPHIC_FAILURE)


@rule(
    "create.unknown-algorithm-refused",
    cites=kmip_1_4(ERRORS, "Incorrect attribute value(s) specified"),
    in_2_x=kmip_2_1("Table 188: Create Errors", "Invalid Attribute Value"),
)
def an_algorithm_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Create of a key for a Cryptographic Algorithm that the standard does not assign fails."""
    item = requests.create(ObjectType.SYMMETRIC_KEY, requests.attribute("Cryptographic Algorithm", UNASSIGNED), LENGTH, USAGE)
    kmip.ask(item).refuses(because=Reason.INVALID_FIELD).or_acceptably(because=(Reason.INVALID_MESSAGE, Reason.CRYPTOGRAPHIC_FAILURE))


@rule("create.unknown-template-not-found", cites=kmip_1_4(ERRORS, "Templates that do not exist are given in request"))
def a_template_that_is_not_there_is_not_found(kmip: Conversation) -> None:
    """Create that names a Template which does not exist fails with Item Not Found."""
    item = requests.create(ObjectType.SYMMETRIC_KEY, requests.template_name("kmiplab-no-such-template"), AES, LENGTH, USAGE)
    kmip.ask(item).refuses(because=Reason.ITEM_NOT_FOUND).or_acceptably(because=(Reason.INVALID_FIELD, Reason.OPERATION_NOT_SUPPORTED))


@rule(
    "create.name-is-unique",
    cites=kmip_1_4(ERRORS, "Trying to create a new object with the same Name attribute value as an existing object"),
    in_2_x=kmip_2_1("Table 188: Create Errors", "Non Unique Name Attribute"),
)
def a_name_is_not_used_twice(kmip: Conversation) -> None:
    """Create with a Name that another object of the client has fails with Invalid Field."""
    name = own_name()
    kmip.has_key(name)
    kmip.create_symmetric_key(name).refuses(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.ILLEGAL_OPERATION)


@rule(
    "create.read-only-attribute-refused",
    cites=kmip_1_4("Table 53: Unique Identifier Attribute Rules", "Initially set by | Server"),
    in_2_x=kmip_2_1("4.58 Unique Identifier", "Initially set by | Server"),
)
def the_server_chooses_the_identifier(kmip: Conversation) -> None:
    """A client does not choose the Unique Identifier: Create with one is refused, or another one is given."""
    wanted = "kmiplab-chosen-by-the-client"
    answer = kmip.create_symmetric_key(requests.attribute("Unique Identifier", wanted)).refuses().or_acceptably_succeeds()
    expect([uid for uid in answer.values_of(Tag.UNIQUE_IDENTIFIER) if uid == wanted], "the identifiers that the client chose").is_([])


@check(
    "create.batch-of-many",
    cites=kmip_1_4("4 Client-to-Server Operations", "batch"),
    in_2_x=kmip_2_1("6.1 Client-to-Server Operations", "batch"),
    needs=AND_GET,
)
def eight_keys_are_created_in_one_message(kmip: Conversation) -> None:
    """Eight Creates in one batch make eight keys."""
    reply = kmip.send(*[requests.create_symmetric_key() for _ in range(8)])
    expect(len({reply[index].succeeds().uid for index in range(8)}), "the number of keys").is_(8)


@rule("create.answers-within-bounds", cites=kmip_1_4("Table 164: Create Response Payload"))
def the_answer_holds_the_fields_of_the_table(kmip: Conversation) -> None:
    """The payload of a Create holds Object Type and Unique Identifier, then at most a Template-Attribute."""
    fields = [item.tag for item in kmip.create_symmetric_key().payload.children]
    expect(fields, "the fields of the payload").is_one_of(
        [Tag.OBJECT_TYPE, Tag.UNIQUE_IDENTIFIER], [Tag.OBJECT_TYPE, Tag.UNIQUE_IDENTIFIER, Tag.TEMPLATE_ATTRIBUTE]
    )
