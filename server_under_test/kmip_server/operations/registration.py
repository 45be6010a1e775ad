"""What Register makes sure of, by the type of the object (KMIP 1.4, 4.3, Table 171, and 2.1.3).

A Key Block must agree with itself; algorithm and length, from the Key Block, the attributes or the key itself, are there once and agree;
a symmetric key is as long as it says. Whether an asymmetric key is a good one is not asked: it is kept as it came, and read when it is
used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.crypto.key_formats import Hints, read_private, read_public
from kmip_server.crypto.key_kinds import algorithm_of, length_of
from kmip_server.enums import CryptographicAlgorithm, KeyFormatType, ObjectType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import (
    Certificate,
    CryptographicDomainParameters,
    KeyValue,
    PrivateKey,
    PublicKey,
    SecretData,
    SplitKey,
    SymmetricKey,
    Template,
    TemplateAttribute,
    TransparentSymmetricKey,
)
from kmip_server.objects.birth import Given, attributes_given, single
from kmip_server.objects.managed import Instance
from kmip_server.objects.material import IN_KEY_BLOCK, key_block_of
from kmip_server.operations.key_lengths import LENGTHS, material_length
from kmip_server.versions import V1_2

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import KeyBlock
    from kmip_server.objects.managed import Holding

_Format = KeyFormatType
FORMATS: dict[type, frozenset[KeyFormatType]] = {
    SymmetricKey: frozenset({_Format.RAW, _Format.OPAQUE, _Format.TRANSPARENT_SYMMETRIC_KEY}),
    PrivateKey: frozenset(KeyFormatType) - {_Format.X_509, _Format.TRANSPARENT_SYMMETRIC_KEY, _Format.PKCS_10},
    PublicKey: frozenset(KeyFormatType) - {_Format.PKCS_8, _Format.TRANSPARENT_SYMMETRIC_KEY, _Format.PKCS_10, _Format.PKCS_12},
}
"""The Key Format Types that an object may have; all others may have any."""

_NEED_A_USAGE_MASK = (SymmetricKey, PublicKey, PrivateKey)
_NEED_ALGORITHM_AND_LENGTH = (SymmetricKey, PublicKey, PrivateKey)


def must_be_registrable(holding: Holding, given: Given, context: RequestContext) -> None:
    """Complete what is given by what the object says itself. Raises `KmipFailure` (Invalid Field, Missing Data)."""
    if isinstance(holding, IN_KEY_BLOCK):
        block = _block_of(holding, context)
        if not isinstance(holding, SecretData):
            _key(holding, block, given)
    elif isinstance(holding, Certificate):
        if single(given, "Certificate Type") not in (None, holding.certificate_type):
            raise _invalid("Certificate Type is one thing in the Certificate and another as an attribute")
    elif isinstance(holding, Template):
        _template(holding, given, context)


def _block_of(holding: Holding, context: RequestContext) -> KeyBlock:
    """The Key Block, once its own parts agree with each other (2.1.3)."""
    block = key_block_of(holding)
    if block.key_value is None and context.version < V1_2:
        raise _invalid(f"the Key Block has no Key Value, which KMIP {context.version} requires")
    if isinstance(block.key_value, bytes) and block.key_wrapping_data is None:
        raise _invalid("a Key Value is a Byte String only where Key Wrapping Data says how it is wrapped")
    if (block.cryptographic_algorithm is None) != (block.cryptographic_length is None):
        raise _invalid("the Key Block has only one of Cryptographic Algorithm and Cryptographic Length")
    if block.key_format_type not in FORMATS.get(type(holding), (block.key_format_type,)):
        raise _invalid(f"a {type(holding).__name__} cannot have the Key Format Type {block.key_format_type.name}")
    return block


def _key(holding: Holding, block: KeyBlock, given: Given) -> None:
    if "Cryptographic Usage Mask" not in given and isinstance(holding, _NEED_A_USAGE_MASK):
        raise KmipFailure(ResultReason.MISSING_DATA, "Register needs the attribute Cryptographic Usage Mask")
    found = {"Cryptographic Algorithm": block.cryptographic_algorithm, "Cryptographic Length": block.cryptographic_length}
    if any(value is None and name not in given for name, value in found.items()):
        found = {**_found_in_key(holding, block, given), **{name: value for name, value in found.items() if value is not None}}
    for name, in_block in found.items():
        as_attribute = single(given, name)
        if None not in (as_attribute, in_block) and as_attribute != in_block:
            raise _invalid(f"{name} is one thing in the Key Block and another as an attribute")
        value = in_block if as_attribute is None else as_attribute
        if value is not None:
            given[name] = (Instance(0, value),)
        elif isinstance(holding, _NEED_ALGORITHM_AND_LENGTH):
            raise KmipFailure(ResultReason.MISSING_DATA, f"Register needs {name}, in the Key Block or as an attribute")
    if isinstance(holding, SplitKey):
        _part(holding)
    elif isinstance(holding, SymmetricKey):
        _material_must_fit(block, single(given, "Cryptographic Algorithm"), single(given, "Cryptographic Length"))


def _found_in_key(holding: Holding, block: KeyBlock, given: Given) -> dict[str, CryptographicAlgorithm | int | None]:
    """What an asymmetric key says of itself: "MAY be omitted only if this information is encapsulated in the Key Block"."""
    nothing = dict.fromkeys(("Cryptographic Algorithm", "Cryptographic Length"))
    if not isinstance(block.key_value, KeyValue) or block.key_wrapping_data is not None:
        return nothing
    domain = single(given, "Cryptographic Domain Parameters")
    curve = domain.recommended_curve if isinstance(domain, CryptographicDomainParameters) else None
    algorithm = single(given, "Cryptographic Algorithm") or block.cryptographic_algorithm
    hints = Hints(algorithm if isinstance(algorithm, CryptographicAlgorithm) else None, curve)
    try:
        if isinstance(holding, PrivateKey):
            key = read_private(block.key_format_type, block.key_value.key_material, hints)
            return {"Cryptographic Algorithm": algorithm_of(key), "Cryptographic Length": length_of(key)}
        if isinstance(holding, PublicKey):
            public = read_public(block.key_format_type, block.key_value.key_material, hints)
            return {"Cryptographic Algorithm": algorithm_of(public), "Cryptographic Length": length_of(public)}
    except KmipFailure:
        return nothing
    return nothing


def _part(holding: SplitKey) -> None:
    """Key Part Identifier "SHALL be at least 1 and SHALL be less than or equal to Split Key Parts" (2.2.5)."""
    if not 1 <= holding.key_part_identifier <= holding.split_key_parts:
        raise _invalid("the Key Part Identifier is not between 1 and Split Key Parts")
    if not 1 <= holding.split_key_threshold <= holding.split_key_parts:
        raise _invalid("the Split Key Threshold is not between 1 and Split Key Parts")


def _template(holding: Template, given: Given, context: RequestContext) -> None:
    """Attributes that a client may set. Their Name is the Template's own: in 1.0 and 1.1 it is given so, since 1.2 it may not be (11.4)."""
    names = [one.attribute_value for one in holding.attribute if one.attribute_name == "Name"]
    if names and context.version >= V1_2:
        raise _invalid("a Template holds no Name: the name of the Template itself is given as an attribute of the request")
    if names:
        given["Name"] = tuple(Instance(index, value) for index, value in enumerate(names))
    attributes_given(TemplateAttribute(attribute=holding.attribute), ObjectType.TEMPLATE, context)


def _material_must_fit(block: KeyBlock, algorithm: object, bits: object) -> None:
    """A raw or transparent key in the clear is as long as it says it is."""
    if not isinstance(algorithm, CryptographicAlgorithm) or not isinstance(bits, int) or not isinstance(block.key_value, KeyValue):
        return
    if block.key_wrapping_data is not None:
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
