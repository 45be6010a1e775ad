"""What the placeholders of a case stand for while it is played, and how the names that it gives are kept apart from everybody else's.

* ``$NAME`` gets the value that stands in its place in the first answer; later it is sent, or has to come again.
* ``$NOW`` is one moment per case, ``$NOW-3600`` an hour before that.
* ``$MAC_DATA`` in a request, which no answer of the file shows, is what the latest answer gave in the field of that name.
* A literal that an answer may vary (a key the server made, a signature) is remembered with what came instead; where a request repeats the
  literal, what came is sent.
* Test identifiers get a prefix of this play, which the profiles permit (Symmetric Key Lifecycle Profile 1.0, 4.7.1, "Additional vendor or
  application prefixes"): Names, and texts of attributes that contain an identifier such as ``TC-OFFSET-2``.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmip_conformance.oasis.case import NOW, Node, Placeholder
from kmip_conformance.tables import ItemType, Tag
from kmip_conformance.wire import Item, tag_name

if TYPE_CHECKING:
    from kmip_conformance.wire import Value

_IDENTIFIER = re.compile(r"\b[A-Z][A-Z0-9]+(-[A-Z0-9]+)*-\d")
_ALWAYS_A_NAME = frozenset({Tag.NAME_VALUE, Tag.NAME})
_MAY_HOLD_AN_IDENTIFIER = frozenset({Tag.ATTRIBUTE_VALUE, Tag.OBJECT_GROUP, Tag.ALTERNATIVE_NAME_VALUE, Tag.APPLICATION_DATA})
_IDENTIFIERS = frozenset({Tag.UNIQUE_IDENTIFIER, Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER})
_TAGS = frozenset(Tag)
_NUMBER = re.compile(r"_\d+$")
_CHOSEN_BY_THE_CLIENT = "_RANDOM_"
_CAN_BE_CHOSEN = frozenset({ItemType.TEXT_STRING, ItemType.IDENTIFIER, ItemType.BYTE_STRING})

SHORTEST_LITERAL = 4
"""Octets from which on a literal is remembered with what came instead: shorter ones mean too many things."""


class Unbound(Exception):
    """A request needs a value that no answer has given."""

    def __init__(self, placeholder: Placeholder, line: int) -> None:
        super().__init__(f"line {line} sends {placeholder}, which no answer before has given a value")


@dataclass(slots=True)
class Bindings:
    """The values of one play of a case. ``base`` is the moment of ``$NOW`` in seconds, ``prefix`` stands before its names."""

    base: int
    prefix: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    varied: dict[bytes | str, bytes | str] = field(default_factory=dict)
    dates_sent: set[tuple[str, int, str, str]] = field(default_factory=set)
    moved: int = 0
    attributes_sent: set[str] = field(default_factory=set)
    meant: dict[str, str] = field(default_factory=dict)
    given: dict[str, Value] = field(default_factory=dict)

    def value_of(self, node: Node) -> Value | None:
        """The value that a leaf stands for; None when its placeholder has none yet."""
        if isinstance(node.value, tuple):
            return ()
        if isinstance(node.value, Placeholder):
            return self.base + node.value.seconds if node.value.name == NOW else self.values.get(node.value.name)
        if isinstance(node.value, str):
            return self.prefix + node.value if node.type == ItemType.NAME_REFERENCE else self.named(node.tag, node.value)
        if node.type == ItemType.DATE_TIME and isinstance(node.value, int):
            return node.value + self.moved
        return node.value

    def named(self, tag: int, text: str) -> str:
        """A text with the prefix of this play, if it is a name or holds a test identifier."""
        if tag in _ALWAYS_A_NAME or (tag in _MAY_HOLD_AN_IDENTIFIER and _IDENTIFIER.search(text)):
            return self.prefix + text
        return text

    def item(self, node: Node) -> Item:
        """The item to send. Raises `Unbound`."""
        if isinstance(node.value, tuple):
            return Item(node.tag, node.type, tuple(self.item(child) for child in node.value))
        value = self.value_of(node)
        if value is None:
            assert isinstance(node.value, Placeholder)
            value = self._otherwise(node.value.name)
            value = self._chosen(node.value, node) if value is None else value
        if isinstance(value, bytes | str):
            value = self.varied.get(value, value)
        return Item(node.tag, node.type, value)

    def note_answer(self, answer: Item) -> None:
        """Remember the octets that an answer gives, by the name of their field: ``MAC_DATA``."""
        self.given |= {Tag(item.tag).name: item.value for item in answer.walk() if isinstance(item.value, bytes) and item.tag in _TAGS}

    def _otherwise(self, name: str) -> Value | None:
        """The value of a placeholder that is in no answer: of the one that is meant, else the latest octets of the field of its name."""
        meant = self.values.get(self.meant.get(name, ""))
        return meant if meant is not None else self.given.get(_NUMBER.sub("", name.removeprefix("$")))

    def _chosen(self, placeholder: Placeholder, node: Node) -> Value:
        if _CHOSEN_BY_THE_CLIENT not in placeholder.name or node.type not in _CAN_BE_CHOSEN:
            raise Unbound(placeholder, node.line)
        chosen = uuid.uuid4()
        self.values[placeholder.name] = chosen.bytes if node.type == ItemType.BYTE_STRING else str(chosen)
        return self.values[placeholder.name]

    def vary(self, literal: Value, came: Value) -> None:
        """Remember what came instead of a literal that may vary."""
        if isinstance(literal, bytes | str) and isinstance(came, bytes | str) and len(literal) >= SHORTEST_LITERAL:
            self.varied.setdefault(literal, came)

    def note_request(self, request: Node, subject: str, attribute: str = "") -> None:
        """Remember the dates that a request fixes for an object, for answers have to repeat them, and the attributes that it sets."""
        named = str(next((child.value for child in request.children if child.tag == Tag.ATTRIBUTE_NAME), ""))
        self.attributes_sent |= {named} if request.tag == Tag.ATTRIBUTE else set()
        self.attributes_sent |= {tag_name(child.tag) for child in request.children} if request.tag == Tag.ATTRIBUTES else set()
        for child in request.children:
            if child.type in {ItemType.DATE_TIME, ItemType.DATE_TIME_EXTENDED}:
                self.dates_sent.add((subject, child.tag, named or attribute, str(child.value)))
            else:
                self.note_request(child, subject, named or attribute)

    def fixes_date(self, node: Node, subject: str, attribute: str) -> bool:
        """Has a request fixed this date of an object to this value?"""
        same = ((tag, name) for whose, tag, name, text in self.dates_sent if text == str(node.value) and whose == subject)
        return any(tag == node.tag or (name and name == attribute) for tag, name in same)


def subject_of(batch_item: Node) -> str:
    """The object that a batch item of a case is about, as the case names it: "$UNIQUE_IDENTIFIER_0"."""
    named = next((node for node in batch_item.walk() if node.tag in _IDENTIFIERS), None)
    return str(named.value) if named is not None else ""
