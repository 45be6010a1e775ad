"""Mutants of access: who is let in, and what clients see of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance.proxy.mutant import MUTANTS, Answered
from kmip_conformance.tables import ResultReason

if TYPE_CHECKING:
    from kmip_conformance.wire import Item

MUTANTS.declare(
    "access.everybody-is-one",
    "A client sees the objects of another.",
    source="Cosmian KMS 935, 959",
    knows_one_client=True,
)

MUTANTS.declare(
    "tls.no-certificate-asked",
    "A handshake without a client certificate is accepted.",
    source="KMIP Profiles, 3.1; esxi_kms runs PyKMIP with the check switched off",
    admits_everyone=True,
)


@MUTANTS.spoils_item(
    "access.unknown-object-is-general-failure",
    "An unknown Unique Identifier fails with General Failure.",
    source="govmomi 3605; KMIP 1.4, 11",
)
def unknown_object_is_general_failure(answered: Answered) -> Item:
    """Item Not Found, everywhere."""
    if answered.answer.result_reason != ResultReason.ITEM_NOT_FOUND:
        return answered.item
    return answered.as_failure(ResultReason.GENERAL_FAILURE, "internal error")
