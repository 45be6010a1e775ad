"""Login, Delegated Login and Logout, what their tickets permit, and Ping, Log and Interop (KMIP 2.1, 6.1)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from kmip_server.enums import (
    CredentialType,
    InteropFunction,
    Operation,
    QueryFunction,
    ResultReason,
    ResultStatus,
    TicketType,
    UsageLimitsUnit,
)
from kmip_server.messages import (
    ActivateRequest,
    AttestationCredential,
    Attributes,
    Authentication,
    Credential,
    DelegatedLoginRequest,
    DestroyRequest,
    GetAttributesRequest,
    GetRequest,
    InteropRequest,
    LocateRequest,
    LoginRequest,
    LogoutRequest,
    LogRequest,
    Nonce,
    ObjectGroups,
    Objects,
    Operations,
    PingRequest,
    QueryRequest,
    ResponseBatchItem,
    Right,
    Rights,
    Ticket,
    TicketCredential,
    UsageLimits,
    UsernamePasswordCredential,
)
from kmip_server.versions import V1_4, V2_0, V2_1

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUERY = QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,))


@pytest.fixture(autouse=True)
def in_2_1(lab: Any) -> None:
    lab.version = V2_1


def showing(ticket: Ticket) -> Authentication:
    return Authentication((Credential(CredentialType.TICKET, TicketCredential(ticket)),))


async def login(lab: Any, **told: Any) -> Ticket:
    item: ResponseBatchItem = await lab.ask(LoginRequest(**told))
    assert item.result_status is ResultStatus.SUCCESS, item
    ticket: Ticket = item.response_payload.ticket  # type: ignore[union-attr]
    return ticket


async def delegated(lab: Any, *rights: Right, **told: Any) -> Ticket:
    item: ResponseBatchItem = await lab.ask(DelegatedLoginRequest(rights=Rights(rights), **told))
    assert item.result_status is ResultStatus.SUCCESS, item
    ticket: Ticket = item.response_payload.ticket  # type: ignore[union-attr]
    return ticket


async def created(lab: Any, *attributes: Any) -> str:
    item = await lab.ask(lab.create(*attributes))
    assert item.result_status is ResultStatus.SUCCESS, item
    identifier: str = item.response_payload.unique_identifier
    return identifier


def reason(item: ResponseBatchItem) -> ResultReason | None:
    assert (item.result_reason is None) == (item.result_status is ResultStatus.SUCCESS)
    return item.result_reason


# --- tickets


async def test_a_ticket_stands_for_the_client_that_logged_in(lab: Any) -> None:
    key = await created(lab)
    ticket = await login(lab)
    assert ticket.ticket_type is TicketType.LOGIN
    assert len(ticket.ticket_value) == 32
    get = GetRequest(unique_identifier=key)
    assert reason(await lab.ask(get, peer=lab.other)) is ResultReason.OBJECT_NOT_FOUND
    assert reason(await lab.ask(get, peer=lab.other, authentication=showing(ticket))) is None
    assert lab.records[-1].client.name == "alice"


async def test_every_ticket_is_another(lab: Any) -> None:
    assert len({(await login(lab)).ticket_value for _ in range(3)}) == 3


@pytest.mark.parametrize("count", [1, 3])
async def test_a_ticket_is_good_for_so_many_requests(lab: Any, count: int) -> None:
    ticket = await login(lab, request_count=count, lease_time=0)
    for _ in range(count):
        assert reason(await lab.ask(QUERY, authentication=showing(ticket))) is None
    item = await lab.ask(QUERY, authentication=showing(ticket))
    assert (item.operation, reason(item)) == (Operation.QUERY, ResultReason.USAGE_LIMIT_EXCEEDED)


async def test_a_count_of_zero_is_no_limit(lab: Any) -> None:
    ticket = await login(lab, request_count=0)
    assert [reason(await lab.ask(QUERY, authentication=showing(ticket))) for _ in range(5)] == [None] * 5


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"lease_time": 60}, 60),
        ({"lease_end": 1_000_000_000 + 60}, 60),
        ({"lease_time": 10**9}, 86400),
        ({"lease_time": 0}, 86400),
        ({}, 86400),
    ],
)
async def test_a_ticket_lives_as_long_as_its_lease_and_no_longer_than_a_day(lab: Any, told: dict[str, int], seconds: int) -> None:
    lab.now[0] = 1_000_000_000
    ticket = await login(lab, **told)
    lab.now[0] += seconds - 1
    assert reason(await lab.ask(QUERY, authentication=showing(ticket))) is None
    lab.now[0] += 1
    assert reason(await lab.ask(QUERY, authentication=showing(ticket))) is ResultReason.INVALID_TICKET


async def test_a_ticket_that_was_logged_out_is_worth_nothing(lab: Any) -> None:
    ticket = await login(lab)
    assert reason(await lab.ask(LogoutRequest(ticket=ticket), peer=lab.other)) is ResultReason.INVALID_TICKET
    assert reason(await lab.ask(LogoutRequest(ticket=ticket), authentication=showing(ticket))) is None
    item = await lab.ask(QUERY, authentication=showing(ticket))
    assert (item.operation, reason(item)) == (Operation.QUERY, ResultReason.INVALID_TICKET)
    assert reason(await lab.ask(LogoutRequest(ticket=ticket))) is ResultReason.INVALID_TICKET


async def test_a_made_up_ticket_is_worth_nothing_and_nothing_is_done(lab: Any) -> None:
    answer = await lab.batch(lab.create(), QUERY, authentication=showing(Ticket(TicketType.LOGIN, bytes(32))))
    assert [reason(item) for item in answer.batch_item] == [ResultReason.INVALID_TICKET] * 2
    found = await lab.ask(LocateRequest(attributes=Attributes()))
    assert found.response_payload.unique_identifier == ()


async def test_a_ticket_outlives_the_server(lab: Any, make_lab: Callable[[Path], Any], tmp_path: Path) -> None:
    ticket = await login(lab, request_count=2)
    assert reason(await lab.ask(QUERY, authentication=showing(ticket))) is None
    other = make_lab(tmp_path)
    try:
        answers = [await other.ask(QUERY, version=V2_1, authentication=showing(ticket)) for _ in range(2)]
    finally:
        other.close()
    assert [reason(item) for item in answers] == [None, ResultReason.USAGE_LIMIT_EXCEEDED]


async def test_a_ticket_ends_with_its_client(lab: Any) -> None:
    ticket = await login(lab)
    lab.directory.remove_client(lab.peer.client.id)
    assert reason(await lab.ask(QUERY, peer=lab.other, authentication=showing(ticket))) is ResultReason.INVALID_TICKET


async def test_a_ticket_gives_no_ticket(lab: Any) -> None:
    ticket = await login(lab)
    for asked in (LoginRequest(), DelegatedLoginRequest(rights=Rights())):
        assert reason(await lab.ask(asked, authentication=showing(ticket))) is ResultReason.PERMISSION_DENIED


async def test_a_client_has_only_so_many_tickets(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from kmip_server.access import tickets

    monkeypatch.setattr(tickets, "TICKETS", type(tickets.TICKETS)("kmip:tickets", most=2))
    lab.now[0] = 1_000_000_000
    await login(lab, lease_time=10)
    await login(lab)
    assert reason(await lab.ask(LoginRequest())) is ResultReason.SERVER_LIMIT_EXCEEDED
    assert reason(await lab.ask(LoginRequest(), peer=lab.other)) is None
    lab.now[0] += 10  # the first has expired, and makes room
    await login(lab)


@pytest.mark.parametrize(
    "told",
    [
        {"request_count": -1},
        {"lease_end": 1},
        {"usage_limits": UsageLimits(usage_limits_total=1, usage_limits_unit=UsageLimitsUnit.BYTE)},
    ],
)
async def test_a_login_that_makes_no_sense_is_refused(lab: Any, told: dict[str, Any]) -> None:
    assert reason(await lab.ask(LoginRequest(**told))) is ResultReason.INVALID_FIELD


async def test_usage_limits_count_the_items_of_batches(lab: Any) -> None:
    ticket = await login(lab, usage_limits=UsageLimits(usage_limits_total=3, usage_limits_unit=UsageLimitsUnit.OBJECT))
    answer = await lab.batch(QUERY, QUERY, authentication=showing(ticket))
    assert [reason(item) for item in answer.batch_item] == [None, None]
    answer = await lab.batch(QUERY, QUERY, authentication=showing(ticket))
    assert [reason(item) for item in answer.batch_item] == [ResultReason.USAGE_LIMIT_EXCEEDED] * 2
    assert reason(await lab.ask(QUERY, authentication=showing(ticket))) is None


@pytest.mark.parametrize("version", [V2_0, V2_1], ids=str)
async def test_sessions_are_of_2_0(lab: Any, version: Any) -> None:
    lab.version = version
    assert reason(await lab.ask(QUERY, authentication=showing(await login(lab)))) is None


async def test_1_x_knows_no_login(lab: Any) -> None:
    item = await lab.ask(QUERY, version=V1_4)
    assert Operation.LOGIN not in item.response_payload.operation
    assert Operation.LOGIN in (await lab.ask(QUERY)).response_payload.operation


# --- rights


def right(
    *operations: Operation, objects: tuple[str, ...] | None = None, groups: tuple[str, ...] | None = None, limit: int | None = None
) -> Right:
    return Right(
        usage_limits=None if limit is None else UsageLimits(usage_limits_total=limit, usage_limits_unit=UsageLimitsUnit.OBJECT),
        operations=Operations(operations) if operations else None,
        objects=None if objects is None else Objects(objects),
        object_groups=None if groups is None else ObjectGroups(groups),
    )


async def test_query_lists_what_the_ticket_permits(lab: Any) -> None:
    ticket = await delegated(lab, right(Operation.QUERY, Operation.LOG), right(Operation.INTEROP))
    item = await lab.ask(QUERY, authentication=showing(ticket))
    assert set(item.response_payload.operation) == {Operation.QUERY, Operation.LOG, Operation.INTEROP}


async def test_an_operation_needs_a_right_and_so_does_the_object(lab: Any) -> None:
    mine, other = await created(lab), await created(lab)
    ticket = await delegated(lab, right(Operation.QUERY), right(Operation.GET_ATTRIBUTES, objects=(mine,)))

    async def ask(payload: Any) -> ResultReason | None:
        return reason(await lab.ask(payload, authentication=showing(ticket)))

    assert await ask(GetAttributesRequest(unique_identifier=mine)) is None
    assert await ask(GetRequest(unique_identifier=mine)) is ResultReason.NOT_AUTHORISED
    assert await ask(GetAttributesRequest(unique_identifier=other)) is ResultReason.NOT_AUTHORISED
    assert await ask(GetAttributesRequest(unique_identifier="no such thing")) is ResultReason.NOT_AUTHORISED
    assert await ask(lab.create()) is ResultReason.NOT_AUTHORISED


async def test_a_right_on_objects_lets_nothing_else_be_changed_made_or_found(lab: Any) -> None:
    mine, other = await created(lab), await created(lab)
    ticket = await delegated(lab, right(objects=(mine,)))

    async def ask(payload: Any) -> ResponseBatchItem:
        item: ResponseBatchItem = await lab.ask(payload, authentication=showing(ticket))
        return item

    found = await ask(LocateRequest(attributes=Attributes()))
    assert found.response_payload.unique_identifier == (mine,)  # type: ignore[union-attr]
    assert reason(await ask(ActivateRequest(unique_identifier=other))) is ResultReason.NOT_AUTHORISED
    assert reason(await ask(DestroyRequest(unique_identifier=other))) is ResultReason.NOT_AUTHORISED
    assert reason(await ask(lab.create())) is ResultReason.NOT_AUTHORISED
    assert reason(await ask(DestroyRequest(unique_identifier=mine))) is None
    assert reason(await lab.ask(GetRequest(unique_identifier=other))) is None


async def test_a_right_on_a_group_is_one_on_its_members(lab: Any) -> None:
    member, other = await created(lab, lab.attr("Object Group", "ours")), await created(lab)
    ticket = await delegated(lab, right(groups=("ours", "theirs")))
    asked = [lab.ask(GetRequest(unique_identifier=one), authentication=showing(ticket)) for one in (member, other)]
    assert [reason(await one) for one in asked] == [None, ResultReason.NOT_AUTHORISED]
    made = [lab.ask(lab.create(*given), authentication=showing(ticket)) for given in ((lab.attr("Object Group", "ours"),), ())]
    assert [reason(await one) for one in made] == [None, ResultReason.NOT_AUTHORISED]


async def test_a_ticket_without_rights_permits_nothing(lab: Any) -> None:
    assert reason(await lab.ask(QUERY, authentication=showing(await delegated(lab)))) is ResultReason.PERMISSION_DENIED


async def test_a_right_has_a_limit_of_its_own(lab: Any) -> None:
    ticket = await delegated(lab, right(Operation.QUERY, limit=1), right(Operation.LOG))
    asked = showing(ticket)
    assert reason(await lab.ask(QUERY, authentication=asked)) is None
    assert reason(await lab.ask(QUERY, authentication=asked)) is ResultReason.USAGE_LIMIT_EXCEEDED
    assert reason(await lab.ask(LogRequest(log_message="still here"), authentication=asked)) is None


async def test_rights_on_what_is_not_ones_own_are_not_given(lab: Any) -> None:
    foreign = await lab.ask(lab.create(), peer=lab.other)
    asked = DelegatedLoginRequest(rights=Rights((right(objects=(foreign.response_payload.unique_identifier,)),)))
    assert reason(await lab.ask(asked)) is ResultReason.OBJECT_NOT_FOUND


# --- other credentials


async def test_all_credentials_of_a_request_must_be_right(lab: Any) -> None:
    lab.directory.set_password(lab.peer.client.id, "alice", "secret")
    lab.peer = lab.peer._replace(client=lab.directory.client("alice"))
    password = Credential(CredentialType.USERNAME_AND_PASSWORD, UsernamePasswordCredential("alice", "secret"))
    wrong = Credential(CredentialType.USERNAME_AND_PASSWORD, UsernamePasswordCredential("alice", "guess"))
    ticket = Credential(CredentialType.TICKET, TicketCredential(await login(lab)))
    assert reason(await lab.ask(QUERY, authentication=Authentication((password, ticket)))) is None
    for bad in ((ticket, wrong), (wrong, ticket), (ticket, ticket)):
        item = await lab.ask(QUERY, authentication=Authentication(bad))
        assert (item.operation, reason(item)) == (None, ResultReason.AUTHENTICATION_NOT_SUCCESSFUL)


async def test_an_attestation_is_refused(lab: Any) -> None:
    from kmip_server.enums import AttestationType

    value = AttestationCredential(Nonce(b"1", b"2"), AttestationType.TPM_QUOTE, b"measured", None)
    item = await lab.ask(QUERY, authentication=Authentication((Credential(CredentialType.ATTESTATION, value),)))
    assert reason(item) is ResultReason.ATTESTATION_FAILED


# --- Ping, Log, Interop


async def test_ping_is_answered(lab: Any) -> None:
    assert reason(await lab.ask(PingRequest())) is None
    assert reason(await lab.ask(QUERY, version=V2_0)) is None
    assert Operation.PING not in (await lab.ask(QUERY, version=V2_0)).response_payload.operation


async def test_a_clients_message_is_one_line_of_the_log(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "kmip_server.clients"):
        assert reason(await lab.ask(LogRequest(log_message="first\nINFO forged " + "x" * 5000))) is None
    (record,) = caplog.records
    said = record.getMessage()
    assert said.startswith(r"alice says: 'first\nINFO forged xxx")
    assert "\n" not in said
    assert len(said) < 1100


async def test_interop_reset_takes_away_what_the_client_has_and_nothing_else(lab: Any) -> None:
    mine = await created(lab)
    foreign = await lab.ask(lab.create(), peer=lab.other)
    ticket = await login(lab)
    for function in (InteropFunction.BEGIN, InteropFunction.END):
        assert reason(await lab.ask(InteropRequest(interop_function=function, interop_identifier="TC-1"))) is None
    assert reason(await lab.ask(GetRequest(unique_identifier=mine))) is None
    assert reason(await lab.ask(InteropRequest(interop_function=InteropFunction.RESET, interop_identifier="TC-1"))) is None
    assert reason(await lab.ask(GetRequest(unique_identifier=mine))) is ResultReason.OBJECT_NOT_FOUND
    assert reason(await lab.ask(QUERY, authentication=showing(ticket))) is ResultReason.INVALID_TICKET
    get = GetRequest(unique_identifier=foreign.response_payload.unique_identifier)
    assert reason(await lab.ask(get, peer=lab.other)) is None
