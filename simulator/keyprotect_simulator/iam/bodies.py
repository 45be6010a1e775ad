"""What the bodies of IAM's calls may hold, read by the tables that Key Protect's are read by, refused in IAM's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyprotect_simulator.faults import Fault
from keyprotect_simulator.iam.faults import invalid_property
from keyprotect_simulator.keys.bodies import BOOLEAN, TEXT, Field, checked, has_length, is_time, read_json

if TYPE_CHECKING:
    from keyprotect_simulator.iam.calls import IamCall
    from keyprotect_simulator.messages import Json

NAME = Field(str, has_length(1, 255), "a text of 1 to 255 characters")
SERVICE_ID = {
    "account_id": TEXT,
    "name": NAME,
    "description": TEXT,
    "group_id": TEXT,
    "unique_instance_crns": Field(list),
    "apikey": Field(dict),
}
API_KEY = {
    "name": NAME,
    "iam_id": TEXT,
    "description": TEXT,
    "account_id": TEXT,
    "apikey": Field(str, has_length(8, 128), "a text of 8 to 128 characters"),
    "store_value": BOOLEAN,
    "support_sessions": BOOLEAN,
    "action_when_leaked": TEXT,
    "expires_at": Field(str, lambda text: not text or is_time(text), "a date and time as 2026-01-31T12:00+0000"),
}
UPDATE = {
    "name": NAME,
    "description": TEXT,
    "unique_instance_crns": Field(list),
    "support_sessions": BOOLEAN,
    "action_when_leaked": TEXT,
    "expires_at": API_KEY["expires_at"],
}
POLICY = {"type": TEXT, "subjects": Field(list), "roles": Field(list), "resources": Field(list), "description": TEXT}


def read_body(call: IamCall, table: dict[str, Field], given: Json | None = None, required: tuple[str, ...] = ()) -> Json:
    """The checked body, or the checked part of one. BXNIM0106E for whatever is wrong with it, values of API keys untold."""
    try:
        document = given if given is not None else read_json(call.request)
        fields = checked(document or {}, table)
    except Fault as refusal:
        name = refusal.target[1] if refusal.target else "body"
        raise invalid_property(name, "•••", refusal.message) from refusal
    for name in required:
        if name not in fields:
            raise invalid_property(name, None, "present in the body")
    return fields
