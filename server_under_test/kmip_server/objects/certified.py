"""The attributes of Certificates: the certificate says them, and nobody else (KMIP 1.4, 3.8-3.16)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kmip_server.crypto.certificates import certificate_attributes, read_certificate
from kmip_server.crypto.openpgp import pgp_attributes
from kmip_server.enums import CertificateType, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.messages import Certificate
from kmip_server.objects.managed import Instance

if TYPE_CHECKING:
    from kmip_server.objects.managed import Holding


def attributes_of_certificate(holding: Holding) -> dict[str, tuple[Instance, ...]]:
    """What a Certificate object says of itself; nothing for other objects. Raises `KmipFailure` (Invalid Field) when it is no certificate.

    Of a PGP certificate what can be read is told, and whatever it is, it is kept.
    """
    if not isinstance(holding, Certificate):
        return {}
    kind, data = holding.certificate_type, holding.certificate_value
    values: dict[str, tuple[object, ...]] = {"Certificate Type": (kind,), "Certificate Length": (len(data),)}
    values |= _x509(data) if kind is CertificateType.X_509 else pgp_attributes(data)
    return {name: tuple(Instance(index, value) for index, value in enumerate(several)) for name, several in values.items()}


@lru_cache(maxsize=64)
def _x509(data: bytes) -> dict[str, tuple[object, ...]]:
    try:
        return certificate_attributes(read_certificate(data), data)
    except ValueError as error:
        raise KmipFailure(ResultReason.INVALID_FIELD, "the Certificate Value is no X.509 certificate in DER") from error
