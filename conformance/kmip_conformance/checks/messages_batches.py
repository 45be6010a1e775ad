"""Messages, batches: order, what a failure does to the rest, and the ID Placeholder (KMIP 1.4, 4, 6.12 to 6.14 and 11.43).

A server may lack Batch Order Option, and Continue and Undo; then it has to reject the entire request. Each check takes that as lawful, and
looks at what became of the objects.
"""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import (
    MAY,
    SHOULD,
    Conversation,
    Operation,
    QueryFunction,
    Reason,
    ResultStatus,
    State,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import BatchErrorContinuationOption

CONTINUE, STOP, UNDO = BatchErrorContinuationOption.CONTINUE, BatchErrorContinuationOption.STOP, BatchErrorContinuationOption.UNDO
FAILED, SUCCESS, UNDONE = ResultStatus.OPERATION_FAILED, ResultStatus.SUCCESS, ResultStatus.OPERATION_UNDONE

ASKING = requests.query(QueryFunction.QUERY_OPERATIONS)
MISSING = requests.get("no-such-object")
OPTION = "6.13 Batch Error Continuation Option"
COUNT = kmip_1_4("6.14 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED.")
IDS = kmip_1_4("7.2 Operations", "REQUIRED if Batch Count > 1, see 6.4")
PLACEHOLDER = "4 Client-to-Server Operations"
INVALID = (Reason.INVALID_MESSAGE, Reason.INVALID_FIELD, Reason.MISSING_DATA)

on_keys = partial(check, needs=[Operation.CREATE, Operation.ACTIVATE, Operation.GET, Operation.GET_ATTRIBUTES])


@on_keys(
    "messages.batch-stops",
    cites=kmip_1_4(OPTION, "If an operation fails, then the server SHALL NOT continue processing subsequent operations in the request."),
    in_2_x=kmip_2_1(
        "11.5 Batch Error Continuation Option Enumeration",
        "If an operation fails, then the server SHALL NOT continue processing subsequent operations in the request.",
    ),
    mutants=["messages.batch-goes-on-after-failure"],
)
def a_batch_with_stop_ends_at_a_failure(kmip: Conversation) -> None:
    """With Stop, nothing that stands behind a failed batch item is carried out."""
    key = kmip.has_key()
    kmip.send(MISSING, requests.activate(key), on_error=STOP, order=True)[0].refuses().settle()
    expect(kmip.state_of(key), "the State of the key that was to be activated afterwards").is_(State.PRE_ACTIVE)


@on_keys(
    "messages.batch-stops-unless-told-otherwise",
    cites=kmip_1_4(OPTION, "If not specified, then Stop is assumed."),
    in_2_x=kmip_2_1("9.6 Batch Error Continuation Option", "If not specified, then Stop is assumed."),
    mutants=["messages.batch-goes-on-after-failure"],
)
def a_batch_without_an_option_ends_at_a_failure(kmip: Conversation) -> None:
    """Without a Batch Error Continuation Option, nothing that stands behind a failed batch item is carried out."""
    key = kmip.has_key()
    kmip.send(MISSING, requests.activate(key), order=True)[0].refuses().settle()
    expect(kmip.state_of(key), "the State of the key that was to be activated afterwards").is_(State.PRE_ACTIVE)


@on_keys(
    "messages.stop-keeps-what-was-done",
    cites=kmip_1_4(OPTION, "Completed operations SHALL NOT be undone."),
    in_2_x=kmip_2_1("11.5 Batch Error Continuation Option Enumeration", "Completed operations SHALL NOT be undone."),
)
def a_batch_with_stop_keeps_what_was_done_before(kmip: Conversation) -> None:
    """With Stop, what was carried out before the failure is answered as a success and stays."""
    key = kmip.has_key()
    reply = kmip.send(requests.activate(key), MISSING, on_error=STOP, order=True)
    succeeded = reply.response.batch_items[0].result_status == SUCCESS
    expect(kmip.state_of(key), "the State of the key").is_(State.ACTIVE if succeeded else State.PRE_ACTIVE)
    expect([item.result_status for item in reply.response.batch_items][-1], "the last Result Status").is_(FAILED)


@check(
    "messages.stop-answers-no-further",
    level=SHOULD,
    cites=kmip_1_4("11.43 Batch Items", "Responses to batch items that have not been processed are not returned."),
    in_2_x=kmip_2_1(
        "11.5 Batch Error Continuation Option Enumeration", "Responses to batch items that have not been processed are not returned."
    ),
)
def items_that_were_not_processed_are_not_answered(kmip: Conversation) -> None:
    """With Stop, batch items behind a failed one are not answered."""
    reply = kmip.send(ASKING, MISSING, ASKING, on_error=STOP, order=True)
    expect([item.result_status for item in reply.response.batch_items], "the Result Statuses").is_([SUCCESS, FAILED])


@on_keys(
    "messages.batch-continues",
    cites=kmip_1_4(OPTION, "Return an error for the failed operation, and continue processing subsequent operations in the request."),
    in_2_x=kmip_2_1(
        "11.5 Batch Error Continuation Option Enumeration",
        "Return an error for the failed operation, and continue processing subsequent operations in the request.",
    ),
    mutants=["messages.batch-stops-though-continue", "messages.one-error-for-a-batch"],
)
def a_batch_with_continue_goes_on_after_a_failure(kmip: Conversation) -> None:
    """With Continue, what stands behind a failed batch item is carried out; or the entire request is rejected."""
    key = kmip.has_key()
    items = kmip.send(MISSING, requests.activate(key), on_error=CONTINUE, order=True).response.batch_items
    rejected = all(item.result_status == FAILED and item.result_reason != Reason.ITEM_NOT_FOUND for item in items)
    outcome = "rejected" if rejected else [item.result_status for item in items]
    expect(outcome, "what became of a failure and of what stands behind it").is_one_of([FAILED, SUCCESS], "rejected")
    expect(kmip.state_of(key), "the State of the key that was to be activated").is_(State.PRE_ACTIVE if rejected else State.ACTIVE)


@check(
    "messages.continue-answers-each",
    level=SHOULD,
    cites=kmip_1_4("11.43 Batch Items", "Responses to other batch items are returned normally."),
    in_2_x=kmip_2_1("11.5 Batch Error Continuation Option Enumeration", "Responses to other batch items are returned normally."),
    mutants=["messages.one-error-for-a-batch", "messages.batch-stops-though-continue"],
)
def with_continue_each_item_is_answered(kmip: Conversation) -> None:
    """With Continue, each of five batch items is answered, two failures among them."""
    reply = kmip.send(ASKING, MISSING, ASKING, MISSING, ASKING, on_error=CONTINUE, order=True)
    statuses = [item.result_status for item in reply.response.batch_items]
    expect(statuses, "the Result Statuses").is_([SUCCESS, FAILED, SUCCESS, FAILED, SUCCESS])


@on_keys(
    "messages.batch-undone",
    cites=kmip_1_4(OPTION, "If any operation in the request fails, then the server SHALL undo all the previous operations."),
    in_2_x=kmip_2_1(
        "11.5 Batch Error Continuation Option Enumeration",
        "If any operation in the request fails, then the server SHALL undo all the previous operations.",
    ),
    mutants=["messages.undo-not-undone"],
)
def a_batch_with_undo_leaves_nothing_behind(kmip: Conversation) -> None:
    """With Undo, what was carried out before a failure is undone, and said to be; or the entire request is rejected."""
    key = kmip.has_key()
    items = kmip.send(requests.activate(key), MISSING, on_error=UNDO, order=True).response.batch_items
    expect({item.result_status for item in items} <= {UNDONE, FAILED}, "whether everything was undone or failed").is_(wanted=True)
    expect(kmip.state_of(key), "the State of the key that was activated before the failure").is_(State.PRE_ACTIVE)


@on_keys(
    "messages.undo-without-failure",
    cites=kmip_1_4(OPTION, "This option SHALL have one of three values"),
    in_2_x=kmip_2_1("9.6 Batch Error Continuation Option", "This option SHALL have one of three values"),
)
def a_batch_with_undo_that_succeeds_stays(kmip: Conversation) -> None:
    """With Undo and no failure, what was carried out stays; or the entire request is rejected."""
    key = kmip.has_key()
    items = kmip.send(requests.activate(key), ASKING, on_error=UNDO, order=True).response.batch_items
    carried_out = {item.result_status for item in items} == {SUCCESS}
    expect(carried_out or {item.result_status for item in items} == {FAILED}, "whether all succeeded or all failed").is_(wanted=True)
    expect(kmip.state_of(key), "the State of the key").is_(State.ACTIVE if carried_out else State.PRE_ACTIVE)


@check(
    "messages.option-of-no-meaning",
    cites=kmip_1_4(OPTION, "This option SHALL have one of three values"),
    in_2_x=kmip_2_1("9.6 Batch Error Continuation Option", "This option SHALL have one of three values"),
    hostile=True,
    once=True,
)
def an_option_that_there_is_not_is_refused(kmip: Conversation) -> None:
    """A Batch Error Continuation Option of 7 is refused as an invalid field."""
    reply = kmip.send_bytes(kmip.request(ASKING, ASKING, on_error=7))
    reply.is_refused(because=(Reason.INVALID_FIELD, Reason.INVALID_MESSAGE)).or_refuses(because=Reason.FEATURE_NOT_SUPPORTED)


@check(
    "messages.batch-in-order",
    cites=kmip_1_4("6.12 Batch Order Option", "batched operations SHALL be executed in the order in which they appear within the request"),
    in_2_x=kmip_2_1("9.8 Batch Order Option", "batched operations SHALL be executed in the order in which they appear within the request"),
    needs=[Operation.CREATE, Operation.ACTIVATE, Operation.REVOKE, Operation.DESTROY],
)
def a_batch_is_carried_out_in_order(kmip: Conversation) -> None:
    """With Batch Order Option, Activate, Revoke and Destroy of one key succeed one after the other; or the entire request is rejected."""
    key = kmip.has_key()
    items = [requests.activate(key), requests.revoke(key, 1), requests.destroy(key)]
    statuses = [item.result_status for item in kmip.send(*items, order=True, on_error=STOP).response.batch_items]
    expect(set(statuses), "the Result Statuses").is_one_of({SUCCESS}, {FAILED})


@check(
    "messages.answers-in-order",
    level=MAY,
    cites=kmip_1_4("6.12 Batch Order Option", "in the order in which they appear within the request"),
    in_2_x=kmip_2_1("9.8 Batch Order Option", "in the order in which they appear within the request"),
    mutants=["messages.batch-answered-in-reverse"],
)
def a_batch_is_answered_in_order(kmip: Conversation) -> None:
    """The answers of a batch with Batch Order Option come in the order of the request: no text demands it, clients rely on it."""
    ids = [b"first", b"second", b"third"]
    reply = kmip.send(ASKING, ASKING, ASKING, ids=ids, order=True)
    expect([item.unique_batch_item_id for item in reply.response.batch_items], "the list of Unique Batch Item IDs").is_(ids)


@check(
    "messages.placeholder-from-locate",
    cites=kmip_1_4(PLACEHOLDER, "the server SHALL copy this Unique Identifier into the ID Placeholder variable"),
    in_2_x=kmip_2_1("6.1 Client-to-Server Operations", "the server SHALL copy this Unique Identifier into the ID Placeholder variable"),
    needs=[Operation.CREATE, Operation.LOCATE, Operation.GET],
    mutants=["messages.id-placeholder-not-set"],
)
def what_locate_finds_is_meant_by_what_follows(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Locate returns the one object that was found."""
    key = kmip.has_key()
    reply = kmip.send(requests.locate(requests.attribute("Unique Identifier", key)), requests.get(None), order=True, on_error=STOP)
    ordered = reply.response.batch_items[0].result_status == SUCCESS
    expect(reply[1].uid == key if ordered else None, "whether Get returned the object that was found").is_not(unwanted=False)


@check(
    "messages.placeholder-follows-the-batch",
    cites=kmip_1_4(PLACEHOLDER, "or until a subsequent operation in the batch causes the ID Placeholder to be replaced"),
    in_2_x=kmip_2_1(
        "6.1 Client-to-Server Operations", "or until a subsequent operation in the batch causes the ID Placeholder to be replaced"
    ),
    needs=[Operation.CREATE, Operation.GET],
)
def the_placeholder_is_the_newest_object(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after two Creates returns the second key."""
    reply = kmip.send(requests.create_symmetric_key(), requests.create_symmetric_key(), requests.get(None), order=True, on_error=STOP)
    ordered = reply.response.batch_items[0].result_status == SUCCESS
    expect(reply[2].uid == reply[1].uid if ordered else None, "whether Get returned the second key").is_not(unwanted=False)


@check(
    "messages.placeholder-ends-with-the-batch",
    cites=kmip_1_4(PLACEHOLDER, "the ID Placeholder value SHALL be discarded and/or invalidated by the server"),
    in_2_x=kmip_2_1("6.1 Client-to-Server Operations", "the ID Placeholder value SHALL be discarded and/or invalidated by the server"),
    needs=[Operation.CREATE, Operation.GET],
)
def no_placeholder_is_left_for_the_next_message(kmip: Conversation) -> None:
    """A Get without identifier finds nothing of the message before it, over the same connection."""
    kmip.has_key()
    kmip.get(None).refuses()


@check(
    "messages.placeholder-is-not-set-by-get",
    cites=kmip_1_4(PLACEHOLDER, "that is only valid and preserved during the execution"),
    in_2_x=kmip_2_1("6.1 Client-to-Server Operations", "that is only valid and preserved during the execution"),
)
def no_placeholder_is_there_at_the_beginning(kmip: Conversation) -> None:
    """A batch that begins with a Get without identifier fails."""
    kmip.send(requests.get(None), ASKING, order=True)[0].refuses().settle()


@check(
    "messages.batch-of-32",
    cites=kmip_1_4("7.1 Message Structure", "Batch Item | Structure, see Table 285 | Yes, MAY be repeated"),
    in_2_x=kmip_2_1("8.1 Request Message"),
)
def a_batch_of_32_is_answered(kmip: Conversation) -> None:
    """A batch of 32 items is answered item by item."""
    expect(len(kmip.send(*[ASKING] * 32)), "the number of answers").is_(32)


@check(
    "messages.batch-count-too-great",
    cites=COUNT,
    in_2_x=kmip_2_1("9.5 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED."),
    hostile=True,
    once=True,
)
def a_batch_count_above_the_number_of_items_is_refused(kmip: Conversation) -> None:
    """A message whose Batch Count is 2 and that has one batch item is refused as an invalid message."""
    reply = kmip.send_bytes(kmip.request(ASKING, batch_count=2)).is_refused(because=Reason.INVALID_MESSAGE).or_closes()
    reply.or_acceptably(because=INVALID)


@check(
    "messages.batch-count-too-small",
    cites=COUNT,
    in_2_x=kmip_2_1("9.5 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED."),
    hostile=True,
    once=True,
)
def a_batch_count_below_the_number_of_items_is_refused(kmip: Conversation) -> None:
    """A message whose Batch Count is 1 and that has two batch items is refused as an invalid message."""
    reply = kmip.send_bytes(kmip.request(ASKING, ASKING, batch_count=1)).is_refused(because=Reason.INVALID_MESSAGE).or_closes()
    reply.or_acceptably(because=INVALID)


@check(
    "messages.batch-count-of-0",
    cites=[COUNT, kmip_1_4("7.1 Message Structure")],
    in_2_x=kmip_2_1("9.5 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED."),
    hostile=True,
    once=True,
)
def a_message_without_batch_items_is_refused(kmip: Conversation) -> None:
    """A message whose Batch Count is 0 and that has no batch item is refused as an invalid message."""
    kmip.send_bytes(kmip.request(batch_count=0)).is_refused(because=INVALID).or_closes()


@check(
    "messages.batch-count-negative",
    cites=COUNT,
    in_2_x=kmip_2_1("9.5 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED."),
    hostile=True,
    once=True,
)
def a_negative_batch_count_is_refused(kmip: Conversation) -> None:
    """A Batch Count of -1 is refused as an invalid message."""
    kmip.send_bytes(kmip.request(ASKING, batch_count=-1)).is_refused(because=INVALID).or_closes()


@check(
    "messages.batch-count-of-billions",
    cites=COUNT,
    in_2_x=kmip_2_1("9.5 Batch Count", "This field contains the number of Batch Items in a message and is REQUIRED."),
    hostile=True,
    once=True,
)
def a_batch_count_of_billions_is_refused(kmip: Conversation) -> None:
    """A Batch Count of 2147483647 with one batch item is refused as an invalid message."""
    kmip.send_bytes(kmip.request(ASKING, batch_count=0x7FFFFFFF)).is_refused(because=INVALID).or_closes()


@check("messages.ids-missing", cites=IDS, hostile=True, once=True)
def a_batch_without_ids_is_refused(kmip: Conversation) -> None:
    """Two batch items without Unique Batch Item IDs are refused as an invalid message; answering both is tolerated."""
    kmip.send_bytes(kmip.request(ASKING, ASKING, ids=None)).is_refused(because=INVALID).or_acceptably_succeeds()


@check(
    "messages.ids-used-twice",
    cites=kmip_1_4("6.4 Unique Batch Item ID", "correlation between requests and responses"),
    in_2_x=kmip_2_1("9.21 Unique Batch Item ID", "correlation between requests and responses"),
    hostile=True,
    once=True,
)
def two_items_of_one_id_are_refused(kmip: Conversation) -> None:
    """Two batch items of one Unique Batch Item ID are refused as an invalid message; answering both is tolerated."""
    kmip.send_bytes(kmip.request(ASKING, ASKING, ids=[b"same", b"same"])).is_refused(because=INVALID).or_acceptably_succeeds()


@check(
    "messages.option-for-one-item",
    cites=kmip_1_4(OPTION, "This option SHALL only be present if the Batch Count is greater than 1."),
    in_2_x=kmip_2_1("9.6 Batch Error Continuation Option", "This option SHALL only be present if the Batch Count is greater than 1."),
)
def an_option_for_a_single_item_does_no_harm(kmip: Conversation) -> None:
    """A Batch Error Continuation Option with a single batch item, is answered in one way or the other."""
    kmip.ask(ASKING, on_error=CONTINUE).succeeds().or_acceptably()
