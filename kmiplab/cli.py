"""The `kmiplab` command.

The sub-commands are named in one table with their one-line help, and imported when they are run: showing the help of the whole
command imports nothing but click. An exception that carries a ``hint`` is meant for people: it is printed as what happened and what
to do, and ends the process with its ``exit_code`` (4, usage or configuration, unless it says otherwise). Anything else is a bug of
ours: exit code 3, with the way to see the traceback.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import NamedTuple

import click

from kmiplab import __version__

EXIT_INTERRUPTED = 2
EXIT_BUG = 3
EXIT_USAGE = 4


class CommandEntry(NamedTuple):
    """Where a sub-command lives, and the line that the overview shows for it."""

    module: str
    summary: str


COMMANDS = {
    "up": CommandEntry("kmiplab.commands.up", "Start Key Protect, IAM and a KMIP endpoint on this machine."),
    "check": CommandEntry("kmiplab.commands.check", "Judge a KMIP server, rule by rule."),
    "load": CommandEntry("kmiplab.commands.load", "Put a KMIP server under load and measure it."),
    "report": CommandEntry("kmiplab.commands.report", "Render and merge result folders."),
    "decode": CommandEntry("kmiplab.commands.decode", "Print a TTLV message as a tree."),
    "explain": CommandEntry("kmiplab.commands.explain", "Say what a check requires, and which clause says so."),
    "serve": CommandEntry("kmiplab.commands.serve", "Run the reference KMIP server alone."),
    "simulate": CommandEntry("kmiplab.commands.simulate", "Run the Key Protect and IAM simulator alone."),
    "client": CommandEntry("kmiplab.commands.client", "Add, list and remove the client certificates of a running lab."),
    "completion": CommandEntry("kmiplab.commands.completion", "Print a shell's completion script."),
}


class LazyGroup(click.Group):
    """A group that imports a sub-command when it is looked up; listing them reads the table alone."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = importlib.import_module(entry.module).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="Run 'kmiplab COMMAND --help' for the options of a command and examples.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def command() -> None:
    """A laboratory for KMIP, the OASIS Key Management Interoperability Protocol.

    \b
    kmiplab up                          a Key Protect and a KMIP endpoint, here
    kmiplab check                       the whole suite against a lab of its own
    kmiplab check --target kms:5696 --ca ca.pem --cert client.pem --key client.key
    kmiplab load --profile boot-storm --users 64 --duration 30s
    """  # noqa: D301 - \b is click's mark for a paragraph that is not to be rewrapped


def tell(what: str, hint: str | None = None) -> None:
    """Print an error for people: what happened and why, then what to do."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {what}", err=True)
    if hint:
        click.echo(f"{click.style(' hint:', bold=True)} {hint}", err=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with the exit code that the command's contract names."""
    try:
        outcome = command.main(args=arguments, prog_name="kmiplab", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        hint = getattr(error, "hint", None)
        if hint is None:
            if os.environ.get("KMIPLAB_TRACEBACK"):
                raise
            tell(
                f"{type(error).__name__}: {error}", "this is a bug of kmiplab; set KMIPLAB_TRACEBACK=1 to see where, and please report it."
            )
            sys.exit(EXIT_BUG)
        tell(str(error), hint)
        sys.exit(getattr(error, "exit_code", EXIT_USAGE))
    sys.exit(outcome if isinstance(outcome, int) else 0)
