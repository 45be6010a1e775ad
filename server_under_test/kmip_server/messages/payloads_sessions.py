"""The payloads of operations on logins and on requests that are under way (KMIP 1.4, 4.27 and 4.28; KMIP 2.1, 6.1)."""

# ruff: noqa: TC001 - the annotations are the tables, and are read at run time
from __future__ import annotations

from kmip_server.enums import CancellationResult, Operation, ProcessingStage, Tag
from kmip_server.messages.attribute_values import UsageLimits
from kmip_server.messages.rules import Operations, Rights, Ticket
from kmip_server.messages.tables import field, request, response, structure
from kmip_server.messages.values import DateTime, DateTimeExtended, Integer, Interval


@request(Operation.LOGIN)
class LoginRequest:
    """Login (2.1, 6.1.30), since 2.0. The Lease Time is an Interval or a Date Time."""

    lease_time: Interval | None = None
    lease_end: DateTime | None = field(default=None, tag=Tag.LEASE_TIME)
    request_count: Integer | None = None
    usage_limits: UsageLimits | None = None


@response(Operation.LOGIN)
class LoginResponse:
    """Login (2.1, 6.1.30), since 2.0."""

    ticket: Ticket


@request(Operation.DELEGATED_LOGIN)
class DelegatedLoginRequest:
    """Delegated Login (2.1, 6.1.12), since 2.0."""

    lease_time: Interval | None = None
    lease_end: DateTime | None = field(default=None, tag=Tag.LEASE_TIME)
    request_count: Integer | None = None
    usage_limits: UsageLimits | None = None
    rights: Rights


@response(Operation.DELEGATED_LOGIN)
class DelegatedLoginResponse:
    """Delegated Login (2.1, 6.1.12), since 2.0."""

    ticket: Ticket


@request(Operation.LOGOUT)
class LogoutRequest:
    """Logout (2.1, 6.1.31), since 2.0."""

    ticket: Ticket


@response(Operation.LOGOUT)
class LogoutResponse:
    """Logout (2.1, 6.1.31), since 2.0."""


@request(Operation.CANCEL)
class CancelRequest:
    """Cancel (4.27)."""

    asynchronous_correlation_value: bytes


@response(Operation.CANCEL)
class CancelResponse:
    """Cancel (4.27)."""

    asynchronous_correlation_value: bytes
    cancellation_result: CancellationResult


@request(Operation.POLL)
class PollRequest:
    """Poll (4.28). Its response has the payload of the operation that was polled for, or none."""

    asynchronous_correlation_value: bytes


@request(Operation.PROCESS)
class ProcessRequest:
    """Process (2.1, 6.1.39), since 2.1."""

    asynchronous_correlation_value: bytes


@response(Operation.PROCESS)
class ProcessResponse:
    """Process (2.1, 6.1.39), since 2.1."""


@structure(Tag.ASYNCHRONOUS_CORRELATION_VALUES)
class AsynchronousCorrelationValues:
    """Asynchronous Correlation Values (2.1, 7.1), since 2.1: a list, although the table does not say that they may be repeated."""

    asynchronous_correlation_value: tuple[bytes, ...] = ()


@structure(Tag.ASYNCHRONOUS_REQUEST)
class AsynchronousRequest:
    """Asynchronous Request (2.1, 7.2), since 2.1."""

    asynchronous_correlation_value: bytes
    operation: Operation
    submission_date: DateTimeExtended
    processing_stage: ProcessingStage


@request(Operation.QUERY_ASYNCHRONOUS_REQUESTS)
class QueryAsynchronousRequestsRequest:
    """Query Asynchronous Requests (2.1, 6.1.41), since 2.1."""

    asynchronous_correlation_values: AsynchronousCorrelationValues | None = None
    operations: Operations | None = None


@response(Operation.QUERY_ASYNCHRONOUS_REQUESTS)
class QueryAsynchronousRequestsResponse:
    """Query Asynchronous Requests (2.1, 6.1.41), since 2.1."""

    asynchronous_request: tuple[AsynchronousRequest, ...] = ()
