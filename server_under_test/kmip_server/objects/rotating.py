"""What the server rotates by itself (KMIP 2.1, 4.48-4.54), and by the equivalent of which operation.

"via the equivalent of the ReKey, ReKeyKeyPair or ReCertify operation": so symmetric keys, both halves of key pairs, and certificates. A
half takes the other one with it. Nothing else has such an operation, and Rotate Automatic True is refused there: it could not be kept.

The State of the object does not matter, nor does it to Re-key: a compromised key is what a successor is for, and one whose Deactivation
Date has come in the same second is what an interval is usually set for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import LinkType, ObjectType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Attribute, Attributes, Link, ReCertifyRequest, ReKeyKeyPairRequest, ReKeyRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmip_server.objects.managed import Instance, ManagedObject

ROTATED_BY = {
    ObjectType.SYMMETRIC_KEY: Operation.RE_KEY,
    ObjectType.PRIVATE_KEY: Operation.RE_KEY_KEY_PAIR,
    ObjectType.PUBLIC_KEY: Operation.RE_KEY_KEY_PAIR,
    ObjectType.CERTIFICATE: Operation.RE_CERTIFY,
}


def rotation_must_be_possible(object_type: ObjectType, attributes: Mapping[str, tuple[Instance, ...]]) -> None:
    """Raises `KmipFailure` for Rotate Automatic True on an object that has no such operation, and for an interval that never ends."""
    if "Rotate Automatic" not in attributes or attributes["Rotate Automatic"][0].value is not True:
        return
    if object_type not in ROTATED_BY:
        sentence = "Rotate Automatic is refused: only symmetric keys, key pairs and certificates have an operation that rotates them"
        raise KmipFailure(ResultReason.FEATURE_NOT_SUPPORTED, sentence)
    if "Rotate Interval" in attributes and attributes["Rotate Interval"][0].value == 0:
        sentence = "Rotate Interval 0 is refused beside Rotate Automatic: the object would be rotated without end"
        raise KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.INVALID_ATTRIBUTE_VALUE)


def rotation_of(item: ManagedObject, find: Callable[[str], ManagedObject]) -> ReKeyRequest | ReKeyKeyPairRequest | ReCertifyRequest:
    """The request that this rotation is the equivalent of, with the Rotate Offset as its Offset (4.54).

    ``find`` gives an object by its identifier. A new pair has the formats of the old one: there is no client to ask for any. Raises
    `KmipFailure` for a half without the other.
    """
    offset = item.date("Rotate Offset")
    if item.object_type is ObjectType.CERTIFICATE:
        return ReCertifyRequest(unique_identifier=item.unique_identifier, offset=offset)
    if item.object_type is ObjectType.SYMMETRIC_KEY:
        return ReKeyRequest(unique_identifier=item.unique_identifier, offset=offset)
    is_private = item.object_type is ObjectType.PRIVATE_KEY
    other = find(_linked(item, LinkType.PUBLIC_KEY_LINK if is_private else LinkType.PRIVATE_KEY_LINK))
    private, public = (item, other) if is_private else (other, item)
    return ReKeyKeyPairRequest(
        private_key_unique_identifier=private.unique_identifier,
        offset=offset,
        private_key_attributes=_format_of(private),
        public_key_attributes=_format_of(public),
    )


def _linked(item: ManagedObject, link_type: LinkType) -> str:
    links = (one.value for one in item.instances("Link"))
    found = (one.linked_object_identifier for one in links if isinstance(one, Link) and one.link_type is link_type)
    linked = next(found, None)
    if not isinstance(linked, str):
        sentence = "the key has no Link to the other half of its pair, and only both can be rotated"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.INVALID_FIELD)
    return linked


def _format_of(item: ManagedObject) -> Attributes:
    name = "Key Format Type"
    return Attributes(tuple(Attribute(attribute_name=name, attribute_value=one.value) for one in item.instances(name)))
