"""`kmiplab check`: judge a KMIP server, rule by rule. The suite judges, the reports room shows; here the options meet both."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.completing import check_ids, kmip_versions, profiles
from kmiplab.help import Grouped
from kmiplab.numbers import Finite
from kmiplab.targets import FILE, chosen_target, configured, name_of_target, sigterm_as_interrupt, target_options, target_words

if TYPE_CHECKING:
    from kmip_conformance.judge.brief import OasisBrief
    from kmip_conformance.judge.selection import Assignment, Selection
    from kmip_conformance.runner import CheckOptions


EXIT_INTERRUPTED = 2
A_PATH = click.Path(path_type=Path)

MOST_JOBS = 4
"""More than so many do not finish sooner: they wait for the same server."""

_OTHERS = ("other_cert", "other_key")
_GROUPS: dict[str, tuple[str, ...]] = {
    "The target (without one: a lab of its own)": ("address", "ca", "cert", "key", "username", "password", "password_file", *_OTHERS),
    "… from a file, or started first": ("config", "target_name", "setup"),
    "What is judged": ("kmip_version", "profile", "select", "self_test", "list_only", "as_json"),
    "OASIS's published test cases instead": ("oasis", "oasis_client", "oasis_https_port"),
    "How": ("strict", "jobs", "timeout", "fail_fast", "transcripts"),
    "Known deviations and results": ("baseline", "write_baseline", "report_dir", "verbose"),
}


@click.command(cls=Grouped, groups=_GROUPS)
@target_options
@click.option("--other-cert", type=FILE, help="A second client's certificate, for the checks of access.")
@click.option("--other-key", type=FILE, help="Its private key.")
@click.option("--setup", metavar="CMD", help="Start the target with this command, and stop it afterwards.")
@click.option("--kmip-version", metavar="V", multiple=True, shell_complete=kmip_versions,
              help="Only this KMIP version; repeatable. [all that the target offers]")  # fmt: skip
@click.option("--profile", metavar="NAME", multiple=True, shell_complete=profiles,
              help="Claim a profile: what it demands is not optional; repeatable.")  # fmt: skip
@click.option("--select", metavar="PATTERN", multiple=True, shell_complete=check_ids,
              help="Ids, families, tags or globs, comma-separated or repeated; ! excludes.")  # fmt: skip
@click.option("--self-test", is_flag=True, help="Judge the suite: does it catch every defect that a proxy plants?")
@click.option("--list", "--dry-run", "list_only", is_flag=True, help="Show what would be judged, and end.")
@click.option("--json", "as_json", is_flag=True, help="Show --list as JSON.")
@click.option("--oasis", metavar="DIR", type=A_PATH,
              help="Play the published XML test cases in this folder (or file) instead of the suite's own checks.")  # fmt: skip
@click.option("--oasis-client", metavar="B=CERT,KEY", multiple=True,
              help="Who Client-B (C, …) is: an identity that shares the first one's objects. Under a case's name, such as CS-RNG-O-1: "
                   "who plays that case.")  # fmt: skip
@click.option("--oasis-https-port", metavar="PORT", type=click.IntRange(1, 65535), help="Where the target speaks HTTPS. [its own port]")
@click.option("--strict", is_flag=True, help="A missed SHOULD fails the run too.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), default=1, help="Processes that judge side by side. [1]")
@click.option("--timeout", metavar="S", type=Finite(0.1), default=10.0, help="Seconds to wait for an answer. [10]")
@click.option("--fail-fast", is_flag=True, help="Stop at the first failure.")
@click.option("--transcripts", is_flag=True, help="Keep the exchanges of checks that pass under every version.")
@click.option("--baseline", type=FILE, help="Known deviations (TOML): anything else fails, what is gone is reported.")
@click.option("--write-baseline", type=FILE, help="Write the deviations of this run as a baseline.")
@click.option("--report-dir", metavar="DIR", type=A_PATH, default=Path("kmiplab-report"), help="Where results go. [kmiplab-report]")
@click.option("--verbose", "-v", is_flag=True, help="Show every check, also those that pass.")
def command(**given: Any) -> int:
    """Judge a KMIP server, rule by rule: a verdict for each, with the clause it comes from.

    \b
    kmiplab check                                       a lab of its own
    kmiplab check --target kms:5696 --ca ca.pem --cert client.pem --key client.key
    kmiplab check --target-name staging --baseline known.toml
    kmiplab check --select destroy --select '!hostile' --kmip-version 1.4
    kmiplab check --setup './server --port 5696' --target localhost:5696 …
    kmiplab check --list --json
    kmiplab check --oasis kmip-testcases --select AKLC --kmip-version 1.4

    \b
    Exit code: 0 no new failure · 1 failures · 2 interrupted
    3 a bug of the suite · 4 usage or configuration · 5 nothing selected
    6 target unreachable or not KMIP · 7 stale baseline entry
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    if given["list_only"]:
        return _list(given)
    if given["as_json"]:
        raise click.UsageError("--json goes with --list; a run writes summary.json into the report folder")
    if given["oasis"] and given["self_test"]:
        raise click.UsageError("--self-test tries the suite's own checks: it does not go with --oasis")
    with sigterm_as_interrupt(), ExitStack() as stack:
        try:
            options = _options(given, stack)
            return _self_test(options) if given["self_test"] else _run(options, verbose=given["verbose"])
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED


def _run(options: CheckOptions, *, verbose: bool) -> int:
    from kmip_conformance.runner import run
    from kmip_reports.records import read_run
    from kmip_reports.render import write_report
    from kmip_reports.render.console import ConsoleReport

    run_file = options.report_dir / "run.jsonl"
    before = run_file.stat().st_mtime_ns if run_file.exists() else None
    console = ConsoleReport(stream=sys.stdout, progress=sys.stderr, report_folder=options.report_dir, verbose=verbose)
    try:
        code = run(options, console)
    finally:
        if run_file.exists() and run_file.stat().st_mtime_ns != before:
            write_report(read_run(run_file), options.report_dir)
    if options.oasis is not None and (report := options.report_dir / "run.jsonl").exists():
        from kmip_conformance.oasis.figures import figures_of

        for line in figures_of(read_run(report).checks):
            click.echo(line)
    if options.write_baseline is not None and code != EXIT_INTERRUPTED:
        click.echo(f"  baseline {options.write_baseline.absolute()}: say in it why each deviation is accepted")
    return code


def _self_test(options: CheckOptions) -> int:
    from kmip_conformance.runner.selftest import self_test

    return self_test(options, click.echo)


def _list(given: dict[str, Any]) -> int:
    from kmip_conformance.runner.listing import as_json, as_table

    plan = _would_play(given["oasis"], _selection(given)) if given["oasis"] else _would_select(_selection(given))
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(as_json(plan) if given["as_json"] else as_table(plan, columns))
    return 0


def _would_select(selection: Selection) -> list[Assignment]:
    """What would be judged of a target that offers every version."""
    from kmip_conformance.judge.catalogue import JUDGED, whole_catalogue
    from kmip_conformance.judge.selection import plan

    return plan(whole_catalogue(), selection, JUDGED)


def _would_play(place: Path, selection: Selection) -> list[Assignment]:
    """Which published cases would be played."""
    from kmip_conformance.oasis.catalogue import plan_of, published_cases

    return plan_of(published_cases(place.absolute()), selection)


def _oasis(given: dict[str, Any]) -> OasisBrief | None:
    """The published cases to play, and who plays their further clients: those that are named, else those of a lab of our own."""
    if not given["oasis"]:
        return None
    from kmip_conformance.judge.brief import OasisBrief

    identities: dict[str, tuple[Path, Path]] = dict(given.get("sharing", {}))
    for text in given["oasis_client"]:
        letter, _, files = text.partition("=")
        cert, _, key = files.partition(",")
        if not letter.isprintable() or not letter[:1].isupper() or not cert:
            raise click.UsageError(f"--oasis-client {text}: write B=CERT,KEY, as in B=second.pem,second.key")
        identities[letter] = (Path(cert).absolute(), Path(key or cert).absolute())
    return OasisBrief(given["oasis"].absolute(), identities, given["oasis_https_port"])


def _options(given: dict[str, Any], stack: ExitStack) -> CheckOptions:
    """The options of the run; a lab or a target that has to be started runs until the stack is closed."""
    from kmip_conformance.runner import CheckOptions
    from kmip_conformance.runner.setup import started

    given = configured(given)
    selection = _selection(given)
    # before a lab or a target is started for nothing
    _would_play(given["oasis"], selection) if given["oasis"] else _would_select(selection)
    target = chosen_target(given, stack)
    if given["setup"]:
        stack.enter_context(started(given["setup"], target.host, target.port, given["report_dir"] / "setup.log"))
    return CheckOptions(
        target=target,
        name=name_of_target(given),
        selection=selection,
        strict=given["strict"],
        baseline=given["baseline"],
        write_baseline=given["write_baseline"],
        report_dir=given["report_dir"],
        jobs=given["jobs"] or (1 if given["address"] else min(os.cpu_count() or 1, MOST_JOBS)),
        timeout=given["timeout"],
        fail_fast=given["fail_fast"],
        keep_transcripts=given["transcripts"],
        oasis=_oasis(given),
        command=shlex.join(["kmiplab", "check", *target_words(given), *(["--oasis", str(given["oasis"])] if given["oasis"] else [])]),
    )


def _selection(given: dict[str, Any]) -> Selection:
    from kmip_conformance.judge.profiles import profile_named
    from kmip_conformance.judge.selection import Selection, split_patterns
    from kmip_conformance.tables import KmipVersion

    try:
        versions = tuple(KmipVersion.parse(text) for text in given["kmip_version"])
    except ValueError as error:
        raise click.UsageError(f"--kmip-version: {error}") from error
    profiles = tuple(profile_named(name).name for name in given["profile"])
    return Selection(split_patterns(given["select"]), profiles, versions)
