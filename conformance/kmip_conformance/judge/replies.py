"""What the target answered: a `Reply` is a whole message, an `Answer` one batch item of it. Both are judged in sentences.

Values are read with `Answer.value` and its kin, which first judge the answer: whoever reads a payload expects that there is one, and a
missing field is a finding about the target, never an exception of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from kmip_conformance.client import Closed, Silence
from kmip_conformance.judge.expectations import Failure, Judged, in_words
from kmip_conformance.judge.reasons import lawful
from kmip_conformance.requests.forms import named_attributes, named_references
from kmip_conformance.tables import Operation, ResultReason, ResultStatus, Tag, words
from kmip_conformance.wire import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_conformance.tables import KmipVersion
    from kmip_conformance.wire import Item, ResponseBatchItem

Reasons = ResultReason | tuple[ResultReason, ...] | None


class Reply(Judged):
    """What came back for one message: a response, silence, a closed connection, or bytes that are no KMIP."""

    def __init__(self, outcome: bytes | Silence | Closed, tolerate: Callable[[str], None], asked_under: KmipVersion | None = None) -> None:
        super().__init__(tolerate)
        self._read = tolerate
        self.outcome = outcome
        self.asked_under = asked_under
        message = Response.read(outcome) if isinstance(outcome, bytes) else None
        self.message = message if message and message.root.tag == Tag.RESPONSE_MESSAGE else None

    @property
    def heard(self) -> bytes:
        """The bytes that came back; none when nothing did."""
        return self.outcome if isinstance(self.outcome, bytes) else b""

    @property
    def observed(self) -> str:
        """The outcome in a few words."""
        if self.message is None:
            return f"{len(self.outcome)} bytes that are no Response Message" if isinstance(self.outcome, bytes) else str(self.outcome)
        items = [Answer(self, index).observed for index in range(len(self.message.batch_items))]
        return "; ".join(items) or "a message without a batch item"

    @property
    def response(self) -> Response:
        """The response message. Fails when none came: a legal request is answered."""
        self.settle()
        if self.message is None or not self.message.batch_items:
            raise Failure(("answers the request",), self.observed)
        return self.message

    def __len__(self) -> int:
        return len(self.response.batch_items)

    def __getitem__(self, index: int) -> Answer:
        """The answer to one batch item, counted from 0. Fails when the message has fewer."""
        return Answer(self, index, self._read)

    def is_refused(self, because: Reasons = None) -> Self:
        """Every batch item of the answer fails, for one of these reasons (none: for any)."""
        return self.allows(f"refuses the message{_because(because)}", lambda: self._all_items_fail(because))

    def or_refuses(self, because: Reasons = None) -> Self:
        """It would be as lawful to refuse for these reasons."""
        return self.is_refused(because)

    def or_acceptably(self, because: Reasons = None) -> Self:
        """Refusing for these reasons is tolerated: non-strict."""
        return self.allows(f"refuses the message{_because(because)}", lambda: self._all_items_fail(because), lesser=True)

    def or_closes(self) -> Self:
        """It would be as lawful to close the connection without an answer."""
        return self.allows("closes the connection", lambda: isinstance(self.outcome, Closed))

    def or_acceptably_succeeds(self) -> Self:
        """Carrying out every batch item is tolerated: the request was wrong, and the standard does not say that it has to be refused."""
        return self.allows("carries the message out", self._all_items_succeed, lesser=True)

    def is_answered(self) -> Self:
        """Any orderly response will do, of whatever status."""
        return self.allows("answers", lambda: self.message is not None and bool(self.message.batch_items))

    def _all_items_succeed(self) -> bool:
        items = self.message.batch_items if self.message else ()
        return bool(items) and all(item.result_status == ResultStatus.SUCCESS for item in items)

    def _all_items_fail(self, because: Reasons) -> bool:
        items = self.message.batch_items if self.message else ()
        return bool(items) and all(_fails(item, because, self.asked_under) for item in items)


class Answer(Judged):
    """The target's answer to one batch item."""

    def __init__(self, reply: Reply, index: int = 0, tolerate: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(tolerate)
        self.reply = reply
        self._index = index

    @property
    def item(self) -> ResponseBatchItem | None:
        """The batch item, or None when the message has none at this place, or there is no message."""
        items = self.reply.message.batch_items if self.reply.message else ()
        return items[self._index] if self._index < len(items) else None

    @property
    def observed(self) -> str:
        """Status, reason and message of the batch item; or what came instead of one."""
        if self.reply.message is None:
            return self.reply.observed
        if self.item is None:
            return f"{len(self.reply.message.batch_items)} batch items"
        said = f": {in_words(self.item.result_message)}" if self.item.result_message else ""
        status = _words(ResultStatus, self.item.result_status)
        return status if self.item.result_reason is None else f"{status}, {_words(ResultReason, self.item.result_reason)}{said}"

    def succeeds(self) -> Self:
        """The operation succeeds."""
        return self.allows("succeeds", self._has_succeeded)

    def or_succeeds(self) -> Self:
        """It would be as lawful to succeed."""
        return self.succeeds()

    def refuses(self, because: Reasons = None) -> Self:
        """The operation fails for one of these reasons (none: for any)."""
        return self.allows(f"refuses{_because(because)}", lambda: _fails(self.item, because, self.reply.asked_under))

    def or_refuses(self, because: Reasons = None) -> Self:
        """It would be as lawful to refuse for these reasons."""
        return self.refuses(because)

    def or_acceptably(self, because: Reasons = None) -> Self:
        """Refusing for these reasons is tolerated: every MUST is met, a SHOULD is not."""
        return self.allows(f"refuses{_because(because)}", lambda: _fails(self.item, because, self.reply.asked_under), lesser=True)

    def or_acceptably_succeeds(self) -> Self:
        """Success is tolerated: every MUST is met, a SHOULD is not."""
        return self.allows("succeeds", self._has_succeeded, lesser=True)

    def is_answered(self) -> Self:
        """Any orderly answer will do: the check looks at something else."""
        return self.allows("answers", lambda: self.item is not None)

    @property
    def has_succeeded(self) -> bool:
        """Is the answer a Success? Judges nothing."""
        return self._has_succeeded()

    def _has_succeeded(self) -> bool:
        return self.item is not None and self.item.result_status == ResultStatus.SUCCESS

    @property
    def payload(self) -> Item:
        """The Response Payload. Judges the answer first; an answer without any expectation is expected to succeed."""
        if not self.is_judged:
            self.succeeds()
        self.settle()
        if self.item is None or not self.item.payload.tag:
            raise Failure(("returns a Response Payload",), self.observed)
        return self.item.payload

    def find(self, *path: Tag) -> Item | None:
        """The first such field of the payload, found by descending the tags, or None."""
        return self.payload.first(*path)

    def value(self, *path: Tag) -> Any:
        """The value of such a field. Fails when the payload has none."""
        found = self.find(*path)
        if found is None:
            raise Failure((f"returns {words(path[-1])}",), f"the payload holds {self._names_of_fields()}")
        return found.value

    def has(self, tag: Tag, wanted: object) -> Self:
        """The payload holds this field with this value."""
        value = self.value(tag)
        if value != wanted:
            raise Failure((f"returns {words(tag)} {in_words(wanted)}",), f"{words(tag)} {in_words(value)}")
        return self

    def lacks(self, tag: Tag) -> Self:
        """The payload does not hold this field."""
        found = self.find(tag)
        if found is not None:
            raise Failure((f"returns no {words(tag)}",), f"{words(tag)} {in_words(found.value)}")
        return self

    @property
    def uid(self) -> str:
        """The Unique Identifier in the payload."""
        return str(self.value(Tag.UNIQUE_IDENTIFIER))

    @property
    def key_material(self) -> bytes:
        """The Key Material of the object in the payload, when it is a byte string."""
        found = self.payload.anywhere(Tag.KEY_MATERIAL)
        if found is None or not isinstance(found.value, bytes):
            raise Failure(("returns Key Material",), f"the payload holds {self._names_of_fields()}")
        return found.value

    def attributes(self, name: str) -> list[Item]:
        """The attributes of this name in the payload, in the order in which they came; those of 2.x as Attribute structures of 1.x."""
        return [attribute for attribute in self.all_attributes() if attribute.text(Tag.ATTRIBUTE_NAME) == name]

    def all_attributes(self) -> list[Item]:
        """Every attribute in the payload, likewise."""
        return named_attributes(self.payload)

    def names(self) -> list[str]:
        """The names of the attributes that a Get Attribute List returns: Attribute Names, or Attribute References since 2.0."""
        return named_references(self.payload)

    def values(self, name: str) -> list[Any]:
        """The values of the attributes of this name; none when the operation was refused, which the check then allows."""
        self.settle()
        if not self._has_succeeded():
            return []
        found = (attribute.first(Tag.ATTRIBUTE_VALUE) for attribute in self.attributes(name))
        return [value.value for value in found if value is not None]

    def values_of(self, tag: Tag) -> list[Any]:
        """The values of such fields of the payload; none when the operation was refused, which the check then allows."""
        self.settle()
        return [item.value for item in self.payload.all(tag)] if self._has_succeeded() else []

    def attribute(self, name: str) -> Any:
        """The value of the first attribute of this name. Fails when there is none."""
        found = self.attributes(name)
        value = found[0].first(Tag.ATTRIBUTE_VALUE) if found else None
        if value is None:
            raise Failure((f"returns the attribute {name}",), f"the payload holds {self._names_of_fields()}")
        return value.value

    def _names_of_fields(self) -> str:
        return ", ".join(_words(Tag, child.tag) for child in self.payload.children) or "nothing"


def _fails(item: ResponseBatchItem | None, because: Reasons, version: KmipVersion | None) -> bool:
    if item is None or item.result_status != ResultStatus.OPERATION_FAILED:
        return False
    reasons = (because,) if isinstance(because, ResultReason) else because
    return reasons is None or item.result_reason in lawful(reasons, version)


def _because(reasons: Reasons) -> str:
    if reasons is None:
        return ""
    reasons = (reasons,) if isinstance(reasons, ResultReason) else reasons
    return f" because of {' or '.join(words(reason) for reason in reasons)}"


def _words(enumeration: type[Tag | ResultReason | ResultStatus | Operation], number: int | None) -> str:
    """The standard's words for a number that the target sent, which may be none of the standard's."""
    if number is None:
        return f"no {enumeration.__name__}"
    try:
        return words(enumeration(number))
    except ValueError:
        return f"{enumeration.__name__} {number:#x}"
