"""What the server asks of whoever keeps its root keys.

Key material is at rest only inside an `Envelope`. The unique identifier of its object is bound to it (additional authenticated data), so
that the envelope of one object cannot be opened as another's.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.directory.contract import Client


@dataclass(frozen=True, slots=True)
class Envelope:
    """Wrapped key material, and which root key opens it: ``provider`` "local" or "key_protect", and that provider's key id and version."""

    provider: str
    key_id: str
    key_version: str
    ciphertext: bytes

    def to_json(self) -> str:
        """The form at rest: one JSON object, the ciphertext in base64."""
        ciphertext = base64.b64encode(self.ciphertext).decode("ascii")
        return json.dumps({"provider": self.provider, "key_id": self.key_id, "key_version": self.key_version, "ciphertext": ciphertext})

    @classmethod
    def from_json(cls, text: str) -> Envelope:
        """Read `to_json` back. Raises ValueError or KeyError when it is not that."""
        fields = json.loads(text)
        ciphertext = base64.b64decode(fields["ciphertext"], validate=True)
        return cls(str(fields["provider"]), str(fields["key_id"]), str(fields["key_version"]), ciphertext)


Observe: TypeAlias = "Callable[[str, str, float], None]"
"""Told of each call to a keeper of root keys: "wrap", "unwrap" or "token", its outcome, and the seconds it took.

The outcomes: "ok", "refused", "unavailable", or "away" for a call that was not made, because nothing answers now. "circuit" is told to be
"open" or "closed".
"""

Adopt: TypeAlias = "Callable[[Client, str, Envelope, Envelope], None]"
"""Told when an unwrap answered with a newer envelope: whose, of which object, the old one and the new one."""


class KeyWrapping(Protocol):
    """Wraps key material before it is stored and unwraps it when it is asked for.

    Every refusal is a `KmipFailure` that says why; `WrappingUnavailable` when the keeper of the root keys cannot be reached in time.
    """

    async def wrap(self, client: Client, unique_identifier: str, plaintext: bytes, *, passing: bool = False) -> Envelope:
        """Wrap ``plaintext`` by the client's root key. ``passing``: it is no object's, and is kept nowhere else than in the envelope."""
        ...

    async def unwrap(self, client: Client, unique_identifier: str, envelope: Envelope) -> bytes:
        """Open an envelope again."""
        ...

    def cached(self, unique_identifier: str, envelope: Envelope) -> bytes | None:
        """What `unwrap` would return, if it is known without waiting: the way of a Get that never suspends."""
        ...

    def forget(self, unique_identifier: str) -> None:
        """Drop whatever is cached of an object, because it was destroyed."""
        ...

    async def check(self) -> str | None:
        """Is the keeper of the root keys reachable and willing? None when it is, else what is wrong, in a sentence."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and of everything cached."""
        ...
