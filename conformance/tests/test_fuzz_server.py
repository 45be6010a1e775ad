"""A slice of what ``conformance/tools/fuzz_server.py`` does at length, and what its judge holds against an answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kmip_conformance import requests
from kmip_conformance.tables import V1_0, V1_4, Operation, ResultReason, ResultStatus, Tag
from kmip_conformance.wire import Item, date_time, encode, enumeration, integer, spoilt, structure, text

TOOLS = Path(__file__).resolve().parents[1] / "tools"
sys.path.append(str(TOOLS))  # the script finds its parts beside itself, and so do its tests

from fuzzing.judging import judged  # noqa: E402
from fuzzing.mutations import is_framed, mutated  # noqa: E402
from fuzzing.seeds import collected  # noqa: E402


@pytest.mark.slow
def test_two_thousand_mutated_messages_are_answered_in_order(tmp_path: Path):
    findings = tmp_path / "findings.txt"
    command = [sys.executable, str(TOOLS / "fuzz_server.py"), "--count", "2000", "--clients", "2", "--reproducer", str(findings)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "findings: 0" in run.stdout
    assert not findings.exists()


def answer(*items: Item, version=V1_4, counted: int | None = None) -> bytes:
    header = structure(
        Tag.RESPONSE_HEADER,
        requests.protocol_version(version),
        date_time(Tag.TIME_STAMP, 1_700_000_000),
        integer(Tag.BATCH_COUNT, len(items) if counted is None else counted),
    )
    return encode(structure(Tag.RESPONSE_MESSAGE, header, *items))


def item(status: int, reason: int | None = None, message: str | None = None) -> Item:
    return structure(
        Tag.BATCH_ITEM,
        enumeration(Tag.OPERATION, Operation.GET),
        enumeration(Tag.RESULT_STATUS, status),
        None if reason is None else enumeration(Tag.RESULT_REASON, reason),
        None if message is None else text(Tag.RESULT_MESSAGE, message),
    )


DONE, FAILED = item(ResultStatus.SUCCESS), item(ResultStatus.OPERATION_FAILED, ResultReason.ITEM_NOT_FOUND, "nothing")


def test_an_answer_in_order_is_left_alone():
    verdict = judged(answer(DONE, FAILED))
    assert verdict.fault is None
    assert verdict.items == ((Operation.GET, 0), (Operation.GET, ResultReason.ITEM_NOT_FOUND))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no Response Message"),
        (answer(DONE)[:-8], "badly encoded"),
        (answer(DONE) + bytes(8), "badly encoded"),
        (answer(spoilt(DONE, length=8)), "badly encoded"),
        (answer(DONE, counted=2), "counts 2"),
        (answer(), "lacks"),
        (answer(DONE, version=V1_0._replace(minor=9)), "Protocol Version"),
        (answer(item(7)), "Result Status"),
        (answer(item(ResultStatus.OPERATION_FAILED)), "Result Reason"),
        (answer(item(ResultStatus.OPERATION_FAILED, 0x7777)), "Result Reason"),
        (answer(item(ResultStatus.OPERATION_FAILED, ResultReason.SENSITIVE), version=V1_0), "which KMIP 1.0 has not"),
        (answer(item(ResultStatus.SUCCESS, ResultReason.ITEM_NOT_FOUND)), "successful item"),
        (answer(item(ResultStatus.OPERATION_FAILED, ResultReason.GENERAL_FAILURE, "failed unexpectedly (KeyError)")), "defect"),
    ],
)
def test_an_answer_out_of_order_is_a_finding(data: bytes, told: str):
    assert told in str(judged(data).fault)


def test_the_same_seed_gives_the_same_messages():
    import random

    seeds = collected(None, [V1_4])

    def some(seed: int) -> list[bytes]:
        chance = random.Random(seed)
        return [mutated(seeds.chosen(chance), chance, seeds.everything, [b"none"]) for _ in range(300)]

    assert some(1) == some(1) != some(2)
    assert sum(map(is_framed, some(1))) > 250
    assert len(set(some(1))) > 250
