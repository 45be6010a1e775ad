"""Small test cases of our own in the published format, for the tests of the player."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.oasis.bindings import Bindings
from kmip_conformance.oasis.comparing import Comparison
from kmip_conformance.oasis.encodings import from_xml
from kmip_conformance.oasis.reading import read_case
from kmip_conformance.tables import Tag

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_conformance.oasis.case import Case, Node
    from kmip_conformance.oasis.comparing import Difference, Kind
    from kmip_conformance.wire import Item

BASE = 1_800_000_000

VERSION = (
    '<ProtocolVersion><ProtocolVersionMajor type="Integer" value="{major}"/>'
    '<ProtocolVersionMinor type="Integer" value="{minor}"/></ProtocolVersion>'
)


def request(*items: str, version: str = "1.4", header: str = "") -> str:
    major, minor = version.split(".")
    return (
        f"<RequestMessage><RequestHeader>{VERSION.format(major=major, minor=minor)}{header}"
        f'<BatchCount type="Integer" value="{len(items)}"/></RequestHeader>{"".join(items)}</RequestMessage>'
    )


def response(*items: str, version: str = "1.4", header: str = "") -> str:
    major, minor = version.split(".")
    return (
        f"<ResponseMessage><ResponseHeader>{VERSION.format(major=major, minor=minor)}"
        f'<TimeStamp type="DateTime" value="$NOW"/>{header}<BatchCount type="Integer" value="{len(items)}"/></ResponseHeader>'
        f"{''.join(items)}</ResponseMessage>"
    )


def asked(operation: str, *payload: str) -> str:
    return f'<BatchItem><Operation type="Enumeration" value="{operation}"/><RequestPayload>{"".join(payload)}</RequestPayload></BatchItem>'


def answered(operation: str, *payload: str) -> str:
    return (
        f'<BatchItem><Operation type="Enumeration" value="{operation}"/><ResultStatus type="Enumeration" value="Success"/>'
        f"<ResponsePayload>{''.join(payload)}</ResponsePayload></BatchItem>"
    )


def refused(operation: str, reason: str, message: str = "") -> str:
    said = f'<ResultMessage type="TextString" value="{message}"/>' if message else ""
    return (
        f'<BatchItem><Operation type="Enumeration" value="{operation}"/><ResultStatus type="Enumeration" value="OperationFailed"/>'
        f'<ResultReason type="Enumeration" value="{reason}"/>{said}</BatchItem>'
    )


def uid(value: str = "$UNIQUE_IDENTIFIER_0") -> str:
    return f'<UniqueIdentifier type="TextString" value="{value}"/>'


def attribute(name: str, kind: str, value: str, index: int | None = None) -> str:
    at = "" if index is None else f'<AttributeIndex type="Integer" value="{index}"/>'
    return f'<Attribute><AttributeName type="TextString" value="{name}"/>{at}<AttributeValue type="{kind}" value="{value}"/></Attribute>'


def case(folder: Path, *messages: str, name: str = "TC-OWN-1-14", document: str = "1.4") -> Case:
    """The case in these messages (and marks between them), read from a file."""
    path = written(folder, *messages, name=name, document=document)
    return read_case(path, f"oasis.{document}.{name}", document)


def written(folder: Path, *messages: str, name: str = "TC-OWN-1-14", document: str = "1.4") -> Path:
    path = folder / f"v{document}" / "testcases" / f"{name}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<KMIP>\n{chr(10).join(messages)}\n</KMIP>\n", encoding="utf-8")
    return path


def node(folder: Path, *items: str) -> Node:
    """A response with these batch items, as a case expects it."""
    return case(folder, request(asked("Query")), response(*items)).messages[1].node


def item(message: str) -> Item:
    """A message as it comes over the wire."""
    return from_xml(message.replace("$NOW", "2026-11-25T08:00:00+00:00").encode())


def differences(folder: Path, expected: str, observed: str, bindings: Bindings | None = None) -> list[Difference]:
    """What one expected batch item and one that came differ in."""
    wanted = node(folder, expected).first(Tag.BATCH_ITEM)
    came = item(response(observed)).first(Tag.BATCH_ITEM)
    assert wanted is not None
    assert came is not None
    return list(Comparison(bindings or Bindings(BASE)).differences(wanted, came))


def kinds(found: list[Difference]) -> list[tuple[Kind, str]]:
    return [(difference.kind, difference.place.steps[-1]) for difference in found]
