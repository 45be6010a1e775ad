"""What the commands of `kmiplab service` share: options, and how values are printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmiplab.commands.up import default_state_dir
from kmiplab.help import STATE_DIR_DEFAULT

if TYPE_CHECKING:
    from kmiplab.service import Region


def instances_that_begin(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:  # noqa: ARG001 - click's signature
    """What a shell offers where an instance is named."""
    from kmiplab.service.records import Records

    state_dir = context.params.get("state_dir") or default_state_dir()
    return [instance.name for instance in Records(Path(state_dir)).all() if instance.name.startswith(begun)]


INSTANCE = click.argument("instance", shell_complete=instances_that_begin)

state_dir_option = click.option(
    "--state-dir",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_state_dir,
    help=f"The region's state folder. {STATE_DIR_DEFAULT}",
)
json_option = click.option("--json", "in_json", is_flag=True, help="Print JSON, for scripts.")


def region_in(state_dir: Path) -> Region:
    """The region of a state folder; a mistyped one is not made."""
    from kmiplab.errors import LabError
    from kmiplab.service import Region

    region = Region(state_dir)
    if not region.records.exist:
        raise LabError(
            f"{state_dir} is no region's state folder: nothing was ordered in it", "order first, or name another: --state-dir DIR"
        )
    return region


def as_json(value: Any) -> None:
    """Print a value of the service, or what is JSON already."""
    from kmiplab.service.values import as_document

    click.echo(json.dumps(value if isinstance(value, (list, dict)) else as_document(value), indent=1))


def show_time(seconds: int | None) -> str:
    """A moment in UTC; "-" when there is none."""
    import datetime as dt

    return "-" if seconds is None else f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M:%SZ}"
