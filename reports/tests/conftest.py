"""What the tests of this room share: a sample run with every verdict, and golden files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parent))  # importlib mode puts no test folder on the path; the samples are a module of their own

import report_samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_reports.records import Run

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def sample_run() -> Run:
    """150 checks over five versions, with every verdict, scenarios, and a baseline."""
    return report_samples.sample_run()


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with a file in golden/; ``UPDATE_GOLDEN=1`` writes it anew, for a reviewer to read in the diff."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
