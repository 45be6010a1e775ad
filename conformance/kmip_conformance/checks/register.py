"""Register of symmetric keys, secret data and opaque objects (KMIP 1.4, 4.3)."""

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
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)

RULE = "4.3 Register"
ERRORS = "11.4 Register"
NEEDS = [Operation.REGISTER]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]
MATERIAL = bytes(range(32))
AES = requests.attribute("Cryptographic Algorithm", CryptographicAlgorithm.AES)
USAGE = requests.attribute("Cryptographic Usage Mask", CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT)
LENGTH = requests.attribute("Cryptographic Length", 256)

rule = partial(check, needs=NEEDS)


@rule(
    "register.names-the-object",
    cites=kmip_1_4("Table 170: Register Response Payload", "The Unique Identifier of the newly registered object"),
    in_2_x=kmip_2_1("6.1.43 Register", "The Unique Identifier of the newly registered object"),
    mutants=["register.extra-object-type"],
)
def the_answer_holds_the_fields_of_the_table(kmip: Conversation) -> None:
    """The payload of a Register holds the Unique Identifier, then at most a Template-Attribute: no Object Type."""
    fields = [item.tag for item in kmip.ask(requests.register_symmetric_key(MATERIAL)).payload.children]
    expect(fields, "the fields of the payload").is_one_of([Tag.UNIQUE_IDENTIFIER], [Tag.UNIQUE_IDENTIFIER, Tag.TEMPLATE_ATTRIBUTE])


@check(
    "register.keeps-the-key",
    cites=kmip_1_4(RULE, "allowing the server to manage the object"),
    in_2_x=kmip_2_1("6.1.43 Register", "allowing the server to manage the object"),
    needs=[*NEEDS, Operation.GET],
    mutants=["register.material-altered"],
)
def the_key_is_the_one_that_was_registered(kmip: Conversation) -> None:
    """A registered key is kept byte for byte: 16, 24 and 32 bytes."""
    for length in (16, 24, 32):
        key = kmip.ask(requests.register_symmetric_key(MATERIAL[:length])).uid
        expect(kmip.get(key).key_material == MATERIAL[:length], f"whether the {length} bytes are the same").is_(wanted=True)


@check(
    "register.keeps-its-attributes",
    cites=kmip_1_4(RULE, "attributes to be assigned to the object"),
    in_2_x=kmip_2_1("6.1.43 Register", "attributes to be assigned to the object"),
    needs=AND_SHOWS,
)
def the_attributes_of_the_request_are_those_of_the_key(kmip: Conversation) -> None:
    """Algorithm, length, usage mask and name of the request are attributes of the key."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL, own_name())).uid
    answer = kmip.get_attributes(key, "Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask", "Name")
    expect(answer.attribute("Cryptographic Algorithm"), "the Cryptographic Algorithm").is_(CryptographicAlgorithm.AES)
    expect(answer.attribute("Cryptographic Length"), "the Cryptographic Length").is_(256)
    expect(len(answer.attributes("Name")), "the number of Names").is_(1)


@check(
    "register.sets-initial-date",
    cites=kmip_1_4(RULE, "The Initial Date attribute of the object SHALL be set to the current time"),
    in_2_x=kmip_2_1("6.1.43 Register", "The Initial Date attribute of the object SHALL be set to the current time"),
    needs=AND_SHOWS,
)
def the_initial_date_is_set(kmip: Conversation) -> None:
    """A registered object has an Initial Date."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL)).uid
    expect(kmip.get_attributes(key, "Initial Date").attribute("Initial Date"), "the Initial Date").is_between(1, 2**33)


@check("register.same-key-twice", cites=kmip_1_4(RULE), in_2_x=kmip_2_1("6.1.43 Register"), needs=NEEDS)
def the_same_material_may_be_registered_twice(kmip: Conversation) -> None:
    """Two objects may hold the same material: they have identifiers of their own."""
    uids = {kmip.ask(requests.register_symmetric_key(MATERIAL)).uid for _ in range(2)}
    expect(len(uids), "the number of Unique Identifiers").is_(2)


@check(
    "register.sets-the-placeholder",
    cites=kmip_1_4(RULE, "copy the Unique Identifier returned by this operations into the ID Placeholder variable"),
    in_2_x=kmip_2_1(
        "6.1.43 Register", "The server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder variable"
    ),
    needs=[*NEEDS, Operation.GET],
    mutants=["messages.id-placeholder-not-set"],
)
def the_next_operation_of_the_batch_means_the_new_object(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Register returns the object that was registered."""
    reply = kmip.send(requests.register_symmetric_key(MATERIAL), requests.get(None), order=True)
    expect(reply[1].succeeds().key_material == MATERIAL, "whether Get returned the registered key").is_(wanted=True)


@rule("register.usage-mask-required", cites=kmip_1_4("Table 171: Register Attribute Requirements", "Cryptographic Usage Mask"))
def a_key_without_a_usage_mask_is_refused(kmip: Conversation) -> None:
    """Register of a key without a Cryptographic Usage Mask, which the standard requires, fails."""
    kmip.ask(requests.register_symmetric_key(MATERIAL, usage=None)).refuses()


@rule(
    "register.length-mismatch-refused",
    cites=kmip_1_4(ERRORS, "Incorrect attribute value(s) specified"),
    in_2_x=kmip_2_1("Table 294: Register Errors", "Invalid Attribute Value"),
)
def a_length_that_is_not_the_keys_is_refused(kmip: Conversation) -> None:
    """Register of 32 bytes as an AES key of 128 bits fails with Invalid Field."""
    wrong = requests.attribute("Cryptographic Length", 128)
    item = requests.register(ObjectType.SYMMETRIC_KEY, requests.symmetric_key(MATERIAL, length=128), AES, wrong, USAGE)
    kmip.ask(item).refuses(because=(Reason.INVALID_FIELD, Reason.CRYPTOGRAPHIC_FAILURE, Reason.INVALID_MESSAGE))


@rule(
    "register.type-mismatch-refused",
    cites=kmip_1_4(ERRORS, "Object Type does not match type of cryptographic object provided"),
    needs=[*NEEDS, ObjectType.SECRET_DATA],
)
def an_object_that_is_not_of_its_type_is_refused(kmip: Conversation) -> None:
    """Register of a Symmetric Key that calls itself Secret Data fails with Invalid Field."""
    item = requests.register(ObjectType.SECRET_DATA, requests.symmetric_key(MATERIAL), AES, LENGTH, USAGE)
    kmip.ask(item).refuses(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)


@rule(
    "register.unknown-object-type-refused",
    cites=kmip_1_4(ERRORS, "Object Type is not recognized"),
    in_2_x=kmip_2_1("Table 294: Register Errors", "Invalid Object Type"),
)
def an_object_type_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Register of an Object Type that the standard does not assign fails with Invalid Field."""
    item = requests.register(0x7FFF, requests.symmetric_key(MATERIAL), AES, LENGTH, USAGE)
    kmip.ask(item).refuses(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)


@rule(
    "register.name-is-unique",
    cites=kmip_1_4(ERRORS, "Trying to register a new object with the same Name attribute value as an existing object"),
    in_2_x=kmip_2_1("Table 294: Register Errors", "Non Unique Name Attribute"),
)
def a_name_is_not_used_twice(kmip: Conversation) -> None:
    """Register with a Name that another object of the client has fails with Invalid Field."""
    name = own_name()
    kmip.ask(requests.register_symmetric_key(MATERIAL, name)).succeeds()
    kmip.ask(requests.register_symmetric_key(MATERIAL, name)).refuses(because=Reason.INVALID_FIELD).or_acceptably(
        because=Reason.ILLEGAL_OPERATION
    )


@check(
    "register.secret-data",
    cites=kmip_1_4("2.2.7 Secret Data"),
    in_2_x=kmip_2_1("2.7 Secret Data"),
    needs=[*AND_SHOWS, ObjectType.SECRET_DATA],
)
def secret_data_needs_no_algorithm(kmip: Conversation) -> None:
    """Secret Data is registered without algorithm and length, and is of the type Secret Data."""
    answer = kmip.get_attributes(kmip.has_secret(), "Object Type")
    expect(answer.attribute("Object Type"), "the Object Type").is_(ObjectType.SECRET_DATA)


@check(
    "register.opaque-object",
    cites=kmip_1_4("2.2.8 Opaque Object"),
    in_2_x=kmip_2_1("2.3 Opaque Object"),
    needs=[*AND_SHOWS, ObjectType.OPAQUE_OBJECT],
)
def an_opaque_object_needs_no_attributes(kmip: Conversation) -> None:
    """An Opaque Object is registered without any attribute, and is of the type Opaque Object."""
    answer = kmip.get_attributes(kmip.ask(requests.register_opaque(b"opaque")).uid, "Object Type")
    expect(answer.attribute("Object Type"), "the Object Type").is_(ObjectType.OPAQUE_OBJECT)


@check(
    "register.opaque-of-8-kib",
    cites=kmip_1_4("2.2.8 Opaque Object"),
    in_2_x=kmip_2_1("2.3 Opaque Object"),
    needs=[*NEEDS, Operation.GET, ObjectType.OPAQUE_OBJECT],
)
def a_larger_opaque_object_is_kept(kmip: Conversation) -> None:
    """An Opaque Object of 8 KiB is kept byte for byte."""
    data = bytes(range(256)) * 32
    value = kmip.get(kmip.ask(requests.register_opaque(data)).uid).find(Tag.OPAQUE_OBJECT, Tag.OPAQUE_DATA_VALUE)
    expect(value is not None and value.value == data, "whether the data is the same").is_(wanted=True)
