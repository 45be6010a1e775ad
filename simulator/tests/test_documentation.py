"""docs/simulator.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest
from keyprotect_simulator.behaviours import BEHAVIOURS
from keyprotect_simulator.documentation import renewed
from keyprotect_simulator.faults import ERROR_CODES
from keyprotect_simulator.roles import PERMISSIONS
from keyprotect_simulator.routes import ROUTES

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
PACKAGE = Path(__file__).parents[1] / "keyprotect_simulator"


def test_the_page_has_the_tables_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "run: python -m keyprotect_simulator.documentation docs/simulator.md"


def test_a_page_without_marks_is_not_overwritten():
    with pytest.raises(ValueError, match="tables: begin"):
        renewed("no marks")


def test_every_route_has_a_permission_and_stands_once():
    assert {route.action for route in ROUTES} == set(PERMISSIONS)
    calls = [f"{route.method} {route.path}" for route in ROUTES]
    assert len(set(calls)) == len(calls)


def test_every_error_code_is_used_by_a_rule():
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "faults.py")
    helpers = {"BAD_BODY_ERR", "INVALID_FIELD_ERR", "INVALID_QUERY_PARAM_ERR"}
    assert {code for code in ERROR_CODES if f'"{code}"' not in sources} == helpers


def test_no_behaviour_is_told_twice():
    told = [behaviour.what for behaviours in BEHAVIOURS.values() for behaviour in behaviours]
    assert len(set(told)) == len(told)
