"""The requests of the profiles, encoded before the run: while it runs, only the bytes of a unique identifier are put in their place.

A unique identifier changes five nested lengths and its own padding, but only by its length. So a request is encoded once for every length
of identifier that the target hands out (one, as a rule), with a stand-in, and split where the stand-in is; from then on it is a join.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from kmip_conformance.requests import credential, destroy, get, request, revoke
from kmip_conformance.requests.vcenter import OWNER_ATTRIBUTES as OWNER
from kmip_conformance.requests.vcenter import PRODUCT_ATTRIBUTES as PRODUCT
from kmip_conformance.requests.vcenter import Vcenter
from kmip_conformance.tables import KmipVersion, Operation, RevocationReasonCode
from kmip_conformance.wire import encode
from kmip_conformance.wire.quick import unique_identifier

from kmip_load.answers import AES_256_MATERIAL, STATE_ATTRIBUTE, UNIQUE_IDENTIFIER, Call, call, identifier_item

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_load.plan import Plan

REMEMBERED = 4096
"""Calls kept ready of each kind: the keys that wait on the target, as a rule."""

VM = "4226f566-3ed5-1c8f-cda3-b0b037b6dc97"
"""The BIOS UUID of a VM, of the form that vCenter makes."""

TAGS = {"product": PRODUCT, "VM": OWNER}
"""The custom attributes that vCenter adds to a key, by purpose."""


class Messages:
    """Every request that the profiles send. What takes a unique identifier keeps the calls of the last `REMEMBERED` ready."""

    def __init__(self, plan: Plan) -> None:
        target = plan.target
        login = credential(target.username, target.password) if target.username else None
        version = KmipVersion(*plan.kmip_version)
        vcenter = Vcenter(login)

        self.discover_versions = call(Operation.DISCOVER_VERSIONS, vcenter.discover_versions())
        self.discover_versions_again = call(Operation.DISCOVER_VERSIONS, vcenter.discover_versions_again())
        self.vcenter_create = call(Operation.CREATE, vcenter.create(), UNIQUE_IDENTIFIER)
        self.vcenter_get = _by_key(Operation.GET, vcenter.get, AES_256_MATERIAL)
        self.vcenter_get_state = _by_key(Operation.GET_ATTRIBUTES, vcenter.get_state, STATE_ATTRIBUTE)
        self.vcenter_activate = _by_key(Operation.ACTIVATE, vcenter.activate)
        self.get = _by_key(Operation.GET, lambda key: encode(request(version, get(key), credential=login)), AES_256_MATERIAL)
        self.revoke = _by_key(
            Operation.REVOKE,
            lambda key: encode(request(version, revoke(key, RevocationReasonCode.CESSATION_OF_OPERATION), credential=login)),
        )
        self.destroy = _by_key(Operation.DESTROY, lambda key: encode(request(version, destroy(key), credential=login)))
        self._get_tags = {name: _by_key(Operation.GET_ATTRIBUTES, partial(vcenter.get_tag, name=name)) for name in (*PRODUCT, *OWNER)}
        self._add_tags = {
            "product": _by_key(Operation.ADD_ATTRIBUTE, vcenter.add_product_tags, items=3),
            "VM": _by_key(Operation.ADD_ATTRIBUTE, partial(vcenter.add_vm_tags, identifier=VM, name="load-test-vm"), items=3),
        }

    def vcenter_get_tag(self, key: str, attribute_name: str) -> Call:
        """Get Attributes of one custom attribute, whether the key has it or not."""
        return self._get_tags[attribute_name](key)

    def vcenter_add_tags(self, key: str, purpose: str) -> Call:
        """Add Attribute, three times in one batch: the `TAGS` of a purpose."""
        return self._add_tags[purpose](key)


def _by_key(operation: Operation, build: Callable[[str], bytes], *echoes: bytes, items: int = 1) -> Callable[[str], Call]:
    """Makes the call of an operation for a key; its answer must name the key again."""
    template = Template(build)

    @lru_cache(maxsize=REMEMBERED)
    def call_for(key: str) -> Call:
        item = identifier_item(key)
        return call(operation, template.filled(item), item, *echoes, items=items)

    return call_for


class Template:
    """A request with a hole for the unique identifier, which may occur several times."""

    def __init__(self, build: Callable[[str], bytes]) -> None:
        self._build = build
        self._pieces: dict[int, list[bytes]] = {}

    def filled(self, item: bytes) -> bytes:
        """The request's bytes; ``item`` is the Unique Identifier as TTLV, without its padding."""
        pieces = self._pieces.get(len(item))
        if pieces is None:
            stand_in = "~" * (len(item) - 8)
            pieces = self._pieces[len(item)] = self._build(stand_in).split(identifier_item(stand_in))
        return item.join(pieces)


def key_made_by(answer: bytes) -> str:
    """The unique identifier in a good answer to Create."""
    key = unique_identifier(answer)
    assert key is not None, "an answer without one is not good"
    return key
