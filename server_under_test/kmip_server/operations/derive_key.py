"""Derive Key (KMIP 1.4, 4.6; 2.1, 6.1.14): a symmetric key or a secret out of others, linked to them both ways.

Of the objects named the first is the derivation key (for Asymmetric Key: the private and the public key, in either order). A second one, a
Secret Data, gives the Derivation Data that the request then must not give as well (1.4, 11.7: Invalid Message). PBKDF2 takes its password
from the object, and no Derivation Data.

Where 1.x calls an object that cannot be used "not able to be used to derive a new key", the reason is Invalid Field (1.4, 11.7).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kmip_server.crypto.agreement import shared_secret
from kmip_server.crypto.derivation import Base, derived
from kmip_server.enums import (
    CryptographicAlgorithm,
    DerivationMethod,
    KeyFormatType,
    LinkType,
    ObjectType,
    Operation,
    ResultReason,
    SecretDataType,
)
from kmip_server.errors import KmipFailure
from kmip_server.messages import DeriveKeyResponse, KeyBlock, KeyValue, Link, SecretData, SymmetricKey
from kmip_server.objects import usage
from kmip_server.objects.birth import (
    Given,
    bring_all_into_being,
    given_by,
    newborn,
    object_type_must_be_offered,
    single,
)
from kmip_server.objects.defaults import defaults_fill_in
from kmip_server.objects.key_access import algorithm_of, parameters_for, private_key, public_key, secret
from kmip_server.objects.managed import Instance
from kmip_server.objects.shelf import changed
from kmip_server.operations.key_lengths import LENGTHS, material_length
from kmip_server.operations.table import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import DeriveKeyRequest
    from kmip_server.objects.managed import Holding, ManagedObject
    from kmip_server.store.contract import Transaction

LENGTH = "Cryptographic Length"
SLOW_ITERATIONS = 10_000
"""From so many iterations on PBKDF2 works in a thread, so that others are answered meanwhile."""

_DERIVABLE = (ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA)


@operation(Operation.DERIVE_KEY, writes=True)
async def derive_key(request: DeriveKeyRequest, context: RequestContext) -> DeriveKeyResponse:
    """Derive, keep what was derived, and link it with what it was derived from."""
    object_type_must_be_offered(request.object_type, context, _DERIVABLE)
    given, bits = _given(request, context)
    algorithm, length = _algorithm_and_length(request.object_type, given, bits)
    bases = [context.services.shelf.get(context, context.identify(named)) for named in request.unique_identifier]
    for base in bases:
        _may_derive(base, context)
    material = await _derived(request, bases, length, context)
    identifiers = [base.unique_identifier for base in bases]
    given["Link"] = _with_links(given.get("Link", ()), LinkType.DERIVATION_BASE_OBJECT_LINK, identifiers)
    made = await newborn(request.object_type, given, _holding(request.object_type, material, algorithm, bits), context, generated=True)

    def link_the_bases(transaction: Transaction) -> None:
        for identifier in identifiers:
            changed(context, identifier, lambda base, _: _linked(base, made.unique_identifier), transaction)

    await bring_all_into_being((made,), context, also=link_the_bases)
    return DeriveKeyResponse(unique_identifier=made.unique_identifier)


def _given(request: DeriveKeyRequest, context: RequestContext) -> tuple[Given, int]:
    """The attributes for the new object, and its length in bits, which secrets need as well."""
    given = given_by(request, request.object_type, context)
    defaults_fill_in(given, request.object_type, context, besides=("Cryptographic Algorithm",))
    bits = single(given, LENGTH)
    if not isinstance(bits, int) or bits <= 0 or bits % 8:
        raise _invalid("Derive Key needs the Cryptographic Length of the new object, in whole bytes")
    return given, bits


def _algorithm_and_length(object_type: ObjectType, given: Given, bits: int) -> tuple[CryptographicAlgorithm | None, int]:
    """The algorithm of the new key, None for a secret, and the bytes to derive."""
    if object_type is ObjectType.SECRET_DATA:
        return None, bits // 8
    algorithm = single(given, "Cryptographic Algorithm")
    if not isinstance(algorithm, CryptographicAlgorithm):
        raise _invalid("Derive Key needs the Cryptographic Algorithm of the new key")
    if algorithm not in LENGTHS or bits not in LENGTHS[algorithm][1]:
        raise _invalid(f"{algorithm.name} keys are not {bits} bits long, or not symmetric")
    return algorithm, material_length(algorithm, bits)


def _may_derive(base: ManagedObject, context: RequestContext) -> None:
    try:
        usage.may_be_used(base, usage.DERIVE_KEY, context)
    except KmipFailure as failure:
        raise KmipFailure(ResultReason.INVALID_FIELD, str(failure), reason_2=failure.reason_2) from failure


async def _derived(request: DeriveKeyRequest, bases: Sequence[ManagedObject], length: int, context: RequestContext) -> bytes:
    for one in bases:
        await usage.allocate(one, length, context)
    if request.derivation_method is DerivationMethod.ASYMMETRIC_KEY:
        return await _agreed(bases, length, context)
    said, key = request.derivation_parameters, bases[0]
    data = said.derivation_data
    for other in bases[1:]:
        if data or other.object_type is not ObjectType.SECRET_DATA:
            raise KmipFailure(ResultReason.INVALID_MESSAGE, "the Derivation Data is given twice, or by an object that is no Secret Data")
        data = (await secret(other, context),)
    if data and request.derivation_method is DerivationMethod.PBKDF2:
        raise KmipFailure(ResultReason.INVALID_MESSAGE, "PBKDF2 has its password from the object, so there can be no Derivation Data")
    base = Base(
        key=await secret(key, context),
        algorithm=algorithm_of(key),
        parameters=parameters_for(said.cryptographic_parameters, key),
        random=context.services.random,
        data=data,
        iv=said.initialization_vector,
        salt=said.salt,
        iterations=said.iteration_count,
    )
    if (base.iterations or 0) < SLOW_ITERATIONS:
        return derived(request.derivation_method, base, length)
    return await asyncio.to_thread(derived, request.derivation_method, base, length)


async def _agreed(bases: Sequence[ManagedObject], length: int, context: RequestContext) -> bytes:
    """Key agreement: as much of the shared secret as is asked for."""
    halves = {base.object_type: base for base in bases}
    if len(bases) != 2 or set(halves) != {ObjectType.PRIVATE_KEY, ObjectType.PUBLIC_KEY}:
        raise _invalid("the Derivation Method Asymmetric Key takes one private and one public key")
    private = await private_key(halves[ObjectType.PRIVATE_KEY], context)
    shared = shared_secret(private, await public_key(halves[ObjectType.PUBLIC_KEY], context))
    if len(shared) < length:
        sentence = f"the two keys agree on {len(shared) * 8} bits, fewer than the Cryptographic Length of {length * 8}"
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, sentence)
    return shared[:length]


def _holding(object_type: ObjectType, material: bytes, algorithm: CryptographicAlgorithm | None, bits: int) -> Holding:
    if object_type is ObjectType.SECRET_DATA:
        return SecretData(SecretDataType.SEED, KeyBlock(key_format_type=KeyFormatType.RAW, key_value=KeyValue(key_material=material)))
    block = KeyBlock(
        key_format_type=KeyFormatType.RAW,
        key_value=KeyValue(key_material=material),
        cryptographic_algorithm=algorithm,
        cryptographic_length=bits,
    )
    return SymmetricKey(key_block=block)


def _with_links(links: Sequence[Instance], link_type: LinkType, identifiers: Sequence[str]) -> tuple[Instance, ...]:
    first = links[-1].index + 1 if links else 0
    new = (Link(link_type=link_type, linked_object_identifier=identifier) for identifier in dict.fromkeys(identifiers))
    return (*links, *(Instance(first + number, link) for number, link in enumerate(new)))


def _linked(base: ManagedObject, identifier: str) -> ManagedObject:
    return base.with_instances("Link", _with_links(base.instances("Link"), LinkType.DERIVED_KEY_LINK, (identifier,)))


def _invalid(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence)
