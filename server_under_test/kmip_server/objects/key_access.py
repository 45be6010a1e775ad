"""Key material, for the server's own use: out of its envelope, and out of the wrapping that it may have been registered in.

Get has a faster way of its own for what it only passes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.crypto.certificates import public_key_in, read_certificate
from kmip_server.crypto.key_formats import Hints, read_private, read_public
from kmip_server.crypto.macs import equal, mac
from kmip_server.crypto.rsa_encryption import rsa_decrypt
from kmip_server.crypto.signatures import verify
from kmip_server.crypto.symmetric import Job, transformed
from kmip_server.enums import CryptographicAlgorithm, ObjectType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    Certificate,
    CryptographicDomainParameters,
    CryptographicParameters,
    KeyBlock,
    KeyValue,
    TransparentSymmetricKey,
)
from kmip_server.objects import usage
from kmip_server.objects.key_wrapping import Step, steps_of, unwrapped_block, wrapped_bytes
from kmip_server.objects.material import put_together

if TYPE_CHECKING:
    from kmip_server.crypto.key_kinds import PrivateKey, PublicKey
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import KeyWrappingData, ObjectIdentifier, TransparentKey
    from kmip_server.objects.managed import Holding, ManagedObject

MOST_WRAPPINGS = 3
"""How deep keys may be wrapped by wrapped keys; it also ends a circle."""

_WRAPPING_KEYS = frozenset({ObjectType.SYMMETRIC_KEY, ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY, ObjectType.CERTIFICATE})


async def holding_of(item: ManagedObject, context: RequestContext) -> Holding:
    """The object as it was registered or made. Raises `KmipFailure` when it is destroyed, or was registered without its Key Value."""
    if item.is_destroyed:
        sentence = "the object is destroyed, only its attributes are left"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.WRONG_KEY_LIFECYCLE_STATE)
    if item.envelope is None:
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "the object was registered without its Key Value")
    wrapping = context.services.wrapping
    material = wrapping.cached(item.unique_identifier, item.envelope)
    if material is None:
        material = await wrapping.unwrap(context.peer.client, item.unique_identifier, item.envelope)
    return put_together(item.object_type, item.skeleton, material)


async def block_in_the_clear(item: ManagedObject, context: RequestContext, depth: int = 0) -> KeyBlock:
    """The object's Key Block, unwrapped if it was registered wrapped and the key for that is here."""
    block = getattr(await holding_of(item, context), "key_block", None)
    if not isinstance(block, KeyBlock):
        sentence = "the object is not a key or a secret"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.INVALID_OBJECT_TYPE)
    return block if block.key_wrapping_data is None else await unwrapped(block, context, depth)


async def secret(item: ManagedObject, context: RequestContext, depth: int = 0) -> bytes:
    """The bytes of a symmetric key or of a secret."""
    block = await block_in_the_clear(item, context, depth)
    material = block.key_value.key_material if isinstance(block.key_value, KeyValue) else None
    if isinstance(material, TransparentSymmetricKey):
        return material.key
    if not isinstance(material, bytes) or item.object_type not in (ObjectType.SYMMETRIC_KEY, ObjectType.SECRET_DATA):
        raise KmipFailure(
            ResultReason.PERMISSION_DENIED, "the object is neither a symmetric key nor a secret", reason_2=ResultReason.INVALID_OBJECT_TYPE
        )
    return material


async def private_key(item: ManagedObject, context: RequestContext, depth: int = 0) -> PrivateKey:
    """A private key that can be used. Raises `KmipFailure` when the object is none."""
    if item.object_type is not ObjectType.PRIVATE_KEY:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "the object is not a private key", reason_2=ResultReason.INVALID_OBJECT_TYPE)
    block = await block_in_the_clear(item, context, depth)
    return read_private(block.key_format_type, _material(block), hints_of(item))


async def public_key(item: ManagedObject, context: RequestContext, depth: int = 0) -> PublicKey:
    """A public key that can be used: also that of a private key, and the certified one. Raises `KmipFailure` when the object has none."""
    if item.object_type is ObjectType.PRIVATE_KEY:
        return (await private_key(item, context, depth)).public_key()
    if item.object_type is ObjectType.CERTIFICATE:
        return _certified_key(await holding_of(item, context))
    if item.object_type is not ObjectType.PUBLIC_KEY:
        raise KmipFailure(ResultReason.PERMISSION_DENIED, "the object is not a public key", reason_2=ResultReason.INVALID_OBJECT_TYPE)
    block = await block_in_the_clear(item, context, depth)
    return read_public(block.key_format_type, _material(block), hints_of(item))


def _certified_key(holding: Holding) -> PublicKey:
    try:
        return public_key_in(read_certificate(holding.certificate_value if isinstance(holding, Certificate) else b""))
    except ValueError as error:
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "the certificate's key is of no kind that can be used here") from error


def algorithm_of(item: ManagedObject) -> CryptographicAlgorithm | None:
    """The object's Cryptographic Algorithm, where it has one."""
    algorithm = item.value("Cryptographic Algorithm")
    return algorithm if isinstance(algorithm, CryptographicAlgorithm) else None


def parameters_for(asked: CryptographicParameters | None, item: ManagedObject) -> CryptographicParameters:
    """The request's Cryptographic Parameters, or the key's with the lowest Attribute Index; none at all are empty ones (1.4, 4.29)."""
    if asked is not None:
        return asked
    own = item.value("Cryptographic Parameters")
    return own if isinstance(own, CryptographicParameters) else CryptographicParameters()


def _material(block: KeyBlock) -> bytes | TransparentKey:
    if not isinstance(block.key_value, KeyValue):
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "the object was registered without its Key Value")
    return block.key_value.key_material


def hints_of(item: ManagedObject) -> Hints:
    """What an object's attributes say of its key, for formats that do not tell themselves."""
    domain = item.value("Cryptographic Domain Parameters")
    return Hints(algorithm_of(item), domain.recommended_curve if isinstance(domain, CryptographicDomainParameters) else None)


async def unwrapped(block: KeyBlock, context: RequestContext, depth: int = 0) -> KeyBlock:
    """A wrapped Key Block, in the clear. Raises `KmipFailure` when the wrapping key is not here, not for that, or not the right one."""
    wrapping = block.key_wrapping_data
    if wrapping is None:
        return block
    if depth > MOST_WRAPPINGS:
        raise KmipFailure(
            ResultReason.CRYPTOGRAPHIC_FAILURE, f"the key is wrapped by a key that is wrapped, more than {MOST_WRAPPINGS} deep"
        )
    data = wrapped_bytes(block)
    for step in reversed(steps_of(wrapping.wrapping_method)):
        if step is Step.ENCRYPT:
            data = await _decrypted(wrapping, data, context, depth)
        else:
            await _must_be_authentic(wrapping, data, context, depth)
    return unwrapped_block(block, data, context.version)


async def wrapping_key(unique_identifier: ObjectIdentifier, use: usage.Use, context: RequestContext) -> ManagedObject:
    """The key that wraps or unwraps, when there is one for that use."""
    try:
        key = context.services.shelf.get(context, context.identify(unique_identifier))
    except KmipFailure as error:
        is_archived = error.reason is ResultReason.OBJECT_ARCHIVED
        finer = ResultReason.WRAPPING_OBJECT_ARCHIVED if is_archived else ResultReason.WRAPPING_OBJECT_NOT_FOUND
        raise KmipFailure(error.reason, f"the wrapping key: {error}", reason_2=finer) from error
    if key.is_destroyed:
        sentence = "the wrapping key is destroyed"
        raise KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=ResultReason.WRAPPING_OBJECT_DESTROYED)
    if key.object_type not in _WRAPPING_KEYS:
        raise KmipFailure(
            ResultReason.ILLEGAL_OPERATION, "the object named as wrapping key is not a key", reason_2=ResultReason.INVALID_OBJECT_TYPE
        )
    usage.may_be_used(key, use, context)
    return key


async def _decrypted(wrapping: KeyWrappingData, data: bytes, context: RequestContext, depth: int) -> bytes:
    information = wrapping.encryption_key_information
    if information is None:
        raise _no_information("Encryption Key Information")
    key = await wrapping_key(information.unique_identifier, usage.UNWRAP_KEY, context)
    parameters = parameters_for(information.cryptographic_parameters, key)
    if key.object_type is ObjectType.PRIVATE_KEY:
        return rsa_decrypt(await private_key(key, context, depth + 1), parameters, data)
    job = Job(
        algorithm=algorithm_of(key) or CryptographicAlgorithm.AES,
        key=await secret(key, context, depth + 1),
        parameters=parameters,
        encrypt=False,
        random=context.services.random,
        iv=wrapping.iv_counter_nonce,
        tag_follows=True,
    )
    return transformed(job, data)[0]


async def _must_be_authentic(wrapping: KeyWrappingData, data: bytes, context: RequestContext, depth: int) -> None:
    information = wrapping.mac_signature_key_information
    if information is None:
        raise _no_information("MAC/Signature Key Information")
    found = context.services.shelf.get(context, context.identify(information.unique_identifier))
    use = usage.MAC_VERIFY if found.object_type is ObjectType.SYMMETRIC_KEY else usage.VERIFY
    key = await wrapping_key(information.unique_identifier, use, context)
    parameters = parameters_for(information.cryptographic_parameters, key)
    expected = wrapping.mac_signature or b""
    if key.object_type is ObjectType.SYMMETRIC_KEY:
        made = mac(algorithm_of(key), await secret(key, context, depth + 1), parameters)
        made.update(data)
        is_right = equal(made.digest(), expected)
    else:
        is_right = verify(await public_key(key, context, depth + 1), parameters, data, expected)
    if not is_right:
        raise KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, "the MAC or signature in the Key Wrapping Data is not that of this Key Value")


def _no_information(name: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, f"the Wrapping Method needs {name}, which is not given")
