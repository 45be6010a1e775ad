"""The way of a request: bytes → message → header rules → items in order → response.

`Engine.handle` never raises. A message that cannot be parsed is answered, where its header could be read that far under its own
version, and the connection ends; every other failure is an answer on a connection that lives on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server import operations as _  # noqa: F401 - importing the families fills the table of operations
from kmip_server.access.authentication import authenticate
from kmip_server.codec import decode_request
from kmip_server.conversation import ItemRecord, Reply
from kmip_server.crypto.streams import Streams
from kmip_server.engine import answers
from kmip_server.engine.asynchronous import AsynchronousRequests
from kmip_server.engine.batch import SizeLimit, perform_batch
from kmip_server.engine.context import RequestContext, Services
from kmip_server.engine.correlating import Correlations
from kmip_server.engine.defects import defect_in
from kmip_server.engine.header import (
    EveryItemFails,
    MessageRejected,
    batch_item_ids_must_tell_items_apart,
    critical_extensions_must_be_known,
)
from kmip_server.engine.outgoing.outbox import Outbox
from kmip_server.engine.outgoing.sending import Sending
from kmip_server.engine.reasons import reason_of
from kmip_server.engine.rotation import Rotation
from kmip_server.enums import ResultReason, ResultStatus
from kmip_server.errors import KmipFailure, MalformedMessage, StoreError, UnsupportedVersion
from kmip_server.objects.shelf import Shelf
from kmip_server.versions import DRAFTS, V2_0, V3_0, VERSIONS, KmipVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kmip_server.conversation import ItemLog, Peer
    from kmip_server.directory.contract import Directory
    from kmip_server.messages import Authentication, ProtocolVersion, RequestMessage, ResponseBatchItem
    from kmip_server.personality import Personality
    from kmip_server.store.contract import WatchedStore
    from kmip_server.wrapping.contract import KeyWrapping


_KNOWN: dict[tuple[int, int], KmipVersion] = {version: version for version in (*VERSIONS, *DRAFTS)}


def version_of(protocol_version: ProtocolVersion) -> KmipVersion:
    """The Protocol Version of a header; those that the standard has are not made anew."""
    pair = (protocol_version.protocol_version_major, protocol_version.protocol_version_minor)
    return _KNOWN.get(pair) or KmipVersion(*pair)


class Engine:
    """Answers request messages. Shared by all connections; holds nothing of any request."""

    def __init__(
        self,
        *,
        store: WatchedStore,
        wrapping: KeyWrapping,
        directory: Directory,
        personality: Personality,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        seed: Callable[[bytes], object],
        vendor: str,
        log: ItemLog,
        push_to: Iterable[str] = (),
        rotation_seconds: float = 1.0,
    ) -> None:
        """``clock`` gives seconds since 1970, ``random(n)`` n bytes fit for keys, ``log`` takes one record a batch item.

        ``seed``: takes bytes into the generator that ``random`` is.
        ``push_to``: the clients that are told of their objects over the connections that they ask on. ``rotation_seconds``: how long to
        wait between two looks for what is to be rotated.
        """
        self._store = store
        self._clock = clock
        self._log = log
        self._correlations = Correlations(random)
        self._asynchronous = AsynchronousRequests(store, clock, log)
        self._outbox = Outbox(store, clock, self._correlations.next, log, push_to)
        self._rotation = Rotation(store, clock, log, rotation_seconds)
        self._services = Services(
            wrapping,
            directory,
            personality,
            random,
            seed,
            vendor,
            Shelf(),
            Streams(random),
            self._asynchronous,
            self._outbox,
            self._rotation,
        )
        self.sending = Sending(self._outbox, self._services)

    def resume(self) -> None:
        """Go on with what was put off when the server ended, and rotate what is due from now on. Inside the event loop."""
        self._asynchronous.resume(self._services)
        self._rotation.start(self._services)

    async def aclose(self) -> None:
        """Let what is being performed come to its end, and begin nothing more."""
        await self._rotation.aclose()
        await self._asynchronous.aclose()

    async def rotate(self) -> None:
        """Rotate what is due now, of whatever client, as the server does from time to time by itself."""
        await self._rotation.turn(self._services)

    async def handle(self, message: bytes, peer: Peer) -> Reply:
        """Answer one request message."""
        now = int(self._clock())
        try:
            request = decode_request(message)
        except MalformedMessage as fault:
            return self._refused(fault, fault.version, peer, now, close=not isinstance(fault, UnsupportedVersion))
        except Exception as defect:  # noqa: BLE001 - whatever bytes do to us, the peer gets an answer
            return self._refused(defect_in("decode_request", defect), None, peer, now, close=True)
        header = request.request_header
        asked = version_of(header.protocol_version)
        try:
            context = self._admitted(request, asked, peer, now)
            if header.authentication is not None:
                await self._authenticate(header.authentication, request, context)
            critical_extensions_must_be_known(request.batch_item)
            if now >= self._rotation.due_at:
                await self._rotation.catch_up(context.owner, self._services)
            limit = SizeLimit.of(header.maximum_response_size, len(message))
            if header.asynchronous_indicator or header.asynchronous is not None:
                results = await self._asynchronous.perform_batch(header, request.batch_item, context, limit)
            else:
                results = await perform_batch(request.batch_item, header.batch_error_continuation_option, context, limit, self._log)
            data = answers.given(request.batch_item, results, context)
            return Reply(data if limit is None or len(data) <= limit.maximum else self._smaller(request, results, context, limit))
        except EveryItemFails as refusal:
            return Reply(answers.all_refused(request.batch_item, refusal, context))
        except MessageRejected as rejection:
            return self._refused(rejection, asked, peer, now)
        except StoreError as error:
            failure = KmipFailure(ResultReason.GENERAL_FAILURE, f"the server's store failed: {error}")
            return self._refused(failure, asked, peer, now)
        except Exception as defect:  # noqa: BLE001 - see the class: handle never raises
            return self._refused(defect_in("handle", defect), asked, peer, now)

    def refuse(self, fault: MalformedMessage, peer: Peer) -> Reply:
        """Answer a message that was in another form than TTLV and could not be read."""
        return self._refused(fault, fault.version, peer, int(self._clock()))

    def _admitted(self, request: RequestMessage, asked: KmipVersion, peer: Peer, now: int) -> RequestContext:
        """The context of a message whose header breaks no rule. Raises `MessageRejected` otherwise."""
        items = request.batch_item
        version = self._services.personality.processing_version(asked)
        if version is None:
            offered = ", ".join(map(str, self._services.personality.offered))
            raise MessageRejected(
                ResultReason.INVALID_MESSAGE,
                f"KMIP {asked} is not supported here; use one of {offered}",
                reason_2=ResultReason.UNSUPPORTED_PROTOCOL_VERSION,
            )
        if version < V3_0:
            batch_item_ids_must_tell_items_apart(items)
        context = RequestContext(version, peer, now, self._store, self._services)
        if version >= V2_0 or request.request_header.client_correlation_value is not None:
            context.correlation = self._correlations.next(request.request_header.client_correlation_value)
        if self._outbox.push_to and peer.client.name in self._outbox.push_to:
            self._outbox.greet(peer, version, self._services)
        return context

    async def _authenticate(self, authentication: Authentication, request: RequestMessage, context: RequestContext) -> None:
        """Settle who the message comes from. A bad ticket fails every item (2.1, 8.6), any other credential the message (1.4, 11.1)."""
        try:
            await authenticate(authentication, request.batch_item, context)
        except KmipFailure as failure:
            of_tickets = {ResultReason.INVALID_TICKET, ResultReason.USAGE_LIMIT_EXCEEDED}
            refusal = EveryItemFails if failure.reason in of_tickets else MessageRejected
            raise refusal(failure.reason, str(failure)) from failure

    def _smaller(self, request: RequestMessage, results: list[ResponseBatchItem], context: RequestContext, limit: SizeLimit) -> bytes:
        """The answer without its correlation; when not even that fits, the shortest that the standard knows, whatever its size."""
        context.correlation = None
        data = answers.given(request.batch_item, results, context)
        if len(data) <= limit.maximum:
            return data
        failure = KmipFailure(ResultReason.RESPONSE_TOO_LARGE, "")
        return answers.encoded([answers.without_operation(failure, context.version)], context.version, context.now)

    def _refused(
        self, failure: KmipFailure | MalformedMessage, asked: KmipVersion | None, peer: Peer, now: int, *, close: bool = False
    ) -> Reply:
        """A message refused as a whole: one Batch Item without Operation (11.1), under a version that this server has."""
        version = self._services.personality.answering_version(asked)
        status, message = ResultStatus.OPERATION_FAILED, str(failure)
        correlation = self._correlations.next() if version >= V2_0 else None
        self._log(ItemRecord(peer.client, peer.address, 0, None, status, reason_of(failure, version), message, 0, correlation))
        return Reply(answers.encoded([answers.without_operation(failure, version)], version, now, correlation), close)
