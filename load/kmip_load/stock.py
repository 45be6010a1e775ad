"""The keys that wait on the target while a run fetches them, and the end of everything that a run made there.

Keys are made as vCenter makes them (Create of AES-256, then Activate), over a few connections at once. At the end every key of the run is
revoked and destroyed; what cannot be is named, so that nothing is left behind unsaid.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

from kmip_load import connection as wire
from kmip_load.answers import Call, reason
from kmip_load.connection import Connection, ConnectionLost, Endpoint
from kmip_load.errors import SetupFailed
from kmip_load.messages import key_made_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmip_load.messages import Messages

AT_ONCE = 8
"""Connections: a server that makes creations durable in groups is quicker with a few."""


def stock_keys(endpoint: Endpoint, messages: Messages, count: int, made: list[str]) -> None:
    """Make ``count`` active keys; their ids are appended to ``made`` the moment they exist. Raises `SetupFailed` at the first refusal."""

    def make(number: int) -> None:
        with closing(_connected(endpoint)) as connection:
            for _ in range(number, count, AT_ONCE):
                key = key_made_by(_accepted(connection, messages.vcenter_create))
                made.append(key)
                _accepted(connection, messages.vcenter_activate(key))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in [pool.submit(make, number) for number in range(min(AT_ONCE, count))]:
            outcome.result()


def destroy_keys(endpoint: Endpoint, messages: Messages, keys: Sequence[str]) -> list[str]:
    """Revoke and destroy keys; returns those that may still be there."""

    def destroy(share: Sequence[str]) -> list[str]:
        left = dict.fromkeys(share)
        try:
            with closing(Connection(endpoint)) as connection:
                for key in share:
                    connection.exchange(messages.revoke(key).request)  # refused for a key that never was active: no matter
                    call = messages.destroy(key)
                    answer = connection.exchange(call.request)
                    if call.is_answered_by(answer) or reason(answer, call) == "Item Not Found":
                        left.pop(key, None)
        except (OSError, ConnectionLost):
            pass  # whatever is left is told
        return list(left)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        shares = [keys[number::AT_ONCE] for number in range(AT_ONCE)]
        return [key for left in pool.map(destroy, shares) for key in left]


def _connected(endpoint: Endpoint) -> Connection:
    try:
        return Connection(endpoint)
    except OSError as error:
        raise SetupFailed(f"the target took no further connection: {wire.reason(error)}", f"it must take {AT_ONCE} at once.") from error


def _accepted(connection: Connection, call: Call) -> bytes:
    try:
        answer = connection.exchange(call.request)
    except (OSError, ConnectionLost) as error:
        raise SetupFailed(f"{call.name} failed while keys were made for the run: {wire.reason(error)}", HINT) from error
    if not call.is_answered_by(answer):
        raise SetupFailed(f"the target refused {call.name} while keys were made for the run: {reason(answer, call)}", HINT)
    return answer


HINT = "the profile needs keys that wait on the target: may this client create and activate AES-256 keys? `kmiplab check` says more."
