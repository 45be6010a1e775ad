"""`kmiplab check` and `kmiplab explain` as people type them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import fakes
import kmip_conformance
import pytest
from kmip_conformance.certificates import Authority
from kmip_conformance.judge.catalogue import JUDGED, whole_catalogue
from kmip_conformance.judge.selection import Selection, plan
from kmip_conformance.runner.listing import as_table
from kmip_reports.records import read_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_conformance.client import Target


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with fakes.running(fakes.Fake(), Authority.make(tmp_path_factory.mktemp("pki"))) as target:
        yield target


def kmiplab(folder: Path, *words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "kmiplab", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def addressed(target: Target) -> list[str]:
    return ["--target", target.address, "--ca", str(target.ca), "--cert", str(target.cert), "--key", str(target.key)]


def test_a_target_is_judged_shown_and_reported(target: Target, tmp_path: Path) -> None:
    outcome = kmiplab(
        tmp_path, "check", *addressed(target), "--select", "messages.version-echoed,messages.batch-item-ids-echoed", "--jobs", "2"
    )

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "messages" in outcome.stdout
    assert {path.name for path in (tmp_path / "kmiplab-report").iterdir()} >= {
        "run.jsonl",
        "summary.json",
        "junit.xml",
        "summary.md",
        "badge.json",
        "index.html",
    }
    assert json.loads((tmp_path / "kmiplab-report" / "summary.json").read_text())["complete"] is True


def test_a_configured_target_is_replayed_by_its_name_and_no_password_is_written_down(target: Target, tmp_path: Path) -> None:
    settings = {"address": target.address, "ca": target.ca, "cert": target.cert, "key": target.key, "username": "u", "password": "hunter2"}
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    (tmp_path / "kmiplab.toml").write_text("\n".join(["[targets.fake]", *lines]))

    outcome = kmiplab(tmp_path, "check", "--target-name", "fake", "--select", "messages.version-echoed", "--transcripts")

    run = read_run(tmp_path / "kmiplab-report" / "run.jsonl")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert run.header.target["name"] == "fake"
    assert run.checks[0].replay.startswith("kmiplab check --config kmiplab.toml --target-name fake --select ")
    assert run.checks[0].attempts[0].transcript
    written = b"".join(path.read_bytes() for path in (tmp_path / "kmiplab-report").iterdir())
    assert b"hunter2" not in written
    assert b"hunter2".hex().encode() not in written


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--target", "127.0.0.1:1"], 6, "nobody listens there"),
        (["--target", "kms"], 4, "write HOST:PORT"),
        (["--target", "127.0.0.1:1", "--ca", "none.pem"], 4, "none.pem cannot be read"),
        (["--select", "no-such-check"], 5, "no check has this id"),
        (["--kmip-version", "1,4"], 4, "is not a KMIP version"),
        (["--profile", "vcentre"], 4, "did you mean vcenter"),
        (["--baseline", "none.toml", "--target", "127.0.0.1:1"], 4, "none.toml cannot be read"),
        (["--target-name", "x"], 4, "kmiplab.toml cannot be read"),
        (["--cert", "client.pem"], 4, "--target is missing"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_exit_code_and_without_a_traceback(
    tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    outcome = kmiplab(tmp_path, "check", *words)

    assert outcome.returncode == code, outcome.stderr
    assert said in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_conftest_around_the_installed_suite_is_not_read(target: Target, tmp_path: Path) -> None:
    installed = tmp_path / "repository" / "venv"
    installed.mkdir(parents=True)
    (installed / "kmip_conformance").symlink_to(Path(kmip_conformance.__file__).parent)
    for folder in (tmp_path / "repository", installed):
        (folder / "conftest.py").write_text("raise RuntimeError('the broken conftest.py was read')\n")
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    environment = os.environ | {"PYTHONPATH": str(installed)}

    outcome = kmiplab(tmp_path, "check", *addressed(target), "--select", "messages.version-echoed", environment=environment)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_list_is_what_would_be_judged(tmp_path: Path) -> None:
    rows = json.loads(kmiplab(tmp_path, "check", "--list", "--json", "--select", "destroy", "--kmip-version", "1.3").stdout)
    shown = kmiplab(tmp_path, "check", "--dry-run", "--select", "destroy").stdout

    assert {row["family"] for row in rows} == {"destroy"}
    assert {tuple(row["kmip_versions"]) for row in rows} == {("1.3",)}
    assert all(row["id"] in shown for row in rows)
    assert not list(tmp_path.iterdir())


def test_a_check_is_explained(tmp_path: Path) -> None:
    said = kmiplab(tmp_path, "explain", "destroy.active-object-refused").stdout
    facts = json.loads(kmiplab(tmp_path, "explain", "--json", "destroy.active-object-refused").stdout)

    assert "An Active object is not destroyed" in said
    assert "KMIP 1.4, 11.22 Destroy" in said
    assert "destroy.active-object-destroyed" in said
    assert facts["mutants"] == ["destroy.active-object-destroyed"]
    assert facts["source"].startswith("kmip_conformance/checks/destroy.py:")


def test_an_unknown_check_is_answered_with_what_may_have_been_meant(tmp_path: Path) -> None:
    outcome = kmiplab(tmp_path, "explain", "destroy.activ-object-refused")

    assert outcome.returncode == 4
    assert "did you mean destroy.active-object-refused" in outcome.stderr


def test_a_baseline_that_cannot_be_written_is_refused_before_anything_is_judged(target: Target, tmp_path: Path) -> None:
    outcome = kmiplab(tmp_path, "check", *addressed(target), "--select", "messages", "--write-baseline", "nowhere/known.toml")

    assert outcome.returncode == 4
    assert "the baseline nowhere/known.toml cannot be written: there is no folder" in outcome.stderr
    assert not (tmp_path / "kmiplab-report" / "run.jsonl").exists()


def test_a_list_fits_the_terminal_and_is_one_line_a_check_elsewhere() -> None:
    rows = plan(whole_catalogue(), Selection(("destroy",)), JUDGED)

    assert max(map(len, as_table(rows, columns=80).splitlines())) <= 80
    assert len(as_table(rows).splitlines()) == len(rows) + 2


def test_a_family_is_no_check_but_its_checks_are_named(tmp_path: Path) -> None:
    outcome = kmiplab(tmp_path, "explain", "destroy")

    assert outcome.returncode == 4
    assert "`kmiplab check --list --select destroy`" in outcome.stderr
