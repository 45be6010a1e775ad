"""Register of certificates, asymmetric keys, split keys and PGP keys (KMIP 1.4, 4.3): kept byte for byte, described as what they are."""

from __future__ import annotations

import hashlib
from functools import partial

from cryptography import x509

from kmip_conformance.arranging import values_of
from kmip_conformance.arranging_certificates import ISSUER, SERIAL_NUMBER, SUBJECT, a_certificate, has_certificate, register_certificate
from kmip_conformance.arranging_keys import (
    has_private_key,
    has_public_key,
    private_bytes,
    private_key_item,
    provided,
    public_bytes,
    rsa_key,
)
from kmip_conformance.authoring import (
    V1_1,
    V1_2,
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectType,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import CertificateType, HashingAlgorithm, KeyFormatType, SplitKeyMethod

KEEPS = (
    "If a client registered a key in a given format, the server SHALL be able to return the key during the Get operation in the same format"
)
NEEDS = [Operation.REGISTER]
AND_GIVES = [*NEEDS, Operation.GET]
AND_SHOWS = [*NEEDS, Operation.GET_ATTRIBUTES]

kept = partial(check, cites=kmip_1_4("4.11 Get", KEEPS), in_2_x=kmip_2_1("6.1.19 Get", KEEPS), mutants=["register.material-altered"])


@check(
    "register.certificate",
    cites=kmip_1_4("2.2.1 Certificate", "It is a DER-encoded X.509 public key certificate"),
    in_2_x=kmip_2_1("2.1 Certificate", "It is a DER-encoded X.509 public key certificate"),
    needs=[*AND_GIVES, ObjectType.CERTIFICATE],
    mutants=["register.certificate-altered"],
)
def a_certificate_is_kept(kmip: Conversation) -> None:
    """A registered certificate comes back byte for byte, as one of X.509."""
    answer = kmip.get(has_certificate(kmip)).has(Tag.OBJECT_TYPE, ObjectType.CERTIFICATE)
    expect(answer.value(Tag.CERTIFICATE, Tag.CERTIFICATE_TYPE), "the Certificate Type").is_(CertificateType.X_509)
    expect(answer.value(Tag.CERTIFICATE, Tag.CERTIFICATE_VALUE) == a_certificate(), "whether the bytes are the same").is_(wanted=True)


@check(
    "register.certificate-is-described",
    since=V1_1,
    cites=kmip_1_4("3.9 Certificate Length", "The Certificate Length SHALL be set by the server when the object is created or registered"),
    in_2_x=kmip_2_1("4.8 Certificate Length", "The Certificate Length SHALL be set by the server when the object is created or registered"),
    needs=[*AND_SHOWS, ObjectType.CERTIFICATE],
)
def type_and_length_are_set_from_the_certificate(kmip: Conversation) -> None:
    """Certificate Type and Certificate Length of a registered certificate are set by the server: X.509, and its number of bytes."""
    answer = kmip.get_attributes(has_certificate(kmip), "Certificate Type", "Certificate Length")
    expect(answer.attribute("Certificate Type"), "the Certificate Type").is_(CertificateType.X_509)
    expect(answer.attribute("Certificate Length"), "the Certificate Length").is_(len(a_certificate()))


@check(
    "register.certificate-subject",
    since=V1_1,
    cites=kmip_1_4(
        "3.11 X.509 Certificate Subject", "SHALL be set by the server based on the information it extracts from the X.509 certificate"
    ),
    needs=[*AND_SHOWS, ObjectType.CERTIFICATE],
    mutants=["register.certificate-subject-missing"],
)
def the_subject_is_extracted(kmip: Conversation) -> None:
    """X.509 Certificate Subject holds the DER-encoded subject of a registered certificate, X.509 Certificate Issuer the issuer."""
    uid = has_certificate(kmip)
    subjects = [item.octets(Tag.SUBJECT_DISTINGUISHED_NAME) for item in values_of(kmip, uid, "X.509 Certificate Subject")]
    issuers = [item.octets(Tag.ISSUER_DISTINGUISHED_NAME) for item in values_of(kmip, uid, "X.509 Certificate Issuer")]
    expect(subjects == [SUBJECT.public_bytes()], "whether the subject is that of the certificate").is_(wanted=True)
    expect(issuers == [ISSUER.public_bytes()], "whether the issuer is that of the certificate").is_(wanted=True)


@check(
    "register.certificate-identifier",
    since=V1_1,
    cites=kmip_1_4("3.10 X.509 Certificate Identifier", "SHALL be set by the server when the X.509 certificate is created or registered"),
    in_2_x=kmip_2_1("4.61 X.509 Certificate Identifier", "SHALL be set by the server when the X.509 certificate is created or registered"),
    needs=[*AND_SHOWS, ObjectType.CERTIFICATE],
)
def issuer_and_serial_number_identify_it(kmip: Conversation) -> None:
    """X.509 Certificate Identifier of a registered certificate holds its issuer and its serial number."""
    found = values_of(kmip, has_certificate(kmip), "X.509 Certificate Identifier")
    expect(len(found), "the number of X.509 Certificate Identifiers").is_(1)
    number = int.from_bytes((found[0].octets(Tag.CERTIFICATE_SERIAL_NUMBER) or b"")[-5:], "big")
    expect(number == SERIAL_NUMBER, "whether the serial number is that of the certificate").is_(wanted=True)


@check(
    "register.certificate-digest",
    cites=kmip_1_4("3.17 Digest", "digest of the Certificate Value"),
    in_2_x=kmip_2_1("4.21 Digest", "digest of the Certificate Value"),
    needs=[*AND_SHOWS, ObjectType.CERTIFICATE],
    mutants=["register.digest-of-nothing"],
)
def a_certificate_has_its_sha_256(kmip: Conversation) -> None:
    """The SHA-256 Digest of a certificate is that of its bytes."""
    found = [
        item for item in values_of(kmip, has_certificate(kmip), "Digest") if item.number(Tag.HASHING_ALGORITHM) == HashingAlgorithm.SHA_256
    ]
    values = [item.octets(Tag.DIGEST_VALUE) for item in found]
    expect(hashlib.sha256(a_certificate()).digest() in values, "whether one is that of the certificate").is_(wanted=True)


@check(
    "register.certificate-of-garbage",
    cites=kmip_1_4("11.4 Register", "Incorrect attribute value(s) specified"),
    in_2_x=kmip_2_1("Table 294: Register Errors", "Invalid Field"),
    needs=[*NEEDS, ObjectType.CERTIFICATE],
)
def what_is_no_certificate_is_not_taken_for_one(kmip: Conversation) -> None:
    """Register of bytes that are no certificate as an X.509 certificate is refused, or the server does not look into it."""
    kmip.ask(register_certificate(kmip, b"no certificate at all")).refuses().or_acceptably_succeeds()


@kept("register.private-key", needs=[*AND_GIVES, ObjectType.PRIVATE_KEY])
def a_private_key_is_kept(kmip: Conversation) -> None:
    """A private key that was registered in PKCS#8 comes back in PKCS#8, byte for byte."""
    answer = kmip.get(has_private_key(kmip, rsa_key(), active=False), format_type=KeyFormatType.PKCS_8)
    expect(answer.value(Tag.PRIVATE_KEY, Tag.KEY_BLOCK, Tag.KEY_FORMAT_TYPE), "the Key Format Type").is_(KeyFormatType.PKCS_8)
    expect(answer.key_material == private_bytes(rsa_key()), "whether the bytes are the same").is_(wanted=True)


@kept("register.private-key-of-pkcs-1", needs=[*AND_GIVES, ObjectType.PRIVATE_KEY])
def a_private_key_of_pkcs_1_is_kept(kmip: Conversation) -> None:
    """A private key that was registered in PKCS#1 comes back in PKCS#1, byte for byte, also when no format is asked for."""
    registered = kmip.ask(private_key_item(rsa_key(), format_type=KeyFormatType.PKCS_1))
    answer = kmip.get(provided(registered, "PKCS#1").uid)
    expect(answer.value(Tag.PRIVATE_KEY, Tag.KEY_BLOCK, Tag.KEY_FORMAT_TYPE), "the Key Format Type").is_(KeyFormatType.PKCS_1)
    expect(answer.key_material == private_bytes(rsa_key(), KeyFormatType.PKCS_1), "whether the bytes are the same").is_(wanted=True)


@kept("register.public-key", needs=[*AND_GIVES, ObjectType.PUBLIC_KEY])
def a_public_key_is_kept(kmip: Conversation) -> None:
    """A public key that was registered as X.509's SubjectPublicKeyInfo comes back so, byte for byte."""
    answer = kmip.get(has_public_key(kmip, rsa_key(), active=False), format_type=KeyFormatType.X_509)
    expect(answer.value(Tag.PUBLIC_KEY, Tag.KEY_BLOCK, Tag.KEY_FORMAT_TYPE), "the Key Format Type").is_(KeyFormatType.X_509)
    expect(answer.key_material == public_bytes(rsa_key()), "whether the bytes are the same").is_(wanted=True)


@check(
    "register.asymmetric-attributes",
    cites=kmip_1_4("3.4 Cryptographic Algorithm"),
    in_2_x=kmip_2_1("4.13 Cryptographic Algorithm"),
    needs=[*AND_SHOWS, ObjectType.PUBLIC_KEY],
)
def algorithm_and_length_are_those_of_the_key(kmip: Conversation) -> None:
    """A registered RSA key of 2048 bits has these as its Cryptographic Algorithm and Cryptographic Length."""
    answer = kmip.get_attributes(has_public_key(kmip, rsa_key(), active=False), "Cryptographic Algorithm", "Cryptographic Length")
    expect(answer.attribute("Cryptographic Algorithm"), "the Cryptographic Algorithm").is_(CryptographicAlgorithm.RSA)
    expect(answer.attribute("Cryptographic Length"), "the Cryptographic Length").is_(2048)


@check(
    "register.private-key-as-public-refused",
    cites=kmip_1_4("11.4 Register", "Object Type does not match type of cryptographic object provided"),
    in_2_x=kmip_2_1("Table 294: Register Errors", "Invalid Object Type"),
    needs=[*NEEDS, ObjectType.PRIVATE_KEY, ObjectType.PUBLIC_KEY],
)
def a_private_key_is_not_registered_as_a_public_one(kmip: Conversation) -> None:
    """Register of a Private Key that calls itself a Public Key fails with Invalid Field."""
    held = requests.private_key(private_bytes(rsa_key()))
    described = requests.of_key(CryptographicAlgorithm.RSA, 2048, CryptographicUsageMask.SIGN)
    item = requests.register(ObjectType.PUBLIC_KEY, held, *described)
    kmip.ask(item).refuses(because=Reason.INVALID_FIELD).or_acceptably(because=Reason.INVALID_MESSAGE)


@check(
    "register.split-key",
    cites=kmip_1_4("2.2.5 Split Key", "The Key Part Identifier indicates which key part is contained in the cryptographic object"),
    in_2_x=kmip_2_1("2.8 Split Key", "The Key Part Identifier indicates which key part is contained in the cryptographic object"),
    needs=[*AND_GIVES, ObjectType.SPLIT_KEY],
    mutants=["register.material-altered"],
)
def a_part_of_a_split_key_is_kept(kmip: Conversation) -> None:
    """Part 2 of 3 of a split key comes back as that: parts, identifier, threshold, method and material."""
    material = bytes(range(32))
    held = requests.split_key(material, parts=3, identifier=2, threshold=3)
    described = requests.of_key(CryptographicAlgorithm.AES, 256, CryptographicUsageMask.ENCRYPT)
    registered = provided(kmip.ask(requests.register(ObjectType.SPLIT_KEY, held, *described)), "split keys")
    answer = kmip.get(registered.uid)
    fields = (Tag.SPLIT_KEY_PARTS, Tag.KEY_PART_IDENTIFIER, Tag.SPLIT_KEY_THRESHOLD, Tag.SPLIT_KEY_METHOD)
    expect([answer.value(Tag.SPLIT_KEY, field) for field in fields], "the four fields").is_([3, 2, 3, SplitKeyMethod.XOR])
    expect(answer.key_material == material, "whether the material is the same").is_(wanted=True)


@check(
    "register.pgp-key",
    since=V1_2,
    cites=kmip_1_4("2.2.9 PGP Key", "KMIP implementers SHOULD treat the Key Block field as an opaque blob"),
    in_2_x=kmip_2_1("2.4 PGP Key", "KMIP implementers SHOULD treat the Key Block field as an opaque blob"),
    needs=[*AND_GIVES, ObjectType.PGP_KEY],
    mutants=["register.material-altered"],
)
def a_pgp_key_is_kept(kmip: Conversation) -> None:
    """The text of a PGP key comes back byte for byte, whatever it says, with its PGP Key Version."""
    text = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnothing that PGP would read\n-----END PGP PUBLIC KEY BLOCK-----\n"
    described = requests.of_key(None, None, CryptographicUsageMask.VERIFY)
    answer = provided(kmip.ask(requests.register(ObjectType.PGP_KEY, requests.pgp_key(text), *described)), "PGP keys")
    found = kmip.get(answer.uid)
    expect(found.value(Tag.PGP_KEY, Tag.PGP_KEY_VERSION), "the PGP Key Version").is_(4)
    expect(found.key_material == text, "whether the text is the same").is_(wanted=True)


@check(
    "register.certificate-is-readable",
    cites=kmip_1_4("2.2.1 Certificate"),
    in_2_x=kmip_2_1("2.1 Certificate"),
    needs=[*AND_GIVES, ObjectType.CERTIFICATE],
    mutants=["register.certificate-altered"],
)
def a_certificate_that_comes_back_can_be_verified(kmip: Conversation) -> None:
    """A certificate that comes back is one, and its signature verifies with the key that signed it."""
    found = x509.load_der_x509_certificate(kmip.get(has_certificate(kmip)).value(Tag.CERTIFICATE, Tag.CERTIFICATE_VALUE))
    expect(found.public_key() == rsa_key().public_key(), "whether its public key is that of the suite's key").is_(wanted=True)
    expect(found.tbs_certificate_bytes in a_certificate(), "whether what was signed is the same").is_(wanted=True)
