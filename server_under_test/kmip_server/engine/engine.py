"""The way of a request: bytes → message → header rules → items in order → response.

`Engine.handle` never raises. A message that cannot be parsed is answered, where its header could be read that far under its own
version, and the connection ends; every other failure is an answer on a connection that lives on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server import operations as _  # noqa: F401 - importing the families fills the table of operations
from kmip_server.codec import decode_request
from kmip_server.conversation import ItemRecord, Reply
from kmip_server.engine import answers
from kmip_server.engine.batch import SizeLimit, perform_batch
from kmip_server.engine.context import RequestContext, Services
from kmip_server.engine.defects import defect_in
from kmip_server.engine.header import (
    MessageRejected,
    batch_item_ids_must_tell_items_apart,
    credentials_must_be_right,
    critical_extensions_must_be_known,
)
from kmip_server.enums import ResultReason, ResultStatus
from kmip_server.errors import KmipFailure, MalformedMessage, StoreError, UnsupportedVersion
from kmip_server.objects.shelf import Shelf
from kmip_server.versions import KmipVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.conversation import ItemLog, Peer
    from kmip_server.directory.contract import Directory
    from kmip_server.messages import RequestMessage
    from kmip_server.personality import Personality
    from kmip_server.store.contract import Store
    from kmip_server.wrapping.contract import KeyWrapping


class Engine:
    """Answers request messages. Shared by all connections; holds nothing of any request."""

    def __init__(
        self,
        *,
        store: Store,
        wrapping: KeyWrapping,
        directory: Directory,
        personality: Personality,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        vendor: str,
        log: ItemLog,
    ) -> None:
        """``clock`` gives seconds since 1970, ``random(n)`` n bytes fit for keys, ``log`` takes one record a batch item."""
        self._store = store
        self._clock = clock
        self._log = log
        self._services = Services(wrapping, directory, personality, random, vendor, Shelf())

    async def handle(self, message: bytes, peer: Peer) -> Reply:
        """Answer one request message."""
        now = int(self._clock())
        try:
            request = decode_request(message)
        except MalformedMessage as fault:
            return self._refused(fault, fault.version, peer, now, close=not isinstance(fault, UnsupportedVersion))
        except Exception as defect:  # noqa: BLE001 - whatever bytes do to us, the peer gets an answer
            return self._refused(defect_in("decode_request", defect), None, peer, now, close=True)
        header_version = request.request_header.protocol_version
        asked = KmipVersion(header_version.protocol_version_major, header_version.protocol_version_minor)
        try:
            return await self._answer(request, asked, len(message), peer, now)
        except MessageRejected as rejection:
            return self._refused(rejection, asked, peer, now)
        except StoreError as error:
            failure = KmipFailure(ResultReason.GENERAL_FAILURE, f"the server's store failed: {error}")
            return self._refused(failure, asked, peer, now)
        except Exception as defect:  # noqa: BLE001 - see the class: handle never raises
            return self._refused(defect_in("handle", defect), asked, peer, now)

    async def _answer(self, request: RequestMessage, asked: KmipVersion, length: int, peer: Peer, now: int) -> Reply:
        """The answer of a message that could be parsed."""
        header, items = request.request_header, request.batch_item
        version = self._services.personality.processing_version(asked)
        if version is None:
            offered = ", ".join(map(str, self._services.personality.offered))
            raise MessageRejected(ResultReason.INVALID_MESSAGE, f"KMIP {asked} is not supported here; use one of {offered}")
        batch_item_ids_must_tell_items_apart(items)
        credentials_must_be_right(header, peer, self._services.directory)
        context = RequestContext(version, peer, now, self._store, self._services)
        try:
            critical_extensions_must_be_known(items)
        except KmipFailure as failure:
            return Reply(answers.encoded([answers.failed(item, failure, version) for item in items], version, now))
        limit = SizeLimit.of(header.maximum_response_size, length)
        results = await perform_batch(items, header.batch_error_continuation_option, context, limit, self._log)
        data = answers.encoded(results, version, now)
        if limit is not None and len(data) > limit.maximum:
            data = self._smallest(version, now)
        return Reply(data)

    def _smallest(self, version: KmipVersion, now: int) -> bytes:
        """When not even the failures fit: the shortest answer that the standard knows, sent whatever its size."""
        failure = KmipFailure(ResultReason.RESPONSE_TOO_LARGE, "")
        return answers.encoded([answers.without_operation(failure, version)], version, now)

    def _refused(
        self, failure: KmipFailure | MalformedMessage, asked: KmipVersion | None, peer: Peer, now: int, *, close: bool = False
    ) -> Reply:
        """A message refused as a whole: one Batch Item without Operation (11.1), under a version that this server has."""
        version = self._services.personality.answering_version(asked)
        status, message = ResultStatus.OPERATION_FAILED, str(failure)
        self._log(ItemRecord(peer.client, peer.address, 0, None, status, failure.reason, message, 0))
        return Reply(answers.encoded([answers.without_operation(failure, version)], version, now), close)
