"""The two halves of a key pair as new objects (KMIP 1.4, 4.2): what both get, what each gets, and that each knows the other.

The format is the one that the request names (Key Format Type, 2.1, 4.26) or else the default of KMIP 2.1, Table 81. Before 2.0 there is
none for elliptic curves, and the transparent one has a name since 1.3 only, so that they get the formats that every version has.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kmip_server.crypto.key_formats import write_private, write_public
from kmip_server.crypto.key_generation import generate
from kmip_server.crypto.key_kinds import EC_ALGORITHMS, EDWARDS_ALGORITHMS, MONTGOMERY, length_of
from kmip_server.enums import CryptographicAlgorithm, KeyFormatType, LinkType, ObjectType, RecommendedCurve, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicDomainParameters, KeyBlock, KeyValue, Link, PrivateKey, PublicKey
from kmip_server.objects.birth import Given, new_identifier, newborn, single
from kmip_server.objects.managed import Instance
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.crypto import key_kinds
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import TransparentKey
    from kmip_server.objects.managed import ManagedObject

_Format = KeyFormatType
DEFAULT_FORMATS: dict[CryptographicAlgorithm, tuple[KeyFormatType, KeyFormatType]] = {
    CryptographicAlgorithm.RSA: (_Format.PKCS_1, _Format.PKCS_1),
    CryptographicAlgorithm.DSA: (_Format.TRANSPARENT_DSA_PRIVATE_KEY, _Format.TRANSPARENT_DSA_PUBLIC_KEY),
    CryptographicAlgorithm.DH: (_Format.TRANSPARENT_DH_PRIVATE_KEY, _Format.TRANSPARENT_DH_PUBLIC_KEY),
}
_EC_FORMATS = (_Format.EC_PRIVATE_KEY, _Format.X_509)
_EC_FORMATS_2 = (_Format.TRANSPARENT_EC_PRIVATE_KEY, _Format.TRANSPARENT_EC_PUBLIC_KEY)
_OTHER_FORMATS = (_Format.PKCS_8, _Format.X_509)
_SAME = ("Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Domain Parameters")
"""What "SHALL contain the same value for both Private and Public Key" (4.2, Table 168)."""


async def new_pair(private: Given, public: Given, context: RequestContext) -> tuple[ManagedObject, ManagedObject]:
    """A new private key and its public key, with these attributes, complete but not yet written. Raises `KmipFailure`."""
    for name in _SAME:
        if single(private, name) != single(public, name):
            raise KmipFailure(ResultReason.INVALID_FIELD, f"{name} must be the same for both keys of a pair")
    algorithm, length, curve = _kind(private, context)
    key = await asyncio.to_thread(generate, algorithm, length, curve)
    _must_have_qlength(key, single(private, _SAME[2]))
    forms = _formats(algorithm, curve, context)
    private_form, public_form = (_form(given, usual) for given, usual in zip((private, public), forms, strict=True))
    private_half = PrivateKey(_block(write_private(key, private_form), private_form, algorithm, key))
    public_half = PublicKey(_block(write_public(key.public_key(), public_form), public_form, algorithm, key))
    names = new_identifier(context), new_identifier(context)
    _complete(private, key, Link(LinkType.PUBLIC_KEY_LINK, names[1]))
    _complete(public, key, Link(LinkType.PRIVATE_KEY_LINK, names[0]))
    return (
        await newborn(ObjectType.PRIVATE_KEY, private, private_half, context, generated=True, unique_identifier=names[0]),
        await newborn(ObjectType.PUBLIC_KEY, public, public_half, context, generated=True, unique_identifier=names[1]),
    )


def _complete(given: Given, key: key_kinds.PrivateKey, link: Link) -> None:
    """The length, and the link to the other half before those that are there already."""
    given["Cryptographic Length"] = (Instance(0, length_of(key)),)
    values = (link, *(instance.value for instance in given.get("Link", ()) if instance.value != link))
    given["Link"] = tuple(Instance(index, value) for index, value in enumerate(values))


def _kind(given: Given, context: RequestContext) -> tuple[CryptographicAlgorithm, int | None, RecommendedCurve | None]:
    """What key to make; the length may be left to the server, and is then the curve's."""
    algorithm, length, domain = (single(given, name) for name in _SAME)
    if not isinstance(algorithm, CryptographicAlgorithm) or not algorithm.exists_in(context.version):
        raise KmipFailure(ResultReason.MISSING_DATA, "a key pair needs the attribute Cryptographic Algorithm")
    curve = domain.recommended_curve if isinstance(domain, CryptographicDomainParameters) else None
    if algorithm in EDWARDS_ALGORITHMS:
        return algorithm, None, None
    return algorithm, length if isinstance(length, int) and curve not in MONTGOMERY else None, curve


def _must_have_qlength(key: key_kinds.PrivateKey, domain: object) -> None:
    """Qlength is the length of Q, of DSA, DH and elliptic curves (3.7). Raises `KmipFailure` when the key has another."""
    wanted = domain.qlength if isinstance(domain, CryptographicDomainParameters) else None
    parameters = getattr(key, "parameters", None)
    if wanted is None or parameters is None:
        return
    q = getattr(parameters().parameter_numbers(), "q", None)
    if q is not None and q.bit_length() != wanted:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"Qlength is {q.bit_length()} for keys of that length here, and not {wanted}")


def _formats(
    algorithm: CryptographicAlgorithm, curve: RecommendedCurve | None, context: RequestContext
) -> tuple[KeyFormatType, KeyFormatType]:
    if algorithm in EC_ALGORITHMS and curve not in MONTGOMERY:
        return _EC_FORMATS if context.version < V2_0 else _EC_FORMATS_2
    return DEFAULT_FORMATS.get(algorithm, _OTHER_FORMATS)


def _form(given: Given, usual: KeyFormatType) -> KeyFormatType:
    wanted = single(given, "Key Format Type")
    return wanted if isinstance(wanted, KeyFormatType) else usual


def _block(material: bytes | TransparentKey, form: KeyFormatType, algorithm: CryptographicAlgorithm, key: key_kinds.PrivateKey) -> KeyBlock:
    return KeyBlock(
        key_format_type=form,
        key_value=KeyValue(key_material=material),
        cryptographic_algorithm=algorithm,
        cryptographic_length=length_of(key),
    )
