"""One family in the terminal: a line when everything passed, else a tree of its clauses with what did not."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from kmip_reports.figures import NOT_APPLICABLE, Outcome, outcomes
from kmip_reports.records import GRAVITY, Verdict
from kmip_reports.render.text import one_line
from kmip_reports.render.words import MARKS, VERDICTS, plural

if TYPE_CHECKING:
    from kmip_reports.figures import Family
    from kmip_reports.records import CheckRecord, Step
    from kmip_reports.render.signs import Signs

NAME_WIDTH = 22
QUIET = "bright_black"


class FamilyTree:
    """Draws families. ``verbose`` shows every check and every step of a scenario."""

    def __init__(self, signs: Signs, *, verbose: bool) -> None:
        self._signs = signs
        self._verbose = verbose

    def of(self, family: Family, width: int) -> Tree:
        """The tree of one family, its first line no wider than ``width``."""
        tree = Tree(self._title(family, width), guide_style=QUIET)
        for clause in family.clauses:
            shown = [check for check in clause.checks if self._is_shown(check)]
            if shown:
                branch = tree.add(Text(clause.name, QUIET)) if clause.name else tree
                for check in shown:
                    self._add_check(branch, check)
        if not self._verbose:
            self._add_not_judged(tree, family)
        return tree

    def _is_shown(self, check: CheckRecord) -> bool:
        """Not what passed, unless it is a scenario; what was not judged is told by its reasons instead."""
        told_by_reason = NOT_APPLICABLE if _steps(check) == () else frozenset()
        return self._verbose or bool(_steps(check)) or bool(check.baseline) or check.verdict not in {Verdict.PASS, *told_by_reason}

    def _title(self, family: Family, width: int) -> Text:
        gravest = min((check.verdict for check in family.checks), key=GRAVITY.index)
        title = self._signs.text(gravest)
        title.append(f" {family.name:<{NAME_WIDTH}} ", "bold")
        counts = (Text(f"{family.counts[verdict]} {verdict}", VERDICTS[verdict].colour) for verdict in VERDICTS if family.counts[verdict])
        title.append_text(Text(" · ", QUIET).join(counts))
        seconds = f"{family.seconds:.2f} s"
        room = min(width, 100) - title.cell_len - len(seconds)
        if room > 1:
            title.append(f"{' ' * room}{seconds}", QUIET)
        return title

    def _add_check(self, branch: Tree, check: CheckRecord) -> None:
        line = self._signs.text(check.verdict)
        line.append(f" {check.id}", "bold" if check.verdict is not Verdict.PASS else "")
        line.append(f"  {check.level}", QUIET)
        line.append(_baseline(check), "yellow" if check.baseline != "expected" else QUIET)
        if check.verdict is Verdict.PASS and not self._verbose:
            branch.add(line.append(f"  {_marks_counted(_steps(check))}", QUIET))
            return
        node = branch.add(Group(line, Padding(Text(one_line(check.title), QUIET), (0, 0, 0, 2))))
        for outcome in outcomes(check):
            self._add_outcome(node, outcome, alone=len(outcomes(check)) == 1)

    def _add_outcome(self, node: Tree, outcome: Outcome, *, alone: bool) -> None:
        attempt = outcome.attempt
        told = one_line(attempt.finding.observed if attempt.finding else attempt.reason)
        if told or not alone:
            line = self._signs.text(attempt.verdict)
            line.append(f" {outcome.versions_text}{': ' if outcome.versions_text and told else ''}", QUIET)
            node = node.add(line.append(told))
        for step in attempt.steps:
            node.add(self._step(step))

    def _step(self, step: Step) -> Text:
        line = self._signs.text(step.verdict)
        line.append(f" {step.mark:<9}", "cyan" if step.mark in MARKS else QUIET)
        line.append(f" {one_line(step.title)}")
        return line.append(f" – {one_line(step.detail)}" if step.detail else "", QUIET)

    def _add_not_judged(self, tree: Tree, family: Family) -> None:
        """Unsupported and skipped checks, as many as share a reason in one line."""
        by_reason: defaultdict[tuple[Verdict, str], int] = defaultdict(int)
        for check in family.checks:
            if check.verdict in NOT_APPLICABLE and not self._is_shown(check):
                reason = next((attempt.reason for attempt in check.attempts if attempt.verdict is check.verdict), "")
                by_reason[check.verdict, reason] += 1
        for (verdict, reason), number in by_reason.items():
            line = self._signs.text(verdict)
            line.append(f" {plural(number, 'check')} {verdict}", VERDICTS[verdict].colour)
            tree.add(line.append(f": {one_line(reason)}" if reason else "", QUIET))


def _steps(check: CheckRecord) -> tuple[Step, ...]:
    """The steps of a scenario: those of its longest attempt."""
    return max((attempt.steps for attempt in check.attempts), key=len, default=())


def _marks_counted(steps: tuple[Step, ...]) -> str:
    counted = Counter(step.mark for step in steps)
    told = " · ".join(f"{counted[mark]} {mark}" for mark in (*MARKS, *sorted(counted.keys() - MARKS.keys())) if counted[mark])
    return f"{plural(len(steps), 'step')}: {told}" if steps else ""


def _baseline(check: CheckRecord) -> str:
    told = {
        "expected": "known deviation",
        "changed": "deviates for another reason than the baseline knows",
        "stale": "stale in the baseline",
    }
    return f"  ({told.get(check.baseline, check.baseline)})" if check.baseline else ""
