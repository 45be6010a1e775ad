"""`kmiplab load`: a KMIP server under load, and what came of it. The load room measures, the reports room draws; here both meet."""

from __future__ import annotations

import re
import shlex
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.help import Grouped
from kmiplab.numbers import Finite
from kmiplab.targets import chosen_target, configured, name_of_target, sigterm_as_interrupt, target_options, target_words

if TYPE_CHECKING:
    from kmip_load.run import Outcome
    from kmip_load.thresholds import Threshold
    from kmip_reports.records_load import LoadRun

PROFILE_NAMES = ("steady-get", "vcenter", "boot-storm", "encrypt-storm")
"""As `kmip_load.profiles.PROFILES` has them; written here too, so that help and completion import nothing."""

EXIT_FAILED, EXIT_INTERRUPTED = 1, 2


def _seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:  # noqa: ARG001 - click's signature
    """Seconds, written 30s, 2m, 1m30s, 1h or plainly 30."""
    form = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text.strip())
    if not form or not any(float(part or 0) for part in form.groups()):
        raise click.BadParameter(f"{text!r} is no duration; write 30s, 2m or 1m30s")
    hours, minutes, seconds = (float(part or 0) for part in form.groups())
    return hours * 3600 + minutes * 60 + seconds


_GROUPS = {
    "The target (without one: a lab of its own)": ("address", "ca", "cert", "key", "username", "password", "password_file"),
    "… from a file": ("config", "target_name"),
    "The load": ("profile", "users", "spawn_rate", "duration", "processes", "keys", "keep", "timeout"),
    "What comes of it": ("fail_if", "report_dir"),
}


@click.command(cls=Grouped, groups=_GROUPS)
@target_options
@click.option("--profile", metavar="NAME", type=click.Choice(PROFILE_NAMES), default="steady-get",
              help="What the users do: one of the four above. [steady-get]")  # fmt: skip
@click.option("--users", metavar="N", type=click.IntRange(1), default=32, help="How many do it at once. [32]")
@click.option("--spawn-rate", metavar="N", type=Finite(0, min_open=True), help="New users a second. [all at once]")
@click.option("--duration", metavar="TIME", callback=_seconds, default="30s", help="For how long: 90s, 2m, 1m30s. [30s]")
@click.option("--processes", metavar="N", type=click.IntRange(1), default=1, help="Load generators to share the users. [1]")
@click.option("--keys", metavar="N", type=click.IntRange(1), help="Keys to make beforehand. [as many as the profile says]")
@click.option("--keep", is_flag=True, help="Leave the keys on the target; else they are revoked and destroyed.")
@click.option("--timeout", metavar="S", type=Finite(0.1), default=10.0, help="Seconds an answer may take. [10]")
@click.option("--fail-if", metavar="RULE", multiple=True, help="When the run has failed; repeatable. [failures>0]")
@click.option("--report-dir", metavar="DIR", type=click.Path(path_type=Path), default=Path("kmiplab-load"),
              help="Where results go. [kmiplab-load]")  # fmt: skip
def command(**given: Any) -> int:
    """Put a KMIP server under load: throughput, latency percentiles in microseconds, and why requests failed.

    \b
    steady-get      persistent connections; each Gets one key after the other
    vcenter         a new TLS connection per call, Discover Versions first
    boot-storm      vSAN hosts boot all at once: two keys each, on new connections
    encrypt-storm   whole VM encryptions: Create, tag, Get, read, Activate, tag

    \b
    kmiplab load                                        a lab of its own
    kmiplab load --target kms:5696 --ca ca.pem --cert client.pem --key client.key
    kmiplab load --profile boot-storm --users 64 --duration 2m --processes 2
    kmiplab load --fail-if 'p99>50ms' --fail-if 'failures>0.1%'
    kmiplab load --fail-if 'Create p95>0.2s' --report-dir nightly
    kmiplab report before after                         two runs side by side

    \b
    A rule is a figure (p50 p95 p99 max failures requests rps), a comparison and
    a number; an operation before it narrows it. Latencies are ms, or us and s;
    failures may be %.

    \b
    Exit code: 0 no request failed, no rule was crossed · 1 otherwise
    2 interrupted · 3 a bug of kmiplab · 4 usage or configuration
    6 target unreachable or not KMIP
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    with sigterm_as_interrupt(), ExitStack() as stack:
        try:
            return _run(given, stack)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            return EXIT_INTERRUPTED


def _run(given: dict[str, Any], stack: ExitStack) -> int:
    from kmip_load.live import observer_for
    from kmip_load.options import Options
    from kmip_load.run import run
    from kmip_load.thresholds import parse, with_default
    from kmip_reports.render.load import write_load_report
    from rich.console import Console

    thresholds = with_default(parse(text) for text in given["fail_if"])
    given = configured(given)
    options = Options(
        target=chosen_target(given, stack),
        target_name=name_of_target(given),
        profile=given["profile"],
        users=given["users"],
        duration=given["duration"],
        spawn_rate=given["spawn_rate"],
        processes=given["processes"],
        keys=given["keys"],
        keep=given["keep"],
        timeout=given["timeout"],
        report_dir=given["report_dir"],
        command=_replayable(given),
    )
    with observer_for(Console(stderr=True)) as observer:
        outcome = run(options, observer)
    page = write_load_report([outcome.record], given["report_dir"])[0]
    return _conclude(outcome, thresholds, page)


def _conclude(outcome: Outcome, thresholds: tuple[Threshold, ...], page: Path) -> int:
    """Show what came of the run, and find its exit code."""
    from kmip_load.live import reasons_of, table_of
    from kmip_load.thresholds import crossed
    from rich.console import Console
    from rich.text import Text

    record, out = outcome.record, Console(file=sys.stdout)
    out.print(table_of(record.operations), *reasons_of(record.failure_reasons), sep="\n")
    for note in record.notes:
        out.print(Text(f"! {note}", "yellow"))
    bad = crossed(thresholds, *_figures(record))
    for text in bad:
        out.print(Text(f"✘ {text}", "red"))
    latency = record.latency_ms
    out.print(
        Text(
            f"{record.requests:,} requests, {record.failures:,} failed, in {record.duration_seconds:.1f} s: {record.rps:,.0f}/s · "
            f"p50 {latency.p50:,.2f} ms · p99 {latency.p99:,.2f} ms · max {latency.max:,.2f} ms",
            "bold",
        ),
        soft_wrap=True,
    )
    out.print(Text(f"report: {page}"), soft_wrap=True)
    if outcome.lost is not None:
        raise outcome.lost
    if not record.complete:
        return EXIT_INTERRUPTED
    return EXIT_FAILED if bad or not record.requests else 0


def _figures(record: LoadRun) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The record's figures as thresholds read them: over all requests, and by operation."""

    def of(part: Any) -> dict[str, float]:
        latency = part.latency_ms
        counts = {"requests": part.requests, "failures": part.failures, "rps": part.rps}
        return counts | {"p50": latency.p50, "p95": latency.p95, "p99": latency.p99, "max": latency.max}

    return of(record), {name: of(row) for name, row in record.operations.items()}


def _replayable(given: dict[str, Any]) -> str:
    """The command line that does the same again, without the password."""
    options = {name: given[name.replace("-", "_")] for name in ("profile", "users", "spawn-rate", "processes", "keys")}
    words = [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
    return shlex.join(["kmiplab", "load", *target_words(given), *words, "--duration", f"{given['duration']:g}s"])
