"""`kmiplab completion`: what a shell needs to complete sub-commands, options and values."""

from __future__ import annotations

import click


@click.command(
    epilog="""\b
Examples:
  kmiplab completion bash >> ~/.bashrc
  kmiplab completion zsh > ~/.zfunc/_kmiplab
  kmiplab completion fish > ~/.config/fish/completions/kmiplab.fish"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL."""
    from click.shell_completion import get_completion_class

    from kmiplab.cli import command as front_door

    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(front_door, {}, "kmiplab", "_KMIPLAB_COMPLETE").source())
