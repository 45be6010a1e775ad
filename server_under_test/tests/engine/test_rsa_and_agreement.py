"""Asymmetric keys where the symmetric operations take them: Encrypt and Decrypt, wrapping, signatures on wrapped keys, key agreement."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from kmip_server.enums import (
    CertificateType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    DerivationMethod,
    EncodingOption,
    HashingAlgorithm,
    KeyFormatType,
    KeyWrapType,
    ObjectType,
    PaddingMethod,
    ResultReason,
    WrappingMethod,
)
from kmip_server.messages import (
    Certificate,
    CryptographicParameters,
    DecryptRequest,
    DerivationParameters,
    DeriveKeyRequest,
    EncryptionKeyInformation,
    EncryptRequest,
    GetRequest,
    KeyBlock,
    KeyValue,
    KeyWrappingSpecification,
    MACSignatureKeyInformation,
    PrivateKey,
    PublicKey,
    RegisterRequest,
    SymmetricKey,
    TemplateAttribute,
)
from kmip_server.versions import V1_2, V1_4, V2_1

ALGORITHM, MASK = CryptographicAlgorithm, CryptographicUsageMask
KEY = bytes(range(16))
OAEP = CryptographicParameters(padding_method=PaddingMethod.OAEP, hashing_algorithm=HashingAlgorithm.SHA_256)
PSS = CryptographicParameters(
    padding_method=PaddingMethod.PSS, hashing_algorithm=HashingAlgorithm.SHA_256, cryptographic_algorithm=ALGORITHM.RSA
)


@pytest.fixture(scope="module")
def pair():
    return rsa.generate_private_key(65537, 2048)


async def registered(lab, key, mask, *parameters):
    """A half of a key pair, or a symmetric key, Active."""
    own = tuple(lab.attr("Cryptographic Parameters", one) for one in parameters)
    given = (lab.attr("Cryptographic Usage Mask", mask), lab.attr("Activation Date", int(lab.now[0]) - 1), *own)
    if isinstance(key, bytes):
        form, material, kind, held = KeyFormatType.RAW, key, ObjectType.SYMMETRIC_KEY, SymmetricKey
    elif isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        material = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        form, kind, held = KeyFormatType.PKCS_8, ObjectType.PRIVATE_KEY, PrivateKey
    else:
        material = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        form, kind, held = KeyFormatType.X_509, ObjectType.PUBLIC_KEY, PublicKey
    algorithm, bits = (
        (ALGORITHM.AES, 128) if isinstance(key, bytes) else (ALGORITHM.RSA if hasattr(key, "key_size") else None, key.key_size)
    )
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        algorithm = ALGORITHM.EC
    block = KeyBlock(
        key_format_type=form, key_value=KeyValue(key_material=material), cryptographic_algorithm=algorithm, cryptographic_length=bits
    )
    request = RegisterRequest(object_type=kind, template_attribute=TemplateAttribute(attribute=given), managed_object=held(key_block=block))
    return (await lab.do(request)).unique_identifier


@pytest.mark.parametrize("version", [V1_2, V1_4, V2_1], ids=str)
async def test_rsa_encrypts_with_one_half_and_decrypts_with_the_other(lab, pair, version):
    public = await registered(lab, pair.public_key(), MASK.ENCRYPT)
    private = await registered(lab, pair, MASK.DECRYPT)
    encrypted = await lab.do(EncryptRequest(unique_identifier=public, cryptographic_parameters=OAEP, data=b"data"), version=version)
    decrypted = await lab.do(DecryptRequest(unique_identifier=private, cryptographic_parameters=OAEP, data=encrypted.data), version=version)
    assert decrypted.data == b"data"
    wrong = CryptographicParameters(padding_method=PaddingMethod.PKCS1_V1_5)
    good = pair.decrypt(encrypted.data, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), None))
    assert good == b"data"
    too_long = EncryptRequest(unique_identifier=public, cryptographic_parameters=wrong, data=bytes(300))
    assert await lab.refused(too_long, version=version) is ResultReason.CRYPTOGRAPHIC_FAILURE
    halves = EncryptRequest(unique_identifier=private, cryptographic_parameters=OAEP, data=b"data")
    assert await lab.refused(halves, version=V1_4) is ResultReason.PERMISSION_DENIED


async def test_rsa_takes_its_data_in_parts_too(lab, pair):
    public = await registered(lab, pair.public_key(), MASK.ENCRYPT, OAEP)
    begun = await lab.do(EncryptRequest(unique_identifier=public, data=b"da", init_indicator=True))
    assert begun.data is None
    ended = await lab.do(EncryptRequest(data=b"ta", correlation_value=begun.correlation_value, final_indicator=True))
    assert pair.decrypt(ended.data, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), None)) == b"data"


async def test_an_elliptic_curve_key_does_not_encrypt(lab):
    key = await registered(lab, ec.generate_private_key(ec.SECP256R1()).public_key(), MASK.ENCRYPT)
    request = EncryptRequest(unique_identifier=key, cryptographic_parameters=OAEP, data=b"data")
    assert await lab.refused(request, version=V2_1) is ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS


async def test_a_public_key_wraps_what_the_private_key_unwraps(lab, pair):
    public = await registered(lab, pair.public_key(), MASK.WRAP_KEY, OAEP)
    private = await registered(lab, pair, MASK.UNWRAP_KEY, OAEP)
    key = await registered(lab, KEY, MASK.ENCRYPT)
    asked = KeyWrappingSpecification(
        wrapping_method=WrappingMethod.ENCRYPT,
        encryption_key_information=EncryptionKeyInformation(unique_identifier=public),
        encoding_option=EncodingOption.NO_ENCODING,
    )
    block = (await lab.do(GetRequest(unique_identifier=key, key_wrapping_specification=asked))).managed_object.key_block
    assert pair.decrypt(block.key_value, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), None)) == KEY
    wrapping = block.key_wrapping_data
    elsewhere = type(wrapping)(
        wrapping_method=wrapping.wrapping_method,
        encryption_key_information=EncryptionKeyInformation(unique_identifier=private),
        encoding_option=wrapping.encoding_option,
    )
    wrapped = KeyBlock(
        key_format_type=block.key_format_type,
        key_value=block.key_value,
        cryptographic_algorithm=block.cryptographic_algorithm,
        cryptographic_length=block.cryptographic_length,
        key_wrapping_data=elsewhere,
    )
    attributes = TemplateAttribute(attribute=(lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT),))
    request = RegisterRequest(
        object_type=ObjectType.SYMMETRIC_KEY, template_attribute=attributes, managed_object=SymmetricKey(key_block=wrapped)
    )
    again = (await lab.do(request)).unique_identifier
    clear = await lab.do(GetRequest(unique_identifier=again, key_wrap_type=KeyWrapType.NOT_WRAPPED))
    assert clear.managed_object.key_block.key_value == KeyValue(key_material=KEY)


async def test_a_wrapped_key_is_signed_and_the_signature_is_checked(lab, pair):
    private = await registered(lab, pair, MASK.SIGN | MASK.VERIFY, PSS)
    key = await registered(lab, KEY, MASK.ENCRYPT)
    asked = KeyWrappingSpecification(
        wrapping_method=WrappingMethod.MAC_SIGN,
        mac_signature_key_information=MACSignatureKeyInformation(unique_identifier=private),
        encoding_option=EncodingOption.NO_ENCODING,
    )
    block = (await lab.do(GetRequest(unique_identifier=key, key_wrapping_specification=asked))).managed_object.key_block
    assert block.key_value == KEY
    pair.public_key().verify(
        block.key_wrapping_data.mac_signature, KEY, padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO), hashes.SHA256()
    )
    attributes = TemplateAttribute(attribute=(lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT),))
    for value, is_right in ((KEY, True), (bytes(16), False)):
        held = SymmetricKey(
            key_block=KeyBlock(
                key_format_type=KeyFormatType.RAW,
                key_value=value,
                cryptographic_algorithm=ALGORITHM.AES,
                cryptographic_length=128,
                key_wrapping_data=block.key_wrapping_data,
            )
        )
        request = RegisterRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=attributes, managed_object=held)
        made = (await lab.do(request)).unique_identifier
        not_wrapped = GetRequest(unique_identifier=made, key_wrap_type=KeyWrapType.NOT_WRAPPED)
        if is_right:
            assert (await lab.do(not_wrapped)).managed_object.key_block.key_value == KeyValue(key_material=KEY)
        else:
            assert await lab.refused(not_wrapped) is ResultReason.CRYPTOGRAPHIC_FAILURE


async def test_two_pairs_agree_on_a_key(lab):
    one, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    shared = one.exchange(ec.ECDH(), other.public_key())
    private, public = await registered(lab, one, MASK.DERIVE_KEY), await registered(lab, other.public_key(), MASK.DERIVE_KEY)

    def asked(*bases, bits=256):
        attributes = (
            lab.attr("Cryptographic Algorithm", ALGORITHM.AES),
            lab.attr("Cryptographic Length", bits),
            lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT),
        )
        return DeriveKeyRequest(
            object_type=ObjectType.SYMMETRIC_KEY,
            unique_identifier=bases,
            derivation_method=DerivationMethod.ASYMMETRIC_KEY,
            derivation_parameters=DerivationParameters(
                cryptographic_parameters=CryptographicParameters(cryptographic_algorithm=ALGORITHM.ECDH)
            ),
            template_attribute=TemplateAttribute(attribute=attributes),
        )

    for bases in ((private, public), (public, private)):
        made = (await lab.do(asked(*bases))).unique_identifier
        got = await lab.do(GetRequest(unique_identifier=made))
        assert got.managed_object.key_block.key_value == KeyValue(key_material=shared)
    assert await lab.refused(asked(private, private)) is ResultReason.INVALID_FIELD
    assert await lab.refused(asked(private)) is ResultReason.INVALID_FIELD


async def test_a_certificate_encrypts_and_wraps_as_its_key_would(lab, pair):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "someone")])
    day = dt.timedelta(days=1)
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, pair.public_key(), 7, now - day, now + day)
    der = builder.sign(pair, hashes.SHA256()).public_bytes(Encoding.DER)
    attributes = TemplateAttribute(
        attribute=(
            lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT | MASK.WRAP_KEY),
            lab.attr("Activation Date", int(lab.now[0]) - 1),
            lab.attr("Cryptographic Parameters", OAEP),
        )
    )
    held = Certificate(certificate_type=CertificateType.X_509, certificate_value=der)
    request = RegisterRequest(object_type=ObjectType.CERTIFICATE, template_attribute=attributes, managed_object=held)
    certificate = (await lab.do(request)).unique_identifier
    open_up = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), None)
    encrypted = await lab.do(EncryptRequest(unique_identifier=certificate, data=b"data"))
    assert pair.decrypt(encrypted.data, open_up) == b"data"
    asked = KeyWrappingSpecification(
        wrapping_method=WrappingMethod.ENCRYPT,
        encryption_key_information=EncryptionKeyInformation(unique_identifier=certificate),
        encoding_option=EncodingOption.NO_ENCODING,
    )
    key = await registered(lab, KEY, MASK.ENCRYPT)
    block = (await lab.do(GetRequest(unique_identifier=key, key_wrapping_specification=asked))).managed_object.key_block
    assert pair.decrypt(block.key_value, open_up) == KEY
