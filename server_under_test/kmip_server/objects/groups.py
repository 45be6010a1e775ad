"""Members of an Object Group: whose turn it is (KMIP 1.4, 4.9: the default object "as defined by server policy").

The policy is round robin: the members take turns in the order of their creation, so that work is spread over the keys of a group. Turns are
kept in the process alone; after a restart, and in each worker process, the oldest member begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

MOST_GROUPS = 10_000
"""How many groups' turns are remembered; beyond it the longest remembered is forgotten."""


class Turns:
    """Which member of a group came last."""

    def __init__(self) -> None:
        """No group has had a turn."""
        self._last: dict[Hashable, str] = {}

    def next_of(self, group: Hashable, members: Sequence[str]) -> str | None:
        """The member whose turn it is now, of those given, oldest first. None when there is none."""
        if not members:
            return None
        last = self._last.pop(group, None)
        chosen = members[(members.index(last) + 1) % len(members)] if last in members else members[0]
        if len(self._last) >= MOST_GROUPS:
            self._last.pop(next(iter(self._last)))
        self._last[group] = chosen
        return chosen
