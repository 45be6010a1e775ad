"""Encrypt and Decrypt, in one part or in many (KMIP 1.4, 4.29, 4.30; 2.1, 6.1.17, 6.1.11).

The key is a symmetric key, a secret with a Cryptographic Algorithm (a One Time Pad), one half of an RSA pair, or a certificate of one. An
AES-XTS key is two keys: the object named, and the one that is its Next Link (profile "AES XTS", cases AX-M-1 and -2).

Before 1.4 there is no field for an Authenticated Encryption Tag: it is then the end of the encrypted Data, as SP 800-38C has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.crypto.rsa_encryption import rsa_decrypt, rsa_encrypt
from kmip_server.crypto.symmetric import Job, Started, started
from kmip_server.crypto.transformations import AtOnce
from kmip_server.enums import BlockCipherMode, CryptographicAlgorithm, LinkType, ObjectType, Operation, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import DecryptResponse, EncryptRequest, EncryptResponse, Link
from kmip_server.objects import usage
from kmip_server.objects.key_access import algorithm_of, parameters_for, private_key, public_key, secret
from kmip_server.operations.data import data_of, whole_data
from kmip_server.operations.in_parts import key_of
from kmip_server.operations.table import operation
from kmip_server.versions import V1_2, V1_4

if TYPE_CHECKING:
    from kmip_server.crypto.transformations import Transformation
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import CryptographicParameters, DecryptRequest
    from kmip_server.objects.managed import ManagedObject


_ASYMMETRIC = frozenset({ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY, ObjectType.CERTIFICATE})


@dataclass(frozen=True, slots=True)
class _Ciphering:
    """What is kept between two parts: the key's identifier, and the cipher at work."""

    unique_identifier: str
    transformation: Transformation


@operation(Operation.ENCRYPT, writes=True, since=V1_2)
async def encrypt(request: EncryptRequest, context: RequestContext) -> EncryptResponse:
    """Encrypt; the IV is in the answer when it was made here, the tag when there is one."""
    part = context.services.streams.part_of(request, context.owner, Operation.ENCRYPT, context.now)
    item = key_of(request, part, context)
    usage.may_be_used(item, usage.ENCRYPT, context)
    data = whole_data(request.data, context) if part.is_whole else data_of(request.data, context) or b""
    one = await _begun(request, item, context) if part.state is None else Started(part.state.transformation)
    await usage.allocate(item, len(data), context, begins=part.state is None)
    result = one.transformation.update(data)
    tag, value = None, None
    if part.is_last:
        result += one.transformation.finish()
        tag = one.transformation.tag
        result += tag if tag is not None and context.version < V1_4 else b""
    else:
        state = _Ciphering(item.unique_identifier, one.transformation)
        value = context.services.streams.keep(request, state, context.owner, Operation.ENCRYPT, context.now)
    return EncryptResponse(
        unique_identifier=item.unique_identifier,
        data=result if result or part.is_whole else None,
        iv_counter_nonce=one.made_iv,
        correlation_value=value,
        authenticated_encryption_tag=tag,
    )


@operation(Operation.DECRYPT, writes=False, since=V1_2)
async def decrypt(request: DecryptRequest, context: RequestContext) -> DecryptResponse:
    """Decrypt; with authentication nothing is given before the tag has been found right."""
    part = context.services.streams.part_of(request, context.owner, Operation.DECRYPT, context.now)
    item = key_of(request, part, context)
    usage.may_be_used(item, usage.DECRYPT, context)
    data = whole_data(request.data, context) if part.is_whole else data_of(request.data, context) or b""
    transformation = part.state.transformation if part.state is not None else (await _begun(request, item, context)).transformation
    result, value = transformation.update(data), None
    if part.is_last:
        result += transformation.finish()
    else:
        state = _Ciphering(item.unique_identifier, transformation)
        value = context.services.streams.keep(request, state, context.owner, Operation.DECRYPT, context.now)
    return DecryptResponse(
        unique_identifier=item.unique_identifier, data=result if result or part.is_whole else None, correlation_value=value
    )


async def _begun(request: EncryptRequest | DecryptRequest, item: ManagedObject, context: RequestContext) -> Started:
    parameters = parameters_for(request.cryptographic_parameters, item)
    encrypts = isinstance(request, EncryptRequest)
    if item.object_type in _ASYMMETRIC:
        return await _begun_asymmetric(item, parameters, context, encrypts=encrypts)
    algorithm = algorithm_of(item)
    if algorithm is None:
        raise KmipFailure(
            ResultReason.PERMISSION_DENIED,
            "the object has no Cryptographic Algorithm, so it does not encrypt or decrypt",
            reason_2=ResultReason.INVALID_OBJECT_TYPE,
        )
    key = await secret(item, context)
    if parameters.block_cipher_mode is BlockCipherMode.XTS:
        key += await _second_key(item, usage.ENCRYPT if encrypts else usage.DECRYPT, context)
    return started(
        Job(
            algorithm=algorithm,
            key=key,
            parameters=parameters,
            encrypt=encrypts,
            random=context.services.random,
            iv=request.iv_counter_nonce,
            additional_data=request.authenticated_encryption_additional_data or b"",
            tag=None if isinstance(request, EncryptRequest) else request.authenticated_encryption_tag,
            tag_follows=context.version < V1_4,
        )
    )


async def _begun_asymmetric(
    item: ManagedObject, parameters: CryptographicParameters, context: RequestContext, *, encrypts: bool
) -> Started:
    """RSA takes all data at once; the public key encrypts, the private key decrypts."""
    if algorithm_of(item) is not CryptographicAlgorithm.RSA:
        raise KmipFailure(ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS, "of asymmetric keys only RSA ones encrypt and decrypt")
    if encrypts:
        public = await public_key(item, context)
        return Started(AtOnce(lambda data: rsa_encrypt(public, parameters, data)))
    private = await private_key(item, context)
    return Started(AtOnce(lambda data: rsa_decrypt(private, parameters, data)))


async def _second_key(item: ManagedObject, use: usage.Use, context: RequestContext) -> bytes:
    """The other key of an AES-XTS key; none where the object is not linked, and then it holds both halves itself."""
    for instance in item.instances("Link"):
        link = instance.value
        if isinstance(link, Link) and link.link_type is LinkType.NEXT_LINK:
            other = context.services.shelf.get(context, context.identify(link.linked_object_identifier))
            usage.may_be_used(other, use, context)
            return await secret(other, context)
    return b""
