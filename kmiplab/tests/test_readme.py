"""The README's words hold: its Python runs as it stands against a lab, its links lead somewhere, its commands and options exist."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kmiplab.cli import COMMANDS
from kmiplab.cli import command as front_door
from kmiplab.lab import running_lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.config import Config

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/README.md",
    "docs/checks.md",
    "docs/server.md",
    "docs/load.md",
    "docs/rehearsal.md",
    "docs/simulator.md",
)


@pytest.fixture(scope="module")
def lab_json(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with lab.json, as `kmiplab up --ready-file lab.json` leaves it."""
    folder = tmp_path_factory.mktemp("readme")
    with running_lab() as ready:
        (folder / "lab.json").write_text(json.dumps(ready))
        yield folder


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("number", [0, 1], ids=["keyprotect", "pykmip"])
def test_the_python_of_the_readme_runs_as_it_stands(lab_json: Path, pytestconfig: Config, number: int) -> None:
    snippets = blocks(pytestconfig.rootpath / "README.md", "python")
    assert len(snippets) == 2

    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", snippets[number]], cwd=lab_json, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert re.search(r"kmiplab-root-key|^[0-9a-f]{64}$", ran.stdout, flags=re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_pages_lead_somewhere(pytestconfig: Config, page: str) -> None:
    file = pytestconfig.rootpath / page
    links = [link for link in re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8")) if "://" not in link]

    assert [link for link in links if not (file.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_the_pages_exist_with_their_options(pytestconfig: Config, page: str) -> None:
    text = "\n".join(blocks(pytestconfig.rootpath / page, "sh") + blocks(pytestconfig.rootpath / page, "yaml"))
    for line in re.findall(r"^[^#\n]*?(kmiplab [a-z].*)$", text, flags=re.MULTILINE):
        words = shlex.split(line, comments=True)[1:]
        command = front_door.get_command(None, words[0])  # type: ignore[arg-type]  # the group asks for no context
        assert command is not None, line
        for name in words[1:]:
            command = getattr(command, "commands", {}).get(name, command)
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_the_readme_names_every_command(pytestconfig: Config) -> None:
    text = (pytestconfig.rootpath / "README.md").read_text(encoding="utf-8")

    assert [name for name in COMMANDS if f"`{name}`" not in text and f"`kmiplab {name}`" not in text] == []
