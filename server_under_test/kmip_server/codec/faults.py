"""The sentences for structures that are not what their field table says, and the Result Reasons that go with them.

KMIP 1.4, 11.1: what cannot be parsed, or appears twice, is an Invalid Message; a field that this version of the structure has
not is an Invalid Field, and so is a value that an enumeration has not (11.2: "Object Type is not recognized"). A required field
that is absent is Missing Data (6.10: "required additional information in the request, which was not present").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypeVar

from kmip_server.codec.wire import HEAD_SIZE, MARGIN, bad_structure, malformed, name_of, read, type_name
from kmip_server.enums import ResultReason, VersionedEnum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kmip_server.enums import Tag
    from kmip_server.versions import KmipVersion

E = TypeVar("E", bound=VersionedEnum)


class Place(NamedTuple):
    """Where a plan is: for the sentences, and for telling a misplaced field from an unknown one."""

    structure: str
    version: KmipVersion
    types: Mapping[int, frozenset[int]]
    """The item types that each tag of the structure may have; empty where a choice decides."""


def unexpected(place: Place, buffer: bytes, position: int, end: int) -> NoReturn:
    """What stands at this position is not what the table has next, and nothing more may come."""
    if position > end:
        raise malformed(f"{place.structure}: its last field reaches out of it", position)
    head, length, _, _ = read(buffer, position)
    tag, item_type = head >> 8, head & 0xFF
    if position + HEAD_SIZE + length > end:
        raise malformed(f"{place.structure}: {name_of(tag)} reaches out of it", position)
    if tag not in place.types:
        raise malformed(f"{place.structure} has no {name_of(tag)} in KMIP {place.version}", position, ResultReason.INVALID_FIELD)
    allowed = place.types[tag]
    if allowed and item_type not in allowed:
        wanted = " or ".join(type_name(number) for number in sorted(allowed))
        raise malformed(f"{place.structure}: {name_of(tag)} must be {wanted}, not {type_name(item_type)}", position)
    raise malformed(f"{place.structure}: {name_of(tag)} appears twice or out of order", position)


def missing(place: Place, tags: tuple[Tag, ...], buffer: bytes, position: int, end: int) -> NoReturn:
    """A required field, which may have one of these tags, is not where it must be: absent, or what cannot be there stands in its place."""
    if position > end:
        unexpected(place, buffer, position, end)
    following = read(buffer, position)[0] >> 8 if position < end else None
    known = list(place.types)
    if following is not None and (following not in known or following in tags or known.index(following) < known.index(tags[0])):
        unexpected(place, buffer, position, end)
    names = " or ".join(map(name_of, tags))
    if not set(tags).isdisjoint(_tags(buffer, position, end)):
        raise malformed(f"{place.structure}: {names} is out of order", position)
    raise malformed(f"{place.structure}: {names} is missing", position, ResultReason.MISSING_DATA)


def _tags(buffer: bytes, position: int, end: int) -> Iterator[int]:
    """The tags of the items from a position on, as far as they hold together."""
    while position + HEAD_SIZE <= end:
        head, length, _, _ = read(buffer, position)
        yield head >> 8
        position += HEAD_SIZE + (length + 7 & ~7)


def unlisted(enumeration: type[E], version: KmipVersion, head: int, number: int, position: int) -> E:
    """The member for a number that is not one of this version's values: a vendor's extension; any other raises Invalid Field."""
    try:
        value = enumeration(number)
    except ValueError:
        value = None
    if value is not None and value.exists_in(version):
        return value
    sentence = f"{name_of(head >> 8)} 0x{number:08X} is not a value of KMIP {version}"
    raise malformed(sentence, position, ResultReason.INVALID_FIELD)


def no_choice(tag: Tag, chooser: object, position: int) -> NoReturn:
    """A field whose type another one chooses, and that one's value chooses nothing here."""
    chosen = getattr(chooser, "name", chooser)
    raise malformed(f"{name_of(tag)} of {chosen} cannot be read", position, ResultReason.INVALID_FIELD)


def without_unknown(buffer: bytes, position: int, end: int, known: frozenset[int]) -> tuple[bytes, int, int]:
    """A structure's items without those whose tags it has not: what a newer minor version added is ignored (11.1)."""
    kept = bytearray()
    while position < end:
        head, length, _, _ = read(buffer, position)
        after = position + HEAD_SIZE + (length + 7 & ~7)
        if after > end:
            bad_structure(head, length & ~7, position)
        if head >> 8 in known:
            kept += buffer[position:after]
        position = after
    return bytes(kept) + MARGIN, 0, len(kept)
