"""Mutants of what 2.0 and 2.1 brought, of certificates that are made, and of what is answered later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.proxy.mutant import MUTANTS, Answered, Mutant, Passage
from kmip_conformance.proxy.mutants.custody import as_success, never_done, said_to_be_done
from kmip_conformance.tables import CancellationResult, CredentialType, Operation, ResultReason, Tag
from kmip_conformance.wire import Item, enumeration, text

if TYPE_CHECKING:
    from collections.abc import Callable

WORTHLESS = bytes(32)

for _operation, _name, _defect in (
    (Operation.SET_ATTRIBUTE, "set-attribute.does-nothing", "Set Attribute succeeds, but the attribute stays as it was."),
    (Operation.ADJUST_ATTRIBUTE, "adjust-attribute.does-nothing", "Adjust Attribute succeeds, but the attribute stays as it was."),
    (Operation.LOGOUT, "logout.does-nothing", "Logout succeeds, but the ticket goes on opening."),
):
    MUTANTS.add(
        Mutant(
            _name,
            _defect,
            "KMIP 2.1, 6.1.3, 6.1.31 and 6.1.51",
            on_request=never_done(_operation),
            on_item=said_to_be_done,
            operations=frozenset({_operation}),
        )
    )


def _declare(name: str, defect: str, source: str, operation: Operation, change: Callable[[Answered], Item]) -> None:
    MUTANTS.add(Mutant(name, defect, source, on_item=change, operations=frozenset({operation})))


def _unsent(tag: Tag, operation: Operation) -> Callable[[Passage], Item]:
    """The target never sees a field of an operation's request."""

    def changed(item: Item) -> Item:
        return item.mapped(tag, lambda _: None) if item.number(Tag.OPERATION) == operation else item

    return lambda passage: passage.request.mapped(Tag.BATCH_ITEM, changed)


def _named(tag: Tag, answered: Answered) -> Item:
    return answered.item.mapped(tag, lambda item: text(item.tag, answered.uid)) if answered.succeeded else answered.item


_declare(
    "set-attribute.everything-succeeds",
    "Set Attribute succeeds where it has to be refused.",
    "KMIP 2.1, 6.1.51",
    Operation.SET_ATTRIBUTE,
    as_success(),
)
_declare(
    "login.ticket-of-no-worth",
    "The ticket of a Login opens nothing.",
    "KMIP 2.1, 6.1.30",
    Operation.LOGIN,
    lambda answered: answered.item.mapped(Tag.TICKET_VALUE, lambda item: item.holding(WORTHLESS)),
)
_declare(
    "ping.refused",
    "Ping is listed, and refused.",
    "KMIP 2.1, 6.1.36",
    Operation.PING,
    lambda answered: answered.as_failure(ResultReason.GENERAL_FAILURE),
)
_declare(
    "certify.names-the-key",
    "Certify answers with the identifier of the public key.",
    "KMIP 1.4, 4.7",
    Operation.CERTIFY,
    lambda answered: _named(Tag.UNIQUE_IDENTIFIER, answered),
)
_declare(
    "certify.requests-not-verified",
    "Certify takes every certificate request.",
    "RFC 2986, 4.2; KMIP 1.4, 4.7",
    Operation.CERTIFY,
    as_success(),
)
_declare(
    "re-certify.in-place",
    "Re-certify answers with the certificate that was to be replaced.",
    "KMIP 1.4, 4.8",
    Operation.RE_CERTIFY,
    lambda answered: _named(Tag.UNIQUE_IDENTIFIER, answered),
)
_declare("poll.everything-is-done", "Poll of what nobody asked for succeeds.", "KMIP 1.4, 11.29", Operation.POLL, as_success())
_declare(
    "poll.other-payload",
    "Poll answers for another object than the operation made.",
    "KMIP 1.4, 4.28",
    Operation.POLL,
    lambda answered: answered.item.mapped(Tag.UNIQUE_IDENTIFIER, lambda item: text(item.tag, "another")),
)
_declare(
    "cancel.everything-is-canceled",
    "Cancel says Canceled whatever it is asked for.",
    "KMIP 1.4, 4.27",
    Operation.CANCEL,
    lambda answered: answered.as_success(
        *answered.asked.payload.children, enumeration(Tag.CANCELLATION_RESULT, CancellationResult.CANCELED)
    ),
)
_declare(
    "cancel.result-missing",
    "Cancel does not say what became of the operation.",
    "KMIP 1.4, 4.27",
    Operation.CANCEL,
    lambda answered: answered.item.mapped(Tag.CANCELLATION_RESULT, lambda _: None),
)

MUTANTS.declare(
    "login.request-count-ignored",
    "A ticket opens more often than it was asked for.",
    source="KMIP 2.1, 6.1.30",
    on_request=_unsent(Tag.REQUEST_COUNT, Operation.LOGIN),
)


@MUTANTS.spoils_request("login.every-ticket-opens", "Whatever ticket is shown, it opens.", source="KMIP 2.1, 6.1.30 and 9.11")
def every_ticket_opens(passage: Passage) -> Item:
    """The target sees requests without tickets."""
    shown = passage.request.first(Tag.REQUEST_HEADER, Tag.AUTHENTICATION, Tag.CREDENTIAL)
    if shown is None or shown.number(Tag.CREDENTIAL_TYPE) != CredentialType.TICKET:
        return passage.request
    return passage.request.without((Tag.REQUEST_HEADER, Tag.AUTHENTICATION))


@MUTANTS.spoils_request("poll.mandatory-ignored", "What has to be answered later is answered at once.", source="KMIP 2.1, 9.2 and 11.3")
def mandatory_ignored(passage: Passage) -> Item:
    """The target sees no Asynchronous Indicator."""
    return passage.request.mapped(Tag.ASYNCHRONOUS_INDICATOR, lambda _: None)
