"""`kmiplab check`: judge a KMIP server, rule by rule. The suite judges, the reports room shows; here the options meet both."""

from __future__ import annotations

import shlex
import signal
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.client import Target
    from kmip_conformance.judge.selection import Assignment, Selection
    from kmip_conformance.runner import CheckOptions

_FILE = click.Path(dir_okay=False, path_type=Path)


class _Grouped(click.Command):
    """A command whose help shows its options under the headings of `_GROUPS`."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = {parameter.name: parameter.get_help_record(ctx) for parameter in self.get_params(ctx)}
        grouped = {name for names in _GROUPS.values() for name in names}
        for title, names in (*_GROUPS.items(), ("Help", [name for name in records if name not in grouped])):
            with formatter.section(title):
                formatter.write_dl([record for name in names if (record := records.get(name)) is not None])


_GROUPS: dict[str, tuple[str, ...]] = {
    "The target (without one: a lab of its own)": ("address", "ca", "cert", "key", "username", "password", "other_cert", "other_key"),
    "… from a file, or started first": ("config", "target_name", "setup"),
    "What is judged": ("kmip_version", "profile", "select", "self_test", "list_only", "as_json"),
    "How": ("strict", "jobs", "timeout", "fail_fast", "transcripts"),
    "Known deviations and results": ("baseline", "write_baseline", "report_dir", "verbose"),
}


@click.command(cls=_Grouped)
@click.option("--target", "address", metavar="HOST:PORT", help="The KMIP server to judge.")
@click.option("--ca", type=_FILE, help="The certificate authority of its certificate, PEM.")
@click.option("--cert", type=_FILE, help="The client certificate, PEM.")
@click.option("--key", type=_FILE, help="Its private key, PEM.")
@click.option("--username", metavar="NAME", help="User name of the credential in each request.")
@click.option("--password", metavar="WORD", envvar="KMIPLAB_PASSWORD", help="Its password; better in KMIPLAB_PASSWORD.")
@click.option("--other-cert", type=_FILE, help="A second client's certificate, for the checks of access.")
@click.option("--other-key", type=_FILE, help="Its private key.")
@click.option("--config", type=_FILE, help="A TOML file with [targets.NAME] tables.")
@click.option("--target-name", metavar="NAME", help="Which of them (file: ./kmiplab.toml unless --config names one).")
@click.option("--setup", metavar="CMD", help="Start the target with this command, and stop it afterwards.")
@click.option("--kmip-version", metavar="V", multiple=True, help="Only this KMIP version; repeatable. [all that the target offers]")
@click.option("--profile", metavar="NAME", multiple=True, help="Claim a profile: what it demands is not optional; repeatable.")
@click.option("--select", metavar="PATTERN", multiple=True, help="Ids, families, tags or globs, comma-separated or repeated; ! excludes.")
@click.option("--self-test", is_flag=True, help="Judge the suite: does it catch every defect that a proxy plants?")
@click.option("--list", "--dry-run", "list_only", is_flag=True, help="Show what would be judged, and end.")
@click.option("--json", "as_json", is_flag=True, help="Show --list as JSON.")
@click.option("--strict", is_flag=True, help="A missed SHOULD fails the run too.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that judge side by side.")
@click.option("--timeout", metavar="S", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds to wait for an answer.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first failure.")
@click.option("--transcripts", is_flag=True, help="Keep the exchanges of checks that pass under every version.")
@click.option("--baseline", type=_FILE, help="Known deviations (TOML): anything else fails, what is gone is reported.")
@click.option("--write-baseline", type=_FILE, help="Write the deviations of this run as a baseline.")
@click.option("--report-dir", type=click.Path(path_type=Path), default=Path("kmiplab-report"), show_default=True, help="Where results go.")
@click.option("--verbose", "-v", is_flag=True, help="Show every check, also those that pass.")
def command(**given: Any) -> int:
    """Judge a KMIP server, rule by rule: a verdict for each, with the clause it comes from.

    \b
    kmiplab check                                       a lab of its own
    kmiplab check --target kms:5696 --ca ca.pem --cert client.pem --key client.key
    kmiplab check --config kmiplab.toml --target-name staging --baseline known.toml
    kmiplab check --select destroy --select '!hostile' --kmip-version 1.4
    kmiplab check --setup './server --port 5696' --target localhost:5696 …
    kmiplab check --list --json

    \b
    Exit code: 0 no new failure · 1 failures · 2 interrupted · 3 a bug of the suite
    4 usage or configuration · 5 nothing selected · 6 target unreachable or not KMIP
    7 stale baseline entry
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    if given["list_only"]:
        return _list(given)
    with _sigterm_as_interrupt(), ExitStack() as stack:
        try:
            options = _options(given, stack)
            return _self_test(options) if given["self_test"] else _run(options, verbose=given["verbose"])
        except KeyboardInterrupt:
            return 2


def _run(options: CheckOptions, *, verbose: bool) -> int:
    from kmip_conformance.runner import run
    from kmip_reports.records import read_run
    from kmip_reports.render import write_report
    from kmip_reports.render.console import ConsoleReport

    run_file = options.report_dir / "run.jsonl"
    before = run_file.stat().st_mtime_ns if run_file.exists() else None
    console = ConsoleReport(stream=sys.stdout, progress=sys.stderr, report_folder=options.report_dir, verbose=verbose)
    try:
        return run(options, console)
    finally:
        if run_file.exists() and run_file.stat().st_mtime_ns != before:
            write_report(read_run(run_file), options.report_dir)


def _self_test(options: CheckOptions) -> int:
    from kmip_conformance.runner.selftest import self_test

    return self_test(options, click.echo)


def _list(given: dict[str, Any]) -> int:
    from kmip_conformance.runner.listing import as_json, as_table

    click.echo((as_json if given["as_json"] else as_table)(_would_select(_selection(given))))
    return 0


def _would_select(selection: Selection) -> list[Assignment]:
    """What would be judged of a target that offers every version."""
    from kmip_conformance.judge.catalogue import JUDGED, whole_catalogue
    from kmip_conformance.judge.selection import plan

    return plan(whole_catalogue(), selection, JUDGED)


def _options(given: dict[str, Any], stack: ExitStack) -> CheckOptions:
    """The options of the run; a lab or a target that has to be started runs until the stack is closed."""
    from kmip_conformance.runner import CheckOptions
    from kmip_conformance.runner.configuration import configured_target
    from kmip_conformance.runner.setup import started

    if given["config"] or given["target_name"]:
        settings = configured_target(given["config"] or Path("kmiplab.toml"), given["target_name"])
        given = _merged(given, settings)
    selection = _selection(given)
    _would_select(selection)  # before a lab or a target is started for nothing
    target = _target(given, stack)
    if given["setup"]:
        stack.enter_context(started(given["setup"], target.host, target.port, given["report_dir"] / "setup.log"))
    return CheckOptions(
        target=target,
        name=given.get("name") or given["address"] or "the lab of its own",
        selection=selection,
        strict=given["strict"],
        baseline=given["baseline"],
        write_baseline=given["write_baseline"],
        report_dir=given["report_dir"],
        jobs=given["jobs"],
        timeout=given["timeout"],
        fail_fast=given["fail_fast"],
        keep_transcripts=given["transcripts"],
        command=_replayable(given),
    )


def _merged(given: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The command line over the configuration file: what is given there wins."""
    renamed = {"profiles": "profile", "kmip_versions": "kmip_version"}
    found = {renamed.get(name, name): value for name, value in settings.items()}
    return found | {name: value for name, value in given.items() if value not in (None, ()) or name not in found}


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


def _target(given: dict[str, Any], stack: ExitStack) -> Target:
    from kmip_conformance.client import Target

    if given["address"] is None:
        from kmiplab.lab import running_lab

        if given["setup"] or given["cert"]:
            raise click.UsageError("--target is missing: certificates and --setup go with a target of yours")
        kmip = stack.enter_context(running_lab())["kmip"]
        paths = {name: Path(kmip[name]) for name in ("ca", "cert", "key", "other_cert", "other_key") if kmip.get(name)}
        return Target(kmip["host"], kmip["port"], username=kmip.get("username"), password=kmip.get("password"), **paths)
    host, _, port = given["address"].rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.UsageError(f"--target {given['address']}: write HOST:PORT, as in kms.example.com:5696")
    paths = {name: given[name].absolute() for name in ("ca", "cert", "key", "other_cert", "other_key") if given[name]}
    return Target(host.strip("[]"), int(port), username=given["username"], password=given["password"], **paths)


def _replayable(given: dict[str, Any]) -> str:
    """The command line that judges the same target again, without the selection and without the password."""
    words = ["kmiplab", "check"]
    for option in ("config", "target_name", "setup", "ca", "cert", "key", "username", "other_cert", "other_key"):
        if given[option] and not given.get("name"):
            words += [f"--{option.replace('_', '-')}", str(given[option])]
    if given.get("name"):
        words += ["--config", str(given["config"] or "kmiplab.toml"), "--target-name", given["name"]]
    elif given["address"]:
        words[2:2] = ["--target", given["address"]]
    return shlex.join(words)


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does: the target is cleaned up, what was judged is kept."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
