"""`kmiplab check --oasis` with a lab of its own: the clients of published cases are there, and the whole way is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from labs import kmiplab

if TYPE_CHECKING:
    from pathlib import Path

VERSION = (
    '<ProtocolVersion><ProtocolVersionMajor type="Integer" value="1"/><ProtocolVersionMinor type="Integer" value="2"/></ProtocolVersion>'
)
ID = '<UniqueIdentifier type="TextString" value="$UNIQUE_IDENTIFIER_0"/>'
KEY_MATERIAL = "00112233445566778899aabbccddeeff"
KEY = f"""<SymmetricKey><KeyBlock><KeyFormatType type="Enumeration" value="Raw"/><KeyValue>
<KeyMaterial type="ByteString" value="{KEY_MATERIAL}"/></KeyValue>
<CryptographicAlgorithm type="Enumeration" value="AES"/><CryptographicLength type="Integer" value="128"/></KeyBlock></SymmetricKey>"""
TYPE = '<ObjectType type="Enumeration" value="SymmetricKey"/>'
TEMPLATE = """<TemplateAttribute><Attribute><AttributeName type="TextString" value="Cryptographic Usage Mask"/>
<AttributeValue type="Integer" value="Encrypt Decrypt"/></Attribute></TemplateAttribute>"""


def message(kind: str, items: str, header: str = "") -> str:
    stamp = '<TimeStamp type="DateTime" value="$NOW"/>' if kind == "Response" else ""
    count = '<BatchCount type="Integer" value="1"/>'
    return f"<{kind}Message><{kind}Header>{VERSION}{header}{stamp}{count}</{kind}Header><BatchItem>{items}</BatchItem></{kind}Message>\n"


def step(operation: str, asked: str, answered: str, header: str = "") -> str:
    named = f'<Operation type="Enumeration" value="{operation}"/>'
    success = '<ResultStatus type="Enumeration" value="Success"/>'
    return message("Request", f"{named}<RequestPayload>{asked}</RequestPayload>", header) + message(
        "Response", f"{named}{success}<ResponsePayload>{answered}</ResponsePayload>"
    )


def login(kind: str, fields: str) -> str:
    return (
        f'<Authentication><Credential><CredentialType type="Enumeration" value="{kind}"/>'
        f"<CredentialValue>{fields}</CredentialValue></Credential></Authentication>"
    )


USER = login(
    "UsernameAndPassword",
    '<Username type="TextString" value="nobody-else"/><Password type="TextString" value="hunter2hunter2"/>',
)
DEVICE = login(
    "Device",
    '<DeviceSerialNumber type="TextString" value="sn-1"/><Password type="TextString" value="hunter3hunter3"/>',
)


def test_clients_users_and_devices_of_a_case_share_its_objects(tmp_path: Path) -> None:
    got = step("Get", ID, TYPE + ID + KEY)
    cases = tmp_path / "cases" / "v1.2" / "testcases"
    cases.mkdir(parents=True)
    (cases / "TC-OWN-1-12.xml").write_text(
        "<KMIP># [Client-A]\n" + step("Register", TYPE + TEMPLATE + KEY, ID) + "# [Client-B]\n" + got + "# [Client-C]\n" + got
        + "# [Client-A]\n" + step("Get", ID, TYPE + ID + KEY, USER) + step("Get", ID, TYPE + ID + KEY, DEVICE) + step("Destroy", ID, ID)
        + "</KMIP>"
    )  # fmt: skip
    (cases / "TC-OWN-2-12.xml").write_text("<KMIP>" + step("Get", ID.replace("$UNIQUE_IDENTIFIER_0", "no-such"), ID) + "</KMIP>")

    outcome = kmiplab("check", "--oasis", tmp_path / "cases", "--report-dir", tmp_path / "report")

    said = outcome.stdout + outcome.stderr
    checks = json.loads((tmp_path / "report" / "summary.json").read_text())["checks"]
    assert {name: check["verdict"] for name, check in checks.items()} == {
        "oasis.1.2.TC-OWN-1-12": "pass",
        "oasis.1.2.TC-OWN-2-12": "fail",
    }, said
    assert outcome.returncode == 1
    assert "step 1 (Get), line 2" in said
    written = (tmp_path / "report" / "run.jsonl").read_text() + said
    assert KEY_MATERIAL not in written
    assert "hunter" not in written
