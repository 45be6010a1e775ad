"""Disturbances: late answers, wrong answers, and nobody there."""

from __future__ import annotations

import time

import httpx
import pytest
from keyprotect_simulator.disturbances import Disturbance


def get_keys(simulator):
    headers = {"Authorization": f"Bearer {simulator.token()}", "Bluemix-Instance": simulator.instance_id}
    return httpx.get(f"{simulator.url}/api/v2/keys", headers=headers)


def test_a_late_answer_is_the_right_one(simulator):
    with simulator.disturbed(Disturbance(delay=0.2)):
        started = time.monotonic()
        assert get_keys(simulator).status_code == 200
        assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(("status", "retry_after"), [(429, 7), (503, None), (500, None), (401, None)])
def test_another_answer_comes_so_often(simulator, status, retry_after):
    with simulator.disturbed(Disturbance(status=status, retry_after=retry_after, times=2)):
        for _ in range(2):
            answer = get_keys(simulator)
            assert answer.status_code == status
            assert answer.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
            assert answer.json()["metadata"]["collectionType"] == "application/vnd.ibm.kms.error+json"
        assert get_keys(simulator).status_code == 200


def test_only_the_paths_that_are_named_are_disturbed(simulator):
    with simulator.disturbed(Disturbance(status=503, path="/identity/")):
        assert get_keys(simulator).status_code == 200
        assert httpx.post(simulator.iam_url).status_code == 503
    assert httpx.get(f"{simulator.url}/identity/keys").status_code == 200


def test_unreachable_means_refused_and_nothing_is_lost(simulator):
    with simulator.unreachable(), pytest.raises(httpx.ConnectError):
        get_keys(simulator)
    assert get_keys(simulator).status_code == 200
