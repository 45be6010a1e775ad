"""Client certificates of KMIP adapters: whoever holds one may do everything with the adapter's objects.

A certificate serves one adapter of a region, whoever's it is, and is told apart by its contents.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from keyprotect_simulator.calls import Answer, Call, collection, paged
from keyprotect_simulator.faults import bad_field, fault
from keyprotect_simulator.identifiers import is_uuid, new_uuid, rfc3339
from keyprotect_simulator.keys.bodies import TEXT, read_one_resource, required_field
from keyprotect_simulator.kmip.adapters import NAME, adapter_of
from keyprotect_simulator.records import Instance, KmipAdapter, KmipCertificate, Put, Remove

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

MOST = 200
"""Certificates that an adapter may have."""
FORM = re.compile(r"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*")
RULE = "one X.509 certificate in the PEM format"
CERTIFICATE = {"certificate": TEXT, "name": NAME}


def add_certificate(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#addkmipclientcertificate."""
    fields = read_one_resource(call.request, CERTIFICATE, what="KMIP client certificate")
    if "certificate" not in fields:
        raise required_field("certificate")
    fingerprint = fingerprint_of(fields["certificate"])
    adapter = adapter_of(call)
    certificates = certificates_of(call, adapter)
    certificate_is_free(call, adapter, fingerprint)
    name = fields.get("name") or f"kmip_cert_{call.random(4).hex()}"
    if any(other.name == name for other in certificates):
        raise fault("KMIP_CERT_DUPLICATE_NAME_ERR", target=("field", "name"))
    if len(certificates) >= MOST:
        raise fault("KMIP_CERT_QUOTA_ERR")
    certificate = KmipCertificate(new_uuid(call.random), adapter.id, name, fields["certificate"], fingerprint, call.now, call.iam_id)
    document = collection("kmip_client_certificate+json", [certificate_form(certificate, pem=True)])
    return Answer(201, document, changes=(Put(certificate), touched(call, adapter)))


def fingerprint_of(pem: str) -> str:
    """The SHA-256 of the certificate. INVALID_FIELD_ERR when the text is not one certificate."""
    if not FORM.fullmatch(pem):
        raise bad_field("certificate", RULE)
    try:
        return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()
    except ValueError as error:
        raise bad_field("certificate", RULE) from error


def certificate_is_free(call: Call, adapter: KmipAdapter, fingerprint: str) -> None:
    """Refuse a certificate that this adapter, or another one in the region, has."""
    for other in call.state.find(KmipCertificate, "fingerprint", fingerprint):
        if other.adapter_id == adapter.id:
            raise fault("KMIP_CERT_DUPLICATE_ERR")
        if region_of(call, other) == call.instance.region:
            raise fault("KMIP_CERT_REUSE_ERR")


def region_of(call: Call, certificate: KmipCertificate) -> str:
    """The region in which a certificate is in use."""
    adapter = call.state.get(KmipAdapter, certificate.adapter_id)
    instance = call.state.get(Instance, adapter.instance_id) if adapter is not None else None
    return instance.region if instance is not None else ""


def certificates_of(call: Call, adapter: KmipAdapter) -> list[KmipCertificate]:
    """The certificates of an adapter."""
    return call.state.find(KmipCertificate, "adapter", adapter.id)


def certificate_of(call: Call, adapter: KmipAdapter) -> KmipCertificate:
    """The certificate of this call, by its UUID or its name. KMIP_CERT_NOT_FOUND_ERR."""
    name = call.path["certificate"]
    for certificate in certificates_of(call, adapter):
        if name == certificate.name or (is_uuid(name) and name.lower() == certificate.id):
            return certificate
    raise fault("KMIP_CERT_NOT_FOUND_ERR")


def list_certificates(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkmipclientcertificates. Without the certificates themselves."""
    found = certificates_of(call, adapter_of(call))
    return paged(call, "kmip_client_certificate+json", [certificate_form(certificate, pem=False) for certificate in found])


def get_certificate(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getkmipclientcertificate."""
    certificate = certificate_of(call, adapter_of(call))
    return Answer(200, collection("kmip_client_certificate+json", [certificate_form(certificate, pem=True)]))


def delete_certificate(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#deletekmipclientcertificate."""
    adapter = adapter_of(call)
    return Answer(204, changes=(Remove(certificate_of(call, adapter)), touched(call, adapter)))


def touched(call: Call, adapter: KmipAdapter) -> Put:
    """The adapter as one whose parts have changed."""
    return Put(replace(adapter, updated=call.now, updated_by=call.iam_id))


def certificate_form(certificate: KmipCertificate, *, pem: bool) -> Json:
    """A certificate as answers show it."""
    return {
        "id": certificate.id,
        "name": certificate.name,
        **({"certificate": certificate.pem} if pem else {}),
        "created_by": certificate.created_by,
        "created_at": rfc3339(certificate.created),
    }
