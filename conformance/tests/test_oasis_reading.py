"""Reading published cases: every type of value, marks, versions, and files that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import oasis_xml as xml
import pytest
from kmip_conformance.judge.errors import NothingSelected, RunRefused
from kmip_conformance.judge.selection import Selection
from kmip_conformance.oasis.case import FileFault, Placeholder
from kmip_conformance.oasis.catalogue import plan_of, published_cases
from kmip_conformance.oasis.files import bare, document_of, find_cases
from kmip_conformance.oasis.logins import logins_in
from kmip_conformance.oasis.reading import read_case
from kmip_conformance.oasis.tokens import UnknownWord, enumeration_for
from kmip_conformance.oasis.values import leaf
from kmip_conformance.tables import V1_3, V1_4, ItemType, Operation, ResultReason, State, Tag

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_conformance.oasis.case import Leaf


@pytest.mark.parametrize(
    ("kind", "text", "enumeration", "value"),
    [
        (ItemType.INTEGER, "-7", "", -7),
        (ItemType.INTEGER, "0xffffffff", "", -1),
        (ItemType.INTEGER, "Encrypt Decrypt", "Cryptographic Usage Mask", 12),
        (ItemType.INTEGER, "Encrypt|0x00000008", "Cryptographic Usage Mask", 12),
        (ItemType.INTEGER, "", "Cryptographic Usage Mask", 0),
        (ItemType.LONG_INTEGER, "0xfffffffffffffffe", "", -2),
        (ItemType.LONG_INTEGER, "9007199254740993", "", 9007199254740993),
        (ItemType.BIG_INTEGER, "00ff", "", 255),
        (ItemType.BIG_INTEGER, "ffffffffffffff00", "", -256),
        (ItemType.ENUMERATION, "DES3", "Cryptographic Algorithm", 2),
        (ItemType.ENUMERATION, "SHA_256", "Hashing Algorithm", 6),
        (ItemType.ENUMERATION, "PolynomialSharingGF2_16", "Split Key Method", 2),
        (ItemType.ENUMERATION, "0x80000001", "Hashing Algorithm", 0x80000001),
        (ItemType.ENUMERATION, "NotAuthorized", "Result Reason", ResultReason.NOT_AUTHORISED),
        (ItemType.ENUMERATION, "C_GetInfo", "PKCS#11 Function", 3),
        (ItemType.BOOLEAN, "true", "", True),
        (ItemType.BOOLEAN, "0", "", False),
        (ItemType.TEXT_STRING, " two  blanks ", "", " two  blanks "),
        (ItemType.TEXT_STRING, "costs $5", "", "costs $5"),
        (ItemType.BYTE_STRING, "C50F 77", "", b"\xc5\x0f\x77"),
        (ItemType.BYTE_STRING, "", "", b""),
        (ItemType.DATE_TIME, "2001-01-01T10:00:00+10:00", "", 978307200),
        (ItemType.DATE_TIME, "0x000000003a4fc880", "", 978307200),
        (ItemType.DATE_TIME, "$NOW-3600", "", Placeholder("$NOW", -3600)),
        (ItemType.DATE_TIME_EXTENDED, "2001-01-01T00:00:00.0000015Z", "", 978307200000001),
        (ItemType.INTERVAL, "0x0000001b", "", 27),
        (ItemType.TEXT_STRING, "$UNIQUE_IDENTIFIER_0", "", Placeholder("$UNIQUE_IDENTIFIER_0")),
        (ItemType.BYTE_STRING, "$CORRELATION_VALUE", "", Placeholder("$CORRELATION_VALUE")),
    ],
)
def test_values(kind: ItemType, text: str, enumeration: str, value: Leaf) -> None:
    assert leaf(kind, text, enumeration) == value


@pytest.mark.parametrize(
    ("kind", "text", "enumeration", "error"),
    [
        (ItemType.ENUMERATION, "DES4", "Cryptographic Algorithm", UnknownWord),
        (ItemType.INTEGER, "Encrypt Decypt", "Cryptographic Usage Mask", UnknownWord),
        (ItemType.BOOLEAN, "yes", "", ValueError),
        (ItemType.BYTE_STRING, "abc", "", ValueError),
        (ItemType.DATE_TIME, "yesterday", "", ValueError),
        (ItemType.INTERVAL, "1 h", "", ValueError),
    ],
)
def test_values_that_are_none(kind: ItemType, text: str, enumeration: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        leaf(kind, text, enumeration)


def test_the_words_of_an_attributes_value_come_from_its_name() -> None:
    assert enumeration_for(Tag.ATTRIBUTE_VALUE, "State") == "State"
    assert enumeration_for(Tag.ATTRIBUTE_VALUE, "x-ID") == ""
    assert enumeration_for(Tag.UNIQUE_IDENTIFIER) == "Unique Identifier"
    assert enumeration_for(Tag.ATTRIBUTE_REFERENCE) == "Tag"


def test_a_case_is_read_with_its_marks(tmp_path: Path) -> None:
    own = xml.case(
        tmp_path,
        "# TIME 0\n# [Client-A]",
        xml.request(xml.asked("GetAttributes", xml.uid(), '<AttributeName type="TextString" value="State"/>')),
        "# [Client-A]",
        xml.response(xml.answered("GetAttributes", xml.uid(), xml.attribute("State", "Enumeration", "Active"))),
        "# TIME 1\n# [Client-B]\n# [REPEAT] until  Poll is done",
        xml.request(xml.asked("Poll")),
        xml.response(xml.answered("Poll")),
        "# [Server-to-Client]",
        xml.request(xml.asked("Put")),
        xml.response(xml.answered("Put")),
    )

    assert own.version == V1_4
    assert own.operations == {Operation.GET_ATTRIBUTES, Operation.POLL}
    assert [message.client for message in own.messages] == ["A", "A", "B", "B", "B", "B"]
    assert [step.request.until for step in own.steps] == ["", "until Poll is done", ""]
    assert [step.request.to_client for step in own.steps] == [False, False, True]
    state = own.messages[1].node.first(Tag.BATCH_ITEM, Tag.RESPONSE_PAYLOAD, Tag.ATTRIBUTE, Tag.ATTRIBUTE_VALUE)
    assert state is not None
    assert state.value == State.ACTIVE


def test_what_only_servers_send_needs_no_mark(tmp_path: Path) -> None:
    own = xml.case(
        tmp_path,
        xml.request(xml.asked("Query")),
        xml.response(xml.answered("Query")),
        xml.request(xml.asked("Put")),
        xml.response(xml.answered("Put")),
        xml.request(xml.asked("Destroy")),
        xml.response(xml.answered("Destroy")),
    )

    assert [step.request.to_client for step in own.steps] == [False, True, False]
    assert own.operations == {Operation.QUERY, Operation.DESTROY}


def test_whom_cases_log_in_as_is_read_off_them(tmp_path: Path) -> None:
    def login(name: str, password: str) -> str:
        return (
            '<Authentication><Credential><CredentialType type="Enumeration" value="UsernameAndPassword"/><CredentialValue>'
            f'<Username type="TextString" value="{name}"/><Password type="TextString" value="{password}"/>'
            "</CredentialValue></Credential></Authentication>"
        )

    own = xml.case(
        tmp_path,
        xml.request(xml.asked("Query"), header=login("wrong", "w")),
        xml.response(xml.refused("Query", "AuthenticationNotSuccessful")),
        xml.request(xml.asked("Get"), header=login("stranger", "s")),
        xml.response(xml.refused("Get", "PermissionDenied")),
        xml.request(xml.asked("CreateUser"), header=login("admin", "a")),
        xml.response(xml.answered("CreateUser")),
        xml.request(xml.asked("Query"), header=login("created", "c")),
        xml.response(xml.answered("Query")),
    )

    assert [(login.username, login.password, login.shares) for login in logins_in([own, own])] == [
        ("stranger", "s", False),
        ("admin", "a", True),
    ]
    assert "'s'" not in repr(logins_in([own])), "a password is not shown"


def test_a_request_that_another_follows_is_played_behind_what_it_encloses(tmp_path: Path) -> None:
    own = xml.case(
        tmp_path,
        xml.request(xml.asked("Destroy")),
        xml.request(xml.asked("Revoke")),
        xml.response(xml.answered("Revoke")),
        xml.response(xml.answered("Destroy")),
    )

    assert [step.request.batch_items[0].number(Tag.OPERATION) for step in own.steps] == [Operation.REVOKE, Operation.DESTROY]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("<KMIP>\n<RequestMessage>\n</KMIP>", 3, "not well-formed XML: mismatched tag"),
        ("<KMIP>\n</KMIP>\n</KMIP>", 3, "not well-formed XML"),
        ('<!DOCTYPE KMIP [<!ENTITY a "b">]>\n<KMIP>&a;</KMIP>', 1, "a document type is declared"),
        ("<KMIP>\n<RequestMessage>\n<Nonsense/></RequestMessage></KMIP>", 3, "no version has a tag Nonsense"),
        (
            '<KMIP>\n<RequestMessage>\n<Operation type="Enumeration" value="Bake"/></RequestMessage></KMIP>',
            3,
            "'Bake' is no value of Operation",
        ),
        ('<KMIP>\n<RequestMessage>\n<Operation type="Enumeration"/></RequestMessage></KMIP>', 3, "Operation has no value"),
        ('<KMIP>\n<RequestMessage>\n<Operation type="Fraction" value="1"/></RequestMessage></KMIP>', 3, "Fraction is no item type"),
        ('<KMIP>\n<RequestMessage>\n<BatchCount type="Integer" value="x y"/></RequestMessage></KMIP>', 3, "'x' is no value of"),
        ("<KMIP>" + "<RequestMessage>" * 65 + "</KMIP>", 1, "more than 64 elements"),
        ("<KMIP/>", 0, "holds no request"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = tmp_path / "TC-WRONG-1-14.xml"
    path.write_text(text)

    with pytest.raises(FileFault) as caught:
        read_case(path, "oasis.1.4.TC-WRONG-1-14", "1.4")

    assert caught.value.line == line
    assert what in str(caught.value)


def test_cases_are_found_named_and_not_counted_twice(tmp_path: Path) -> None:
    own = (xml.request(xml.asked("Query")), xml.response(xml.answered("Query")))
    xml.written(tmp_path, *own, name="TC-OWN-10-14")
    xml.written(tmp_path, *own, name="TC-OWN-2-14")
    for folder in ("mandatory", "optional"):
        (tmp_path / "v1.3" / folder).mkdir(parents=True)
        (tmp_path / "v1.3" / folder / "OWN-O-1-13.xml").write_text("<KMIP/>")

    found = find_cases(tmp_path)

    assert [case.id for case in found] == ["oasis.1.3.OWN-O-1-13", "oasis.1.4.TC-OWN-2-14", "oasis.1.4.TC-OWN-10-14"]
    assert found[0].path.parent.name == "optional"
    assert find_cases(found[1].path)[0].id == found[1].id
    assert document_of(tmp_path / "TC-X-1-21.xml") == "2.1"
    assert document_of(tmp_path / "mine.xml") == "other"
    assert [bare(name) for name in ("TC-ECC-2-10-Unencrypted", "TC-32-10", "AKLC-M-1-21")] == ["TC-ECC-2", "TC-32", "AKLC-M-1"]


def test_a_folder_without_cases_is_refused_with_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(RunRefused, match="holds no XML file") as caught:
        find_cases(tmp_path)

    assert "docs.oasis-open.org/kmip" in caught.value.hint


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        ((), 3),
        (("oasis.1.4.TC-OWN-1-14",), 1),
        (("TC-OWN-1-14",), 1),
        (("TC-OWN",), 3),
        (("oasis.1.3",), 1),
        (("1.4",), 2),
        (("*-OWN-*",), 3),
        (("TC-OWN-1", "!1.3"), 1),
        (("!TC-OWN-2",), 2),
    ],
)
def test_selection(tmp_path: Path, patterns: tuple[str, ...], chosen: int) -> None:
    plan = plan_of(published_cases(three_cases(tmp_path)), Selection(patterns))

    assert len(plan) == chosen


def test_selection_by_the_version_that_is_spoken(tmp_path: Path) -> None:
    (assignment,) = plan_of(published_cases(three_cases(tmp_path)), Selection(kmip_versions=(V1_3,)))

    assert assignment.check.id == "oasis.1.3.TC-OWN-1-13"
    with pytest.raises(NothingSelected):
        plan_of(published_cases(tmp_path), Selection(("TC-OTHER",)))


def three_cases(folder: Path) -> Path:
    for name, document in (("TC-OWN-1-14", "1.4"), ("TC-OWN-2-14", "1.4"), ("TC-OWN-1-13", "1.3")):
        own = (xml.request(xml.asked("Query"), version=document), xml.response(xml.answered("Query"), version=document))
        xml.written(folder, *own, name=name, document=document)
    return folder
