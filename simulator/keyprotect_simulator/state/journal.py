"""Where changes are kept before they are visible: the contract, and the journal that forgets.

A journal is told changes in their order, each group as one: after `commit` returns, the group survives the end of the process. The
durable journal is in `state.folder`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keyprotect_simulator.records import Change, Record


class Journal(Protocol):
    """Keeps what was answered."""

    def load(self) -> Iterable[Record]:
        """Every record that was kept, oldest first."""

    def commit(self, changes: Sequence[Change]) -> None:
        """Keep all of these changes, or (raising an exception) none."""

    def close(self) -> None:
        """Release what the journal holds; it is not used afterwards."""


class Forgetful:
    """The journal of a simulator that lives in memory."""

    def load(self) -> Iterable[Record]:
        return ()

    def commit(self, changes: Sequence[Change]) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is held."""
