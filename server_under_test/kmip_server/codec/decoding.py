"""Decoders, derived from the field tables: for each structure and version one flat function, compiled when it is first needed.

The function walks the fields in the order of the table, with one comparison of tag-and-type a field, and puts what it read into
the slots of a new instance. This module writes that function's source, `faults` says what is wrong where the bytes are not as
the table has them. What the function of a structure with two fields looks like::

    def decode(buffer, position, end):
        if position < end: head, length, high, low = read(buffer, position)
        else: head = 0
        if head == 0x42005507:                                       # Name Value, required
            stop = position + 8 + length
            …
            if position < end: head, length, high, low = read(buffer, position)
            else: head = 0
        else: missing(place, tags_0, buffer, position, end)
        …
        if position != end: unexpected(place, buffer, position, end)
        made = Draft()
        made.name_value = name_value
        …
        made.__class__ = Made
        return made
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from kmip_server.codec import faults, wire
from kmip_server.codec.attributes_2 import attributes_decoder, read_reference
from kmip_server.codec.choices import choices
from kmip_server.codec.compiling import Source, remembered
from kmip_server.codec.items import read_any_structure, read_custom_value
from kmip_server.enums import ItemType, KeyFormatType, Tag, VersionedEnum, VersionedMask
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.construction import draft_of
from kmip_server.messages.tables import fields_of, is_structure
from kmip_server.messages.values import AnyStructure, AttributeReference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kmip_server.messages.tables import Alternative, Field
    from kmip_server.versions import KmipVersion

Decoder: TypeAlias = "Callable[..., Any]"
"""(buffer, position, end) → an instance, or the value of one item; `end` is where the structure round it ends."""

READ_NEXT = ("if position < end: head, length, high, low = read(buffer, position)", "else: head = 0")

SNIPPETS: dict[ItemType, tuple[str, ...]] = {
    ItemType.INTEGER: (
        "if length != 4 or low: bad_item(head, length, position)",
        "{value} = high - 0x100000000 if high > 0x7FFFFFFF else high",
        "position += 16",
    ),
    ItemType.ENUMERATION: ("if length != 4 or low: bad_item(head, length, position)", "{value} = high", "position += 16"),
    ItemType.INTERVAL: ("if length != 4 or low: bad_item(head, length, position)", "{value} = high", "position += 16"),
    ItemType.LONG_INTEGER: (
        "if length != 8: bad_item(head, length, position)",
        "{value} = read_long(buffer, position + 8)[0]",
        "position += 16",
    ),
    ItemType.DATE_TIME: (
        "if length != 8: bad_item(head, length, position)",
        "{value} = read_long(buffer, position + 8)[0]",
        "position += 16",
    ),
    ItemType.DATE_TIME_EXTENDED: (
        "if length != 8: bad_item(head, length, position)",
        "{value} = read_long(buffer, position + 8)[0]",
        "position += 16",
    ),
    ItemType.BOOLEAN: (
        "if length != 8 or high or low > 1: bad_item(head, length, position)",
        "{value} = low == 1",
        "position += 16",
    ),
    ItemType.BIG_INTEGER: (
        "if not length or length & 7: bad_item(head, length, position)",
        "stop = position + 8 + length",
        "{value} = int.from_bytes(buffer[position + 8 : stop], 'big', signed=True)",
        "position = stop",
    ),
    ItemType.TEXT_STRING: (
        "stop = position + 8 + length",
        "{value} = buffer[position + 8 : stop].decode()",
        "if length & 7:",
        "    position = stop + (-length & 7)",
        "    if buffer[stop:position] != PADDING[position - stop]: bad_item(head, length, stop)",
        "else: position = stop",
    ),
    ItemType.BYTE_STRING: (
        "stop = position + 8 + length",
        "{value} = buffer[position + 8 : stop]",
        "if length & 7:",
        "    position = stop + (-length & 7)",
        "    if buffer[stop:position] != PADDING[position - stop]: bad_item(head, length, stop)",
        "else: position = stop",
    ),
}
"""How a value is read, by its item type, when `head, length, high, low` hold its first sixteen bytes."""
SNIPPETS |= dict.fromkeys((ItemType.IDENTIFIER, ItemType.REFERENCE, ItemType.NAME_REFERENCE), SNIPPETS[ItemType.TEXT_STRING])

LISTED = (
    "if length != 4 or low: bad_item(head, length, position)",
    "{value} = {listed}.get(high)",
    "if {value} is None: {value} = {unlisted}",
    "position += 16",
)
STRUCTURE = (
    "stop = position + 8 + length",
    "if length & 7 or stop > end: bad_structure(head, length, position)",
    "{value} = {decode}(buffer, position + 8, stop{inherited})",
    "position = stop",
)
REFERENCE = ("{value} = read_reference(buffer, position, end, version)", "position += 8 + length + (-length & 7)")
OPEN_STRUCTURE = ("{value} = read_any_structure(buffer, position, end)", "position += 8 + length")
CHOSEN = (
    "choose = {chosen}.get({chooser})",
    "if choose is None: {value} = {otherwise}",
    "else: {value} = choose(buffer, position, end)",
    "position += 8 + length + (-length & 7)",
)

OTHERWISE = {
    Tag.ATTRIBUTE_VALUE: "read_custom_value(buffer, position, end)",
    Tag.KEY_MATERIAL: "unlisted_material({chooser}, head, buffer, position, end)",
    Tag.CREDENTIAL_VALUE: "no_choice(head >> 8, {chooser}, position)",
    Tag.REQUEST_PAYLOAD: "None",
    Tag.RESPONSE_PAYLOAD: "None",
}
"""What becomes of a chosen field when no table has its chooser's value."""


@remembered
def decoder(
    structure_class: type[Any], version: KmipVersion, *, lenient: bool = False, in_part: bool = False, values_in_part: bool = False
) -> Decoder:
    """The decoder of a structure's content in a version: (buffer, position, end) → instance.

    A lenient one ignores fields that no table has, for messages of a newer minor version. A structure that has a field chosen
    by one of the structure round it takes that one's value as a fourth argument. What is read `in_part` may lack required fields;
    with `values_in_part` that goes for the chosen values alone.
    """
    if structure_class is Attributes:
        return attributes_decoder(version, lambda one: item_decoder(one, version, lenient=lenient, in_part=values_in_part), lenient=lenient)
    return _Plan(structure_class, version, lenient=lenient, in_part=in_part, values_in_part=values_in_part).compiled()


@remembered
def item_decoder(alternative: Alternative, version: KmipVersion, *, lenient: bool = False, in_part: bool = False) -> Decoder:
    """The decoder of one item, head and all, that must be as this alternative says: (buffer, position, end) → value."""
    plan = _Plan(None, version, lenient=lenient, in_part=in_part)
    plan.write("def decode(buffer, position, end):", depth=0)
    plan.write("head, length, high, low = read(buffer, position)")
    head = wire.head_of(alternative.tag, alternative.item_type)
    plan.names["place"] = faults.Place("Item", version, {alternative.tag: frozenset({int(alternative.item_type)})})
    plan.write(f"if head != {head}: unexpected(place, buffer, position, end)")
    plan.read_value(alternative, "value", depth=1)
    plan.write("if position > end: unexpected(place, buffer, position, end)")
    plan.write("return value")
    return plan.run()


def inherited_by(structure_class: type) -> str | None:
    """The name of the field that this structure needs from the one round it, to know what a field of its own is."""
    fields = fields_of(structure_class)
    own = {field.name for field in fields}
    return next((field.chosen_by for field in fields if field.chosen_by and field.chosen_by not in own), None)


def unlisted_material(key_format_type: KeyFormatType, head: int, buffer: bytes, position: int, end: int) -> AnyStructure:
    """Key Material of a format that has no transparent structure: a vendor's may be any structure (2.1.4), others are refused."""
    if head & 0xFF == ItemType.STRUCTURE and key_format_type.name.startswith("EXTENSION"):
        return read_any_structure(buffer, position, end)
    return faults.no_choice(Tag.KEY_MATERIAL, key_format_type, position)


def listed(enumeration: type[VersionedEnum], version: KmipVersion) -> dict[int, VersionedEnum]:
    """The values of an enumeration that a version has, by number."""
    return {int(member): member for member in enumeration.of(version)}


NAMES: dict[str, object] = {
    "read": wire.read,
    "read_long": wire.read_long,
    "PADDING": wire.PADDING,
    "bad_item": wire.bad_item,
    "bad_structure": wire.bad_structure,
    "unexpected": faults.unexpected,
    "missing": faults.missing,
    "unlisted": faults.unlisted,
    "no_choice": faults.no_choice,
    "without_unknown": faults.without_unknown,
    "read_any_structure": read_any_structure,
    "read_custom_value": read_custom_value,
    "read_reference": read_reference,
    "unlisted_material": unlisted_material,
}
"""What the lines of every decoder may use."""


class _Plan(Source):
    """The source of one decoder."""

    def __init__(
        self, structure_class: type | None, version: KmipVersion, *, lenient: bool, in_part: bool = False, values_in_part: bool = False
    ) -> None:
        super().__init__({**NAMES, "version": version})
        self.in_part = in_part
        self.values_in_part = values_in_part
        self.structure_class = structure_class
        self.version = version
        self.lenient = lenient

    def compiled(self) -> Decoder:
        assert self.structure_class is not None
        fields = [field for field in fields_of(self.structure_class) if field.exists_in(self.version)]
        inherited = inherited_by(self.structure_class)
        self.names["place"] = faults.Place(_words(self.structure_class), self.version, _types(fields, self.version))
        self.write(f"def decode(buffer, position, end{', ' + inherited if inherited else ''}):", depth=0)
        if self.lenient:
            self.names["known"] = frozenset(int(tag) for tag in _types(fields, self.version))
            self.write("buffer, position, end = without_unknown(buffer, position, end, known)")
        self.write(*READ_NEXT)
        for field in fields:
            self.read_field(field)
        self.write("if position != end: unexpected(place, buffer, position, end)")
        self.build()
        return self.run()

    def read_field(self, field: Field) -> None:
        """The lines for one field: each way to write it, and what it means that none of them is there."""
        ways = tuple(self.ways(field))
        if field.repeated_in(self.version) and len(ways) > 1:
            self.read_mixed(field, ways)
            return
        keyword = "if"
        for condition, alternative in ways:
            self.write(f"{keyword} {condition}:")
            if field.repeated_in(self.version):
                self.write("many = []", f"while {condition}:", depth=2)
                self.read_value(alternative, "one", depth=3, field=field)
                self.write("many.append(one)", *READ_NEXT, depth=3)
                self.write(f"{field.name} = tuple(many)", depth=2)
            else:
                self.read_value(alternative, field.name, depth=2, field=field)
                self.write(*([f"{field.name} = ({field.name},)"] if field.is_tuple else []), *READ_NEXT, depth=2)
            keyword = "elif"
        self.write(f"else: {self.absent(field)}")

    def read_mixed(self, field: Field, ways: Sequence[tuple[str, Alternative | None]]) -> None:
        """The lines for a repeated field of which each value may be written in another way."""
        self.write("many = []", "while True:")
        keyword = "if"
        for condition, alternative in ways:
            self.write(f"{keyword} {condition}:", depth=2)
            self.read_value(alternative, "one", depth=3, field=field)
            keyword = "elif"
        self.write("else: break", "many.append(one)", *READ_NEXT, depth=2)
        self.write(f"if many: {field.name} = tuple(many)", f"else: {self.absent(field)}")

    def absent(self, field: Field) -> str:
        """The line for a field that is not there: its empty value, or the fault where the structure must have it."""
        if field.required_in(self.version) and not self.in_part:
            tags = tuple(dict.fromkeys(one.tag for one in field.alternatives if one.exists_in(self.version))) or (field.tag,)
            return f"missing(place, {self.name('tags', tags)}, buffer, position, end)"
        return f"{field.name} = {'()' if field.is_tuple else 'None'}"

    def ways(self, field: Field) -> Iterator[tuple[str, Alternative | None]]:
        """The ways to write a field, each with its condition; None stands for what an earlier field chooses."""
        for alternative in field.alternatives:
            if alternative.exists_in(self.version):
                yield f"head == {wire.head_of(alternative.tag, alternative.item_type)}", alternative
        if field.chosen_by:
            yield f"head >> 8 == {int(field.tag)}", None

    def read_value(self, alternative: Alternative | None, value: str, *, depth: int, field: Field | None = None) -> None:
        """The lines that read one value into a variable and move the position behind it."""
        if alternative is None:
            assert field is not None
            self.read_chosen(field, value, depth)
            return
        python: type[Any] = alternative.python
        snippet: tuple[str, ...] = SNIPPETS.get(alternative.item_type, ())
        told: dict[str, str] = {}
        if issubclass(python, VersionedEnum):
            open_ended = field is not None and field.open_ended
            unlisted = "high" if open_ended else f"unlisted({self.name('enumeration', python)}, version, head, high, position)"
            known = listed(python, self.version) if not open_ended else {int(member): member for member in python}
            snippet, told = LISTED, {"listed": self.name("listed", known), "unlisted": unlisted}
        elif issubclass(python, VersionedMask):
            snippet = LISTED
            told = {"listed": self.name("masks", python._value2member_map_), "unlisted": f"{self.name('mask', python)}(high)"}
        elif is_structure(python):
            inherited = inherited_by(python)
            values_in_part = field is not None and field.in_part
            decode = self.name(
                "decode", decoder(python, self.version, lenient=self.lenient, in_part=self.in_part, values_in_part=values_in_part)
            )
            snippet, told = STRUCTURE, {"decode": decode, "inherited": f", {inherited}" if inherited else ""}
        elif python is AnyStructure:
            snippet = OPEN_STRUCTURE
        elif python is AttributeReference:
            snippet = REFERENCE
        self.write(*(line.format(value=value, **told) for line in snippet), depth=depth)

    def read_chosen(self, field: Field, value: str, depth: int) -> None:
        """The lines that read a value of which an earlier field's says what it is."""
        readers = {
            chooser: item_decoder(alternative, self.version, lenient=self.lenient, in_part=self.values_in_part)
            for chooser, alternative in choices(field.tag, self.version).items()
        }
        told = {"chosen": self.name("chosen", readers), "chooser": field.chosen_by}
        otherwise = OTHERWISE[field.tag].format(chooser=field.chosen_by)
        self.write(*(line.format(value=value, otherwise=otherwise, **told) for line in CHOSEN), depth=depth)

    def build(self) -> None:
        """The lines that make the instance: a draft of the same slots is filled, then takes its frozen class."""
        made = self.structure_class
        assert made is not None
        self.names["Made"] = made
        self.names["Draft"] = draft_of(made)
        self.write("made = Draft()")
        for field in fields_of(made):
            here = field.exists_in(self.version)
            self.write(f"made.{field.name} = {field.name if here else '()' if field.is_tuple else 'None'}")
        self.write("made.__class__ = Made", "return made")

    def run(self) -> Decoder:
        """The function, compiled."""
        label = self.structure_class.__name__ if self.structure_class else "item"
        return self.function("decode", f"decoder of {label}, KMIP {self.version}")


def _words(structure_class: type) -> str:
    return "".join(" " + letter if letter.isupper() and i else letter for i, letter in enumerate(structure_class.__name__))


def _types(fields: list[Field], version: KmipVersion) -> dict[int, frozenset[int]]:
    types: dict[int, frozenset[int]] = {}
    for field in fields:
        if field.chosen_by:
            types[field.tag] = frozenset()
        for alternative in field.alternatives if not field.chosen_by else ():
            if not alternative.exists_in(version):
                continue
            types[alternative.tag] = types.get(alternative.tag, frozenset()) | {int(alternative.item_type)}
    return types
