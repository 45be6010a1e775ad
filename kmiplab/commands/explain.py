"""`kmiplab explain`: what a check requires, and which clause says so."""

from __future__ import annotations

import json

import click

from kmiplab.completing import check_ids


@click.command(epilog="`kmiplab check --list` shows the ids of all checks.")
@click.argument("check_id", metavar="ID", shell_complete=check_ids)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(check_id: str, *, as_json: bool) -> int:
    """Say what a check requires, which clause says so, and which planted defects it catches.

    ID is a check's id, or one that it had before.

    \b
    kmiplab explain destroy.active-object-refused
    kmiplab explain --json get.returns-the-key
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped
    from kmip_conformance.judge.catalogue import whole_catalogue
    from kmip_conformance.judge.errors import RunRefused
    from kmip_conformance.judge.explaining import explanation_of, facts_about

    catalogue = whole_catalogue()
    check = catalogue.find(check_id)
    if check is None:
        close = catalogue.resembling(check_id)
        hint = f"did you mean {', '.join(close)}?" if close else "`kmiplab check --list` shows the ids of all checks."
        if any(check_id == each.family for each in catalogue):
            hint = f"{check_id} is a family: `kmiplab check --list --select {check_id}` shows its checks."
        raise RunRefused(f"there is no check {check_id!r}", hint)
    click.echo(json.dumps(facts_about(check), indent=2) if as_json else explanation_of(check))
    return 0
