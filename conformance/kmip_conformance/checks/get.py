"""Get (KMIP 1.4, 4.11)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import (
    Conversation,
    CryptographicAlgorithm,
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
from kmip_conformance.tables import ItemType, KeyFormatType, SecretDataType

RULE = "4.11 Get"
ERRORS = "11.12 Get"
NEEDS = [Operation.CREATE, Operation.GET]
REGISTERS = [Operation.REGISTER, Operation.GET]
FORMAT_REFUSED = (Reason.KEY_FORMAT_TYPE_NOT_SUPPORTED, Reason.KEY_COMPRESSION_TYPE_NOT_SUPPORTED)

rule = partial(check, needs=NEEDS)


@rule(
    "get.returns-the-key",
    cites=kmip_1_4(RULE, "The response contains the Unique Identifier of the object, along with the object itself"),
    in_2_x=kmip_2_1("6.1.19 Get", "The response contains the Unique Identifier of the object, along with the object itself"),
    mutants=["create.half-the-key"],
)
def the_object_comes_with_its_type_and_identifier(kmip: Conversation) -> None:
    """Get answers with the Object Type, the Unique Identifier and the object itself."""
    key = kmip.has_key(length=256)
    answer = kmip.get(key).succeeds()
    answer.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY).has(Tag.UNIQUE_IDENTIFIER, key)
    expect(answer.key_material, "the Key Material").has_length(32)


@rule(
    "get.key-block-describes-the-key",
    cites=kmip_1_4("2.1.3 Key Block"),
    in_2_x=kmip_2_1("3.1 Key Block"),
    mutants=["get.cryptographic-length-as-long-integer"],
)
def the_key_block_names_format_algorithm_and_length(kmip: Conversation) -> None:
    """The Key Block of a created key says Raw, AES and its length in bits."""
    block = kmip.get(kmip.has_key(length=256)).find(Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK)
    expect(block is not None and block.number(Tag.KEY_FORMAT_TYPE), "the Key Format Type").is_(KeyFormatType.RAW)
    expect(block is not None and block.number(Tag.CRYPTOGRAPHIC_ALGORITHM), "the Cryptographic Algorithm").is_(CryptographicAlgorithm.AES)
    length = block.first(Tag.CRYPTOGRAPHIC_LENGTH) if block is not None else None
    expect((length.type, length.value) if length else None, "type and value of the Cryptographic Length").is_((ItemType.INTEGER, 256))


@rule("get.same-key-every-time", cites=kmip_1_4(RULE), in_2_x=kmip_2_1("6.1.19 Get"))
def a_key_does_not_change_between_two_gets(kmip: Conversation) -> None:
    """Two Gets of one key, over two connections, return the same Key Material."""
    key = kmip.has_key()
    expect(kmip.get(key).key_material == kmip.again().get(key).key_material, "whether both are the same").is_(wanted=True)


@rule(
    "get.pre-active-key",
    cites=kmip_1_4("3.22 State", "Pre-Active: The object exists"),
    in_2_x=kmip_2_1("4.57 State", "Pre-Active: The object exists"),
    mutants=["get.refuses-pre-active"],
)
def a_pre_active_key_is_given_out(kmip: Conversation) -> None:
    """A Pre-Active key can be had: nothing in the standard ties Get to the State."""
    key = kmip.has_key()
    kmip.get(key).succeeds()
    expect(kmip.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)


@rule(
    "get.does-not-change-the-state",
    cites=kmip_1_4("3.22 State", "Only the transitions described above are permitted"),
    in_2_x=kmip_2_1("4.57 State", "Only the transitions described above are permitted"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def get_leaves_the_state_alone(kmip: Conversation) -> None:
    """Get changes nothing about the State of a key."""
    key = kmip.has_key()
    kmip.get(key).succeeds().settle()
    expect(kmip.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)


@rule("get.raw-on-request", cites=kmip_1_4(RULE, "Key Format Type"), in_2_x=kmip_2_1("6.1.19 Get", "Key Format Type"))
def a_key_comes_raw_when_raw_is_asked_for(kmip: Conversation) -> None:
    """Get with Key Format Type Raw returns a symmetric key raw."""
    block = kmip.get(kmip.has_key(), format_type=KeyFormatType.RAW).find(Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK)
    expect(block is not None and block.number(Tag.KEY_FORMAT_TYPE), "the Key Format Type").is_(KeyFormatType.RAW)


@rule(
    "get.impossible-format-refused",
    cites=kmip_1_4(ERRORS, "Object exists but cannot be provided in the desired Key Format Type and/or Key Compression Type"),
    in_2_x=kmip_2_1(
        "11.46 Result Reason Enumeration", "The object exists, but the server is unable to provide it in the desired Key Format Type"
    ),
)
def an_aes_key_does_not_come_as_x_509(kmip: Conversation) -> None:
    """Get of an AES key as X.509 fails with Key Format Type Not Supported."""
    kmip.get(kmip.has_key(), format_type=KeyFormatType.X_509).refuses(because=FORMAT_REFUSED)


@rule(
    "get.impossible-compression-refused",
    cites=kmip_1_4(ERRORS, "Object exists but cannot be provided in the desired Key Format Type and/or Key Compression Type"),
    in_2_x=kmip_2_1(
        "11.46 Result Reason Enumeration", "The object exists, but the server is unable to provide it in the desired Key Compression Type"
    ),
)
def an_aes_key_does_not_come_compressed(kmip: Conversation) -> None:
    """Get of an AES key as a compressed elliptic curve point fails with Key Compression Type Not Supported."""
    kmip.get(kmip.has_key(), compression=2).refuses(because=FORMAT_REFUSED)


@rule(
    "get.unknown-object-not-found",
    cites=kmip_1_4(ERRORS, "Object does not exist"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "A requested managed object was not found or did not exist"),
    needs=NEEDS[1:],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Get of an object that does not exist fails with Item Not Found."""
    kmip.get("no-such-object").refuses(because=Reason.ITEM_NOT_FOUND)


@rule(
    "get.placeholder-empty-refused",
    cites=kmip_1_4(RULE, "If omitted, then the ID Placeholder value is used by the server as the Unique Identifier"),
    in_2_x=kmip_2_1("6.1.19 Get", "If omitted, then the ID Placeholder value is used by the server as the Unique Identifier"),
    needs=NEEDS[1:],
)
def nothing_is_meant_when_nothing_is_named(kmip: Conversation) -> None:
    """Get without an identifier, alone in its message, finds an empty ID Placeholder and fails."""
    kmip.get(None).refuses()


@check(
    "get.secret-data", cites=kmip_1_4("2.2.7 Secret Data"), in_2_x=kmip_2_1("2.7 Secret Data"), needs=[*REGISTERS, ObjectType.SECRET_DATA]
)
def secret_data_comes_back_as_it_was_registered(kmip: Conversation) -> None:
    """Get of Secret Data returns its type and the very bytes that were registered."""
    answer = kmip.get(kmip.has_secret(secret=b"tr0ub4dor&3")).succeeds().has(Tag.OBJECT_TYPE, ObjectType.SECRET_DATA)
    kind = answer.find(Tag.SECRET_DATA, Tag.SECRET_DATA_TYPE)
    expect(kind is not None and kind.value, "the Secret Data Type").is_(SecretDataType.PASSWORD)
    expect(answer.key_material == b"tr0ub4dor&3", "whether the secret is the same").is_(wanted=True)


@check(
    "get.opaque-object",
    cites=kmip_1_4("2.2.8 Opaque Object"),
    in_2_x=kmip_2_1("2.3 Opaque Object"),
    needs=[*REGISTERS, ObjectType.OPAQUE_OBJECT],
)
def an_opaque_object_comes_back_as_it_was_registered(kmip: Conversation) -> None:
    """Get of an Opaque Object returns the very bytes that were registered, whatever they are."""
    data = bytes(range(256))
    answer = kmip.get(kmip.ask(requests.register_opaque(data)).uid).succeeds().has(Tag.OBJECT_TYPE, ObjectType.OPAQUE_OBJECT)
    value = answer.find(Tag.OPAQUE_OBJECT, Tag.OPAQUE_DATA_VALUE)
    expect(value is not None and value.value == data, "whether the data is the same").is_(wanted=True)


@check("get.registered-key", cites=kmip_1_4(RULE), in_2_x=kmip_2_1("6.1.19 Get"), needs=REGISTERS, mutants=["register.material-altered"])
def a_registered_key_comes_back_as_it_was_registered(kmip: Conversation) -> None:
    """Get of a registered key returns the very bytes that were registered."""
    material = bytes(range(32))
    key = kmip.ask(requests.register_symmetric_key(material)).uid
    expect(kmip.get(key).key_material == material, "whether the Key Material is the same").is_(wanted=True)


@rule("get.answers-within-bounds", cites=kmip_1_4("4.11 Get", "Response Payload"))
def the_answer_holds_the_fields_of_the_table(kmip: Conversation) -> None:
    """The payload of a Get holds Object Type, Unique Identifier and the object, in this order, and nothing else."""
    fields = [item.tag for item in kmip.get(kmip.has_key()).payload.children]
    expect(fields, "the fields of the payload").is_([Tag.OBJECT_TYPE, Tag.UNIQUE_IDENTIFIER, Tag.SYMMETRIC_KEY])


@rule("get.batch-of-many", cites=kmip_1_4("4 Client-to-Server Operations"), in_2_x=kmip_2_1("6.1 Client-to-Server Operations"))
def sixteen_gets_in_one_message_are_sixteen_answers(kmip: Conversation) -> None:
    """Sixteen Gets of two keys in one batch return the two keys in turn."""
    keys = [kmip.has_key(), kmip.has_key()]
    wanted = [kmip.get(key).key_material for key in keys] * 8
    reply = kmip.send(*[requests.get(key) for key in keys * 8], order=True)
    expect([reply[index].succeeds().key_material for index in range(16)] == wanted, "whether each is the key asked for").is_(wanted=True)
