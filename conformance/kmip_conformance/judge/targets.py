"""The target as it is seen: straight, or through the proxies of a self-test, each started when it is first needed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmip_conformance.client import Target


class Targets:
    """One target and its proxies."""

    def __init__(self, target: Target) -> None:
        self._seen: dict[str, Target] = {"": target}
        self._proxies = ExitStack()

    def seen_through(self, mutant: str) -> Target:
        """The target behind the proxy of this name; "" is the target itself. Raises KeyError for a name that no proxy has."""
        if mutant not in self._seen:
            from kmip_conformance.proxy import MUTANTS, VARIATIONS, running_proxy

            defect = MUTANTS[mutant] if mutant in MUTANTS else VARIATIONS[mutant]
            self._seen[mutant] = self._proxies.enter_context(running_proxy(self._seen[""], defect))
        return self._seen[mutant]

    def close(self) -> None:
        """Stop every proxy."""
        self._proxies.close()
