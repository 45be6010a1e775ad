"""How a pytest run becomes a run of the suite: find the brief, and register what judges."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kmip_conformance.client import Target
from kmip_conformance.errors import TargetError
from kmip_conformance.judge import fixtures
from kmip_conformance.judge.brief import Brief
from kmip_conformance.judge.errors import JudgingError
from kmip_conformance.judge.selection import Selection, split_patterns
from kmip_conformance.judge.session import JUDGING, Judging, line_writer
from kmip_conformance.judge.survey import survey
from kmip_conformance.tables import KmipVersion

if TYPE_CHECKING:
    from collections.abc import Callable


def open_session(config: pytest.Config) -> None:
    """Register the judging of this run. Ends it with a usage error when the options or the target cannot be used."""
    try:
        judging = Judging(_brief(config), _emitter(config))
    except (JudgingError, TargetError) as error:
        raise pytest.UsageError(f"{error}\nhint: {error.hint}") from error
    config.stash[JUDGING] = judging
    config.pluginmanager.register(judging, "kmip_judging")
    config.pluginmanager.register(fixtures, "kmip_fixtures")


def _brief(config: pytest.Config) -> Brief:
    handed_down = getattr(config, "workerinput", {}).get("kmip_brief")
    if handed_down:
        return Brief.from_json(handed_down)
    written = config.getoption("--kmip-brief")
    if written:
        return Brief.from_json(Path(written).read_text(encoding="utf-8"))
    brief = _brief_from_options(config)
    return replace(brief, offered=survey(brief.target, brief.timeout, brief.selection.kmip_versions).versions)


def _brief_from_options(config: pytest.Config) -> Brief:
    host, _, port = config.getoption("--kmip-target").rpartition(":")
    files = {name: config.getoption(f"--kmip-{name.replace('_', '-')}") for name in ("ca", "cert", "key", "other_cert", "other_key")}
    if not host or not port.isdecimal():
        raise pytest.UsageError("--kmip-target: write HOST:PORT, as in kms.example.com:5696")
    try:
        versions = tuple(KmipVersion.parse(text) for text in config.getoption("--kmip-version"))
        timeout = float(config.getoption("--kmip-timeout") or 10)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    selection = Selection(split_patterns(config.getoption("--kmip-select")), tuple(config.getoption("--kmip-profile")), versions)
    target = Target(
        host.strip("[]"),
        int(port),
        username=config.getoption("--kmip-username"),
        password=config.getoption("--kmip-password"),
        **{name: Path(file).absolute() for name, file in files.items() if file},
    )
    return Brief(target, selection, timeout=timeout)


def _emitter(config: pytest.Config) -> Callable[[str], None] | None:
    """Lines are emitted by the controller, to whoever asked for them; a parallel worker's go through its reports."""
    descriptor = config.getoption("--kmip-lines")
    if descriptor is None or hasattr(config, "workerinput"):
        return None
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs with it ignored; ours is asked to end by it
    return line_writer(descriptor)
