"""Framing and encoding: what every answer has to look like on the wire (KMIP 1.4, 9.1)."""

from __future__ import annotations

from kmip_conformance.authoring import MUST, SHOULD, Conversation, QueryFunction, Reason, check, expect, kmip_1_4, requests
from kmip_conformance.wire import AnomalyKind, encode, truncated


@check(
    "ttlv.padding-is-zero",
    level=SHOULD,
    cites=kmip_1_4("9.1.2 Examples"),
    mutants=["ttlv.padding-not-zero"],
)
def padding_is_zero(kmip: Conversation) -> None:
    """The bytes that pad a value to a multiple of eight are zero."""
    with_numbers = kmip.query(QueryFunction.QUERY_OPERATIONS).is_answered().reply.response
    with_texts = kmip.query(QueryFunction.QUERY_SERVER_INFORMATION).is_answered().reply.response
    anomalies = with_numbers.anomalies + with_texts.anomalies
    paddings = [str(anomaly) for anomaly in anomalies if anomaly.kind is AnomalyKind.NON_ZERO_PADDING]
    expect(paddings, "the list of paddings that are not zero").is_([])


@check(
    "ttlv.message-cut-short-is-refused",
    level=MUST,
    cites=kmip_1_4("11.1 General", "Message cannot be parsed"),
    hostile=True,
)
def a_message_whose_structure_ends_too_early_is_refused(kmip: Conversation) -> None:
    """A message whose inner lengths reach beyond its end is refused as an invalid message, or the connection is closed."""
    whole = encode(kmip.request(requests.query(QueryFunction.QUERY_OPERATIONS)))
    outer_length = (len(whole) - 16).to_bytes(4)
    cut = whole[:4] + outer_length + truncated(whole, 8)[8:]
    kmip.send_bytes(cut).is_refused(because=Reason.INVALID_MESSAGE).or_closes()
