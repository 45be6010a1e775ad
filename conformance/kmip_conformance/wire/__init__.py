"""The suite's own TTLV: a tolerant reader, a writer that can be told to be wrong, and the trees that people read.

It shares no code with any server. Reading (`decode`, `Response.read`) never raises on a peer's bytes; building (`structure`, `integer`,
…, `encode`) makes valid messages; `kmip_conformance.wire.faults` breaks one thing in them; `tree_text` and `masked_hex` show them without
their secrets.
"""

from kmip_conformance.wire.decoding import Anomaly, AnomalyKind, Decoded, decode, decode_stream
from kmip_conformance.wire.encoding import encode
from kmip_conformance.wire.faults import (
    flipped,
    inserted,
    nested,
    overwritten,
    spoilt,
    truncated,
    with_total_length,
    without_padding,
)
from kmip_conformance.wire.items import (
    Item,
    Nth,
    Path,
    Step,
    Value,
    Wrong,
    big_integer,
    boolean,
    date_time,
    date_time_extended,
    enumeration,
    integer,
    interval,
    long_integer,
    nth,
    octets,
    structure,
    text,
)
from kmip_conformance.wire.masking import masked_hex
from kmip_conformance.wire.messages import Request, RequestBatchItem, Response, ResponseBatchItem
from kmip_conformance.wire.tree import mask_text, tag_name, tree_text, value_text

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "Decoded",
    "Item",
    "Nth",
    "Path",
    "Request",
    "RequestBatchItem",
    "Response",
    "ResponseBatchItem",
    "Step",
    "Value",
    "Wrong",
    "big_integer",
    "boolean",
    "date_time",
    "date_time_extended",
    "decode",
    "decode_stream",
    "encode",
    "enumeration",
    "flipped",
    "inserted",
    "integer",
    "interval",
    "long_integer",
    "mask_text",
    "masked_hex",
    "nested",
    "nth",
    "octets",
    "overwritten",
    "spoilt",
    "structure",
    "tag_name",
    "text",
    "tree_text",
    "truncated",
    "value_text",
    "with_total_length",
    "without_padding",
]
