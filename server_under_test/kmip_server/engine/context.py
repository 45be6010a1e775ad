"""What one request carries with it on its way: passed along, never kept on the engine.

`Services` is what all requests share (and none changes); `RequestContext` is one message's own: the version it is read under, who
asks, the time it was received, the store as this batch sees it, and the ID Placeholder (KMIP 1.4, section 4), which dies with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_server.engine.identifying import identified
from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.objects.groups import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmip_server.access.rights import Grant
    from kmip_server.conversation import Correlation, Peer
    from kmip_server.crypto.streams import Streams
    from kmip_server.directory.contract import Client, Directory
    from kmip_server.engine.asynchronous import AsynchronousRequests
    from kmip_server.engine.outgoing.outbox import Outbox
    from kmip_server.engine.rotation import Rotation
    from kmip_server.messages import ObjectIdentifier, ResponseBatchItem
    from kmip_server.objects.shelf import Shelf
    from kmip_server.personality import Personality
    from kmip_server.store.contract import Store
    from kmip_server.versions import KmipVersion
    from kmip_server.wrapping.contract import KeyWrapping


@dataclass(frozen=True, slots=True)
class Services:
    """What every request uses.

    ``random(n)`` gives n random bytes, ``seed`` puts bytes into the generator behind it; ``lease_time`` is the longest lease granted, in
    seconds.
    """

    wrapping: KeyWrapping
    directory: Directory
    personality: Personality
    random: Callable[[int], bytes]
    seed: Callable[[bytes], object]
    vendor: str
    shelf: Shelf
    streams: Streams
    asynchronous: AsynchronousRequests
    outbox: Outbox
    rotation: Rotation
    lease_time: int = 3600
    turns: Turns = field(default_factory=Turns)


@dataclass(slots=True)
class RequestContext:
    """One request message's state. ``now`` is in seconds since 1970; ``when_done`` runs once the changes are durable.

    ``answered`` are the answers of the batch so far, which 2.x may name objects by; ``grant`` is what the ticket of the request permits,
    None when it came without one; ``in_unit``: the batch is one unit of work;
    ``server_hashed_password`` goes into the header of the answer (2.1, 8.5); ``gateway`` is the client of the certificate where the request
    came with the credential of another.
    """

    version: KmipVersion
    peer: Peer
    now: int
    store: Store
    services: Services
    id_placeholder: str | None = None
    answered: Sequence[ResponseBatchItem] = ()
    grant: Grant | None = None
    gateway: Client | None = None
    in_unit: bool = False
    server_hashed_password: bytes | None = None
    when_done: list[Callable[[], None]] = field(default_factory=list)
    correlation: Correlation | None = None

    @property
    def owner(self) -> str:
        """Whose objects this request sees: the client's, and no other's."""
        return self.peer.client.owner

    def identify(self, named: ObjectIdentifier | None) -> str:
        """The identifier a payload names, or else the ID Placeholder. Raises `KmipFailure` (Item Not Found) when there is neither."""
        if named.__class__ is str:
            return named
        chosen = self.id_placeholder if named is None else identified(named, self.id_placeholder, self.answered)
        if chosen is None:
            raise KmipFailure(
                ResultReason.ITEM_NOT_FOUND,
                "no Unique Identifier is given, and no operation before in this batch has set the ID Placeholder",
                reason_2=ResultReason.OBJECT_NOT_FOUND,
            )
        return chosen
