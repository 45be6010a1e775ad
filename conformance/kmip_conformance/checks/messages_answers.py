"""Messages, answers: the header and the batch items of everything that a server answers (KMIP 1.4, 6 and 7)."""

from __future__ import annotations

import time

from kmip_conformance.authoring import (
    MAY,
    MUST,
    SHOULD,
    V1_1,
    Closed,
    Conversation,
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
from kmip_conformance.judge.evidence import UNASSIGNED_OPERATION
from kmip_conformance.wire.schema import misfits

ASKING = requests.query(QueryFunction.QUERY_OPERATIONS)
VERSION = kmip_1_4("6.1 Protocol Version", "ensuring that the protocol is fully understood by both communicating parties")
HEADER = kmip_1_4("7.2 Operations", "Time Stamp | Yes | See 6.5")
ITEM = kmip_1_4("7.2 Operations", "Operation | Yes, if specified in Request Batch Item | See 6.2")
ECHO = kmip_1_4("6.4 Unique Batch Item ID", "responses to that request SHALL have the same Unique Batch Item ID")


@check(
    "messages.version-echoed",
    level=MUST,
    cites=kmip_1_4("6.1 Protocol Version", "Servers and clients SHALL support backward compatibility with versions of the protocol"),
    in_2_x=kmip_2_1("9.16 Protocol Version", "Servers and clients SHALL support backward compatibility with versions of the protocol"),
    needs=[Operation.QUERY],
)
def the_answer_bears_the_version_of_the_request(kmip: Conversation) -> None:
    """An answer bears the Protocol Version of its request."""
    answer = kmip.query(QueryFunction.QUERY_OPERATIONS).is_answered()
    expect(answer.reply.response.version, "the Protocol Version of the answer").is_(kmip.version)


@check(
    "messages.version-echoed-in-failures",
    cites=VERSION,
    in_2_x=kmip_2_1("9.16 Protocol Version", "ensuring that the protocol is fully understood by both communicating parties"),
    mutants=["messages.error-under-version-1.0"],
)
def a_failure_bears_the_version_of_the_request(kmip: Conversation) -> None:
    """A failure bears the Protocol Version of its request, as a success does."""
    answer = kmip.get("no-such-object").refuses()
    expect(answer.reply.response.version, "the Protocol Version of the failure").is_(kmip.version)


@check(
    "messages.version-echoed-in-parse-errors",
    level=SHOULD,
    cites=VERSION,
    in_2_x=kmip_2_1("9.16 Protocol Version", "ensuring that the protocol is fully understood by both communicating parties"),
    hostile=True,
)
def a_message_that_cannot_be_parsed_is_answered_under_its_version(kmip: Conversation) -> None:
    """The answer to a message that cannot be parsed, but says its version, bears that version."""
    message = kmip.request(ASKING).without((Tag.REQUEST_HEADER, Tag.BATCH_COUNT))
    reply = kmip.send_bytes(message).is_refused().or_closes()
    reply.settle()
    expect(reply.message.version if reply.message else kmip.version, "the Protocol Version of the answer").is_(kmip.version)


@check(
    "messages.time-stamp", cites=HEADER, in_2_x=kmip_2_1("8.5 Response Header", "Time Stamp | Yes"), mutants=["messages.time-stamp-missing"]
)
def every_answer_has_a_time_stamp(kmip: Conversation) -> None:
    """The header of every answer has a Time Stamp, that of a failure too."""
    stamps = [kmip.query().is_answered().reply.response.time_stamp, kmip.get("no-such-object").refuses().reply.response.time_stamp]
    expect([stamp is None for stamp in stamps], "whether Time Stamps are missing").is_([False, False])


@check("messages.time-stamp-is-a-date", cites=kmip_1_4("6.5 Time Stamp"), mutants=["messages.time-stamp-as-long-integer"])
def the_time_stamp_is_a_date_time(kmip: Conversation) -> None:
    """The Time Stamp of an answer is a Date-Time."""
    response = kmip.query().is_answered().reply.response
    wrong = [str(misfit) for misfit in misfits(response, kmip.version) if "Time Stamp" in misfit.place]
    expect(wrong, "what is wrong with the Time Stamp").is_([])


@check(
    "messages.time-stamp-is-now",
    level=MAY,
    cites=kmip_1_4("6.5 Time Stamp", "It is used for time stamping"),
    in_2_x=kmip_2_1("9.20 Time Stamp", "It is used for time stamping"),
)
def the_time_stamp_is_the_present_time(kmip: Conversation) -> None:
    """The Time Stamp of an answer is the present time, give or take five minutes."""
    stamp = kmip.query().is_answered().reply.response.time_stamp or 0
    expect(abs(stamp - time.time()) < 300, "whether the clocks agree").is_(wanted=True)


@check(
    "messages.batch-count-counts",
    cites=kmip_1_4("6.14 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED."),
    in_2_x=kmip_2_1("9.5 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED."),
    mutants=["messages.batch-count-wrong"],
)
def the_batch_count_is_the_number_of_batch_items(kmip: Conversation) -> None:
    """The Batch Count of an answer is the number of batch items that follow, for one item and for three."""
    one, three = kmip.send(ASKING).response, kmip.send(ASKING, ASKING, ASKING).response
    expect([one.batch_count, three.batch_count], "the Batch Counts").is_([len(one.batch_items), len(three.batch_items)])


@check(
    "messages.header-in-order",
    cites=kmip_1_4("7 Message Format", "All fields SHALL appear in the order specified."),
    in_2_x=kmip_2_1("8 Messages", "All fields SHALL appear in the order specified."),
)
def the_fields_of_the_header_stand_in_order(kmip: Conversation) -> None:
    """The header of an answer begins with Protocol Version and Time Stamp, and ends with Batch Count."""
    tags = [child.tag for child in kmip.query().is_answered().reply.response.header.children]
    expect((tags[:2], tags[-1:]), "the first two fields and the last").is_(([Tag.PROTOCOL_VERSION, Tag.TIME_STAMP], [Tag.BATCH_COUNT]))


@check(
    "messages.item-in-order",
    cites=kmip_1_4("7 Message Format", "All fields SHALL appear in the order specified."),
    in_2_x=kmip_2_1("8 Messages", "All fields SHALL appear in the order specified."),
)
def the_fields_of_a_batch_item_stand_in_order(kmip: Conversation) -> None:
    """Operation, id, status, reason, message and payload stand in an answered batch item in this order."""
    success, failure = kmip.send(ASKING, ids=[b"1"]), kmip.send(requests.get("no-such-object"), ids=[b"1"])
    order = [Tag.OPERATION, Tag.UNIQUE_BATCH_ITEM_ID, Tag.RESULT_STATUS, Tag.RESULT_REASON, Tag.RESULT_MESSAGE, Tag.RESPONSE_PAYLOAD]
    for reply in (success, failure):
        tags = [child.tag for child in reply.response.batch_items[0].item.children if child.tag in order]
        expect(tags, "the order of the fields").is_([tag for tag in order if tag in tags])


@check(
    "messages.operation-echoed",
    cites=ITEM,
    in_2_x=kmip_2_1("8.6 Response Batch Item", "Yes, if specified in Request Batch Item"),
    mutants=["messages.operation-not-echoed"],
)
def every_answer_names_its_operation(kmip: Conversation) -> None:
    """Each answered batch item names the Operation that was asked for, in a success and in a failure."""
    success, failure = kmip.send(ASKING).response, kmip.send(requests.get("no-such-object")).response
    named = [item.operation for item in (*success.batch_items, *failure.batch_items)]
    expect(named, "the operations of the answers").is_([Operation.QUERY, Operation.GET])


@check(
    "messages.operation-echoed-in-a-batch",
    cites=ITEM,
    in_2_x=kmip_2_1("8.6 Response Batch Item", "Yes, if specified in Request Batch Item"),
    mutants=["messages.one-error-for-a-batch"],
)
def every_failed_item_of_a_batch_names_its_operation(kmip: Conversation) -> None:
    """In a batch in which everything fails, each item that is answered names its Operation."""
    reply = kmip.send(requests.get("no-such-object"), requests.get("no-such-object"))
    expect({item.operation for item in reply.response.batch_items}, "the operations of the answer").is_({Operation.GET})


@check(
    "messages.batch-item-ids-echoed",
    level=MUST,
    cites=ECHO,
    in_2_x=kmip_2_1("9.21 Unique Batch Item ID", "responses to that request SHALL have the same Unique Batch Item ID"),
    mutants=["messages.batch-item-id-lost", "messages.batch-item-id-altered"],
)
def unique_batch_item_ids_come_back_unchanged(kmip: Conversation) -> None:
    """Each answer of a batch bears the Unique Batch Item ID of its request, byte for byte."""
    ids = [b"QLKC\x01\x00\x00\x00", b"\x00\xff"]
    reply = kmip.send(ASKING, ASKING, ids=ids)
    expect({item.unique_batch_item_id for item in reply.response.batch_items}, "the Unique Batch Item IDs").is_(set(ids))


@check(
    "messages.single-id-echoed",
    cites=ECHO,
    in_2_x=kmip_2_1("9.21 Unique Batch Item ID", "responses to that request SHALL have the same Unique Batch Item ID"),
    mutants=["messages.batch-item-id-lost", "messages.batch-item-id-altered"],
)
def the_id_of_a_single_item_comes_back(kmip: Conversation) -> None:
    """The Unique Batch Item ID of a message with one batch item comes back too."""
    item = kmip.send(ASKING, ids=[b"alone\x00"]).response.batch_items[0]
    expect(item.unique_batch_item_id, "the Unique Batch Item ID").is_(b"alone\x00")


@check(
    "messages.ids-of-failures-echoed",
    cites=ECHO,
    in_2_x=kmip_2_1("9.21 Unique Batch Item ID", "responses to that request SHALL have the same Unique Batch Item ID"),
    mutants=["messages.batch-item-id-lost", "messages.one-error-for-a-batch"],
)
def the_ids_of_failed_items_come_back(kmip: Conversation) -> None:
    """In a batch in which everything fails, each item that is answered bears its Unique Batch Item ID."""
    reply = kmip.send(requests.get("no-such-object"), requests.get("no-such-object"), ids=[b"bad", b"worse"])
    answered = {item.unique_batch_item_id for item in reply.response.batch_items}
    expect(answered - {b"bad", b"worse"}, "what else stands in place of the ids").is_(set())


@check(
    "messages.ids-of-every-length",
    cites=ECHO,
    in_2_x=kmip_2_1("9.21 Unique Batch Item ID", "responses to that request SHALL have the same Unique Batch Item ID"),
)
def ids_of_every_length_come_back(kmip: Conversation) -> None:
    """Unique Batch Item IDs of 1, 7, 8, 9 and 64 bytes come back unchanged."""
    ids = [bytes(range(255, 255 - length, -1)) for length in (1, 7, 8, 9, 64)]
    reply = kmip.send(*[ASKING for _ in ids], ids=ids)
    expect({item.unique_batch_item_id for item in reply.response.batch_items} == set(ids), "whether all came back").is_(wanted=True)


@check(
    "messages.no-id-made-up",
    level=SHOULD,
    cites=kmip_1_4("7.2 Operations", "REQUIRED if present in Request Batch Item, see 6.4"),
    in_2_x=kmip_2_1("8.6 Response Batch Item", "REQUIRED if present in Request Batch Item"),
)
def an_item_without_an_id_is_answered_without_one(kmip: Conversation) -> None:
    """A single batch item without Unique Batch Item ID is answered without one."""
    item = kmip.send(ASKING, ids=None).response.batch_items[0]
    expect(item.unique_batch_item_id, "the Unique Batch Item ID").is_absent()


@check(
    "messages.failure-has-a-reason",
    cites=kmip_1_4("6.10 Result Reason", "SHALL be present in responses that return a Result Status of Failure"),
    in_2_x=kmip_2_1("9.18 Result Reason", "SHALL be present in responses that return a Result Status of Failure"),
    mutants=["messages.failure-without-reason"],
)
def a_failure_has_a_result_reason(kmip: Conversation) -> None:
    """A failed batch item has a Result Reason."""
    failure = kmip.get("no-such-object").refuses().reply.response.batch_items[0]
    expect(failure.result_reason, "the Result Reason").is_present()


@check(
    "messages.failure-explained",
    level=MAY,
    since=V1_1,
    cites=kmip_1_4("6.11 Result Message", "It contains a more descriptive error message"),
    in_2_x=kmip_2_1("9.17 Result Message", "It contains a more descriptive error message"),
)
def a_failure_comes_with_a_message_for_people(kmip: Conversation) -> None:
    """A failed batch item says in a Result Message what went wrong."""
    answer = kmip.get("no-such-object").refuses()
    expect(answer.reply.response.batch_items[0].result_message, "the Result Message").is_present()


@check(
    "messages.success-has-a-payload",
    cites=kmip_1_4("7.2 Operations", "Response Payload | Yes, if not a failure"),
    in_2_x=kmip_2_1("8.6 Response Batch Item", "Response Payload | Yes, if not a failure"),
)
def a_success_has_a_payload(kmip: Conversation) -> None:
    """A successful batch item has a Response Payload, also where there is nothing to return."""
    kmip.query(QueryFunction.QUERY_APPLICATION_NAMESPACES).succeeds().payload.children  # noqa: B018 - reading it expects it


@check(
    "messages.unknown-operation-refused",
    level=MUST,
    cites=kmip_1_4("11.1 General", "Server does not support operation"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "The operation requested by the request message is not supported by the server"),
    mutants=["messages.connection-dropped-on-unsupported-operation"],
)
def an_operation_that_nobody_knows_is_refused_as_not_supported(kmip: Conversation) -> None:
    """An operation that the server does not support fails with Operation Not Supported, and the connection lives on."""
    kmip.ask(requests.batch_item(UNASSIGNED_OPERATION)).refuses(because=Reason.OPERATION_NOT_SUPPORTED)
    kmip.query(QueryFunction.QUERY_OPERATIONS).is_answered()


@check("messages.connection-kept", level=SHOULD, cites=kmip_1_4("10 Transport"), mutants=["messages.connection-closed-after-answer"])
def a_connection_serves_several_messages(kmip: Conversation) -> None:
    """One connection serves a request after another, also after a failure."""
    failed = kmip.send_bytes(kmip.request(requests.get("no-such-object"))).is_answered()
    expect(isinstance(failed.outcome, Closed), "whether the connection was closed without an answer").is_(wanted=False)
    kmip.send_bytes(kmip.request(ASKING)).is_answered()
