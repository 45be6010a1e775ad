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
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kmiplab import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    "rehearse": CommandEntry("kmiplab.commands.rehearse", "Rehearse a migration between key services, with real keys."),
    "report": CommandEntry("kmiplab.commands.report", "Render and merge result folders."),
    "decode": CommandEntry("kmiplab.commands.decode", "Print a TTLV message as a tree."),
    "explain": CommandEntry("kmiplab.commands.explain", "Say what a check requires, and which clause says so."),
    "serve": CommandEntry("kmiplab.commands.serve", "Run the reference KMIP server alone."),
    "simulate": CommandEntry("kmiplab.commands.simulate", "Run the Key Protect and IAM simulator alone."),
    "client": CommandEntry("kmiplab.commands.client", "Add, list and remove the client certificates of a running lab."),
    "service": CommandEntry("kmiplab.commands.service", "Run KMIP for VMware, the classic service, from order to deletion."),
    "completion": CommandEntry("kmiplab.commands.completion", "Print a shell's completion script."),
}


class ReaderLeft(Exception):
    """Nobody reads what is printed any more, as with ``kmiplab … | head``."""


@contextmanager
def _read_by_somebody() -> Iterator[None]:
    """Keep a broken pipe from click, which would end with 1: that says that checks failed."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderLeft from error


class Unusable(click.UsageError):
    """A usage error that says itself what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


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

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        with _read_by_somebody():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _read_by_somebody():
            return super().invoke(ctx)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a word that is no command is met with those that look like it."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=2)
            meant = f"did you mean {' or '.join(close)}? " if close else ""
            raise Unusable(f"there is no command {args[0]!r}", f"{meant}`kmiplab --help` lists the commands.")
        return super().resolve_command(ctx, args)

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


def tell_of_usage(error: click.ClickException) -> None:
    """Print what is wrong with the command line as every other error is printed, and where its help is."""
    context = getattr(error, "ctx", None)
    what = error.format_message().rstrip(".")
    hint = getattr(error, "hint", None) or f"`{context.command_path if context else 'kmiplab'} --help` shows options and examples."
    tell(what[:1].lower() + what[1:], hint)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with the exit code that the command's contract names."""
    try:
        outcome = command.main(args=arguments, prog_name="kmiplab", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        tell_of_usage(error)
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except (ReaderLeft, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be flushed goes nowhere
        sys.exit(EXIT_INTERRUPTED)
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
