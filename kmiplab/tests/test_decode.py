"""`kmiplab decode` as people use it: any way of writing a message down, the tree, the exit code, and no secrets."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from kmip_conformance.requests import credential, get, register_symmetric_key, request
from kmip_conformance.requests.vcenter import Vcenter
from kmip_conformance.tables import V1_4
from kmip_conformance.wire import encode

from kmiplab.commands.decode import NoTtlv, command

if TYPE_CHECKING:
    from pathlib import Path

ACTIVATE = Vcenter().activate("2")
MATERIAL = bytes(range(0xA0, 0xC0))
REGISTER = encode(request(V1_4, register_symmetric_key(MATERIAL), credential=credential("me", "hunter22")))


def decode(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(command, list(words), input=stdin, standalone_mode=False)


def in_pairs(data: bytes) -> str:
    return data.hex(" ").upper()


@pytest.mark.parametrize(
    "words",
    [
        [ACTIVATE.hex()],
        [in_pairs(ACTIVATE)],
        in_pairs(ACTIVATE).split(),
        ["0x" + ACTIVATE.hex()],
        [" | ".join(f"0x{byte:02x}" for byte in ACTIVATE)],
        [ACTIVATE.hex(":", 4) + "\n"],
    ],
    ids=["digits", "pairs", "pairs as words", "0x", "0x each", "colons"],
)
def test_hexadecimal_as_people_write_it(words: list[str]) -> None:
    result = decode(*words)
    assert result.return_value == 0
    assert "Operation (Enumeration): Activate (0x00000012)" in result.output


@pytest.mark.parametrize(
    "content",
    [ACTIVATE, ACTIVATE.hex().encode(), in_pairs(ACTIVATE).encode(), base64.encodebytes(ACTIVATE), ACTIVATE.hex("\n", 16).encode() + b"\n"],
    ids=["bytes", "hexadecimal", "pairs", "base64", "lines"],
)
def test_files_and_standard_input(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "message"
    file.write_bytes(content)
    for result in (decode(str(file)), decode("-", stdin=content)):
        assert result.return_value == 0
        assert "Unique Batch Item ID (Byte String): 514c4b4301000000" in result.output


def test_messages_in_a_row() -> None:
    result = decode((ACTIVATE + REGISTER).hex())
    assert result.output.count("Request Message") == 2
    assert result.return_value == 0


def test_secrets_are_masked_unless_they_are_asked_for() -> None:
    masked = decode("--hex", REGISTER.hex()).output
    assert MATERIAL.hex() not in masked
    assert "hunter22" not in masked
    assert b"hunter22".hex() not in masked
    assert "** masked, 32 bytes **" in masked
    shown = decode("--unmask", "--hex", REGISTER.hex()).output
    assert REGISTER.hex() in shown
    assert '"hunter22"' in shown


def test_anomalies_are_shown_with_their_offsets_and_end_in_1() -> None:
    result = decode(ACTIVATE[:-1].hex() + "07")
    assert result.return_value == 1
    assert "! offset 129: the padding is not zero" in result.output
    assert decode(encode(request(V1_4, get("1"))).hex() + "00").return_value == 1


def test_quiet_prints_nothing() -> None:
    assert decode("-q", ACTIVATE.hex()).output == ""


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (["zz"], None),
        (["4"], None),
        (["0011223344556677"], None),
        (["no/such/file.bin"], None),
        (["-"], b""),
        (["-"], b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        (["42", "zz"], None),
        (["x" * 5000], None),
        (["."], None),
    ],
)
def test_what_is_no_ttlv_is_refused_with_a_hint(words: list[str], stdin: bytes | None) -> None:
    result = decode(*words, stdin=stdin)
    assert isinstance(result.exception, NoTtlv)
    assert result.exception.exit_code == 4
    assert result.exception.hint
