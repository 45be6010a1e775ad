"""Get in another Key Format Type (KMIP 1.4, 4.11): what is converted is the same key."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging_keys import (
    AES_128,
    ec_key,
    has_key_of,
    has_private_key,
    has_public_key,
    private_bytes,
    provided,
    public_bytes,
    rsa_key,
)
from kmip_conformance.authoring import (
    V1_0,
    Conversation,
    CryptographicUsageMask,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import KeyFormatType

RULE, LATER = "4.11 Get", "6.1.19 Get"
CONVERTS = "Any other format conversion MAY be supported by the server"
NEEDS = [Operation.REGISTER, Operation.GET]

converted = partial(
    check,
    since=V1_0,
    cites=kmip_1_4(RULE, CONVERTS),
    in_2_x=kmip_2_1(LATER, CONVERTS),
    needs=NEEDS,
    mutants=["register.material-altered"],
)


@converted("get.private-key-in-pkcs-1")
def a_private_key_of_pkcs_8_in_pkcs_1(kmip: Conversation) -> None:
    """A private RSA key that was registered in PKCS#8 is the same key in PKCS#1, where the server converts it."""
    uid = has_private_key(kmip, rsa_key(), active=False)
    answer = provided(kmip.get(uid, format_type=KeyFormatType.PKCS_1), "PKCS#1")
    expect(answer.key_material == private_bytes(rsa_key(), KeyFormatType.PKCS_1), "whether it is the same key").is_(wanted=True)


@converted("get.public-key-in-pkcs-1")
def a_public_key_of_x_509_in_pkcs_1(kmip: Conversation) -> None:
    """A public RSA key that was registered as X.509 is the same key in PKCS#1, where the server converts it."""
    uid = has_public_key(kmip, rsa_key(), active=False)
    answer = provided(kmip.get(uid, format_type=KeyFormatType.PKCS_1), "PKCS#1")
    expect(answer.key_material == public_bytes(rsa_key(), KeyFormatType.PKCS_1), "whether it is the same key").is_(wanted=True)


@converted("get.elliptic-private-key-in-sec-1")
def a_private_key_on_a_curve_in_sec_1(kmip: Conversation) -> None:
    """A private key on P-256 that was registered in PKCS#8 is the same key as an EC Private Key, where the server converts it."""
    uid = has_private_key(kmip, ec_key(), active=False)
    answer = provided(kmip.get(uid, format_type=KeyFormatType.EC_PRIVATE_KEY), "EC Private Key")
    expect(answer.key_material == private_bytes(ec_key(), KeyFormatType.EC_PRIVATE_KEY), "whether it is the same key").is_(wanted=True)


@converted("get.transparent-symmetric-key", mutants=["get.transparent-key-altered"])
def a_symmetric_key_in_transparent_form(kmip: Conversation) -> None:
    """A raw symmetric key is the same key as a Transparent Symmetric Key, where the server converts it."""
    uid = has_key_of(kmip, AES_128, CryptographicUsageMask.ENCRYPT, active=False)
    answer = provided(kmip.get(uid, format_type=KeyFormatType.TRANSPARENT_SYMMETRIC_KEY), "Transparent Symmetric Key")
    material = answer.value(Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK, Tag.KEY_VALUE, Tag.KEY_MATERIAL, Tag.KEY)
    expect(material == AES_128, "whether it is the same key").is_(wanted=True)


@converted("get.transparent-rsa-public-key", mutants=["get.transparent-key-altered"])
def a_public_key_in_transparent_form(kmip: Conversation) -> None:
    """A public RSA key in transparent form has the modulus and the public exponent of the key, where the server converts it."""
    uid = has_public_key(kmip, rsa_key(), active=False)
    answer = provided(kmip.get(uid, format_type=KeyFormatType.TRANSPARENT_RSA_PUBLIC_KEY), "Transparent RSA Public Key")
    material = (Tag.PUBLIC_KEY, Tag.KEY_BLOCK, Tag.KEY_VALUE, Tag.KEY_MATERIAL)
    numbers = rsa_key().public_key().public_numbers()
    expect(answer.value(*material, Tag.MODULUS) == numbers.n, "whether the modulus is that of the key").is_(wanted=True)
    expect(answer.value(*material, Tag.PUBLIC_EXPONENT), "the public exponent").is_(numbers.e)


@converted(
    "get.format-of-another-kind-refused",
    cites=kmip_1_4("11.12 Get", "Object exists but cannot be provided in the desired Key Format Type and/or Key Compression Type"),
    in_2_x=kmip_2_1("Table 222: Get Errors", "Key Format Type Not Supported"),
    mutants=[],
)
def a_public_key_is_not_given_as_a_private_one(kmip: Conversation) -> None:
    """Get of a public key in PKCS#8, a format of private keys, fails with Key Format Type Not Supported."""
    uid = has_public_key(kmip, rsa_key(), active=False)
    kmip.get(uid, format_type=KeyFormatType.PKCS_8).refuses(because=Reason.KEY_FORMAT_TYPE_NOT_SUPPORTED).or_acceptably()


@converted("get.symmetric-key-as-certificate-refused", cites=kmip_1_4("11.12 Get"), in_2_x=kmip_2_1("Table 222: Get Errors"), mutants=[])
def a_symmetric_key_is_not_given_as_x_509(kmip: Conversation) -> None:
    """Get of a symmetric key in X.509 fails with Key Format Type Not Supported."""
    uid = kmip.ask(requests.register_symmetric_key(AES_128)).uid
    kmip.get(uid, format_type=KeyFormatType.X_509).refuses(because=Reason.KEY_FORMAT_TYPE_NOT_SUPPORTED).or_acceptably()
