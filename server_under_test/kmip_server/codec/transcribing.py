"""From a message in text to the same message in TTLV, item by item as the text is read.

The readers of XML and JSON say what begins, what it holds and what ends; `Transcript` writes the bytes, and keeps what is needed on the
way: how deep we are, the Attribute Name that says what an Attribute Value is, and the Protocol Version that a refusal is answered under.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from kmip_server.codec.items import EVERY_TYPE, read_item, write_item, write_string
from kmip_server.codec.meanings import words_for
from kmip_server.codec.text_values import Unreadable
from kmip_server.codec.wire import MARGIN, head_of, malformed, name_of
from kmip_server.enums import ItemType, ResultReason, Tag
from kmip_server.errors import MalformedMessage
from kmip_server.versions import KmipVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kmip_server.codec.meanings import Words
    from kmip_server.messages import Item, ItemValue

MAXIMUM_TEXT_DEPTH = 64
"""How deep items may nest in XML and JSON: twice what vendors' own structures may in TTLV, as those stand inside ours."""


@dataclass(slots=True)
class _Open:
    """A structure that has begun."""

    tag: int
    content: list[bytes] = field(default_factory=list)
    attribute_name: str | None = None
    is_vendors: bool = False


class Transcript:
    """One message on its way to TTLV."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._open: list[_Open] = []
        self._major: int | None = None
        self._minor: int | None = None
        self._message: bytes | None = None

    @property
    def version(self) -> KmipVersion | None:
        """The Protocol Version, once it has been read."""
        return None if self._major is None or self._minor is None else KmipVersion(self._major, self._minor)

    def begin(self, tag: int) -> None:
        """A structure begins."""
        if self._message is not None or (not self._open and tag not in {Tag.REQUEST_MESSAGE, Tag.RESPONSE_MESSAGE}):
            self.fail("the text is not one message: a Request Message and nothing beside it")
        if len(self._open) == MAXIMUM_TEXT_DEPTH:
            self.fail(f"items nest deeper than {MAXIMUM_TEXT_DEPTH}")
        self._open.append(_Open(tag))

    def end(self) -> None:
        """The structure that began last ends."""
        ended = self._open.pop()
        written = write_string(head_of(ended.tag, ItemType.STRUCTURE), b"".join(ended.content))
        if self._open:
            self._open[-1].content.append(written)
        else:
            self._message = written

    def add(self, tag: int, item_type: ItemType, read: Callable[[Words | None], ItemValue]) -> None:
        """An item that is no structure; ``read`` gives its value, told the words that its number may be written in."""
        if not self._open:
            self.fail("the text is not one message: a Request Message and nothing beside it")
        around = self._open[-1]
        try:
            value = read(words_for(tag, item_type, around.attribute_name))
            around.content.append(write_item(tag, item_type, value))
        except Unreadable as fault:
            self.fail(f"{name_of(tag)} {fault}", fault.reason)
        except (struct.error, OverflowError):
            self.fail(f"{name_of(tag)} is a number that its type cannot hold")
        except UnicodeEncodeError:
            self.fail(f"{name_of(tag)} holds half a character: a surrogate without its other half")
        self._remember(tag, value, around)

    def _remember(self, tag: int, value: ItemValue, around: _Open) -> None:
        if tag == Tag.VENDOR_IDENTIFICATION:
            around.is_vendors = True
        elif tag == Tag.ATTRIBUTE_NAME and isinstance(value, str) and not around.is_vendors:
            around.attribute_name = value
        elif around.tag == Tag.PROTOCOL_VERSION and isinstance(value, int) and self.version is None:
            if tag == Tag.PROTOCOL_VERSION_MAJOR:
                self._major = value
            elif tag == Tag.PROTOCOL_VERSION_MINOR:
                self._minor = value

    def message(self) -> bytes:
        """The message in TTLV. Raises MalformedMessage when it has not been read to its end."""
        if self._message is None:
            self.fail("the text ends before the message does")
        return self._message

    def fail(self, sentence: str, reason: ResultReason = ResultReason.INVALID_MESSAGE, offset: int = 0) -> NoReturn:
        """The text is no message: why, and where. Raises MalformedMessage."""
        raise MalformedMessage(reason, sentence, version=self.version, offset=offset)


def items_of(message: bytes) -> Item:
    """A message in TTLV as a tree of items. Raises MalformedMessage when the bytes are none."""
    try:
        item, end = read_item(message + MARGIN, 0, len(message), depth=-MAXIMUM_TEXT_DEPTH // 2, types=EVERY_TYPE)
    except UnicodeDecodeError:
        raise malformed("a Text String is not UTF-8 (9.1.1.4)", 0) from None
    if end != len(message):
        raise malformed(f"the message is {end} bytes long, but {len(message)} are there", 0)
    return item


def with_attribute_names(items: tuple[Item, ...]) -> Iterator[tuple[Item, str | None]]:
    """The items of a structure, each with the Attribute Name before it, which says what an Attribute Value of 1.x means."""
    is_vendors, name = False, None
    for item in items:
        yield item, name
        if item.tag == Tag.VENDOR_IDENTIFICATION:
            is_vendors = True
        elif item.tag == Tag.ATTRIBUTE_NAME and isinstance(item.value, str) and not is_vendors:
            name = item.value
