"""Get (KMIP 1.4, 4.11)."""

from __future__ import annotations

from kmip_conformance.authoring import MUST, Conversation, ObjectType, Operation, Reason, Tag, check, expect, kmip_1_4


@check(
    "get.returns-the-key",
    level=MUST,
    cites=kmip_1_4("4.11 Get", "The response contains the Unique Identifier of the object, along with the object itself"),
    needs=[Operation.CREATE, Operation.GET],
    mutants=["create.half-the-key"],
)
def the_object_comes_with_its_type_and_identifier(kmip: Conversation) -> None:
    """Get answers with the Object Type, the Unique Identifier and the object itself."""
    key = kmip.has_key(length=256)
    answer = kmip.get(key).succeeds()
    answer.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY).has(Tag.UNIQUE_IDENTIFIER, key)
    expect(answer.key_material, "the Key Material").has_length(32)


@check(
    "get.same-key-every-time",
    level=MUST,
    cites=kmip_1_4("4.11 Get"),
    needs=[Operation.CREATE, Operation.GET],
)
def a_key_does_not_change_between_two_gets(kmip: Conversation) -> None:
    """Two Gets of one key, over two connections, return the same Key Material."""
    key = kmip.has_key()
    expect(kmip.get(key).key_material == kmip.again().get(key).key_material, "whether both are the same").is_(wanted=True)


@check(
    "get.unknown-object-not-found",
    level=MUST,
    cites=kmip_1_4("11.12 Get", "Object does not exist"),
    needs=[Operation.GET],
    mutants=["access.unknown-object-is-general-failure"],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Get of an object that does not exist fails with Item Not Found."""
    kmip.get("no-such-object").refuses(because=Reason.ITEM_NOT_FOUND)
