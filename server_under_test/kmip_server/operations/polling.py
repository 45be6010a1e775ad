"""Poll, Cancel, Process and Query Asynchronous Requests (KMIP 1.4, 4.27 and 4.28; KMIP 2.1, 6.1.39 and 6.1.41).

Poll and Process write nothing themselves: what they make be performed has a unit of work of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import Operation
from kmip_server.messages import CancelResponse, ProcessResponse, QueryAsynchronousRequestsResponse
from kmip_server.operations.table import AnsweredOtherwise, operation
from kmip_server.versions import V2_1

if TYPE_CHECKING:
    from typing import NoReturn

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CancelRequest, PollRequest, ProcessRequest, QueryAsynchronousRequestsRequest


@operation(Operation.POLL, writes=False)
async def poll(request: PollRequest, context: RequestContext) -> NoReturn:
    """The answer "that would have been sent if the operation had completed synchronously": its operation, its status, its payload."""
    raise AnsweredOtherwise(await context.services.asynchronous.answer(request.asynchronous_correlation_value, context))


@operation(Operation.CANCEL, writes=True)
async def cancel(request: CancelRequest, context: RequestContext) -> CancelResponse:
    """Take a request back, or say that it is too late."""
    value = request.asynchronous_correlation_value
    result = await context.services.asynchronous.cancel(value, context)
    return CancelResponse(asynchronous_correlation_value=value, cancellation_result=result)


@operation(Operation.PROCESS, writes=False, since=V2_1)
async def process(request: ProcessRequest, context: RequestContext) -> ProcessResponse:
    """See to it that the next Poll is not answered "pending": perform the request now."""
    await context.services.asynchronous.process(request.asynchronous_correlation_value, context)
    return ProcessResponse()


@operation(Operation.QUERY_ASYNCHRONOUS_REQUESTS, writes=False, since=V2_1)
async def query_asynchronous_requests(
    request: QueryAsynchronousRequestsRequest, context: RequestContext
) -> QueryAsynchronousRequestsResponse:
    """The requests whose answers are still to be obtained; of those that are named, or of some operations."""
    found = context.services.asynchronous.outstanding(context)
    if request.asynchronous_correlation_values is not None:
        wanted = request.asynchronous_correlation_values.asynchronous_correlation_value
        found = [one for one in found if one.asynchronous_correlation_value in wanted]
    if request.operations is not None:
        found = [one for one in found if one.operation in request.operations.operation]
    return QueryAsynchronousRequestsResponse(asynchronous_request=tuple(found))
