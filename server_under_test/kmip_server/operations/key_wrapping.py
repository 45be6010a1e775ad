"""Wrapping a key on its way out, as Get and Export are asked to (KMIP 1.4, 2.1.6, 4.11, 4.40; 2.1, 7.18).

What was registered wrapped is unwrapped first: the client asks for one wrapping, by the key that it names.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from kmip_server.crypto.macs import mac
from kmip_server.crypto.rsa_encryption import rsa_encrypt
from kmip_server.crypto.signatures import sign
from kmip_server.crypto.symmetric import Job, transformed
from kmip_server.enums import EncodingOption, ObjectType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Attributes, CryptographicParameters, KeyValue, KeyWrappingData
from kmip_server.objects import usage
from kmip_server.objects.key_access import algorithm_of, private_key, public_key, secret, unwrapped, wrapping_key
from kmip_server.objects.key_wrapping import Step, bytes_to_wrap, encoding_option_error, steps_of
from kmip_server.operations.attributes import attributes_of
from kmip_server.versions import V2_0

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import EncryptionKeyInformation, KeyBlock, KeyWrappingSpecification, MACSignatureKeyInformation
    from kmip_server.objects.managed import ManagedObject


@dataclass(slots=True)
class _Done:
    """The bytes on their way through the steps, and what the steps leave beside them."""

    data: bytes
    mac_signature: bytes | None = None
    iv: bytes | None = None


async def wrapped(block: KeyBlock, item: ManagedObject, asked: KeyWrappingSpecification, context: RequestContext) -> KeyBlock:
    """The Key Block, wrapped as asked. Raises `KmipFailure` with the Result Reasons of Get (1.4, 11.12; 2.1, 6.1.19.1)."""
    steps = steps_of(asked.wrapping_method)
    clear = await unwrapped(block, context)
    clear = _with_attributes(clear, item, asked, context)
    done = _Done(bytes_to_wrap(clear, asked.encoding_option, context.version))
    for step in steps:
        if step is Step.ENCRYPT:
            await _encrypt(done, asked.encryption_key_information, context)
        else:
            await _authenticate(done, asked.mac_signature_key_information, context)
    wrapping = KeyWrappingData(
        wrapping_method=asked.wrapping_method,
        encryption_key_information=asked.encryption_key_information,
        mac_signature_key_information=asked.mac_signature_key_information,
        mac_signature=done.mac_signature,
        iv_counter_nonce=done.iv,
        encoding_option=asked.encoding_option,
    )
    return replace(clear, key_value=done.data, key_wrapping_data=wrapping)


def hides_the_key(asked: KeyWrappingSpecification) -> bool:
    """Whether the key cannot be read from what comes out: a MAC alone hides nothing."""
    return Step.ENCRYPT in steps_of(asked.wrapping_method)


def _with_attributes(block: KeyBlock, item: ManagedObject, asked: KeyWrappingSpecification, context: RequestContext) -> KeyBlock:
    if not asked.attribute_name:
        return block
    if asked.encoding_option is EncodingOption.NO_ENCODING:
        raise encoding_option_error("the Encoding Option No Encoding is not permitted together with Attribute Names", context.version)
    if not isinstance(block.key_value, KeyValue):
        return block
    attributes = attributes_of(item, asked.attribute_name, context)
    if context.version < V2_0:
        return replace(block, key_value=replace(block.key_value, attribute=attributes))
    return replace(block, key_value=replace(block.key_value, attributes=Attributes(attribute=attributes)))


async def _encrypt(done: _Done, information: EncryptionKeyInformation | None, context: RequestContext) -> None:
    if information is None:
        raise _missing("Encryption Key Information")
    key = await wrapping_key(information.unique_identifier, usage.WRAP_KEY, context)
    parameters = _matching(information.cryptographic_parameters, key)
    await usage.allocate(key, len(done.data), context)
    if key.object_type is ObjectType.SYMMETRIC_KEY:
        algorithm = algorithm_of(key)
        if algorithm is None:
            raise KmipFailure(ResultReason.PERMISSION_DENIED, "the wrapping key has no Cryptographic Algorithm")
        job = Job(
            algorithm=algorithm,
            key=await secret(key, context),
            parameters=replace(parameters, random_iv=True),
            encrypt=True,
            random=context.services.random,
        )
        done.data, done.iv, tag = transformed(job, done.data)
        done.data += tag or b""
    else:
        done.data = rsa_encrypt(await public_key(key, context), parameters, done.data)


async def _authenticate(done: _Done, information: MACSignatureKeyInformation | None, context: RequestContext) -> None:
    if information is None:
        raise _missing("MAC/Signature Key Information")
    is_symmetric = _type_of(information, context) is ObjectType.SYMMETRIC_KEY
    key = await wrapping_key(information.unique_identifier, usage.MAC_GENERATE if is_symmetric else usage.SIGN, context)
    parameters = _matching(information.cryptographic_parameters, key)
    await usage.allocate(key, len(done.data), context)
    if is_symmetric:
        made = mac(algorithm_of(key), await secret(key, context), parameters)
        made.update(done.data)
        done.mac_signature = made.digest()
    else:
        done.mac_signature = sign(await private_key(key, context), parameters, done.data)


def _type_of(information: MACSignatureKeyInformation, context: RequestContext) -> ObjectType | None:
    row = context.store.get(context.owner, context.identify(information.unique_identifier))
    return None if row is None else ObjectType(row.object_type)


def _matching(asked: CryptographicParameters | None, key: ManagedObject) -> CryptographicParameters:
    """The key's Cryptographic Parameters that the asked ones match, or its first; "if no match is found, then an error is returned"."""
    for instance in key.instances("Cryptographic Parameters"):
        own = instance.value
        if isinstance(own, CryptographicParameters) and (asked is None or _agree(asked, own)):
            return own
    raise KmipFailure(
        ResultReason.ITEM_NOT_FOUND,
        "the wrapping key has no Cryptographic Parameters, or none that match those of the Key Wrapping Specification",
        reason_2=ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS,
    )


def _agree(asked: CryptographicParameters, own: CryptographicParameters) -> bool:
    """Every field that is asked for is one of the key's."""
    return all(getattr(asked, f.name) in (None, getattr(own, f.name)) for f in fields(asked))


def _missing(name: str) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, f"the Wrapping Method of the Key Wrapping Specification needs {name}")
