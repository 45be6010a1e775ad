"""XML and JSON beside TTLV: samples both ways, what else is read, and what is refused (KMIP Additional Message Encodings 1.0)."""

from __future__ import annotations

import json

import pytest
from kmip_server.codec.forms import JSON, XML, Form
from kmip_server.codec.json_form import json_from_ttlv, ttlv_from_json
from kmip_server.codec.transcribing import MAXIMUM_TEXT_DEPTH
from kmip_server.codec.xml_form import ttlv_from_xml, xml_from_ttlv
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    HashingAlgorithm,
    ItemType,
    KeyFormatType,
    Operation,
    PKCS11Function,
    PKCS11ReturnCode,
    ResultReason,
    SplitKeyMethod,
    Tag,
    VersionedEnum,
)
from kmip_server.enums.tokens import by_token, token_of
from kmip_server.errors import MalformedMessage, UnencodableMessage
from kmip_server.versions import V1_2, KmipVersion

TOKENS = [
    (Tag.X_509_CERTIFICATE_IDENTIFIER, "X_509CertificateIdentifier"),
    (Tag.PKCS_12_FRIENDLY_NAME, "PKCS_12FriendlyName"),
    (Tag.IV_COUNTER_NONCE, "IVCounterNonce"),
    (Tag.P, "P"),
    (Operation.RE_KEY_KEY_PAIR, "ReKeyKeyPair"),
    (Operation.MAC_VERIFY, "MACVerify"),
    (Operation.RNG_SEED, "RNGSeed"),
    (CryptographicAlgorithm.TRIPLE_DES, "DES3"),
    (CryptographicAlgorithm.HMAC_SHA256, "HMAC_SHA256"),
    (CryptographicAlgorithm.CHACHA20POLY1305, "ChaCha20Poly1305"),
    (HashingAlgorithm.SHA_512_256, "SHA_512_256"),
    (KeyFormatType.TRANSPARENT_DSA_PRIVATE_KEY, "TransparentDSAPrivateKey"),
    (SplitKeyMethod.POLYNOMIAL_SHARING_GF_2_8, "PolynomialSharingGF2_8"),
    (ResultReason.OPERATION_CANCELED_BY_REQUESTER, "OperationCanceledByRequester"),
    (CryptographicUsageMask.MAC_GENERATE, "MACGenerate"),
    (ItemType.DATE_TIME, "DateTime"),
    (PKCS11Function.C_GET_INFO, "C_GetInfo"),
    (PKCS11Function.C_SET_PIN, "C_SetPIN"),
    (PKCS11ReturnCode.OK, "OK"),
    (PKCS11ReturnCode.FUNCTION_FAILED, "FUNCTION_FAILED"),
]
"""As the published test cases spell them."""


@pytest.mark.parametrize(("member", "token"), TOKENS, ids=[token for _, token in TOKENS])
def test_names_are_spelt_as_the_standard_normalises_them(member: VersionedEnum, token: str) -> None:
    assert token_of(member) == token
    assert by_token(type(member))[token] is member


def test_every_name_of_an_enumeration_is_its_own() -> None:
    for enumeration in (Tag, Operation, ResultReason, CryptographicAlgorithm, KeyFormatType, CryptographicUsageMask):
        assert len({token_of(member) for member in enumeration}) == len(enumeration)


def test_other_spellings_are_read_too() -> None:
    assert by_token(HashingAlgorithm)["SHA_3_256"] is HashingAlgorithm.SHA3_256
    assert by_token(ResultReason)["NotAuthorized"] is ResultReason.NOT_AUTHORISED


# --- samples: one item inside a Request Message

SAMPLES = [
    ("integer", "42000d 02 00000004 0000000a 00000000", '<BatchCount type="Integer" value="10"/>', ("BatchCount", "Integer", 10)),
    ("negative", "540001 02 00000004 ffffffff 00000000", '<TTLV tag="0x540001" type="Integer" value="-1"/>', ("0x540001", "Integer", -1)),
    (
        "mask",
        "42002c 02 00000004 0000040c 00000000",
        '<CryptographicUsageMask type="Integer" value="Encrypt Decrypt ContentCommitment"/>',
        ("CryptographicUsageMask", "Integer", "Encrypt|Decrypt|ContentCommitment"),
    ),
    (
        "mask with a bit that has no name",
        "42002c 02 00000004 80000001 00000000",
        '<CryptographicUsageMask type="Integer" value="Sign 0x80000000"/>',
        ("CryptographicUsageMask", "Integer", "Sign|0x80000000"),
    ),
    (
        "empty mask",
        "42002c 02 00000004 00000000 00000000",
        '<CryptographicUsageMask type="Integer" value="0"/>',
        ("CryptographicUsageMask", "Integer", 0),
    ),
    (
        "long integer beyond what a floating point number holds",
        "420096 03 00000008 1000000000000000",
        '<UsageLimitsCount type="LongInteger" value="1152921504606846976"/>',
        ("UsageLimitsCount", "LongInteger", "0x1000000000000000"),
    ),
    (
        "long integer",
        "540001 03 00000008 fffffffffffffffe",
        '<TTLV tag="0x540001" type="LongInteger" value="-2"/>',
        ("0x540001", "LongInteger", -2),
    ),
    ("big integer", "42009f 04 00000008 0000000000010001", '<X type="BigInteger" value="0000000000010001"/>', ("X", "BigInteger", 65537)),
    (
        "big integer of two words",
        "42009f 04 00000010 ffffffffffffffff 0000000000000000",
        '<X type="BigInteger" value="ffffffffffffffff0000000000000000"/>',
        ("X", "BigInteger", "0xffffffffffffffff0000000000000000"),
    ),
    (
        "enumeration",
        "420057 05 00000004 00000002 00000000",
        '<ObjectType type="Enumeration" value="SymmetricKey"/>',
        ("ObjectType", "Enumeration", "SymmetricKey"),
    ),
    (
        "enumeration of a vendor",
        "420057 05 00000004 80000001 00000000",
        '<ObjectType type="Enumeration" value="0x80000001"/>',
        ("ObjectType", "Enumeration", "0x80000001"),
    ),
    (
        "boolean",
        "420010 06 00000008 0000000000000001",
        '<BatchOrderOption type="Boolean" value="true"/>',
        ("BatchOrderOption", "Boolean", True),
    ),
    (
        "text",
        "42000a 07 0000000a 613c26220a09 c3a9 7827 000000000000",
        '<AttributeName type="TextString" value="a&lt;&amp;&quot;&#10;&#9;é' + "x'" + '"/>',
        ("AttributeName", "TextString", "a<&\"\n\téx'"),
    ),
    (
        "bytes",
        "42004d 08 00000003 c50f77 0000000000",
        '<MACSignature type="ByteString" value="c50f77"/>',
        ("MACSignature", "ByteString", "c50f77"),
    ),
    ("no bytes", "42004d 08 00000000", '<MACSignature type="ByteString" value=""/>', ("MACSignature", "ByteString", "")),
    (
        "date",
        "420005 09 00000008 000000003a4fc880",
        '<ArchiveDate type="DateTime" value="2001-01-01T00:00:00+00:00"/>',
        ("ArchiveDate", "DateTime", "2001-01-01T00:00:00+00:00"),
    ),
    (
        "date with microseconds",
        "42009f 0b 00000008 00038d7ea4c68001",
        '<X type="DateTimeExtended" value="2001-09-09T01:46:40.000001+00:00"/>',
        ("X", "DateTimeExtended", "2001-09-09T01:46:40.000001+00:00"),
    ),
    (
        "date of no year with four digits",
        "420005 09 00000008 7fffffffffffffff",
        '<ArchiveDate type="DateTime" value="0x7fffffffffffffff"/>',
        ("ArchiveDate", "DateTime", "0x7fffffffffffffff"),
    ),
    (
        "interval",
        "420058 0a 00000004 ffffffff 00000000",
        '<Offset type="Interval" value="4294967295"/>',
        ("Offset", "Interval", 4294967295),
    ),
    ("empty structure", "420065 01 00000000", "<PrivateKeyTemplateAttribute/>", ("PrivateKeyTemplateAttribute", None, [])),
]


def message(content: bytes) -> bytes:
    return bytes.fromhex("42007801") + len(content).to_bytes(4) + content


def xml(content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<RequestMessage>\n  {content}\n</RequestMessage>\n'.encode()


def json_item(tag: str, item_type: str | None, value: object) -> dict[str, object]:
    return {"tag": tag, **({"type": item_type} if item_type else {}), "value": value}


def json_message(*items: object) -> bytes:
    return json.dumps({"tag": "RequestMessage", "value": items}, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(("title", "ttlv", "in_xml", "in_json"), SAMPLES, ids=[title for title, *_ in SAMPLES])
def test_an_item_is_the_same_in_all_three(title: str, ttlv: str, in_xml: str, in_json: tuple[str, str | None, object]) -> None:
    binary = message(bytes.fromhex(ttlv))
    assert xml_from_ttlv(binary) == xml(in_xml)
    assert ttlv_from_xml(xml(in_xml)) == binary
    assert json_from_ttlv(binary) == json_message(json_item(*in_json))
    assert ttlv_from_json(json_message(json_item(*in_json))) == binary


BATCH_COUNT = message(bytes.fromhex("42000d 02 00000004 0000000a 00000000"))
MASK = message(bytes.fromhex("42002c 02 00000004 0000040c 00000000"))
DATE = message(bytes.fromhex("420005 09 00000008 000000003a4fc880"))
OBJECT_TYPE = message(bytes.fromhex("420057 05 00000004 00000002 00000000"))
TRUE = message(bytes.fromhex("420010 06 00000008 0000000000000001"))

ALSO_XML = [
    (BATCH_COUNT, '<BatchCount type="Integer" value=" +10 "/>'),
    (BATCH_COUNT, '<BatchCount type="Integer" value="0x0000000A"/>'),
    (BATCH_COUNT, '<TTLV tag="0x42000d" name="anything" type="Integer" value="10"/>'),
    (BATCH_COUNT, '<x42000D type="Integer" value="10"></x42000D>'),
    (BATCH_COUNT, '<!-- a comment --><BatchCount type="Integer" value="10"/><?and an instruction?>'),
    (MASK, '<CryptographicUsageMask type="Integer" value="0x0000040c"/>'),
    (MASK, '<CryptographicUsageMask type="Integer" value="1036"/>'),
    (MASK, '<CryptographicUsageMask type="Integer" value="ContentCommitment  0x00000004 0x0000008"/>'),
    (MASK, '<CryptographicUsageMask type="Integer" value="Encrypt Decrypt ContentCommitmentNonRepudiation"/>'),
    (OBJECT_TYPE, '<ObjectType type="Enumeration" value="0x00000002"/>'),
    (TRUE, '<BatchOrderOption type="Boolean" value="1"/>'),
    (DATE, '<ArchiveDate type="DateTime" value="2001-01-01T10:00:00+10:00"/>'),
    (DATE, '<ArchiveDate type="DateTime" value="2000-12-31T18:30:00.999-05:30"/>'),
    (DATE, '<ArchiveDate type="DateTime" value="2001-01-01T00:00:00"/>'),
    (DATE, '<ArchiveDate type="DateTime" value="2000-12-31T24:00:00Z"/>'),
    (DATE, '<ArchiveDate type="DateTime" value="0x000000003a4fc880"/>'),
]
ALSO_JSON = [
    (BATCH_COUNT, ("BatchCount", "Integer", "0x0000000A")),
    (BATCH_COUNT, ("0x42000d", "Integer", 10)),
    (MASK, ("CryptographicUsageMask", "Integer", "0x0000040c")),
    (MASK, ("CryptographicUsageMask", "Integer", 1036)),
    (MASK, ("CryptographicUsageMask", "Integer", "ContentCommitment|0x0000000c")),
    (OBJECT_TYPE, ("ObjectType", "Enumeration", 2)),
    (OBJECT_TYPE, ("0x420057", "Enumeration", "0x00000002")),
    (TRUE, ("BatchOrderOption", "Boolean", "0x0000000000000001")),
    (DATE, ("ArchiveDate", "DateTime", "0x000000003a4fc880")),
    (DATE, ("ArchiveDate", "DateTime", "2001-01-01T10:00:00+10:00")),
]


@pytest.mark.parametrize(("binary", "text"), ALSO_XML, ids=[text for _, text in ALSO_XML])
def test_xml_that_is_written_otherwise_is_read_too(binary: bytes, text: str) -> None:
    assert ttlv_from_xml(xml(text)) == binary


@pytest.mark.parametrize(("binary", "item"), ALSO_JSON, ids=[repr(item) for _, item in ALSO_JSON])
def test_json_that_is_written_otherwise_is_read_too(binary: bytes, item: tuple[str, str, object]) -> None:
    assert ttlv_from_json(json_message(json_item(*item))) == binary
    assert ttlv_from_json(json_message({**json_item(*item), "name": "for people"})) == binary


def test_xml_of_the_standards_namespace_and_of_other_encodings_is_read() -> None:
    item = '<BatchCount type="Integer" value="10"/>'
    assert ttlv_from_xml(f'<k:RequestMessage xmlns:k="urn:oasis:tc:kmip:xmlns">{item}</k:RequestMessage>'.encode()) == BATCH_COUNT
    assert ttlv_from_xml(f'<?xml version="1.0" encoding="UTF-16"?><RequestMessage>{item}</RequestMessage>'.encode("utf-16")) == BATCH_COUNT
    assert ttlv_from_json(b' {"tag":"0x420078", "type":"Structure", "value":null} ') == message(b"")


# --- what an attribute's value means


def attribute(form: Form, name: str, item_type: str, value: str, vendor: str = "") -> bytes:
    told = [("VendorIdentification", "TextString", vendor)] if vendor else []
    told += [("AttributeName", "TextString", name), ("AttributeValue", item_type, value)]
    if form is XML:
        return xml("<Attribute>" + "".join(f'<{t} type="{i}" value="{v}"/>' for t, i, v in told) + "</Attribute>")
    return json_message(json_item("Attribute", None, [json_item(*one) for one in told]))


@pytest.mark.parametrize("form", [XML, JSON], ids=["xml", "json"])
def test_an_attribute_value_is_what_its_attribute_name_says(form: Form) -> None:
    algorithm = form.read(attribute(form, "Cryptographic Algorithm", "Enumeration", "AES"))
    assert algorithm.endswith(bytes.fromhex("42000b 05 00000004 00000003 00000000"))
    assert b"AES" in form.write(algorithm)
    mask = form.read(attribute(form, "Cryptographic Usage Mask", "Integer", "Sign"))
    assert mask.endswith(bytes.fromhex("42000b 02 00000004 00000001 00000000"))
    assert b"Sign" in form.write(mask)
    for name, vendor in (("x-Algorithm", ""), ("Cryptographic Algorithm", "acme")):
        with pytest.raises(MalformedMessage, match="only 0x and eight digits"):
            form.read(attribute(form, name, "Enumeration", "AES", vendor))
        own = form.read(attribute(form, name, "Enumeration", "0x00000003", vendor))
        assert b"0x00000003" in form.write(own)


# --- what is refused

BAD_XML = [
    ("<!DOCTYPE RequestMessage><RequestMessage/>", "document type"),
    ('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><RequestMessage>&b;</RequestMessage>', "document type"),
    ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><RequestMessage/>', "document type"),
    ("<RequestMessage>", "no XML"),
    ("", "no XML"),
    ("<RequestMessage/><RequestMessage/>", "no XML"),
    ("<RequestMessage>&amp;</RequestMessage>", "text between"),
    ("<RequestMessage>&nbsp;</RequestMessage>", "no XML"),
    ("<BatchItem/>", "not one message"),
    ('<BatchCount type="Integer" value="1"/>', "not one message"),
    ('<RequestMessage type="Integer" value="1"/>', "not one message"),
    ('<RequestMessage xmlns="urn:else"/>', "namespace"),
    ('<?xml version="1.0" encoding="x-klingon"?><RequestMessage/>', "encoding"),
    *(
        (f"<RequestMessage>{item}</RequestMessage>", words)
        for item, words in [
            ("<Frobnicate/>", "Frobnicate is no tag"),
            ("<requestHeader/>", "requestHeader is no tag"),
            ('<BatchCount type="integer" value="1"/>', "of type 'integer'"),
            ('<BatchCount type="Integer"/>', "has no value"),
            ('<BatchCount type="Integer" value="1" unit="m"/>', "attribute 'unit'"),
            ('<BatchCount type="Integer" value="1" tag="0x42000D"/>', "tag beside its name"),
            ('<BatchCount type="Integer" value="1"><Name/></BatchCount>', "only a structure"),
            ('<BatchItem value="1"/>', "no value of its own"),
            ('<TTLV type="Integer" value="1"/>', "has no tag"),
            ('<TTLV tag="42000D" type="Integer" value="1"/>', "is no tag"),
            ('<BatchCount type="Integer" value="ten"/>', "no whole number"),
            ('<BatchCount type="Integer" value="1.0"/>', "no whole number"),
            ('<BatchCount type="Integer" value="0xA"/>', "8 hexadecimal digits"),
            ('<BatchCount type="Integer" value="2147483648"/>', "cannot hold"),
            ('<BatchCount type="Interval" value="-1"/>', "cannot hold"),
            ('<BatchCount type="LongInteger" value="99999999999999999999"/>', "cannot hold"),
            ('<X type="BigInteger" value="010001"/>', "sixteen"),
            ('<X type="BigInteger" value=""/>', "sixteen"),
            ('<BatchOrderOption type="Boolean" value="yes"/>', "neither true nor false"),
            ('<MACSignature type="ByteString" value="abc"/>', "two for each byte"),
            ('<MACSignature type="ByteString" value="0xab"/>', "two for each byte"),
            ('<ArchiveDate type="DateTime" value="yesterday"/>', "is no date"),
            ('<ArchiveDate type="DateTime" value="2001-02-30T00:00:00Z"/>', "no calendar"),
        ]
    ),
]
BAD_VALUES = [
    ('<ObjectType type="Enumeration" value="Blob"/>', "no value of ObjectType"),
    ('<ObjectType type="Enumeration" value="2"/>', "no value of ObjectType"),
    ('<CryptographicUsageMask type="Integer" value="Encrypt Fly"/>', "no bit of CryptographicUsageMask"),
    ('<CryptographicUsageMask type="Integer" value="Encrypt|Decrypt"/>', "no bit of CryptographicUsageMask"),
    ('<OpaqueDataType type="Enumeration" value="Uninterpreted"/>', "only 0x and eight digits"),
]
BAD_JSON = [
    ("", "no JSON"),
    ("{", "no JSON"),
    ("[]", "an item is an object"),
    ('{"tag":"RequestMessage","value":{}}', "array of its items"),
    ('{"tag":"RequestMessage","value":[1]}', "an item is an object"),
    ('{"tag":"RequestMessage","value":[]} x', "no JSON"),
    ('{"value":[]}', "no tag"),
    ('{"tag":4325496,"value":[]}', "no tag"),
    ('{"tag":"RequestMessage","tag":"BatchItem"}', "twice"),
    ('{"tag":"RequestMessage","values":[]}', "property 'values'"),
    ('{"tag":"RequestMessage","type":1}', "not a string"),
    ('{"tag":"BatchItem","value":[]}', "not one message"),
    *(
        (f'{{"tag":"RequestMessage","value":[{item}]}}', words)
        for item, words in [
            ('{"tag":"BatchCount","type":"Integer"}', "has no value"),
            ('{"tag":"BatchCount","type":"Integer","value":1.0}', "no whole number"),
            ('{"tag":"BatchCount","type":"Integer","value":1e3}', "no whole number"),
            ('{"tag":"BatchCount","type":"Integer","value":NaN}', "no whole number"),
            ('{"tag":"BatchCount","type":"Integer","value":true}', "a number or a string"),
            ('{"tag":"BatchCount","type":"Integer","value":"10"}', "hexadecimal digits"),
            ('{"tag":"BatchCount","type":"Integer","value":null}', "a number or a string"),
            ('{"tag":"BatchCount","type":"Integer","value":4294967296}', "cannot hold"),
            ('{"tag":"X","type":"BigInteger","value":"0001"}', "hexadecimal"),
            ('{"tag":"BatchOrderOption","type":"Boolean","value":1}', "true, false"),
            ('{"tag":"BatchOrderOption","type":"Boolean","value":"0x0000000000000002"}', "neither 0 nor 1"),
            ('{"tag":"AttributeName","type":"TextString","value":1}', "a string"),
            ('{"tag":"AttributeName","type":"TextString","value":"\\ud800"}', "surrogate"),
            ('{"tag":"ArchiveDate","type":"DateTime","value":1}', "a string"),
        ]
    ),
    ('{"tag":"RequestMessage","value":[{"tag":"X","type":"BigInteger","value":' + "9" * 5000 + "}]}", "digits"),
    ('{"tag":"RequestMessage","value":' + "[" * 100_000, "too deep|no JSON"),
]


@pytest.mark.parametrize(("text", "words"), BAD_XML, ids=[text for text, _ in BAD_XML])
def test_bad_xml_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(MalformedMessage, match=words) as refused:
        ttlv_from_xml(text.encode())
    assert refused.value.reason is ResultReason.INVALID_MESSAGE


@pytest.mark.parametrize(("item", "words"), BAD_VALUES, ids=[item for item, _ in BAD_VALUES])
def test_a_word_that_no_table_has_is_an_invalid_field(item: str, words: str) -> None:
    with pytest.raises(MalformedMessage, match=words) as refused:
        ttlv_from_xml(xml(item))
    assert refused.value.reason is ResultReason.INVALID_FIELD


@pytest.mark.parametrize(("text", "words"), BAD_JSON, ids=[text[:80] for text, _ in BAD_JSON])
def test_bad_json_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(MalformedMessage, match=words) as refused:
        ttlv_from_json(text.encode())
    assert refused.value.reason is ResultReason.INVALID_MESSAGE


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(MalformedMessage, match="UTF-8"):
        ttlv_from_json(b'{"tag":"\xff"}')
    with pytest.raises(MalformedMessage, match="no XML"):
        ttlv_from_xml(b'<RequestMessage><Name type="TextString" value="\xff"/></RequestMessage>')


@pytest.mark.parametrize("form", [XML, JSON], ids=["xml", "json"])
def test_items_nest_only_so_deep(form: Form) -> None:
    def nested(depth: int) -> bytes:
        if form is XML:
            return b"<RequestMessage>" + b"<BatchItem>" * depth + b"</BatchItem>" * depth + b"</RequestMessage>"
        inner = b'{"tag":"BatchItem","value":[' * depth + b"]}" * depth
        return b'{"tag":"RequestMessage","value":[' + inner + b"]}"

    assert form.read(nested(MAXIMUM_TEXT_DEPTH - 1))
    with pytest.raises(MalformedMessage, match="deeper than"):
        form.read(nested(MAXIMUM_TEXT_DEPTH))


VERSION_XML = '<RequestHeader><ProtocolVersion><ProtocolVersionMajor type="Integer" value="1"/>{}</ProtocolVersion>{}</RequestHeader>'


def test_a_refusal_knows_the_version_that_was_read_before() -> None:
    def version_of(minor: str, after: str) -> KmipVersion | None:
        with pytest.raises(MalformedMessage) as refused:
            ttlv_from_xml(xml(VERSION_XML.format(minor, after)))
        return refused.value.version

    minor = '<ProtocolVersionMinor type="Integer" value="2"/>'
    assert version_of(minor, "<Frobnicate/>") == V1_2
    assert version_of(minor, '<BatchCount type="Integer" value="x"/>') == V1_2
    assert version_of(minor, "<") == V1_2
    assert version_of("", "<Frobnicate/>") is None


def test_a_character_that_xml_has_not_is_our_own_trouble() -> None:
    binary = message(bytes.fromhex("42000a 07 00000001 07 00000000000000"))
    with pytest.raises(UnencodableMessage, match="AttributeName"):
        xml_from_ttlv(binary)
    assert ttlv_from_json(json_from_ttlv(binary)) == binary
