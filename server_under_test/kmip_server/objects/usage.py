"""May this object be used so, now? State, dates, Cryptographic Usage Mask and Usage Limits (KMIP 1.4, 3.19, 3.21, 3.22, 3.25, 3.26).

Uses that apply protection need an Active object before its Protect Stop Date, and count against its Usage Limits. Uses that process what is
protected need one after its Process Start Date, which may be Deactivated or Compromised by now: 3.22 leaves that to special permission,
and this server gives it to the owner, who would not get at old data otherwise.

Before 2.0 every refusal here is Permission Denied (1.4, 11.30), and exhausted Usage Limits are that in every version (2.1, 6.1.17).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmip_server.enums import CryptographicUsageMask, ObjectType, ResultReason, State, UsageLimitsUnit
from kmip_server.errors import KmipFailure
from kmip_server.messages import UsageLimits

if TYPE_CHECKING:
    from kmip_server.engine.context import RequestContext
    from kmip_server.objects.managed import ManagedObject
    from kmip_server.store.contract import Transaction


@dataclass(frozen=True, slots=True)
class Use:
    """One way to use a key: its name for people, the bit of the mask that allows it, and whether it applies protection."""

    name: str
    bit: CryptographicUsageMask
    protects: bool


_MASK = CryptographicUsageMask

ENCRYPT = Use("encryption", _MASK.ENCRYPT, protects=True)
DECRYPT = Use("decryption", _MASK.DECRYPT, protects=False)
SIGN = Use("signing", _MASK.SIGN, protects=True)
VERIFY = Use("the verification of signatures", _MASK.VERIFY, protects=False)
MAC_GENERATE = Use("making MACs", _MASK.MAC_GENERATE, protects=True)
MAC_VERIFY = Use("the verification of MACs", _MASK.MAC_VERIFY, protects=False)
WRAP_KEY = Use("wrapping keys", _MASK.WRAP_KEY, protects=True)
UNWRAP_KEY = Use("unwrapping keys", _MASK.UNWRAP_KEY, protects=False)
DERIVE_KEY = Use("deriving keys", _MASK.DERIVE_KEY, protects=True)
CERTIFICATE_SIGN = Use("signing certificates", _MASK.CERTIFICATE_SIGN, protects=True)

_PROCESSING_STATES = frozenset({State.ACTIVE, State.DEACTIVATED, State.COMPROMISED})
_WITHOUT_KEY = frozenset({ObjectType.OPAQUE_OBJECT, ObjectType.TEMPLATE})


def may_be_used(item: ManagedObject, use: Use, context: RequestContext) -> None:
    """Raises `KmipFailure` when this object is not for this use, or not now. Usage Limits are `allocate`'s."""
    if item.object_type in _WITHOUT_KEY:
        raise _denied(f"the object is not a key, and cannot be used for {use.name}", ResultReason.INVALID_OBJECT_TYPE)
    mask = item.value("Cryptographic Usage Mask")
    if not isinstance(mask, int) or not mask & (use.bit | _MASK.UNRESTRICTED):
        sentence = f"the object's Cryptographic Usage Mask does not allow {use.name}"
        raise _denied(sentence, ResultReason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK)
    if use.protects:
        if item.state is not State.ACTIVE:
            raise _denied(f"the object is {_name(item.state)}, and only an Active one may be used for {use.name}")
        stop = item.date("Protect Stop Date")
        if stop is not None and stop <= context.now:
            raise _denied(f"the object's Protect Stop Date has passed, so it may not be used for {use.name} any more")
    else:
        if item.state not in _PROCESSING_STATES:
            raise _denied(f"the object is {_name(item.state)}, and may not be used for {use.name}")
        start = item.date("Process Start Date")
        if start is not None and start > context.now:
            raise _denied(f"the object's Process Start Date has not come, so it may not be used for {use.name} yet")


async def allocate(item: ManagedObject, units: int, context: RequestContext, *, begins: bool = True) -> None:
    """Take what a use will cost from the object's Usage Limits, durably, before it happens (KMIP 1.4, 3.21 and 4.29).

    ``units`` is in bytes; where the limits count objects, a use costs one when it ``begins`` and nothing in its later parts.
    """
    if not isinstance(item.value("Usage Limits"), UsageLimits):
        return

    def taken(current: ManagedObject, _: Transaction) -> ManagedObject:
        limits = current.value("Usage Limits")
        if not isinstance(limits, UsageLimits):
            return current
        cost = units if limits.usage_limits_unit is UsageLimitsUnit.BYTE else int(begins)
        left = (limits.usage_limits_count or 0) - cost
        if left < 0:
            raise KmipFailure(ResultReason.PERMISSION_DENIED, f"the object's Usage Limits allow {left + cost} more, and this needs {cost}")
        return current.with_values({"Usage Limits": replace(limits, usage_limits_count=left)}) if cost else current

    await context.services.shelf.change(context, item.unique_identifier, taken)


def _denied(sentence: str, reason_2: ResultReason = ResultReason.WRONG_KEY_LIFECYCLE_STATE) -> KmipFailure:
    return KmipFailure(ResultReason.PERMISSION_DENIED, sentence, reason_2=reason_2)


def _name(state: State) -> str:
    return state.name.replace("_", "-" if state is State.PRE_ACTIVE else " ").title()
