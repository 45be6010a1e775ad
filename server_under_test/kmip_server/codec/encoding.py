"""Encoders, derived from the field tables: for each structure and version one flat function, compiled when it is first needed.

The function goes through the fields that the structure has in that version, so that a newer field never shows under an older
version, and joins their bytes. Enumerations are looked up whole: a value that the version has not is not there to be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from kmip_server.codec import wire
from kmip_server.codec.attributes_2 import attributes_encoder, write_reference
from kmip_server.codec.choices import choices
from kmip_server.codec.compiling import Source, remembered
from kmip_server.codec.items import big_integer, write_item, write_string
from kmip_server.enums import ItemType, Tag, VersionedEnum, VersionedMask
from kmip_server.enums.versioned import FIRST_EXTENSION
from kmip_server.errors import UnencodableMessage
from kmip_server.messages.attributes_2 import Attributes
from kmip_server.messages.tables import Alternative, fields_of, is_structure, tag_of
from kmip_server.messages.values import AnyStructure, AttributeReference, CustomValue, Encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.messages.tables import Field
    from kmip_server.versions import KmipVersion

Encoder: TypeAlias = "Callable[[Any], bytes]"

SHORT = 256
"""Strings and structures shorter than this many bytes find their head in a table."""
SMALL = 16
"""Integers from 0 up to this find their whole item in a table: versions, counts, indices."""

SNIPPETS: dict[ItemType, str] = {
    ItemType.ENUMERATION: "add(write_unsigned({head}, 4, {value}, 0))",
    ItemType.INTERVAL: "add(write_unsigned({head}, 4, {value}, 0))",
    ItemType.LONG_INTEGER: "add(write_long({head}, 8, {value}))",
    ItemType.DATE_TIME: "add(write_long({head}, 8, {value}))",
    ItemType.DATE_TIME_EXTENDED: "add(write_long({head}, 8, {value}))",
    ItemType.BOOLEAN: "add(write_unsigned({head}, 8, 0, BOOLEANS[{value}]))",
    ItemType.BIG_INTEGER: "add(write_string({head}, big_integer({value})))",
}
"""How a value is written, by its item type. `add` collects the bytes of the structure."""

STRING = (
    "size = len(raw)",
    "add({heads}[size] if size < SHORT else write_head({head}, size))",
    "add(raw)",
    "if size & 7: add(PADDING[-size & 7])",
)


@remembered
def encoder(structure_class: type[Any], version: KmipVersion, *, in_part: bool = False) -> Encoder:
    """The encoder of a structure's content in a version: instance → the bytes between its head and the next item.

    What is written ``in_part`` may lack required fields, as it may where it is read so.
    """
    if structure_class is Attributes:
        return attributes_encoder(version, lambda alternative: item_encoder(alternative, version, in_part=in_part))
    plan = _Plan(version, in_part=in_part)
    plan.write("def encode(instance):", depth=0)
    plan.write("parts = []", "add = parts.append")
    for field in fields_of(structure_class):
        if field.exists_in(version):
            plan.write_field(field)
    plan.write("return b''.join(parts)")
    return plan.run(structure_class.__name__)


@remembered
def item_encoder(alternative: Alternative, version: KmipVersion, *, in_part: bool = False) -> Encoder:
    """The encoder of one item, head and all, as this alternative says: value → bytes."""
    plan = _Plan(version, in_part=in_part)
    plan.write("def encode(value):", "    parts = []", "    add = parts.append", depth=0)
    plan.write_value(alternative, "value", depth=1)
    plan.write("return b''.join(parts)")
    return plan.run(alternative.python.__name__)


@remembered
def encoder_of(structure_class: type[Any], version: KmipVersion) -> Encoder:
    """The encoder of a structure under its own tag, head and all."""
    return item_encoder(Alternative(tag_of(structure_class), ItemType.STRUCTURE, structure_class), version)


@remembered
def structure_encoder(tag: Tag, version: KmipVersion, ways: tuple[Alternative, ...]) -> Encoder:
    """The encoder of a value under a tag, head and all, by its class: in one of the ways that the table has, or any structure."""
    return _ByClass(tag, version, ways).write


@remembered
def attribute_value_encoder(version: KmipVersion, *, in_part: bool = False) -> Callable[[str, object], bytes]:
    """The encoder of Attribute Values: (attribute name, value) → bytes, head and all."""
    by_name = {name: item_encoder(written, version, in_part=in_part) for name, written in choices(Tag.ATTRIBUTE_VALUE, version).items()}

    def encode(name: str, value: object) -> bytes:
        if isinstance(value, CustomValue):
            return write_item(Tag.ATTRIBUTE_VALUE, value.item_type, value.value)
        if name not in by_name:
            raise UnencodableMessage(f"KMIP {version} has no attribute {name!r}")
        return by_name[name](value)

    return encode


NAMES: dict[str, object] = {
    "write_head": wire.write_head,
    "write_integer": wire.write_integer,
    "write_unsigned": wire.write_unsigned,
    "write_long": wire.write_long,
    "write_string": write_string,
    "write_item": write_item,
    "big_integer": big_integer,
    "PADDING": wire.PADDING,
    "SHORT": SHORT,
    "SMALL": SMALL,
    "BOOLEANS": {False: 0, True: 1},
    "Encoded": Encoded,
}
"""What the lines of every encoder may use."""


class _Plan(Source):
    """The source of one encoder."""

    def __init__(self, version: KmipVersion, *, in_part: bool = False) -> None:
        super().__init__(NAMES)
        self.version, self.in_part = version, in_part

    def write_field(self, field: Field) -> None:
        """The lines for one field: nothing when it is None and need not be there, each value when it is repeated."""
        if field.is_tuple:
            self.write(f"for value in instance.{field.name}:")
        else:
            self.write(f"value = instance.{field.name}")
            if field.required_in(self.version) and not self.in_part:
                self.write_one(field, depth=1)
                return
            self.write("if value is not None:")
        self.write_one(field, depth=2)

    def write_one(self, field: Field, *, depth: int) -> None:
        """The lines for one value of a field, None included where the field must be there: that cannot be written, and raises."""
        if field.tag is Tag.ATTRIBUTE_VALUE:
            encode = self.name("attribute_value", attribute_value_encoder(self.version, in_part=self.in_part))
            self.write(f"add({encode}(instance.{field.chosen_by}, value))", depth=depth)
            return
        ways = tuple(alternative for alternative in field.alternatives if alternative.exists_in(self.version))
        if not field.chosen_by and len(ways) == 1:
            self.write_value(ways[0], "value", depth=depth, open_ended=field.open_ended, in_part=field.in_part)
        else:
            self.write_by_class(field, ways, depth=depth)

    def write_by_class(self, field: Field, ways: tuple[Alternative, ...], *, depth: int) -> None:
        """The line for a field whose value's class says how it is written: under the field's tag, or under the class's own."""
        tags = {alternative.tag for alternative in field.alternatives}
        if len(tags) > 1:
            by_class = {alternative.python: item_encoder(alternative, self.version) for alternative in field.alternatives}
            table = self.name("by_class", by_class)
            self.write(f"add(value.data if value.__class__ is Encoded else {table}[value.__class__](value))", depth=depth)
        else:
            self.write(f"add({self.name('structure', structure_encoder(field.tag, self.version, ways))}(value))", depth=depth)

    def write_value(self, alternative: Alternative, value: str, *, depth: int, open_ended: bool = False, in_part: bool = False) -> None:
        """The lines that add one value to the parts."""
        python, item_type = alternative.python, alternative.item_type
        head = wire.head_of(alternative.tag, item_type)
        if is_structure(python):
            encode = self.name("encode", encoder(python, self.version, in_part=self.in_part or in_part))
            self.write(f"if {value}.__class__ is Encoded: add({value}.data)", "else:", depth=depth)
            self.write(f"raw = {encode}({value})", "size = len(raw)", depth=depth + 1)
            self.write(f"add({self.heads(head)}[size] if size < SHORT else write_head({head}, size))", "add(raw)", depth=depth + 1)
        elif python is AnyStructure:
            self.write(f"add(write_item({int(alternative.tag)}, {self.name('type', item_type)}, {value}.items))", depth=depth)
        elif issubclass(python, VersionedEnum):
            self.write(f"add({self.name('listed', _Listed(python, head, self.version, open_ended=open_ended))}[{value}])", depth=depth)
        elif item_type is ItemType.INTEGER and python is int:
            small = self.name("small", tuple(wire.write_integer(head, 4, number, 0) for number in range(SMALL)))
            self.write(f"add({small}[{value}] if 0 <= {value} < SMALL else write_integer({head}, 4, {value}, 0))", depth=depth)
        elif issubclass(python, VersionedMask):
            self.write(f"add(write_unsigned({head}, 4, {value}, 0))", depth=depth)
        elif python in (str, bytes):
            self.write(f"raw = {value}.encode()" if python is str else f"raw = {value}", depth=depth)
            self.write(*(line.format(head=head, heads=self.heads(head)) for line in STRING), depth=depth)
        else:
            self.write(SNIPPETS[item_type].format(head=head, value=value), depth=depth)

    def heads(self, head: int) -> str:
        """The name of the table of heads, by the length in them."""
        return self.name("heads", _heads(head))

    def run(self, label: str) -> Encoder:
        """The function, compiled."""
        return self.function("encode", f"encoder of {label}, KMIP {self.version}")


@remembered
def _heads(head: int) -> tuple[bytes, ...]:
    return tuple(wire.write_head(head, size) for size in range(SHORT))


class _ByClass(dict[type, Encoder]):
    """The encoder of a value under one tag, by its class."""

    def __init__(self, tag: Tag, version: KmipVersion, ways: tuple[Alternative, ...]) -> None:
        super().__init__({Encoded: lambda encoded: cast("bytes", encoded.data)})
        self.tag, self.version = tag, version
        self.ways = {way.python: way for way in reversed(ways)}

    def __missing__(self, python: type[Any]) -> Encoder:
        if python is AttributeReference:
            self[python] = lambda name: write_reference(self.tag, name, self.version)
        else:
            self[python] = item_encoder(self.ways.get(python) or self._structure(python), self.version)
        return self[python]

    def _structure(self, python: type[Any]) -> Alternative:
        """What a field carries that another one chooses: any structure, or bytes."""
        if not (python in (bytes, AnyStructure) or is_structure(python)):
            raise UnencodableMessage(f"KMIP {self.version} cannot write a {python.__name__} as {wire.name_of(self.tag)}")
        return Alternative(self.tag, ItemType.BYTE_STRING if python is bytes else ItemType.STRUCTURE, python)

    def write(self, value: object) -> bytes:
        """A value as an item."""
        return self[value.__class__](value)


class _Listed(dict[int, bytes]):
    """The whole item of each value of an enumeration in a version, written already; an open-ended one takes any number."""

    def __init__(self, enumeration: type[VersionedEnum], head: int, version: KmipVersion, *, open_ended: bool) -> None:
        super().__init__({int(member): wire.write_unsigned(head, 4, member, 0) for member in enumeration.of(version)})
        self.enumeration, self.head, self.version, self.open_ended = enumeration, head, version, open_ended

    def __missing__(self, number: int) -> bytes:
        if not (self.open_ended or number >= FIRST_EXTENSION):
            name = getattr(number, "name", number)
            raise UnencodableMessage(f"KMIP {self.version} has no {self.enumeration.__name__} {name}")
        return wire.write_unsigned(self.head, 4, number, 0)
