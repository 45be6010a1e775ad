"""Writing a function's source from a table, and compiling it once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """`functools.cache` that keeps the function's signature. For arguments that come from tables, never from a message."""
    return cast("Callable[P, R]", cache(function))


class Source:
    """The source of one function while it is being written, and the names that it uses."""

    def __init__(self, names: dict[str, object]) -> None:
        """An empty source; `names` are what its lines may use."""
        self.lines: list[str] = []
        self.names = dict(names)

    def write(self, *lines: str, depth: int = 1) -> None:
        """Lines at this depth of indentation."""
        self.lines.extend("    " * depth + line for line in lines)

    def name(self, kind: str, value: object) -> str:
        """A name for a value that the lines use."""
        name = f"{kind}_{len(self.names)}"
        self.names[name] = value
        return name

    def function(self, name: str, label: str) -> Callable[..., Any]:
        """The function of this name that the lines define; tracebacks call its file by the label."""
        exec(compile("\n".join(self.lines), f"<{label}>", "exec"), self.names)  # noqa: S102 - written from our own tables alone
        return cast("Callable[..., Any]", self.names[name])
