"""What the files that the suite was given are, where a check depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from kmip_reports.records import Verdict

from kmip_conformance.judge.verdicts import Excused

if TYPE_CHECKING:
    from kmip_conformance.client import Target


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A client certificate, and whether a check can be made with it; where it cannot, the check is skipped and says why."""

    certificate: x509.Certificate

    def must_lack_client_auth(self) -> None:
        """Go on only with a certificate whose extended key usage is absent, or does not name clientAuth."""
        try:
            usages = self.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except x509.ExtensionNotFound:
            return
        if ExtendedKeyUsageOID.CLIENT_AUTH in usages:
            raise Excused(
                Verdict.SKIPPED, "the second identity's certificate has the key usage clientAuth; give one without it (--other-cert)"
            )

    def must_be_self_signed(self) -> None:
        """Go on only with a certificate that is its own issuer."""
        if self.certificate.issuer != self.certificate.subject:
            raise Excused(Verdict.SKIPPED, "the second identity's certificate is not self-signed; give one that is (--other-cert)")


def other_certificate(target: Target) -> CertificateFacts:
    """The certificate of the second identity. Without one the check is skipped."""
    if target.other_cert is None:
        raise Excused(Verdict.SKIPPED, "no second identity is given (--other-cert, --other-key)")
    return CertificateFacts(x509.load_pem_x509_certificate(target.other_cert.read_bytes()))
