"""Everything that a check imports. AUTHORING.md beside this package shows how a check is written."""

from kmip_reports.records import Citation, Level

from kmip_conformance import requests
from kmip_conformance.client import Closed, Connection, Silence, Target, Tls
from kmip_conformance.judge.catalogue import check
from kmip_conformance.judge.conversation import Conversation
from kmip_conformance.judge.expectations import expect
from kmip_conformance.judge.replies import Answer, Reply
from kmip_conformance.tables import (
    V1_0,
    V1_1,
    V1_2,
    V1_3,
    V1_4,
    V2_0,
    V2_1,
    V3_0,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    KmipVersion,
    ObjectType,
    Operation,
    QueryFunction,
    ResultStatus,
    RevocationReasonCode,
    State,
    Tag,
    words,
)
from kmip_conformance.tables import ResultReason as Reason

MUST = Level.MUST
SHOULD = Level.SHOULD
MAY = Level.MAY


def kmip_1_4(clause: str, quote: str = "") -> Citation:
    """A clause of the KMIP 1.4 specification: ``kmip_1_4("4.21 Destroy", "…")``."""
    return Citation("KMIP 1.4", clause, quote)


def kmip_2_1(clause: str, quote: str = "") -> Citation:
    """A clause of the KMIP 2.1 specification: ``kmip_2_1("6.1.15 Destroy", "…")``."""
    return Citation("KMIP 2.1", clause, quote)


__all__ = [
    "MAY",
    "MUST",
    "SHOULD",
    "V1_0",
    "V1_1",
    "V1_2",
    "V1_3",
    "V1_4",
    "V2_0",
    "V2_1",
    "V3_0",
    "Answer",
    "Citation",
    "Closed",
    "Connection",
    "Conversation",
    "CryptographicAlgorithm",
    "CryptographicUsageMask",
    "KmipVersion",
    "ObjectType",
    "Operation",
    "QueryFunction",
    "Reason",
    "Reply",
    "ResultStatus",
    "RevocationReasonCode",
    "Silence",
    "State",
    "Tag",
    "Target",
    "Tls",
    "check",
    "expect",
    "kmip_1_4",
    "kmip_2_1",
    "requests",
    "words",
]
