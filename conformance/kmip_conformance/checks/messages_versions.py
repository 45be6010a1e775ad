"""Messages, versions: how a server meets versions that it does not speak, and what is of another version than the message (KMIP 1.4, 6.1).

Error handling is that of 11.1: another major version is refused, another minor version is served as far as it can be.
"""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import (
    SHOULD,
    V1_2,
    V1_3,
    V1_4,
    Conversation,
    KmipVersion,
    Operation,
    QueryFunction,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.wire import boolean, integer, text
from kmip_conformance.wire.schema import misfits

ASKING = requests.query(QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS)
MAJOR = kmip_1_4("11.1 General", "Protocol major version mismatch")
UNKNOWN_VERSION = (Reason.INVALID_MESSAGE, Reason.UNSUPPORTED_PROTOCOL_VERSION)
"""What 1.x calls it, and what a server that answers under 2.x calls it (2.1, 11.48): the version of the answer is its own to choose."""
MINOR = kmip_1_4("11.1 General", "Same major version, different minor versions; unknown fields/fields the server does not understand")
UNKNOWN = kmip_1_4("11.1 General", "Same major & minor version, unknown field")
COMPATIBLE = kmip_1_4(
    "6.1 Protocol Version", "SHALL support backward compatibility with versions of the protocol with the same major version"
)
INVALID = (Reason.INVALID_MESSAGE, Reason.INVALID_FIELD)
NEXT_MINOR = KmipVersion(1, 99)
ELSEWHERE = KmipVersion(9, 0)

rule = partial(check, hostile=True)


@check("messages.other-major-version-refused", cites=MAJOR, once=True)
def another_major_version_is_refused(kmip: Conversation) -> None:
    """A request under the version 9.0 is refused for its version, in a batch item without Operation."""
    reply = kmip.again(version=ELSEWHERE).send(ASKING).is_refused(because=UNKNOWN_VERSION)
    expect([item.operation for item in reply.response.batch_items], "the operations of the answer").is_([None])


@check("messages.major-version-0-refused", cites=MAJOR, once=True)
def the_major_version_0_is_refused(kmip: Conversation) -> None:
    """A request under the version 0.1 is refused for its version."""
    kmip.again(version=KmipVersion(0, 1)).send(ASKING).is_refused(because=UNKNOWN_VERSION)


@check("messages.other-major-version-answered-under-a-known-one", level=SHOULD, cites=COMPATIBLE, once=True)
def the_refusal_of_a_version_bears_another(kmip: Conversation) -> None:
    """The refusal of the version 9.0 bears a version that the server speaks, so that the client can go on with it."""
    reply = kmip.again(version=ELSEWHERE).send(ASKING).is_refused()
    said = reply.response.version
    spoken = kmip.again(version=said).query(QueryFunction.QUERY_OPERATIONS).succeeds().reply.response.version
    expect(spoken == said, "whether the server speaks the version that its refusal bears").is_(wanted=True)


@check("messages.newer-minor-version", cites=MINOR, once=True)
def a_newer_minor_version_is_served(kmip: Conversation) -> None:
    """A request under the version 1.99 is processed; refusing it as an invalid message is tolerated."""
    answer = kmip.again(version=NEXT_MINOR).ask(ASKING).succeeds().or_acceptably(because=Reason.INVALID_MESSAGE)
    version = answer.reply.response.version
    expect(version.major if version else None, "the major version of the answer").is_(1)


@check("messages.newer-minor-version-unknown-field", cites=MINOR, once=True)
def unknown_fields_of_a_newer_minor_version_are_ignored(kmip: Conversation) -> None:
    """A field that the server does not know is ignored under the version 1.99; refusing the version is tolerated."""
    newer = kmip.again(version=NEXT_MINOR)
    message = newer.request(ASKING).changed((Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD), lambda item: item.adding(integer(0x42FFF0, 1)))
    reply = newer.send_bytes(message)
    reply.is_answered()
    reply[0].succeeds().or_acceptably(because=Reason.INVALID_MESSAGE).settle()


@rule("messages.unknown-field-in-a-payload", cites=UNKNOWN)
def an_unknown_field_in_a_payload_is_refused(kmip: Conversation) -> None:
    """A payload with a field that the standard does not define fails with Invalid Field."""
    payload = (Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD)
    message = kmip.request(ASKING).changed(payload, lambda item: item.adding(integer(0x42FFF0, 1)))
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)


@rule("messages.unknown-field-in-a-header", cites=UNKNOWN)
def an_unknown_field_in_a_header_is_refused(kmip: Conversation) -> None:
    """A header with a field that the standard does not define fails with Invalid Field."""
    message = kmip.request(ASKING, more_header=[integer(0x42FFF0, 1)])
    kmip.send_bytes(message).is_refused(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)


@rule("messages.later-header-field-refused", until=V1_3, cites=UNKNOWN)
def a_header_field_of_a_later_version_is_refused(kmip: Conversation) -> None:
    """A Client Correlation Value, which came with 1.4, is an unknown field before: it fails with Invalid Field."""
    value = text(Tag.CLIENT_CORRELATION_VALUE, "kmiplab")
    message = kmip.request(ASKING).changed(
        Tag.REQUEST_HEADER, lambda header: header.holding((header.children[0], value, *header.children[1:]))
    )
    reply = kmip.send_bytes(message).is_refused(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)
    reply.or_acceptably_succeeds()


@check(
    "messages.client-correlation-value",
    since=V1_4,
    cites=kmip_1_4("6.18 Client Correlation Value", "MAY be added to messages by clients"),
    in_2_x=kmip_2_1("9.9 Correlation Value (Client)", "MAY be added to messages by clients"),
)
def a_client_correlation_value_is_taken(kmip: Conversation) -> None:
    """A Client Correlation Value in the header is taken."""
    value = text(Tag.CLIENT_CORRELATION_VALUE, "kmiplab – корреляция")
    message = kmip.request(ASKING).changed(
        Tag.REQUEST_HEADER, lambda header: header.holding((header.children[0], value, *header.children[1:]))
    )
    reply = kmip.send_bytes(message).is_answered()
    reply[0].succeeds().settle()


@check(
    "messages.attestation-indicator",
    since=V1_2,
    cites=kmip_1_4("6.17 Attestation Capable Indicator", "If not present, the value False is assumed."),
    in_2_x=kmip_2_1("9.3 Attestation Capable Indicator", "If not present, the value False is assumed."),
)
def an_attestation_capable_indicator_is_taken(kmip: Conversation) -> None:
    """An Attestation Capable Indicator of False, which is assumed anyway, is taken."""
    indicator = boolean(Tag.ATTESTATION_CAPABLE_INDICATOR, value=False)
    message = kmip.request(ASKING).changed(
        Tag.REQUEST_HEADER, lambda header: header.holding((header.children[0], indicator, *header.children[1:]))
    )
    reply = kmip.send_bytes(message).is_answered()
    reply[0].succeeds().settle()


@rule("messages.later-payload-field-refused", until=V1_2, cites=UNKNOWN, needs=[Operation.LOCATE])
def a_payload_field_of_a_later_version_is_refused(kmip: Conversation) -> None:
    """Offset Items, which came into Locate with 1.3, is an unknown field before: it fails with Invalid Field."""
    answer = kmip.locate(requests.name("kmiplab-no-such-name"), offset=1).refuses(because=Reason.INVALID_FIELD)
    answer.or_acceptably(because=Reason.INVALID_MESSAGE).or_acceptably_succeeds()


@check("messages.later-operation-refused", until=V1_3, cites=kmip_1_4("11.1 General", "Server does not support operation"))
def an_operation_of_a_later_version_is_refused(kmip: Conversation) -> None:
    """Import, which came with 1.4, is refused before as an operation that is not supported."""
    answer = kmip.ask(requests.batch_item(Operation.IMPORT)).refuses(because=Reason.OPERATION_NOT_SUPPORTED)
    answer.or_acceptably(because=INVALID)


@check(
    "messages.nothing-of-a-later-version",
    cites=COMPATIBLE,
    needs=[Operation.CREATE, Operation.GET, Operation.GET_ATTRIBUTES],
    mutants=["messages.server-correlation-value-in-1.0", "attributes.later-version-shown"],
)
def an_answer_has_nothing_of_another_version(kmip: Conversation) -> None:
    """No field, attribute or value of an answer is of a later version than the request's, or gone by then."""
    key = kmip.has_key()
    answers = [kmip.ask(ASKING).succeeds(), kmip.get(key).succeeds(), kmip.get_attributes(key).succeeds(), kmip.get("none").refuses()]
    found = [str(misfit) for answer in answers for misfit in misfits(answer.reply.response, kmip.version) if " exists " in misfit.text]
    expect(found, "what is of another version").is_([])


@check(
    "messages.answers-hold-what-the-tables-hold",
    cites=kmip_1_4("7.2 Operations"),
    needs=[Operation.CREATE, Operation.GET, Operation.GET_ATTRIBUTES],
    mutants=["messages.time-stamp-missing"],
)
def an_answer_has_the_fields_of_the_tables(kmip: Conversation) -> None:
    """Headers and payloads of answers hold the fields of the standard's tables: none too many, none too few, each in its place."""
    key = kmip.has_key()
    answers = [kmip.ask(ASKING).succeeds(), kmip.get(key).succeeds(), kmip.get_attributes(key).succeeds(), kmip.get("none").refuses()]
    shape = ("missing", "has no field", "in the order")
    found = [str(misfit) for answer in answers for misfit in misfits(answer.reply.response, kmip.version)]
    expect([text for text in found if any(words in text for words in shape)], "what the tables do not hold").is_([])
