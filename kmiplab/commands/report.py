"""`kmiplab report`: render result folders again, and merge several of them."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Where to write. [one DIR: there; several: kmiplab-comparison]")
@click.option("--console", is_flag=True, help="Show the run in the terminal too, as `kmiplab check` did (one DIR).")
@click.option("--verbose", "-v", is_flag=True, help="With --console: show every check, also those that pass.")
def command(folders: tuple[Path, ...], out: Path | None, *, console: bool, verbose: bool) -> int:
    """Render result folders again, and merge several of them.

    One folder of `kmiplab check` or `kmiplab load` is rendered again. Several runs of the suite become a matrix of servers by checks;
    two to four load runs stand side by side on one page.

    \b
    kmiplab report kmiplab-report                   index.html, junit.xml, … again
    kmiplab report release-8.4 release-8.5          what changed between releases
    kmiplab report pykmip ours vendor --out matrix  servers × checks, one web page
    kmiplab report load-before load-after           two load runs side by side
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    from kmip_reports.merge import merge

    if console and len(folders) > 1:
        raise click.UsageError("--console shows one run: name one folder")
    merged = merge(folders, out)
    if console and merged.run is not None:
        from kmip_reports.render.console import ConsoleReport

        report = ConsoleReport(report_folder=merged.written[0].parent, verbose=verbose)
        report.begin(merged.run.header)
        for check in merged.run.checks:
            report.check(check)
        report.end(merged.run.footer)
    for warning in merged.warnings:
        click.echo(f"{click.style('warning:', fg='yellow', bold=True)} {warning}", err=True)
    for path in merged.written:
        click.echo(path)
    return 0
