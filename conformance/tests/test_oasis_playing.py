"""Whole plays, in a run as `kmiplab check --oasis` makes it, against small servers whose vice is stated."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import fakes
import oasis_xml as xml
import pytest
from judging import MESSAGES, Run, judged
from kmip_conformance.certificates import Authority
from kmip_conformance.judge.brief import Brief, OasisBrief
from kmip_conformance.oasis.figures import counted, figures_of, relaxed
from kmip_conformance.oasis.playing import PUSHED_TO
from kmip_conformance.tables import V1_4, Operation, ResultReason, Tag
from kmip_conformance.wire import encode, enumeration, integer, octets, text
from kmip_reports.records import Verdict, read_run

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_conformance.client import Target
    from kmip_conformance.wire import Item, RequestBatchItem

EVERYTHING = tuple(operation for operation in Operation if operation not in {Operation.NOTIFY, Operation.PUT})


class Keeper(fakes.Fake):
    """Keeps objects: Create gives an identifier, Get and Destroy want one that is there. ``vice`` is what it does wrong."""

    def __init__(self, vice: str = "") -> None:
        super().__init__(listed=() if vice == "no Get" else EVERYTHING)
        self.vice = vice
        self.kept: list[str] = []
        self.sent: list[Item] = []
        self.polls = 0

    def item(self, item: RequestBatchItem) -> Item:
        self.sent.append(item.item)
        uid = item.payload.text(Tag.UNIQUE_IDENTIFIER)
        if item.operation == Operation.CREATE:
            self.kept.append(f"uid-{len(self.kept)}")
            return fakes.success(item, enumeration(Tag.OBJECT_TYPE, 2), text(Tag.UNIQUE_IDENTIFIER, self.kept[-1]))
        if item.operation == Operation.GET and self.vice != "no Get":
            return self.get(item, uid or "")
        if item.operation == Operation.DESTROY and uid in self.kept:
            self.kept.remove(uid)
            return fakes.success(item, text(Tag.UNIQUE_IDENTIFIER, uid))
        if item.operation == Operation.POLL:
            self.polls += 1
            pending = fakes.failure(item, ResultReason.GENERAL_FAILURE)
            return fakes.success(item, text(Tag.UNIQUE_IDENTIFIER, "uid-0")) if self.polls > 2 else pending
        return super().item(item)

    def get(self, item: RequestBatchItem, uid: str) -> Item:
        if uid in self.kept:
            return fakes.success(item, text(Tag.UNIQUE_IDENTIFIER, "uid-other" if self.vice == "another object" else uid))
        reason = ResultReason.PERMISSION_DENIED if self.vice == "another reason" else ResultReason.ITEM_NOT_FOUND
        return fakes.success(item) if self.vice == "no failure" else fakes.failure(item, reason)


CREATE = xml.request(
    xml.asked("Create", '<ObjectType type="Enumeration" value="SymmetricKey"/>', '<NameValue type="TextString" value="a-name"/>')
)
CREATED = xml.response(xml.answered("Create", '<ObjectType type="Enumeration" value="SymmetricKey"/>', xml.uid()))
GET = xml.request(xml.asked("Get", xml.uid()))
GOT = xml.response(xml.answered("Get", xml.uid()))
GET_ANOTHER = xml.request(xml.asked("Get", xml.uid("no-such-object")))
NOT_THERE = xml.response(xml.refused("Get", "ItemNotFound", "NOT_FOUND"))
OWN = (CREATE, CREATED, GET, GOT, GET_ANOTHER, NOT_THERE)
ID = "oasis.1.4.TC-OWN-1-14"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def played(tmp_path: Path, authority: Authority) -> Any:
    """Play the case in these messages against a keeper with a vice."""

    def play(*messages: str, keeper: Keeper | None = None, name: str = "TC-OWN-1-14", **options: Any) -> tuple[Run, Keeper]:
        keeper = keeper or Keeper()
        xml.written(tmp_path / "cases", *(messages or OWN), name=name)
        with fakes.running(keeper, authority) as target:
            run = judged(target, tmp_path, oasis=OasisBrief(tmp_path / "cases"), **options)
        return run, keeper

    return play


def test_a_case_that_goes_as_published(played: Any) -> None:
    run, keeper = played()

    attempt = run.records[ID].attempts[0]
    assert (run.code, run.verdicts) == (0, {ID: Verdict.PASS})
    assert attempt.kmip_version == "1.4"
    assert sorted(set(attempt.variations)) == ["result-message", "time-stamp"]
    assert keeper.kept == [], "what the case created is destroyed at its end"
    (name,) = [item.value for sent in keeper.sent for item in sent.walk() if item.tag == Tag.NAME_VALUE]
    assert str(name).endswith("-a-name")
    assert name != "a-name", "its names are kept apart from everybody else's"


@pytest.mark.parametrize(
    ("vice", "verdict", "observed"),
    [
        ("another object", Verdict.FAIL, "uid-other"),
        ("no failure", Verdict.FAIL, "Success"),
        ("another reason", Verdict.NON_STRICT, "result-reason: step 3, Batch Item / Result Reason: Permission Denied"),
        ("no Get", Verdict.UNSUPPORTED, "leaves Get out of Query"),
    ],
)
def test_each_vice_is_seen(played: Any, vice: str, verdict: Verdict, observed: str) -> None:
    run, _ = played(keeper=Keeper(vice))

    attempt = run.records[ID].attempts[0]
    assert run.verdicts == {ID: verdict}
    assert observed in (attempt.finding.observed if attempt.finding else attempt.reason)
    assert run.code == (1 if verdict is Verdict.FAIL else 0)


def test_a_failure_says_the_step_the_line_both_values_and_shows_the_exchange(played: Any) -> None:
    run, _ = played(keeper=Keeper("another object"))

    attempt = run.records[ID].attempts[0]
    assert attempt.finding is not None
    assert attempt.finding.requirement == "TC-OWN-1-14 goes as published: Test case."
    assert attempt.finding.expected == (
        'step 2 (Get), line 5: Batch Item / Response Payload / Unique Identifier: $UNIQUE_IDENTIFIER_0, "uid-0"',
    )
    assert attempt.finding.observed == 'Batch Item / Response Payload / Unique Identifier: "uid-other"'
    assert [exchange.title for exchange in attempt.transcript] == ["step 1: Create", "step 2: Get"]
    assert run.records[ID].replay.endswith(f"--select {ID}")


def test_only_the_relaxed_count_fails_a_strict_run(played: Any) -> None:
    run, _ = played(keeper=Keeper("another reason"), strict=True)

    assert run.code == 1


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        (("# [Client-B]", *OWN), "Client-B needs an identity that shares objects with the target's own client: --oasis-client B=CERT,KEY"),
        ((GET, GOT), "the file cannot be played: line 2 sends $UNIQUE_IDENTIFIER_0"),
        (
            ("# [Server-to-Client]", xml.request(xml.asked("Put")), xml.response(xml.answered("Put"))),
            "the server sent no Put over this connection",
        ),
        (("<Nonsense>",), "the file cannot be played: TC-OWN-1-14.xml, line 3: not well-formed XML"),
    ],
)
def test_what_cannot_be_played_is_skipped_with_whose_fault_it_is(played: Any, messages: tuple[str, ...], reason: str) -> None:
    run, _ = played(*messages)

    assert run.verdicts == {ID: Verdict.SKIPPED}
    assert reason in run.records[ID].attempts[0].reason


def test_a_login_that_the_target_does_not_know_is_not_held_against_it(played: Any) -> None:
    login = (
        '<Authentication><Credential><CredentialType type="Enumeration" value="UsernameAndPassword"/>'
        '<CredentialValue><Username type="TextString" value="Fred"/></CredentialValue></Credential></Authentication>'
    )

    class Locked(Keeper):
        def item(self, item: RequestBatchItem) -> Item:
            if item.operation == Operation.CREATE:
                return fakes.failure(item, ResultReason.AUTHENTICATION_NOT_SUCCESSFUL)
            return super().item(item)

    run, _ = played(CREATE.replace("</ProtocolVersion>", f"</ProtocolVersion>{login}"), CREATED, keeper=Locked())
    assert run.verdicts == {ID: Verdict.SKIPPED}
    assert "step 1 logs in as Fred" in run.records[ID].attempts[0].reason

    run, _ = played(CREATE, CREATED, keeper=Locked())
    assert run.verdicts == {ID: Verdict.FAIL}


def test_a_version_that_the_target_does_not_offer(played: Any) -> None:
    keeper = Keeper()
    keeper.versions = (V1_4,)
    run, _ = played(xml.request(xml.asked("Query"), version="2.1"), xml.response(xml.answered("Query"), version="2.1"), keeper=keeper)

    assert run.verdicts == {ID: Verdict.UNSUPPORTED}
    assert "does not offer KMIP 2.1" in run.records[ID].attempts[0].reason


def test_a_target_without_https_need_not_play_the_encodings(played: Any) -> None:
    run, _ = played(xml.request(xml.asked("Query")), xml.response(xml.answered("Query")), name="MSGENC-XML-M-1-14")

    (record,) = run.records.values()
    assert record.verdict is Verdict.UNSUPPORTED
    assert "nobody answers HTTPS" in record.attempts[0].reason


def test_a_request_is_repeated_until_the_answer_is_there(played: Any) -> None:
    poll = xml.request(xml.asked("Poll"))
    done = xml.response(xml.answered("Poll", xml.uid()))

    run, keeper = played("# [REPEAT] until it is done", poll, done)
    assert (run.verdicts, keeper.polls) == ({ID: Verdict.PASS}, 3)

    run, keeper = played(poll, done)
    assert (run.verdicts, keeper.polls) == ({ID: Verdict.FAIL}, 1)


def test_a_case_that_begins_with_what_another_left_is_played_behind_it(tmp_path: Path, authority: Authority) -> None:
    cases = tmp_path / "cases"
    xml.written(cases, CREATE, CREATED, name="SASED-M-2-14")
    xml.written(
        cases, xml.request(xml.asked("Get", xml.uid("uid-0"))), xml.response(xml.answered("Get", xml.uid("uid-0"))), name="SASED-M-3-14"
    )
    keeper = Keeper()

    with fakes.running(keeper, authority) as target:
        run = judged(target, tmp_path, "SASED-M-3", oasis=OasisBrief(cases))

    assert run.verdicts == {"oasis.1.4.SASED-M-3-14": Verdict.PASS}
    assert keeper.heard.count(Operation.CREATE) == 1
    assert keeper.kept == []


def test_one_of_several_lawful_behaviours_is_enough(tmp_path: Path, authority: Authority) -> None:
    class Seeds(Keeper):
        def item(self, item: RequestBatchItem) -> Item:
            if item.operation == Operation.RNG_SEED:
                return fakes.success(item, integer(Tag.DATA_LENGTH, 0))
            return super().item(item)

    for number, length in ((1, 32), (2, 16), (3, 0)):
        answer = xml.response(xml.answered("RNGSeed", f'<DataLength type="Integer" value="{length}"/>'))
        xml.written(tmp_path / "cases", xml.request(xml.asked("RNGSeed")), answer, name=f"CS-RNG-O-{number}-14")

    with fakes.running(Seeds(), authority) as target:
        run = judged(target, tmp_path, oasis=OasisBrief(tmp_path / "cases"))

    assert list(run.verdicts.values()) == [Verdict.UNSUPPORTED, Verdict.UNSUPPORTED, Verdict.PASS]
    assert "behaves as CS-RNG-O-3-14 has it" in run.records["oasis.1.4.CS-RNG-O-1-14"].attempts[0].reason


def test_cases_side_by_side_come_to_the_same(tmp_path: Path, authority: Authority) -> None:
    for number in range(1, 7):
        xml.written(tmp_path / "cases", *OWN, name=f"TC-OWN-{number}-14")
    xml.written(tmp_path / "cases", *OWN, name="TC-32-14")

    class Numbered(Keeper):
        def item(self, item: RequestBatchItem) -> Item:
            if item.operation == Operation.CREATE:
                self.kept.append(f"uid-{len(self.sent)}")
                return fakes.success(item, enumeration(Tag.OBJECT_TYPE, 2), text(Tag.UNIQUE_IDENTIFIER, self.kept[-1]))
            return super().item(item)

    with fakes.running(Numbered(), authority) as target:
        run = judged(target, tmp_path, oasis=OasisBrief(tmp_path / "cases"), jobs=2)

    assert set(run.verdicts.values()) == {Verdict.PASS}
    assert len(run.verdicts) == 7


@pytest.mark.parametrize("pushed_to", ["nobody else", "client.pem", "stranger.pem"])
def test_a_turned_connection_is_answered(tmp_path: Path, authority: Authority, pushed_to: str) -> None:
    put = xml.request(xml.asked("Put", xml.uid("$UNIQUE_IDENTIFIER_0")))
    at = '<TimeStamp type="DateTime" value="2026-01-01T00:00:00Z"/>'
    more = xml.attribute("State", "Enumeration", "Active")
    sent_by_the_server = xml.item(xml.request(xml.asked("Put", xml.uid("uid-7"), more), header=at))

    class Puts(Keeper):
        def answer(self, data: bytes) -> bytes | None:
            answer = super().answer(data)
            creates = self.heard and self.heard[-1] == Operation.CREATE
            return encode(sent_by_the_server) + (answer or b"") if creates else answer

    run_folder = tmp_path / "cases"
    create = xml.request(xml.asked("Create"))
    xml.written(
        run_folder,
        create,
        xml.response(xml.answered("Create", '<ObjectType type="Enumeration" value="SymmetricKey"/>', xml.uid("$UNIQUE_IDENTIFIER_1"))),
        "# [Server-to-Client]",
        put,
        xml.response(xml.answered("Put")),
    )
    keeper = Puts()
    with fakes.running(keeper, authority) as target:
        assert target.cert is not None
        assert target.key is not None
        certificates = {"client.pem": target.cert, "stranger.pem": Authority.make(tmp_path / "strangers").client().cert}
        identities = {} if pushed_to == "nobody else" else {PUSHED_TO: (certificates[pushed_to], target.key)}
        run = judged(target, tmp_path, oasis=OasisBrief(run_folder, identities))

    assert (run.verdicts == {ID: Verdict.PASS}) == (pushed_to != "stranger.pem")
    assert (Operation.PUT in keeper.heard) == (pushed_to != "stranger.pem"), "the answer to the server's request came back to it"


def test_the_records_and_the_figures(played: Any, tmp_path: Path) -> None:
    run, _ = played(keeper=Keeper("another reason"))

    records = read_run(tmp_path / "report" / "run.jsonl").checks
    assert records == list(run.records.values())
    assert counted(records) == {"1.4": {"cases": 1, "strict": 0, "relaxed": 1, "failed": 0, "unsupported": 0, "not played": 0}}
    assert relaxed(records)["result-reason"] == (1, 1)
    lines = list(figures_of(records))
    assert any(line.split() == ["1.4", "1", "0", "1", "0", "0", "0"] for line in lines)
    assert any("result-reason" in line and "only in the relaxed count" in line for line in lines)


def test_one_baseline_serves_both_kinds_of_runs(played: Any, tmp_path: Path, authority: Authority) -> None:
    entry = '[[deviation]]\nid = "{}"\nverdict = "fail"\n'
    known = tmp_path / "known.toml"
    known.write_text(entry.format(ID) + entry.format(MESSAGES[0]))

    run, _ = played(keeper=Keeper("no failure"), baseline=known)
    assert (run.code, run.records[ID].baseline) == (0, "expected")

    with fakes.running(fakes.Fake(), authority) as target:
        run = judged(target, tmp_path, MESSAGES[0], baseline=known)
    assert run.records[MESSAGES[0]].baseline == "stale"


def test_the_brief_travels_whole(tmp_path: Path, authority: Authority) -> None:
    with fakes.running(Keeper(), authority) as target:
        brief = Brief(target, oasis=OasisBrief(tmp_path, {"B": (tmp_path / "b.pem", tmp_path / "b.key")}, 443, tmp_path / "lock"))

    assert Brief.from_json(brief.to_json()) == brief


def test_as_people_type_it(tmp_path: Path, authority: Authority) -> None:
    xml.written(tmp_path / "cases", *OWN)

    def check(target: Target | None, *words: str) -> subprocess.CompletedProcess[str]:
        where = ["--target", target.address, "--ca", str(target.ca), "--cert", str(target.cert), "--key", str(target.key)] if target else []
        command = [sys.executable, "-P", "-m", "kmiplab", "check", *where, "--oasis", str(tmp_path / "cases"), *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    listed = check(None, "--list", "--json")
    assert [row["id"] for row in json.loads(listed.stdout)] == [ID], listed.stderr
    assert check(None, "--list", "--select", "AKLC").returncode == 5
    with fakes.running(Keeper(), authority) as target:
        outcome = check(target)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "document" in outcome.stdout
    assert "what was allowed to differ" in outcome.stdout


def test_key_material_of_a_case_is_masked_in_its_transcript(played: Any, tmp_path: Path) -> None:
    class Leaky(Keeper):
        def get(self, item: RequestBatchItem, uid: str) -> Item:
            return fakes.success(item, text(Tag.UNIQUE_IDENTIFIER, uid), octets(Tag.KEY_MATERIAL, b"\xde\xad\xbe\xef" * 4))

    played(keeper=Leaky())

    assert "deadbeef" not in (tmp_path / "report" / "run.jsonl").read_text()
