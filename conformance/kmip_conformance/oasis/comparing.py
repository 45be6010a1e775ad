"""An answer held against the expected one, item by item: every difference, none of them judged.

Children are paired by tag; several of one tag by what they are (an Attribute by its name, a leaf by its value, a structure by the one that
resembles it most), so that the order in which a server lists things is a difference of its own and not one for every item. A placeholder
that has no value yet takes the value that stands in its place. What may differ is for `kmip_conformance.oasis.variations` to say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from kmip_conformance.oasis.case import NOW, Node, Placeholder
from kmip_conformance.tables import ItemType, Tag, words
from kmip_conformance.wire import Item, tag_name, value_text
from kmip_conformance.wire.masking import SECRET_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_conformance.oasis.bindings import Bindings


class Kind(Enum):
    """What a difference is about."""

    VALUE = "another value"
    TYPE = "another type"
    MISSING = "missing"
    EXTRA = "one more"
    ORDER = "another order"
    FIELD_ORDER = "another order of fields"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands: the tags from the message to it, the attribute that it belongs to ("" for none), and words for people."""

    tags: tuple[int, ...] = ()
    attribute: str = ""
    steps: tuple[str, ...] = ()

    def below(self, tag: int, attribute: str = "", called: str = "") -> Place:
        """The place of a child."""
        return Place((*self.tags, tag), attribute or self.attribute, (*self.steps, called or tag_name(tag)))

    def __str__(self) -> str:
        return " / ".join(self.steps[1:] or self.steps)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. ``fixed`` says that an earlier message of the case has settled the expected value: nobody may vary it."""

    kind: Kind
    place: Place
    expected: Node | None = None
    observed: Item | None = None
    wanted: str = ""
    fixed: bool = False

    @property
    def tag(self) -> int:
        """The tag of the item that differs."""
        return self.place.tags[-1]

    def within(self, *tags: int) -> bool:
        """Is the item one of these, or below one?"""
        return any(tag in tags for tag in self.place.tags)

    @property
    def wish(self) -> str:
        """What the case expects, in words."""
        if self.kind is Kind.EXTRA:
            return f"no {self.place}"
        if self.kind in {Kind.ORDER, Kind.FIELD_ORDER}:
            return f"{self.place} in the order {self.wanted}"
        return f"{self.place}: {self.wanted or 'present'}"

    @property
    def sight(self) -> str:
        """What the target sent instead, in words; secrets masked."""
        if self.kind is Kind.MISSING:
            return f"{self.place} is missing"
        if self.kind in {Kind.ORDER, Kind.FIELD_ORDER}:
            return f"{self.place}: {self.kind.value}"
        assert self.observed is not None
        kind = f", a {_type_word(self.observed)}" if self.kind is Kind.TYPE else ""
        return f"{self.place}: {shown(self.observed, self.place)}{kind}"

    @property
    def summary(self) -> str:
        """Both in a few words."""
        if self.kind is Kind.VALUE and self.observed is not None:
            return f"{self.place}: {shown(self.observed, self.place)} instead of {self.wanted}"
        return f"{self.place}: {self.kind.value}{f' ({self.wanted})' if self.kind is Kind.MISSING and self.wanted else ''}"


def shown(item: Item, place: Place) -> str:
    """A value for people; what may be key material by its length only."""
    if isinstance(item.value, tuple):
        return "present"
    if any(tag in SECRET_TAGS for tag in place.tags) and item.type in _MAY_BE_SECRET:
        size = len(item.value) if isinstance(item.value, bytes | str) else -(-int(item.value).bit_length() // 8)
        return f"{size} octets, masked"
    return _short(value_text(item))


_MAY_BE_SECRET = frozenset({ItemType.BYTE_STRING, ItemType.BIG_INTEGER, ItemType.TEXT_STRING})


def _type_word(item: Item) -> str:
    return words(ItemType(item.type)) if item.type in set(ItemType) else f"type 0x{item.type:02X}"


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:120]}… ({len(text)} characters)"


_OF_ONE_OBJECT = frozenset({Tag.DIGEST_VALUE})
"""Fields whose placeholder, one name in a whole file, means another value for each object."""

CLOCKS_APART = 600
"""Seconds that the server's ``$NOW`` may lie from the moment at which the play began."""

_TO_BE_LISTED = frozenset({Tag.OPERATION, Tag.OBJECT_TYPE, Tag.ATTRIBUTE_NAME, Tag.ATTRIBUTE_REFERENCE, Tag.QUERY_FUNCTION})
_ATTRIBUTES = frozenset({Tag.ATTRIBUTES})


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison under bindings; ``binds`` is off while it is only tried how well two items go together, and placeholders of a tag in
    ``anew`` take a new value. ``subject`` is the object that the batch item is about, as the case names it.
    """

    bindings: Bindings
    binds: bool = True
    anew: frozenset[int] = frozenset()
    subject: str = ""

    def differences(self, expected: Node, observed: Item, place: Place | None = None) -> Iterator[Difference]:
        """Every difference between two items of one tag, in the order of the expected ones."""
        place = place or Place((expected.tag,), "", (tag_name(expected.tag),))
        if observed.type != expected.type:
            yield Difference(Kind.TYPE, place, expected, observed, words(ItemType(expected.type)))
        elif isinstance(expected.value, tuple):
            yield from self._children(expected, observed, place)
        else:
            yield from self._leaf(expected, observed, place)

    def _leaf(self, expected: Node, observed: Item, place: Place) -> Iterator[Difference]:
        placeholder = expected.value if isinstance(expected.value, Placeholder) else None
        if placeholder is not None and expected.tag in _OF_ONE_OBJECT:
            placeholder = Placeholder(f"{placeholder.name} of {self.subject}")
            expected = replace(expected, value=placeholder)
        wanted = self.bindings.value_of(expected)
        if placeholder is not None and (wanted is None or expected.tag in self.anew):
            if self.binds:
                self.bindings.values[placeholder.name] = observed.value
            return
        assert wanted is not None
        if isinstance(wanted, bytes | str) and observed.value == self.bindings.varied.get(wanted):
            return
        if wanted == observed.value:
            return
        is_date = expected.type in {ItemType.DATE_TIME, ItemType.DATE_TIME_EXTENDED}
        fixed = self.bindings.fixes_date(expected, self.subject, place.attribute) if is_date else placeholder is not None
        if placeholder is not None and placeholder.name == NOW and not placeholder.seconds and not fixed and self._is_now(observed):
            return
        text = shown(Item(expected.tag, expected.type, wanted), place)
        yield Difference(Kind.VALUE, place, expected, observed, f"{placeholder}, {text}" if placeholder else text, fixed)

    def _is_now(self, observed: Item) -> bool:
        """Is this the server's time while the case is played, by a clock that is not far from ours?"""
        return isinstance(observed.value, int) and self.bindings.base - CLOCKS_APART <= observed.value <= self.bindings.base + CLOCKS_APART

    def _children(self, expected: Node, observed: Item, place: Place) -> Iterator[Difference]:
        pairs, extra = self._pairs(expected.children, observed.children)
        for node, index in pairs:
            below = _place_of_node(place, node)
            if index is None:
                yield Difference(Kind.MISSING, below, node, None, "present" if node.children else self._text(node, below))
            else:
                yield from self.differences(node, observed.children[index], below)
        for index in extra:
            yield Difference(Kind.EXTRA, _place_of_item(place, observed.children[index]), None, observed.children[index])
        yield from _order(expected, observed, [(node, index) for node, index in pairs if index is not None], place)

    def _text(self, node: Node, place: Place) -> str:
        value = self.bindings.value_of(node)
        return str(node.value) if value is None else shown(Item(node.tag, node.type, value), place)

    def _pairs(self, nodes: Sequence[Node], items: Sequence[Item]) -> tuple[list[tuple[Node, int | None]], list[int]]:
        """Each expected child with the place of the one that came for it, and the places of those that nobody expects."""
        chosen: dict[int, int] = {}
        free = list(range(len(items)))
        for tag in dict.fromkeys(node.tag for node in nodes):
            wanted = [position for position, node in enumerate(nodes) if node.tag == tag]
            offered = [index for index in free if items[index].tag == tag]
            for position, index in self._matched(nodes, items, wanted, offered):
                chosen[position] = index
                free.remove(index)
        return [(node, chosen.get(position)) for position, node in enumerate(nodes)], free

    def _matched(self, nodes: Sequence[Node], items: Sequence[Item], wanted: list[int], offered: list[int]) -> Iterator[tuple[int, int]]:
        """Which of the children of one tag belong together: what is settled chooses first, each takes what resembles it most."""
        left = list(offered)
        alone = len(wanted) == len(offered) == 1
        settled_first = sorted(wanted, key=lambda position: self._is_open(nodes[position]))
        late: list[int] = []
        for position in settled_first:
            node = nodes[position]
            costs = {index: self._cost(node, items[index]) for index in left}
            best = min(costs, key=lambda index: costs[index], default=None)
            if best is None or (costs[best] >= _ALIEN and not (alone and node.tag != Tag.ATTRIBUTE)):
                late.append(position)
                continue
            left.remove(best)
            yield position, best
        for position in late:
            if left and nodes[position].tag not in _TO_BE_LISTED and nodes[position].tag != Tag.ATTRIBUTE:
                yield position, left.pop(0)

    def _is_open(self, node: Node) -> bool:
        return any(isinstance(inner.value, Placeholder) and self.bindings.value_of(inner) is None for inner in node.walk())

    def _cost(self, node: Node, item: Item) -> int:
        """How little the two resemble each other. The number of an attribute's instance counts less than its value."""
        if node.tag == Tag.ATTRIBUTE and not _is_named_alike(node, item):
            return _ALIEN
        trial = replace(self, binds=False)
        count = sum(1 if difference.tag == Tag.ATTRIBUTE_INDEX else 2 for difference in trial.differences(node, item))
        return _ALIEN if count and not isinstance(node.value, tuple) else count


_ALIEN = 1_000_000


def _is_named_alike(node: Node, item: Item) -> bool:
    """Have two Attributes the same name (in 2.x: and vendor)?"""
    name, vendor = node.first(Tag.ATTRIBUTE_NAME), node.first(Tag.VENDOR_IDENTIFICATION)
    same_name = item.text(Tag.ATTRIBUTE_NAME) == (name.value if name else None)
    return same_name and item.text(Tag.VENDOR_IDENTIFICATION) == (vendor.value if vendor else None)


def _order(expected: Node, observed: Item, pairs: list[tuple[Node, int]], place: Place) -> Iterator[Difference]:
    """Is what came in the order of what is expected? Among items of one tag, and among attributes, it is the order of a list."""
    indices = [index for _, index in pairs]
    if indices == sorted(indices):
        return
    came = [observed.children[index].tag for index in sorted(indices)]
    of_a_list = expected.tag in _ATTRIBUTES or _without_repeats(came) == _without_repeats([node.tag for node, _ in pairs])
    wanted = ", ".join(dict.fromkeys(_place_of_node(place, node).steps[-1] for node, _ in pairs))
    yield Difference(Kind.ORDER if of_a_list else Kind.FIELD_ORDER, place, expected, observed, _short(wanted))


def _without_repeats(tags: Sequence[int]) -> list[int]:
    return [tag for position, tag in enumerate(tags) if position == 0 or tags[position - 1] != tag]


def _place_of_node(place: Place, node: Node) -> Place:
    name = node.first(Tag.ATTRIBUTE_NAME) if node.tag == Tag.ATTRIBUTE else None
    vendor = node.first(Tag.VENDOR_IDENTIFICATION) if node.tag == Tag.ATTRIBUTE else None
    return _place(place, node.tag, str(name.value) if name else "", str(vendor.value) if vendor else "")


def _place_of_item(place: Place, item: Item) -> Place:
    if item.tag != Tag.ATTRIBUTE:
        return _place(place, item.tag, "", "")
    return _place(place, item.tag, item.text(Tag.ATTRIBUTE_NAME) or "", item.text(Tag.VENDOR_IDENTIFICATION) or "")


def _place(place: Place, tag: int, name: str, vendor: str) -> Place:
    if name:
        return place.below(tag, f"{vendor}-{name}" if vendor else name, f"Attribute {vendor + ' ' if vendor else ''}{name}")
    return place.below(tag, tag_name(tag) if place.tags[-1] in _ATTRIBUTES else "")
