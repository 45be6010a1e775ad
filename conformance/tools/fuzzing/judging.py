"""What an answer must be, whatever was asked: a Response Message that the suite's reader finds nothing wrong with, in good order.

In good order (KMIP 1.4, 7.2; 2.1, 8.4-8.6): a header with a Protocol Version and a Time Stamp, as many batch items as it counts, each with
a Result Status; a failed one with a Result Reason that its version has, and never one that tells of a defect of the server. A text that
ends with a zero byte is let pass: it is what a message gave an object for a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.tables import ALL_VERSIONS, V3_0, ItemType, KmipVersion, ResultReason, ResultStatus, Tag, exists_in
from kmip_conformance.wire import AnomalyKind, Item, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFECTS = ("unexpected", "internal error", "Traceback", "Exception")
"""Words in a Result Message that no peer can be answerable for."""

KNOWN_REASONS = {int(reason): reason for reason in ResultReason}
FAILED = {ResultStatus.OPERATION_FAILED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with an answer, in one sentence (None: nothing), and Operation and Result Reason (0: success) of each of its items."""

    fault: str | None
    items: tuple[tuple[int | None, int], ...] = ()


def judged(answer: bytes) -> Verdict:
    """Look at an answer."""
    decoded = decode(answer)
    if decoded.item is None or decoded.item.tag != Tag.RESPONSE_MESSAGE:
        return Verdict("the answer is no Response Message")
    anomalies = [one for one in decoded.anomalies if one.kind is not AnomalyKind.NULL_TERMINATED]
    if anomalies:
        return Verdict(f"the answer is badly encoded: {anomalies[0]}")
    items = decoded.item.all(Tag.BATCH_ITEM)
    told = tuple((_number(item, Tag.OPERATION), _number(item, Tag.RESULT_REASON) or 0) for item in items)
    return Verdict(next(_faults(decoded.item), None), told)


def _faults(message: Item) -> Iterator[str]:
    header, items = message.first(Tag.RESPONSE_HEADER), message.all(Tag.BATCH_ITEM)
    if header is None or not items:
        yield "the answer lacks a Response Header or any Batch Item"
        return
    version = _version(header)
    if version not in {*ALL_VERSIONS, V3_0}:
        yield f"the answer's Protocol Version is {version}"
        return
    if header.first(Tag.TIME_STAMP) is None and version != V3_0:
        yield "the answer's header has no Time Stamp"
    if _number(header, Tag.BATCH_COUNT) not in ({len(items)} if version.major < 3 else {len(items), None}):
        yield f"the answer counts {_number(header, Tag.BATCH_COUNT)} Batch Items and has {len(items)}"
    for item in items:
        yield from _item_faults(item, version)


def _item_faults(item: Item, version: KmipVersion) -> Iterator[str]:
    status, reason = _number(item, Tag.RESULT_STATUS), _number(item, Tag.RESULT_REASON)
    if status not in set(ResultStatus):
        yield f"a Result Status is {status}"
    if status in FAILED and (reason not in KNOWN_REASONS or (version.major < 3 and not exists_in(KNOWN_REASONS[reason], version))):
        yield f"the Result Reason of a failed item is {reason}, which KMIP {version} has not"
    if status == ResultStatus.SUCCESS and reason is not None:
        yield f"a successful item has the Result Reason {reason}"
    told = next((one.value for one in item.all(Tag.RESULT_MESSAGE) if isinstance(one.value, str)), "")
    if any(word in told for word in DEFECTS):
        yield f"an item failed by a defect of the server: {told}"


def _version(header: Item) -> KmipVersion | None:
    pair = header.first(Tag.PROTOCOL_VERSION)
    major, minor = (_number(pair, tag) if pair else None for tag in (Tag.PROTOCOL_VERSION_MAJOR, Tag.PROTOCOL_VERSION_MINOR))
    return None if major is None or minor is None else KmipVersion(major, minor)


def _number(item: Item, tag: int) -> int | None:
    found = item.first(tag)
    return found.value if found is not None and isinstance(found.value, int) and found.type != ItemType.BOOLEAN else None
