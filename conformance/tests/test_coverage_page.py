"""docs/coverage.md, docs/peers.md and docs/oasis.md say what the catalogue, the baselines and the player's tables say."""

from __future__ import annotations

import csv
import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest
from kmip_conformance.judge.catalogue import whole_catalogue
from kmip_conformance.proxy import MUTANTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["coverage", "peers"])
def test_the_page_is_what_the_generator_writes(name: str):
    spec = importlib.util.spec_from_file_location(f"make_{name}", ROOT / "conformance" / "tools" / f"make_{name}.py")
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)

    written = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")

    assert written == generator.page(), f"run: python conformance/tools/make_{name}.py docs/{name}.md"


def test_the_page_of_published_cases_has_the_tables_of_the_player():
    spec = importlib.util.spec_from_file_location("make_oasis", ROOT / "conformance" / "tools" / "make_oasis.py")
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)

    written = (ROOT / "docs" / "oasis.md").read_text(encoding="utf-8")

    assert written == generator.page(generator.figures_in(written)), "run: python conformance/tools/make_oasis.py docs/oasis.md"


def test_no_cell_of_the_servers_coverage_is_empty():
    sys.path.append(str(ROOT / "conformance" / "tools"))
    import server_coverage

    assert server_coverage.gaps() == []
    assert server_coverage.idle() == []


def test_the_tests_that_are_named_as_evidence_are_there():
    folder = ROOT / "server_under_test" / "tests"
    with (folder / "evidence.csv").open(encoding="utf-8", newline="") as rows:
        named = {row["test"].partition("[")[0] for row in csv.DictReader(rows)}

    missing = [
        one for one in sorted(named) if f"def {one.split('::')[1]}(" not in (folder / "engine" / one.split("::")[0]).read_text("utf-8")
    ]
    assert missing == []


def test_every_deviation_of_a_peer_is_explained():
    deviations = tomllib.loads((ROOT / "conformance" / "peers" / "pykmip.toml").read_text(encoding="utf-8"))["deviation"]

    assert [deviation["id"] for deviation in deviations if not deviation["reason"]] == []


def test_every_mutant_is_named_by_a_check():
    named = {mutant for check in whole_catalogue() for mutant in check.mutants}

    assert set(MUTANTS) - named == set()


def test_no_check_names_a_mutant_that_is_not_there():
    unknown = {(check.id, mutant) for check in whole_catalogue() for mutant in check.mutants if mutant not in MUTANTS}

    assert unknown == set()
