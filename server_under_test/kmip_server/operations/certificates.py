"""Certify, Re-certify and Validate (KMIP 1.4, 4.7, 4.8, 4.24; 2.1, 6.1.6, 6.1.45, 6.1.57).

What is certified is a public key: the object named, or the key of a certificate request (that an object of 2.0 may be). A request must be
about the key that is named. The new certificate is valid from its Activation Date to its Deactivation Date, where it has them; subject
and extensions come from the request or, where there is none, from the certificate that is renewed, or else from the key's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.crypto.authority import Wish, certify, read_request
from kmip_server.crypto.certificates import public_key_in, read_certificate
from kmip_server.crypto.chains import validity_of
from kmip_server.enums import CertificateType, CryptographicUsageMask, LinkType, ObjectType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Certificate, CertificateRequest, CertifyResponse, Link, Name, ReCertifyResponse, ValidateResponse
from kmip_server.objects.authorities import authority_if_any, authority_of
from kmip_server.objects.birth import Given, bring_into_being, given_by, object_type_must_be_offered, single
from kmip_server.objects.key_access import holding_of, public_key
from kmip_server.objects.managed import Instance
from kmip_server.objects.shelf import changed
from kmip_server.objects.succession import handed_over, inherited
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from cryptography import x509

    from kmip_server.crypto.key_kinds import PublicKey
    from kmip_server.engine.context import RequestContext
    from kmip_server.enums import CertificateRequestType
    from kmip_server.messages import CertifyRequest, ReCertifyRequest, ValidateRequest
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is to be certified: the key, whose object it is (if it is one), and where subject and extensions come from."""

    key: PublicKey
    item: ManagedObject | None
    source: x509.CertificateSigningRequest | x509.Certificate | None


@operation(Operation.CERTIFY, writes=True)
async def certify_key(request: CertifyRequest, context: RequestContext) -> CertifyResponse:
    """A certificate for a public key; both are linked to each other."""
    object_type_must_be_offered(ObjectType.CERTIFICATE, context)
    given = given_by(request, ObjectType.CERTIFICATE, context)
    subject = await _to_be_certified(request, context)
    holding = await _issued(subject, given, context)
    if subject.item is not None:
        _link(given, Link(LinkType.PUBLIC_KEY_LINK, subject.item.unique_identifier))

    def together(transaction: Transaction, made: ManagedObject) -> None:
        _let_key_know(subject.item, made, None, context, transaction)

    made = await bring_into_being(ObjectType.CERTIFICATE, given, holding, context, generated=True, together=together)
    return CertifyResponse(unique_identifier=made.unique_identifier)


@operation(Operation.RE_CERTIFY, writes=True)
async def re_certify(request: ReCertifyRequest, context: RequestContext) -> ReCertifyResponse:
    """A certificate in the place of another one, for the same key: it takes over the names and the key's Link."""
    existing = context.services.shelf.get(context, context.identify(request.unique_identifier))
    subject = await _to_be_certified_again(request, existing, context)
    given = given_by(request, ObjectType.CERTIFICATE, context)
    heir = inherited(existing, given, request.offset, context)
    holding = await _issued(subject, heir, context)
    if subject.item is not None:
        _link(heir, Link(LinkType.PUBLIC_KEY_LINK, subject.item.unique_identifier))

    def together(transaction: Transaction, made: ManagedObject) -> None:
        handed_over(existing, context)(transaction, made)
        _let_key_know(subject.item, made, existing, context, transaction)

    made = await bring_into_being(ObjectType.CERTIFICATE, heir, holding, context, generated=True, together=together)
    return ReCertifyResponse(unique_identifier=made.unique_identifier)


@operation(Operation.VALIDATE, writes=False)
async def validate(request: ValidateRequest, context: RequestContext) -> ValidateResponse:
    """Whether a chain of certificates is valid, by the policy of `crypto.chains`."""
    chain = [_read(one) for one in request.certificate]
    for named in request.unique_identifier:
        held = await holding_of(context.services.shelf.get(context, context.identify(named)), context)
        if not isinstance(held, Certificate):
            raise _no_certificate("Validate is refused: one of the objects is no Certificate")
        chain.append(_read(held))
    authority = await authority_if_any(context)
    at = context.now if request.validity_date is None else request.validity_date
    return ValidateResponse(validity_indicator=validity_of(chain, [authority.certificate] if authority else [], at))


async def _to_be_certified(request: CertifyRequest, context: RequestContext) -> _Subject:
    item = None
    if request.unique_identifier is not None or context.id_placeholder is not None:
        item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    source = _request_in(request, context)
    if item is not None and item.object_type is ObjectType.CERTIFICATE_REQUEST:
        source = await _request_object(item, context)
        item = None
    if item is None:
        if source is None:
            context.identify(None)
            raise _no_certificate("Certify needs a public key or a certificate request")
        return _Subject(_key_in(source), None, source)
    if item.object_type is not ObjectType.PUBLIC_KEY:
        sentence = "Certify is refused: the object is neither a public key nor a certificate request"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
    return _Subject(_same_key(await public_key(item, context), source), item, source)


async def _to_be_certified_again(request: ReCertifyRequest, existing: ManagedObject, context: RequestContext) -> _Subject:
    held = await holding_of(existing, context)
    if not isinstance(held, Certificate):
        sentence = "Re-certify is refused: the object is no Certificate"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
    certificate = _read(held)
    source = _request_in(request, context)
    if request.certificate_request_unique_identifier is not None:
        named = context.identify(request.certificate_request_unique_identifier)
        source = await _request_object(context.services.shelf.get(context, named), context)
    item = None
    for instance in existing.instances("Link"):
        link = instance.value
        if isinstance(link, Link) and link.link_type is LinkType.PUBLIC_KEY_LINK:
            item = context.services.shelf.get(context, context.identify(link.linked_object_identifier))
    return _Subject(_same_key(_key_in(certificate), source), item, source or certificate)


def _request_in(request: CertifyRequest | ReCertifyRequest, context: RequestContext) -> x509.CertificateSigningRequest | None:
    """The certificate request in the payload. "It is REQUIRED" that its type be there with it."""
    data = request.certificate_request if context.version < V2_0 else request.certificate_request_value
    kind = request.certificate_request_type
    if data is None and kind is None:
        return None
    if data is None or kind is None:
        raise KmipFailure(
            ResultReason.INVALID_FIELD, "a Certificate Request and its Certificate Request Type are given together or not at all"
        )
    return read_request(kind, data)


async def _request_object(item: ManagedObject, context: RequestContext) -> x509.CertificateSigningRequest:
    held = await holding_of(item, context)
    if not isinstance(held, CertificateRequest):
        raise KmipFailure(ResultReason.INVALID_OBJECT_TYPE, "the object named as Certificate Request is none")
    kind: CertificateRequestType = held.certificate_request_type
    return read_request(kind, held.certificate_request_value)


def _same_key(key: PublicKey, source: x509.CertificateSigningRequest | None) -> PublicKey:
    if source is not None and _key_in(source) != key:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the certificate request is about another key", reason_2=ResultReason.INVALID_CSR)
    return key


def _key_in(source: x509.CertificateSigningRequest | x509.Certificate) -> PublicKey:
    try:
        return public_key_in(source)
    except ValueError as error:
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "the key is of no kind that can be certified here") from error


async def _issued(subject: _Subject, given: Given, context: RequestContext) -> Certificate:
    """The certificate, from the client's authority."""
    if single(given, "Certificate Type") not in (None, CertificateType.X_509):
        raise KmipFailure(ResultReason.INVALID_FIELD, "only X.509 certificates are issued here")
    if "Cryptographic Usage Mask" not in given and subject.item is not None:
        given["Cryptographic Usage Mask"] = subject.item.instances("Cryptographic Usage Mask")
    mask, start, end = (single(given, name) for name in ("Cryptographic Usage Mask", "Activation Date", "Deactivation Date"))
    wish = Wish(
        subject=_common_name(subject, given),
        usage=mask if isinstance(mask, CryptographicUsageMask) else CryptographicUsageMask(0),
        not_before=start if isinstance(start, int) else None,
        not_after=end if isinstance(end, int) else None,
    )
    authority = await authority_of(context)
    return Certificate(CertificateType.X_509, certify(authority, subject.key, subject.source, wish, context.now))


def _common_name(subject: _Subject, given: Given) -> str:
    """What the certificate calls its owner where nobody says: the name of the certificate, of the key, or the key's identifier."""
    names = (*given.get("Name", ()), *(subject.item.instances("Name") if subject.item else ()))
    for instance in names:
        if isinstance(instance.value, Name):
            return instance.value.name_value
    return subject.item.unique_identifier if subject.item else "key"


def _let_key_know(
    key: ManagedObject | None, made: ManagedObject, replaced: ManagedObject | None, context: RequestContext, transaction: Transaction
) -> None:
    """The key's Certificate Link: a new one, or the one to the replaced certificate changed (4.8)."""
    if key is None:
        return
    link = Link(LinkType.CERTIFICATE_LINK, made.unique_identifier)
    old = None if replaced is None else Link(LinkType.CERTIFICATE_LINK, replaced.unique_identifier)

    def edit(item: ManagedObject, _: Transaction) -> ManagedObject:
        before = item.instances("Link")
        if old is not None and any(instance.value == old for instance in before):
            after = tuple(Instance(one.index, link) if one.value == old else one for one in before)
        else:
            after = (*before, Instance(before[-1].index + 1 if before else 0, link))
        return item.with_instances("Link", after)

    changed(context, key.unique_identifier, edit, transaction)


def _link(given: Given, link: Link) -> None:
    values = (link, *(instance.value for instance in given.get("Link", ()) if instance.value != link))
    given["Link"] = tuple(Instance(index, value) for index, value in enumerate(values))


def _read(held: Certificate) -> x509.Certificate:
    try:
        if held.certificate_type is CertificateType.X_509:
            return read_certificate(held.certificate_value)
    except ValueError:
        pass
    raise _no_certificate("one of the certificates is no X.509 certificate in DER")


def _no_certificate(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
