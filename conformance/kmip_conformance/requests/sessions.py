"""Batch items that came with 2.0 and 2.1: attributes set and adjusted, sessions, and what a server is told and asked beside its objects."""

from __future__ import annotations

from dataclasses import replace

from kmip_conformance import tables
from kmip_conformance.requests.forms import reference
from kmip_conformance.requests.message import batch_item
from kmip_conformance.tables import CredentialType, ItemType, Operation, Tag, member_name
from kmip_conformance.wire import Item, enumeration, integer, interval, structure, text


def set_attribute(uid: str | None, attribute: Item) -> Item:
    """2.1, 6.1.51 Set Attribute."""
    return batch_item(Operation.SET_ATTRIBUTE, _uid(uid), attribute)


def adjust_attribute(uid: str | None, name: str, adjustment: int, by: int | None = None) -> Item:
    """2.1, 6.1.3 Adjust Attribute; ``by`` has the type of the attribute."""
    value = None if by is None else replace(integer(Tag.ADJUSTMENT_VALUE, by), type=_type_of(name))
    return batch_item(Operation.ADJUST_ATTRIBUTE, _uid(uid), reference(name), enumeration(Tag.ADJUSTMENT_TYPE, adjustment), value)


def login(*, lease_time: int | None = None, request_count: int | None = None) -> Item:
    """2.1, 6.1.30 Login; the lease is in seconds."""
    return batch_item(
        Operation.LOGIN,
        None if lease_time is None else interval(Tag.LEASE_TIME, lease_time),
        None if request_count is None else integer(Tag.REQUEST_COUNT, request_count),
    )


def logout(ticket: Item) -> Item:
    """2.1, 6.1.31 Logout of the ticket that a Login returned."""
    return batch_item(Operation.LOGOUT, ticket)


def ticket_credential(ticket: Item) -> Item:
    """A Credential that is a ticket (2.1, 9.11)."""
    return structure(Tag.CREDENTIAL, enumeration(Tag.CREDENTIAL_TYPE, CredentialType.TICKET), structure(Tag.CREDENTIAL_VALUE, ticket))


def ping() -> Item:
    """2.1, 6.1.36 Ping."""
    return batch_item(Operation.PING)


def log(message: str | None) -> Item:
    """2.1, 6.1.29 Log."""
    return batch_item(Operation.LOG, None if message is None else text(Tag.LOG_MESSAGE, message))


def interop(function: int, identifier: str) -> Item:
    """2.1, 6.1.26 Interop."""
    return batch_item(Operation.INTEROP, enumeration(Tag.INTEROP_FUNCTION, function), text(Tag.INTEROP_IDENTIFIER, identifier))


def _type_of(name: str) -> int:
    """The type by which an attribute is adjusted: its own; an Interval for dates; an Integer for a custom one."""
    row = tables.attribute(name)
    kind = ItemType[member_name(row.types[0])] if row is not None else ItemType.INTEGER
    return ItemType.INTERVAL if kind == ItemType.DATE_TIME else kind


def _uid(uid: str | None) -> Item | None:
    return None if uid is None else text(Tag.UNIQUE_IDENTIFIER, uid)
