"""Whole runs: isolated from the user's pytest, the same in parallel, plain under pytest, and honest when they are cut off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import fakes
import pytest
from judging import MESSAGES, Run, judged
from kmip_conformance.certificates import Authority
from kmip_conformance.client import Target
from kmip_conformance.judge.brief import Brief
from kmip_conformance.judge.errors import NothingSelected, RunCrashed, RunRefused
from kmip_conformance.judge.selection import Selection
from kmip_conformance.runner import CheckOptions, run
from kmip_conformance.runner.child import running_child
from kmip_conformance.tables import V1_4
from kmip_reports.records import Verdict, read_run
from kmip_server.testing import running_server, running_server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_reports.records import CheckRecord

HOSTILE_SURROUNDINGS = {
    "conftest.py": "raise RuntimeError('the broken conftest.py was read')\n",
    "pytest.ini": "[pytest]\naddopts = --no-such-option -k nothing\npython_files = nothing.py\nfilterwarnings = error\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--maxfail=0 --no-such-option'\n",
    "pytest.py": "raise RuntimeError('a module of the current folder was imported')\n",
    "kmip_conformance/__init__.py": "raise RuntimeError('a package of the current folder was imported')\n",
    "json.py": "raise RuntimeError('a module of the current folder was imported')\n",
}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """An honest server."""
    with fakes.running(fakes.Fake(), Authority.make(tmp_path_factory.mktemp("pki"))) as target:
        yield target


@pytest.fixture
def surroundings(tmp_path: Path) -> Path:
    """A folder that would break any pytest run started in it."""
    for name, text in HOSTILE_SURROUNDINGS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def plain_pytest(target: Target, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-P", "-m", "pytest", "--pyargs", "kmip_conformance", "-p", "no:cacheprovider"]
    words += ["--kmip-target", target.address, "--kmip-ca", str(target.ca), "--kmip-cert", str(target.cert), "--kmip-key", str(target.key)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run([*words, *more], cwd=folder, env=clean, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_in_the_current_folder_or_the_environment_matters(
    target: Target, surroundings: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.chdir(surroundings)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    monkeypatch.setenv("PYTHONWARNINGS", "error")

    run = judged(target, surroundings, *MESSAGES, jobs=jobs)

    assert run.verdicts["messages.batch-item-ids-echoed"] is Verdict.PASS
    assert run.code == 0
    assert not list(surroundings.rglob("__pycache__"))


def test_several_jobs_come_to_the_same_as_one(target: Target, tmp_path: Path) -> None:
    serial = judged(target, tmp_path / "serial", *MESSAGES, "create", "get")
    parallel = judged(target, tmp_path / "parallel", *MESSAGES, "create", "get", jobs=2)

    assert serial.verdicts == parallel.verdicts
    assert {record.id: [a.kmip_version for a in record.attempts] for record in serial.records.values()} == {
        record.id: [a.kmip_version for a in record.attempts] for record in parallel.records.values()
    }
    assert serial.code == parallel.code


def test_the_record_of_a_run_is_whole_and_says_what_was_planned(target: Target, tmp_path: Path) -> None:
    run = judged(target, tmp_path, *MESSAGES, "create")

    written = read_run(tmp_path / "report" / "run.jsonl")
    assert written.complete
    assert {record.id for record in written.checks} == set(run.records)
    assert sum(written.header.selection["planned"].values()) == len(run.records)
    assert written.header.target["operations"] == ["Discover Versions", "Query"]
    assert written.footer is not None
    assert written.footer.exit_code == run.code


def test_each_check_is_recorded_once_with_all_its_versions_and_the_way_to_replay_it(target: Target, tmp_path: Path) -> None:
    run = judged(target, tmp_path, "messages.version-echoed", command="kmiplab check --target kms:5696")

    (record,) = read_run(tmp_path / "report" / "run.jsonl").checks
    assert run.records == {record.id: record}
    assert [attempt.kmip_version for attempt in record.attempts] == ["1.3", "1.4"]
    assert record.replay == "kmiplab check --target kms:5696 --select messages.version-echoed"


def test_what_a_check_created_is_gone_afterwards(tmp_path: Path) -> None:
    with running_server() as server:
        target = Target(server.host, server.port, server.ca, server.cert, server.key)
        run = judged(target, tmp_path, "create", "destroy", "lifecycle", timeout=5.0)
        left = judged_objects(target)

    assert run.code == 0
    assert run.ended[0] is not None
    assert run.ended[0].notes == ()
    assert left == []


def judged_objects(target: Target) -> list[str]:
    """What Locate still finds."""
    from kmip_conformance.judge.conversation import Conversation
    from kmip_conformance.judge.proceedings import Proceedings
    from kmip_conformance.tables import Tag

    conversation = Conversation(target, V1_4, Proceedings())
    found = [str(item.value) for item in conversation.locate().payload.all(Tag.UNIQUE_IDENTIFIER)]
    states = {uid: conversation.get_attributes(uid, "State").attribute("State") for uid in found}
    conversation.hang_up()
    return [uid for uid, state in states.items() if state in {1, 2, 3, 4}]


def test_a_target_that_is_gone_is_not_asked_a_thousand_times(tmp_path: Path) -> None:
    with running_server_process() as server:
        seen = Run()

        def end_the_server(record: CheckRecord) -> None:
            seen.records[record.id] = record
            assert server.process is not None
            server.process.kill()

        seen.check = end_the_server  # type: ignore[method-assign]
        target = Target(server.host, server.port, server.ca, server.cert, server.key)
        code = run(CheckOptions(target, report_dir=tmp_path), seen)

    skipped = [record for record in seen.records.values() if record.verdict is Verdict.SKIPPED]
    assert code == 1
    assert len(skipped) > len(seen.records) / 2
    assert "the target stopped answering during" in skipped[-1].attempts[0].reason


def test_fail_fast_stops_at_the_first_failure_and_says_so(tmp_path: Path) -> None:
    with fakes.running(fakes.RefusesVaguely(), Authority.make(tmp_path / "pki")) as target:
        run = judged(target, tmp_path, fail_fast=True)

    assert run.code == 1
    assert len([verdict for verdict in run.verdicts.values() if verdict is Verdict.FAIL]) <= 1
    assert run.ended[0] is not None
    assert "stopped at the first failure" in run.ended[0].notes[-1]


def test_a_report_folder_that_cannot_be_written_is_refused_before_anything_is_judged(target: Target, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(RunRefused, match="cannot be written") as refusal:
        judged(target, tmp_path, report_dir=tmp_path / "file" / "report")

    assert refusal.value.exit_code == 4
    assert "--report-dir" in refusal.value.hint


def test_a_selection_that_leaves_nothing_is_exit_code_5(target: Target, tmp_path: Path) -> None:
    with pytest.raises(NothingSelected) as refusal:
        judged(target, tmp_path, "no-such-family")

    assert refusal.value.exit_code == 5


def test_a_child_that_cannot_run_is_a_bug_of_the_suite(target: Target) -> None:
    brief = Brief(target, Selection(("no-such-family",)), (V1_4,))

    with running_child(brief) as child:
        assert list(child) == []
        with pytest.raises(RunCrashed, match="no-such-family") as crash:
            child.wait()

    assert crash.value.exit_code == 3


def test_a_stale_entry_is_exit_code_7_and_a_known_deviation_0(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path / "pki")
    baseline = tmp_path / "baseline.toml"
    with fakes.running(fakes.LosesBatchItemIds(), authority) as target:
        first = judged(target, tmp_path, *MESSAGES, write_baseline=baseline)
        known = judged(target, tmp_path, *MESSAGES, baseline=baseline)
    with fakes.running(fakes.Fake(), authority) as target:
        mended = judged(target, tmp_path, *MESSAGES, baseline=baseline)

    assert (first.code, known.code, mended.code) == (1, 0, 7)
    assert mended.records["messages.batch-item-ids-echoed"].baseline == "stale"


RUNNER = """
    import sys
    from pathlib import Path
    from judging import Run
    from kmip_conformance.client import Target
    from kmip_conformance.runner import CheckOptions, run
    host, port, ca, cert, key, folder = sys.argv[1:]
    target = Target(host, int(port), Path(ca), Path(cert), Path(key))
    class Loud(Run):
        def check(self, record):
            print(record.id, flush=True)
    sys.exit(run(CheckOptions(target, report_dir=Path(folder)), Loud()))
"""


@pytest.fixture
def going_run(target: Target, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own, in its midst: one check is through."""
    words = [sys.executable, "-c", textwrap.dedent(RUNNER), target.host, str(target.port), *map(str, (target.ca, target.cert, target.key))]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen([*words, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
        process.kill()


def test_ctrl_c_keeps_what_was_judged_without_a_footer(going_run: subprocess.Popen[str], tmp_path: Path) -> None:
    going_run.send_signal(signal.SIGINT)

    assert going_run.wait(30) == 2
    written = read_run(tmp_path / "run.jsonl")
    assert written.checks
    assert not written.complete


def test_kill_minus_9_leaves_a_record_that_says_it_is_not_whole(going_run: subprocess.Popen[str], tmp_path: Path) -> None:
    going_run.kill()
    going_run.wait(30)

    written = read_run(tmp_path / "run.jsonl")
    assert written.checks
    assert not written.complete


def test_the_same_checks_run_under_plain_pytest(target: Target, tmp_path: Path) -> None:
    outcome = plain_pytest(target, tmp_path, "--kmip-select", ",".join([*MESSAGES, "create"]), "-rs")

    assert outcome.returncode == 0, outcome.stdout
    assert "unsupported: the target leaves Create out of Query" in outcome.stdout
    assert "8 passed" in outcome.stdout


def test_a_failure_under_plain_pytest_shows_the_rule_and_no_traceback(tmp_path: Path) -> None:
    with fakes.running(fakes.LosesBatchItemIds(), Authority.make(tmp_path / "pki")) as target:
        outcome = plain_pytest(target, tmp_path, "--kmip-select", "messages.batch-item-ids-echoed", "--kmip-version", "1.4")

    assert outcome.returncode == 1
    assert "requirement  Each answer of a batch bears the Unique Batch Item ID" in outcome.stdout
    assert "Traceback" not in outcome.stdout
    assert "def " not in outcome.stdout


def test_a_target_that_is_not_there_is_a_usage_error_under_plain_pytest(target: Target, tmp_path: Path) -> None:
    outcome = plain_pytest(target, tmp_path, "--kmip-target", "127.0.0.1:1")

    assert outcome.returncode == 4
    assert "hint: is the server started" in outcome.stderr


def test_without_a_target_the_plugin_imports_nothing_and_collects_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "import sys\n\ndef test_it():\n    mine = {name for name in sys.modules if name.startswith('kmip_')}\n"
        "    assert mine == {'kmip_conformance', 'kmip_conformance.plugin'}\n"
    )
    words = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-q"]

    outcome = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert outcome.returncode == 0, outcome.stdout
    assert "1 passed" in outcome.stdout


def test_lines_between_processes_are_ascii_and_whole(target: Target) -> None:
    with running_child(Brief(target, Selection(MESSAGES), (V1_4,))) as child:
        lines = [json.loads(line.to_json()) for line in child]
        child.wait()

    assert {line["check_id"].partition(".")[0] for line in lines} == {"messages"}
