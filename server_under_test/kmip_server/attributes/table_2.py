"""The attributes that came with KMIP 2.0, 2.1 and the draft of 3.0, one row each, as `table` has the older ones.

Those of the parts of distinguished names are shown under 1.4 already: it has their tags (9.1.3.1), and its published cases the attributes
(TC-CERTATTR-1-14), though no clause of its section 3 tells of them.
"""

from __future__ import annotations

from kmip_server.attributes.object_types import ALL_OBJECTS, CERTIFICATES, OPAQUE_OBJECTS
from kmip_server.attributes.rules import AttributeRule, Origin, Permission
from kmip_server.enums import KeyFormatType, NISTKeyType, ObjectClass, ProtectionLevel, ProtectionStorageMask
from kmip_server.messages import DateTime, Enumeration, Integer, Interval, RotateName
from kmip_server.versions import V1_4, V2_0, V2_1, V3_0

ALWAYS, CLIENT, CREATION = Permission.ALWAYS, Origin.CLIENT, Origin.CREATION

DISTINGUISHED_NAME_FIELDS = ("CN", "O", "OU", "Email", "C", "ST", "L", "UID", "Serial Number", "Title", "DC", "DN Qualifier")
"""What 2.x has an attribute for, of the subject and of the issuer of a certificate (2.1, 4.6)."""

ATTRIBUTES_OF_2 = (
    *(
        AttributeRule(
            name=f"Certificate {party} {field}",
            value=str,
            clause="2.1, 4.6",
            applies_to=CERTIFICATES,
            applies_to_2=CERTIFICATES,
            multiple=True,
            since=V1_4,
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
    AttributeRule(name="Object Class", value=ObjectClass, clause="draft of 3.0", applies_to=ALL_OBJECTS, always=True, since=V3_0),
)
