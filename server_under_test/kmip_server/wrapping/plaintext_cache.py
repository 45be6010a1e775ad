"""Unwrapped keys, kept for a bounded time and in a bounded number.

The time runs from the moment a key was unwrapped and is not prolonged by reading it: so long after a root key was disabled at the latest,
the keys that it wraps are shut. What has expired is dropped by a timer, not only when somebody looks.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kmip_server.wrapping.contract import Envelope


class Entry(NamedTuple):
    """A key in the clear. ``until`` by the monotonic clock."""

    unique_identifier: str
    key_id: str
    plaintext: bytes
    until: float


class PlaintextCache:
    """Found by the ciphertext that they were unwrapped from; oldest first."""

    def __init__(self, seconds: float, entries: int) -> None:
        """Keep at most ``entries`` keys for ``seconds`` each."""
        self._seconds = seconds
        self._maximum = entries
        self._entries: dict[bytes, Entry] = {}
        self._of_object: dict[str, set[bytes]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many keys are in the clear now."""
        return len(self._entries)

    def get(self, unique_identifier: str, envelope: Envelope) -> bytes | None:
        """The key in an envelope, if it is known."""
        entry = self._entries.get(envelope.ciphertext)
        if entry is None or entry.unique_identifier != unique_identifier or time.monotonic() >= entry.until:
            return None
        return entry.plaintext

    def put(self, unique_identifier: str, envelope: Envelope, plaintext: bytes) -> None:
        """Keep a key from now on. Inside a running event loop."""
        if self._seconds <= 0 or self._maximum <= 0:
            return
        self._drop(envelope.ciphertext)
        self._entries[envelope.ciphertext] = Entry(unique_identifier, envelope.key_id, plaintext, time.monotonic() + self._seconds)
        self._of_object.setdefault(unique_identifier, set()).add(envelope.ciphertext)
        if len(self._entries) > self._maximum:
            self._drop(next(iter(self._entries)))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def forget(self, unique_identifier: str) -> None:
        """Drop an object's key."""
        for ciphertext in tuple(self._of_object.get(unique_identifier, ())):
            self._drop(ciphertext)

    def forget_root_key(self, key_id: str) -> None:
        """Drop all keys that a root key wraps, because it was refused."""
        for ciphertext, entry in tuple(self._entries.items()):
            if entry.key_id == key_id:
                self._drop(ciphertext)

    def clear(self) -> None:
        """Drop everything."""
        self._entries.clear()
        self._of_object.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        """Drop what has expired, and come again when the oldest that is left will have."""
        self._timer = None
        now = time.monotonic()
        for ciphertext, entry in tuple(self._entries.items()):
            if entry.until > now:
                self._timer = asyncio.get_running_loop().call_later(entry.until - now, self._expire)
                return
            self._drop(ciphertext)

    def _drop(self, ciphertext: bytes) -> None:
        entry = self._entries.pop(ciphertext, None)
        if entry is None:
            return
        known = self._of_object[entry.unique_identifier]
        known.discard(ciphertext)
        if not known:
            del self._of_object[entry.unique_identifier]
