"""The Key Value that is wrapped, and the wrapped Key Value, as bytes (KMIP 1.4, 2.1.4-2.1.6; 2.1, 3.2, 3.3, 7.18). No key is needed here.

No Encoding: the bytes are the Key Material. TTLV Encoding, which is also meant where no Encoding Option is given: they are the encoded Key
Value, with attributes if any were asked for.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from kmip_server.codec import decode, encode
from kmip_server.codec.items import write_string
from kmip_server.codec.wire import head_of
from kmip_server.enums import EncodingOption, ItemType, ResultReason, Tag, WrappingMethod
from kmip_server.errors import KmipFailure, MalformedMessage
from kmip_server.messages import KeyBlock, KeyValue
from kmip_server.versions import V1_1, V1_4, V2_1

if TYPE_CHECKING:
    from kmip_server.versions import KmipVersion


class Step(Enum):
    """What a Wrapping Method does with the bytes, one after the other."""

    ENCRYPT = auto()
    AUTHENTICATE = auto()


STEPS: dict[WrappingMethod, tuple[Step, ...]] = {
    WrappingMethod.ENCRYPT: (Step.ENCRYPT,),
    WrappingMethod.MAC_SIGN: (Step.AUTHENTICATE,),
    WrappingMethod.ENCRYPT_THEN_MAC_SIGN: (Step.ENCRYPT, Step.AUTHENTICATE),
    WrappingMethod.MAC_SIGN_THEN_ENCRYPT: (Step.AUTHENTICATE, Step.ENCRYPT),
}
"""In the order of wrapping; unwrapping goes backwards. The MAC or signature has a field of its own, so it is never encrypted. TR-31 is of
another world and refused."""

_KEY_BLOCK = head_of(Tag.KEY_BLOCK, ItemType.STRUCTURE)


def steps_of(method: WrappingMethod) -> tuple[Step, ...]:
    """The steps of a method. Raises `KmipFailure` for those that are not supported."""
    if method not in STEPS:
        raise KmipFailure(ResultReason.FEATURE_NOT_SUPPORTED, f"the Wrapping Method {method.name} is not supported here")
    return STEPS[method]


def bytes_to_wrap(block: KeyBlock, option: EncodingOption | None, version: KmipVersion) -> bytes:
    """What is wrapped of a Key Block in the clear. Raises `KmipFailure` (Encoding Option Error) where No Encoding cannot hold it."""
    value = block.key_value
    if not isinstance(value, KeyValue):
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "the object has no Key Value that could be wrapped")
    if option is not EncodingOption.NO_ENCODING:
        return encode(value, version)
    if value.attribute or value.attributes is not None:
        raise encoding_option_error("with No Encoding no attributes can be wrapped beside the key", version)
    if not isinstance(value.key_material, bytes):
        raise encoding_option_error("with No Encoding only Key Material that is a Byte String can be wrapped", version)
    return value.key_material


def wrapped_bytes(block: KeyBlock) -> bytes:
    """What has been wrapped: the Key Value. Clients of 1.4 write it as the Key Material of a Key Value, too (TC-WRAP-1-14)."""
    value = block.key_value.key_material if isinstance(block.key_value, KeyValue) else block.key_value
    if not isinstance(value, bytes):
        raise KmipFailure(ResultReason.KEY_VALUE_NOT_PRESENT, "the object has no wrapped Key Value")
    return value


def unwrapped_block(block: KeyBlock, data: bytes, version: KmipVersion) -> KeyBlock:
    """The Key Block around what was unwrapped: the Key Material, or a Key Value in the encoding of this or another version."""
    wrapping = block.key_wrapping_data
    clear = replace(block, key_wrapping_data=None)
    if wrapping is not None and wrapping.encoding_option is EncodingOption.NO_ENCODING:
        return replace(clear, key_value=KeyValue(key_material=data))
    for asked in dict.fromkeys((version, V1_4, V2_1)):
        try:
            return replace(clear, key_value=_key_value(block, data, asked))
        except MalformedMessage:
            continue
    raise KmipFailure(
        ResultReason.CRYPTOGRAPHIC_FAILURE,
        "what was unwrapped is no encoded Key Value: another key has wrapped it, or it was wrapped with No Encoding",
    )


def encoding_option_error(sentence: str, version: KmipVersion) -> KmipFailure:
    """Encoding Option Error, which 1.0 does not have."""
    return KmipFailure(ResultReason.ENCODING_OPTION_ERROR if version >= V1_1 else ResultReason.INVALID_FIELD, sentence)


def _key_value(block: KeyBlock, data: bytes, version: KmipVersion) -> KeyValue | bytes | None:
    """A Key Value is read as the Key Format Type of its Key Block says, so one is made around it."""
    form = encode(KeyBlock(key_format_type=block.key_format_type, key_value=b""), version)[8:24]
    return decode(KeyBlock, write_string(_KEY_BLOCK, form + data), version).key_value
