"""What checks of attributes and of Locate arrange again and again: names of their own, attributes that a target may do without, a search.

The standard has every attribute beyond a small baseline optional (KMIP 1.0, 12.1; later the Baseline Server profile), and a server's policy
"MAY further restrict" each (KMIP 1.4, 3). A target that refuses to take such an attribute, for a reason that the standard has for that,
is excused from the rules about it: *unsupported*. One that takes it is held to them.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from kmip_reports.records import Verdict

from kmip_conformance import requests
from kmip_conformance.judge.verdicts import Excused
from kmip_conformance.tables import ResultReason, ResultStatus, Tag
from kmip_conformance.wire import integer

if TYPE_CHECKING:
    from kmip_conformance.judge.conversation import Conversation
    from kmip_conformance.judge.replies import Answer
    from kmip_conformance.wire import Item

NOT_TAKEN = (
    ResultReason.PERMISSION_DENIED,
    ResultReason.INVALID_FIELD,
    ResultReason.INDEX_OUT_OF_BOUNDS,
    ResultReason.FEATURE_NOT_SUPPORTED,
)
"""How an attribute is refused that the target does not take, at all or so many of (KMIP 1.4, 11.2 and 11.15)."""


POLLS = 200
"""How often an operation is polled before it is taken for one that never ends."""


def label() -> str:
    """A text that no object of the target has yet: for names, and for whatever else is to be found again."""
    return f"kmiplab-{uuid.uuid4().hex}"


def own_name() -> Item:
    """The attribute Name with a value of its own."""
    return requests.name(label())


def key_with(kmip: Conversation, *attributes: Item, **fields: Any) -> str:
    """Create an AES key with attributes that a target may do without; its Unique Identifier."""
    answer = kmip.create_symmetric_key(*attributes, **fields).succeeds().or_refuses(because=NOT_TAKEN)
    created = answer.values_of(Tag.UNIQUE_IDENTIFIER)
    if not created:
        raise _excused(attributes, answer)
    return str(created[0])


def key_with_numbered(kmip: Conversation, *instances: Item) -> str:
    """Create an AES key with several instances of one attribute, numbered from 0: "when the Attribute Index is not specified it SHALL be
    assumed to be 0" (KMIP 1.4, 2.1.1), so that they would be one and the same without; its Unique Identifier.
    """
    return key_with(kmip, *(_numbered(instance, index) for index, instance in enumerate(instances)))


def adds(kmip: Conversation, uid: str, attribute: Item) -> Answer:
    """Add Attribute of one that a target may do without, which has to succeed otherwise; its answer."""
    answer = kmip.add_attribute(uid, attribute).succeeds().or_refuses(because=NOT_TAKEN)
    if not answer.values_of(Tag.UNIQUE_IDENTIFIER):
        raise _excused((attribute,), answer)
    return answer


def finds(kmip: Conversation, uid: str, *criteria: Item, **fields: Any) -> bool:
    """Is this object among those that a Locate finds, which has to succeed?"""
    return uid in kmip.locate(*criteria, **fields).succeeds().values_of(Tag.UNIQUE_IDENTIFIER)


def is_pending(answer: Answer) -> bool:
    """Is the answer Operation Pending, with a value to poll?"""
    item = answer.item
    pending = item is not None and item.result_status == ResultStatus.OPERATION_PENDING
    return pending and item is not None and item.asynchronous_correlation_value is not None


def polled(kmip: Conversation, answer: Answer) -> Answer:
    """The last answer to what may be answered later: the first itself, or the one that Poll gives when it is not pending any more.

    It is asked again as often as patience allows; how long an operation takes is the target's affair.
    """
    first = answer.allows("succeeds, or is pending", lambda: answer.has_succeeded or is_pending(answer))
    first.settle()
    value = answer.item.asynchronous_correlation_value if answer.item else None
    for _ in range(POLLS if is_pending(answer) and value is not None else 0):
        answer = kmip.ask(requests.poll(value or b""))
        if not answer.item or answer.item.result_status != ResultStatus.OPERATION_PENDING:
            return answer
        answer.is_answered().settle()
    return answer


def values_of(kmip: Conversation, uid: str, name: str) -> list[Item]:
    """The Attribute Values of an attribute that Get Attributes returns: items, so that they compare by type and by value."""
    found = (attribute.first(Tag.ATTRIBUTE_VALUE) for attribute in kmip.get_attributes(uid, name).succeeds().attributes(name))
    return [value for value in found if value is not None]


def value_in(attribute: Item) -> Item:
    """The Attribute Value of an attribute that is sent."""
    value = attribute.first(Tag.ATTRIBUTE_VALUE)
    assert value is not None
    return value


def _numbered(attribute: Item, index: int) -> Item:
    """The attribute with an Attribute Index behind its name."""
    name, *others = attribute.children
    return attribute.holding((name, integer(Tag.ATTRIBUTE_INDEX, index), *others))


def _excused(attributes: tuple[Item, ...], answer: Answer) -> Excused:
    names = ", ".join(dict.fromkeys(attribute.text(Tag.ATTRIBUTE_NAME) or "" for attribute in attributes))
    return Excused(Verdict.UNSUPPORTED, f"the target does not take {names}: {answer.observed}")
