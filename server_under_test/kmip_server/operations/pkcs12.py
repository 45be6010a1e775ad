"""PKCS#12 at the edges: Register takes a container apart, Get makes one (KMIP 1.4, 3.45, 4.3, 4.11; 2.1, 4.39, 6.1.20).

The password is a Secret Data object of the type Password, Active, which the private key's one PKCS#12 Password Link leads to. The
certificates are objects of their own, from the key's own one upwards, each linked to the next by a PKCS#12 Certificate Link; a chain that
clients have linked by Certificate Links, from the key or from its public key, is as good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.crypto.certificates import read_certificate
from kmip_server.crypto.key_formats import write_private
from kmip_server.crypto.key_kinds import algorithm_of, length_of
from kmip_server.crypto.pkcs12 import read_container, write_container
from kmip_server.enums import CertificateType, KeyFormatType, LinkType, ObjectType, ResultReason, SecretDataType, State
from kmip_server.errors import KmipFailure
from kmip_server.messages import Certificate, KeyBlock, KeyValue, Link, PrivateKey, SecretData
from kmip_server.objects.birth import Given, new_identifier, newborn, single
from kmip_server.objects.key_access import holding_of, private_key, secret
from kmip_server.objects.managed import Instance
from kmip_server.objects.material import key_block_of
from kmip_server.operations.registration import must_be_registrable
from kmip_server.versions import V2_0, V2_1

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.objects.managed import ManagedObject

MOST_CERTIFICATES = 16
"""How long a chain may be; it also ends a circle."""

_FRIENDLY_NAME = "PKCS#12 Friendly Name"
_TO_CERTIFICATE = (LinkType.PKCS_12_CERTIFICATE_LINK, LinkType.CERTIFICATE_LINK)


def is_container(holding: object) -> bool:
    """Whether the object to be registered is a PKCS#12 container."""
    return isinstance(holding, PrivateKey) and key_block_of(holding).key_format_type is KeyFormatType.PKCS_12


async def objects_in_container(holding: PrivateKey, given: Given, context: RequestContext) -> list[ManagedObject]:
    """The private key in a container, then its certificates: new objects, not yet written."""
    value = key_block_of(holding).key_value
    data = value.key_material if isinstance(value, KeyValue) else value
    if not isinstance(data, bytes):
        raise KmipFailure(ResultReason.INVALID_FIELD, "a PKCS#12 container is a Byte String")
    wanted = single(given, _FRIENDLY_NAME)
    opened = read_container(data, await _password(_links(given.get("Link", ())), context), wanted if isinstance(wanted, str) else None)
    if opened.friendly_name is not None:
        given[_FRIENDLY_NAME] = (Instance(0, opened.friendly_name),)
    key = PrivateKey(
        KeyBlock(
            key_format_type=KeyFormatType.PKCS_8,
            key_value=KeyValue(write_private(opened.key, KeyFormatType.PKCS_8)),
            cryptographic_algorithm=algorithm_of(opened.key),
            cryptographic_length=length_of(opened.key),
        )
    )
    certificates = await _certificates(_from_leaf_upwards(opened.certificates), opened.friendly_name, context)
    if certificates:
        _add_link(given, Link(LinkType.PKCS_12_CERTIFICATE_LINK, certificates[0].unique_identifier))
    must_be_registrable(key, given, context)
    return [await newborn(ObjectType.PRIVATE_KEY, given, key, context, generated=False), *certificates]


async def container_of(item: ManagedObject, context: RequestContext) -> PrivateKey:
    """A private key as a container, with its chain. Before 2.0 the Key Value is a Byte String (OASIS's case TC-PKCS12-1-14)."""
    key = await private_key(item, context)
    password = await _password(_links(item.instances("Link")), context)
    name = item.value(_FRIENDLY_NAME)
    data = write_container(key, await _chain(item, context), name if isinstance(name, str) else None, password)
    return PrivateKey(KeyBlock(KeyFormatType.PKCS_12, None, data if context.version < V2_0 else KeyValue(data)))


async def _password(links: Iterable[Link], context: RequestContext) -> bytes:
    """What the one PKCS#12 Password Link leads to (11.4). Raises `KmipFailure` (Invalid Field, which 2.x calls Bad Password)."""
    named = [link.linked_object_identifier for link in links if link.link_type is LinkType.PKCS_12_PASSWORD_LINK]
    if len(named) != 1:
        raise _bad_password(f"PKCS#12 needs one PKCS#12 Password Link, and the key has {len(named)}")
    item = context.services.shelf.get(context, context.identify(named[0]))
    held = await holding_of(item, context) if not item.is_destroyed else None
    if not isinstance(held, SecretData) or held.secret_data_type is not SecretDataType.PASSWORD:
        raise _bad_password("the PKCS#12 Password Link does not lead to Secret Data of the type Password")
    if item.state is not State.ACTIVE:
        reason = ResultReason.WRONG_KEY_LIFECYCLE_STATE if context.version < V2_1 else ResultReason.BAD_PASSWORD
        raise KmipFailure(reason, "the password that the PKCS#12 Password Link leads to is not Active")
    return await secret(item, context)


async def _certificates(chain: Sequence[bytes], friendly_name: str | None, context: RequestContext) -> list[ManagedObject]:
    """Objects for the certificates, each linked to the one above it."""
    identifiers = [new_identifier(context) for _ in chain]
    made = []
    for number, (data, unique_identifier) in enumerate(zip(chain, identifiers, strict=True)):
        given: Given = {"Fresh": (Instance(0, False),)}  # noqa: FBT003 - the attribute's value
        if friendly_name is not None:
            given[_FRIENDLY_NAME] = (Instance(0, friendly_name),)
        if number + 1 < len(chain):
            _add_link(given, Link(LinkType.PKCS_12_CERTIFICATE_LINK, identifiers[number + 1]))
        held = Certificate(CertificateType.X_509, data)
        made.append(await newborn(ObjectType.CERTIFICATE, given, held, context, generated=False, unique_identifier=unique_identifier))
    return made


async def _chain(item: ManagedObject, context: RequestContext) -> list[bytes]:
    """The certificates from the key's own one upwards; none, when nothing leads to one."""
    chain: list[bytes] = []
    above = _certificate_above(item) or _certificate_above(_linked(item, LinkType.PUBLIC_KEY_LINK, context))
    while above is not None:
        certificate = context.services.shelf.get(context, context.identify(above))
        held = await holding_of(certificate, context)
        if not isinstance(held, Certificate) or len(chain) == MOST_CERTIFICATES or held.certificate_value in chain:
            raise KmipFailure(ResultReason.INVALID_FIELD, "the Links from the key do not lead along one chain of certificates")
        chain.append(held.certificate_value)
        above = _certificate_above(certificate)
    return chain


def _certificate_above(item: ManagedObject | None) -> str | None:
    """The one certificate that an object is linked to. "It is an error if there is more than one valid certificate chain" (4.11)."""
    links = [] if item is None else list(_links(item.instances("Link")))
    for kind in _TO_CERTIFICATE:
        found = [link.linked_object_identifier for link in links if link.link_type is kind]
        if len(found) > 1:
            raise KmipFailure(ResultReason.INVALID_FIELD, "the key has more than one chain of certificates")
        if found:
            return found[0] if isinstance(found[0], str) else None
    return None


def _linked(item: ManagedObject, kind: LinkType, context: RequestContext) -> ManagedObject | None:
    for link in _links(item.instances("Link")):
        if link.link_type is kind:
            return context.services.shelf.get(context, context.identify(link.linked_object_identifier))
    return None


def _from_leaf_upwards(certificates: Sequence[bytes]) -> list[bytes]:
    """The key's own certificate, then who issued it, and so on; what is not of that chain is left out."""
    read = {data: read_certificate(data) for data in certificates}
    chain = list(certificates[:1])
    while chain:
        last = read[chain[-1]]
        above = next((data for data, one in read.items() if data not in chain and one.subject == last.issuer), None)
        if above is None:
            break
        chain.append(above)
    return chain


def _links(instances: Iterable[Instance]) -> Iterable[Link]:
    return (instance.value for instance in instances if isinstance(instance.value, Link))


def _add_link(given: Given, link: Link) -> None:
    before = given.get("Link", ())
    given["Link"] = (*before, Instance(len(before), link))


def _bad_password(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.BAD_PASSWORD)
