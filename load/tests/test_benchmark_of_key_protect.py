"""The benchmark of the simulator measures what it says: pairs that come back whole, and starts that end with a ready file."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "key_protect.py"


def test_it_measures_pairs_and_cold_starts(tmp_path):
    figures = tmp_path / "figures.json"
    command = [sys.executable, str(BENCHMARK), "--quick", "--json", str(figures)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ("(wanted: 500/s)" in ran.stdout, ran.stdout.count("(wanted: under 2 s)")) == (True, 2)
    found = json.loads(figures.read_text())
    assert set(found["pairs_a_second"]) == {"1", "8", "32"}
    assert all(rate > 0 for rates in found["pairs_a_second"].values() for rate in rates)
    assert [len(seconds) for seconds in found["cold_start"].values()] == [1, 1]


def test_a_wrong_answer_is_no_figure():
    benchmark = runpy.run_path(str(BENCHMARK))
    answered = benchmark["answered"]
    assert answered(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{") is None
    assert answered(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") == {}
    with pytest.raises(benchmark["WrongAnswer"], match="429"):
        answered(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")
