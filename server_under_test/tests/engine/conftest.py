"""A laboratory for the engine: the real store, wrapping, directory and codec; only the clock is ours.

Requests are built from the message tables and go through `Engine.handle` as bytes, answers come back as bytes and are decoded.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import evidence
import pytest
from kmip_server.codec import decode, encode
from kmip_server.conversation import ItemRecord, Peer, Reply
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.engine import Engine
from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, NameType, ObjectType, ResultReason, ResultStatus
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    Attribute,
    AttributeReference,
    Attributes,
    CreateRequest,
    GetAttributesRequest,
    Name,
    ProtocolVersion,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseMessage,
    TemplateAttribute,
)
from kmip_server.personality import REFERENCE, Personality
from kmip_server.store.sqlite import SqliteStore
from kmip_server.versions import V1_4, V3_0, KmipVersion
from kmip_server.wrapping.local import LocalWrapping, load_root_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kmip_server.directory.contract import Client

SEEN: set[evidence.Seen] = set()
"""What the test that is running has seen."""

RECORDER = evidence.Recorder()

OPERATION_OF = {payload: operation for operation, payload in REQUEST_PAYLOADS.items()}


def request(*payloads: Any, version: KmipVersion = V1_4, ids: list[bytes | None] | None = None, **header: Any) -> bytes:
    """A request message as bytes. A payload may be a whole `RequestBatchItem`."""
    if ids is None:
        ids = [None] if len(payloads) == 1 else [bytes([number]) for number in range(1, len(payloads) + 1)]
    items = tuple(
        payload
        if isinstance(payload, RequestBatchItem)
        else RequestBatchItem(operation=OPERATION_OF[type(payload)], unique_batch_item_id=one, request_payload=payload)
        for payload, one in zip(payloads, ids, strict=True)
    )
    fields: dict[str, Any] = {"batch_count": len(items), **header}
    protocol = ProtocolVersion(protocol_version_major=version.major, protocol_version_minor=version.minor)
    message = RequestMessage(request_header=RequestHeader(protocol_version=protocol, **fields), batch_item=items)
    return encode(message, version)


def attr(name: str, value: Any, index: int | None = None) -> Attribute:
    """An Attribute."""
    return Attribute(attribute_name=name, attribute_index=index, attribute_value=value)


def named(text: str) -> Attribute:
    """The Name attribute."""
    return attr("Name", Name(name_value=text, name_type=NameType.UNINTERPRETED_TEXT_STRING))


AES_256 = (
    attr("Cryptographic Algorithm", CryptographicAlgorithm.AES),
    attr("Cryptographic Usage Mask", CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT),
    attr("Cryptographic Length", 256),
)


def create(*attributes: Attribute) -> CreateRequest:
    """Create of an AES-256 key, as vCenter asks for it, with further attributes: in the form of every version, each writes its own."""
    given = (*AES_256, *attributes)
    return CreateRequest(
        object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(attribute=given), attributes=Attributes(given)
    )


@dataclass
class Lab:
    """An engine, and a client that asks it."""

    engine: Engine
    store: SqliteStore
    directory: SqliteDirectory
    peer: Peer
    other: Peer
    records: list[ItemRecord]
    now: list[float]
    version: KmipVersion = V1_4
    services: dict[str, Any] = field(default_factory=dict)

    request = staticmethod(request)
    attr = staticmethod(attr)
    named = staticmethod(named)
    create = staticmethod(create)

    def as_personality(self, personality: Personality) -> Lab:
        """The same lab with another face."""
        engine = Engine(**{**self.services, "personality": personality})
        return Lab(engine, self.store, self.directory, self.peer, self.other, self.records, self.now, self.version, self.services)

    def close(self) -> None:
        """Close what is open."""
        self.store.close()
        self.directory.close()

    async def send(self, message: bytes, *, peer: Peer | None = None) -> Reply:
        """Bytes there, bytes back."""
        before = len(self.records)
        reply = await self.engine.handle(message, peer or self.peer)
        SEEN.update(evidence.seen_in(message, self.records[before:]))
        return reply

    async def batch(
        self,
        *payloads: Any,
        version: KmipVersion | None = None,
        peer: Peer | None = None,
        ids: list[bytes | None] | None = None,
        **header: Any,
    ) -> ResponseMessage:
        """Several payloads in one message, numbered 1, 2, ... unless ``ids`` says otherwise."""
        asked = version or self.version
        message = request(*payloads, version=asked, ids=ids, **header)
        reply = await self.send(message, peer=peer)
        answer = decode(ResponseMessage, reply.data, asked)
        assert answer.response_header.batch_count == (len(answer.batch_item) if asked < V3_0 else None)
        return answer

    async def ask(self, payload: Any, **options: Any) -> ResponseBatchItem:
        """One payload, the one answering item."""
        (item,) = (await self.batch(payload, **options)).batch_item
        return item

    async def do(self, payload: Any, **options: Any) -> Any:
        """One payload that must succeed; its response payload."""
        item = await self.ask(payload, **options)
        assert item.result_status is ResultStatus.SUCCESS, (item.result_reason, item.result_message)
        return item.response_payload

    async def refused(self, payload: Any, **options: Any) -> ResultReason | None:
        """One payload that must fail; the Result Reason."""
        item = await self.ask(payload, **options)
        assert item.result_status is ResultStatus.OPERATION_FAILED
        assert item.result_message
        return item.result_reason

    async def key(self, *attributes: Attribute, **options: Any) -> str:
        """A new AES-256 key with further attributes; its identifier."""
        made = await self.do(create(*attributes), **options)
        return str(made.unique_identifier)

    async def values(self, unique_identifier: str, *names: str, **options: Any) -> dict[str, Any]:
        """Attributes by name; of several instances the last."""
        references = tuple(AttributeReference(name) for name in names)
        asked = GetAttributesRequest(unique_identifier=unique_identifier, attribute_name=names, attribute_reference=references)
        got = await self.do(asked, **options)
        found = got.attribute if got.attributes is None else got.attributes.attribute
        return {attribute.attribute_name: attribute.attribute_value for attribute in found}


def open_lab(folder: Path) -> Lab:
    """A lab whose state is in this folder; opening it again finds everything."""
    store = SqliteStore(folder / "state.db")
    directory = SqliteDirectory(folder / "state.db")
    alice: Client = directory.client("alice") or directory.add_client("alice", username="vsphere", password="password")
    bob = directory.client("bob") or directory.add_client("bob")
    records: list[ItemRecord] = []
    now = [1_700_000_000.0]
    services = {
        "store": store,
        "wrapping": LocalWrapping(load_root_key(folder / "root.key")),
        "directory": directory,
        "personality": REFERENCE,
        "clock": lambda: now[0],
        "random": os.urandom,
        "seed": bytearray().extend,
        "vendor": "kmiplab",
        "log": records.append,
    }
    return Lab(Engine(**services), store, directory, Peer(alice, "192.0.2.1:1"), Peer(bob, "192.0.2.2:1"), records, now, V1_4, services)


@pytest.fixture
def make_lab() -> Callable[[Path], Lab]:
    """Opens labs; whoever calls it closes them."""
    return open_lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab of one's own."""
    opened = open_lab(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _evidence(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that is named as evidence for something shows it."""
    SEEN.clear()
    yield
    test = f"{request.node.path.name}::{request.node.name}"
    if evidence.recording_to() is not None:
        RECORDER.add(test, SEEN)
    elif (claimed := evidence.claims().get(test)) is not None:
        assert claimed <= SEEN, f"evidence.csv says that this test shows {claimed - SEEN}; see evidence.py"


def pytest_sessionfinish() -> None:
    """Write the evidence, when this run is to collect it."""
    path = evidence.recording_to()
    if path is not None:
        RECORDER.write(path)
