"""A tour through a server that meets every defect that a mutant can plant: the same requests each time, and what came back as comparable
texts.

Unique Identifiers are told by the order in which they appear, dates and random material are left out, so that two tours of one server
read the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.client import Tls, Who, connect, refusal
from kmip_conformance.tables import (
    V1_0,
    V1_1,
    V1_2,
    V1_4,
    BatchErrorContinuationOption,
    CryptographicUsageMask,
    KmipVersion,
    Operation,
    QueryFunction,
    RevocationReasonCode,
    Tag,
)
from kmip_conformance.wire import Item, boolean, encode, interval, spoilt, tree_text
from kmip_conformance.wire.messages import Response

if TYPE_CHECKING:
    from kmip_conformance.client import Connection, Target

SERVER_FUNCTIONS = (QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS, QueryFunction.QUERY_SERVER_INFORMATION)
CRITICAL = requests.message_extension("ACME", critical=True)
MATERIAL = bytes(range(32))
UNSUPPORTED = 0x7FFFFFF0
COMPROMISE = RevocationReasonCode.KEY_COMPROMISE
RETIRED = RevocationReasonCode.CESSATION_OF_OPERATION


@dataclass
class Tour:
    """One tour; ``seen`` collects what came back."""

    target: Target
    tag: str
    """A name for the objects of this tour, so that tours of one server do not find each other's."""
    seen: list[str] = field(default_factory=list)
    milliseconds: float = 0.0
    _names: dict[str, str] = field(default_factory=dict)
    _connection: Connection | None = None

    def run(self) -> list[str]:
        """All of it."""
        self.introductions()
        self.batches()
        self.attributes()
        self.old_version()
        self.lives()
        self.searches()
        self.encodings()
        self.strangers()
        return self.seen

    def send(self, *items: Item, version: KmipVersion = V1_4, connection: Connection | None = None, **header: object) -> Response:
        """One message; its answer is kept."""
        return self.send_item(requests.request(version, *items, **header), connection)  # type: ignore[arg-type]

    def send_item(self, message: Item, connection: Connection | None = None) -> Response:
        """A message that may be spoilt."""
        used = connection or self.connection()
        exchange = used.exchange(encode(message), timeout=3)
        self.milliseconds += exchange.milliseconds
        if not isinstance(exchange.response, bytes):
            self.seen.append(str(exchange.response))
            self.hang_up()
            return Response.read(b"")
        self.seen.append(self.comparable(exchange.response))
        return Response.read(exchange.response)

    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self.target)
        return self._connection

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def comparable(self, data: bytes) -> str:
        tree = tree_text(data, masked=False)
        for item in Response.read(data).root.walk():
            if item.tag == Tag.UNIQUE_IDENTIFIER and isinstance(item.value, str):
                self._names.setdefault(item.value, f"object {len(self._names)}")
        for uid, name in self._names.items():
            tree = tree.replace(uid, name)
        tree = re.sub(r"\d{4}-\d\d-\d\dT\S+ \(\d+\)", "date", tree).replace(self.tag, "tour")
        tree = re.sub(r"(Time Stamp \(Long Integer\)): \d+", r"\1", tree)
        fixed = (MATERIAL.hex(), MATERIAL[:16].hex(), (MATERIAL[:-1] + bytes((MATERIAL[-1] ^ 1,))).hex())
        return re.sub(
            r"((?:Key Material|Digest Value) \(Byte String\)): (\w+)", lambda m: m[1] + (m[2] if m[2] in fixed else f" {len(m[2])}"), tree
        )

    def made(self, *items: Item) -> str:
        """The Unique Identifier of the last item's object."""
        answers = self.send(*items).batch_items
        return (answers[-1].unique_identifier if answers else None) or "nothing"

    def introductions(self) -> None:
        self.send(requests.discover_versions(), version=V1_1)
        self.send(requests.discover_versions(V1_2, V1_0), version=V1_1)
        self.send(requests.query(*SERVER_FUNCTIONS))
        self.send(requests.query(QueryFunction.QUERY_OBJECTS))
        self.send(requests.batch_item(UNSUPPORTED))
        self.send(requests.query(*SERVER_FUNCTIONS), maximum_response_size=256)
        self.send(requests.query(QueryFunction.QUERY_OBJECTS).adding(CRITICAL))
        self.send(requests.batch_item(Operation.OBTAIN_LEASE))

    def batches(self) -> None:
        query = requests.query(QueryFunction.QUERY_OBJECTS)
        self.send(query, requests.discover_versions(), ids=(b"QLKC\1\0\0\0", b"QLKC\2\0\0\0"), order=True)
        self.send(query, requests.get("no-such-object"), query)
        self.send(query, requests.get("no-such-object"), query, on_error=BatchErrorContinuationOption.CONTINUE)
        self.send(requests.create_symmetric_key(), requests.get(), requests.get_attributes(None, "State"), requests.destroy())
        named = requests.name(f"{self.tag}-undone")
        self.send(requests.create_symmetric_key(named), requests.get("no-such-object"), on_error=BatchErrorContinuationOption.UNDO)
        self.send(requests.locate(named))

    def attributes(self) -> None:
        custom = requests.attribute("x-text", "grün"), requests.attribute("x-number", 7), requests.attribute("x-flag", boolean(0, True))
        two_names = requests.name(f"{self.tag}-a"), requests.name(f"{self.tag}-b")
        uid = self.made(requests.register_symmetric_key(MATERIAL, *two_names, *custom))
        for item in (
            requests.get(uid),
            requests.get_attributes(uid),
            requests.get_attributes(uid, "x-number", "x-flag", "State", "Lease Time", "Name"),
            requests.get_attribute_list(uid),
            requests.get_attributes(uid, "Contact Information"),
            requests.modify_attribute(uid, requests.attribute("State", 2)),
            requests.add_attribute(uid, requests.attribute("x-later", interval(0, 5))),
            requests.delete_attribute(uid, "x-later"),
            requests.get_attributes(uid, "x-later"),
            requests.check(uid, usage=CryptographicUsageMask.SIGN),
            requests.destroy(uid),
        ):
            self.send(item)

    def old_version(self) -> None:
        uid = self.made(requests.create_symmetric_key())
        self.send(requests.get_attributes(uid), version=V1_0)
        self.send(requests.get("no-such-object"), version=V1_2)
        self.send(requests.destroy(uid), version=V1_0)

    def lives(self) -> None:
        uid = self.made(requests.create_symmetric_key())
        state = requests.get_attributes(uid, "State")
        for item in (
            requests.get(uid),
            requests.activate(uid),
            state,
            requests.activate(uid),
            requests.destroy(uid),
            requests.revoke(uid, RETIRED),
            state,
            requests.activate(uid),
            requests.destroy(uid),
            state,
            requests.get(uid),
            requests.destroy("no-such-object"),
        ):
            self.send(item)
        lost = self.made(requests.create_symmetric_key())
        for item in (
            requests.revoke(lost, COMPROMISE, compromise_occurrence=1),
            requests.get_attributes(lost, "State"),
            requests.destroy(lost),
        ):
            self.send(item)

    def searches(self) -> None:
        uids = [self.made(requests.create_symmetric_key(requests.attribute("Object Group", self.tag))) for _ in range(3)]
        self.send(requests.locate(requests.attribute("Object Group", self.tag)))
        self.send(requests.locate(requests.attribute("Object Group", self.tag), maximum=2))
        self.send(requests.locate(requests.attribute("Object Group", "nobody's"), maximum=5))
        for uid in uids:
            self.send(requests.destroy(uid))

    def encodings(self) -> None:
        message = requests.request(V1_4, requests.query(QueryFunction.QUERY_OBJECTS), order=True)
        for path, wrong in (
            ((Tag.REQUEST_HEADER, Tag.BATCH_COUNT), {"padding": b"\1\1\1\1"}),
            ((Tag.REQUEST_HEADER, Tag.BATCH_ORDER_OPTION), {"body": bytes(7) + b"\2"}),
        ):
            self.send_item(message.changed(path, lambda item, wrong=wrong: spoilt(item, **wrong)))  # type: ignore[misc]
            self.hang_up()

    def strangers(self) -> None:
        uid = self.made(requests.create_symmetric_key())
        with connect(self.target, tls=Tls(who=Who.OTHER)) as other:
            self.send(requests.get_attributes(uid, "State"), connection=other)
        self.send(requests.destroy(uid))
        self.seen.append(str(refusal(self.target, tls=Tls(who=Who.NOBODY)) is None))
        self.hang_up()
