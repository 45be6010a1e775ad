"""The codec beside PyKMIP's, in one process and one run: µs a message, medians of interleaved rounds.

Both sides start from bytes and end with typed objects, or the other way round. `python server_under_test/benchmarks/codec.py`
prints a table, `--json FILE` writes the figures too. `run()` is for the benchmark of the whole server.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from kmip_server.codec import decode_request, encode, encode_response
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ItemType,
    KeyFormatType,
    NameType,
    ObjectType,
    Operation,
    ResultStatus,
)
from kmip_server.messages import (
    Attribute,
    CreateRequest,
    CreateResponse,
    CustomValue,
    Encoded,
    GetRequest,
    GetResponse,
    KeyBlock,
    KeyValue,
    LocateResponse,
    Name,
    ProtocolVersion,
    RequestBatchItem,
    RequestHeader,
    RequestMessage,
    ResponseBatchItem,
    ResponseHeader,
    ResponseMessage,
    SymmetricKey,
    TemplateAttribute,
)
from kmip_server.versions import V1_4

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
SECONDS_A_ROUND = 0.05
UNIQUE_IDENTIFIER = "0b2b6c1e-8f4e-4f6a-9f0a-5d1f6f3f0a01"


@dataclass(frozen=True, slots=True)
class CodecFigure:
    """One line of the table: µs a message on both sides, and how many times faster ours is."""

    title: str
    message_bytes: int
    ours_us: float
    pykmip_us: float

    @property
    def ratio(self) -> float:
        """PyKMIP's time divided by ours."""
        return self.pykmip_us / self.ours_us


def request(operation: Operation, payload: object) -> bytes:
    """A request of one batch item in KMIP 1.4."""
    header = RequestHeader(protocol_version=ProtocolVersion(1, 4), batch_count=1)
    return encode(RequestMessage(request_header=header, batch_item=(RequestBatchItem(operation=operation, request_payload=payload),)), V1_4)


def response(operation: Operation, payload: object) -> ResponseMessage:
    """A successful response of one batch item in KMIP 1.4."""
    header = ResponseHeader(protocol_version=ProtocolVersion(1, 4), time_stamp=1_700_000_000, batch_count=1)
    item = ResponseBatchItem(operation=operation, result_status=ResultStatus.SUCCESS, response_payload=payload)
    return ResponseMessage(response_header=header, batch_item=(item,))


def get_request() -> bytes:
    """Get by Unique Identifier: 152 bytes."""
    return request(Operation.GET, GetRequest(unique_identifier=UNIQUE_IDENTIFIER))


def create_request() -> bytes:
    """Create of an AES-256 key with eight attributes."""
    attributes = (
        Attribute(attribute_name="Cryptographic Algorithm", attribute_value=CryptographicAlgorithm.AES),
        Attribute(attribute_name="Cryptographic Length", attribute_value=256),
        Attribute(
            attribute_name="Cryptographic Usage Mask", attribute_value=CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT
        ),
        Attribute(attribute_name="Name", attribute_value=Name("a key of the benchmark", NameType.UNINTERPRETED_TEXT_STRING)),
        Attribute(attribute_name="Object Group", attribute_value="benchmark"),
        Attribute(attribute_name="Contact Information", attribute_value="nobody"),
        Attribute(attribute_name="Activation Date", attribute_value=1_700_000_000),
        Attribute(attribute_name="x-Vendor", attribute_value=CustomValue(ItemType.TEXT_STRING, "VMware, Inc.")),
    )
    payload = CreateRequest(object_type=ObjectType.SYMMETRIC_KEY, template_attribute=TemplateAttribute(attribute=attributes))
    return request(Operation.CREATE, payload)


def get_response(*, spliced: bool) -> ResponseMessage:
    """A Get's answer with an AES-256 key: built, or with the key's bytes kept from an earlier answer."""
    value = KeyValue(bytes(range(32)))
    key = SymmetricKey(KeyBlock(KeyFormatType.RAW, None, value, CryptographicAlgorithm.AES, 256))
    found = Encoded(encode(key, V1_4)) if spliced else key
    payload = GetResponse(object_type=ObjectType.SYMMETRIC_KEY, unique_identifier=UNIQUE_IDENTIFIER, managed_object=found)
    return response(Operation.GET, payload)


def create_response() -> ResponseMessage:
    """A Create's answer."""
    return response(Operation.CREATE, CreateResponse(object_type=ObjectType.SYMMETRIC_KEY, unique_identifier=UNIQUE_IDENTIFIER))


def locate_response() -> ResponseMessage:
    """A Locate's answer with 1,000 identifiers."""
    found = tuple(f"{UNIQUE_IDENTIFIER[:-4]}{number:04}" for number in range(1000))
    return response(Operation.LOCATE, LocateResponse(unique_identifier=found))


def pykmip_decoding(data: bytes) -> Callable[[], object]:
    """PyKMIP reading these bytes as a request."""
    from kmip.core.messages import messages
    from kmip.core.utils import BytearrayStream

    def read() -> object:
        message = messages.RequestMessage()
        message.read(BytearrayStream(data))
        return message

    return read


def pykmip_encoding(data: bytes) -> Callable[[], bytes]:
    """PyKMIP writing the response that these bytes are, from its own objects."""
    from kmip.core.enums import KMIPVersion
    from kmip.core.messages import messages
    from kmip.core.utils import BytearrayStream

    message = messages.ResponseMessage()
    message.read(BytearrayStream(data))

    def write() -> bytes:
        stream = BytearrayStream()
        message.write(stream, KMIPVersion.KMIP_1_4)
        return bytes(stream.buffer)

    if write() != data:
        raise AssertionError("PyKMIP writes other bytes than ours")
    return write


def microseconds(call: Callable[[], object]) -> float:
    """One round: µs a call, over as many calls as fit."""
    calls, begun = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < SECONDS_A_ROUND:
        for _ in range(5):
            call()
        calls += 5
    return elapsed / calls * 1e6


def figure(title: str, data: bytes, ours: Callable[[], object], theirs: Callable[[], object]) -> CodecFigure:
    """Both sides in turn, round after round."""
    rounds = [(microseconds(ours), microseconds(theirs)) for _ in range(ROUNDS)]
    return CodecFigure(title, len(data), median(ours for ours, _ in rounds), median(theirs for _, theirs in rounds))


def decoding(title: str, data: bytes) -> CodecFigure:
    """The figure for reading a request."""
    return figure(f"decode {title}", data, lambda: decode_request(data), pykmip_decoding(data))


def encoding(title: str, message: ResponseMessage) -> CodecFigure:
    """The figure for writing a response."""
    data = encode_response(message, V1_4)
    return figure(f"encode {title}", data, lambda: encode_response(message, V1_4), pykmip_encoding(data))


def run() -> list[CodecFigure]:
    """All figures; takes some ten seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyKMIP's imports name ciphers that `cryptography` is about to retire
        return [
            decoding("Get request", get_request()),
            encoding("Get response", get_response(spliced=False)),
            encoding("Get response, key bytes kept", get_response(spliced=True)),
            decoding("Create request, 8 attributes", create_request()),
            encoding("Create response", create_response()),
            encoding("Locate response, 1,000 ids", locate_response()),
        ]


def main() -> int:
    """Print the table; with --json write the figures too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    arguments = parser.parse_args()
    figures = run()
    sys.stdout.write(f"{'':36} {'bytes':>7} {'ours µs':>10} {'PyKMIP µs':>10} {'ratio':>7}\n")
    for one in figures:
        sys.stdout.write(f"{one.title:36} {one.message_bytes:7} {one.ours_us:10.2f} {one.pykmip_us:10.1f} {one.ratio:6.1f}x\n")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) | {"ratio": one.ratio} for one in figures], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
