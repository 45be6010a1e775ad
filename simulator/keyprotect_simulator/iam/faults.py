"""The errors of IAM, which have a shape of their own.

{"errorCode": "BXNIM0415E", "errorMessage": "Provided API key could not be found.", "context": {…}}
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from keyprotect_simulator.provenance import INFERRED, RECORDED, Provenance

if TYPE_CHECKING:
    from keyprotect_simulator.identifiers import Clock, Random
    from keyprotect_simulator.messages import ApiRequest, Json


class IamErrorCode(NamedTuple):
    """The HTTP status and the message, to be filled in, of an IAM error."""

    status: int
    message: str
    provenance: Provenance


IAM_ERRORS: dict[str, IamErrorCode] = {
    "BXNIM0415E": IamErrorCode(400, "Provided API key could not be found.", RECORDED),
    "BXNIM0106E": IamErrorCode(400, "Validation of property '{name}' with value '{value}' failed. Valid values: {valid}", RECORDED),
    "NOT_FOUND": IamErrorCode(404, "There is nothing at this path.", INFERRED),
    "UNAUTHORIZED": IamErrorCode(401, "A valid access token is needed.", INFERRED),
    "FORBIDDEN": IamErrorCode(403, "The account is another one than that of the token.", INFERRED),
    "NOT_PERMITTED": IamErrorCode(403, "Roles on an instance are assigned with the platform role Administrator on it.", INFERRED),
    "LOCKED": IamErrorCode(409, "It is locked.", INFERRED),
    "STALE": IamErrorCode(409, "If-Match is neither * nor the entity_tag of what is there.", INFERRED),
    "METHOD_NOT_ALLOWED": IamErrorCode(405, "This path does not take this method.", INFERRED),
    "REQUEST_TOO_LARGE": IamErrorCode(413, "The body of the request is too large.", INFERRED),
    "INTERNAL_ERROR": IamErrorCode(500, "The simulator failed; this is a bug of it.", INFERRED),
}
"""The codes that were never seen are plain words, so that nobody takes them for IBM's."""


class IamFault(Exception):
    """A refusal of IAM."""

    def __init__(self, code: str, *, headers: tuple[tuple[str, str], ...] = (), **parts: str) -> None:
        known = IAM_ERRORS[code]
        super().__init__(code)
        self.code = code
        self.status = known.status
        self.message = known.message.format(**parts)
        self.headers = headers

    def body(self, request: ApiRequest, clock: Clock, random: Random) -> Json:
        """The answer's document, with the context that IAM gives for its support."""
        moment = datetime.fromtimestamp(clock(), UTC).strftime("%d.%m.%Y %H:%M:%S:%f")[:-3] + " UTC"
        context = {
            "requestId": random(16).hex(),
            "requestType": "incoming.Identity_Token",
            "userAgent": request.headers.get("user-agent", ""),
            "clientIp": request.address,
            "url": "https://iam.cloud.ibm.com",
            "instanceId": "keyprotect-simulator",
            "threadId": "0",
            "host": request.headers.get("host", ""),
            "startTime": moment,
            "endTime": moment,
            "elapsedTime": "0",
            "locale": "en_US",
            "clusterName": "keyprotect-simulator",
        }
        return {"errorCode": self.code, "errorMessage": self.message, "context": context}


def invalid_property(name: str, value: str | None, valid: str) -> IamFault:
    """BXNIM0106E: a property of the form has a value that IAM does not take; an absent one is shown as `null`."""
    return IamFault("BXNIM0106E", name=name, value="null" if value is None else value, valid=valid)
