"""What a server may lawfully do otherwise. No check may fail because of one of these."""

from __future__ import annotations

from kmip_conformance import requests
from kmip_conformance.proxy.mutant import VARIATIONS, Answered, Delivery
from kmip_conformance.tables import Operation, ResultStatus, Tag
from kmip_conformance.wire import Item, integer, structure, text

VARIATIONS.declare(
    "lawful.slow", "Every answer takes 50 ms longer.", source="C answers of vCenter's capture took seconds", delivery=Delivery(pause=0.05)
)

VARIATIONS.declare("lawful.byte-by-byte", "Answers come byte by byte.", source="TCP is a stream", delivery=Delivery(piece=1))


@VARIATIONS.spoils_item("lawful.other-wording", "Result Messages have other words.", source="KMIP 1.4, 6.11: the text is the server's own")
def other_wording(answered: Answered) -> Item:
    """In another language, not ASCII."""
    return answered.item.mapped(Tag.RESULT_MESSAGE, lambda item: text(item.tag, "Das geht so leider nicht – für Näheres siehe Protokoll."))


@VARIATIONS.spoils_item("lawful.no-result-message", "Failures have no Result Message.", source="KMIP 1.4, 7.2, table 285: optional")
def no_result_message(answered: Answered) -> Item:
    """Status and reason only."""
    return answered.item.mapped(Tag.RESULT_MESSAGE, lambda _: None)


@VARIATIONS.spoils_item(
    "lawful.vendor-information",
    "Query adds Server Information of the vendor's own.",
    Operation.QUERY,
    source="KMIP 1.4, 4.25: Server Information",
)
def vendor_information(answered: Answered) -> Item:
    """Wherever the vendor's name is given: in a structure behind it, or at the end of the one that is there."""
    payload = answered.answer.payload
    if payload.first(Tag.VENDOR_IDENTIFICATION) is None:
        return answered.item
    extensions = (text(0x540001, "ACME vault"), integer(0x540002, 7))
    if payload.first(Tag.SERVER_INFORMATION) is not None:
        return answered.with_payload(lambda payload: payload.changed(Tag.SERVER_INFORMATION, lambda item: item.adding(*extensions)))
    information = structure(Tag.SERVER_INFORMATION, *extensions)
    return answered.with_payload(lambda payload: payload.rebuilt(Tag.VENDOR_IDENTIFICATION, lambda item: (item, information)))


@VARIATIONS.spoils_item(
    "lawful.attributes-in-another-order",
    "Get Attributes answers in another order.",
    Operation.GET_ATTRIBUTES,
    source="KMIP 1.4, 4.12: no order is asked for",
)
def attributes_in_another_order(answered: Answered) -> Item:
    """Different attributes change places; the instances of one stay in their order."""

    def reordered(payload: Item) -> Item:
        attributes = payload.all(Tag.ATTRIBUTE)
        names = list(dict.fromkeys(item.text(Tag.ATTRIBUTE_NAME) for item in attributes))
        by_name = [item for name in reversed(names) for item in attributes if item.text(Tag.ATTRIBUTE_NAME) == name]
        return payload.holding((*(child for child in payload.children if child.tag != Tag.ATTRIBUTE), *by_name))

    return answered.with_payload(reordered)


@VARIATIONS.spoils_item(
    "lawful.index-zero-written",
    "The Attribute Index 0 is written out.",
    Operation.GET_ATTRIBUTES,
    Operation.ADD_ATTRIBUTE,
    Operation.MODIFY_ATTRIBUTE,
    Operation.DELETE_ATTRIBUTE,
    source="KMIP 1.4, 2.1.1: 0 when it is left out",
)
def index_zero_written(answered: Answered) -> Item:
    """Where it is left out."""

    def with_index(item: Item) -> Item:
        if item.first(Tag.ATTRIBUTE_INDEX) is not None or item.first(Tag.ATTRIBUTE_NAME) is None:
            return item
        name, *others = item.children
        return item.holding((name, integer(Tag.ATTRIBUTE_INDEX, 0), *others))

    return answered.item.mapped(Tag.ATTRIBUTE, with_index)


@VARIATIONS.spoils_item(
    "lawful.generous-answers",
    "Create and Register return the attributes that the server chose itself.",
    Operation.CREATE,
    Operation.REGISTER,
    source="KMIP 1.4, 4.1 and 4.3: Template-Attribute, optional",
)
async def generous_answers(answered: Answered) -> Item:
    """A Template-Attribute with the Initial Date, behind the Unique Identifier."""
    if answered.answer.result_status != ResultStatus.SUCCESS or answered.answer.payload.first(Tag.TEMPLATE_ATTRIBUTE) is not None:
        return answered.item
    response = await answered.passage.ask(requests.get_attributes(answered.answer.unique_identifier, "Initial Date"))
    chosen = response.root.first(Tag.BATCH_ITEM, Tag.RESPONSE_PAYLOAD, Tag.ATTRIBUTE)
    return answered.with_payload(lambda payload: payload.adding(requests.template_attribute(chosen))) if chosen else answered.item
