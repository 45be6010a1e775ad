"""The components of the OpenAPI document: every shape that an answer can have, member by member. Nothing else is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
YES_OR_NO: Json = {"type": "boolean"}
UUID: Json = {"type": "string", "format": "uuid"}
TIME: Json = {"type": "string", "format": "date-time"}
BASE64: Json = {"type": "string", "format": "byte"}
TEXTS: Json = {"type": "array", "items": TEXT}
ANYTHING: Json = {"type": "object"}


def exactly(*required: str, **members: Any) -> Json:
    """An object with these members and no others; the named ones are always there."""
    return {"type": "object", "properties": members, "additionalProperties": False, **({"required": list(required)} if required else {})}


def collected(resource: Json, **more: Any) -> Json:
    """The envelope of a collection; an empty one has no `resources`."""
    metadata = exactly("collectionType", "collectionTotal", collectionType=TEXT, collectionTotal=WHOLE, totalCount=WHOLE, **more)
    return exactly("metadata", metadata=metadata, resources={"type": "array", "minItems": 1, "items": resource})


def times(*what: str, certificate: bool = False) -> dict[str, Json]:
    """When something was done and by whom, in the members of KMIP resources."""
    members: dict[str, Json] = {}
    for done in what:
        members |= {f"{done}_at": TIME, f"{done}_by": TEXT}
        if certificate:
            members[f"{done}_by_kmip_client_cert_id"] = UUID
    return members


VERSION = exactly("id", id=UUID, creationDate=TIME)
CREATED_AND_UPDATED = {"createdBy": TEXT, "creationDate": TIME, "updatedBy": TEXT}
ROTATION = exactly("enabled", "interval_month", enabled=YES_OR_NO, interval_month=WHOLE)
DUAL_AUTH_DELETE = exactly("enabled", enabled=YES_OR_NO, keySetForDeletion=YES_OR_NO, authExpiration=TIME)
KEY = exactly(
    "id",
    type=TEXT,
    id=UUID,
    name=TEXT,
    description=TEXT,
    aliases=TEXTS,
    tags=TEXTS,
    crn=TEXT,
    keyRingID=TEXT,
    state={"type": "integer", "enum": [0, 1, 2, 3, 5]},
    extractable=YES_OR_NO,
    imported=YES_OR_NO,
    deleted=YES_OR_NO,
    payload=BASE64,
    **dict.fromkeys(("creationDate", "lastUpdateDate", "lastRotateDate", "expirationDate", "deletionDate"), TIME),
    **dict.fromkeys(("createdBy", "deletedBy", "algorithmType", "algorithmMode"), TEXT),
    algorithmMetadata=exactly("bitLength", "mode", bitLength=TEXT, mode=TEXT),
    algorithmBitSize=WHOLE,
    nonactiveStateReason=WHOLE,
    keyVersion=VERSION,
    rotation=ROTATION,
    dualAuthDelete=DUAL_AUTH_DELETE,
    **dict.fromkeys(("restoreExpirationDate", "purgeAllowedFrom", "purgeScheduledOn"), TIME),
    **dict.fromkeys(("restoreAllowed", "purgeAllowed"), YES_OR_NO),
)
SEARCH = exactly(query=TEXT, scopes=TEXTS, **{"not": YES_OR_NO}, exact=YES_OR_NO)
ONLY_ID = exactly("id", id=UUID)
REASON = exactly(
    *("code", "message", "status"),
    code=TEXT,
    message=TEXT,
    status=WHOLE,
    moreInfo=TEXT,
    target=exactly("type", "name", type=TEXT, name=TEXT),
)

ENTITY = {
    **dict.fromkeys(("id", "iam_id", "entity_tag", "crn", "account_id", "name", "description"), TEXT),
    **dict.fromkeys(("created_at", "modified_at"), TIME),
    "locked": YES_OR_NO,
}
API_KEY = exactly("id", "name", "iam_id", "apikey", **ENTITY, disabled=YES_OR_NO, created_by=TEXT, expires_at=TIME, apikey=TEXT)
SERVICE_ID = exactly("id", "iam_id", "name", "account_id", **ENTITY, apikey=API_KEY)
ATTRIBUTES = exactly("attributes", attributes={"type": "array", "items": exactly("name", "value", name=TEXT, value=TEXT)})
ACCESS_POLICY = exactly(
    *("id", "type", "subjects", "roles", "resources"),
    **dict.fromkeys(("id", "type", "state"), TEXT),
    subjects={"type": "array", "items": ATTRIBUTES},
    resources={"type": "array", "items": ATTRIBUTES},
    roles={"type": "array", "items": exactly("role_id", role_id=TEXT, display_name=TEXT)},
)


def page_of(name: str, resource: Json) -> Json:
    """A list of IAM, with links to its other pages."""
    links = dict.fromkeys(("first", "previous", "next"), TEXT)
    return exactly("offset", "limit", "first", name, offset=WHOLE, limit=WHOLE, **links, **{name: {"type": "array", "items": resource}})


SCHEMAS: dict[str, Json] = {
    "Error": collected(exactly("errorMsg", errorMsg=TEXT, reasons={"type": "array", "items": REASON})),
    "Document": ANYTHING,
    "Keys": collected(KEY, searchQuery=SEARCH, incompleteSearch=YES_OR_NO),
    "KeyVersions": collected(VERSION),
    "Wrapped": exactly("ciphertext", "keyVersion", ciphertext=BASE64, plaintext=BASE64, keyVersion=ONLY_ID),
    "Unwrapped": exactly(
        *("plaintext", "keyVersion"), plaintext=BASE64, keyVersion=ONLY_ID, ciphertext=BASE64, rewrappedKeyVersion=ONLY_ID
    ),
    "Rewrapped": exactly(
        *("ciphertext", "keyVersion", "rewrappedKeyVersion"), ciphertext=BASE64, keyVersion=ONLY_ID, rewrappedKeyVersion=ONLY_ID
    ),
    "KeyPolicies": collected(
        exactly(
            "id",
            id=UUID,
            crn=TEXT,
            type=TEXT,
            rotation=ROTATION,
            dualAuthDelete=DUAL_AUTH_DELETE,
            lastUpdateDate=TIME,
            **CREATED_AND_UPDATED,
        )
    ),
    "Aliases": collected(exactly("keyId", "alias", keyId=UUID, alias=TEXT, creationDate=TIME, createdBy=TEXT)),
    "Registrations": collected(
        exactly(
            *("keyId", "resourceCrn"),
            **dict.fromkeys(("keyName", "resourceCrn", "description"), TEXT),
            keyId=UUID,
            preventKeyDeletion=YES_OR_NO,
            keyVersion=VERSION,
            lastUpdated=TIME,
            **CREATED_AND_UPDATED,
        )
    ),
    "InstancePolicies": collected(
        exactly(
            *("policy_type", "policy_data"),
            policy_type=TEXT,
            policy_data=exactly("enabled", enabled=YES_OR_NO, attributes=ANYTHING),
            lastUpdated=TIME,
            **CREATED_AND_UPDATED,
        )
    ),
    "AllowedIpPort": collected(exactly("private_endpoint_port", private_endpoint_port=WHOLE)),
    "ImportToken": exactly(
        *("creationDate", "expirationDate"),
        creationDate=TIME,
        expirationDate=TIME,
        maxAllowedRetrievals=WHOLE,
        remainingRetrievals=WHOLE,
        payload=BASE64,
        nonce=BASE64,
    ),
    "KeyRings": collected(exactly("id", id=TEXT, creationDate=TIME, createdBy=TEXT)),
    "KmipAdapters": collected(
        exactly(
            *("id", "name", "profile", "profile_data"),
            id=UUID,
            profile_data=exactly("crk_id", crk_id=UUID),
            **dict.fromkeys(("name", "description", "profile"), TEXT),
            **times("created", "updated"),
        )
    ),
    "KmipCertificates": collected(exactly("id", "name", id=UUID, name=TEXT, certificate=TEXT, **times("created"))),
    "KmipObjects": collected(
        exactly(
            *("id", "kmip_object_type", "state"),
            id=UUID,
            kmip_object_type=WHOLE,
            state={"type": "integer", "minimum": 1, "maximum": 6},
            **times("created", "updated", "destroyed", certificate=True),
        )
    ),
    "Token": exactly(
        *("access_token", "token_type", "expires_in", "expiration"),
        **dict.fromkeys(("access_token", "refresh_token", "token_type", "scope"), TEXT),
        expires_in=WHOLE,
        expiration=WHOLE,
    ),
    "ServiceId": SERVICE_ID,
    "ServiceIds": page_of("serviceids", SERVICE_ID),
    "ApiKey": API_KEY,
    "ApiKeys": page_of("apikeys", API_KEY),
    "AccessPolicy": ACCESS_POLICY,
    "AccessPolicies": exactly("policies", policies={"type": "array", "items": ACCESS_POLICY}),
    "IamError": exactly("errorCode", "errorMessage", errorCode=TEXT, errorMessage=TEXT, context=ANYTHING),
}
"""By name, what `described` and IAM answer."""
