"""Discover Versions and Query (KMIP 1.4, 4.26 and 4.25): what the server says of itself, out of its tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kmip_server.attributes import index_key
from kmip_server.enums import (
    ClientRegistrationMethod,
    DestroyAction,
    Operation,
    QueryFunction,
    ResultReason,
    RNGMode,
    ShreddingAlgorithm,
    UnwrapMode,
)
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    AnyStructure,
    CapabilityInformation,
    DiscoverVersionsResponse,
    ProfileInformation,
    ProtectionStorageMasks,
    ProtocolVersion,
    QueryResponse,
    ServerInformation,
)
from kmip_server.objects.birth import UNSPECIFIED_RNG
from kmip_server.objects.defaults import told
from kmip_server.objects.standing import defaults_of
from kmip_server.objects.storage import OFFERED
from kmip_server.objects.values import NAMESPACES
from kmip_server.operations.profiles import claimed
from kmip_server.operations.table import offered_operations, operation
from kmip_server.store.contract import Equals, LocateQuery
from kmip_server.versions import V1_1, V2_0, KmipVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import DiscoverVersionsRequest, ObjectGroups, QueryRequest

SENT = (Operation.NOTIFY, Operation.PUT)
"""What the server supports as the one who sends it, where a connection can be turned (2.1, 6.1.54) or it knows whom to push to (1.4, 5)."""

PRODUCT = "kmiplab reference server"

STORAGE = ProtectionStorageMasks((OFFERED,))

CAPABILITIES = CapabilityInformation(
    streaming_capability=True,
    asynchronous_capability=True,
    attestation_capability=False,
    batch_undo_capability=True,
    batch_continue_capability=True,
    unwrap_mode=UnwrapMode.NOT_PROCESSED,
    destroy_action=DestroyAction.KEY_MATERIAL_DELETED,
    shredding_algorithm=ShreddingAlgorithm.UNSUPPORTED,
    rng_mode=RNGMode.SHARED_INSTANTIATION,
    quantum_safe_capability=True,
)


@operation(Operation.DISCOVER_VERSIONS, writes=False, since=V1_1)
async def discover_versions(request: DiscoverVersionsRequest, context: RequestContext) -> DiscoverVersionsResponse:
    """The versions on offer, most preferred first; of a list that the client gives, those of both."""
    offered = context.services.personality.offered
    if request.protocol_version:
        known = {KmipVersion(one.protocol_version_major, one.protocol_version_minor) for one in request.protocol_version}
        offered = tuple(version for version in offered if version in known)
    return DiscoverVersionsResponse(
        protocol_version=tuple(
            ProtocolVersion(protocol_version_major=version.major, protocol_version_minor=version.minor) for version in offered
        )
    )


def _operations(context: RequestContext) -> dict[str, Any]:
    offered = offered_operations(context.version, context.services.personality)
    if Operation.SET_ENDPOINT_ROLE in offered or context.services.outbox.push_to:
        offered = tuple(sorted((*offered, *SENT)))
    if context.grant is not None:
        offered = tuple(code for code in offered if context.grant.permits(code))
    return {"operation": offered}


def _objects(context: RequestContext) -> dict[str, Any]:
    offered = sorted(context.services.personality.object_types)
    return {"object_type": tuple(one for one in offered if one.exists_in(context.version))}


def _server_information(context: RequestContext) -> dict[str, Any]:
    told: AnyStructure | ServerInformation = AnyStructure() if context.version < V2_0 else ServerInformation(product_name=PRODUCT)
    return {
        "vendor_identification": context.services.vendor,
        "server_information" if context.version < V2_0 else "described_server": told,
    }


def _profiles(context: RequestContext) -> dict[str, Any]:
    return {"profile_information": tuple(ProfileInformation(name) for name in claimed(context.version, context.services.personality))}


def _capabilities(context: RequestContext) -> dict[str, Any]:
    """Nothing is put off where nobody could poll for it."""
    polled = context.services.personality.offers(Operation.POLL)
    return {"capability_information": (CAPABILITIES if polled else replace(CAPABILITIES, asynchronous_capability=False),)}


def _nothing(_: RequestContext) -> dict[str, Any]:
    return {}


ANSWERS: dict[QueryFunction, Callable[[RequestContext], dict[str, Any]]] = {
    QueryFunction.QUERY_OPERATIONS: _operations,
    QueryFunction.QUERY_OBJECTS: _objects,
    QueryFunction.QUERY_SERVER_INFORMATION: _server_information,
    QueryFunction.QUERY_APPLICATION_NAMESPACES: lambda _: {"application_namespace": NAMESPACES},
    QueryFunction.QUERY_EXTENSION_LIST: _nothing,
    QueryFunction.QUERY_EXTENSION_MAP: _nothing,
    QueryFunction.QUERY_ATTESTATION_TYPES: _nothing,
    QueryFunction.QUERY_RNGS: lambda _: {"rng_parameters": (UNSPECIFIED_RNG,)},
    QueryFunction.QUERY_VALIDATIONS: _nothing,
    QueryFunction.QUERY_PROFILES: _profiles,
    QueryFunction.QUERY_CAPABILITIES: _capabilities,
    QueryFunction.QUERY_CLIENT_REGISTRATION_METHODS: lambda _: {"client_registration_method": (ClientRegistrationMethod.UNSPECIFIED,)},
    QueryFunction.QUERY_STORAGE_PROTECTION_MASKS: lambda _: {"protection_storage_masks": STORAGE},
}
"""Query Function → the fields of the answer that it fills; Query Defaults Information needs more of the request than the context."""


@operation(Operation.QUERY, writes=False)
async def query(request: QueryRequest, context: RequestContext) -> QueryResponse:
    """Answer each function asked for; "the response payload is empty if there are no values to return"."""
    fields: dict[str, Any] = {}
    for function in request.query_function:
        if function is QueryFunction.QUERY_DEFAULTS_INFORMATION and function.exists_in(context.version):
            _groups_must_be_known(request.object_groups, context)
            fields["defaults_information"] = told(context, request.object_groups)
            continue
        answer = ANSWERS.get(function)
        if answer is None or not function.exists_in(context.version):
            raise KmipFailure(ResultReason.INVALID_FIELD, f"Query Function {int(function)} is none of KMIP {context.version}")
        fields.update(answer(context))
    return QueryResponse(**fields)


def _groups_must_be_known(groups: ObjectGroups | None, context: RequestContext) -> None:
    """A group is there when an object is in it, or a default is for it. Raises `KmipFailure` (Unknown Object Group)."""
    with_defaults = {group for one in defaults_of(context).object_defaults if one.object_groups for group in one.object_groups.object_group}
    for group in () if groups is None else groups.object_group:
        query = LocateQuery((Equals("Object Group", index_key(group)),), maximum=1)
        if group not in with_defaults and not context.store.locate(context.owner, query):
            raise KmipFailure(ResultReason.UNKNOWN_OBJECT_GROUP, f"no object is in the group {group!r}, and no default is for it")
