"""TLS: who is let in, which versions are spoken, and that one connection does no harm to another (KMIP Profiles 1.4, 3.1)."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.authoring import SHOULD, V1_2, Citation, Closed, Connection, Conversation, Silence, Target, Tls, check, expect
from kmip_conformance.certificates import Authority, self_signed
from kmip_conformance.client import Who, connect_plain, refusal
from kmip_conformance.wire import encode

if TYPE_CHECKING:
    from pathlib import Path

MUTUAL = Citation("KMIP Profiles 1.4", "3.1.3 Client Authenticity", "mutual authentication with client certificates")
PROTOCOLS = Citation("KMIP Profiles 1.4", "3.2.1 TLS 1.2 Authentication Suite")
MODERN_TLS = Citation("RFC 8446", "The Transport Layer Security Protocol 1.3")
OLD_TLS = Citation("RFC 8996", "Deprecating TLS 1.0 and TLS 1.1", "TLS 1.0 MUST NOT be used … TLS 1.1 MUST NOT be used")
ONE_OF_MANY = Citation(
    "KMIP 1.4", "10 Transport", "KMIP Servers and Clients SHALL establish and maintain channel confidentiality and integrity"
)

Open = Callable[..., Connection]


@check("tls.certificate-required", cites=MUTUAL, mutants=["tls.no-certificate-asked"], hostile=True)
def nobody_is_served_without_a_certificate(target: Target) -> None:
    """A client that presents no certificate is not served."""
    expect(refusal(target, tls=Tls(who=Who.NOBODY)), "what stands against a client without a certificate").is_present()


@check("tls.unknown-self-signed-refused", cites=MUTUAL, hostile=True)
def a_self_made_certificate_is_not_served(target: Target, tmp_path: Path) -> None:
    """A client whose self-signed certificate the server does not know is not served."""
    stranger = self_signed(tmp_path, "stranger", usage=True)
    expect(refusal(target, tls=Tls(identity=stranger)), "what stands against an unknown self-signed certificate").is_present()


@check("tls.unknown-authority-refused", cites=MUTUAL, hostile=True)
def a_certificate_of_an_unknown_authority_is_not_served(target: Target, tmp_path: Path) -> None:
    """A client whose certificate comes from an authority that the server does not know is not served."""
    stranger = Authority.make(tmp_path, "unknown authority").client("client")
    expect(refusal(target, tls=Tls(identity=stranger)), "what stands against a certificate of an unknown authority").is_present()


@check("tls.version-1.2", cites=PROTOCOLS)
def tls_1_2_is_spoken(target: Target) -> None:
    """TLS 1.2 is spoken."""
    only = Tls(minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_2)
    expect(refusal(target, tls=only), "what stands against TLS 1.2").is_absent()


@check("tls.version-1.3", level=SHOULD, cites=MODERN_TLS)
def tls_1_3_is_spoken(target: Target) -> None:
    """TLS 1.3 is spoken."""
    only = Tls(minimum=ssl.TLSVersion.TLSv1_3, maximum=ssl.TLSVersion.TLSv1_3)
    expect(refusal(target, tls=only), "what stands against TLS 1.3").is_absent()


@check("tls.old-versions-refused", level=SHOULD, since=V1_2, cites=OLD_TLS, hostile=True)
def tls_1_0_and_1_1_are_not_spoken(target: Target) -> None:
    """TLS 1.0 and 1.1 are not spoken any more."""
    old = Tls(minimum=ssl.TLSVersion.TLSv1, maximum=ssl.TLSVersion.TLSv1_1, ciphers="ALL:@SECLEVEL=0")
    expect(refusal(target, tls=old), "what stands against TLS 1.0 and 1.1").is_present()


@check("tls.forward-secrecy", level=SHOULD, cites=PROTOCOLS)
def a_suite_with_forward_secrecy_is_chosen(connect: Open) -> None:
    """A client that offers every suite of TLS 1.2 gets one with forward secrecy."""
    chosen = connect(tls=Tls(minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_2, ciphers="ALL")).cipher
    expect(chosen.startswith(("ECDHE", "DHE")), f"whether {chosen} has forward secrecy").is_(wanted=True)


@check("tls.weak-ciphers-refused", cites=PROTOCOLS, hostile=True)
def ciphers_without_encryption_or_identity_are_refused(target: Target) -> None:
    """A client that offers only suites without encryption, or without authentication, is not served."""
    weak = Tls(minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_2, ciphers="NULL:aNULL:@SECLEVEL=0")
    expect(refusal(target, tls=weak), "what stands against NULL and anonymous suites").is_present()


@check("tls.plaintext-is-not-answered", cites=ONE_OF_MANY, hostile=True)
def a_request_without_tls_is_not_answered(kmip: Conversation) -> None:
    """A request that comes without TLS is not answered with KMIP."""
    with connect_plain(kmip.target) as plain:
        answer = plain.exchange(encode(kmip.request(requests.query())), timeout=3.0).response
    expect(isinstance(answer, bytes) and answer.startswith(b"\x42\x00\x7b"), "whether a KMIP response came").is_(wanted=False)


@check("tls.silent-connection-holds-nobody-up", cites=ONE_OF_MANY, hostile=True)
def a_connection_that_never_shakes_hands_holds_nobody_up(kmip: Conversation) -> None:
    """Sixteen connections that say nothing at all do not keep another client from being served."""
    silent = [connect_plain(kmip.target) for _ in range(16)]
    kmip.query().is_answered()
    for connection in silent:
        connection.close()


@check("tls.idle-connection-holds-nobody-up", cites=ONE_OF_MANY)
def an_idle_connection_holds_nobody_up(kmip: Conversation, connect: Open) -> None:
    """Sixteen connections that idle after the handshake do not keep another client from being served."""
    _ = [connect() for _ in range(16)]
    kmip.query().is_answered()


@check("tls.garbage-for-a-handshake", cites=ONE_OF_MANY, hostile=True)
def garbage_instead_of_a_handshake_does_no_harm(kmip: Conversation) -> None:
    """Bytes that are no TLS end their own connection and nothing else."""
    with connect_plain(kmip.target) as plain:
        outcome = plain.exchange(b"\xff" * 512, timeout=3.0).response
    expect(isinstance(outcome, bytes | Closed | Silence), "whether it ended somehow").is_(wanted=True)
    kmip.query().is_answered()


@check("tls.abrupt-end-does-no-harm", cites=ONE_OF_MANY, hostile=True)
def a_connection_that_is_cut_in_a_message_does_no_harm(kmip: Conversation, connect: Open) -> None:
    """A connection that is reset in the middle of a request harms nobody else."""
    cut = connect()
    cut.send(encode(kmip.request(requests.query()))[:20])
    cut.reset()
    kmip.query().is_answered()


@check("tls.renewed-session-is-the-same-client", cites=MUTUAL)
def many_connections_one_after_the_other_are_served(kmip: Conversation) -> None:
    """Ten connections one after the other, each with a handshake of its own, are all served."""
    for _ in range(10):
        kmip.query().is_answered()
        kmip.hang_up()
