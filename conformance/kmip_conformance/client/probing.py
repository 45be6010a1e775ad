"""What a target is before anything is judged: its TLS, its KMIP versions, what it says of itself; and whether it takes us at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmip_conformance import requests
from kmip_conformance.client.connection import DEFAULT_TIMEOUT, Closed, Outcome, connect
from kmip_conformance.client.diagnosis import from_alert, name_of_protocol, what_answers_over_tls
from kmip_conformance.client.target import DEFAULT_TLS, Target, Tls
from kmip_conformance.errors import NoAnswer, NotKmip, TargetError
from kmip_conformance.tables import V1_0, V1_1, V1_4, V2_1, KmipVersion, QueryFunction, ResultStatus, Tag
from kmip_conformance.wire import Item, Response, encode
from kmip_conformance.wire.messages import version_of

if TYPE_CHECKING:
    from kmip_conformance.client.connection import Connection

UNASKED_TIME = 1.0
"""Seconds that a server gets to end a connection by itself."""

_WITHOUT_A_WORD = frozenset({"closed", "reset"})

_PREFERRED = (V1_1, V1_4, V2_1)
"""Versions to ask Discover Versions under, one after the other: some servers answer under their own only."""


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What a target says of itself. Operations and object types are their numbers; empty where the server does not say."""

    address: str
    tls_version: str
    cipher: str
    kmip_versions: tuple[KmipVersion, ...] = ()
    vendor: str = ""
    operations: tuple[int, ...] = ()
    object_types: tuple[int, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """For the header of a run."""
        return {
            "address": self.address,
            "vendor": self.vendor,
            "kmip_versions": [str(version) for version in self.kmip_versions],
            "operations": list(self.operations),
            "tls": f"{self.tls_version} {self.cipher}",
        }


def probe(target: Target, *, tls: Tls = DEFAULT_TLS, timeout: float = DEFAULT_TIMEOUT) -> TargetFacts:
    """Ask the target who it is: a handshake, Discover Versions, Query. Raises `TargetError` when it is no KMIP server that takes us."""
    with connect(target, tls=tls, timeout=timeout) as connection:
        tls_version, cipher = connection.tls_version, connection.cipher
        first = _answer(target, tls, connection, requests.request(V1_1, requests.discover_versions()))
    versions = _versions(first) or _other_versions(target, tls, timeout)
    said = _query(target, tls, timeout, versions)
    return TargetFacts(
        target.address,
        tls_version,
        cipher,
        versions or (V1_0,),
        said.text(Tag.VENDOR_IDENTIFICATION) or "" if said else "",
        _numbers(said, Tag.OPERATION),
        _numbers(said, Tag.OBJECT_TYPE),
    )


def serves(target: Target, version: KmipVersion, *, tls: Tls = DEFAULT_TLS, timeout: float = DEFAULT_TIMEOUT) -> bool:
    """Whether a request under a version is answered under it, and well: a server may serve what its Discover Versions leaves out."""
    try:
        with connect(target, tls=tls, timeout=timeout) as connection:
            response = _answer(target, tls, connection, requests.request(version, requests.discover_versions()))
    except TargetError:
        return False
    return response.version == version and all(item.result_status == ResultStatus.SUCCESS for item in response.batch_items)


def refusal(target: Target, *, tls: Tls = DEFAULT_TLS, timeout: float = DEFAULT_TIMEOUT) -> TargetError | None:
    """Why the target does not take us; None when a handshake and a first request go through, which under TLS 1.3 it takes to know."""
    try:
        with connect(target, tls=tls, timeout=timeout) as connection:
            _answer(target, tls, connection, requests.request(V1_1, requests.discover_versions()))
    except TargetError as error:
        return error
    return None


def _answer(target: Target, tls: Tls, connection: Connection, message: Item) -> Response:
    """The response to a message. Raises `TargetError` when none comes that is KMIP."""
    outcome = connection.exchange(encode(message)).response
    if isinstance(outcome, bytes):
        response = Response.read(outcome)
        if response.root.tag == Tag.RESPONSE_MESSAGE:
            return response
    raise _no_kmip(target, tls, outcome, connection.timeout)


def _no_kmip(target: Target, tls: Tls, outcome: Outcome, timeout: float) -> TargetError:
    if isinstance(outcome, Closed):
        alert = outcome.how if outcome.how not in _WITHOUT_A_WORD else _alert_unasked(target, tls)
        if alert:
            return from_alert(target, tls, alert)
    data = outcome if isinstance(outcome, bytes) else outcome.partial
    known = name_of_protocol(target, data, secured=True) or what_answers_over_tls(target, tls)
    if known is not None:
        return known
    if isinstance(outcome, Closed):
        what = f"{target.address} closes the connection without answering a KMIP request ({outcome})"
        return NotKmip(what, "is the client certificate registered there, and is this the KMIP port? The server's log should say.")
    return NoAnswer(
        f"{target.address} does not answer a KMIP request within {timeout:g} s", "is this the KMIP port, and is the server overloaded?"
    )


def _alert_unasked(target: Target, tls: Tls) -> str:
    """The alert that ends a connection on which nothing is sent; "" when there is none.

    A request that crosses the alert can make the system throw it away: the server has closed, so the request is answered by a TCP reset.
    """
    with connect(target, tls=tls, timeout=UNASKED_TIME) as connection:
        outcome = connection.receive()
    return outcome.how if isinstance(outcome, Closed) and outcome.how not in _WITHOUT_A_WORD else ""


def _versions(response: Response) -> tuple[KmipVersion, ...]:
    """The list of a Discover Versions response; empty when it failed."""
    for item in response.batch_items:
        if item.result_status == ResultStatus.SUCCESS:
            listed = (version_of(version) for version in item.payload.all(Tag.PROTOCOL_VERSION))
            return tuple(version for version in listed if version is not None)
    return ()


def _other_versions(target: Target, tls: Tls, timeout: float) -> tuple[KmipVersion, ...]:
    """Discover Versions under other versions than 1.1, for servers that answer no other."""
    for version in _PREFERRED[1:]:
        try:
            with connect(target, tls=tls, timeout=timeout) as connection:
                found = _versions(_answer(target, tls, connection, requests.request(version, requests.discover_versions())))
        except TargetError:
            continue
        if found:
            return found
    return ()


def _query(target: Target, tls: Tls, timeout: float, versions: tuple[KmipVersion, ...]) -> Item | None:
    """The payload of a Query response under the newest version, or else the newest of 1.x; None when the server does not answer one."""
    settled = [version for version in versions if version <= V2_1]
    newest = max(settled, default=max(versions, default=V1_0))
    older = max((version for version in settled if version <= V1_4), default=newest)
    for version in dict.fromkeys((newest, older)):
        payload = _queried(target, tls, timeout, version)
        if payload is not None:
            return payload
    return None


def _queried(target: Target, tls: Tls, timeout: float, version: KmipVersion) -> Item | None:
    """The payload of a Query response under a version, or None."""
    functions = (QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS, QueryFunction.QUERY_SERVER_INFORMATION)
    credential = None if target.username is None else requests.credential(target.username, target.password)
    try:
        with connect(target, tls=tls, timeout=timeout) as connection:
            response = _answer(target, tls, connection, requests.request(version, requests.query(*functions), credential=credential))
    except TargetError:
        return None
    succeeded = [item for item in response.batch_items if item.result_status == ResultStatus.SUCCESS]
    return succeeded[0].payload if succeeded else None


def _numbers(payload: Item | None, tag: int) -> tuple[int, ...]:
    return tuple(item.value for item in (payload.all(tag) if payload else ()) if isinstance(item.value, int))
