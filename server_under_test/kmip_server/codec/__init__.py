"""The TTLV codec: bytes to typed messages and back, for KMIP 1.0-2.1. No I/O, no clock, no randomness.

Decoders and encoders are derived from the field tables of `kmip_server.messages`: `decoding` and `encoding` write one flat
function for each structure and version, `wire` has the rules of the bytes, `items` reads and writes what no table describes,
`message` puts a whole request together, where one bad payload fails only its own batch item.
"""

from __future__ import annotations

from kmip_server.codec.message import decode, decode_request, encode, encode_answer, encode_response
from kmip_server.codec.wire import MAXIMUM_DEPTH, MAXIMUM_MESSAGE_SIZE, frame_length

__all__ = [
    "MAXIMUM_DEPTH",
    "MAXIMUM_MESSAGE_SIZE",
    "decode",
    "decode_request",
    "encode",
    "encode_answer",
    "encode_response",
    "frame_length",
]
