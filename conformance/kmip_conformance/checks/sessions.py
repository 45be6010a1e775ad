"""Login and Logout, Ping, Log and Interop (KMIP 2.0 and later): tickets that open, and do not open any more."""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import (
    V2_0,
    V2_1,
    Conversation,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import InteropFunction, QueryFunction, TicketType
from kmip_conformance.wire import Item, enumeration, octets, structure

LOGIN, LOGOUT = "6.1.30 Login", "6.1.31 Logout"
LOGS_IN = [Operation.LOGIN]
LOGS_OUT = [Operation.LOGIN, Operation.LOGOUT]
WORTHLESS = (Reason.AUTHENTICATION_NOT_SUCCESSFUL, Reason.INVALID_TICKET, Reason.PERMISSION_DENIED)
NOBODYS = structure(Tag.TICKET, enumeration(Tag.TICKET_TYPE, TicketType.LOGIN), octets(Tag.TICKET_VALUE, bytes(32)))

ticket_rule = partial(
    check,
    since=V2_0,
    cites=kmip_2_1(LOGIN, "authenticated using a ticket that is returned by this operation"),
    needs=LOGS_IN,
)


def ticket_of(kmip: Conversation, **limits: int) -> Item:
    """The ticket that a Login returns."""
    found = kmip.ask(requests.login(**limits)).succeeds().find(Tag.TICKET)
    expect(found, "the Ticket").is_present()
    assert found is not None
    return found


@ticket_rule("login.ticket-opens", needs=[*LOGS_IN, Operation.CREATE], mutants=["login.ticket-of-no-worth"])
def a_request_with_the_ticket_is_carried_out(kmip: Conversation) -> None:
    """A request that shows the ticket of a Login is carried out."""
    credential = requests.ticket_credential(ticket_of(kmip))
    kmip.ask(requests.create_symmetric_key(), credential=credential).succeeds()


@ticket_rule("login.tickets-differ")
def every_login_has_its_own_ticket(kmip: Conversation) -> None:
    """Two Logins return different tickets."""
    values = {ticket_of(kmip).octets(Tag.TICKET_VALUE) for _ in range(2)}
    expect(len(values), "the number of different tickets").is_(2)


@ticket_rule("login.unknown-ticket-refused", mutants=["login.every-ticket-opens"])
def a_ticket_that_nobody_was_given_opens_nothing(kmip: Conversation) -> None:
    """A request with a ticket that no Login returned is refused."""
    item = requests.query(QueryFunction.QUERY_OPERATIONS)
    kmip.ask(item, credential=requests.ticket_credential(NOBODYS)).refuses(because=WORTHLESS)


@ticket_rule(
    "login.request-count",
    cites=kmip_2_1("Table 253: Login Request Payload", "The integer count of the number of requests that can be made with the ticket"),
    mutants=["login.request-count-ignored"],
)
def a_ticket_is_good_for_so_many_requests(kmip: Conversation) -> None:
    """A ticket for two requests opens twice, and not a third time."""
    credential = requests.ticket_credential(ticket_of(kmip, request_count=2))
    item = requests.query(QueryFunction.QUERY_OPERATIONS)
    for _ in range(2):
        kmip.ask(item, credential=credential).succeeds().settle()
    kmip.ask(item, credential=credential).refuses(because=(*WORTHLESS, Reason.USAGE_LIMIT_EXCEEDED))


@ticket_rule(
    "logout.ticket-is-worth-nothing",
    cites=kmip_2_1(LOGOUT, "terminate the Login and prevent future unauthenticated sessions being created without the ticket"),
    needs=LOGS_OUT,
    mutants=["logout.does-nothing"],
)
def after_logout_the_ticket_opens_nothing(kmip: Conversation) -> None:
    """After Logout, a request with the ticket is refused."""
    ticket = ticket_of(kmip)
    kmip.ask(requests.logout(ticket)).succeeds().settle()
    item = requests.query(QueryFunction.QUERY_OPERATIONS)
    kmip.ask(item, credential=requests.ticket_credential(ticket)).refuses(because=WORTHLESS)


@ticket_rule("logout.unknown-ticket-refused", cites=kmip_2_1("Table 258: Logout Errors", "Invalid Ticket"), needs=LOGS_OUT)
def nobody_is_logged_out_by_a_ticket_of_nobody(kmip: Conversation) -> None:
    """Logout of a ticket that no Login returned fails with Invalid Ticket."""
    kmip.ask(requests.logout(NOBODYS)).refuses(because=Reason.INVALID_TICKET).or_acceptably()


@ticket_rule("logout.one-ticket-alone", cites=kmip_2_1("Table 256: Logout Request Payload", "The ticket to be invalidated"), needs=LOGS_OUT)
def another_ticket_goes_on_opening(kmip: Conversation) -> None:
    """Logout of one ticket leaves another one of the same client as it is."""
    one, two = ticket_of(kmip), ticket_of(kmip)
    kmip.ask(requests.logout(one)).succeeds().settle()
    kmip.ask(requests.query(QueryFunction.QUERY_OPERATIONS), credential=requests.ticket_credential(two)).succeeds()


@check(
    "ping.is-answered",
    since=V2_1,
    cites=kmip_2_1("6.1.36 Ping", "This operation is used to determine if a server is alive and responding"),
    needs=[Operation.PING],
    mutants=["ping.refused"],
)
def a_ping_is_answered(kmip: Conversation) -> None:
    """Ping succeeds, with nothing in its payload."""
    expect(len(kmip.ask(requests.ping()).succeeds().payload.children), "the number of fields in the payload").is_(0)


@check(
    "log.is-taken",
    since=V2_0,
    cites=kmip_2_1("6.1.29 Log", "The response payload returned is empty"),
    needs=[Operation.LOG],
)
def a_message_is_logged(kmip: Conversation) -> None:
    """Log of a message succeeds, with nothing in its payload."""
    payload = kmip.ask(requests.log("kmiplab: a line of a conformance check")).succeeds().payload
    expect(len(payload.children), "the number of fields in the payload").is_(0)


@check("log.message-required", since=V2_0, cites=kmip_2_1("Table 250: Log Request Payload", "Log Message | Yes"), needs=[Operation.LOG])
def without_a_message_nothing_is_logged(kmip: Conversation) -> None:
    """Log without a Log Message, which its payload requires, is refused."""
    kmip.ask(requests.log(None)).refuses()


@check(
    "interop.begin-and-end",
    since=V2_0,
    cites=kmip_2_1("6.1.26 Interop", "The Interop Operation uses three Interop Functions (Begin, End and Reset)"),
    needs=[Operation.INTEROP],
)
def a_test_case_begins_and_ends(kmip: Conversation) -> None:
    """Where Interop is offered, a test case is begun and ended."""
    for function in (InteropFunction.BEGIN, InteropFunction.END):
        kmip.ask(requests.interop(function, "kmiplab-case")).succeeds().settle()


@check(
    "query.protection-storage-masks",
    since=V2_0,
    cites=kmip_2_1("Table 283: Query Response Payload", "Specifies the list of Protection Storage Mask values supported by the server"),
    needs=[Operation.QUERY],
)
def protection_storage_masks_are_told(kmip: Conversation) -> None:
    """Query of the storage protection masks succeeds, and answers with nothing but masks."""
    payload = kmip.query(QueryFunction.QUERY_STORAGE_PROTECTION_MASKS).succeeds().payload
    others = {child.tag for child in payload.children} - {int(Tag.PROTECTION_STORAGE_MASK), int(Tag.PROTECTION_STORAGE_MASKS)}
    expect(sorted(others), "the other fields of the payload").is_([])


@check(
    "query.defaults-information",
    since=V2_0,
    cites=kmip_2_1("7.11 Defaults Information", "for values that servers will use if clients omit them from factory operations requests"),
    needs=[Operation.QUERY],
)
def defaults_are_told_by_object_type(kmip: Conversation) -> None:
    """Query of the defaults succeeds; each Object Defaults in it says for which object types, and which attributes."""
    payload = kmip.query(QueryFunction.QUERY_DEFAULTS_INFORMATION).succeeds().payload
    held = [item for item in payload.walk() if item.tag == Tag.OBJECT_DEFAULTS]
    incomplete = [item for item in held if item.first(Tag.ATTRIBUTES) is None]
    expect(len(incomplete), "the number of Object Defaults without Attributes").is_(0)
