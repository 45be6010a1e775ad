"""Leave the target as it was: whatever a check created is destroyed at its end, also when it failed.

An Active object is revoked first (KMIP 1.4, 3.22: an Active object is not destroyed), an archived one recovered (11.22). What cannot be
removed is noted and harms nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.judge.conversation import Conversation
from kmip_conformance.judge.proceedings import Proceedings
from kmip_conformance.tables import V2_1, ResultReason, ResultStatus, RevocationReasonCode

if TYPE_CHECKING:
    from kmip_conformance.client import Target
    from kmip_conformance.judge.conversation import Manners
    from kmip_conformance.tables import KmipVersion


GONE = frozenset({ResultReason.ITEM_NOT_FOUND, ResultReason.OBJECT_NOT_FOUND, ResultReason.OBJECT_DESTROYED})


class Cleaner:
    """Cleans up after one check after another, over one connection a target: most of a run's handshakes would be its own otherwise."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._conversations: dict[Target, Conversation] = {}

    def clean_up(self, target: Target, version: KmipVersion, created: list[str]) -> list[str]:
        """Destroy these objects. Returns a sentence for each that is still there."""
        if not created:
            return []
        conversation = self._conversations.setdefault(target, Conversation(target, version, Proceedings(), self._manners))
        conversation.version, conversation.proceedings = min(version, V2_1), Proceedings()  # of a draft we speak only what cases show
        try:
            return [note for uid in dict.fromkeys(created) if (note := _remove(conversation, uid))]
        except Exception as error:  # noqa: BLE001 - cleaning must never change a verdict
            conversation.hang_up()
            return [f"could not clean up: {error}"]

    def close(self) -> None:
        """Close the connections."""
        for conversation in self._conversations.values():
            conversation.hang_up()


def _remove(conversation: Conversation, uid: str) -> str:
    reason = _why_it_stays(conversation, uid)
    if reason == ResultReason.OBJECT_ARCHIVED:
        conversation.send(requests.recover(uid))
        reason = _why_it_stays(conversation, uid)
    if reason in GONE:
        return ""
    conversation.send(requests.revoke(uid, RevocationReasonCode.CESSATION_OF_OPERATION))
    return "" if _why_it_stays(conversation, uid) in GONE else f"the object {uid} could not be destroyed again"


def _why_it_stays(conversation: Conversation, uid: str) -> int | None:
    """The reason for which Destroy is refused: one of `GONE` when the object is not there any more; None when nobody says."""
    message = conversation.send(requests.destroy(uid)).message
    item = message.batch_items[0] if message and message.batch_items else None
    if item is None:
        return None
    return ResultReason.ITEM_NOT_FOUND if item.result_status == ResultStatus.SUCCESS else item.result_reason
