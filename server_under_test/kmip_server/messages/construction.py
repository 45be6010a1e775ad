"""How instances of the field tables are made: filled as a draft, then frozen.

A frozen dataclass's own constructor goes round its lock with a call for every field; messages are made of so many small values
that this shows. A *draft* is a class with the same slots and no lock: an instance is filled there, and then given its frozen class.
"""

from __future__ import annotations

import dataclasses
from typing import Any

_DRAFTS: dict[type, type[Any]] = {}


def draft_of(structure_class: type[Any]) -> type[Any]:
    """The class of a structure's instances before they are frozen: fill all slots, then set ``__class__`` to the structure."""
    if structure_class not in _DRAFTS:
        slots = tuple(field.name for field in dataclasses.fields(structure_class))
        _DRAFTS[structure_class] = type("Draft", structure_class.__bases__, {"__slots__": slots})
    return _DRAFTS[structure_class]


def give_constructor(structure_class: type[Any], *, kw_only: bool) -> None:
    """Give a dataclass that has none its ``__init__``, with the parameters and defaults that `dataclasses` would give it."""
    names: dict[str, Any] = {"set_class": object.__setattr__, "Draft": draft_of(structure_class), "Made": structure_class}
    fields = dataclasses.fields(structure_class)
    parameters = ["self", "*"] if kw_only and fields else ["self"]
    lines = ["    set_class(self, '__class__', Draft)"]
    for field in fields:
        names[f"default_{field.name}"] = field.default
        parameters.append(field.name if field.default is dataclasses.MISSING else f"{field.name}=default_{field.name}")
        lines.append(f"    self.{field.name} = {field.name}")
    source = "\n".join([f"def __init__({', '.join(parameters)}):", *lines, "    self.__class__ = Made"])
    exec(compile(source, f"<constructor of {structure_class.__name__}>", "exec"), names)  # noqa: S102 - written from our own tables alone
    structure_class.__init__ = names["__init__"]
