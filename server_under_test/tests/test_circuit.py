"""The circuit breaker alone: who is admitted, and what opens and closes it."""

from __future__ import annotations

import pytest
from kmip_server.wrapping.circuit import Circuit


class Watched:
    """A circuit that is probed every second, its clock, and what it told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.turns: list[tuple[str, str]] = []
        self.circuit = Circuit(1.0, lambda: self.now, lambda *turn: self.turns.append(turn))

    def admitted(self) -> int:
        pass_ = self.circuit.admit()
        assert pass_ is not None
        return pass_

    def open(self) -> None:
        self.circuit.unanswered(self.admitted(), "no answer")


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_everybody_is_admitted_while_it_is_closed(watched: Watched) -> None:
    passes = [watched.admitted() for _ in range(3)]
    for pass_ in passes:
        watched.circuit.answered(pass_)
    assert watched.turns == []


def test_one_is_admitted_after_a_while_and_an_answer_admits_all(watched: Watched) -> None:
    watched.open()
    assert watched.circuit.admit() is None
    watched.now += 1
    probe = watched.admitted()
    assert watched.circuit.admit() is None
    watched.circuit.answered(probe)
    assert None not in {watched.circuit.admit() for _ in range(3)}
    assert watched.turns == [("open", "no answer"), ("closed", "after 1.0 s")]


def test_a_probe_without_an_answer_leaves_it_open_and_is_not_told_again(watched: Watched) -> None:
    watched.open()
    watched.now += 1
    watched.circuit.unanswered(watched.admitted(), "still none")
    watched.now += 0.5
    assert watched.circuit.admit() is None
    assert (watched.circuit.why, watched.turns) == ("still none", [("open", "no answer")])


def test_a_probe_whose_caller_went_away_lets_the_next_one_find_out(watched: Watched) -> None:
    watched.open()
    watched.now += 1
    watched.circuit.abandoned(watched.admitted())
    watched.circuit.answered(watched.admitted())
    assert len(watched.turns) == 2


@pytest.mark.parametrize("ends", ["answered", "unanswered", "abandoned"])
def test_what_was_under_way_when_it_opened_says_nothing(watched: Watched, ends: str) -> None:
    earlier = watched.admitted()
    watched.open()
    watched.now += 1
    probe = watched.admitted()
    getattr(watched.circuit, ends)(earlier, *(["late"] if ends == "unanswered" else []))
    assert watched.circuit.admit() is None
    watched.circuit.answered(probe)
    assert [state for state, _ in watched.turns] == ["open", "closed"]
