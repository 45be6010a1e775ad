"""The language of the field tables: a class body *is* the table of a structure's fields.

::

    @request(Operation.GET)
    class GetRequest:
        unique_identifier: str | None = None
        key_format_type: KeyFormatType | None = None
        key_wrap_type: KeyWrapType | None = field(default=None, since=V1_4)

says everything that codecs need: the fields in the order of the wire ("All fields SHALL appear in the order specified", KMIP
1.4, 7), the tag (the field's name), the type (the annotation), the presence and the versions. Presence is written as Python
writes it: no default means required, ``None`` optional, ``tuple[…, ...]`` repeated (at least once when it has no default).
`field` adds what Python cannot say. `fields_of` gives a class back as rows; renderings are derived from those, never written.
"""

from __future__ import annotations

import dataclasses
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from kmip_server.enums import ItemType, Operation, Tag, VersionedEnum, VersionedMask
from kmip_server.messages.construction import give_constructor
from kmip_server.messages.values import AnyStructure, AttributeReference, Encoded, PayloadFault
from kmip_server.versions import EVERY_VERSION, V1_0, V2_1, V3_0, KmipVersion, lives_in

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

IDENTIFIERS = {
    Tag.UNIQUE_IDENTIFIER: ItemType.IDENTIFIER,
    Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER: ItemType.IDENTIFIER,
    Tag.PUBLIC_KEY_UNIQUE_IDENTIFIER: ItemType.IDENTIFIER,
}
"""Texts that 3.0 gave an item type of their own; before it they are Text Strings."""

_TAGS: dict[type, Tag] = {}
_ROWS: dict[type, tuple[Field, ...]] = {}
REQUEST_PAYLOADS: dict[Operation, type] = {}
RESPONSE_PAYLOADS: dict[Operation, type] = {}
"""Registries, filled by the decorators below while the modules of this package are imported; rows when they are first asked for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Alternative:
    """One way to write a field: under this tag, with this item type, read as this Python type.

    A field has several when its tag tells its class (the managed object of Register) or its item type does (the Key Value,
    a Structure in the clear and a Byte String when wrapped). `since` and `until` say in which versions it is one.
    """

    tag: Tag
    item_type: ItemType
    python: type
    since: KmipVersion = V1_0
    until: KmipVersion | None = None

    def exists_in(self, version: KmipVersion) -> bool:
        """Whether this is a way to write the field in this version."""
        return lives_in(version, self.since, self.until)


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One row of a field table.

    Attributes:
        name: the attribute of the class.
        tag: the field's own tag; of several alternatives by tag, the first one's.
        alternatives: how it may be written.
        required_since, required_until: the versions in which it must be there; None for never, and for no end.
        repeated: since which version it may appear more than once, None for never; `is_tuple` says how it is kept.
        since, until: the versions that have the field, both inclusive.
        chosen_by: the earlier field whose value chooses this one's type: Credential Type, Attribute Name, Operation. When the
            structure has no field of that name, the structure round it has (Key Format Type is the Key Block's, and tells
            what the Key Material of its Key Value is). What `alternatives` lists is then written without a choice.
        open_ended: an enumeration whose unknown values are kept as plain numbers instead of being refused.
        in_part: structures inside the chosen values may leave fields out, required ones too; they are None then.
    """

    name: str
    tag: Tag
    alternatives: tuple[Alternative, ...]
    required_since: KmipVersion | None
    required_until: KmipVersion | None
    repeated: KmipVersion | None
    is_tuple: bool
    since: KmipVersion
    until: KmipVersion | None
    chosen_by: str | None
    open_ended: bool
    in_part: bool

    def exists_in(self, version: KmipVersion) -> bool:
        """Whether the structure has this field in this version."""
        return lives_in(version, self.since, self.until)

    def required_in(self, version: KmipVersion) -> bool:
        """Whether the structure must have this field in this version."""
        if version == EVERY_VERSION:
            return self.required_since == V1_0 and self.required_until is None and self.until is None
        return self.required_since is not None and lives_in(version, self.required_since, self.required_until)

    def repeated_in(self, version: KmipVersion) -> bool:
        """Whether the field may appear more than once in this version."""
        return self.repeated is not None and lives_in(version, self.repeated, None)


def field(
    *,
    default: Any = dataclasses.MISSING,
    since: KmipVersion = V1_0,
    until: KmipVersion | None = None,
    required_since: KmipVersion | None = None,
    required_until: KmipVersion | None = None,
    repeated_since: KmipVersion = V1_0,
    chosen_by: str | None = None,
    tag: Tag | None = None,
    in_part: bool = False,
) -> Any:
    """A field with something to say that its annotation cannot: versions, a choice, or a tag that is not its name."""
    told = {
        "since": since,
        "until": until,
        "required_since": required_since if required_since or not required_until else V1_0,
        "required_until": required_until,
        "repeated_since": repeated_since,
        "chosen_by": chosen_by,
        "tag": tag,
        "in_part": in_part,
    }
    return dataclasses.field(default=default, metadata=told)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def structure(tag: Tag, *, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """A structure of the standard, under this tag where no field gives it another."""

    def table(body: type[T]) -> type[T]:
        made = dataclasses.dataclass(frozen=True, slots=True, init=False)(body)
        give_constructor(made, kw_only=kw_only)
        _TAGS[made] = tag
        return made

    return table


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def request(operation: Operation) -> Callable[[type[T]], type[T]]:
    """The Request Payload of an operation."""

    def table(body: type[T]) -> type[T]:
        made = structure(Tag.REQUEST_PAYLOAD, kw_only=True)(body)
        REQUEST_PAYLOADS[operation] = made
        return made

    return table


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def response(operation: Operation) -> Callable[[type[T]], type[T]]:
    """The Response Payload of an operation."""

    def table(body: type[T]) -> type[T]:
        made = structure(Tag.RESPONSE_PAYLOAD, kw_only=True)(body)
        RESPONSE_PAYLOADS[operation] = made
        return made

    return table


def tag_of(structure_class: type) -> Tag:
    """The tag of a structure where no field gives it another. Raises KeyError for a class that is no structure."""
    return _TAGS[structure_class]


def is_structure(python: object) -> bool:
    """Whether this is a class with a field table."""
    return python in _TAGS


def structures() -> tuple[type, ...]:
    """Every class with a field table, payloads too, in the order of their definition."""
    return tuple(_TAGS)


def fields_of(structure_class: type) -> tuple[Field, ...]:
    """The rows of a structure's field table, in the order of the wire."""
    if structure_class not in _ROWS:
        hints = get_type_hints(structure_class, include_extras=True)
        _ROWS[structure_class] = tuple(_row(f, hints[f.name]) for f in dataclasses.fields(structure_class))
    return _ROWS[structure_class]


def alternatives_of(annotation: object, tag: Tag | None) -> tuple[Alternative, ...]:
    """How a value with this annotation may be written; without a tag, structures come under their own.

    `Encoded` and `None` are no alternatives of the wire, `int` beside an enumeration only opens it, and `object` says that
    the annotation leaves the type to a choice. A version inside ``Annotated`` says since when an alternative is one. Raises
    TypeError for an annotation that the wire cannot carry.
    """
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    if len(members) > 1:
        members = tuple(member for member in members if member is not int)
    written = (member for member in members if member not in (NoneType, Encoded, PayloadFault, object))
    return tuple(alternative for member in written for alternative in _alternatives(member, tag))


def _alternatives(member: object, tag: Tag | None) -> tuple[Alternative, ...]:
    python, *told = get_args(member) if get_origin(member) is Annotated else (member,)
    if not isinstance(python, type):
        raise TypeError(f"no item type for {member!r}")
    under = tag if tag is not None else tag_of(python)
    if python is AttributeReference:
        return tuple(Alternative(under, item_type, python) for item_type in (ItemType.ENUMERATION, ItemType.STRUCTURE))
    if member is str and under in IDENTIFIERS:
        return Alternative(under, ItemType.TEXT_STRING, str, until=V2_1), Alternative(under, IDENTIFIERS[under], str, V3_0)
    since = next((one for one in told if isinstance(one, KmipVersion)), V1_0)
    item_type = next((one for one in told if isinstance(one, ItemType)), None)
    return (Alternative(under, item_type or _item_type(python), python, since),)


def _item_type(python: type) -> ItemType:
    simple = {bool: ItemType.BOOLEAN, str: ItemType.TEXT_STRING, bytes: ItemType.BYTE_STRING, AnyStructure: ItemType.STRUCTURE}
    if python in simple:
        return simple[python]
    if issubclass(python, VersionedMask):
        return ItemType.INTEGER
    if issubclass(python, VersionedEnum):
        return ItemType.ENUMERATION
    if python in _TAGS:
        return ItemType.STRUCTURE
    raise TypeError(f"no item type for {python!r}")


def _row(f: dataclasses.Field[Any], annotation: object) -> Field:
    told = f.metadata
    is_tuple = get_origin(annotation) is tuple
    member = get_args(annotation)[0] if is_tuple else annotation
    name_is_tag = f.name.upper() in Tag.__members__
    tag = told.get("tag") or (Tag[f.name.upper()] if name_is_tag else None)
    chosen_by = told.get("chosen_by")
    alternatives = alternatives_of(member, tag)
    if chosen_by:
        alternatives = tuple(a for a in alternatives if a.item_type != ItemType.STRUCTURE)
    return Field(
        name=f.name,
        tag=tag if tag is not None else alternatives[0].tag,
        alternatives=alternatives,
        required_since=V1_0 if f.default is dataclasses.MISSING else told.get("required_since"),
        required_until=told.get("required_until"),
        repeated=told.get("repeated_since", V1_0) if is_tuple else None,
        is_tuple=is_tuple,
        since=told.get("since", V1_0),
        until=told.get("until"),
        chosen_by=chosen_by,
        open_ended=int in get_args(member),
        in_part=told.get("in_part", False),
    )
