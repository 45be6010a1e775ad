"""The checks as pytest tests: how they are collected, parametrised over versions, judged, and reported.

Registered by `kmip_conformance.plugin` only when a target is given. Collection: every decorated function of `kmip_conformance.checks` that
the plan names. Judging: evidence before the body runs, what it left unjudged and a liveness probe after it. Reporting: one
`AttemptLine` a test rides on its teardown report, so that it passes from a parallel worker to the controller like anything else.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from kmip_reports.records import Attempt, Verdict

from kmip_conformance import checks
from kmip_conformance.errors import TargetError
from kmip_conformance.judge.attempts import AttemptLine
from kmip_conformance.judge.catalogue import Check, check_of, whole_catalogue
from kmip_conformance.judge.cleaning import Cleaner
from kmip_conformance.judge.conversation import Manners
from kmip_conformance.judge.evidence import Evidence
from kmip_conformance.judge.expectations import Failure
from kmip_conformance.judge.liveness import still_lives
from kmip_conformance.judge.proceedings import Proceeding, Proceedings
from kmip_conformance.judge.profiles import profile_named
from kmip_conformance.judge.selection import plan
from kmip_conformance.judge.targets import Targets
from kmip_conformance.judge.verdicts import Excused, Outcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from kmip_conformance.client import Target
    from kmip_conformance.judge.brief import Brief
    from kmip_conformance.oasis.company import Company
    from kmip_conformance.tables import KmipVersion

CHECKS_FOLDER = Path(checks.__file__).parent


class Setting(NamedTuple):
    """Under which version a check runs, and through which mutant ("": straight to the target)."""

    version: KmipVersion
    mutant: str = ""

    def __str__(self) -> str:
        return f"{self.version}-{self.mutant}" if self.mutant else str(self.version)


@dataclass(slots=True)
class Trial:
    """One attempt while it goes on: its check, its setting, the proceedings, and what it came to as soon as that is known."""

    check: Check
    setting: Setting
    target: Target
    proceedings: Proceedings = field(default_factory=Proceedings)
    outcome: Outcome | None = None
    seconds: float = 0.0
    variations: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    is_published: bool = False

    def _exchanges(self) -> list[Proceeding]:
        """What its transcript shows: everything, but of a published case no more than the last exchanges."""
        return self.proceedings.exchanges[-LONGEST_TRANSCRIPT if self.is_published else 0 :]

    def line(self, *, with_transcript: bool) -> AttemptLine:
        """This attempt as its line says it."""
        outcome = self.outcome or Outcome(Verdict.ERROR, "the check ended without an outcome")
        transcript = tuple(exchange.masked() for exchange in self._exchanges()) if with_transcript else ()
        attempt = Attempt(
            kmip_version=str(self.setting.version),
            verdict=outcome.verdict,
            seconds=round(self.seconds, 6),
            reason="; ".join([*([outcome.reason] if outcome.reason else []), *(f"the file: {fault}" for fault in self.faults)]),
            finding=outcome.finding,
            transcript=transcript,
            steps=tuple(self.proceedings.steps),
            variations=self.variations,
        )
        return AttemptLine(self.check.id, attempt, self.setting.mutant, tuple(self.proceedings.notes))


LONGEST_TRANSCRIPT = 40
"""Exchanges of a published case's transcript that are kept: the last ones, in which it was decided."""

TRIAL = pytest.StashKey[Trial]()
JUDGING = pytest.StashKey["Judging"]()


class CheckModule(pytest.Module):
    """A module of checks, always imported under its own name: the catalogue must not be filled twice."""

    def _getobj(self) -> object:
        return importlib.import_module(f"{checks.__name__}.{self.path.stem}")

    def istestfunction(self, obj: object, name: str) -> bool:  # noqa: ARG002 - pytest's signature
        """A test is a check that is in the plan; its name does not matter."""
        check = check_of(obj)
        return check is not None and check.id in self.config.stash[JUDGING].settings


class CasesModule(pytest.Module):
    """The module of the check that plays published cases."""

    def _getobj(self) -> object:
        return importlib.import_module("kmip_conformance.oasis.check")

    def istestfunction(self, obj: object, name: str) -> bool:  # noqa: ARG002 - pytest's signature
        """One function plays them all."""
        return name == "case_goes_as_published"


class Judging:
    """The pytest plugin of a run that has a target."""

    def __init__(self, brief: Brief, emit: Callable[[str], None] | None) -> None:
        self.brief = brief
        self.manners = Manners(timeout=brief.timeout)
        self.cleaner = Cleaner(self.manners)
        self.targets = Targets(brief.target)
        self._evidence: dict[str, Evidence] = {}
        self._claimed = [profile_named(name) for name in brief.selection.profiles]
        self._emit = emit
        self._lost_after = ""
        self.oasis = _company(brief)
        self.settings = _settings(brief, self.oasis)

    def evidence_about(self, setting: Setting) -> Evidence:
        """The evidence about the target as it is seen in a setting."""
        if setting.mutant not in self._evidence:
            self._evidence[setting.mutant] = Evidence(self.targets.seen_through(setting.mutant), self.manners, self._claimed)
        return self._evidence[setting.mutant]

    # Collection

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        """Modules of checks are collected, whatever their names; the one that plays published cases only when there are any."""
        if self.oasis is not None:
            from kmip_conformance.oasis.company import CHECK_FILE

            return CasesModule.from_parent(parent, path=file_path) if file_path == CHECK_FILE else None
        is_checks = file_path.suffix == ".py" and file_path.parent == CHECKS_FOLDER and file_path.stem != "__init__"
        return CheckModule.from_parent(parent, path=file_path) if is_checks else None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A check runs once in each of its settings; the one that plays cases once a case."""
        if self.oasis is not None and "kmip_case" in metafunc.fixturenames:
            cases = self.oasis.cases
            settings = [(case, Setting(case.check.since)) for case in cases]
            metafunc.parametrize(("kmip_case", "kmip_setting"), settings, ids=[case.file.id for case in cases])
            return
        check = check_of(metafunc.function)
        if check is not None:
            if "kmip_setting" not in metafunc.fixturenames:
                metafunc.fixturenames.append("kmip_setting")
            metafunc.parametrize("kmip_setting", self.settings[check.id], ids=str)

    # Judging

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Ask for the evidence, run the check, judge what it left unjudged, and see that a hostile one did no harm."""
        trial = pyfuncitem.stash.get(TRIAL, None)
        if trial is None:
            return (yield)
        excuse = self.evidence_about(trial.setting).that_excuses(trial.check, trial.setting.version)
        if excuse:
            raise Excused(Verdict.UNSUPPORTED, excuse)
        result = yield
        trial.proceedings.close()
        if trial.check.hostile and not still_lives(trial.target, trial.setting.version, self.manners):
            raise Failure(("goes on answering other clients",), "afterwards the target takes no connection, or does not answer any more")
        return result

    def begin(self, item: pytest.Item, setting: Setting) -> Trial:
        """A trial for a test that is being set up. Raises Excused when the target was lost before."""
        check = _check_of_item(item)
        assert check is not None
        trial = item.stash[TRIAL] = Trial(check, setting, self.targets.seen_through(setting.mutant), is_published=self.oasis is not None)
        if self._lost_after:
            raise Excused(Verdict.SKIPPED, f"the target stopped answering during {self._lost_after}")
        if self.oasis is not None and setting.version not in self.brief.offered:
            raise Excused(Verdict.UNSUPPORTED, f"the target does not offer KMIP {setting.version}: its Discover Versions leaves it out")
        return trial

    # Reporting

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the trial its outcome and pytest the outcome that comes nearest; hang the attempt's line on the last report."""
        report = yield
        trial = item.stash.get(TRIAL, None)
        if trial is None:
            return report
        trial.seconds += call.duration
        raised = call.excinfo.value if call.excinfo else None
        if call.when != "teardown" and trial.outcome is None and (call.when == "call" or raised):
            self._judge(trial, raised)
            _tell_pytest(report, trial)
        if call.when == "teardown":
            if raised:
                trial.outcome = outcome_of(trial.check, raised)
            with_transcript = self.brief.keep_transcripts or (trial.outcome is not None and trial.outcome.verdict is not Verdict.PASS)
            report.kmip_attempt = trial.line(with_transcript=with_transcript or self._is_newest(trial)).to_json()  # type: ignore[attr-defined]
        return report

    def _judge(self, trial: Trial, raised: BaseException | None) -> None:
        trial.outcome = outcome_of(trial.check, raised, trial.proceedings.tolerated)
        lost_touch = isinstance(raised, TargetError) and not trial.setting.mutant
        if lost_touch and not still_lives(trial.target, trial.setting.version, self.manners):
            self._lost_after = trial.check.id

    def _is_newest(self, trial: Trial) -> bool:
        """Is this the newest version that the check runs under? Its transcript is kept even when it passes."""
        return not self.brief.trials and self.oasis is None and trial.setting == self.settings[trial.check.id][-1]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """In the controller: pass the line on to whoever started the run."""
        line = getattr(report, "kmip_attempt", None)
        if line is not None and self._emit is not None:
            self._emit(line)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        """Hand the brief to a parallel worker (pytest-xdist)."""
        node.workerinput["kmip_brief"] = self.brief.to_json()  # type: ignore[attr-defined]

    def pytest_unconfigure(self) -> None:
        """Hang up, and take the proxies down."""
        self.cleaner.close()
        self.targets.close()
        if self.oasis is not None:
            self.oasis.close()


def _company(brief: Brief) -> Company | None:
    """Who plays published cases; None when the suite's own checks are judged."""
    if brief.oasis is None:
        return None
    from kmip_conformance.oasis.company import Company

    return Company(brief, brief.oasis)


def _settings(brief: Brief, oasis: Company | None) -> dict[str, list[Setting]]:
    if oasis is not None:
        return {case.file.id: [Setting(case.check.since)] for case in oasis.cases}
    return _trials(brief) if brief.trials else _versions(brief)


def _check_of_item(item: pytest.Item) -> Check | None:
    """The check that a test is: its function's, or that of the published case which it plays."""
    callspec = getattr(item, "callspec", None)
    case = callspec.params.get("kmip_case") if callspec else None
    return case.check if case is not None else check_of(getattr(item, "function", None))


def _versions(brief: Brief) -> dict[str, list[Setting]]:
    """What an ordinary run judges: each check of the plan under each of its versions."""
    assignments = plan(whole_catalogue(), brief.selection, brief.offered)
    return {assignment.check.id: [Setting(version) for version in assignment.versions] for assignment in assignments}


def _trials(brief: Brief) -> dict[str, list[Setting]]:
    """What a self-test judges: each check under the oldest and the newest version it knows, through each proxy that names it."""
    settings: dict[str, list[Setting]] = {}
    for mutant, ids in brief.trials.items():
        for check in (check for check in whole_catalogue() if check.id in ids):
            settings.setdefault(check.id, []).extend(Setting(version, mutant) for version in _ends(check.versions(brief.offered)))
    return settings


def _ends(versions: Sequence[KmipVersion]) -> list[KmipVersion]:
    return list(dict.fromkeys([*versions[:1], *versions[-1:]]))


def _tell_pytest(report: pytest.TestReport, trial: Trial) -> None:
    """Pytest knows passed, failed and skipped; people who run the checks under plain pytest read the rest in the text."""
    outcome = trial.outcome
    assert outcome is not None
    if outcome.verdict in {Verdict.PASS, Verdict.NON_STRICT}:
        report.outcome, report.longrepr = "passed", None
    elif outcome.verdict in {Verdict.UNSUPPORTED, Verdict.SKIPPED}:
        report.outcome, report.longrepr = "skipped", (trial.check.file, trial.check.line, f"{outcome.verdict}: {outcome.reason}")
    else:
        report.outcome, report.longrepr = "failed", _in_text(trial, outcome)


def _in_text(trial: Trial, outcome: Outcome) -> str:
    lines = [f"{trial.check.id} under KMIP {trial.setting.version} ({trial.check.level})"]
    if outcome.finding:
        lines += [f"  requirement  {outcome.finding.requirement}", *(f"  expected     {way}" for way in outcome.finding.expected)]
        lines += [f"  observed     {outcome.finding.observed}"]
    else:
        lines += [f"  {outcome.verdict}  {outcome.reason}"]
    return "\n".join([*lines, *(f"  {citation.document}, {citation.clause}" for citation in trial.check.citations)])


def line_writer(descriptor: int) -> Callable[[str], None]:
    """Write lines to a file descriptor; a reader that has gone away ends the run."""

    def emit(line: str) -> None:
        try:
            os.write(descriptor, line.encode("ascii") + b"\n")
        except BrokenPipeError:
            pytest.exit("nobody listens any more", returncode=2)

    return emit
