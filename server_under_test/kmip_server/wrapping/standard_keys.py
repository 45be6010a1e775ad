"""Wrapped keys kept in Key Protect as standard keys, one each: what the classic KMIP for VMware does.

Its customers see their keys there (``vmware_kmip-<unique identifier>``), and revoke one by deleting it: until it is restored, that key
alone cannot be had. The server keeps the wrapped form in its own row too, so that the standard keys can be put back after a loss, but never
opens that one. The description tells an instance's standard keys from another one's.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.wrapping.key_protect import ACTIVE, NOTHING, KeyProtectWrapping, unreadable
from kmip_server.wrapping.leavings import Kept, kept_of
from kmip_server.wrapping.refusals import Refusal, RootKeyRefused

if TYPE_CHECKING:
    from kmip_server.directory.contract import Client, Keeper
    from kmip_server.settings import KeyProtectSettings
    from kmip_server.wrapping.begun import Begun
    from kmip_server.wrapping.contract import Adopt, Envelope, Observe

NAME_PREFIX = "vmware_kmip"
"""How the names of standard keys begin that hold a KMIP key (documented; what stands between it and the identifier is inferred)."""

KEY_TYPE = "application/vnd.ibm.kms.key+json"
PAGE = 5000
GONE = frozenset({"KEY_DELETED_ERR", "KEY_NOT_FOUND_ERR"})
REVOKED = Refusal(
    ResultReason.CRYPTOGRAPHIC_FAILURE, "the standard key that holds this key was deleted in Key Protect: the key is revoked", shuts=False
)


def name_of(unique_identifier: str) -> str:
    """The name of the standard key of an object."""
    return f"{NAME_PREFIX}-{unique_identifier}"


def description_of(keeper: str) -> str:
    """What all standard keys of a keeper say of themselves."""
    return f"KMIP for VMware instance {keeper}"


def body_of(keeper: str, unique_identifier: str, ciphertext: bytes) -> dict[str, Any]:
    """The body of ``POST /keys`` that makes an object's standard key: its payload is the ciphertext, which is base64 as it is."""
    resource = {
        "type": KEY_TYPE,
        "name": name_of(unique_identifier),
        "description": description_of(keeper),
        "extractable": True,
        "payload": ciphertext.decode("ascii"),
    }
    return {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [resource]}


class StandardKeyWrapping(KeyProtectWrapping):
    """`KeyWrapping` by a keeper, with the wrapped keys kept there if it says so. Those that are kept are asked for whatever it says now."""

    def __init__(self, settings: KeyProtectSettings, *, adopt: Adopt, observe: Observe, keeper: Keeper, begun: Begun) -> None:
        """``begun`` is told of each standard key before it is made."""
        super().__init__(settings, adopt=adopt, observe=observe, keeper=keeper)
        self._begun = begun
        self._name = keeper.name
        self._keeps_keys = keeper.keeps_keys

    async def _keep(self, client: Client, unique_identifier: str, envelope: Envelope) -> Envelope:
        if envelope.ciphertext == NOTHING or not self._keeps_keys:
            return envelope
        body = body_of(self._name, unique_identifier, envelope.ciphertext)
        attempt = await self._begun.begin(self._name, client.owner, unique_identifier)
        try:
            answer = await self._http.call("keep", "POST", "/keys", body, repeatable=False)
        except RootKeyRefused:
            await self._begun.forget(attempt)
            raise
        key_id = _resource(answer).get("id")
        if not isinstance(key_id, str) or not key_id.isascii():
            raise unreadable("create")
        await self._begun.made(attempt, key_id)
        return dataclasses.replace(envelope, ciphertext=Kept(key_id, envelope.ciphertext).to_bytes())

    async def _ciphertext(self, envelope: Envelope) -> str:
        kept = kept_of(envelope)
        if kept is None:
            return await super()._ciphertext(envelope)
        try:
            answer = await self._http.call("fetch", "GET", f"/keys/{kept.key_id}")
        except RootKeyRefused as refusal:
            if refusal.code in GONE:
                raise RootKeyRefused(REVOKED, refusal.code) from refusal
            self._shut_if(refusal, envelope.key_id)
            raise
        key = _resource(answer)
        payload = key.get("payload")
        if key.get("state") != ACTIVE or not isinstance(payload, str):
            raise RootKeyRefused(REVOKED, f"it is in state {key.get('state')}")
        return payload

    async def named(self, unique_identifier: str) -> list[str]:
        """The ids of this keeper's standard keys of an object, by their name. Page by page: a search fails where there are many keys."""
        named = (name_of(unique_identifier), description_of(self._name))
        found: list[str] = []
        for offset in itertools.count(0, PAGE):
            answer = await self._http.call("list", "GET", f"/keys?extractable=true&limit={PAGE}&offset={offset}")
            page = answer.get("resources", [])
            found += [str(key["id"]) for key in page if (key.get("name"), key.get("description")) == named]
            if len(page) < PAGE:
                break
        return found

    async def delete(self, key_id: str) -> None:
        """Delete a standard key in Key Protect; one that is gone is as good. Raises `KmipFailure`."""
        try:
            await self._http.call("delete", "DELETE", f"/keys/{key_id}?force=true")
        except RootKeyRefused as refusal:
            if refusal.code not in GONE:
                raise


def _resource(answer: dict[str, Any]) -> dict[str, Any]:
    resources = answer.get("resources")
    if not isinstance(resources, list) or not resources or not isinstance(resources[0], dict):
        raise KmipFailure(ResultReason.GENERAL_FAILURE, "Key Protect's answer about a standard key cannot be read")
    return resources[0]
