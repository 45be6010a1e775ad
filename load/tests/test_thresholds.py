"""``--fail-if``, as people write it."""

from __future__ import annotations

import pytest
from kmip_load.errors import UnusableOption
from kmip_load.thresholds import crossed, parse, with_default

CALM = {"requests": 1000.0, "failures": 1.0, "rps": 500.0, "p50": 1.0, "p95": 8.0, "p99": 49.9, "max": 120.0}
CREATES = {**CALM, "p99": 80.0}


@pytest.mark.parametrize(
    ("text", "is_crossed"),
    [
        ("p99>50", False),
        ("p99>=49.9", True),
        ("p99 > 49ms", True),
        ("p99>49900us", False),
        ("p99>49800us", True),
        ("max>0.1s", True),
        ("failures>0", True),
        ("failures>0.1%", False),
        ("failures>=0.1%", True),
        ("rps<500", False),
        ("rps<=500", True),
        ("requests<2000", True),
        ("Create p99>50ms", True),
        ("Get p99>50ms", False),
    ],
)
def test_a_threshold_says_what_is_bad(text: str, *, is_crossed: bool) -> None:
    assert bool(crossed([parse(text)], CALM, {"Get": CALM, "Create": CREATES})) is is_crossed


@pytest.mark.parametrize(
    "text", ["", "p99", "p99>", "p98>1", "p99>5%", "rps<5ms", "failures>1s", "p99=5", "requests>5%", "p99>-1", "p99>1 p50>2"]
)
def test_what_cannot_be_meant_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UnusableOption) as refusal:
        parse(text)

    assert refusal.value.exit_code == 4
    assert "--fail-if" in str(refusal.value)
    assert refusal.value.hint


def test_any_failure_fails_the_run_unless_a_threshold_speaks_of_failures() -> None:
    assert crossed(with_default([]), CALM, {}) == ["failures>0"]
    assert crossed(with_default([parse("p99>50")]), CALM, {}) == ["failures>0"]
    assert crossed(with_default([parse("failures>0.5%")]), CALM, {}) == []
    assert crossed(with_default([parse("Create failures>5")]), CALM, {"Create": CREATES}) == ["failures>0"]


def test_a_threshold_for_an_operation_that_was_never_sent_is_crossed() -> None:
    assert crossed([parse("Locate p99>1")], CALM, {"Get": CALM}) == ["Locate p99>1 (no request was a Locate)"]
