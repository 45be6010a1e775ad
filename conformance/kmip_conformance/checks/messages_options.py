"""Messages, options: Maximum Response Size, asynchronous answers, extensions, time stamps and credentials (KMIP 1.4, 6)."""

from __future__ import annotations

import time

from kmip_reports.records import Verdict

from kmip_conformance.authoring import (
    V1_2,
    V2_0,
    Conversation,
    Operation,
    QueryFunction,
    Reason,
    State,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.judge.verdicts import Excused
from kmip_conformance.wire import enumeration, text

FUNCTION = enumeration(Tag.QUERY_FUNCTION, QueryFunction.QUERY_OPERATIONS)
ASKING = requests.batch_item(Operation.QUERY, FUNCTION)
SIZE = kmip_1_4("6.3 Maximum Response Size", "is used to indicate the maximum size of a response, in bytes")
TOO_LARGE = kmip_1_4("11.1 General", "Maximum Response Size has been exceeded")
ASYNCHRONOUS = "6.7 Asynchronous Indicator"
EXTENSION = "6.16 Message Extension"
CRITICAL = kmip_1_4(
    EXTENSION,
    "If the indicator is True (i.e., Critical), and the receiver does not understand the extension, then the receiver SHALL reject the"
    " entire message.",
)
NOT_UNDERSTOOD = kmip_1_4("11.1 General", "Message Extension structure is set to True, but the server does not understand the extension")
CREDENTIALS = kmip_1_4("6.10 Result Reason", "The authentication information in the request could not be validated, or was not found.")
NOBODY = "kmiplab-nobody"
"""A vendor, and a user, that no server knows."""
CONTENT = text(0x540001, "anything")
ASKING_CRITICALLY = requests.batch_item(
    Operation.QUERY, FUNCTION, extension=requests.message_extension(NOBODY, critical=True, content=[CONTENT])
)
ASKING_WITH_MORE = requests.batch_item(
    Operation.QUERY, FUNCTION, extension=requests.message_extension(NOBODY, critical=False, content=[CONTENT])
)
NO_PASSWORD = Excused(Verdict.SKIPPED, "no user name is given (--username)")


@check("messages.response-too-large", cites=[TOO_LARGE, SIZE], mutants=["messages.maximum-response-size-ignored"])
def an_answer_that_is_too_large_is_not_sent(kmip: Conversation) -> None:
    """An answer that would be larger than Maximum Response Size is replaced by a failure, Response Too Large."""
    size = len(kmip.query().succeeds().reply.response.data)
    kmip.ask(ASKING, maximum_response_size=size - 8).refuses(because=Reason.RESPONSE_TOO_LARGE)


@check(
    "messages.response-that-just-fits",
    cites=SIZE,
    in_2_x=kmip_2_1("9.12 Maximum Response Size", "is used to indicate the maximum size of a response, in bytes"),
)
def an_answer_that_just_fits_is_sent(kmip: Conversation) -> None:
    """An answer as large as Maximum Response Size is sent."""
    size = len(kmip.query().succeeds().reply.response.data)
    kmip.ask(ASKING, maximum_response_size=size + 64).succeeds()


@check("messages.response-size-of-a-key", cites=[TOO_LARGE, SIZE], needs=[Operation.CREATE, Operation.GET])
def a_key_that_is_too_large_is_not_sent(kmip: Conversation) -> None:
    """Get of a key with a Maximum Response Size that the key does not fit into fails with Response Too Large, and sends no key."""
    key = kmip.has_key()
    size = len(kmip.get(key).succeeds().reply.response.data)
    reply = kmip.ask(requests.get(key), maximum_response_size=size - 8).refuses(because=Reason.RESPONSE_TOO_LARGE).reply
    expect(reply.response.root.anywhere(Tag.KEY_MATERIAL), "the Key Material in the failure").is_absent()


@check(
    "messages.response-size-of-nothing",
    cites=SIZE,
    in_2_x=kmip_2_1("9.12 Maximum Response Size", "is used to indicate the maximum size of a response, in bytes"),
    hostile=True,
    once=True,
)
def a_maximum_that_holds_nothing_is_answered_or_not(kmip: Conversation) -> None:
    """A Maximum Response Size of 8, into which not even a failure fits, is refused, or the connection is closed."""
    reply = kmip.send_bytes(kmip.request(ASKING, maximum_response_size=8)).is_refused(because=Reason.RESPONSE_TOO_LARGE).or_closes()
    reply.or_acceptably()


@check(
    "messages.response-size-negative",
    cites=SIZE,
    in_2_x=kmip_2_1("9.12 Maximum Response Size", "is used to indicate the maximum size of a response, in bytes"),
    hostile=True,
    once=True,
)
def a_negative_maximum_is_refused(kmip: Conversation) -> None:
    """A Maximum Response Size of -1 is refused; taking it for none is tolerated."""
    kmip.send_bytes(kmip.request(ASKING, maximum_response_size=-1)).is_refused().or_closes().or_acceptably_succeeds()


@check(
    "messages.synchronous-when-asked",
    since=V1_2,
    cites=kmip_1_4(ASYNCHRONOUS, "the server SHALL process the request synchronously"),
    in_2_x=kmip_2_1("9.2 Asynchronous Indicator", "the server SHALL process the request synchronously"),
    needs=[Operation.CREATE],
)
def an_operation_is_synchronous_when_it_has_to_be(kmip: Conversation) -> None:
    """With an Asynchronous Indicator of False, Create is answered with its result."""
    kmip.ask(requests.create_symmetric_key(), asynchronous=False).succeeds()


@check(
    "messages.synchronous-unless-told-otherwise",
    cites=kmip_1_4(ASYNCHRONOUS, "If not present in a request, then False is assumed."),
    in_2_x=kmip_2_1("9.2 Asynchronous Indicator", "If not present in a request, then Prohibited is assumed."),
    needs=[Operation.CREATE],
)
def nothing_is_pending_unless_asked_for(kmip: Conversation) -> None:
    """Without an Asynchronous Indicator, Create is answered with its result."""
    kmip.ask(requests.create_symmetric_key()).succeeds()


@check(
    "messages.asynchronous-is-an-offer",
    cites=kmip_1_4(ASYNCHRONOUS, "whether the client is able to accept an asynchronous response"),
    in_2_x=kmip_2_1("9.2 Asynchronous Indicator", "whether the client is able to accept an asynchronous response"),
)
def a_client_that_could_wait_is_served(kmip: Conversation) -> None:
    """With an Asynchronous Indicator of True, a request succeeds at once or is pending: the indicator demands nothing."""
    answer = kmip.ask(ASKING, asynchronous=True).succeeds()
    answer.allows("is pending", lambda: answer.item is not None and answer.item.asynchronous_correlation_value is not None)
    answer.or_acceptably(because=Reason.FEATURE_NOT_SUPPORTED)


@check(
    "messages.time-stamp-of-the-client",
    cites=kmip_1_4("6.5 Time Stamp", "This is an OPTIONAL field contained in a client request."),
    in_2_x=kmip_2_1("9.20 Time Stamp", "This is an OPTIONAL field contained in a client request."),
)
def a_time_stamp_of_the_client_is_taken(kmip: Conversation) -> None:
    """A request with the present time as its Time Stamp is processed."""
    kmip.ask(ASKING, time_stamp=int(time.time())).succeeds()


@check(
    "messages.time-stamp-of-another-century",
    cites=kmip_1_4("6.5 Time Stamp", "MAY choose to reject a request"),
    in_2_x=kmip_2_1("9.20 Time Stamp", "MAY choose to reject a request"),
    hostile=True,
    once=True,
)
def a_time_stamp_far_away_is_answered(kmip: Conversation) -> None:
    """A request from the year 1901, a negative Time Stamp, is processed or refused, as the server chooses."""
    kmip.ask(ASKING, time_stamp=-(1 << 31)).is_answered()


@check(
    "messages.critical-extension-rejected",
    cites=[CRITICAL, NOT_UNDERSTOOD],
    in_2_x=kmip_2_1("9.13 Message Extension", "then the receiver SHALL reject the entire message."),
    mutants=["messages.critical-extension-ignored"],
)
def a_critical_extension_is_rejected(kmip: Conversation) -> None:
    """A batch item with a critical Message Extension of an unknown vendor fails: Feature Not Supported, or its own reason of 2.x."""
    named_in_2_x = (Reason.FEATURE_NOT_SUPPORTED, Reason.UNKNOWN_MESSAGE_EXTENSION)
    kmip.ask(ASKING_CRITICALLY).refuses(because=Reason.FEATURE_NOT_SUPPORTED if kmip.version < V2_0 else named_in_2_x)


@check(
    "messages.critical-extension-rejects-the-batch",
    cites=CRITICAL,
    in_2_x=kmip_2_1("9.13 Message Extension", "then the receiver SHALL reject the entire message."),
    needs=[Operation.CREATE, Operation.ACTIVATE, Operation.GET_ATTRIBUTES],
    mutants=["messages.critical-extension-ignored"],
)
def a_critical_extension_rejects_the_entire_message(kmip: Conversation) -> None:
    """A critical Message Extension of an unknown vendor rejects the entire message: no other item of the batch is carried out."""
    key = kmip.has_key()
    kmip.send(requests.activate(key), ASKING_CRITICALLY, order=True).is_refused().settle()
    expect(kmip.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)


@check(
    "messages.other-extension-ignored",
    cites=kmip_1_4(EXTENSION, "MAY process the rest of the message as if the extension were not present"),
    in_2_x=kmip_2_1("9.13 Message Extension", "MAY process the rest of the message as if the extension were not present"),
)
def an_extension_that_is_not_critical_is_ignored(kmip: Conversation) -> None:
    """A Message Extension of an unknown vendor that is not critical is ignored; refusing it is tolerated."""
    kmip.ask(ASKING_WITH_MORE).succeeds().or_acceptably()


@check(
    "messages.extension-without-criticality",
    cites=kmip_1_4(EXTENSION, "SHALL contain the Vendor Identification, Criticality Indicator, and Vendor Extension fields"),
    in_2_x=kmip_2_1(
        "9.13 Message Extension", "SHALL contain the Vendor Identification, Criticality Indicator, and Vendor Extension fields"
    ),
    hostile=True,
    once=True,
)
def an_extension_that_does_not_say_if_it_is_critical_is_refused(kmip: Conversation) -> None:
    """A Message Extension without a Criticality Indicator is refused as an invalid message; ignoring it is tolerated."""
    message = kmip.request(ASKING_WITH_MORE).without((Tag.BATCH_ITEM, Tag.MESSAGE_EXTENSION, Tag.CRITICALITY_INDICATOR))
    kmip.send_bytes(message).is_refused().or_acceptably_succeeds()


@check(
    "messages.right-password",
    needs=[Operation.GET],
    cites=CREDENTIALS,
    in_2_x=kmip_2_1(
        "11.46 Result Reason Enumeration", "The authentication information in the request could not be validated, or was not found"
    ),
)
def the_right_password_is_taken(kmip: Conversation) -> None:
    """A request with the right user name and password is carried out."""
    if kmip.target.username is None:
        raise NO_PASSWORD
    kmip.get("no-such-object").refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "messages.wrong-password",
    needs=[Operation.GET],
    cites=CREDENTIALS,
    in_2_x=kmip_2_1(
        "11.46 Result Reason Enumeration", "The authentication information in the request could not be validated, or was not found"
    ),
    hostile=True,
    once=True,
)
def a_wrong_password_is_refused(kmip: Conversation) -> None:
    """A request with the right user name and a wrong password fails with Authentication Not Successful."""
    if kmip.target.username is None:
        raise NO_PASSWORD
    credential = requests.credential(kmip.target.username, f"not {kmip.target.password}")
    answer = kmip.ask(requests.get("no-such-object"), credential=credential).refuses(because=Reason.AUTHENTICATION_NOT_SUCCESSFUL)
    answer.or_acceptably(because=Reason.PERMISSION_DENIED)


@check(
    "messages.unknown-user",
    needs=[Operation.GET],
    cites=CREDENTIALS,
    in_2_x=kmip_2_1(
        "11.46 Result Reason Enumeration", "The authentication information in the request could not be validated, or was not found"
    ),
    hostile=True,
    once=True,
)
def an_unknown_user_is_refused(kmip: Conversation) -> None:
    """A request with an unknown user name fails with Authentication Not Successful."""
    if kmip.target.username is None:
        raise NO_PASSWORD
    answer = kmip.ask(requests.get("no-such-object"), credential=requests.credential(NOBODY, f"{kmip.target.password}"))
    answer.refuses(because=Reason.AUTHENTICATION_NOT_SUCCESSFUL).or_acceptably(because=Reason.PERMISSION_DENIED)


@check("messages.password-left-out", needs=[Operation.GET], cites=CREDENTIALS, hostile=True, once=True)
def a_user_name_alone_is_refused(kmip: Conversation) -> None:
    """A request with the right user name and no password fails with Authentication Not Successful."""
    if kmip.target.username is None:
        raise NO_PASSWORD
    answer = kmip.ask(requests.get("no-such-object"), credential=requests.credential(kmip.target.username))
    answer.refuses(because=Reason.AUTHENTICATION_NOT_SUCCESSFUL).or_acceptably(because=(Reason.PERMISSION_DENIED, Reason.MISSING_DATA))


@check(
    "messages.authentication-without-credential",
    cites=kmip_1_4("6.6 Authentication", "The Authentication structure SHALL contain one or more Credential structures."),
    hostile=True,
    once=True,
)
def an_authentication_without_a_credential_is_refused(kmip: Conversation) -> None:
    """An Authentication structure without a Credential is refused; ignoring it is tolerated."""
    kmip.send_bytes(kmip.request(ASKING, credential=())).is_refused().or_acceptably_succeeds()


@check(
    "messages.credential-of-no-meaning", cites=kmip_1_4("2.1.2 Credential", "Credential Type | Enumeration, see 9.1.3.2.1"), hostile=True
)
def a_credential_of_an_unknown_type_is_refused(kmip: Conversation) -> None:
    """A Credential whose type no version has is refused; ignoring it is tolerated."""
    credential = requests.credential(NOBODY, "nothing").changed(Tag.CREDENTIAL_TYPE, lambda item: item.holding(0x7FFFFFFF))
    kmip.send_bytes(kmip.request(ASKING, credential=credential)).is_refused().or_acceptably_succeeds()
