"""What only the *relaxed* count lets pass: differences that no clause permits, and that real servers have for reasons of their own.

Each is named in the result, which is *non-strict* then. Result Status has no row: a request that should fail and does not, or the other way
round, is a failure by any count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.oasis.comparing import Kind
from kmip_conformance.oasis.relaxing import Relaxation
from kmip_conformance.oasis.variations import PERMITTED
from kmip_conformance.tables import V2_0, Operation, Tag

if TYPE_CHECKING:
    from kmip_conformance.oasis.comparing import Difference
    from kmip_conformance.oasis.relaxing import Scene


def _reason(difference: Difference, _: Scene) -> bool:
    return difference.tag == Tag.RESULT_REASON and difference.kind is Kind.VALUE


def _index(difference: Difference, scene: Scene) -> bool:
    """The same instance under another number, none being 0 where there are several of the name."""
    return difference.tag == Tag.ATTRIBUTE_INDEX and difference.kind is not Kind.TYPE and scene.version < V2_0


def _lease_time(difference: Difference, _: Scene) -> bool:
    leased = difference.tag == Tag.LEASE_TIME or difference.place.attribute == "Lease Time"
    return leased and difference.kind is Kind.VALUE


def _missing_in_query(difference: Difference, scene: Scene) -> bool:
    listed = difference.tag in {Tag.OPERATION, Tag.OBJECT_TYPE} and Tag.RESPONSE_PAYLOAD in difference.place.tags
    return scene.operation == Operation.QUERY and listed and difference.kind is Kind.MISSING


_ABOUT_ITSELF = (
    Tag.CAPABILITY_INFORMATION,
    Tag.PROFILE_INFORMATION,
    Tag.VALIDATION_INFORMATION,
    Tag.ATTESTATION_TYPE,
    Tag.CLIENT_REGISTRATION_METHOD,
)


def _about_itself(difference: Difference, scene: Scene) -> bool:
    return scene.operation == Operation.QUERY and difference.within(*_ABOUT_ITSELF) and difference.kind is not Kind.TYPE


_INFORMATIVE = frozenset({Tag.LOCATED_ITEMS, Tag.SERVER_INFORMATION, Tag.LEASE_TIME, Tag.LAST_CHANGE_DATE})


def _optional_field(difference: Difference, _: Scene) -> bool:
    """A field that the payload's table does not require and that tells something beside the result."""
    in_payload = difference.place.tags[-2:-1] == (Tag.RESPONSE_PAYLOAD,)
    return in_payload and difference.tag in _INFORMATIVE and difference.kind in {Kind.EXTRA, Kind.MISSING}


def _empty_payload(difference: Difference, _: Scene) -> bool:
    if difference.tag != Tag.RESPONSE_PAYLOAD or difference.kind not in {Kind.EXTRA, Kind.MISSING}:
        return False
    item = difference.observed if difference.kind is Kind.EXTRA else difference.expected
    return item is not None and not item.children


TOLERATED = (
    Relaxation("result-reason", "another Result Reason under the same Result Status", "KMIP 1.4, 11; SKLC 1.0, 4.7", _reason, strict=False),
    Relaxation(
        "attribute-index", "another Attribute Index for an instance with the expected value", "KMIP 1.4, 2.1.1", _index, strict=False
    ),
    Relaxation("lease-time", "another Lease Time: the server's policy", "KMIP 1.4, 3.20", _lease_time, strict=False),
    Relaxation(
        "query-missing", "operations or object types that Query leaves out", "SKLC 1.0, 4.7.1, Query", _missing_in_query, strict=False
    ),
    Relaxation(
        "query-silent",
        "nothing, or something else, about the server's own capabilities, profiles, validations or registration methods",
        "KMIP 1.4, 4.25",
        _about_itself,
        strict=False,
    ),
    Relaxation(
        "optional-field",
        "Located Items, Server Information, Lease Time or Last Change Date, which are optional, there or not",
        "KMIP 1.4, 4.9, 4.18, 4.25",
        _optional_field,
        strict=False,
    ),
    Relaxation("empty-payload", "an empty Response Payload, there or not", "KMIP 1.4, 7.2", _empty_payload, strict=False),
)
"""The rows of the relaxed count, asked after those that the profiles permit."""

ROWS = (*PERMITTED, *TOLERATED)
