"""Create Split Key and Join Split Key (KMIP 1.4, 4.38, 4.39; 2.1, 6.1.10, 6.1.27).

What is split is a symmetric key, a secret, a private key (as PKCS#8), or a key made for it. A part is as sensitive as the key was; a key
that is not extractable is not split. The parts say the key's algorithm and length; of a secret they say its length, so that it can be
joined again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kmip_server.crypto.der import elements
from kmip_server.crypto.key_formats import read_private, write_private
from kmip_server.crypto.secret_sharing import join, prime_for, split
from kmip_server.enums import CryptographicAlgorithm, KeyFormatType, ObjectType, Operation, ResultReason, SecretDataType, SplitKeyMethod
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    CreateSplitKeyResponse,
    JoinSplitKeyResponse,
    KeyBlock,
    KeyValue,
    PrivateKey,
    SecretData,
    SplitKey,
    SymmetricKey,
)
from kmip_server.objects.birth import Given, bring_all_into_being, bring_into_being, given_by, newborn, object_type_must_be_offered, single
from kmip_server.objects.defaults import defaults_fill_in
from kmip_server.objects.key_access import block_in_the_clear, holding_of, private_key, secret
from kmip_server.objects.managed import Instance
from kmip_server.operations.create import algorithm_and_length, generated_key
from kmip_server.operations.key_lengths import material_length
from kmip_server.operations.registration import must_be_registrable
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CreateSplitKeyRequest, JoinSplitKeyRequest
    from kmip_server.objects.managed import Holding, ManagedObject

_OF_THE_KEY = (
    "Cryptographic Algorithm",
    "Cryptographic Length",
    "Cryptographic Usage Mask",
    "Sensitive",
    "Extractable",
)
"""Attributes of the key that go before those in the request: "the attributes of the key take precedence" (4.38)."""

_KEPT = {"Sensitive": True, "Extractable": False}
"""What holds of the joined key when it holds of one of its parts, whatever the request says: joining reveals nothing."""

_ALGORITHM, _LENGTH = _OF_THE_KEY[:2]
_JOINED = (ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA, ObjectType.PRIVATE_KEY)


@operation(Operation.CREATE_SPLIT_KEY, writes=True, since=V1_2)
async def create_split_key(request: CreateSplitKeyRequest, context: RequestContext) -> CreateSplitKeyResponse:
    """All parts, written together. The ID Placeholder is the part whose Key Part Identifier is 1."""
    object_type_must_be_offered(request.object_type, context, (ObjectType.SPLIT_KEY,))
    given = given_by(request, ObjectType.SPLIT_KEY, context)
    defaults_fill_in(given, ObjectType.SPLIT_KEY, context)
    whole = await _to_be_split(request, given, context)
    method, prime = request.split_key_method, request.prime_field_size
    if method is SplitKeyMethod.POLYNOMIAL_SHARING_PRIME_FIELD and prime is None:
        prime = prime_for(whole)
    shares = await asyncio.to_thread(
        split, whole, request.split_key_parts, request.split_key_threshold, method, context.services.random, prime=prime
    )
    parts = [
        await newborn(ObjectType.SPLIT_KEY, dict(given), _part(request, number, share, given, prime), context, generated=True)
        for number, share in enumerate(shares, 1)
    ]
    await bring_all_into_being(parts, context)
    return CreateSplitKeyResponse(object_type=ObjectType.SPLIT_KEY, unique_identifier=tuple(part.unique_identifier for part in parts))


@operation(Operation.JOIN_SPLIT_KEY, writes=True, since=V1_2)
async def join_split_key(request: JoinSplitKeyRequest, context: RequestContext) -> JoinSplitKeyResponse:
    """One object of what the parts are of."""
    object_type_must_be_offered(request.object_type, context, _JOINED)
    given = given_by(request, request.object_type, context)
    items = [context.services.shelf.get(context, context.identify(one)) for one in request.unique_identifier]
    parts = await _parts(items, context)
    for name in _OF_THE_KEY:
        if name not in given and items[0].instances(name):
            given[name] = items[0].instances(name)
    for name, value in _KEPT.items():
        if any(item.value(name) is value for item in items):
            given[name] = (Instance(0, value),)
    whole = await asyncio.to_thread(_joined, parts, request.object_type, given)
    defaults_fill_in(given, request.object_type, context)
    holding = _holding(request, whole, given)
    must_be_registrable(holding, given, context)
    if request.object_type is ObjectType.SECRET_DATA:
        given.pop(_ALGORITHM, None)
    made = await bring_into_being(request.object_type, given, holding, context, generated=True)
    return JoinSplitKeyResponse(object_type=made.object_type, unique_identifier=made.unique_identifier)


async def _to_be_split(request: CreateSplitKeyRequest, given: Given, context: RequestContext) -> bytes:
    """What is shared; the attributes of the key that it is are among those given afterwards."""
    if request.unique_identifier is None:
        made = generated_key(given, *algorithm_and_length(given, context), context)
        return _bytes_of(made.key_block)
    item = context.services.shelf.get(context, context.identify(request.unique_identifier))
    if item.value("Extractable") is False:
        raise KmipFailure(
            ResultReason.PERMISSION_DENIED, "the key's Extractable attribute is False, so it is not split into parts that are"
        )
    for name in _OF_THE_KEY:
        if item.instances(name):
            given[name] = item.instances(name)
    if item.object_type is ObjectType.PRIVATE_KEY:
        return _in_der(write_private(await private_key(item, context), KeyFormatType.PKCS_8))
    whole = await secret(item, context)
    if item.object_type is ObjectType.SECRET_DATA:
        given[_LENGTH] = (Instance(0, 8 * len(whole)),)
    return whole


def _part(request: CreateSplitKeyRequest, number: int, share: bytes, given: Given, prime: int | None) -> SplitKey:
    algorithm, length = single(given, _ALGORITHM), single(given, _LENGTH)
    known = isinstance(algorithm, CryptographicAlgorithm) and isinstance(length, int)
    block = KeyBlock(
        key_format_type=KeyFormatType.RAW,
        key_value=KeyValue(share),
        cryptographic_algorithm=algorithm if known else None,  # type: ignore[arg-type]  # known says that it is one
        cryptographic_length=length if known else None,  # type: ignore[arg-type]
    )
    return SplitKey(
        split_key_parts=request.split_key_parts,
        key_part_identifier=number,
        split_key_threshold=request.split_key_threshold,
        split_key_method=request.split_key_method,
        prime_field_size=prime if request.split_key_method is SplitKeyMethod.POLYNOMIAL_SHARING_PRIME_FIELD else None,
        key_block=block,
    )


async def _parts(items: list[ManagedObject], context: RequestContext) -> dict[int, tuple[SplitKey, bytes]]:
    """The parts by their Key Part Identifier, enough of them and all of one key. Raises `KmipFailure` (Cryptographic Failure)."""
    parts: dict[int, tuple[SplitKey, bytes]] = {}
    for item in items:
        held = await holding_of(item, context)
        if not isinstance(held, SplitKey):
            sentence = "Join Split Key is refused: one of the objects is no Split Key"
            raise KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
        parts[held.key_part_identifier] = held, _bytes_of(await block_in_the_clear(item, context))
    first = next(iter(parts.values()))[0]
    if any(_of_one_key(held) != _of_one_key(first) for held, _ in parts.values()):
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "Join Split Key is refused: the parts are not parts of one key")
    if len(parts) < first.split_key_threshold:
        sentence = f"Join Split Key is refused: {first.split_key_threshold} different parts are needed, and {len(parts)} are given"
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, sentence)
    return parts


def _of_one_key(part: SplitKey) -> tuple[object, ...]:
    return part.split_key_parts, part.split_key_threshold, part.split_key_method, part.prime_field_size


def _joined(parts: dict[int, tuple[SplitKey, bytes]], object_type: ObjectType, given: Given) -> bytes:
    first = next(iter(parts.values()))[0]
    shares = {number: share for number, (_, share) in parts.items()}
    length = None if object_type is ObjectType.PRIVATE_KEY else _size(given)
    whole = join(shares, first.split_key_method, prime=first.prime_field_size, length=length)
    if object_type is ObjectType.PRIVATE_KEY:
        whole = _in_der(whole)
        read_private(KeyFormatType.PKCS_8, whole)
    return whole


def _size(given: Given) -> int | None:
    """The bytes of what was split, where the attributes tell."""
    algorithm, bits = single(given, _ALGORITHM), single(given, _LENGTH)
    if not isinstance(bits, int):
        return None
    return material_length(algorithm, bits) if isinstance(algorithm, CryptographicAlgorithm) else bits // 8


def _holding(request: JoinSplitKeyRequest, whole: bytes, given: Given) -> Holding:
    if request.object_type is ObjectType.SECRET_DATA:
        kind = request.secret_data_type or SecretDataType.PASSWORD
        return SecretData(kind, KeyBlock(key_format_type=KeyFormatType.OPAQUE, key_value=KeyValue(whole)))
    if request.object_type is ObjectType.PRIVATE_KEY:
        return PrivateKey(_block(whole, KeyFormatType.PKCS_8, given))
    return SymmetricKey(_block(whole, KeyFormatType.RAW, given))


def _block(material: bytes, form: KeyFormatType, given: Given) -> KeyBlock:
    algorithm, length = single(given, _ALGORITHM), single(given, _LENGTH)
    if not isinstance(algorithm, CryptographicAlgorithm) or not isinstance(length, int):
        return KeyBlock(key_format_type=form, key_value=KeyValue(material))
    return KeyBlock(form, None, KeyValue(material), algorithm, length)


def _bytes_of(block: object) -> bytes:
    value = block.key_value if isinstance(block, KeyBlock) else None
    if not isinstance(value, KeyValue) or not isinstance(value.key_material, bytes):
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "the object's Key Material is no Byte String")
    return value.key_material


def _in_der(data: object) -> bytes:
    """The first DER element: what follows it is what an odd number of bytes was filled up with."""
    try:
        return next(elements(data if isinstance(data, bytes) else b"")).encoding
    except (StopIteration, ValueError) as error:
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "what the parts give together is no private key") from error
