"""The attributes of KMIP 1.0-2.1, one row each: in the order of KMIP 1.4, section 3, then those that came with 2.0 and 2.1 (section 4).

"Initially set by: Server" is `Origin.CREATION` for the two attributes that a client nevertheless specifies when it asks for a
new object: Cryptographic Algorithm and Cryptographic Length (1.0, 2.2.6 lists them among the attributes of a Template).
"""

from __future__ import annotations

from kmip_server.attributes.rules import AttributeRule, Origin, Permission
from kmip_server.enums import (
    CertificateType,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    DigitalSignatureAlgorithm,
    KeyFormatType,
    NISTKeyType,
    ObjectType,
    ProtectionLevel,
    ProtectionStorageMask,
    State,
)
from kmip_server.messages import (
    AlternativeName,
    ApplicationSpecificInformation,
    CertificateIdentifier,
    CertificateIssuer,
    CertificateSubject,
    CryptographicDomainParameters,
    CryptographicParameters,
    CustomValue,
    DateTime,
    Digest,
    Enumeration,
    Integer,
    Interval,
    KeyValueLocation,
    Link,
    Name,
    RevocationReason,
    RNGParameters,
    RotateName,
    UsageLimits,
    X509CertificateIdentifier,
    X509CertificateIssuer,
    X509CertificateSubject,
)
from kmip_server.versions import V1_1, V1_2, V1_3, V1_4, V2_0, V2_1

CERTIFICATES = frozenset({ObjectType.CERTIFICATE})
TEMPLATES = frozenset({ObjectType.TEMPLATE})
OPAQUE_OBJECTS = frozenset({ObjectType.OPAQUE_OBJECT})
PGP_KEYS = frozenset({ObjectType.PGP_KEY})
SYMMETRIC_KEYS = frozenset({ObjectType.SYMMETRIC_KEY, ObjectType.SPLIT_KEY})
ASYMMETRIC_KEYS = frozenset({ObjectType.PUBLIC_KEY, ObjectType.PRIVATE_KEY})
KEYS = SYMMETRIC_KEYS | ASYMMETRIC_KEYS | PGP_KEYS
CRYPTOGRAPHIC_OBJECTS = KEYS | CERTIFICATES | {ObjectType.SECRET_DATA}
"""Managed Cryptographic Objects (2.2): all but Templates and Opaque Objects."""
ALL_OBJECTS = CRYPTOGRAPHIC_OBJECTS | OPAQUE_OBJECTS | TEMPLATES
KEEP_THEIR_VALUE_ELSEWHERE = frozenset({ObjectType.SYMMETRIC_KEY, ObjectType.PRIVATE_KEY, ObjectType.SPLIT_KEY, ObjectType.SECRET_DATA})

DISTINGUISHED_NAME_FIELDS = ("CN", "O", "OU", "Email", "C", "ST", "L", "UID", "Serial Number", "Title", "DC", "DN Qualifier")
"""What 2.x has an attribute for, of the subject and of the issuer of a certificate (2.1, 4.6)."""

SECRETS = frozenset({ObjectType.SECRET_DATA})
"""Beside what the documents' tables list, the published cases give these attributes to other objects too, and so may clients: the dates of
symmetric keys to asymmetric ones (profile case CS-AC-M-8), an algorithm to a Secret Data that is a One Time Pad (TC-OTP-SETUP-1)."""

ALWAYS, CLIENT, CREATION = Permission.ALWAYS, Origin.CLIENT, Origin.CREATION

ATTRIBUTES = (
    AttributeRule(name="Unique Identifier", value=str, clause="3.1", applies_to=ALL_OBJECTS, always=True),
    AttributeRule(
        name="Name",
        value=Name,
        clause="3.2",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        multiple=True,
    ),
    AttributeRule(name="Object Type", value=ObjectType, clause="3.3", applies_to=ALL_OBJECTS, always=True),
    AttributeRule(
        name="Cryptographic Algorithm",
        value=CryptographicAlgorithm,
        clause="3.4",
        applies_to=KEYS | CERTIFICATES | TEMPLATES | SECRETS,
        always=True,
        origin=CREATION,
    ),
    AttributeRule(
        name="Cryptographic Length",
        value=Integer,
        clause="3.5",
        applies_to=KEYS | CERTIFICATES | TEMPLATES | SECRETS,
        always=True,
        origin=CREATION,
    ),
    AttributeRule(
        name="Cryptographic Parameters",
        value=CryptographicParameters,
        clause="3.6",
        applies_to=KEYS | CERTIFICATES | TEMPLATES,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        multiple=True,
    ),
    AttributeRule(
        name="Cryptographic Domain Parameters",
        value=CryptographicDomainParameters,
        clause="3.7",
        applies_to=ASYMMETRIC_KEYS | TEMPLATES,
        applies_to_2=ASYMMETRIC_KEYS,
        origin=CLIENT,
    ),
    AttributeRule(
        name="Certificate Type", value=CertificateType, clause="3.8", applies_to=CERTIFICATES, applies_to_2=CERTIFICATES, always=True
    ),
    AttributeRule(
        name="Certificate Length", value=Integer, clause="3.9", applies_to=CERTIFICATES, applies_to_2=CERTIFICATES, always=True, since=V1_1
    ),
    AttributeRule(
        name="X.509 Certificate Identifier",
        value=X509CertificateIdentifier,
        clause="3.10",
        applies_to=CERTIFICATES,
        applies_to_2=CERTIFICATES,
        always=True,
        since=V1_1,
    ),
    AttributeRule(
        name="X.509 Certificate Subject",
        value=X509CertificateSubject,
        clause="3.11",
        applies_to=CERTIFICATES,
        applies_to_2=CERTIFICATES,
        always=True,
        since=V1_1,
    ),
    AttributeRule(
        name="X.509 Certificate Issuer",
        value=X509CertificateIssuer,
        clause="3.12",
        applies_to=CERTIFICATES,
        applies_to_2=CERTIFICATES,
        always=True,
        since=V1_1,
    ),
    AttributeRule(
        name="Certificate Identifier", value=CertificateIdentifier, clause="3.13", applies_to=CERTIFICATES, always=True, until=V1_4
    ),
    AttributeRule(name="Certificate Subject", value=CertificateSubject, clause="3.14", applies_to=CERTIFICATES, always=True, until=V1_4),
    AttributeRule(name="Certificate Issuer", value=CertificateIssuer, clause="3.15", applies_to=CERTIFICATES, always=True, until=V1_4),
    AttributeRule(
        name="Digital Signature Algorithm",
        value=DigitalSignatureAlgorithm,
        clause="3.16",
        applies_to=CERTIFICATES | PGP_KEYS,
        applies_to_2=CERTIFICATES | PGP_KEYS,
        always=True,
        multiple=True,
        since=V1_1,
    ),
    AttributeRule(
        name="Digest",
        value=Digest,
        clause="3.17",
        applies_to=CRYPTOGRAPHIC_OBJECTS | OPAQUE_OBJECTS,
        always=True,
        multiple=True,
    ),
    AttributeRule(name="Operation Policy Name", value=str, clause="3.18", applies_to=ALL_OBJECTS, origin=CLIENT, until=V1_4),
    AttributeRule(
        name="Cryptographic Usage Mask",
        value=CryptographicUsageMask,
        clause="3.19",
        applies_to=CRYPTOGRAPHIC_OBJECTS | TEMPLATES,
        always=True,
        origin=CLIENT,
    ),
    AttributeRule(name="Lease Time", value=Interval, clause="3.20", applies_to=CRYPTOGRAPHIC_OBJECTS),
    AttributeRule(
        name="Usage Limits",
        value=UsageLimits,
        clause="3.21",
        applies_to=KEYS | TEMPLATES,
        origin=CLIENT,
        modifiable=Permission.UNTIL_USED,
        deletable=Permission.UNTIL_USED,
    ),
    AttributeRule(name="State", value=State, clause="3.22", applies_to=CRYPTOGRAPHIC_OBJECTS, always=True),
    AttributeRule(name="Initial Date", value=DateTime, clause="3.23", applies_to=ALL_OBJECTS, always=True),
    AttributeRule(
        name="Activation Date",
        value=DateTime,
        clause="3.24",
        applies_to=CRYPTOGRAPHIC_OBJECTS | TEMPLATES,
        origin=CLIENT,
        modifiable=Permission.WHILE_PRE_ACTIVE,
    ),
    AttributeRule(
        name="Process Start Date",
        value=DateTime,
        clause="3.25",
        applies_to=SYMMETRIC_KEYS | ASYMMETRIC_KEYS | TEMPLATES,
        origin=CLIENT,
        modifiable=Permission.UNTIL_REACHED,
    ),
    AttributeRule(
        name="Protect Stop Date",
        value=DateTime,
        clause="3.26",
        applies_to=SYMMETRIC_KEYS | ASYMMETRIC_KEYS | TEMPLATES,
        origin=CLIENT,
        modifiable=Permission.UNTIL_REACHED,
    ),
    AttributeRule(
        name="Deactivation Date",
        value=DateTime,
        clause="3.27",
        applies_to=CRYPTOGRAPHIC_OBJECTS | TEMPLATES,
        origin=CLIENT,
        modifiable=Permission.WHILE_ACTIVE,
    ),
    AttributeRule(name="Destroy Date", value=DateTime, clause="3.28", applies_to=CRYPTOGRAPHIC_OBJECTS | OPAQUE_OBJECTS),
    AttributeRule(name="Compromise Occurrence Date", value=DateTime, clause="3.29", applies_to=CRYPTOGRAPHIC_OBJECTS | OPAQUE_OBJECTS),
    AttributeRule(name="Compromise Date", value=DateTime, clause="3.30", applies_to=CRYPTOGRAPHIC_OBJECTS | OPAQUE_OBJECTS),
    AttributeRule(name="Revocation Reason", value=RevocationReason, clause="3.31", applies_to=CRYPTOGRAPHIC_OBJECTS | OPAQUE_OBJECTS),
    AttributeRule(name="Archive Date", value=DateTime, clause="3.32", applies_to=ALL_OBJECTS),
    AttributeRule(
        name="Object Group",
        value=str,
        clause="3.33",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        multiple=True,
    ),
    AttributeRule(name="Fresh", value=bool, clause="3.34", applies_to=CRYPTOGRAPHIC_OBJECTS, origin=CLIENT, since=V1_1),
    AttributeRule(
        name="Link",
        value=Link,
        clause="3.35",
        applies_to=CRYPTOGRAPHIC_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        multiple=True,
    ),
    AttributeRule(
        name="Application Specific Information",
        value=ApplicationSpecificInformation,
        clause="3.36",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        multiple=True,
    ),
    AttributeRule(
        name="Contact Information",
        value=str,
        clause="3.37",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
    ),
    AttributeRule(name="Last Change Date", value=DateTime, clause="3.38", applies_to=ALL_OBJECTS, always=True),
    AttributeRule(
        name="Alternative Name",
        value=AlternativeName,
        clause="3.40",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        multiple=True,
        since=V1_2,
    ),
    AttributeRule(name="Key Value Present", value=bool, clause="3.41", applies_to=KEEP_THEIR_VALUE_ELSEWHERE, since=V1_2),
    AttributeRule(
        name="Key Value Location",
        value=KeyValueLocation,
        clause="3.42",
        applies_to=KEEP_THEIR_VALUE_ELSEWHERE,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        multiple=True,
        since=V1_2,
    ),
    AttributeRule(name="Original Creation Date", value=DateTime, clause="3.43", applies_to=ALL_OBJECTS, origin=CLIENT, since=V1_2),
    AttributeRule(
        name="Random Number Generator", value=RNGParameters, clause="3.44", applies_to=CRYPTOGRAPHIC_OBJECTS, origin=CLIENT, since=V1_3
    ),
    AttributeRule(
        name="PKCS#12 Friendly Name",
        value=str,
        clause="3.45",
        applies_to=CRYPTOGRAPHIC_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        since=V1_4,
    ),
    AttributeRule(
        name="Description",
        value=str,
        clause="3.46",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        since=V1_4,
    ),
    AttributeRule(
        name="Comment",
        value=str,
        clause="3.47",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        since=V1_4,
    ),
    AttributeRule(
        name="Sensitive",
        value=bool,
        clause="3.48",
        applies_to=ALL_OBJECTS,
        always=True,
        origin=CLIENT,
        modifiable=ALWAYS,
        since=V1_4,
    ),
    AttributeRule(name="Always Sensitive", value=bool, clause="3.49", applies_to=ALL_OBJECTS, always=True, since=V1_4),
    AttributeRule(
        name="Extractable",
        value=bool,
        clause="3.50",
        applies_to=ALL_OBJECTS,
        always=True,
        origin=CLIENT,
        modifiable=ALWAYS,
        since=V1_4,
    ),
    AttributeRule(name="Never Extractable", value=bool, clause="3.51", applies_to=ALL_OBJECTS, always=True, since=V1_4),
    *(
        AttributeRule(
            name=f"Certificate {party} {field}",
            value=str,
            clause="2.1, 4.6",
            applies_to=CERTIFICATES,
            applies_to_2=CERTIFICATES,
            multiple=True,
            since=V2_0,
        )
        for party in ("Subject", "Issuer")
        for field in DISTINGUISHED_NAME_FIELDS
    ),
    AttributeRule(
        name="Key Format Type",
        value=KeyFormatType,
        clause="2.1, 4.26",
        applies_to=ALL_OBJECTS,
        always=True,
        origin=CREATION,
        since=V2_0,
    ),
    AttributeRule(
        name="NIST Key Type", value=NISTKeyType, clause="2.1, 4.34", applies_to=ALL_OBJECTS, origin=CLIENT, multiple=True, since=V2_0
    ),
    AttributeRule(
        name="Opaque Data Type",
        value=Enumeration,
        clause="2.1, 4.37",
        applies_to=OPAQUE_OBJECTS,
        applies_to_2=OPAQUE_OBJECTS,
        always=True,
        since=V2_0,
    ),
    AttributeRule(
        name="Protection Level",
        value=ProtectionLevel,
        clause="2.1, 4.42",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        since=V2_0,
    ),
    AttributeRule(
        name="Protection Period",
        value=Interval,
        clause="2.1, 4.43",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        since=V2_0,
    ),
    AttributeRule(
        name="Protection Storage Mask",
        value=ProtectionStorageMask,
        clause="2.1, 4.44",
        applies_to=ALL_OBJECTS,
        always=True,
        since=V2_0,
    ),
    AttributeRule(
        name="Quantum Safe",
        value=bool,
        clause="2.1, 4.45",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        since=V2_0,
    ),
    AttributeRule(name="Short Unique Identifier", value=bytes, clause="2.1, 4.56", applies_to=ALL_OBJECTS, always=True, since=V2_0),
    AttributeRule(name="Rotate Automatic", value=bool, clause="2.1, 4.48", applies_to=ALL_OBJECTS, origin=CLIENT, since=V2_1),
    AttributeRule(name="Rotate Date", value=DateTime, clause="2.1, 4.49", applies_to=ALL_OBJECTS, since=V2_1),
    AttributeRule(name="Rotate Generation", value=Integer, clause="2.1, 4.50", applies_to=ALL_OBJECTS, since=V2_1),
    AttributeRule(name="Rotate Interval", value=Interval, clause="2.1, 4.51", applies_to=ALL_OBJECTS, origin=CLIENT, since=V2_1),
    AttributeRule(name="Rotate Latest", value=bool, clause="2.1, 4.52", applies_to=ALL_OBJECTS, since=V2_1),
    AttributeRule(
        name="Rotate Name",
        value=RotateName,
        clause="2.1, 4.53",
        applies_to=ALL_OBJECTS,
        origin=CLIENT,
        modifiable=ALWAYS,
        deletable=ALWAYS,
        since=V2_1,
    ),
    AttributeRule(name="Rotate Offset", value=Interval, clause="2.1, 4.54", applies_to=ALL_OBJECTS, origin=CLIENT, since=V2_1),
)

CUSTOM_ATTRIBUTE = AttributeRule(
    name="Custom Attribute",
    value=CustomValue,
    clause="3.39",
    applies_to=ALL_OBJECTS,
    origin=CLIENT,
    modifiable=ALWAYS,
    deletable=ALWAYS,
    multiple=True,
)
"""The row of every name that begins with x-; a client may not touch what the server named y-."""
