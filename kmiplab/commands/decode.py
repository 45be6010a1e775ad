"""`kmiplab decode`: any TTLV as a tree. The kind of the input is found out here; the suite's tolerant reader does the rest."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kmip_conformance.wire import Decoded


class NoTtlv(Exception):
    """The input holds no TTLV message."""

    exit_code = 4

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


@click.command()
@click.argument("source", nargs=-1, required=True, metavar="HEX|FILE|-")
@click.option("--unmask", is_flag=True, help="Show key material, passwords and other secrets too.")
@click.option("--hex", "with_hex", is_flag=True, help="Print the bytes in hexadecimal before the tree; secret ones read **.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing: the exit code tells.")
def command(source: tuple[str, ...], unmask: bool, with_hex: bool, quiet: bool) -> int:  # noqa: FBT001 - click's options
    """Print KMIP messages (TTLV) as a tree of names.

    The argument is hexadecimal (with or without blanks, colons, line breaks or 0x), a file, or - for standard input. Files and standard
    input may hold the bytes themselves, hexadecimal, or base64. Several messages one behind the other are printed one by one.

    Tags, enumerations and bits are named; dates are in UTC; key material is masked. Whatever breaks the encoding's rules is shown where
    it is, with its offset in bytes.

    \b
    Examples:
      kmiplab decode 42007801000000604200770100000038…
      kmiplab decode "42 00 78 01 | 00 00 00 60"
      kmiplab decode request.bin
      xxd -p capture.bin | kmiplab decode -
      kmiplab decode --unmask --hex response.txt

    \b
    Exit code:
      0  read, and nothing is wrong with the encoding
      1  read, but something is wrong (the lines that begin with !)
      4  this is no TTLV
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    data = _bytes_of(source)
    messages = _messages(data)
    if not quiet:
        for message in messages:
            _print(message, masked=not unmask, with_hex=with_hex)
    return 1 if any(message.anomalies for message in messages) else 0


def _print(message: Decoded, *, masked: bool, with_hex: bool) -> None:
    from kmip_conformance.wire import masked_hex, tree_text

    if with_hex:
        data = message.data[message.start : message.end]
        click.echo(masked_hex(data) if masked else data.hex())
    click.echo(tree_text(message, masked=masked))


def _messages(data: bytes) -> tuple[Decoded, ...]:
    """The messages in some bytes. Raises `NoTtlv` when the first of them is none."""
    from kmip_conformance.wire import decode_stream

    messages = decode_stream(data)
    if not messages or not messages[0].looks_like_ttlv:
        shown = "nothing" if not data else _what_begins(data)
        hint = "a message begins with a tag (42 00 78 for a request, 42 00 7b for a response) and the type 01."
        raise NoTtlv(f"this is no TTLV: {shown}", hint)
    return messages


def _bytes_of(source: tuple[str, ...]) -> bytes:
    """The bytes that the arguments mean. Raises `NoTtlv` when they mean none."""
    if source == ("-",):
        return _unpacked(sys.stdin.buffer.read())
    written = " ".join(source)
    if len(source) == 1 and (_is_file(written) or not _is_hex(written)):
        return _file(Path(written))
    if not _is_hex(written):
        raise NoTtlv(f"{written!r} is neither hexadecimal nor one file", "quote hexadecimal with blanks, or name a single file.")
    return _from_hex(written)


def _is_file(written: str) -> bool:
    try:
        return Path(written).is_file()
    except OSError:  # longer than a file's name can be
        return False


def _file(path: Path) -> bytes:
    try:
        return _unpacked(path.read_bytes())
    except (OSError, ValueError) as error:
        shown = str(path) if len(str(path)) < 60 else f"{str(path)[:60]}…"
        reason = getattr(error, "strerror", None) or str(error)
        hint = "give hexadecimal digits (an even number of them), an existing file, or - for standard input."
        raise NoTtlv(f"{shown} is neither hexadecimal nor a file that can be read: {reason}", hint) from error


def _what_begins(data: bytes) -> str:
    size = "1 byte" if len(data) == 1 else f"{len(data)} bytes"
    return f"{size} ({data[:8].hex(' ')}{' …' if data[8:] else ''})"


def _unpacked(content: bytes) -> bytes:
    """The message in a file: the content itself, unless it is hexadecimal or base64 text."""
    import base64
    import binascii

    if content[:1] in {b"\x42", b"\x54"} and content[1:2] not in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/ \r\n:":
        return content
    try:
        written = content.decode("ascii").strip()
    except UnicodeDecodeError:
        return content
    if _is_hex(written):
        return _from_hex(written)
    try:
        return base64.b64decode("".join(written.split()), validate=True)
    except binascii.Error:
        return content


_IGNORED = re.compile(r"0[xX]|[\s|:,]")


def _is_hex(written: str) -> bool:
    digits = _IGNORED.sub("", written)
    return bool(digits) and len(digits) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]+", digits) is not None


def _from_hex(written: str) -> bytes:
    return bytes.fromhex(_IGNORED.sub("", written))
