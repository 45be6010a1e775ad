"""Wrapping by IBM Key Protect: every key is wrapped by its client's root key (CRK) and opened there again.

The object's unique identifier goes along as additional authenticated data. Opened keys are kept for a bounded time (`plaintext_cache`), and
those who ask for the same key at the same time wait for one call. When the root key was rotated, the answer of an unwrap holds the key
wrapped anew: ``adopt`` is told, and the old envelope is replaced.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from typing import TYPE_CHECKING, Any

from kmip_server.enums import ResultReason
from kmip_server.errors import ConfigurationError, KmipFailure, WrappingUnavailable
from kmip_server.wrapping.contract import Envelope
from kmip_server.wrapping.http import KeyProtectHttp
from kmip_server.wrapping.leavings import BY_KEEPER
from kmip_server.wrapping.plaintext_cache import PlaintextCache
from kmip_server.wrapping.refusals import RootKeyRefused

if TYPE_CHECKING:
    from kmip_server.directory.contract import Client, Keeper
    from kmip_server.settings import KeyProtectSettings
    from kmip_server.wrapping.contract import Adopt, Observe

PROVIDER = "key_protect"
NOTHING = b""
"""The ciphertext of empty material, which is no secret: Key Protect takes an empty plaintext for none, and makes a key of its own."""
ACTIVE = 1
"""Key Protect's number for the state of a key that may wrap."""

log = logging.getLogger("kmip_server.wrapping")


class KeyProtectWrapping:
    """`KeyWrapping` by Key Protect."""

    def __init__(self, settings: KeyProtectSettings, *, adopt: Adopt, observe: Observe, keeper: Keeper | None = None) -> None:
        """``adopt`` is told of newer envelopes, ``observe`` of every call. ``keeper``: whose wrapping it is; None: the server's own."""
        self.keeper = keeper
        self._provider = PROVIDER if keeper is None else BY_KEEPER + keeper.name
        self._crk_id = settings.crk_id
        self._http = KeyProtectHttp(settings, observe)
        self._cache = PlaintextCache(settings.cache_seconds, settings.cache_entries)
        self._opening: dict[bytes, asyncio.Task[bytes]] = {}
        self._adopt = adopt

    async def wrap(self, client: Client, unique_identifier: str, plaintext: bytes, *, passing: bool = False) -> Envelope:
        """Wrap key material (`KeyWrapping.wrap`)."""
        crk_id = client.crk_id or self._crk_id
        if not plaintext:
            return Envelope(self._provider, crk_id, "", NOTHING)
        body = {"plaintext": base64.b64encode(plaintext).decode("ascii"), "aad": [unique_identifier]}
        answer = await self._act("wrap", crk_id, body)
        envelope = self._envelope(crk_id, answer, "keyVersion")
        if not passing:
            envelope = await self._keep(client, unique_identifier, envelope)
        self._cache.put(unique_identifier, envelope, plaintext)
        return envelope

    async def unwrap(self, client: Client, unique_identifier: str, envelope: Envelope) -> bytes:
        """Open an envelope (`KeyWrapping.unwrap`)."""
        known = self._cache.get(unique_identifier, envelope)
        if known is not None:
            return known
        opening = self._opening.get(envelope.ciphertext)
        if opening is None:
            opening = asyncio.get_running_loop().create_task(self._open(client, unique_identifier, envelope))
            self._opening[envelope.ciphertext] = opening
            opening.add_done_callback(lambda task: self._opened(envelope, task))
        return await asyncio.shield(opening)

    def cached(self, unique_identifier: str, envelope: Envelope) -> bytes | None:
        """What is known without asking (`KeyWrapping.cached`)."""
        return self._cache.get(unique_identifier, envelope)

    def forget(self, unique_identifier: str) -> None:
        """Drop what is known of an object (`KeyWrapping.forget`)."""
        self._cache.forget(unique_identifier)

    async def verify(self) -> str | None:
        """Ask once, at the start: None when all is well, a sentence when Key Protect does not answer now.

        Raises `ConfigurationError` for what will not mend by itself: a wrong API key, no rights, an unknown root key, a standard key.
        """
        try:
            key = await self._root_key(self._crk_id)
        except RootKeyRefused as refusal:
            message = f"Key Protect cannot wrap keys for this server: {refusal}"
            raise ConfigurationError(message, "check the API key, the instance, the root key's id and the service ID's roles") from refusal
        except WrappingUnavailable as trouble:
            return str(trouble)
        if key.get("extractable") is True:
            raise ConfigurationError(
                f"key {self._crk_id} is a standard key, not a root key", "name the id of a root key (extractable: false)"
            )
        return _not_active(key)

    async def check(self) -> str | None:
        """Is the root key there and active? (`KeyWrapping.check`)."""
        try:
            return _not_active(await self._root_key(self._crk_id))
        except KmipFailure as failure:
            return str(failure)

    async def aclose(self) -> None:
        """Forget every key, end what is under way, close the connections."""
        self._cache.clear()
        opening = tuple(self._opening.values())
        for task in opening:
            task.cancel()
        if opening:
            await asyncio.wait(opening)
        await self._http.aclose()

    async def _open(self, client: Client, unique_identifier: str, envelope: Envelope) -> bytes:
        if envelope.provider != self._provider:
            raise KmipFailure(
                ResultReason.CRYPTOGRAPHIC_FAILURE, f"this object is wrapped by {envelope.provider}, which this server does not use"
            )
        if envelope.ciphertext == NOTHING:
            return b""
        body = {"ciphertext": await self._ciphertext(envelope), "aad": [unique_identifier]}
        answer = await self._act("unwrap", envelope.key_id, body)
        try:
            plaintext = base64.b64decode(answer["plaintext"], validate=True)
        except (KeyError, TypeError, binascii.Error) as error:
            raise unreadable("unwrap") from error
        self._cache.put(unique_identifier, envelope, plaintext)
        if "rewrappedKeyVersion" in answer:
            await self._follow(client, unique_identifier, envelope, answer, plaintext)
        return plaintext

    async def _follow(self, client: Client, unique_identifier: str, old: Envelope, answer: dict[str, Any], plaintext: bytes) -> None:
        """Replace an envelope by the newer one that Key Protect offered; later, if that fails now: the key is open all the same."""
        try:
            newer = await self._keep(client, unique_identifier, self._envelope(old.key_id, answer, "rewrappedKeyVersion"))
        except KmipFailure as failure:
            log.warning("the newer wrapping of %s could not be kept in Key Protect: %s", unique_identifier, failure)
            return
        self._cache.put(unique_identifier, newer, plaintext)
        self._adopt(client, unique_identifier, old, newer)

    def _opened(self, envelope: Envelope, task: asyncio.Task[bytes]) -> None:
        self._opening.pop(envelope.ciphertext, None)
        if not task.cancelled():
            task.exception()  # whoever waited has it; there may be nobody left

    async def _act(self, action: str, crk_id: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._http.call(action, "POST", f"/keys/{crk_id}/actions/{action}", body)
        except RootKeyRefused as refusal:
            self._shut_if(refusal, crk_id)
            raise

    def _shut_if(self, refusal: RootKeyRefused, crk_id: str) -> None:
        if refusal.shuts:
            self._cache.forget_root_key(crk_id)

    async def _keep(self, client: Client, unique_identifier: str, envelope: Envelope) -> Envelope:  # noqa: ARG002 - for who keeps more
        """Keep a wrapped key elsewhere too, and give its envelope back, which says where."""
        return envelope

    async def _ciphertext(self, envelope: Envelope) -> str:
        """What Key Protect answered when it wrapped."""
        return envelope.ciphertext.decode("ascii")

    def _envelope(self, crk_id: str, answer: dict[str, Any], version: str) -> Envelope:
        try:
            return Envelope(self._provider, crk_id, str(answer[version]["id"]), answer["ciphertext"].encode("ascii"))
        except (KeyError, TypeError, AttributeError, UnicodeError) as error:
            raise unreadable("wrap") from error

    async def _root_key(self, crk_id: str) -> dict[str, Any]:
        answer = await self._http.call("metadata", "GET", f"/keys/{crk_id}/metadata")
        try:
            key = answer["resources"][0]
        except (LookupError, TypeError) as error:
            raise unreadable("metadata") from error
        return key if isinstance(key, dict) else {}


def _not_active(key: dict[str, Any]) -> str | None:
    state = key.get("state")
    return None if state == ACTIVE else f"the root key is not active in Key Protect: it is in state {state}"


def unreadable(action: str) -> WrappingUnavailable:
    """An answer that is not what Key Protect answers."""
    return WrappingUnavailable(
        ResultReason.GENERAL_FAILURE, f"Key Protect's answer to {action} cannot be read", "is the URL Key Protect's?"
    )
