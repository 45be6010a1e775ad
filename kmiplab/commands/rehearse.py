"""`kmiplab rehearse`: a migration, with real keys and real traffic, before it is done in earnest."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.help import Grouped
from kmiplab.targets import sigterm_as_interrupt

if TYPE_CHECKING:
    from kmip_reports.records_rehearsal import Rehearsal

    from kmiplab.rehearsal import Settings

ACCIDENT_NAMES = ("not-registered", "host-off", "old-key-in-use")
"""As `kmiplab.rehearsal.ACCIDENTS` has them; written here too, so that help and completion import nothing."""

EVERY_ACCIDENT = "all"
EXIT_INTERRUPTED = 2
A_FOLDER = click.Path(path_type=Path, file_okay=False)

_GROUPS = {
    "The estate": ("vms", "hosts", "vsan_clusters", "seed"),
    "What goes wrong": ("accident", "closing", "trials"),
    "Results": ("report_dir", "as_json", "state_dir"),
}


@click.group("rehearse")
def command() -> None:
    """Rehearse on this machine what is done once in earnest.

    \b
    kmiplab rehearse migration             from KMIP for VMware to native KMIP
    kmiplab rehearse migration --vms 200 --hosts 16 --vsan-clusters 2
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped


@command.command("migration", cls=Grouped, groups=_GROUPS)
@click.option("--vms", metavar="N", type=click.IntRange(0, 100_000), default=12, help="Encrypted virtual machines. [12]")
@click.option(
    "--hosts", metavar="N", type=click.IntRange(1, 10_000), default=5, help="ESXi hosts; three for each vSAN cluster at least. [5]"
)
@click.option(
    "--vsan-clusters", metavar="N", type=click.IntRange(0, 1000), default=1, help="vSAN clusters with data-at-rest encryption. [1]"
)
@click.option("--seed", metavar="N", type=int, default=1, help="Makes the same estate again: names, places, what is off. [1]")
@click.option("--accident", metavar="NAME", type=click.Choice([*ACCIDENT_NAMES, EVERY_ACCIDENT]), multiple=True,
              help=f"Let it happen to the estate: {', '.join(ACCIDENT_NAMES)} or {EVERY_ACCIDENT}; repeatable.")  # fmt: skip
@click.option("--closing/--no-closing", default=True, help="Play the other accidents on a small estate at the end, or not. [--closing]")
@click.option("--trials/--no-trials", default=True, help="Really delete copies of the old service, twice on the way, or not. [--trials]")
@click.option("--report-dir", metavar="DIR", type=A_FOLDER, default=Path("kmiplab-rehearsal"),
              help="Where rehearsal.json and index.html go. [kmiplab-rehearsal]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print rehearsal.json instead of the table.")
@click.option(
    "--state-dir", metavar="DIR", type=A_FOLDER, help="Keep both services' state here; a new or empty folder. [removed afterwards]"
)
def migration(**given: Any) -> int:
    """Move an estate from KMIP for VMware to Key Protect's native KMIP, with real keys, over real KMIP and REST.

    The estate is encrypted with keys of the classic service, re-encrypted with keys of a native adapter beside it, and the old service is
    deleted. At each stage you see what would have been lost if it had been deleted at that moment; at the end every data key is opened.

    \b
    not-registered   trust fails: the certificate is not at the adapter yet
    host-off         a host misses it all, and comes back for its old keys
    old-key-in-use   a clone is left out; the service is deleted by force

    Each of these accidents is played at the end, on a small estate of its own; with --accident it happens to the estate itself.

    \b
    kmiplab rehearse migration
    kmiplab rehearse migration --vms 500 --hosts 24 --vsan-clusters 4 --seed 7
    kmiplab rehearse migration --accident host-off
    kmiplab rehearse migration --no-closing --json

    \b
    Exit code: 0 everything moved, nothing was lost · 1 something refers to the
    old provider, or was lost · 2 interrupted · 3 a bug of kmiplab
    4 usage or configuration
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    with sigterm_as_interrupt():
        try:
            return _run(given)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            return EXIT_INTERRUPTED


def _run(given: dict[str, Any]) -> int:
    from kmip_reports.records_rehearsal import rehearsal_json
    from kmip_reports.render.rehearsal import write_rehearsal_report
    from kmip_reports.render.rehearsal_console import print_rehearsal

    from kmiplab.rehearsal import rehearse
    from kmiplab.rehearsal.watching import watch_on

    with watch_on(sys.stderr) as watch:
        rehearsal: Rehearsal = rehearse(_settings(given), watch)
    page = write_rehearsal_report(rehearsal, given["report_dir"])[-1]
    if given["as_json"]:
        click.echo(rehearsal_json(rehearsal), nl=False)
    else:
        print_rehearsal(rehearsal, page)
    return rehearsal.exit_code


def _settings(given: dict[str, Any]) -> Settings:
    from kmiplab.rehearsal import Settings

    accidents = frozenset(ACCIDENT_NAMES if EVERY_ACCIDENT in given["accident"] else given["accident"])
    return Settings(
        machines=given["vms"],
        hosts=given["hosts"],
        clusters=given["vsan_clusters"],
        seed=given["seed"],
        accidents=accidents,
        closing=given["closing"],
        trials=given["trials"],
        state_dir=given["state_dir"],
        command=_replayable(given),
    )


def _replayable(given: dict[str, Any]) -> str:
    """The command line that does the same again."""
    options = {name: given[name.replace("-", "_")] for name in ("vms", "hosts", "vsan-clusters", "seed")}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    accidents = [word for name in given["accident"] for word in ("--accident", name)]
    switches = [f"--no-{name}" for name in ("closing", "trials") if not given[name]]
    return shlex.join(["kmiplab", "rehearse", "migration", *words, *accidents, *switches])
