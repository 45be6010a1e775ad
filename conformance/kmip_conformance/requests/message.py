"""Request messages: header, authentication, batch items (KMIP 1.4, 6 and 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kmip_conformance.requests.forms import in_form_of, is_2_x
from kmip_conformance.tables import V3_0, AsynchronousIndicator, CredentialType, KmipVersion, Tag
from kmip_conformance.wire import Item, boolean, date_time, enumeration, integer, octets, structure, text

if TYPE_CHECKING:
    from collections.abc import Sequence

Ids = Literal["auto"] | None | tuple[bytes | None, ...] | list[bytes] | list[bytes | None]
"""Unique Batch Item IDs: none at all, one a batch item, or "auto": none for a single item, 1, 2, 3 … in four bytes for several."""


def request(
    version: KmipVersion,
    *batch_items: Item,
    credential: Item | Sequence[Item] | None = None,
    maximum_response_size: int | None = None,
    asynchronous: bool | AsynchronousIndicator | None = None,
    on_error: int | None = None,
    order: bool | None = None,
    time_stamp: int | None = None,
    ids: Ids = "auto",
    batch_count: int | None = None,
    more_header: Sequence[Item] = (),
) -> Item:
    """A Request Message; batch items stand in the form of the version. Batch Count is counted unless it is given (3.0 has none);
    `more_header` stands before it, behind all else.
    """
    written = tuple(in_form_of(version, item) for item in batch_items)
    header = structure(
        Tag.REQUEST_HEADER,
        protocol_version(version),
        None if maximum_response_size is None else integer(Tag.MAXIMUM_RESPONSE_SIZE, maximum_response_size),
        None if asynchronous is None else _asynchronous(version, asynchronous),
        None if credential is None else structure(Tag.AUTHENTICATION, *((credential,) if isinstance(credential, Item) else credential)),
        None if on_error is None else enumeration(Tag.BATCH_ERROR_CONTINUATION_OPTION, on_error),
        None if order is None else boolean(Tag.BATCH_ORDER_OPTION, order),
        None if time_stamp is None else date_time(Tag.TIME_STAMP, time_stamp),
        *more_header,
        None if version >= V3_0 else integer(Tag.BATCH_COUNT, len(batch_items) if batch_count is None else batch_count),
    )
    return structure(Tag.REQUEST_MESSAGE, header, *_numbered(written, ids))


def protocol_version(version: KmipVersion) -> Item:
    """A Protocol Version, as it stands in headers and in Discover Versions."""
    return structure(
        Tag.PROTOCOL_VERSION, integer(Tag.PROTOCOL_VERSION_MAJOR, version.major), integer(Tag.PROTOCOL_VERSION_MINOR, version.minor)
    )


def batch_item(operation: int, *payload: Item | None, id: bytes | None = None, extension: Item | None = None) -> Item:  # noqa: A002 - the field's own word
    """A Batch Item with a Request Payload of these fields; fields that are None are left out."""
    return structure(
        Tag.BATCH_ITEM,
        enumeration(Tag.OPERATION, operation),
        None if id is None else octets(Tag.UNIQUE_BATCH_ITEM_ID, id),
        structure(Tag.REQUEST_PAYLOAD, *payload),
        extension,
    )


def credential(username: str, password: str | None = None) -> Item:
    """A Credential with a user name and, unless it is None, a password (KMIP 1.4, 2.1.2)."""
    return structure(
        Tag.CREDENTIAL,
        enumeration(Tag.CREDENTIAL_TYPE, CredentialType.USERNAME_AND_PASSWORD),
        structure(Tag.CREDENTIAL_VALUE, text(Tag.USERNAME, username), None if password is None else text(Tag.PASSWORD, password)),
    )


def message_extension(vendor: str, *, critical: bool, content: Sequence[Item] = ()) -> Item:
    """A Message Extension of a vendor (KMIP 1.4, 6.16)."""
    return structure(
        Tag.MESSAGE_EXTENSION,
        text(Tag.VENDOR_IDENTIFICATION, vendor),
        boolean(Tag.CRITICALITY_INDICATOR, critical),
        structure(Tag.VENDOR_EXTENSION, *content),
    )


def _asynchronous(version: KmipVersion, wanted: bool | AsynchronousIndicator) -> Item:  # noqa: FBT001 - the field's own value
    """Asynchronous Indicator: a Boolean until 1.4, an Enumeration since (KMIP 2.1, 9.2), which a truth value stands for, too."""
    if not is_2_x(version):
        return boolean(Tag.ASYNCHRONOUS_INDICATOR, bool(wanted))
    if isinstance(wanted, AsynchronousIndicator):
        return enumeration(Tag.ASYNCHRONOUS_INDICATOR, wanted)
    return enumeration(Tag.ASYNCHRONOUS_INDICATOR, AsynchronousIndicator.OPTIONAL if wanted else AsynchronousIndicator.PROHIBITED)


def _numbered(batch_items: tuple[Item, ...], ids: Ids) -> tuple[Item, ...]:
    if ids is None or (ids == "auto" and len(batch_items) < 2):
        return batch_items
    chosen = [number.to_bytes(4, "big") for number in range(1, len(batch_items) + 1)] if ids == "auto" else ids
    return tuple(item if identifier is None else _with_id(item, identifier) for item, identifier in zip(batch_items, chosen, strict=True))


def _with_id(item: Item, identifier: bytes) -> Item:
    """The batch item with this id behind its operation; an id that it brought along stays."""
    if item.first(Tag.UNIQUE_BATCH_ITEM_ID) is not None:
        return item
    operation, *others = item.children
    return item.holding((operation, octets(Tag.UNIQUE_BATCH_ITEM_ID, identifier), *others))
