"""docs/coverage.md says what the catalogue says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from kmip_conformance.judge.catalogue import whole_catalogue
from kmip_conformance.proxy import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "conformance" / "tools" / "make_coverage.py"


def test_the_page_is_what_the_generator_writes():
    spec = importlib.util.spec_from_file_location("make_coverage", GENERATOR)
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)

    written = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")

    assert written == generator.page(), "run: python conformance/tools/make_coverage.py docs/coverage.md"


def test_every_mutant_is_named_by_a_check():
    named = {mutant for check in whole_catalogue() for mutant in check.mutants}

    assert set(MUTANTS) - named == set()


def test_no_check_names_a_mutant_that_is_not_there():
    unknown = {(check.id, mutant) for check in whole_catalogue() for mutant in check.mutants if mutant not in MUTANTS}

    assert unknown == set()
