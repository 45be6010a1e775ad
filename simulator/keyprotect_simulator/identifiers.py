"""The forms of names that Key Protect uses: UUIDs, CRNs, aliases, and RFC 3339 times."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Random = Callable[[int], bytes]
"""Gives so many random bytes."""

Clock = Callable[[], float]
"""Gives the time, in seconds since 1970-01-01T00:00:00Z."""

UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
ALIAS_FORM = re.compile(r"[A-Za-z0-9_-]{2,90}")


def new_uuid(random: Random) -> str:
    """A version 4 UUID from the given randomness, in the lower-case form that Key Protect answers."""
    return str(uuid.UUID(bytes=random(16), version=4))


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID with its hyphens, of any version."""
    return UUID_FORM.fullmatch(text) is not None


def instance_crn(region: str, account_id: str, instance_id: str) -> str:
    """The cloud resource name of a Key Protect instance, which ends in two empty segments."""
    return f"crn:v1:bluemix:public:kms:{region}:a/{account_id}:{instance_id}::"


def key_crn(region: str, account_id: str, instance_id: str, key_id: str) -> str:
    """The cloud resource name of a key."""
    return f"crn:v1:bluemix:public:kms:{region}:a/{account_id}:{instance_id}:key:{key_id}"


def rfc3339(time: float) -> str:
    """A time as Key Protect writes it: UTC, whole seconds, `2020-03-12T03:37:32Z`."""
    return datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_rfc3339(text: str) -> float:
    """The time that an RFC 3339 text names. Raises ValueError when it is none, has no offset, or lies outside the calendar in UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError(text)
    try:
        return moment.astimezone(UTC).timestamp()
    except OverflowError as error:
        raise ValueError(text) from error
