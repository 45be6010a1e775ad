"""The command line as a stranger meets it: help that is quick and complete, errors in words, exit codes as designed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kmiplab.cli import COMMANDS


def kmiplab(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "kmiplab", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | environment, check=False)


def test_the_overview_names_every_command():
    shown = kmiplab("--help")

    assert shown.returncode == 0
    assert all(f"  {name} " in shown.stdout for name in COMMANDS)


def test_the_overview_imports_no_room_and_no_heavy_library():
    script = "import sys; sys.argv[1:] = ['--help']\ntry:\n import kmiplab.__main__\nexcept SystemExit:\n print('\\n'.join(sys.modules))"
    modules = set(subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True).stdout.split())

    assert "click" in modules
    assert not modules & {
        "rich",
        "httpx",
        "pytest",
        "locust",
        "cryptography",
        "starlette",
        "kmip_server",
        "kmip_conformance",
        "keyprotect_simulator",
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name: str):
    shown = kmiplab(name, "--help")

    assert shown.returncode == 0, shown.stderr
    assert "Usage: kmiplab " + name in shown.stdout
    assert shown.stdout.count("kmiplab " + name) >= 2


def test_the_version_is_printed():
    assert kmiplab("--version").stdout.startswith("kmiplab 0.")


@pytest.mark.parametrize("words", [("nonsense",), ("up", "--no-such-option"), ("check", "--jobs", "many"), ("completion", "tcsh")])
def test_wrong_words_are_a_usage_error(words: tuple[str, ...]):
    refused = kmiplab(*words)

    assert refused.returncode == 4
    assert refused.stderr.startswith("error: ")
    assert " hint: " in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell: str):
    assert "_KMIPLAB_COMPLETE" in kmiplab("completion", shell).stdout


def test_completion_names_the_commands():
    completed = kmiplab(_KMIPLAB_COMPLETE="bash_complete", COMP_WORDS="kmiplab si", COMP_CWORD="1")

    assert "simulate" in completed.stdout


def test_a_misspelt_command_is_met_with_the_right_one():
    assert "did you mean check?" in kmiplab("chekc").stderr


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("explain destroy.active", "destroy.active-object-refused"),
        ("check --select vmw", "vmware"),
        ("check --select get,!destroy.act", "get,!destroy.active-object-refused"),
        ("check --profile vce", "vcenter"),
        ("check --kmip-version 1.", "1.4"),
        ("load --profile boot", "boot-storm"),
    ],
)
def test_completion_knows_the_words_of_the_suite(begun: str, offered: str):
    words = f"kmiplab {begun}"
    completed = kmiplab(_KMIPLAB_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))

    assert offered in [line.partition(",")[2] for line in completed.stdout.splitlines()]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_of_80_columns_and_speaks_no_ranges(name: str):
    shown = kmiplab(name, "--help", COLUMNS="80").stdout

    assert max(map(len, shown.splitlines())) <= 80
    assert "RANGE" not in shown


def test_json_without_a_list_is_refused():
    refused = kmiplab("check", "--json")

    assert refused.returncode == 4
    assert "--json goes with --list" in refused.stderr
