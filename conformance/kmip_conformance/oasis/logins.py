"""Whom published cases log in as: somebody whom the server has to know before, which OASIS's own server did.

`kmiplab check --oasis` makes these known to a lab of its own; for any other target a case that needs one is not played until its people
have registered it. Nothing is copied: the credentials are read off the cases. Who is created by a case itself is none of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.tables import CredentialType, Operation, ResultReason, Tag, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kmip_conformance.oasis.case import Case, Node

_CREATING_SOMEBODY = frozenset({Operation.CREATE_USER, Operation.CREATE_CREDENTIAL})


@dataclass(frozen=True, slots=True)
class Login:
    """A user name or a device (its fields by the standard's words), and the password. One who does not share is denied what others made."""

    password: str
    shares: bool = True
    username: str = ""
    device: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Who it is, and not the password."""
        return f"Login({self.username or dict(self.device)})"


def logins_in(cases: Iterable[Case]) -> tuple[Login, ...]:
    """The logins that cases expect to be known although no request before has made them, each once."""
    return tuple(dict.fromkeys(login for case in cases for login in _logins_of(case)))


def _logins_of(case: Case) -> Iterator[Login]:
    for step in case.steps:
        reasons = {item.number(Tag.RESULT_REASON) for item in step.response.batch_items}
        authentication = step.request.node.first(Tag.REQUEST_HEADER, Tag.AUTHENTICATION)
        if authentication is not None and reasons in ({None}, {ResultReason.PERMISSION_DENIED}):
            for credential in authentication.all(Tag.CREDENTIAL):
                yield from _login(credential, shares=reasons == {None})
        if _CREATING_SOMEBODY & {item.number(Tag.OPERATION) for item in step.request.batch_items}:
            return


def _login(credential: Node, *, shares: bool) -> Iterator[Login]:
    kind, value = credential.number(Tag.CREDENTIAL_TYPE), credential.first(Tag.CREDENTIAL_VALUE)
    fields = {words(Tag(node.tag)): node.value for node in value.children if isinstance(node.value, str)} if value else {}
    password = fields.pop("Password", "")
    if kind == CredentialType.USERNAME_AND_PASSWORD:
        yield Login(password, shares, username=fields.get("Username", ""))
    elif kind == CredentialType.DEVICE:
        yield Login(password, shares, device=tuple(sorted(fields.items())))
