"""What the profiles permit to differ, one row each: the *strict* count uses these and no other.

The rows are the list of "Permitted Test Case Variations" (the eight profiles of 2015 for 1.0-1.2, of which the Symmetric Key Lifecycle
Profile is cited as SKLC 1.0; Profiles 3.0, 4.1 for the newest), narrowed where the list is looser than it has to be: a value that an
earlier message of the same case has settled may never vary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.oasis.comparing import Kind
from kmip_conformance.oasis.files import WRONG
from kmip_conformance.oasis.history import OUTPUT
from kmip_conformance.oasis.relaxing import Relaxation
from kmip_conformance.oasis.tokens import BY_HAND
from kmip_conformance.tables import V1_0, ItemType, Operation, Tag, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_conformance.oasis.comparing import Difference
    from kmip_conformance.oasis.relaxing import Scene

_SKLC = "SKLC 1.0, 4.7.1"

IDENTIFIERS = frozenset(
    {
        Tag.UNIQUE_IDENTIFIER,
        Tag.PRIVATE_KEY_UNIQUE_IDENTIFIER,
        Tag.PUBLIC_KEY_UNIQUE_IDENTIFIER,
        Tag.LINKED_OBJECT_IDENTIFIER,
        Tag.SHORT_UNIQUE_IDENTIFIER,
    }
)
DATES = frozenset(
    {
        Tag.ACTIVATION_DATE,
        Tag.ARCHIVE_DATE,
        Tag.COMPROMISE_DATE,
        Tag.COMPROMISE_OCCURRENCE_DATE,
        Tag.DEACTIVATION_DATE,
        Tag.DESTROY_DATE,
        Tag.INITIAL_DATE,
        Tag.LAST_CHANGE_DATE,
        Tag.PROCESS_START_DATE,
        Tag.PROTECT_STOP_DATE,
        Tag.VALIDITY_DATE,
        Tag.ORIGINAL_CREATION_DATE,
        Tag.ROTATE_DATE,
        Tag.SUBMISSION_DATE,
    }
)
_DATE_NAMES = frozenset(map(words, DATES))
MATERIAL = frozenset({Tag.KEY_VALUE, Tag.KEY_MATERIAL, Tag.CERTIFICATE_VALUE})
LISTS_MAY_VARY = ("MSGENC-", "SUITEB_")
"""Groups whose descriptions let the lists of Query vary."""

_QUERY_EXTENSIONS = frozenset({Tag.EXTENSION_INFORMATION, Tag.APPLICATION_NAMESPACE})
_ATTRIBUTE_HOLDERS = frozenset({Tag.RESPONSE_PAYLOAD, Tag.REQUEST_PAYLOAD, Tag.ATTRIBUTES, Tag.TEMPLATE_ATTRIBUTE})
_ATTRIBUTE_LIST = frozenset({Tag.ATTRIBUTE, Tag.ATTRIBUTE_NAME, Tag.ATTRIBUTE_REFERENCE})


def _leaf(*tags: int) -> Callable[[Difference, Scene], bool]:
    return lambda difference, _: difference.kind is Kind.VALUE and difference.tag in tags and not difference.fixed


def _a_date_of_the_server(difference: Difference, _: Scene) -> bool:
    if difference.kind is not Kind.VALUE or difference.fixed or difference.expected is None:
        return False
    is_date = difference.expected.type in {ItemType.DATE_TIME, ItemType.DATE_TIME_EXTENDED}
    return is_date and (difference.tag in DATES or difference.place.attribute in _DATE_NAMES)


def _material_of_the_server(difference: Difference, scene: Scene) -> bool:
    if difference.fixed or not (scene.generated or scene.varies):
        return False
    return difference.within(*MATERIAL) and not difference.within(Tag.ATTRIBUTE, Tag.ATTRIBUTES) and difference.kind is Kind.VALUE


def _output(difference: Difference, scene: Scene) -> bool:
    settled = difference.fixed or scene.given_back or not (scene.generated or scene.varies)
    return difference.kind is Kind.VALUE and difference.tag in OUTPUT and not settled


_OF_AN_ISSUER = frozenset(
    {
        "Certificate Identifier",
        "Certificate Issuer",
        "Certificate Length",
        "Digital Signature Algorithm",
        "X.509 Certificate Identifier",
        "X.509 Certificate Issuer",
    }
)


def _issued(difference: Difference, scene: Scene) -> bool:
    """What a certificate says of its issuer: the authority is the server's own, and so are its name and its numbers."""
    of_the_issuer = difference.place.attribute in _OF_AN_ISSUER or difference.place.attribute.startswith("Certificate Issuer ")
    return scene.issued and of_the_issuer and difference.kind is Kind.VALUE and not difference.fixed


def _digest(difference: Difference, _: Scene) -> bool:
    in_digest = difference.place.attribute == words(Tag.DIGEST) or difference.within(Tag.DIGEST)
    varies = difference.tag in {Tag.HASHING_ALGORITHM, Tag.DIGEST_VALUE} and not difference.fixed
    return in_digest and difference.kind is Kind.VALUE and varies


def _format_of_a_certificate(difference: Difference, scene: Scene) -> bool:
    in_digest = difference.place.attribute == words(Tag.DIGEST) or difference.within(Tag.DIGEST)
    return scene.certificate and in_digest and difference.tag == Tag.KEY_FORMAT_TYPE and difference.kind is not Kind.TYPE


def _key_format(difference: Difference, scene: Scene) -> bool:
    return difference.kind is Kind.VALUE and difference.tag == Tag.KEY_FORMAT_TYPE and scene.generated


def _query_extension(difference: Difference, scene: Scene) -> bool:
    return scene.operation == Operation.QUERY and difference.within(*_QUERY_EXTENSIONS) and difference.kind is not Kind.TYPE


def _query_list(difference: Difference, scene: Scene) -> bool:
    listed = difference.tag in {Tag.OPERATION, Tag.OBJECT_TYPE} and Tag.RESPONSE_PAYLOAD in difference.place.tags
    return scene.operation == Operation.QUERY and listed and difference.kind is Kind.EXTRA


def _query_lists_vary(difference: Difference, scene: Scene) -> bool:
    listed = difference.tag in {Tag.OPERATION, Tag.OBJECT_TYPE} and Tag.RESPONSE_PAYLOAD in difference.place.tags
    return scene.case.startswith(LISTS_MAY_VARY) and listed and difference.kind is Kind.MISSING


def _server_information(difference: Difference, scene: Scene) -> bool:
    inside = difference.within(Tag.SERVER_INFORMATION) and difference.tag != Tag.SERVER_INFORMATION
    return scene.operation == Operation.QUERY and inside


def _vendor(difference: Difference, scene: Scene) -> bool:
    return scene.operation == Operation.QUERY and difference.tag == Tag.VENDOR_IDENTIFICATION and difference.kind is not Kind.TYPE


def _additional_attribute(difference: Difference, _: Scene) -> bool:
    if difference.kind is not Kind.EXTRA:
        return False
    parent = difference.place.tags[-2] if len(difference.place.tags) > 1 else 0
    return parent == Tag.ATTRIBUTES or (parent in _ATTRIBUTE_HOLDERS and difference.tag in _ATTRIBUTE_LIST)


def _attribute_of_the_server(difference: Difference, scene: Scene) -> bool:
    """Object Group and y- attributes that the case shows although no request set them."""
    if difference.kind is not Kind.MISSING or difference.expected is None:
        return False
    listed = str(difference.expected.value) if difference.tag == Tag.ATTRIBUTE_NAME else ""
    name = difference.place.attribute or listed or (words(Tag.OBJECT_GROUP) if difference.tag == Tag.OBJECT_GROUP else "")
    return (name == words(Tag.OBJECT_GROUP) or name.startswith("y-")) and name not in scene.attributes_sent


def _index_zero(difference: Difference, scene: Scene) -> bool:
    if difference.tag != Tag.ATTRIBUTE_INDEX or scene.version <= V1_0:
        return False
    item = difference.observed if difference.kind is Kind.EXTRA else difference.expected
    return difference.kind in {Kind.EXTRA, Kind.MISSING} and item is not None and item.value == 0


def _result_message(difference: Difference, _: Scene) -> bool:
    return difference.tag == Tag.RESULT_MESSAGE and difference.kind is not Kind.TYPE


def _template_attribute(difference: Difference, _: Scene) -> bool:
    optional = {Tag.TEMPLATE_ATTRIBUTE, Tag.PRIVATE_KEY_TEMPLATE_ATTRIBUTE, Tag.PUBLIC_KEY_TEMPLATE_ATTRIBUTE}
    return difference.tag in optional and difference.kind in {Kind.MISSING, Kind.EXTRA}


def _message_extension(difference: Difference, _: Scene) -> bool:
    item = difference.observed
    if difference.tag != Tag.MESSAGE_EXTENSION or difference.kind is not Kind.EXTRA or item is None:
        return False
    return not item.number(Tag.CRITICALITY_INDICATOR)


def _protocol_version(difference: Difference, scene: Scene) -> bool:
    listed = scene.request is not None and scene.request.anywhere(Tag.PROTOCOL_VERSION) is not None
    added = difference.tag == Tag.PROTOCOL_VERSION and difference.kind is Kind.EXTRA
    return scene.operation == Operation.DISCOVER_VERSIONS and added and not listed


def _correlation(difference: Difference, _: Scene) -> bool:
    correlates = difference.tag in {Tag.SERVER_CORRELATION_VALUE, Tag.CLIENT_CORRELATION_VALUE}
    return correlates and difference.within(Tag.RESPONSE_HEADER) and difference.kind is not Kind.TYPE and not difference.fixed


def _random_number_generator(difference: Difference, scene: Scene) -> bool:
    in_it = difference.within(Tag.RNG_PARAMETERS) or difference.place.attribute == words(Tag.RANDOM_NUMBER_GENERATOR)
    inside = difference.tag not in {Tag.RANDOM_NUMBER_GENERATOR, Tag.ATTRIBUTE}
    is_silent = difference.kind is Kind.MISSING and difference.tag == Tag.RNG_PARAMETERS and not _says_anything(scene, Tag.RNG_PARAMETERS)
    return in_it and inside and not is_silent and difference.kind is not Kind.TYPE and not difference.fixed


def _says_anything(scene: Scene, tag: int) -> bool:
    return scene.answer is not None and scene.answer.anywhere(tag) is not None


_ABOUT_ITSELF = (
    Tag.CAPABILITY_INFORMATION,
    Tag.PROFILE_INFORMATION,
    Tag.VALIDATION_INFORMATION,
    Tag.ATTESTATION_TYPE,
    Tag.CLIENT_REGISTRATION_METHOD,
)


def _about_itself(difference: Difference, scene: Scene) -> bool:
    """In the cases of one question and many answers, what a server says of itself; not that it says nothing."""
    is_silent = difference.tag in _ABOUT_ITSELF and not _says_anything(scene, difference.tag)
    differs = difference.kind in {Kind.VALUE, Kind.EXTRA} or (difference.kind is Kind.MISSING and not is_silent)
    return scene.case.startswith("TC-Q-") and difference.within(*_ABOUT_ITSELF) and differs


def _file_fault(difference: Difference, scene: Scene) -> bool:
    field = difference.place.steps[-1]
    return difference.kind is not Kind.TYPE and any((scene.case_id, step, field) in WRONG for step in (scene.step, 0))


def _about_the_library(difference: Difference, scene: Scene) -> bool:
    """What C_GetInfo says: as many octets, and other words in them."""
    if difference.tag != Tag.PKCS_11_OUTPUT_PARAMETERS or difference.kind is not Kind.VALUE or scene.answer is None:
        return False
    asked_for_info = scene.answer.number(Tag.RESPONSE_PAYLOAD, Tag.PKCS_11_FUNCTION) == BY_HAND["PKCS#11 Function"]["C_GetInfo"]
    sizes = [len(side.value) for side in (difference.expected, difference.observed) if side and isinstance(side.value, bytes)]
    return asked_for_info and len(sizes) == 2 and sizes[0] == sizes[1]


def _servers_time_stamp(difference: Difference, _: Scene) -> bool:
    return difference.tag == Tag.TIME_STAMP and difference.kind is Kind.EXTRA and difference.within(Tag.REQUEST_HEADER)


def _order(difference: Difference, _: Scene) -> bool:
    return difference.kind is Kind.ORDER


PERMITTED = (
    Relaxation(
        "identifier", "a literal identifier is the server's choice when it first comes", f"{_SKLC}, UniqueIdentifier", _leaf(*IDENTIFIERS)
    ),
    Relaxation("time-stamp", "the time of the answer", f"{_SKLC}, TimeStamp", _leaf(Tag.TIME_STAMP)),
    Relaxation(
        "time-stamp-of-the-server",
        "the time of a request that the server sends, which the published ones lack and the standard requires",
        "KMIP 1.4, 6.5: “REQUIRED in a server request”",
        _servers_time_stamp,
    ),
    Relaxation(
        "asynchronous-correlation",
        "the value to poll with",
        f"{_SKLC}, AsynchronousCorrelationValue",
        _leaf(Tag.ASYNCHRONOUS_CORRELATION_VALUE),
    ),
    Relaxation("date", "a date that no request of the case fixed", f"{_SKLC}, DateTime attributes", _a_date_of_the_server),
    Relaxation(
        "key-material",
        "material that the server made, or wrapped in a way that varies",
        f"{_SKLC}, KeyValue / KeyMaterial",
        _material_of_the_server,
    ),
    Relaxation("output", "output under a key that the server made, or that varies by nature", f"{_SKLC}, Data / SignatureData", _output),
    Relaxation(
        "issuer",
        "issuer, serial number, length and signature algorithm of a certificate that the server issued",
        f"{_SKLC}, content of objects that are generated by the server",
        _issued,
    ),
    Relaxation("digest", "hash and value of a Digest", f"{_SKLC}, Digest and DigestValue", _digest),
    Relaxation(
        "certificate-digest",
        "the Key Format Type in the Digest of a certificate, which has none to name",
        "KMIP 1.4, 3.17: required for keys and secret data; TC-CERTATTR-1 and TC-PKCS12-2 disagree",
        _format_of_a_certificate,
    ),
    Relaxation("key-format", "the Key Format Type of what the server made", f"{_SKLC}, KeyFormatType", _key_format),
    Relaxation("query-extensions", "extensions and application namespaces in Query", f"{_SKLC}, Query", _query_extension),
    Relaxation("query-additional", "more operations and object types in Query", f"{_SKLC}, Query", _query_list),
    Relaxation(
        "query-list-varies",
        "which operations and object types Query lists, where the case's own description says so",
        "Additional Message Encodings 1.0, 3.1.1; Suite B 1.0, 3.1.1: “MAY vary”",
        _query_lists_vary,
    ),
    Relaxation(
        "server-information",
        "the contents of Server Information",
        "KMIP 1.4, 4.25; Profiles 3.0, 4.1, response variations 8",
        _server_information,
    ),
    Relaxation("vendor", "Vendor Identification: there or not, and its text", f"{_SKLC}, VendorIdentification", _vendor),
    Relaxation(
        "additional-attributes", "attributes beyond those that the case notes", f"{_SKLC}, Additional attributes", _additional_attribute
    ),
    Relaxation(
        "servers-own-attribute",
        "an Object Group or y- attribute that no request has set: there or not",
        f"{_SKLC}, Object Group and y-CustomAttributes",
        _attribute_of_the_server,
    ),
    Relaxation("index-zero", "Attribute Index 0: there or not, since 1.1", f"{_SKLC}, AttributeIndex", _index_zero),
    Relaxation("result-message", "Result Message: there or not, and its text", f"{_SKLC}, ResultMessage", _result_message),
    Relaxation("template-attribute", "an optional Template-Attribute in an answer", f"{_SKLC}, TemplateAttribute", _template_attribute),
    Relaxation("message-extension", "a vendor's extension that is not critical", f"{_SKLC}, Message Extensions", _message_extension),
    Relaxation(
        "more-versions",
        "more versions in Discover Versions when the request lists none",
        f"{_SKLC}, Protocol Versions",
        _protocol_version,
    ),
    Relaxation("correlation", "correlation values in an answer's header", "Profiles 3.0, 4.1.1 (18, 19); KMIP 1.4, 6.19", _correlation),
    Relaxation(
        "random-number-generator",
        "the fields of the random number generator",
        "Profiles 3.0, 4.1, response variations 6",
        _random_number_generator,
    ),
    Relaxation(
        "query-about-itself",
        "a server's own capabilities, profiles, validations and registration methods in the TC-Q cases",
        "KMIP 1.4, 4.25; TC-Q-CAP-1 to -3 ask the same and expect different answers",
        _about_itself,
    ),
    Relaxation(
        "pkcs11-library",
        "who made the PKCS#11 library, and its version, in what C_GetInfo gives",
        "PKCS#11 Profiles 3.1, Permitted Test Case Variations",
        _about_the_library,
    ),
    Relaxation("file-fault", "an expectation that the file has wrong (docs/oasis.md lists them)", "the file itself", _file_fault),
    Relaxation("list-order", "the order of attributes and of what one field repeats", "Profiles 3.0, 4.1.2 (5)", _order),
)
"""The rows of the strict count, in the order in which they are asked."""
