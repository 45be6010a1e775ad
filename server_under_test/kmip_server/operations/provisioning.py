"""Re-Provision (KMIP 2.1, 6.1.48): another client certificate in the place of the one that this connection came with.

With a certificate request the new one is issued here, a certificate is taken as it is, and with neither the server makes a key pair too.
The new certificate is pinned and the old one is not, in one transaction: the next handshake needs the new one, and connections that came
with the old one are closed. With a key pair of the server's the private key has to be got in the same message, after this operation: it
is the ID Placeholder.

The old certificate may not be used for this when it has expired, or when the object that an earlier Re-Provision made of it was revoked.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kmip_server.crypto.certificates import read_certificate
from kmip_server.enums import CryptographicAlgorithm, CryptographicUsageMask, ObjectType, Operation, ResultReason, State
from kmip_server.errors import ConfigurationError, KmipFailure
from kmip_server.ledger import Book, Entry
from kmip_server.messages import (
    Attribute,
    Attributes,
    Certificate,
    CertifyRequest,
    CreateKeyPairRequest,
    RegisterRequest,
    ReProvisionResponse,
)
from kmip_server.objects.key_access import holding_of
from kmip_server.operations.certificates import certify_key
from kmip_server.operations.key_pairs import create_key_pair
from kmip_server.operations.register import register
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import ReProvisionRequest

PROVISIONED = Book("kmip:provisioned", most=1000)
"""Which object a client certificate is, by its SHA-256."""

FOR_EVER = 2**62

_SIGN, _VERIFY = CryptographicUsageMask.SIGN, CryptographicUsageMask.VERIFY
RSA_2048 = (
    Attribute(attribute_name="Cryptographic Algorithm", attribute_value=CryptographicAlgorithm.RSA),
    Attribute(attribute_name="Cryptographic Length", attribute_value=2048),
)


@operation(Operation.RE_PROVISION, writes=True, since=V2_0)
async def re_provision(request: ReProvisionRequest, context: RequestContext) -> ReProvisionResponse:
    """Make or take the new certificate, and let it in instead of the old one."""
    _must_be_possible(request, context)
    certificate, answer = await _new_certificate(request, context)
    held = await holding_of(context.services.shelf.get(context, certificate), context)
    assert isinstance(held, Certificate)
    der = _readable(held)
    client = context.peer.client
    try:
        await context.services.directory.replace_certificate(client.id, context.peer.certificate, der)
    except ConfigurationError as error:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, f"the new certificate cannot be let in: {error}") from error
    entry = Entry(_fingerprint(der), client.id, {"object": certificate}, context.now, FOR_EVER)
    await context.store.write(lambda transaction: PROVISIONED.add(transaction, entry))
    context.id_placeholder = answer
    return ReProvisionResponse(unique_identifier=answer)


def _must_be_possible(request: ReProvisionRequest, context: RequestContext) -> None:
    if request.certificate_request is not None and request.certificate is not None:
        raise KmipFailure(ResultReason.INVALID_FIELD, "a Certificate Request and a Certificate are one too many")
    if context.in_unit:
        raise KmipFailure(ResultReason.FEATURE_NOT_SUPPORTED, "Re-Provision cannot be part of a batch that is undone as a whole")
    current = context.peer.certificate
    if context.grant is not None or context.services.directory.identify(current) != context.peer.client:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "Re-Provision is for the client that this connection's certificate is pinned for")
    if read_certificate(current).not_valid_after_utc.timestamp() < context.now:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "Re-Provision is refused: the client's certificate has expired")
    entry = PROVISIONED.read(context.store, _fingerprint(current), context.now)
    row = None if entry is None else context.store.get(context.owner, entry.content["object"])
    if row is not None and row.state not in {State.PRE_ACTIVE, State.ACTIVE}:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "Re-Provision is refused: the client's certificate was revoked")


async def _new_certificate(request: ReProvisionRequest, context: RequestContext) -> tuple[str, str]:
    """The identifiers of the new certificate, and of what the answer names: it, or its private key."""
    context.id_placeholder = None
    if request.certificate is not None:
        der = _readable(request.certificate)
        if context.services.directory.identify(der) is not None:
            raise KmipFailure(ResultReason.PERMISSION_DENIED, "this certificate is a client's already")
        mask = Attribute(attribute_name="Cryptographic Usage Mask", attribute_value=_SIGN | _VERIFY)
        asked = RegisterRequest(object_type=ObjectType.CERTIFICATE, attributes=Attributes((mask,)), managed_object=request.certificate)
        made = (await register(asked, context)).unique_identifier
        return made, made
    if request.certificate_request is not None:
        wanted = request.certificate_request
        certify = CertifyRequest(
            certificate_request_type=wanted.certificate_request_type, certificate_request_value=wanted.certificate_request_value
        )
        made = (await certify_key(certify, context)).unique_identifier
        return made, made
    pair = await create_key_pair(
        CreateKeyPairRequest(
            common_attributes=Attributes(RSA_2048), private_key_attributes=_usage(_SIGN), public_key_attributes=_usage(_VERIFY)
        ),
        context,
    )
    certify = CertifyRequest(unique_identifier=pair.public_key_unique_identifier, attributes=_usage(_SIGN))
    return (await certify_key(certify, context)).unique_identifier, pair.private_key_unique_identifier


def _usage(mask: CryptographicUsageMask) -> Attributes:
    return Attributes((Attribute(attribute_name="Cryptographic Usage Mask", attribute_value=mask),))


def _readable(certificate: Certificate) -> bytes:
    """A certificate's bytes, once they have been found to be X.509. Raises `KmipFailure`."""
    read_certificate(certificate.certificate_value)
    return certificate.certificate_value


def _fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()
