"""Expectations read as sentences, are judged once, and never pass over an answer in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fakes
import pytest
from kmip_conformance.client import Closed, Silence
from kmip_conformance.judge.errors import AuthoringError
from kmip_conformance.judge.expectations import Failure, expect, in_words
from kmip_conformance.judge.proceedings import Proceedings
from kmip_conformance.judge.replies import Answer, Reply
from kmip_conformance.requests import discover_versions, get, request
from kmip_conformance.tables import V1_4, ObjectType, ResultReason, State, Tag
from kmip_conformance.wire import encode
from kmip_reports.records import Verdict

if TYPE_CHECKING:
    from kmip_conformance.wire import Item


def reply_to(item: Item, proceedings: Proceedings) -> Reply:
    answer = fakes.Fake().answer(encode(request(V1_4, item)))
    assert answer is not None
    return Reply(answer, proceedings.tolerate)


@pytest.fixture
def proceedings() -> Proceedings:
    return Proceedings()


@pytest.fixture
def refused(proceedings: Proceedings) -> Answer:
    """An answer that refuses with Operation Not Supported."""
    answer = Answer(reply_to(get("1"), proceedings), 0, proceedings.tolerate)
    proceedings.await_judgement(answer)
    return answer


@pytest.fixture
def succeeded(proceedings: Proceedings) -> Answer:
    """A successful answer with two Protocol Versions."""
    return Answer(reply_to(discover_versions(), proceedings), 0, proceedings.tolerate)


def test_the_rule_is_met(refused: Answer, proceedings: Proceedings) -> None:
    refused.refuses(because=ResultReason.OPERATION_NOT_SUPPORTED)

    proceedings.close()

    assert proceedings.tolerated == []


def test_any_of_several_reasons_will_do(refused: Answer, proceedings: Proceedings) -> None:
    refused.refuses(because=(ResultReason.ITEM_NOT_FOUND, ResultReason.OPERATION_NOT_SUPPORTED))

    proceedings.close()


def test_a_missed_rule_names_every_lawful_reaction_and_what_came(refused: Answer, proceedings: Proceedings) -> None:
    refused.succeeds().or_refuses(because=ResultReason.ITEM_NOT_FOUND)

    with pytest.raises(Failure) as failure:
        proceedings.close()

    assert failure.value.expected == ("succeeds", "refuses because of Item Not Found")
    assert failure.value.observed == "Operation Failed, Operation Not Supported: 'no'"


def test_a_tolerated_reaction_is_noted_and_does_not_fail(refused: Answer, proceedings: Proceedings) -> None:
    refused.refuses(because=ResultReason.ITEM_NOT_FOUND).or_acceptably(because=ResultReason.OPERATION_NOT_SUPPORTED)

    proceedings.close()

    assert proceedings.tolerated == ["refuses because of Operation Not Supported; better: refuses because of Item Not Found"]


@pytest.mark.usefixtures("refused")
def test_an_answer_about_which_nothing_is_said_is_an_error_of_the_check(proceedings: Proceedings) -> None:
    with pytest.raises(AuthoringError, match="judged nothing"):
        proceedings.close()


def test_reading_a_value_expects_success(refused: Answer) -> None:
    with pytest.raises(Failure, match="succeeds"):
        _ = refused.uid


def test_a_missing_field_is_a_finding_about_the_target(succeeded: Answer) -> None:
    with pytest.raises(Failure) as failure:
        _ = succeeded.uid

    assert failure.value.expected == ("returns Unique Identifier",)
    assert failure.value.observed == "the payload holds Protocol Version, Protocol Version"


def test_fields_that_have_to_be_there_or_must_not_be(succeeded: Answer) -> None:
    succeeded.lacks(Tag.UNIQUE_IDENTIFIER)
    with pytest.raises(Failure, match="returns no Protocol Version"):
        succeeded.lacks(Tag.PROTOCOL_VERSION)
    with pytest.raises(Failure, match="returns Object Type"):
        succeeded.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY)


@pytest.mark.parametrize(
    ("outcome", "observed"),
    [
        (Closed("reset"), "connection reset"),
        (Silence(2.0), "no answer within 2 s"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "28 bytes that are no Response Message"),
    ],
)
def test_no_answer_is_observed_in_words(outcome: bytes | Closed | Silence, observed: str, proceedings: Proceedings) -> None:
    reply = Reply(outcome, proceedings.tolerate)

    with pytest.raises(Failure) as failure:
        _ = reply.response

    assert failure.value.observed == observed


def test_a_closed_connection_can_be_as_lawful_as_a_refusal(proceedings: Proceedings) -> None:
    reply = Reply(Closed(), proceedings.tolerate).is_refused(because=ResultReason.INVALID_MESSAGE).or_closes()

    reply.settle()


def test_another_threads_unfinished_sentence_is_not_judged(refused: Answer, proceedings: Proceedings) -> None:
    from threading import Thread

    refused.succeeds()
    failures: list[BaseException] = []

    def settle() -> None:
        try:
            proceedings.settle()
        except Failure as failure:
            failures.append(failure)

    thread = Thread(target=settle)
    thread.start()
    thread.join()
    refused.or_refuses()
    proceedings.close()

    assert failures == []


def test_a_step_that_fails_is_marked_and_ends_the_scenario(refused: Answer, proceedings: Proceedings) -> None:
    with pytest.raises(Failure), proceedings.step("Get", "observed"):
        refused.succeeds()

    (step,) = proceedings.steps
    assert (step.title, step.mark, step.verdict) == ("Get", "observed", Verdict.FAIL)
    assert "Operation Not Supported" in step.detail


def test_a_step_with_a_tolerated_reaction_is_non_strict(refused: Answer, proceedings: Proceedings) -> None:
    with proceedings.step("Get", "reported"):
        refused.succeeds().or_acceptably()

    assert proceedings.steps[0].verdict is Verdict.NON_STRICT


def test_values_are_shown_in_the_standards_words_and_never_as_key_material() -> None:
    assert in_words(State.PRE_ACTIVE) == "Pre-Active"
    assert in_words(b"0123456789abcdef") == "16 bytes"
    assert in_words(None) == "absent"
    assert len(in_words("x" * 1000)) <= 120


@pytest.mark.parametrize(
    ("state", "holds"),
    [
        (lambda: expect(2, "the State").is_(State.ACTIVE), True),
        (lambda: expect(1, "the State").is_(State.ACTIVE), False),
        (lambda: expect(["a", "b"], "the names").contains("a", "b"), True),
        (lambda: expect(["a"], "the names").contains("b"), False),
        (lambda: expect(["a"], "the names").lacks("a"), False),
        (lambda: expect(None, "the Lease Time").is_absent(), True),
        (lambda: expect(None, "the Lease Time").is_present(), False),
        (lambda: expect(b"12", "the key").has_length(3), False),
        (lambda: expect(5, "the time").is_between(1, 5), True),
        (lambda: expect("5", "the time").is_between(1, 5), False),
    ],
)
def test_expectations_about_values(state, holds: bool) -> None:  # type: ignore[no-untyped-def]
    if holds:
        state()
    else:
        with pytest.raises(Failure):
            state()
