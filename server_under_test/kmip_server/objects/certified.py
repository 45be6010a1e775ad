"""The attributes of Certificates: the certificate says them, and nobody else (KMIP 1.4, 3.8-3.16).

Of a Certificate Request they are those of the key that is to be certified.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kmip_server.crypto.authority import read_request
from kmip_server.crypto.certificates import attributes_of_key, certificate_attributes, read_certificate
from kmip_server.crypto.openpgp import pgp_attributes
from kmip_server.enums import CertificateType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Certificate, CertificateRequest
from kmip_server.objects.managed import Instance

if TYPE_CHECKING:
    from kmip_server.objects.managed import Holding


def attributes_of_certificate(holding: Holding) -> dict[str, tuple[Instance, ...]]:
    """What a Certificate object says of itself; nothing for other objects. Raises `KmipFailure` (Invalid Field) when it is no certificate.

    Of a PGP certificate or a certificate request what can be read is told, and whatever it is, it is kept.
    """
    values: dict[str, tuple[object, ...]] = {}
    if isinstance(holding, CertificateRequest):
        values = _requested(holding)
    elif isinstance(holding, Certificate):
        kind, data = holding.certificate_type, holding.certificate_value
        values = {"Certificate Type": (kind,), "Certificate Length": (len(data),)}
        values |= _x509(data) if kind is CertificateType.X_509 else pgp_attributes(data)
    return {name: tuple(Instance(index, value) for index, value in enumerate(several)) for name, several in values.items()}


def _requested(holding: CertificateRequest) -> dict[str, tuple[object, ...]]:
    """Algorithm and length of the key that is to be certified, which "SHALL always have a value" since 2.0 (2.1, 4.13 and 4.15)."""
    try:
        return attributes_of_key(read_request(holding.certificate_request_type, holding.certificate_request_value))
    except KmipFailure:
        return {}


@lru_cache(maxsize=64)
def _x509(data: bytes) -> dict[str, tuple[object, ...]]:
    try:
        return certificate_attributes(read_certificate(data), data)
    except ValueError as error:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the Certificate Value is no X.509 certificate in DER") from error
