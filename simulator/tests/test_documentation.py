"""docs/simulator.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import contract_tables
import pytest
from keyprotect_simulator.behaviours import BEHAVIOURS
from keyprotect_simulator.documentation import renewed
from keyprotect_simulator.faults import ERROR_CODES
from keyprotect_simulator.refusals import NEVER, OWN, refusals_of
from keyprotect_simulator.roles import PERMISSIONS
from keyprotect_simulator.routes import ROUTES

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


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


def test_the_page_has_the_count_of_the_contract_tests():
    page = PAGE.read_text(encoding="utf-8")
    assert contract_tables.renewed(page) == page, "run: PYTHONPATH=simulator python simulator/tests/contract_tables.py docs/simulator.md"


def test_every_error_code_is_a_refusal_of_a_call_and_none_that_never_comes():
    assert list(OWN) == [f"{route.method} {route.path}" for route in ROUTES]
    given = {refusal for call in OWN for refusal in refusals_of(call) if not refusal.isdigit()}
    assert given == set(ERROR_CODES)
    assert given.isdisjoint(NEVER)


def test_no_behaviour_is_told_twice():
    told = [behaviour.what for behaviours in BEHAVIOURS.values() for behaviour in behaviours]
    assert len(set(told)) == len(told)
