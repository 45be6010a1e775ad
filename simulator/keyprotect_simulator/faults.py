"""The errors of Key Protect: one table of codes, and the shape in which they are sent.

A rule raises a `Fault`; `Core` renders it with the sentence of the call that was asked for ("Key could not be created"). No answer
of the simulator has another shape, whatever went wrong and however early.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from keyprotect_simulator.provenance import DOCUMENTED, INFERRED, RECORDED, Provenance

if TYPE_CHECKING:
    from keyprotect_simulator.messages import Json

ERROR_TYPE = "application/vnd.ibm.kms.error+json"
MORE_INFO = "https://cloud.ibm.com/apidocs/key-protect"
NO_ACCESS = "Either the user does not have access to the specified resource, the resource does not exist, or the region is incorrectly set"


class ErrorCode(NamedTuple):
    """The HTTP status and the usual message of a reason code. A message that ends in a colon is continued by the rule."""

    status: int
    message: str
    provenance: Provenance


ERROR_CODES: dict[str, ErrorCode] = {
    "AUTHORIZATIONS_NOT_MET": ErrorCode(409, "Number of authorizations required to delete is not met", DOCUMENTED),
    "BAD_BODY_ERR": ErrorCode(
        400,
        "Invalid body data was passed. Please ensure the data passed had valid formatting with no invalid characters:",
        DOCUMENTED,
    ),
    "BEARER_SUB_EXTRACTION_ERR": ErrorCode(400, "Extracting the subject from the bearer token failed:", DOCUMENTED),
    "BODY_QUERY_PARAM_MISMATCH_ERR": ErrorCode(400, "Data in body does not match data required by query parameter", DOCUMENTED),
    "COLLECTION_TOTAL_MISMATCH_ERR": ErrorCode(400, "Collection total does not match number of resources", DOCUMENTED),
    "IMPORT_TOKEN_EXPIRED_ERR": ErrorCode(409, "The import token has expired.", DOCUMENTED),
    "IMPORT_TOKEN_NOT_FOUND_ERR": ErrorCode(404, "Import token does not exist", INFERRED),
    "INCORRECT_NONCE_ERR": ErrorCode(
        400,
        "The encrypted nonce given does not match existing record, please ensure the correct nonce was given in the request",
        DOCUMENTED,
    ),
    "INCORRECT_NONCE_IV_ERR": ErrorCode(
        400,
        "The provided encrypted nonce was not encrypted with the key material given OR the provided IV does not match the encrypted nonce",
        DOCUMENTED,
    ),
    "INVALID_FIELD_ERR": ErrorCode(400, "The field", RECORDED),
    "INVALID_QUERY_PARAM_ERR": ErrorCode(400, "The query_param", RECORDED),
    "KEY_ACTION_INVALID_STATE_ERR": ErrorCode(409, "Key is not in a valid state", DOCUMENTED),
    "KEY_ALIAS_NOT_FOUND_ERR": ErrorCode(404, "The key does not have this alias", INFERRED),
    "KEY_ALIAS_NOT_UNIQUE_ERR": ErrorCode(409, "One or more aliases are already associated with a key in the instance", INFERRED),
    "KEY_ALIAS_QUOTA_ERR": ErrorCode(409, "The key has reached the maximum number of aliases", INFERRED),
    "KEY_CREATE_IMPORT_ACCESS_ERR": ErrorCode(409, "KeyCreateImportAccess instance policy does not allow this action", DOCUMENTED),
    "KEY_DELETED_ERR": ErrorCode(410, "Key has already been deleted. Please delete references to this key.", DOCUMENTED),
    "KEY_EXPIRED_ERR": ErrorCode(400, "The action could not be performed on the key because the key is expired.", DOCUMENTED),
    "KEY_NOT_FOUND_ERR": ErrorCode(404, "Key does not exist", DOCUMENTED),
    "KEY_PAYLOAD_REQ_ERR": ErrorCode(
        400,
        "This root key was created with user-supplied key material: Key material is required to perform a 'rotate' action",
        DOCUMENTED,
    ),
    "KEY_RESTORE_EXPIRED": ErrorCode(400, "Key restoration has expired", DOCUMENTED),
    "KEY_RING_NOT_EMPTY_ERR": ErrorCode(409, "The specified key ring contains at least one key (in any state)", RECORDED),
    "KEY_RING_NOT_FOUND_ERR": ErrorCode(404, "Key ring does not exist", INFERRED),
    "KEY_RING_NOT_UNIQUE_ERR": ErrorCode(409, "A key ring with this id already exists in the instance", INFERRED),
    "KEY_RING_QUOTA_ERR": ErrorCode(409, "The instance has reached the maximum number of key rings", INFERRED),
    "KEY_ROOT_REQ_ERR": ErrorCode(400, "Requested action can only be completed with a root key", DOCUMENTED),
    "KEY_ROTATION_NOT_PERMITTED": ErrorCode(
        409,
        "This root key has been rotated within the last hour: Only one 'rotate' action per hour is permitted",
        DOCUMENTED,
    ),
    "KEY_SEARCH_TOO_BROAD": ErrorCode(400, "The search covers more than 5000 keys", DOCUMENTED),
    "KMIP_ADAPTER_ACTIVE_OBJECTS_ERR": ErrorCode(409, "The KMIP adapter has objects in the Active state", INFERRED),
    "KMIP_ADAPTER_DUPLICATE_NAME_ERR": ErrorCode(409, "A KMIP adapter with this name already exists in the instance", RECORDED),
    "KMIP_ADAPTER_NOT_FOUND_ERR": ErrorCode(404, "KMIP adapter does not exist", INFERRED),
    "KMIP_ADAPTER_QUOTA_ERR": ErrorCode(409, "The instance has reached the maximum number of KMIP adapters", INFERRED),
    "KMIP_CERT_DUPLICATE_ERR": ErrorCode(409, "The KMIP adapter already has this certificate", RECORDED),
    "KMIP_CERT_DUPLICATE_NAME_ERR": ErrorCode(409, "A certificate with this name already exists in the KMIP adapter", RECORDED),
    "KMIP_CERT_NOT_FOUND_ERR": ErrorCode(404, "KMIP client certificate does not exist", INFERRED),
    "KMIP_CERT_QUOTA_ERR": ErrorCode(409, "The KMIP adapter has reached the maximum number of certificates", INFERRED),
    "KMIP_CERT_REUSE_ERR": ErrorCode(409, "Another KMIP adapter reserves exclusive use of this certificate payload", RECORDED),
    "KMIP_OBJECT_INVALID_STATE_ERR": ErrorCode(409, "The KMIP object is not in a state in which it can be deleted", INFERRED),
    "KMIP_OBJECT_NOT_FOUND_ERR": ErrorCode(404, "KMIP object does not exist", RECORDED),
    "NATIVE_CRK_ID_NOT_FOUND_ERR": ErrorCode(404, "The root key of the KMIP adapter does not exist", RECORDED),
    "NATIVE_INVALID_CRK_ERR": ErrorCode(400, "The key cannot be the root key of a KMIP adapter", RECORDED),
    "NOT_DUAL_AUTH_ERR": ErrorCode(409, "The key is not dual auth enabled and cannot be set for deletion", DOCUMENTED),
    "NO_BODY_ERR": ErrorCode(400, "Missing body in request", DOCUMENTED),
    "NUM_COLLECTION_RESOURCE_ERR": ErrorCode(
        400,
        "Only a single instance policy may be created per query parameter. Please pass single resource object",
        DOCUMENTED,
    ),
    "PREV_KEY_DEL_ERR": ErrorCode(409, "Key is protecting one or more cloud resources with a retention policy", DOCUMENTED),
    "PROTECTED_RESOURCE_ERR": ErrorCode(409, "Key is protecting one or more cloud resources", DOCUMENTED),
    "REQ_TOO_EARLY_ERR": ErrorCode(409, "The key was updated recently: Please wait and try again", DOCUMENTED),
    "SERVICE_ONLY_ERR": ErrorCode(403, "Only a service may perform this action on registrations", DOCUMENTED),
    "UNPROCESSABLE_CIPHERTEXT_ERR": ErrorCode(422, "The provided ciphertext is invalid or corrupted", DOCUMENTED),
}
"""Key Protect documentation, "Error messages", and the messages quoted in IBM's SDK tests and public issues."""


class Fault(Exception):
    """A refusal. With a `code` it is sent with a reason, without one (401, 404, 405 …) with its sentence alone."""

    def __init__(
        self,
        status: int,
        *,
        code: str = "",
        message: str = "",
        detail: str = "",
        target: tuple[str, str] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(code or message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.target = target
        self.headers = headers

    def body(self, undone: str) -> Json:
        """The answer's document; `undone` says what could not be done, as "Key could not be created"."""
        phrase = HTTPStatus(self.status).phrase
        if not self.code:
            return error_document({"errorMsg": f"{phrase}: {self.message}"})
        reason: Json = {"code": self.code, "message": self.message, "status": self.status, "moreInfo": MORE_INFO}
        if self.target is not None:
            reason["target"] = {"type": self.target[0], "name": self.target[1]}
        detail = f"{self.detail}: " if self.detail else ""
        sentence = f"{phrase}: {detail}{undone}: Please see `reasons` for more details ({self.code})"
        return error_document({"errorMsg": sentence, "reasons": [reason]})


def error_document(resource: Json) -> Json:
    """The envelope of every error."""
    return {"metadata": {"collectionType": ERROR_TYPE, "collectionTotal": 1}, "resources": [resource]}


def fault(code: str, more: str = "", *, detail: str = "", target: tuple[str, str] | None = None) -> Fault:
    """The refusal with this reason code; `more` continues the usual message."""
    known = ERROR_CODES[code]
    message = f"{known.message} {more}" if more and known.message[-1] == ":" else f"{known.message}: {more}" if more else known.message
    return Fault(known.status, code=code, message=message, detail=detail, target=target)


def bad_body(why: str) -> Fault:
    """The body is no JSON, or not the JSON that the call takes."""
    return fault("BAD_BODY_ERR", why)


def bad_field(name: str, must_be: str, *, quote: str = "`") -> Fault:
    """A field of the body has a value that it cannot have; the service quotes field names in three ways."""
    message = f"The field {quote}{name}{quote} must be: {must_be}"
    return Fault(400, code="INVALID_FIELD_ERR", message=message, target=("field", name))


def bad_query_parameter(name: str, must_be: str) -> Fault:
    """A query parameter has a value that it cannot have."""
    message = f"The query_param '{name}' must be: {must_be}"
    return Fault(400, code="INVALID_QUERY_PARAM_ERR", message=message, target=("query_param", name))


def unauthorized() -> Fault:
    """No token, a wrong one, or a token without the right: the service tells none of them apart, and gives no reasons."""
    return Fault(401, message=NO_ACCESS, headers=(("WWW-Authenticate", "Bearer"),))
