"""Messages in XML (KMIP Additional Message Encodings 1.0, section 6; since 1.3 the XML profile of KMIP Profiles).

An item is an element named after its tag, or ``<TTLV tag="0x540001">`` where that has no name; ``type`` and ``value`` are attributes, and
a structure holds its items. Read is what the standard permits and nothing else: UTF-8 (or an encoding that the text itself declares),
no document type and so no entities, no text between elements, no attributes but those four. Sizes inside messages mean TTLV's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from kmip_server.codec.items import TEXTS, big_integer
from kmip_server.codec.meanings import words_for
from kmip_server.codec.text_values import (
    Unreadable,
    big_integer_from,
    bytes_from,
    date_time_as_text,
    date_time_from,
    hex_number,
    number_as_hex,
    number_from_words,
    number_in_words,
    tag_as_text,
    tag_from,
    type_from,
)
from kmip_server.codec.transcribing import Transcript, items_of, with_attribute_names
from kmip_server.enums import ItemType
from kmip_server.enums.tokens import token_of
from kmip_server.errors import UnencodableMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kmip_server.codec.meanings import Words
    from kmip_server.messages import Item, ItemValue

NAMESPACE = "urn:oasis:tc:kmip:xmlns"
"""The one namespace that elements may have (6.1.6)."""

ANY_TAG = "TTLV"
"""The element whose attribute says the tag."""

ATTRIBUTES = frozenset({"tag", "name", "type", "value"})

MASK_SEPARATOR = " "

_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even by their number (2.2)."""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})


def ttlv_from_xml(text: bytes) -> bytes:
    """The message in TTLV. Raises MalformedMessage, with the Protocol Version where that could be read."""
    return _Reader().read(text)


def xml_from_ttlv(message: bytes) -> bytes:
    """The message in XML. Raises UnencodableMessage for a Text String with a character that XML cannot hold."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    _write(items_of(message), None, lines)
    return "\n".join([*lines, ""]).encode()


class _Reader:
    """Expat's events as a transcript."""

    def __init__(self) -> None:
        self._transcript = Transcript()
        self._structures: list[bool] = []
        parser = self._parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def read(self, text: bytes) -> bytes:
        try:
            self._parser.Parse(text, True)  # noqa: FBT003 - expat's own signature: this is all of it
        except expat.ExpatError as fault:
            self._transcript.fail(f"the text is no XML: {expat.ErrorString(fault.code)}, line {fault.lineno}, column {fault.offset}")
        except (LookupError, ValueError):  # what expat raises for an encoding that nobody knows
            self._fail("the text is in an encoding that cannot be read")
        return self._transcript.message()

    def _doctype(self, *_: object) -> None:
        self._fail("a message has no document type")

    def _start(self, element: str, attributes: Mapping[str, str]) -> None:
        if self._structures and not self._structures[-1]:
            self._fail("only a structure holds elements")
        name = self._local_name(element)
        told = {attribute: value for attribute, value in attributes.items() if " " not in attribute}
        if unknown := told.keys() - ATTRIBUTES:
            self._fail(f"{name} has the attribute {min(unknown)!r}; there are tag, name, type and value")
        try:
            tag, item_type = self._tag(name, told), type_from(told.get("type"))
        except Unreadable as fault:
            self._fail(f"{name} {fault}")
        self._structures.append(item_type is ItemType.STRUCTURE)
        if item_type is ItemType.STRUCTURE:
            if "value" in told:
                self._fail(f"{name} is a structure and has no value of its own")
            self._transcript.begin(tag)
        elif "value" not in told:
            self._fail(f"{name} has no value")
        else:
            self._transcript.add(tag, item_type, lambda words: _value(told["value"], item_type, words))

    def _local_name(self, element: str) -> str:
        namespace, _, name = element.rpartition(" ")
        if namespace and namespace != NAMESPACE:
            self._fail(f"{name} is of the namespace {namespace}; KMIP's is {NAMESPACE}")
        return name

    def _tag(self, name: str, attributes: Mapping[str, str]) -> int:
        if name != ANY_TAG:
            if "tag" in attributes:
                self._fail(f"{name} has a tag beside its name")
            return tag_from(name)
        if "tag" not in attributes:
            self._fail(f"{ANY_TAG} has no tag")
        return tag_from(attributes["tag"])

    def _end(self, _: str) -> None:
        if self._structures.pop():
            self._transcript.end()

    def _characters(self, text: str) -> None:
        if not text.isspace():
            self._fail("there is text between the elements")

    def _fail(self, sentence: str) -> NoReturn:
        self._transcript.fail(sentence, offset=max(self._parser.CurrentByteIndex, 0))


def _value(text: str, item_type: ItemType, words: Words | None) -> ItemValue:
    return READERS[item_type](text if item_type in TEXTS else text.strip(), item_type, words)


def _number(text: str, item_type: ItemType, words: Words | None) -> int:
    if _DECIMAL.fullmatch(text):
        return int(text)
    if text.startswith("0x") and words is None:
        return hex_number(text, item_type)
    if words is None:
        raise Unreadable("is no whole number")
    return number_from_words(text, words, item_type, MASK_SEPARATOR)


def _boolean(text: str, _: ItemType, __: Words | None) -> bool:
    if text not in _BOOLEANS:
        raise Unreadable("is neither true nor false")
    return _BOOLEANS[text]


READERS: dict[ItemType, Callable[[str, ItemType, Words | None], ItemValue]] = {
    ItemType.INTEGER: _number,
    ItemType.LONG_INTEGER: _number,
    ItemType.BIG_INTEGER: lambda text, _, __: big_integer_from(text),
    ItemType.ENUMERATION: lambda text, item_type, words: number_from_words(text, words, item_type, MASK_SEPARATOR),
    ItemType.BOOLEAN: _boolean,
    **dict.fromkeys(TEXTS, lambda text, _, __: text),
    ItemType.BYTE_STRING: lambda text, _, __: bytes_from(text),
    ItemType.DATE_TIME: lambda text, item_type, _: date_time_from(text, item_type),
    ItemType.DATE_TIME_EXTENDED: lambda text, item_type, _: date_time_from(text, item_type),
    ItemType.INTERVAL: _number,
}


def _write(item: Item, attribute_name: str | None, lines: list[str], indent: str = "") -> None:
    named = tag_as_text(item.tag)
    start = f"<{named}" if named else f'<{ANY_TAG} tag="0x{item.tag:06X}"'
    if isinstance(item.value, tuple):
        if not item.value:
            lines.append(f"{indent}{start}/>")
            return
        lines.append(f"{indent}{start}>")
        for one, inside in with_attribute_names(item.value):
            _write(one, inside, lines, indent + "  ")
        lines.append(f"{indent}</{named or ANY_TAG}>")
        return
    value = _text(item.value, item.item_type, words_for(item.tag, item.item_type, attribute_name))
    if _UNWRITABLE.search(value):
        raise UnencodableMessage(f"{named or hex(item.tag)} holds a character that XML cannot; ask in TTLV or JSON")
    lines.append(f'{indent}{start} type="{token_of(item.item_type)}" value="{value.translate(_ESCAPES)}"/>')


def _text(value: ItemValue, item_type: ItemType, words: Words | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    assert isinstance(value, int)
    if item_type is ItemType.BOOLEAN:
        return "true" if value else "false"
    if item_type is ItemType.BIG_INTEGER:
        return big_integer(value).hex()
    if item_type in {ItemType.DATE_TIME, ItemType.DATE_TIME_EXTENDED}:
        return date_time_as_text(value, item_type)
    in_words = number_in_words(value, words, MASK_SEPARATOR)
    if in_words is not None:
        return in_words
    return number_as_hex(value, item_type) if item_type is ItemType.ENUMERATION else str(value)
