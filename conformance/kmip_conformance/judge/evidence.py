"""The evidence for *unsupported*: a server may leave an operation out, if it says so and means it.

Three things have to hold before a check is excused (house style, the table of verdicts): Query leaves the operation out; asked for it
all the same, the server refuses it with Operation Not Supported; and a request with an operation code that the standard does not assign
fails too, so that its answers can be believed. In which words it fails is the business of `messages.unknown-operation-refused` alone: one
wrong word must not cost a server every operation that it may leave out. No claimed profile may demand the operation. Where the evidence
is incomplete the check runs, and its verdict is what its expectations come to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.judge.conversation import Conversation
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.judge.proceedings import Proceedings
from kmip_conformance.tables import ObjectType, Operation, QueryFunction, ResultReason, ResultStatus, Tag, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_conformance.client import Target
    from kmip_conformance.judge.catalogue import Check
    from kmip_conformance.judge.conversation import Manners
    from kmip_conformance.judge.profiles import Profile
    from kmip_conformance.judge.replies import Reply
    from kmip_conformance.tables import KmipVersion
    from kmip_conformance.wire import Item

UNASSIGNED_OPERATION = 0x00005EED
"""An operation code that no version assigns, outside the range for extensions (KMIP 1.4, 9.1.3.2.27)."""


class Evidence:
    """What one target says that it does, asked once for each version."""

    def __init__(self, target: Target, manners: Manners, claimed: Sequence[Profile] = ()) -> None:
        self._target = target
        self._manners = manners
        self._claimed = claimed
        self._listed: dict[KmipVersion, frozenset[int] | None] = {}
        self._listed_types: dict[KmipVersion, frozenset[int]] = {}
        self._refused: dict[tuple[KmipVersion, int], int | None] = {}

    def that_excuses(self, check: Check, version: KmipVersion) -> str:
        """Why the target may do without this check, in a sentence; "" when it may not.

        Raises Failure when a claimed profile demands what the target does not do.
        """
        for operation in check.operations:
            if not self._lists(operation, version) and self._refuses(operation, version) and self._is_honest(version):
                self._no_profile_demands(operation)
                return f"the target leaves {words(operation)} out of Query and refuses it with Operation Not Supported"
        for object_type in check.object_types:
            if self._leaves_out(object_type, version) and self._is_honest(version):
                self._no_profile_demands(object_type)
                return f"the target leaves {words(object_type)} out of the object types that Query lists"
        return ""

    def _no_profile_demands(self, need: Operation | ObjectType) -> None:
        for profile in self._claimed:
            if need in profile.operations or need in profile.object_types:
                observed = f"Query leaves it out, and {words(need)} is not supported"
                raise Failure((f"supports {words(need)}, which the profile {profile.name} demands",), observed)

    def _lists(self, operation: Operation, version: KmipVersion) -> bool:
        """Does Query list this operation? A server that refuses Query lists nothing."""
        if version not in self._listed:
            self._ask_query(version)
        listed = self._listed[version]
        return listed is not None and operation in listed

    def _leaves_out(self, object_type: ObjectType, version: KmipVersion) -> bool:
        """Does Query list object types, and not this one?"""
        if version not in self._listed:
            self._ask_query(version)
        listed = self._listed_types[version]
        return bool(listed) and object_type not in listed

    def _ask_query(self, version: KmipVersion) -> None:
        reply = self._ask(requests.query(QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS), version)
        item = reply.message.batch_items[0] if reply.message and reply.message.batch_items else None
        fields = item.payload.children if item else ()
        succeeded = item is not None and item.result_status == ResultStatus.SUCCESS
        self._listed[version] = _numbers(fields, Tag.OPERATION) if succeeded else None
        self._listed_types[version] = _numbers(fields, Tag.OBJECT_TYPE)

    def _is_honest(self, version: KmipVersion) -> bool:
        """Does an operation that nobody has fail, in whatever words?"""
        return self._reason(UNASSIGNED_OPERATION, version) is not None

    def _refuses(self, operation: int, version: KmipVersion) -> bool:
        return self._reason(operation, version) == ResultReason.OPERATION_NOT_SUPPORTED

    def _reason(self, operation: int, version: KmipVersion) -> int | None:
        """The Result Reason for which an empty request for this operation fails; None when it does not, or is not answered."""
        key = (version, operation)
        if key not in self._refused:
            message = self._ask(requests.batch_item(operation), version).message
            item = message.batch_items[0] if message and message.batch_items else None
            self._refused[key] = item.result_reason if item is not None else None
        return self._refused[key]

    def _ask(self, batch_item: Item, version: KmipVersion) -> Reply:
        conversation = Conversation(self._target, version, Proceedings(), self._manners)
        try:
            return conversation.send(batch_item)
        finally:
            conversation.hang_up()


def _numbers(fields: Sequence[Item], tag: Tag) -> frozenset[int]:
    return frozenset(field.value for field in fields if field.tag == tag and isinstance(field.value, int))
