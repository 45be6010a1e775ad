"""Validating certificate chains (KMIP 1.4, 4.24), by this server's policy, which the standard leaves to servers.

* The certificates of a request, in any order, must be one chain; otherwise nothing can be said of it (`KmipFailure`).
* Invalid: a certificate is not valid at the time, one is not signed by the next, or one that signs others is no CA.
* Valid: the chain ends in a certificate that signed itself (a client that hands it over, or has registered it, trusts it), or was issued by
  the client's own authority on this server.
* Unknown: whatever it ends in was issued by somebody who is not there.

Revocation lists and policies are not looked at.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509

from kmip_server.crypto.certificates import is_signed_by, public_key_in
from kmip_server.enums import ResultReason, ValidityIndicator
from kmip_server.errors import KmipFailure

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST_CERTIFICATES = 64
"""Certificates of one chain."""


def validity_of(certificates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: int) -> ValidityIndicator:
    """Whether the one chain that these certificates are is valid at a time, in seconds since 1970."""
    several = list(dict.fromkeys(certificates))
    if len(several) > MOST_CERTIFICATES:
        raise KmipFailure(ResultReason.INVALID_MESSAGE, f"a chain has {MOST_CERTIFICATES} certificates at the most")
    chain = _in_order(several)
    ends_in = next((anchor for anchor in anchors if _issued(anchor, chain[-1]) and anchor != chain[-1]), None)
    if ends_in is not None:
        chain = [*chain, ends_in]
    when = dt.datetime.fromtimestamp(at, dt.UTC)
    if not all(one.not_valid_before_utc <= when <= one.not_valid_after_utc for one in chain):
        return ValidityIndicator.INVALID
    if not all(_signs_for(issuer, subject, depth) for depth, (subject, issuer) in enumerate(pairwise(chain))):
        return ValidityIndicator.INVALID
    last = chain[-1]
    if last.issuer != last.subject:
        return ValidityIndicator.UNKNOWN
    return ValidityIndicator.VALID if is_signed_by(public_key_in(last), last) else ValidityIndicator.INVALID


def _in_order(certificates: list[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates from the leaf to the one that none of them issued. Raises `KmipFailure` where they are not one chain."""
    leaves = [one for one in certificates if not any(_issued(one, other) for other in certificates if other != one)]
    if len(leaves) != 1:
        raise _no_chain()
    chain = leaves
    while len(chain) < len(certificates):
        issuers = [one for one in certificates if one not in chain and _issued(one, chain[-1])]
        if len(issuers) != 1:
            raise _no_chain()
        chain = [*chain, issuers[0]]
    return chain


def _issued(issuer: x509.Certificate, subject: x509.Certificate) -> bool:
    """By name; whether the signature is good is another question."""
    return issuer.subject == subject.issuer


def _signs_for(issuer: x509.Certificate, subject: x509.Certificate, depth: int) -> bool:
    """Whether the issuer may sign certificates with so many intermediate ones below it, and has signed this one."""
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca or (constraints.path_length is not None and constraints.path_length < depth):
            return False
        usages = [one.value for one in issuer.extensions if isinstance(one.value, x509.KeyUsage)]
        return all(usage.key_cert_sign for usage in usages) and is_signed_by(public_key_in(issuer), subject)
    except x509.ExtensionNotFound:
        is_old = issuer.version is x509.Version.v1
        return is_old and is_signed_by(public_key_in(issuer), subject)
    except ValueError:
        return False


def _no_chain() -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_MESSAGE, "the certificates are not one chain: each but the last must be issued by another one")
