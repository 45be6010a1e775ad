"""What VMware vCenter sends, byte for byte: the twelve request shapes seen in its traffic.

Always Protocol Version 1.1 and, in the header, nothing but the version, the credential where there is one, and Batch Count. The Unique
Batch Item ID is ``QLKC`` and a little-endian counter that starts again at 1 in each message. Attributes have no index, and Create names
them in vCenter's own order. Discover Versions, the custom attributes' Get Attributes and Add Attribute never carry the credential.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.requests.attributes import attribute
from kmip_conformance.requests.message import request
from kmip_conformance.requests.operations import (
    ENCRYPT_DECRYPT,
    activate,
    add_attribute,
    create,
    discover_versions,
    get,
    get_attributes,
    query,
)
from kmip_conformance.tables import V1_1, CryptographicAlgorithm, ObjectType, QueryFunction
from kmip_conformance.wire import encode

if TYPE_CHECKING:
    from kmip_conformance.wire import Item

PRODUCT_ATTRIBUTES = ("x-Product_Version", "x-Vendor", "x-Product")
OWNER_ATTRIBUTES = ("x-Identifier", "x-Component", "x-Name")
HOST = "ESXi Server"
VIRTUAL_MACHINE = "Virtual Machine"


def batch_item_id(number: int) -> bytes:
    """The id of the batch item `number` (from 1) of a message."""
    return b"QLKC" + number.to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class Vcenter:
    """A vCenter's requests, encoded. `credential` stands in the header of its requests for keys, when a user name and password are set."""

    credential: Item | None = None
    product_version: str = "7.0.3 build-19480866"

    def discover_versions(self) -> bytes:
        """Shape 1: first on every connection; no id, an empty payload."""
        return encode(request(V1_1, discover_versions(), ids=None))

    def discover_versions_again(self) -> bytes:
        """Shape 2: the health check's; with an id."""
        return self._message(discover_versions())

    def query(self) -> bytes:
        """Shape 3: Query Server Information, once when trust is established."""
        return self._message(query(QueryFunction.QUERY_SERVER_INFORMATION))

    def create(self) -> bytes:
        """Shape 4: an AES-256 key without a name."""
        attributes = (
            attribute("Cryptographic Algorithm", CryptographicAlgorithm.AES),
            attribute("Cryptographic Usage Mask", ENCRYPT_DECRYPT),
            attribute("Cryptographic Length", 256),
        )
        return self._authenticated(create(ObjectType.SYMMETRIC_KEY, *attributes))

    def get(self, uid: str) -> bytes:
        """Shape 5: the key, whatever its state."""
        return self._authenticated(get(uid))

    def get_state(self, uid: str) -> bytes:
        """Shape 6: is the key active?"""
        return self._authenticated(get_attributes(uid, "State"))

    def activate(self, uid: str) -> bytes:
        """Shape 7."""
        return self._authenticated(activate(uid))

    def get_tag(self, uid: str, name: str) -> bytes:
        """Shapes 8 and 9: one custom attribute a request."""
        return self._message(get_attributes(uid, name))

    def add_product_tags(self, uid: str) -> bytes:
        """Shape 10: which product made the key."""
        return self._tags(uid, PRODUCT_ATTRIBUTES, (self.product_version, "VMware, Inc.", "VMware vSphere"))

    def add_host_tags(self, uid: str, identifier: str, name: str) -> bytes:
        """Shape 11: the key is a host's."""
        return self._tags(uid, OWNER_ATTRIBUTES, (identifier, HOST, name))

    def add_vm_tags(self, uid: str, identifier: str, name: str) -> bytes:
        """Shape 12: the key is a virtual machine's."""
        return self._tags(uid, OWNER_ATTRIBUTES, (identifier, VIRTUAL_MACHINE, name))

    def _tags(self, uid: str, names: tuple[str, ...], values: tuple[str, ...]) -> bytes:
        return self._message(*(add_attribute(uid, attribute(name, value)) for name, value in zip(names, values, strict=True)))

    def _message(self, *batch_items: Item) -> bytes:
        return encode(request(V1_1, *batch_items, ids=tuple(batch_item_id(number) for number in range(1, len(batch_items) + 1))))

    def _authenticated(self, batch_item: Item) -> bytes:
        return encode(request(V1_1, batch_item, ids=(batch_item_id(1),), credential=self.credential))
