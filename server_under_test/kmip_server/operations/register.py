"""Register (KMIP 1.4, 4.3): a client hands over an object of any type. What is made sure of, `registration` says."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from kmip_server.enums import LinkType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Link, PrivateKey, RegisterResponse
from kmip_server.objects.birth import Given, bring_all_into_being, given_by, newborn, object_type_must_be_offered
from kmip_server.objects.defaults import defaults_fill_in
from kmip_server.objects.managed import Instance
from kmip_server.objects.material import HOLDINGS, IN_KEY_BLOCK, key_block_of
from kmip_server.operations.pkcs12 import is_container, objects_in_container
from kmip_server.operations.registration import must_be_registrable
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import KeyBlock, RegisterRequest
    from kmip_server.objects.managed import Holding


@operation(Operation.REGISTER, writes=True)
async def register(request: RegisterRequest, context: RequestContext) -> RegisterResponse:
    """Keep a client's object; of a PKCS#12 container the key, with its certificates beside it."""
    object_type_must_be_offered(request.object_type, context)
    holding = _holding_of(request)
    given = given_by(request, request.object_type, context)
    defaults_fill_in(given, request.object_type, context, besides=("Cryptographic Algorithm",))
    if isinstance(holding, PrivateKey) and is_container(holding):
        made = await objects_in_container(holding, given, context)
    else:
        must_be_registrable(holding, given, context)
        if isinstance(holding, IN_KEY_BLOCK):
            _link_wrapping_key(key_block_of(holding), given, context)
        made = [await newborn(request.object_type, given, holding, context, generated=False)]
    await bring_all_into_being(made, context)
    return RegisterResponse(unique_identifier=made[0].unique_identifier)


def _link_wrapping_key(block: KeyBlock, given: Given, context: RequestContext) -> None:
    """An object that comes wrapped is linked to what it is wrapped by, if that is here (2.1, 6.1.43); 1.x has no word for it."""
    wrapping = block.key_wrapping_data
    information = wrapping and (wrapping.encryption_key_information or wrapping.mac_signature_key_information)
    if not information or context.version < V2_0:
        return
    with suppress(KmipFailure):
        named = context.identify(information.unique_identifier)
        context.services.shelf.get(context, named, archived=True)
        link = Link(link_type=LinkType.WRAPPING_KEY_LINK, linked_object_identifier=named)
        links = given.get("Link", ())
        if link not in [one.value for one in links]:
            given["Link"] = (*links, Instance(len(links), link))


def _holding_of(request: RegisterRequest) -> Holding:
    holding = request.managed_object
    if holding is None:
        raise KmipFailure(ResultReason.MISSING_DATA, "Register needs the object itself, and the request holds none")
    if not isinstance(holding, HOLDINGS[request.object_type]):
        sentence = "the object in the request is not of the Object Type that the request names"
        raise KmipFailure(ResultReason.INVALID_FIELD, sentence)
    return holding
