"""Create (KMIP 1.4, 4.1)."""

from __future__ import annotations

from kmip_conformance.authoring import MUST, Conversation, ObjectType, Operation, Reason, State, Tag, check, expect, kmip_1_4, requests


@check(
    "create.names-what-it-made",
    level=MUST,
    cites=kmip_1_4("4.1 Create", "The response contains the Unique Identifier of the created object"),
    needs=[Operation.CREATE],
)
def the_answer_names_type_and_identifier(kmip: Conversation) -> None:
    """Create answers with the Object Type and the Unique Identifier of the new object."""
    answer = kmip.create_symmetric_key(length=256).succeeds()
    answer.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY)
    expect(answer.uid, "the Unique Identifier").is_not("")


@check(
    "create.key-begins-pre-active",
    level=MUST,
    cites=kmip_1_4("3.22 State", "When an object is created or registered, it automatically goes from non-existent to Pre-Active"),
    needs=[Operation.CREATE, Operation.GET_ATTRIBUTES],
    mutants=["attributes.state-as-text"],
)
def a_key_without_an_activation_date_is_pre_active(kmip: Conversation) -> None:
    """A key that is created without an Activation Date is Pre-Active."""
    expect(kmip.state_of(kmip.has_key()), "the State of the new key").is_(State.PRE_ACTIVE)


@check(
    "create.unknown-object-type-refused",
    level=MUST,
    cites=kmip_1_4("11.2 Create", "Object Type is not recognized"),
    needs=[Operation.CREATE],
)
def an_object_type_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Create of an Object Type that the standard does not assign fails with Invalid Field."""
    item = requests.create(0x7FFF, requests.template_attribute())
    kmip.ask(item).refuses(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)
