"""Sign and Signature Verify: whole, in parts, digested, with the key's own parameters; who may sign, and with what."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from kmip_server.enums import (
    CertificateType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    HashingAlgorithm,
    KeyFormatType,
    ObjectType,
    PaddingMethod,
    ResultReason,
    UsageLimitsUnit,
    ValidityIndicator,
)
from kmip_server.messages import (
    Certificate,
    CreateKeyPairRequest,
    CryptographicParameters,
    GetRequest,
    RegisterRequest,
    SignatureVerifyRequest,
    SignRequest,
    TemplateAttribute,
    UsageLimits,
)
from kmip_server.versions import V1_2, V1_3, V1_4, V2_0, V2_1

MASK = CryptographicUsageMask
DATA = b"what is signed"
PSS = CryptographicParameters(padding_method=PaddingMethod.PSS, hashing_algorithm=HashingAlgorithm.SHA_384)
VALID, INVALID = ValidityIndicator.VALID, ValidityIndicator.INVALID


async def a_pair(lab, *more, algorithm=CryptographicAlgorithm.RSA, length=1024, active=True, private=()):
    common = [lab.attr("Cryptographic Algorithm", algorithm), lab.attr("Cryptographic Length", length), *more]
    common += [lab.attr("Activation Date", int(lab.now[0]) - 10)] if active else []
    made = await lab.do(
        CreateKeyPairRequest(
            common_template_attribute=TemplateAttribute(attribute=tuple(common)),
            private_key_template_attribute=TemplateAttribute(attribute=(lab.attr("Cryptographic Usage Mask", MASK.SIGN), *private)),
            public_key_template_attribute=TemplateAttribute(attribute=(lab.attr("Cryptographic Usage Mask", MASK.VERIFY),)),
        )
    )
    return made.private_key_unique_identifier, made.public_key_unique_identifier


async def verdict(lab, key, signature, version=V1_4, **said):
    said = {"data": DATA, **said}
    answer = await lab.do(SignatureVerifyRequest(unique_identifier=key, signature_data=signature, **said), version=version)
    return answer.validity_indicator


@pytest.mark.parametrize("version", [V1_2, V1_3, V1_4, V2_0, V2_1], ids=str)
@pytest.mark.parametrize(("algorithm", "length"), [(CryptographicAlgorithm.RSA, 1024), (CryptographicAlgorithm.EC, 256)])
async def test_what_is_signed_verifies(lab, version, algorithm, length):
    private, public = await a_pair(lab, algorithm=algorithm, length=length)
    signature = (await lab.do(SignRequest(unique_identifier=private, data=DATA), version=version)).signature_data
    assert await verdict(lab, public, signature, version) is VALID
    assert await verdict(lab, public, signature, version, data=b"something else") is INVALID
    assert await verdict(lab, public, signature[:-1] + bytes([signature[-1] ^ 1]), version) is INVALID


async def test_the_keys_own_parameters_and_those_of_the_request(lab):
    private, public = await a_pair(lab, lab.attr("Cryptographic Parameters", PSS))
    signature = (await lab.do(SignRequest(unique_identifier=private, data=DATA))).signature_data
    form = GetRequest(unique_identifier=public, key_format_type=KeyFormatType.X_509)
    key = load_der_public_key((await lab.do(form)).managed_object.key_block.key_value.key_material)
    key.verify(signature, DATA, padding.PSS(padding.MGF1(hashes.SHA384()), padding.PSS.AUTO), hashes.SHA384())
    assert await verdict(lab, public, signature) is VALID
    plain = CryptographicParameters(padding_method=PaddingMethod.PKCS1_V1_5)
    assert await verdict(lab, public, signature, cryptographic_parameters=plain) is INVALID


async def test_digested_data(lab):
    private, public = await a_pair(lab, lab.attr("Cryptographic Parameters", PSS))
    digest = hashlib.sha384(DATA).digest()
    signature = (await lab.do(SignRequest(unique_identifier=private, digested_data=digest))).signature_data
    assert await verdict(lab, public, signature) is VALID
    assert await verdict(lab, public, signature, data=None, digested_data=digest) is VALID
    assert await lab.refused(SignRequest(unique_identifier=private, digested_data=digest, data=DATA)) is ResultReason.INVALID_FIELD
    assert await lab.refused(SignRequest(unique_identifier=private, digested_data=b"short")) is ResultReason.CRYPTOGRAPHIC_FAILURE


async def test_in_parts(lab):
    private, public = await a_pair(lab, lab.attr("Cryptographic Parameters", PSS))
    begun = await lab.do(SignRequest(unique_identifier=private, data=DATA[:3], init_indicator=True))
    assert begun.signature_data is None
    value = begun.correlation_value
    more = await lab.do(SignRequest(unique_identifier=private, data=DATA[3:9], correlation_value=value))
    assert more.correlation_value == value
    last = await lab.do(SignRequest(data=DATA[9:], correlation_value=value, final_indicator=True))
    assert await verdict(lab, public, last.signature_data) is VALID
    begun = await lab.do(
        SignatureVerifyRequest(unique_identifier=public, data=DATA[:3], signature_data=last.signature_data, init_indicator=True)
    )
    assert begun.validity_indicator is None
    ended = SignatureVerifyRequest(data=DATA[3:], correlation_value=begun.correlation_value, final_indicator=True)
    assert (await lab.do(ended)).validity_indicator is VALID
    assert await lab.refused(ended) is ResultReason.ITEM_NOT_FOUND


async def test_a_certificate_verifies(lab):
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(x509.Name([]), x509.Name([]), key.public_key(), 1)
    builder = builder.not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).not_valid_after(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
    held = Certificate(CertificateType.X_509, builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))
    attributes = (lab.attr("Cryptographic Usage Mask", MASK.VERIFY), lab.attr("Activation Date", 5))
    request = RegisterRequest(
        object_type=ObjectType.CERTIFICATE, template_attribute=TemplateAttribute(attribute=attributes), managed_object=held
    )
    certificate = (await lab.do(request)).unique_identifier
    assert await verdict(lab, certificate, key.sign(DATA, ec.ECDSA(hashes.SHA256()))) is VALID


async def test_who_may_not(lab):
    private, public = await a_pair(lab)
    for key in (public, await lab.key(lab.attr("Activation Date", 5))):
        assert await lab.refused(SignRequest(unique_identifier=key, data=DATA)) is ResultReason.PERMISSION_DENIED
        assert await lab.refused(SignRequest(unique_identifier=key, data=DATA), version=V2_1) is (
            ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK
        )
    verification = SignatureVerifyRequest(unique_identifier=private, data=DATA, signature_data=b"x")
    assert await lab.refused(verification) is ResultReason.PERMISSION_DENIED
    inactive, _ = await a_pair(lab, active=False)
    assert await lab.refused(SignRequest(unique_identifier=inactive, data=DATA)) is ResultReason.PERMISSION_DENIED
    assert await lab.refused(SignRequest(unique_identifier="nobody", data=DATA)) is ResultReason.ITEM_NOT_FOUND
    assert await lab.refused(SignRequest(unique_identifier=private)) is ResultReason.INVALID_MESSAGE


async def test_usage_limits_are_counted(lab):
    limits = UsageLimits(usage_limits_total=2, usage_limits_unit=UsageLimitsUnit.OBJECT)
    private, _ = await a_pair(lab, private=(lab.attr("Usage Limits", limits),))
    for _ in range(2):
        await lab.do(SignRequest(unique_identifier=private, data=DATA))
    assert await lab.refused(SignRequest(unique_identifier=private, data=DATA)) is ResultReason.PERMISSION_DENIED
