"""The suite's client: TLS connections that can behave badly, errors that say what stands in the way, and the facts of a target.

Nothing here needs pytest; the load profiles use it too.
"""

from kmip_conformance.client.connection import Closed, Connection, Exchange, Outcome, Silence, connect, connect_plain
from kmip_conformance.client.probing import TargetFacts, probe, refusal, serves
from kmip_conformance.client.target import DEFAULT_TLS, Identity, Target, Tls, Who, context_for, server_name

__all__ = [
    "DEFAULT_TLS",
    "Closed",
    "Connection",
    "Exchange",
    "Identity",
    "Outcome",
    "Silence",
    "Target",
    "TargetFacts",
    "Tls",
    "Who",
    "connect",
    "connect_plain",
    "context_for",
    "probe",
    "refusal",
    "server_name",
    "serves",
]
