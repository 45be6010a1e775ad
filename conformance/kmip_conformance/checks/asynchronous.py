"""Poll, Cancel and what is answered later (KMIP 1.4, 4.27, 4.28 and 6.7; since 2.0 a client may insist on it)."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import is_pending, polled
from kmip_conformance.authoring import (
    V2_0,
    V2_1,
    Conversation,
    Operation,
    Reason,
    ResultStatus,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import AsynchronousIndicator, CancellationResult

POLL, POLL_LATER = "4.28 Poll", "6.1.38 Poll"
CANCEL, CANCEL_LATER = "4.27 Cancel", "6.1.5 Cancel"
IDENTICAL = "This response SHALL be identical to the response that would have been sent if the operation had completed synchronously"
NOBODYS = b"kmiplab-nobody's"
UNKNOWN = (Reason.ITEM_NOT_FOUND, Reason.INVALID_ASYNCHRONOUS_CORRELATION_VALUE)
MANDATORY = AsynchronousIndicator.MANDATORY

polls = partial(
    check,
    cites=kmip_1_4(POLL, IDENTICAL),
    in_2_x=kmip_2_1(POLL_LATER, IDENTICAL),
    needs=[Operation.POLL, Operation.CREATE],
)
later = partial(
    check,
    since=V2_0,
    cites=kmip_2_1("11.3 Asynchronous Indicator Enumeration", "The server SHALL process all batch items in the request asynchronously"),
    needs=[Operation.POLL, Operation.CREATE],
)


@polls(
    "poll.unknown-value-not-found",
    cites=kmip_1_4("11.29 Poll", "No outstanding operation with the specified Asynchronous Correlation Value exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "No outstanding operation with the specified Asynchronous Correlation Value exists"),
    needs=[Operation.POLL],
    mutants=["poll.everything-is-done"],
)
def nothing_is_polled_that_is_not_outstanding(kmip: Conversation) -> None:
    """Poll with a value that nobody was given fails with Item Not Found; with Invalid Asynchronous Correlation Value since 2.0."""
    kmip.ask(requests.poll(NOBODYS)).refuses(because=UNKNOWN).or_acceptably()


@polls("poll.same-answer", needs=[Operation.POLL, Operation.CREATE, Operation.GET])
def what_is_polled_is_what_would_have_been_answered(kmip: Conversation) -> None:
    """A Create that may be answered later gives a key, at once or when it is polled."""
    answer = polled(kmip, kmip.ask(requests.create_symmetric_key(), asynchronous=True))
    expect(len(kmip.get(answer.uid).key_material), "the length of the key").is_(32)


@later("poll.mandatory-is-pending", mutants=["poll.mandatory-ignored"])
def what_has_to_be_answered_later_is_pending(kmip: Conversation) -> None:
    """When the client insists on it, the first answer is Operation Pending with an Asynchronous Correlation Value, or a refusal."""
    answer = kmip.ask(requests.create_symmetric_key(), asynchronous=MANDATORY).refuses(because=Reason.FEATURE_NOT_SUPPORTED)
    answer.allows("is pending", lambda: is_pending(answer)).settle()
    if is_pending(answer):
        polled(kmip, answer).succeeds()


@later("poll.mandatory-gives-the-key", needs=[Operation.POLL, Operation.CREATE, Operation.GET], mutants=["poll.other-payload"])
def what_is_answered_later_is_answered_in_full(kmip: Conversation) -> None:
    """The Poll of a Create answers with the key that was created."""
    answer = kmip.ask(requests.create_symmetric_key(), asynchronous=MANDATORY).is_answered()
    answer.settle()
    if is_pending(answer):
        key = polled(kmip, answer).uid
        expect(len(kmip.get(key).key_material), "the length of the key").is_(32)


@later("poll.failures-too", needs=[Operation.POLL, Operation.DESTROY])
def what_fails_later_says_so(kmip: Conversation) -> None:
    """The Poll of a Destroy of an object that does not exist fails, with the reason that a Destroy has for it."""
    answer = kmip.ask(requests.destroy("no-such-object"), asynchronous=MANDATORY).is_answered()
    answer.settle()
    if is_pending(answer):
        polled(kmip, answer).refuses(because=Reason.ITEM_NOT_FOUND)


@later(
    "poll.values-of-others",
    cites=kmip_2_1(POLL_LATER, "to poll the server in order to obtain the status of an outstanding asynchronous operation"),
)
def an_answer_is_for_who_asked(kmip: Conversation, other: Conversation) -> None:
    """Another client does not poll an operation that is not its own."""
    answer = kmip.ask(requests.create_symmetric_key(), asynchronous=MANDATORY).is_answered()
    answer.settle()
    value = answer.item.asynchronous_correlation_value if answer.item else None
    if value is not None:
        other.ask(requests.poll(value)).refuses(because=(*UNKNOWN, Reason.PERMISSION_DENIED)).or_acceptably()
        polled(kmip, answer).succeeds()


@check(
    "cancel.unknown-value-is-unavailable",
    cites=kmip_1_4(CANCEL, "The specified correlation value did not match any recently pending or completed asynchronous operations"),
    in_2_x=kmip_2_1(
        "11.7 Cancellation Result Enumeration", "The specified correlation value did not match any recently pending or completed"
    ),
    needs=[Operation.CANCEL],
    mutants=["cancel.everything-is-canceled"],
)
def nothing_is_cancelled_that_is_not_outstanding(kmip: Conversation) -> None:
    """Cancel with a value that nobody was given answers Unavailable; since 2.0 it may be refused as invalid instead."""
    answer = kmip.ask(requests.cancel(NOBODYS)).succeeds()
    if kmip.version >= V2_0:
        answer.or_refuses(because=Reason.INVALID_ASYNCHRONOUS_CORRELATION_VALUE)
    answer.or_acceptably(because=Reason.ITEM_NOT_FOUND)
    found = answer.values_of(Tag.CANCELLATION_RESULT)
    expect(found, "the Cancellation Result, if there is one").is_one_of([CancellationResult.UNAVAILABLE], [])


@check(
    "cancel.says-what-became-of-it",
    since=V2_0,
    cites=kmip_2_1(CANCEL_LATER, "The server SHALL respond with a Cancellation Result"),
    needs=[Operation.CANCEL, Operation.POLL, Operation.CREATE],
    mutants=["cancel.result-missing"],
)
def a_cancel_says_what_became_of_the_operation(kmip: Conversation) -> None:
    """Cancel of an outstanding operation answers with its value and a Cancellation Result that is not Unavailable."""
    answer = kmip.ask(requests.create_symmetric_key(), asynchronous=MANDATORY).is_answered()
    answer.settle()
    value = answer.item.asynchronous_correlation_value if answer.item else None
    if value is not None:
        cancelled = kmip.ask(requests.cancel(value)).succeeds().has(Tag.ASYNCHRONOUS_CORRELATION_VALUE, value)
        expect(cancelled.value(Tag.CANCELLATION_RESULT), "the Cancellation Result").is_not(CancellationResult.UNAVAILABLE)
        kmip.ask(requests.poll(value)).is_answered()


@check(
    "process.unknown-value-refused",
    since=V2_1,
    cites=kmip_2_1("Table 280: Process Request Errors", "Invalid Asynchronous Correlation Value"),
    needs=[Operation.PROCESS],
)
def nothing_is_processed_that_is_not_outstanding(kmip: Conversation) -> None:
    """Process with a value that nobody was given fails with Invalid Asynchronous Correlation Value."""
    item = requests.batch_item(Operation.PROCESS, *requests.poll(NOBODYS).children[-1].children)
    kmip.ask(item).refuses(because=Reason.INVALID_ASYNCHRONOUS_CORRELATION_VALUE).or_acceptably()


@check(
    "process.is-not-pending-any-more",
    since=V2_1,
    cites=kmip_2_1("6.1.39 Process", "such that the next Poll for that asynchronous request SHALL NOT return"),
    needs=[Operation.PROCESS, Operation.POLL, Operation.CREATE],
)
def what_is_processed_is_done_when_it_is_polled(kmip: Conversation) -> None:
    """After Process, the next Poll is not answered with Operation Pending."""
    answer = kmip.ask(requests.create_symmetric_key(), asynchronous=MANDATORY).is_answered()
    answer.settle()
    value = answer.item.asynchronous_correlation_value if answer.item else None
    if value is not None:
        kmip.ask(requests.batch_item(Operation.PROCESS, *requests.poll(value).children[-1].children)).succeeds().settle()
        last = kmip.ask(requests.poll(value)).is_answered()
        last.settle()
        expect(last.item and last.item.result_status, "the Result Status").is_not(int(ResultStatus.OPERATION_PENDING))


def outstanding(kmip: Conversation) -> list[object]:
    """The Asynchronous Correlation Values that Query Asynchronous Requests lists."""
    payload = kmip.ask(requests.batch_item(Operation.QUERY_ASYNCHRONOUS_REQUESTS)).succeeds().payload
    return [item.value for item in payload.walk() if item.tag == Tag.ASYNCHRONOUS_CORRELATION_VALUE]


@check(
    "query-asynchronous-requests.lists-what-is-outstanding",
    since=V2_1,
    cites=kmip_2_1(
        "6.1.41 Query Asynchronous Requests", "the server SHOULD report any asynchronous requests whose results are still outstanding"
    ),
    needs=[Operation.QUERY_ASYNCHRONOUS_REQUESTS, Operation.POLL, Operation.CREATE],
)
def what_is_outstanding_is_listed(kmip: Conversation) -> None:
    """Query Asynchronous Requests lists an operation that was not polled yet, and no longer when it was."""
    answer = kmip.ask(requests.create_symmetric_key(), asynchronous=MANDATORY).is_answered()
    answer.settle()
    value = answer.item.asynchronous_correlation_value if answer.item else None
    if value is not None:
        kmip.prefer(value in outstanding(kmip), "whether it is listed").is_(wanted=True)
        polled(kmip, answer).succeeds()
        kmip.prefer(value in outstanding(kmip), "whether it is listed when it was polled").is_(wanted=False)
