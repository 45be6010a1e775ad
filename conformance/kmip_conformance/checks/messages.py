"""Messages: headers, batches and the answers to what cannot be carried out (KMIP 1.4, 6 and 7)."""

from __future__ import annotations

from kmip_conformance.authoring import MAY, MUST, V1_1, Conversation, Operation, QueryFunction, Reason, check, expect, kmip_1_4, requests
from kmip_conformance.judge.evidence import UNASSIGNED_OPERATION


@check(
    "messages.version-echoed",
    level=MUST,
    cites=kmip_1_4("6.1 Protocol Version", "Servers and clients SHALL support backward compatibility with versions of the protocol"),
    needs=[Operation.QUERY],
)
def the_answer_bears_the_version_of_the_request(kmip: Conversation) -> None:
    """An answer bears the Protocol Version of its request."""
    answer = kmip.query(QueryFunction.QUERY_OPERATIONS).is_answered()
    expect(answer.reply.response.version, "the Protocol Version of the answer").is_(kmip.version)


@check(
    "messages.batch-item-ids-echoed",
    level=MUST,
    cites=kmip_1_4("6.4 Unique Batch Item ID", "responses to that request SHALL have the same Unique Batch Item ID"),
    mutants=["messages.batch-item-id-lost", "messages.batch-item-id-altered"],
)
def unique_batch_item_ids_come_back_unchanged(kmip: Conversation) -> None:
    """Each answer of a batch bears the Unique Batch Item ID of its request, byte for byte."""
    ids = [b"QLKC\x01\x00\x00\x00", b"\x00\xff"]
    reply = kmip.send(requests.query(QueryFunction.QUERY_OPERATIONS), requests.query(QueryFunction.QUERY_OPERATIONS), ids=ids)
    expect([item.unique_batch_item_id for item in reply.response.batch_items], "the list of Unique Batch Item IDs").is_(ids)


@check(
    "messages.unknown-operation-refused",
    level=MUST,
    cites=kmip_1_4("11.1 General", "Server does not support operation"),
    mutants=["messages.connection-dropped-on-unsupported-operation"],
)
def an_operation_that_nobody_knows_is_refused_as_not_supported(kmip: Conversation) -> None:
    """An operation that the server does not support fails with Operation Not Supported, and the connection lives on."""
    kmip.ask(requests.batch_item(UNASSIGNED_OPERATION)).refuses(because=Reason.OPERATION_NOT_SUPPORTED)
    kmip.query(QueryFunction.QUERY_OPERATIONS).is_answered()


@check(
    "messages.failure-explained",
    level=MAY,
    since=V1_1,
    cites=kmip_1_4("6.11 Result Message", "It contains a more descriptive error message"),
)
def a_failure_comes_with_a_message_for_people(kmip: Conversation) -> None:
    """A failed batch item says in a Result Message what went wrong."""
    answer = kmip.get("no-such-object").refuses()
    expect(answer.reply.response.batch_items[0].result_message, "the Result Message").is_present()
