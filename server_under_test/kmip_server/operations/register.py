"""Register (KMIP 1.4, 4.3): a client hands over a symmetric key, secret data or an opaque object."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kmip_server.enums import CryptographicAlgorithm, KeyFormatType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    KeyBlock,
    KeyValue,
    OpaqueObject,
    RegisterResponse,
    SecretData,
    SymmetricKey,
    TransparentSymmetricKey,
)
from kmip_server.objects.birth import Given, bring_into_being, given_by, object_type_must_be_offered, single
from kmip_server.objects.defaults import defaults_fill_in
from kmip_server.objects.managed import Holding, Instance
from kmip_server.objects.material import HOLDINGS, key_block_of
from kmip_server.operations.key_lengths import LENGTHS, material_length
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import RegisterRequest

_SYMMETRIC_FORMATS = frozenset({KeyFormatType.RAW, KeyFormatType.OPAQUE, KeyFormatType.TRANSPARENT_SYMMETRIC_KEY})


@operation(Operation.REGISTER, writes=True)
async def register(request: RegisterRequest, context: RequestContext) -> RegisterResponse:
    """Keep a client's object."""
    object_type_must_be_offered(request.object_type, context)
    holding = _holding_of(request)
    given = given_by(request, request.object_type, context)
    defaults_fill_in(given, request.object_type, context, besides=("Cryptographic Algorithm",))
    match holding:
        case SymmetricKey():
            _symmetric_key(_block_of(holding, context), given)
        case SecretData():
            _block_of(holding, context)
        case OpaqueObject():
            pass
        case _:
            assert_never(holding)
    made = await bring_into_being(request.object_type, given, holding, context, generated=False)
    return RegisterResponse(unique_identifier=made.unique_identifier)


def _holding_of(request: RegisterRequest) -> Holding:
    holding = request.managed_object
    if holding is None:
        raise KmipFailure(ResultReason.MISSING_DATA, "Register needs the object itself, and the request holds none")
    if not isinstance(holding, HOLDINGS[request.object_type]):
        raise _invalid("the object in the request is not of the Object Type that the request names")
    return holding


def _block_of(holding: SymmetricKey | SecretData, context: RequestContext) -> KeyBlock:
    """The Key Block, once its own parts agree with each other (2.1.3)."""
    block = key_block_of(holding)
    if block.key_value is None and context.version < V1_2:
        raise _invalid(f"the Key Block has no Key Value, which KMIP {context.version} requires")
    if isinstance(block.key_value, bytes) != (block.key_wrapping_data is not None) and block.key_value is not None:
        raise _invalid("a Key Value is a Byte String exactly when Key Wrapping Data says how it is wrapped")
    if (block.cryptographic_algorithm is None) != (block.cryptographic_length is None):
        raise _invalid("the Key Block has only one of Cryptographic Algorithm and Cryptographic Length")
    return block


def _symmetric_key(block: KeyBlock, given: Given) -> None:
    """Algorithm and length, from the Key Block or the attributes, must be there once, agree, and fit the material (4.3, Table 171)."""
    if block.key_format_type not in _SYMMETRIC_FORMATS:
        raise _invalid("a Symmetric Key cannot have this Key Format Type")
    if "Cryptographic Usage Mask" not in given:
        raise KmipFailure(ResultReason.MISSING_DATA, "Register needs the attribute Cryptographic Usage Mask")
    for name, in_block in (
        ("Cryptographic Algorithm", block.cryptographic_algorithm),
        ("Cryptographic Length", block.cryptographic_length),
    ):
        as_attribute = single(given, name)
        if as_attribute is None and in_block is None:
            raise KmipFailure(ResultReason.MISSING_DATA, f"Register needs {name}, in the Key Block or as an attribute")
        if None not in (as_attribute, in_block) and as_attribute != in_block:
            raise _invalid(f"{name} is one thing in the Key Block and another as an attribute")
        given[name] = (Instance(0, in_block if as_attribute is None else as_attribute),)
    _material_must_fit(block, single(given, "Cryptographic Algorithm"), single(given, "Cryptographic Length"))


def _material_must_fit(block: KeyBlock, algorithm: object, bits: object) -> None:
    """A raw or transparent key in the clear is as long as it says it is."""
    if not isinstance(algorithm, CryptographicAlgorithm) or not isinstance(bits, int) or not isinstance(block.key_value, KeyValue):
        return
    material = block.key_value.key_material
    if isinstance(material, TransparentSymmetricKey):
        material = material.key
    elif block.key_format_type is not KeyFormatType.RAW or not isinstance(material, bytes):
        return
    if algorithm in LENGTHS and bits not in LENGTHS[algorithm][1]:
        raise _invalid(f"{algorithm.name} keys are not {bits} bits long")
    if len(material) != material_length(algorithm, bits):
        raise _invalid(f"the key material is {len(material) * 8} bits long, its Cryptographic Length says {bits}")


def _invalid(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence)
