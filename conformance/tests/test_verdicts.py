"""The verdicts, and the evidence that each needs: real runs against small servers with stated vices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fakes
import pytest
from judging import MESSAGES, a_check, judged
from kmip_conformance.certificates import Authority
from kmip_conformance.errors import PortRefused
from kmip_conformance.judge.errors import AuthoringError
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.judge.verdicts import Excused, outcome_of
from kmip_conformance.tables import Tag
from kmip_conformance.wire import Item
from kmip_reports.records import Level, Verdict

if TYPE_CHECKING:
    from pathlib import Path

CREATE = "create.key-begins-pre-active"
NAMES = "create.names-what-it-made"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("pki"))


@pytest.mark.parametrize(
    ("raised", "level", "verdict"),
    [
        (None, Level.MUST, Verdict.PASS),
        (Failure(("refuses",), "Success"), Level.MUST, Verdict.FAIL),
        (Failure(("refuses",), "Success"), Level.SHOULD, Verdict.NON_STRICT),
        (Failure(("refuses",), "Success"), Level.MAY, Verdict.NON_STRICT),
        (PortRefused("nobody listens", "?"), Level.MUST, Verdict.FAIL),
        (Excused(Verdict.UNSUPPORTED, "Query leaves it out"), Level.MUST, Verdict.UNSUPPORTED),
        (Excused(Verdict.SKIPPED, "no second identity"), Level.MUST, Verdict.SKIPPED),
        (AuthoringError("judged nothing"), Level.MUST, Verdict.ERROR),
        (KeyError("a bug"), Level.SHOULD, Verdict.ERROR),
    ],
)
def test_how_a_check_ends_is_its_verdict(raised: BaseException | None, level: Level, verdict: Verdict) -> None:
    assert outcome_of(a_check(level=level), raised).verdict is verdict


def test_a_tolerated_reaction_is_non_strict_and_says_which() -> None:
    outcome = outcome_of(a_check(), None, ["refuses because of Invalid Message; better: refuses because of Invalid Field"])

    assert outcome.verdict is Verdict.NON_STRICT
    assert "better" in outcome.reason


def test_an_error_names_the_place_in_the_suite() -> None:
    with pytest.raises(LookupError) as caught:
        Item(0, 1, ()).without(Tag.OPERATION)

    outcome = outcome_of(a_check(), caught.value)

    assert outcome.reason.startswith("LookupError: nothing stands at ")
    assert "items.py:" in outcome.reason


def test_what_a_server_says_it_does_not_do_is_unsupported(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.Fake(), authority) as target:
        run = judged(target, tmp_path, CREATE, *MESSAGES)

    assert run.verdicts[CREATE] is Verdict.UNSUPPORTED
    assert "leaves Create out of Query" in run.records[CREATE].attempts[0].reason
    assert run.verdicts["messages.unknown-operation-refused"] is Verdict.PASS
    assert run.code == 0


@pytest.mark.parametrize("vice", [fakes.RefusesVaguely, fakes.PerformsWhatDoesNotExist])
def test_a_server_whose_refusals_prove_nothing_is_not_excused(vice: type[fakes.Fake], authority: Authority, tmp_path: Path) -> None:
    with fakes.running(vice(), authority) as target:
        run = judged(target, tmp_path, CREATE)

    assert run.verdicts == {CREATE: Verdict.FAIL}
    assert run.code == 1


def test_a_wrong_word_for_an_unassigned_operation_costs_one_rule_alone(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.RefusesHonestlyWhatItKnows(), authority) as target:
        run = judged(target, tmp_path, CREATE, "messages.unknown-operation-refused")

    assert run.verdicts == {CREATE: Verdict.UNSUPPORTED, "messages.unknown-operation-refused": Verdict.FAIL}


def test_a_server_that_lists_what_it_refuses_fails(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.ClaimsCreate(), authority) as target:
        run = judged(target, tmp_path, NAMES)

    finding = run.records[NAMES].attempts[0].finding
    assert run.verdicts == {NAMES: Verdict.FAIL}
    assert finding is not None
    assert finding.observed == "Operation Failed, Operation Not Supported: 'no'"
    assert finding.requirement == "Create answers with the Object Type and the Unique Identifier of the new object."


def test_what_a_claimed_profile_demands_is_never_unsupported(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.Fake(), authority) as target:
        run = judged(target, tmp_path, CREATE, profiles=("vcenter",))

    finding = run.records[CREATE].attempts[0].finding
    assert run.verdicts == {CREATE: Verdict.FAIL}
    assert finding is not None
    assert finding.expected == ("supports Create, which the profile vcenter demands",)


def test_no_answer_to_a_legal_request_is_a_failure(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.SilentAboutGet(), authority) as target:
        run = judged(target, tmp_path, "get.unknown-object-not-found", timeout=0.3)

    finding = run.records["get.unknown-object-not-found"].attempts[0].finding
    assert finding is not None
    assert finding.observed == "no answer within 0.3 s"


def test_a_missed_should_is_non_strict_and_fails_only_a_strict_run(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.PadsWithOnes(), authority) as target:
        lenient = judged(target, tmp_path, "ttlv.padding-is-zero")
        strict = judged(target, tmp_path, "ttlv.padding-is-zero", strict=True)

    assert lenient.verdicts == {"ttlv.padding-is-zero": Verdict.NON_STRICT}
    assert (lenient.code, strict.code) == (0, 1)


def test_a_hostile_message_that_ends_the_server_is_the_failure_of_its_check(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.DiesOfBrokenMessages(), authority) as target:
        run = judged(target, tmp_path, "ttlv.message-cut-short-is-refused")

    finding = run.records["ttlv.message-cut-short-is-refused"].attempts[0].finding
    assert finding is not None
    assert finding.expected == ("goes on answering other clients",)
    assert run.ended[0] is not None
    assert "no longer answers" in run.ended[0].notes[-1]


def test_a_vice_is_seen_by_the_check_that_is_about_it(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.LosesBatchItemIds(), authority) as target:
        run = judged(target, tmp_path, *MESSAGES)

    deviating = {check_id for check_id, verdict in run.verdicts.items() if verdict is Verdict.FAIL}
    assert deviating == {"messages.batch-item-ids-echoed"}


def test_a_failure_comes_with_its_transcript_masked(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.LosesBatchItemIds(), authority) as target:
        run = judged(target, tmp_path, "messages.batch-item-ids-echoed")

    (exchange,) = run.records["messages.batch-item-ids-echoed"].attempts[0].transcript
    assert exchange.title == "Query + Query"
    assert exchange.request_hex.startswith("420078")
    assert "Batch Item" in exchange.response_tree


def test_a_closed_port_is_refused_before_anything_is_judged(authority: Authority, tmp_path: Path) -> None:
    with fakes.running(fakes.Fake(), authority) as target:
        pass
    with pytest.raises(PortRefused) as refusal:
        judged(target, tmp_path)

    assert refusal.value.exit_code == 6
    assert not (tmp_path / "report" / "run.jsonl").exists()
