"""What can go wrong in the server, as one tree.

::

    KmipServerError                 root; `hint` says what to do, `exit_code` is the process's
    ├── ConfigurationError          the server cannot start as it was told to (exit code 4)
    ├── StoreError                  the state folder or database cannot be used, or broke a promise (exit code 4)
    ├── MalformedMessage            bytes that are no KMIP message; the connection ends after the answer
    │   └── UnsupportedVersion      a message of a major version that the tables do not have
    ├── UnencodableMessage          our own mistake: a value that the message's version cannot carry
    └── KmipFailure                 one batch item fails with a Result Reason; the connection lives on
        └── WrappingUnavailable     key material cannot be wrapped or unwrapped now

Messages are for people and go on the wire as Result Message: they never hold key material, passwords or tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmip_server.enums import ResultReason
    from kmip_server.versions import KmipVersion


class KmipServerError(Exception):
    """The root: `hint` tells a person what to do, `exit_code` is what the command returns."""

    exit_code: int = 4

    def __init__(self, message: str, hint: str = "") -> None:
        """An error that says what happened, and in its hint what to do."""
        super().__init__(message)
        self.hint = hint


class ConfigurationError(KmipServerError):
    """The settings cannot work: what is wrong with them, and what to do."""


class StoreError(KmipServerError):
    """The store cannot be opened, read or written."""


class MalformedMessage(KmipServerError):
    """Bytes that are not a KMIP message (KMIP 1.4, 11.1: "Message cannot be parsed").

    Attributes:
        reason: the Result Reason of the answer.
        version: the request's Protocol Version where the header could be read that far, else None.
        offset: where in the message the trouble is, in bytes from its start.
    """

    def __init__(self, reason: ResultReason, message: str, *, version: KmipVersion | None = None, offset: int = 0) -> None:
        """The Result Reason, the sentence for the Result Message, and where the trouble is."""
        super().__init__(message, "send TTLV as KMIP 1.4, 9.1 defines it")
        self.reason = reason
        self.version = version
        self.offset = offset


class UnsupportedVersion(MalformedMessage):
    """The message's major version is not one of ours (KMIP 1.4, 11.1: "Protocol major version mismatch"): Invalid Message.

    2.x has a Result Reason of its own for that.
    """

    @property
    def reason_2(self) -> ResultReason:
        """Unsupported Protocol Version (KMIP 2.1, 11.46)."""
        from kmip_server.enums import ResultReason

        return ResultReason.UNSUPPORTED_PROTOCOL_VERSION


class UnencodableMessage(KmipServerError):
    """A message of ours that its version cannot carry: a missing field, or a value that came with a later version."""


class KmipFailure(KmipServerError):
    """A batch item fails: Operation Failed with this Result Reason and Result Message (KMIP 1.4, 6.9-6.11)."""

    def __init__(self, reason: ResultReason, message: str, hint: str = "", *, reason_2: ResultReason | None = None) -> None:
        """The Result Reason and the sentence for the Result Message; ``reason_2``: the reason since 2.0, where it is another."""
        super().__init__(message, hint)
        self.reason = reason
        self.reason_2 = reason_2


class WrappingUnavailable(KmipFailure):
    """The root key that wraps this client's keys cannot be used now, or not any more."""
