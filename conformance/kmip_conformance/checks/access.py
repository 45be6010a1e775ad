"""Access: what belongs to one client is out of reach for another (KMIP 1.4, 3.18.2).

A server may say that a foreign object does not exist, or that it may not be touched; the first tells less, and either is lawful.
"""

from __future__ import annotations

from kmip_conformance import requests
from kmip_conformance.arranging import own_name
from kmip_conformance.authoring import (
    Conversation,
    ObjectType,
    Operation,
    Reason,
    RevocationReasonCode,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
)

OWNER_ONLY = kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only")
DENIED = (Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED)


@check("access.get-is-the-owners", cites=OWNER_ONLY, needs=[Operation.CREATE, Operation.GET], mutants=["access.everybody-is-one"])
def a_foreign_key_is_not_given_out(kmip: Conversation, other: Conversation) -> None:
    """Get of a key that belongs to another client fails."""
    key = kmip.has_key()
    other.get(key).refuses(because=DENIED)


@check("access.attributes-are-the-owners", cites=OWNER_ONLY, needs=[Operation.CREATE, Operation.GET_ATTRIBUTES])
def foreign_attributes_are_not_shown(kmip: Conversation, other: Conversation) -> None:
    """Get Attributes of an object that belongs to another client fails."""
    key = kmip.has_key()
    other.get_attributes(key, "State").refuses(because=DENIED)


@check("access.attribute-list-is-the-owners", cites=OWNER_ONLY, needs=[Operation.CREATE, Operation.GET_ATTRIBUTE_LIST])
def a_foreign_attribute_list_is_not_shown(kmip: Conversation, other: Conversation) -> None:
    """Get Attribute List of an object that belongs to another client fails."""
    key = kmip.has_key()
    other.get_attribute_list(key).refuses(because=DENIED)


@check("access.locate-finds-the-owners-alone", cites=OWNER_ONLY, needs=[Operation.CREATE, Operation.LOCATE])
def locate_does_not_find_what_belongs_to_others(kmip: Conversation, other: Conversation) -> None:
    """Locate finds no object that belongs to another client, asked by its name."""
    name = own_name()
    key, own = kmip.has_key(name), other.has_key(name)
    found = [item.value for item in other.locate(name).succeeds().payload.all(Tag.UNIQUE_IDENTIFIER)]
    expect((own in found, key in found), "whether its own object is found, and the other client's").is_((True, False))


@check("access.names-are-per-client", cites=OWNER_ONLY, needs=[Operation.CREATE])
def one_name_may_be_used_by_two_clients(kmip: Conversation, other: Conversation) -> None:
    """A Name that one client uses does not stand in the way of another, who must not even learn of it."""
    name = own_name()
    kmip.has_key(name)
    refused = other.create_symmetric_key(name).succeeds()
    refused.or_acceptably(because=(Reason.INVALID_FIELD, Reason.NON_UNIQUE_NAME_ATTRIBUTE))


@check("access.attributes-are-changed-by-the-owner", cites=OWNER_ONLY, needs=[Operation.CREATE, Operation.ADD_ATTRIBUTE])
def a_foreign_object_gets_no_attribute(kmip: Conversation, other: Conversation) -> None:
    """Add Attribute to an object that belongs to another client fails, and leaves no trace."""
    key = kmip.has_key()
    other.add_attribute(key, requests.attribute("x-Intruder", "was here")).refuses(because=DENIED)
    expect(len(kmip.get_attributes(key, "x-Intruder").succeeds().attributes("x-Intruder")), "the number of values of x-Intruder").is_(0)


@check("access.activate-is-the-owners", cites=OWNER_ONLY, needs=[Operation.CREATE, Operation.ACTIVATE, Operation.GET_ATTRIBUTES])
def a_foreign_key_is_not_activated(kmip: Conversation, other: Conversation) -> None:
    """Activate of a key that belongs to another client fails, and the key stays Pre-Active."""
    key = kmip.has_key()
    other.activate(key).refuses(because=DENIED)
    expect(kmip.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)


@check(
    "access.revoke-is-the-owners",
    cites=OWNER_ONLY,
    needs=[Operation.CREATE, Operation.ACTIVATE, Operation.REVOKE, Operation.GET_ATTRIBUTES],
)
def a_foreign_key_is_not_revoked(kmip: Conversation, other: Conversation) -> None:
    """Revoke of a key that belongs to another client fails, and the key stays Active."""
    key = kmip.has_key(active=True)
    other.revoke(key, RevocationReasonCode.CESSATION_OF_OPERATION).refuses(because=DENIED)
    expect(kmip.state_of(key), "the State of the key").is_(State.ACTIVE)


@check("access.destroy-is-the-owners", cites=OWNER_ONLY, needs=[Operation.CREATE, Operation.GET, Operation.DESTROY])
def a_foreign_key_is_not_destroyed(kmip: Conversation, other: Conversation) -> None:
    """Destroy of a key that belongs to another client fails, and the key can still be had."""
    key = kmip.has_key()
    other.destroy(key).refuses(because=DENIED)
    kmip.get(key).succeeds()


@check("access.secrets-are-the-owners", cites=OWNER_ONLY, needs=[Operation.REGISTER, Operation.GET, ObjectType.SECRET_DATA])
def a_foreign_secret_is_not_given_out(kmip: Conversation, other: Conversation) -> None:
    """Get of Secret Data that belongs to another client fails."""
    secret = kmip.has_secret()
    other.get(secret).refuses(because=DENIED)


@check(
    "access.placeholder-is-not-shared",
    cites=kmip_1_4("4 Client-to-Server Operations", "ID Placeholder"),
    needs=[Operation.CREATE, Operation.GET],
)
def the_id_placeholder_does_not_leak_from_client_to_client(kmip: Conversation, other: Conversation) -> None:
    """The ID Placeholder lives in one batch: a Get without identifier finds neither an earlier batch's object nor another client's."""
    kmip.has_key()
    other.get(None).refuses()
    kmip.get(None).refuses()
