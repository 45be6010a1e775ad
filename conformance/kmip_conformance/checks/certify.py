"""Certify and Re-certify (KMIP 1.4, 4.7 and 4.8): certificates for the keys that were asked about, and for no others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kmip_conformance.arranging import own_name, values_of
from kmip_conformance.arranging_certificates import SUBJECT, a_certificate_request
from kmip_conformance.arranging_keys import has_public_key, links_of, provided, rsa_key
from kmip_conformance.authoring import (
    V1_1,
    Conversation,
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
from kmip_conformance.tables import LinkType

if TYPE_CHECKING:
    from kmip_conformance.wire import Item

CERTIFY, CERTIFY_LATER = "4.7 Certify", "6.1.6 Certify"
RE_CERTIFY, RE_CERTIFY_LATER = "4.8 Re-certify", "6.1.45 Re-certify"
CERTIFIES: list[Operation | ObjectType] = [Operation.REGISTER, Operation.CERTIFY, Operation.GET, ObjectType.CERTIFICATE]
RENEWS: list[Operation | ObjectType] = [*CERTIFIES, Operation.RE_CERTIFY]
SHOWS = Operation.GET_ATTRIBUTES

certifies = partial(
    check,
    cites=kmip_1_4(CERTIFY, "generate a Certificate object for a public key"),
    in_2_x=kmip_2_1(CERTIFY_LATER, "generate a Certificate object for a public key"),
    needs=CERTIFIES,
)
renews = partial(
    check,
    cites=kmip_1_4(RE_CERTIFY, "renew an existing certificate for the same key pair"),
    in_2_x=kmip_2_1(RE_CERTIFY_LATER, "renew an existing certificate for the same key pair"),
    needs=RENEWS,
)


def certified(kmip: Conversation, *attributes: Item) -> tuple[str, str]:
    """A public key of the suite's, and a certificate that the server made for it; both identifiers."""
    public = has_public_key(kmip, rsa_key(), active=False)
    item = requests.certify(public, *attributes, request=a_certificate_request(rsa_key()))
    return public, provided(kmip.ask(item), "certificates for PKCS#10 requests").uid


def certificate_of(kmip: Conversation, uid: str) -> x509.Certificate:
    """The certificate under an identifier."""
    return x509.load_der_x509_certificate(kmip.get(uid).value(Tag.CERTIFICATE, Tag.CERTIFICATE_VALUE))


def holds_the_key(certificate: x509.Certificate) -> bool:
    """Is it a certificate of the suite's own key?"""
    key = certificate.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.public_numbers() == rsa_key().public_key().public_numbers()


@certifies("certify.certificate-of-the-key", mutants=["certify.names-the-key"])
def the_certificate_is_that_of_the_key(kmip: Conversation) -> None:
    """Certify of a public key with a PKCS#10 request gives an X.509 certificate of that key, for the subject of the request."""
    certificate = certificate_of(kmip, certified(kmip)[1])
    expect(holds_the_key(certificate), "whether it is of that key").is_(wanted=True)
    expect(certificate.subject == SUBJECT, "whether its subject is that of the request").is_(wanted=True)


@certifies("certify.serial-numbers-differ")
def every_certificate_has_its_own_serial_number(kmip: Conversation) -> None:
    """Two certificates have different serial numbers."""
    numbers = {certificate_of(kmip, certified(kmip)[1]).serial_number for _ in range(2)}
    expect(len(numbers), "the number of different serial numbers").is_(2)


@certifies(
    "certify.links",
    cites=kmip_1_4(CERTIFY, "For the public key, the server SHALL create a Link attribute of Link Type Certificate pointing"),
    in_2_x=kmip_2_1(CERTIFY_LATER, "For the public key, the server SHALL create a Link attribute of Link Type Certificate pointing"),
    needs=[*CERTIFIES, SHOWS],
    mutants=["links.none"],
)
def key_and_certificate_link_to_each_other(kmip: Conversation) -> None:
    """The public key has a link to its certificate, and the certificate one to the key."""
    public, certificate = certified(kmip)
    expect(links_of(kmip, public, LinkType.CERTIFICATE_LINK) == [certificate], "whether the key links").is_(wanted=True)
    expect(links_of(kmip, certificate, LinkType.PUBLIC_KEY_LINK) == [public], "whether the certificate links").is_(wanted=True)


@certifies(
    "certify.length-is-set",
    since=V1_1,
    cites=kmip_1_4("3.9 Certificate Length", "The Certificate Length SHALL be set by the server when the object is created or registered"),
    in_2_x=kmip_2_1("4.8 Certificate Length", "The Certificate Length SHALL be set by the server when the object is created or registered"),
    needs=[*CERTIFIES, SHOWS],
)
def the_length_of_the_certificate_is_an_attribute(kmip: Conversation) -> None:
    """The Certificate Length of a certificate that the server made is its number of bytes."""
    uid = certified(kmip)[1]
    length = kmip.get_attributes(uid, "Certificate Length").attribute("Certificate Length")
    expect(length, "the Certificate Length").is_(len(kmip.get(uid).value(Tag.CERTIFICATE, Tag.CERTIFICATE_VALUE)))


@certifies(
    "certify.sets-the-placeholder",
    cites=kmip_1_4(CERTIFY, "The server SHALL copy the Unique Identifier of the generated certificate returned by this operation"),
    in_2_x=kmip_2_1(CERTIFY_LATER, "The server SHALL copy the Unique Identifier of the generated certificate returned by this operation"),
    mutants=["messages.id-placeholder-not-set"],
)
def the_next_operation_of_the_batch_means_the_certificate(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Certify returns the certificate."""
    public = has_public_key(kmip, rsa_key(), active=False)
    reply = kmip.send(requests.certify(public, request=a_certificate_request(rsa_key())), requests.get(None), order=True)
    provided(reply[0], "certificates for PKCS#10 requests")
    expect(reply[1].succeeds().value(Tag.OBJECT_TYPE), "the Object Type").is_(ObjectType.CERTIFICATE)


@certifies(
    "certify.forged-request-refused",
    cites=kmip_1_4(CERTIFY, "The Certificate Request is passed as a Byte String"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "Invalid Certifcate Signing Request"),
    mutants=["certify.requests-not-verified"],
)
def a_request_that_is_not_signed_by_its_key_is_refused(kmip: Conversation) -> None:
    """Certify with a PKCS#10 request whose signature has one wrong bit is refused: nobody has shown to have the key."""
    request = a_certificate_request(rsa_key())
    forged = request[:-1] + bytes((request[-1] ^ 1,))
    kmip.ask(requests.certify(has_public_key(kmip, rsa_key(), active=False), request=forged)).refuses()


@certifies(
    "certify.garbage-refused",
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "Invalid Certifcate Signing Request"),
    mutants=["certify.requests-not-verified"],
)
def a_request_that_is_none_is_refused(kmip: Conversation) -> None:
    """Certify with bytes that are no PKCS#10 request is refused."""
    kmip.ask(requests.certify(has_public_key(kmip, rsa_key(), active=False), request=b"no request")).refuses()


@certifies(
    "certify.unknown-object-not-found",
    cites=kmip_1_4("11.8 Certify", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("Table 181: Certify Errors", "Item Not Found"),
    needs=[Operation.CERTIFY],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Certify of a public key that does not exist fails with Item Not Found."""
    item = requests.certify("no-such-object", request=a_certificate_request(rsa_key()))
    kmip.ask(item).refuses(because=Reason.ITEM_NOT_FOUND)


@renews("re-certify.same-key", mutants=["re-certify.in-place"])
def the_new_certificate_is_of_the_same_key(kmip: Conversation) -> None:
    """Re-certify gives another certificate, under another identifier, of the same key."""
    _, old = certified(kmip)
    new = kmip.ask(requests.re_certify(old, request=a_certificate_request(rsa_key()))).uid
    expect(new == old, "whether the identifier is that of the old one").is_(wanted=False)
    expect(holds_the_key(certificate_of(kmip, new)), "whether it is of the same key").is_(wanted=True)


@renews(
    "re-certify.links",
    cites=kmip_1_4(RE_CERTIFY, "For the existing certificate, the server SHALL create a Link attribute of Link Type Replacement"),
    in_2_x=kmip_2_1(RE_CERTIFY_LATER, "For the existing certificate, the server SHALL create a Link attribute of Link Type Replacement"),
    needs=[*RENEWS, SHOWS],
    mutants=["links.none"],
)
def the_certificates_link_to_each_other(kmip: Conversation) -> None:
    """The old certificate links to the new one, the new one to the old, and the public key to the new one alone."""
    public, old = certified(kmip)
    new = kmip.ask(requests.re_certify(old, request=a_certificate_request(rsa_key()))).uid
    expect(links_of(kmip, old, LinkType.REPLACEMENT_OBJECT_LINK) == [new], "whether the old one links").is_(wanted=True)
    expect(links_of(kmip, new, LinkType.REPLACED_OBJECT_LINK) == [old], "whether the new one links").is_(wanted=True)
    expect(links_of(kmip, public, LinkType.CERTIFICATE_LINK) == [new], "whether the key links to the new one").is_(wanted=True)


@renews(
    "re-certify.takes-the-name",
    cites=kmip_1_4("Table 187: Re-certify Attribute Requirements", "all name attributes are removed from the existing certificate"),
    needs=[*RENEWS, SHOWS],
)
def the_name_goes_over_to_the_new_certificate(kmip: Conversation) -> None:
    """The new certificate has the Name of the existing one, which has none any more."""
    _, old = certified(kmip, own_name())
    before = values_of(kmip, old, "Name")
    new = kmip.ask(requests.re_certify(old, request=a_certificate_request(rsa_key()))).uid
    expect(values_of(kmip, new, "Name") == before, "whether the new one has the name").is_(wanted=True)
    expect(values_of(kmip, old, "Name"), "the Names of the old one").is_([])


@renews(
    "re-certify.unknown-object-not-found",
    cites=kmip_1_4("11.9 Re-certify", "No object with the specified Unique Identifier exists"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "A requested managed object was not found or did not exist"),
    needs=[Operation.RE_CERTIFY],
)
def nothing_is_renewed_that_is_not_there(kmip: Conversation) -> None:
    """Re-certify of a certificate that does not exist fails with Item Not Found."""
    item = requests.re_certify("no-such-object", request=a_certificate_request(rsa_key()))
    kmip.ask(item).refuses(because=Reason.ITEM_NOT_FOUND)
