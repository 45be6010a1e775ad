"""The dates of a key that clients set: they come back, keep their order, and are fixed once they have come (KMIP 1.4, 3.24 to 3.27)."""

from __future__ import annotations

import time
from functools import partial

from kmip_conformance.arranging import key_with, values_of
from kmip_conformance.authoring import Conversation, Operation, Reason, State, check, expect, kmip_1_4, kmip_2_1, requests
from kmip_conformance.tables import ItemType

CREATE = kmip_1_4("4.1 Create", "some of the attributes to be assigned to the object")
FIXED = (Reason.PERMISSION_DENIED, Reason.ILLEGAL_OPERATION, Reason.INVALID_FIELD)
"""How a change of a date that has come may be refused: what it is, the standard says, but not in so many words."""
DAY = 86_400
NEEDS = [Operation.CREATE, Operation.GET_ATTRIBUTES]
MODIFIES = [*NEEDS, Operation.MODIFY_ATTRIBUTE]

rule = partial(check, needs=NEEDS)


def in_days(days: int) -> int:
    """Seconds since 1970, so many days from now."""
    return int(time.time()) + days * DAY


def comes_back(kmip: Conversation, name: str, date: int) -> None:
    """A key that is created with this date has it, as a Date-Time."""
    found = values_of(kmip, key_with(kmip, requests.attribute(name, date)), name)
    expect([ItemType(item.type) for item in found if item.type in set(ItemType)], f"the type of {name}").is_([ItemType.DATE_TIME])
    expect([item.value == date for item in found], f"whether {name} is the date that was set").is_([True])


@rule(
    "attributes.activation-date",
    cites=[CREATE, kmip_1_4("Table 107: Activation Date Attribute", "Activation Date | Date-Time")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def an_activation_date_comes_back(kmip: Conversation) -> None:
    """An Activation Date comes back as a Date-Time, to the second."""
    comes_back(kmip, "Activation Date", in_days(30))


@rule(
    "attributes.deactivation-date",
    cites=[CREATE, kmip_1_4("Table 113: Deactivation Date Attribute", "Deactivation Date | Date-Time")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_deactivation_date_comes_back(kmip: Conversation) -> None:
    """A Deactivation Date beyond 2038 comes back as a Date-Time, to the second."""
    comes_back(kmip, "Deactivation Date", 2**32 + 1)


@rule(
    "attributes.process-start-date",
    cites=[CREATE, kmip_1_4("Table 109: Process Start Date Attribute")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_process_start_date_comes_back(kmip: Conversation) -> None:
    """A Process Start Date comes back as a Date-Time, to the second."""
    date = in_days(2)
    key = key_with(kmip, requests.attribute("Activation Date", in_days(1)), requests.attribute("Process Start Date", date))
    expect([item.value == date for item in values_of(kmip, key, "Process Start Date")], "whether it is the date that was set").is_([True])


@rule(
    "attributes.protect-stop-date",
    cites=[CREATE, kmip_1_4("Table 111: Protect Stop Date Attribute", "Protect Stop Date | Date-Time")],
    in_2_x=kmip_2_1("6.1.8 Create", "some of the attributes to be assigned to the object"),
)
def a_protect_stop_date_comes_back(kmip: Conversation) -> None:
    """A Protect Stop Date comes back as a Date-Time, to the second."""
    comes_back(kmip, "Protect Stop Date", in_days(30))


@rule(
    "attributes.process-start-not-before-activation",
    cites=kmip_1_4("3.25 Process Start Date", "SHALL NOT precede, the Activation Date"),
    in_2_x=kmip_2_1("4.40 Process Start Date", "SHALL NOT precede, the Activation Date"),
)
def processing_does_not_start_before_activation(kmip: Conversation) -> None:
    """A key with a Process Start Date before its Activation Date is refused."""
    dates = {"Activation Date": in_days(20), "Process Start Date": in_days(10)}
    kmip.create_symmetric_key(*[requests.attribute(name, date) for name, date in dates.items()]).refuses()


@rule(
    "attributes.protect-stop-not-after-deactivation",
    cites=kmip_1_4("3.26 Protect Stop Date", "SHALL NOT be later than the Deactivation Date"),
    in_2_x=kmip_2_1("4.41 Protect Stop Date", "SHALL NOT be later than the Deactivation Date"),
)
def protecting_does_not_stop_after_deactivation(kmip: Conversation) -> None:
    """A key with a Protect Stop Date behind its Deactivation Date is refused."""
    dates = {"Activation Date": in_days(1), "Protect Stop Date": in_days(20), "Deactivation Date": in_days(10)}
    kmip.create_symmetric_key(*[requests.attribute(name, date) for name, date in dates.items()]).refuses()


@rule(
    "attributes.activation-date-moved",
    cites=kmip_1_4("Table 108: Activation Date Attribute Rules", "Yes, only while in Pre-Active state"),
    in_2_x=kmip_2_1("4.1 Activation Date", "Yes, only while in Pre-Active state"),
    needs=MODIFIES,
)
def a_date_to_come_can_be_moved(kmip: Conversation) -> None:
    """While a key is Pre-Active, its Activation Date can be moved to another day to come; it stays Pre-Active."""
    later = in_days(20)
    key = key_with(kmip, requests.attribute("Activation Date", in_days(10)))
    kmip.modify_attribute(key, requests.attribute("Activation Date", later)).succeeds().settle()
    expect([item.value == later for item in values_of(kmip, key, "Activation Date")], "whether it is the later date").is_([True])
    expect(kmip.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)


@rule(
    "attributes.activation-date-is-fixed-once-active",
    cites=kmip_1_4("3.24 Activation Date", "then this attribute SHALL NOT be changed or deleted before the object is destroyed"),
    in_2_x=kmip_2_1("4.1 Activation Date", "then this attribute SHALL NOT be changed or deleted before the object is destroyed"),
    needs=[*MODIFIES, Operation.ACTIVATE],
)
def the_activation_date_of_an_active_key_stays(kmip: Conversation) -> None:
    """Modify Attribute of the Activation Date of an Active key is refused, and the key stays Active."""
    key = kmip.has_key(active=True)
    refused = kmip.modify_attribute(key, requests.attribute("Activation Date", in_days(10))).refuses(because=Reason.PERMISSION_DENIED)
    refused.or_refuses(because=FIXED).settle()
    expect(kmip.state_of(key), "the State of the key").is_(State.ACTIVE)


@rule(
    "attributes.deactivation-date-is-fixed-once-deactivated",
    cites=kmip_1_4("3.27 Deactivation Date", "unless the object is in the Pre-Active or Active state"),
    in_2_x=kmip_2_1("4.18 Deactivation Date", "unless the object is in the Pre-Active or Active state"),
    needs=[*MODIFIES, Operation.ACTIVATE, Operation.REVOKE],
)
def the_deactivation_date_of_a_deactivated_key_stays(kmip: Conversation) -> None:
    """Modify Attribute of the Deactivation Date of a Deactivated key is refused, and the key stays Deactivated."""
    key = kmip.has_key(active=True)
    kmip.revoke(key).succeeds().settle()
    refused = kmip.modify_attribute(key, requests.attribute("Deactivation Date", in_days(10))).refuses(because=Reason.PERMISSION_DENIED)
    refused.or_refuses(because=FIXED).settle()
    expect(kmip.state_of(key), "the State of the key").is_(State.DEACTIVATED)
