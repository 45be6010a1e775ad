"""A vCenter as a KMIP client: its connections, its calls, and the flows that are made of them.

A `Line` is one connection. `VCenter` has the flows: trust, health check, encryption of a virtual machine, handing a key to a host. Each
flow writes its steps into the record of the check with a mark that says how its traffic is known: *observed* in captured traffic,
*reported* by a public source, or *inferred*.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmip_reports.records import Verdict

from kmip_conformance import requests
from kmip_conformance.judge.expectations import expect
from kmip_conformance.judge.verdicts import Excused
from kmip_conformance.requests.vcenter import OWNER_ATTRIBUTES, PRODUCT_ATTRIBUTES, Vcenter
from kmip_conformance.tables import V1_1, ObjectType, Operation, ResultReason, State, Tag
from kmip_conformance.wire import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kmip_conformance.judge.conversation import Conversation
    from kmip_conformance.judge.replies import Answer, Reply

HOST_UUID = "8c164d56-7f1c-5960-63e6-4451c6181844"
VM_UUID = "4226f566-3ed5-1c8f-cda3-b0b037b6dc97"


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    """What vCenter writes on a key about the machine that it encrypts: the BIOS UUID and the display name."""

    identifier: str = VM_UUID
    name: str = "test01"


class Line:
    """One connection of a vCenter or a host, opened with Discover Versions. Every answer on it has to be orderly."""

    def __init__(self, talk: Conversation, shapes: Vcenter) -> None:
        self.talk = talk
        self.shapes = shapes
        self.discovers()

    def says(self, data: bytes) -> Reply:
        """Send a request, once, and expect an answer that fits it: version 1.1, the same ids, the same operations, sound TTLV."""
        sent = Request.read(data).batch_items
        reply = self.talk.send_bytes(data).is_answered()
        response = reply.response
        expect(response.version, "the Protocol Version of the answer").is_(V1_1)
        expect(_sorted_ids(response.batch_items), "the list of Unique Batch Item IDs").is_(_sorted_ids(sent))
        expect(sorted(item.operation or 0 for item in response.batch_items), "the operations answered").is_(
            sorted(item.operation or 0 for item in sent)
        )
        expect([str(anomaly) for anomaly in response.anomalies], "the list of faults in the encoding").is_([])
        return reply

    def asks(self, data: bytes) -> Answer:
        """Send a request of one batch item that has to succeed."""
        answer = self.says(data)[0].succeeds()
        answer.settle()
        return answer

    def discovers(self, *, with_id: bool = False) -> None:
        """Discover Versions, which should name 1.1: what vCenter speaks, whatever is on offer (Key Protect's own KMIP offers 1.4 alone)."""
        answer = self.asks(self.shapes.discover_versions_again() if with_id else self.shapes.discover_versions())
        versions = [
            (item.number(Tag.PROTOCOL_VERSION_MAJOR), item.number(Tag.PROTOCOL_VERSION_MINOR))
            for item in answer.payload.all(Tag.PROTOCOL_VERSION)
        ]
        expect(versions, "the list of versions").is_not([])
        self.talk.prefer(versions, "the list of versions").contains((1, 1))

    def queries(self) -> None:
        """Query Server Information: sent once, when trust is established; vCenter does without the answer."""
        self.says(self.shapes.query())[0].succeeds().or_refuses(because=ResultReason.OPERATION_NOT_SUPPORTED).settle()

    def creates(self) -> str:
        """Create an AES-256 key and return its identifier, which may be any text."""
        answer = self.asks(self.shapes.create())
        answer.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY)
        return answer.uid

    def fetches(self, key: str) -> bytes:
        """Get the key, which has to come raw and plain whatever its State, and return its bytes."""
        answer = self.asks(self.shapes.get(key))
        answer.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY).has(Tag.UNIQUE_IDENTIFIER, key)
        material = answer.key_material
        expect(material, "the Key Material").has_length(32)
        return material

    def state_of(self, key: str) -> Any:
        """Get Attributes, State."""
        return self.asks(self.shapes.get_state(key)).attribute("State")

    def activates(self, key: str) -> None:
        """Activate."""
        self.asks(self.shapes.activate(key)).has(Tag.UNIQUE_IDENTIFIER, key)

    def takes_into_use(self, key: str) -> bytes:
        """Get, then State, then Activate if the key is still Pre-Active: in this order, so the key is fetched before it is active."""
        material = self.fetches(key)
        if self.state_of(key) == State.PRE_ACTIVE:
            self.activates(key)
        expect(self.state_of(key), "the State of the key in use").is_(State.ACTIVE)
        return material

    def finds_untagged(self, key: str, names: tuple[str, ...]) -> None:
        """Ask for each custom attribute by itself: an attribute that is not there is simply left out of a Success."""
        for name in names:
            answer = self.says(self.shapes.get_tag(key, name))[0].succeeds().or_acceptably(because=ResultReason.ITEM_NOT_FOUND)
            answer.settle()
            if answer.item is not None:
                expect(len(answer.item.payload.all(Tag.ATTRIBUTE)), f"the number of values of {name}").is_(0)

    def tag_of(self, key: str, name: str) -> Any:
        """The value of one custom attribute."""
        return self.asks(self.shapes.get_tag(key, name)).attribute(name)

    def tags(self, data: bytes) -> bool:
        """Add Attribute three times in one message without a Batch Order Option. True when the attributes were taken.

        vCenter goes on without them; a server that has no Add Attribute says so for each of the three.
        """
        reply = self.says(data)
        for index in range(3):
            reply[index].succeeds().or_acceptably(because=ResultReason.OPERATION_NOT_SUPPORTED).settle()
        return all(item.result_reason is None for item in reply.response.batch_items)


class VCenter:
    """One vCenter with its key provider: flows over short-lived connections."""

    def __init__(self, kmip: Conversation, shapes: Vcenter, *, tagging: bool = True, mark: str = "observed") -> None:
        self.kmip = kmip
        self.shapes = shapes
        self.tagging = tagging
        self.mark = mark

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A connection of its own, closed at the end of the block."""
        talk = self.kmip.again()
        try:
            yield Line(talk, self.shapes)
        finally:
            talk.hang_up()

    def looks(self) -> None:
        """A TLS handshake and nothing behind it."""
        talk = self.kmip.again()
        _ = talk.connection
        talk.hang_up()

    def at_once(self, *acts: Callable[[Line], Any]) -> list[Any]:
        """Several connections at the same time, one act on each; their results in order."""
        return self.kmip.at_once(len(acts), lambda talk, number: acts[number](Line(talk, self.shapes)))

    def establishes_trust(self) -> None:
        """First contact: handshakes, Discover Versions twice, Query once, and a status refresh."""
        with self.kmip.step("a TLS handshake, and nothing else", "observed"):
            self.looks()
        with self.kmip.step("a second handshake beside Discover Versions, without and with an id", "observed"):
            self.kmip.at_once(2, lambda talk, number: talk.connection if number else Line(talk, self.shapes).discovers(with_id=True))
        with self.kmip.step("Query Server Information", "observed"), self.line() as line:
            line.queries()
        with self.kmip.step("the status is refreshed", "observed"):
            self.refreshes_status()

    def checks_health(self) -> None:
        """The five-minute timer: a handshake alone, then Discover Versions without and with an id."""
        self.looks()
        with self.line() as line:
            line.discovers(with_id=True)

    def refreshes_status(self) -> None:
        """What an open page of key providers does: a health check with one more handshake."""
        self.checks_health()
        self.looks()

    def makes_key(self) -> str:
        """Create, alone on its connection."""
        with self.line() as line:
            return line.creates()

    def hands_over(self, key: str) -> bytes:
        """Fetch a key for a host and make sure that it is Active."""
        with self.line() as line:
            return line.takes_into_use(key)

    def tags_product(self, line: Line, key: str) -> None:
        """Write on the key which product made it, unless that is there already."""
        if self.tagging:
            line.finds_untagged(key, PRODUCT_ATTRIBUTES)
            line.tags(self.shapes.add_product_tags(key))

    def tags_host(self, line: Line, key: str) -> None:
        """Write on the key which host it belongs to."""
        if self.tagging:
            line.finds_untagged(key, OWNER_ATTRIBUTES)
            line.tags(self.shapes.add_host_tags(key, HOST_UUID, "172.16.220.132"))

    def tags_machine(self, line: Line, key: str, machine: VirtualMachine) -> None:
        """Write on the key which virtual machine it belongs to, and read one of the tags back."""
        if not self.tagging:
            return
        line.finds_untagged(key, OWNER_ATTRIBUTES)
        if line.tags(self.shapes.add_vm_tags(key, machine.identifier, machine.name)):
            expect(line.tag_of(key, "x-Name"), "the custom attribute x-Name afterwards").is_(machine.name)

    def encrypts_machine(self, machine: VirtualMachine | None = None) -> str:
        """Encrypt a virtual machine on a host that has no host key yet; the key of the machine is returned."""
        machine = machine or VirtualMachine()
        with self.kmip.step("Create the key of the virtual machine", self.mark):
            machine_key = self.makes_key()
        with self.kmip.step("tag it, and create the host key at the same time", self.mark):
            _, host_key = self.at_once(lambda line: self.tags_product(line, machine_key), Line.creates)
        with self.kmip.step("fetch and activate the host key while it is being tagged", self.mark):
            self.at_once(lambda line: line.takes_into_use(host_key), lambda line: self.tags_product(line, host_key))
        with self.kmip.step("tag the host key with its host", self.mark), self.line() as line:
            self.tags_host(line, host_key)
        with self.kmip.step("fetch and activate the key of the virtual machine", self.mark):
            self.hands_over(machine_key)
        with self.kmip.step("tag it with the virtual machine", self.mark), self.line() as line:
            self.tags_machine(line, machine_key, machine)
        return machine_key

    def encrypts_another_machine(self, machine: VirtualMachine) -> str:
        """Encrypt a virtual machine on a host that is in crypto-safe mode already: no second key is made."""
        with self.kmip.step("Create the key of the virtual machine", self.mark):
            key = self.makes_key()
        with self.kmip.step("fetch and activate it while its product is being tagged", self.mark):
            self.at_once(lambda line: line.takes_into_use(key), lambda line: self.tags_product(line, key))
        with self.kmip.step("tag it with the virtual machine", self.mark), self.line() as line:
            self.tags_machine(line, key, machine)
        return key


def vcenter_6_7(kmip: Conversation) -> VCenter:
    """vSphere 6.5 and 6.7: no custom attributes. Only the first request of 6.7 is in a public log; the rest is inferred from 7.0.3."""
    return VCenter(kmip, Vcenter(), tagging=False, mark="inferred")


def vcenter_7_0_3(kmip: Conversation) -> VCenter:
    """vCenter 7.0.3 build 19480866, as captured: the certificate alone is the identity."""
    return VCenter(kmip, Vcenter())


def vcenter_8_0_1(kmip: Conversation) -> VCenter:
    """vCenter 8.0.1 build 21560480 with a user name and password, which it sends with some requests and not with others."""
    if kmip.target.username is None:
        raise Excused(Verdict.SKIPPED, "no user name is given (--username, --password)")
    credential = requests.credential(kmip.target.username, kmip.target.password or "")
    return VCenter(kmip, Vcenter(credential, "8.0.1 build-21560480"))


def _sorted_ids(batch_items: Any) -> list[bytes | None]:
    return sorted((item.unique_batch_item_id for item in batch_items), key=lambda item_id: item_id or b"")


DEMANDED = (Operation.DISCOVER_VERSIONS, Operation.CREATE, Operation.GET, Operation.GET_ATTRIBUTES, Operation.ACTIVATE)
"""The operations without which a key provider is of no use to vCenter."""
