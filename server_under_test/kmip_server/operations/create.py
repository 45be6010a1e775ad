"""Create (KMIP 1.4, 4.1): the server generates a symmetric key, or since 1.4 a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicAlgorithm, KeyFormatType, ObjectType, Operation, ResultReason, SecretDataType
from kmip_server.errors import KmipFailure
from kmip_server.messages import CreateResponse, KeyBlock, KeyValue, SecretData, SymmetricKey
from kmip_server.objects.birth import (
    Given,
    bring_into_being,
    given_by,
    object_type_must_be_offered,
    single,
)
from kmip_server.objects.defaults import defaults_fill_in
from kmip_server.objects.managed import Instance
from kmip_server.operations.key_lengths import LENGTHS, key_from, material_length
from kmip_server.operations.table import operation
from kmip_server.versions import V1_4

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CreateRequest
    from kmip_server.objects.managed import Holding


_MADE = (ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA)
"""What Create makes; secrets since 1.4."""

SECRET_LENGTHS = range(8, 65537)
"""Lengths of secrets that the server makes, in bits."""


@operation(Operation.CREATE, writes=True)
async def create(request: CreateRequest, context: RequestContext) -> CreateResponse:
    """Generate a key and keep it: Pre-Active, or Active at once when its Activation Date has come."""
    object_type_must_be_offered(request.object_type, context, _MADE if context.version >= V1_4 else _MADE[:1])
    given = given_by(request, request.object_type, context)
    defaults_fill_in(given, request.object_type, context)
    if request.object_type is ObjectType.SECRET_DATA:
        holding: Holding = _generated_secret(given, context)
        made = await bring_into_being(ObjectType.SECRET_DATA, given, holding, context, generated=True)
        return CreateResponse(object_type=made.object_type, unique_identifier=made.unique_identifier)
    algorithm, bits = algorithm_and_length(given, context)
    if "Cryptographic Usage Mask" not in given:
        raise KmipFailure(ResultReason.MISSING_DATA, "Create needs the attribute Cryptographic Usage Mask")
    holding = generated_key(given, algorithm, bits, context)
    key = await bring_into_being(ObjectType.SYMMETRIC_KEY, given, holding, context, generated=True)
    return CreateResponse(object_type=key.object_type, unique_identifier=key.unique_identifier)


def _generated_secret(given: Given, context: RequestContext) -> SecretData:
    """A new secret of so many bits; OASIS's case TC-CREATE-SD-1 makes it a Password, in 1.4 too."""
    bits = single(given, "Cryptographic Length")
    if not isinstance(bits, int):
        raise KmipFailure(
            ResultReason.MISSING_DATA, "Create needs the attribute Cryptographic Length, to know how long the secret shall be"
        )
    if bits % 8 or bits not in SECRET_LENGTHS:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"secrets are {SECRET_LENGTHS[0]} to {SECRET_LENGTHS[-1]} bits long, in whole bytes")
    value = KeyValue(key_material=context.services.random(bits // 8))
    return SecretData(SecretDataType.PASSWORD, KeyBlock(key_format_type=KeyFormatType.OPAQUE, key_value=value))


def generated_key(given: Given, algorithm: CryptographicAlgorithm, bits: int, context: RequestContext) -> SymmetricKey:
    """A new key; its length becomes one of the attributes."""
    given["Cryptographic Length"] = (Instance(0, bits),)
    material = key_from(algorithm, context.services.random(material_length(algorithm, bits)))
    block = KeyBlock(
        key_format_type=KeyFormatType.RAW,
        key_value=KeyValue(key_material=material),
        cryptographic_algorithm=algorithm,
        cryptographic_length=bits,
    )
    return SymmetricKey(key_block=block)


def algorithm_and_length(given: Given, context: RequestContext) -> tuple[CryptographicAlgorithm, int]:
    """What key to make. The length may be left to the server (4.1, Table 165 asks for the algorithm alone)."""
    algorithm = single(given, "Cryptographic Algorithm")
    if not isinstance(algorithm, CryptographicAlgorithm):
        raise KmipFailure(ResultReason.MISSING_DATA, "Create needs the attribute Cryptographic Algorithm")
    if algorithm not in LENGTHS or not algorithm.exists_in(context.version):
        raise KmipFailure(ResultReason.INVALID_FIELD, f"{algorithm.name} is not an algorithm that Create makes symmetric keys for")
    usual, possible = LENGTHS[algorithm]
    bits = single(given, "Cryptographic Length")
    if bits is None:
        return algorithm, usual
    if not isinstance(bits, int) or bits not in possible:
        raise KmipFailure(ResultReason.INVALID_FIELD, f"{algorithm.name} keys are not {bits} bits long")
    return algorithm, bits
