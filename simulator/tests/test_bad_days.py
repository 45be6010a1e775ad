"""Disturbances: late answers, broken ones, wrong ones, none, and nobody there; over HTTP and through `requests` under the mock."""

from __future__ import annotations

import re
import threading
import time

import httpx
import pytest
import requests
from keyprotect_simulator.disturbances import Disturbance, Disturbances
from keyprotect_simulator.messages import ApiRequest
from keyprotect_simulator.mock import answering


@pytest.fixture(params=["http", "mock"])
def way(request, simulator):
    """Either way in that can be disturbed; both are asked with `requests`."""
    if request.param == "http":
        yield simulator
    else:
        with answering(simulator.simulator) as mocked:
            yield mocked


def get_keys(way, **more):
    headers = {"Authorization": f"Bearer {way.token()}", "Bluemix-Instance": way.instance_id}
    return requests.get(f"{way.url}/api/v2/keys", headers=headers, **{"timeout": 10, **more})


def test_a_late_answer_is_the_right_one(way):
    with way.disturbed(Disturbance(delay=0.2)):
        started = time.monotonic()
        assert get_keys(way).status_code == 200
        assert time.monotonic() - started >= 0.2


def test_who_has_no_patience_hears_nothing(way):
    with way.disturbed(Disturbance(delay=5)):
        started = time.monotonic()
        with pytest.raises(requests.Timeout):
            get_keys(way, timeout=0.1)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(("status", "retry_after"), [(429, 7), (503, None), (500, None), (401, None)])
def test_another_answer_comes_so_often(way, status, retry_after):
    with way.disturbed(Disturbance(status=status, retry_after=retry_after, times=2)):
        for _ in range(2):
            answer = get_keys(way)
            assert answer.status_code == status
            assert answer.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
            assert answer.json()["metadata"]["collectionType"] == "application/vnd.ibm.kms.error+json"
        assert get_keys(way).status_code == 200


@pytest.mark.parametrize(("ending", "status"), [("truncated", 0), ("truncated", 503), ("closed", 0)])
def test_an_answer_that_breaks_off_is_an_error_to_the_client_and_the_next_one_is_whole(way, ending, status):
    with way.disturbed(Disturbance(ending=ending, status=status, times=1)):
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            get_keys(way)
        assert get_keys(way).status_code == 200


def test_half_of_the_body_is_sent(simulator):
    with simulator.disturbed(Disturbance(ending="truncated", path="/identity/keys")), pytest.raises(requests.RequestException) as broken:
        requests.get(f"{simulator.url}/identity/keys", timeout=10)
    read, more = re.search(r"(\d+) bytes read, (\d+) more expected", str(broken.value)).groups()
    assert int(more) - int(read) in (0, 1)
    assert int(read) > 100


def test_a_call_whose_answer_never_came_was_carried_out(way):
    path = f"/api/v2/keys/{way.crk_id}/actions/disable"
    headers = {"Authorization": f"Bearer {way.token()}", "Bluemix-Instance": way.instance_id}
    with way.disturbed(Disturbance(ending="closed", path="/api/v2/keys/*/actions/*", method="POST")):
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{way.url}{path}", headers=headers, timeout=10)
        assert get_keys(way).json()["resources"][0]["state"] == 2
    way.enable_key()


def test_more_than_is_allowed_is_throttled(way):
    with way.disturbed(Disturbance(status=429, allowed=2, within=60)):
        answers = [get_keys(way) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert 58 <= int(answers[2].headers["Retry-After"]) <= 60


def test_the_log_says_what_was_disturbed(way):
    way.simulator.requests.clear()
    with way.disturbed(Disturbance(delay=0.01, ending="closed", times=1)), pytest.raises(requests.ConnectionError):
        get_keys(way)
    get_keys(way)
    assert [(entry.status, entry.disturbance) for entry in way.requests()] == [(0, "0.01 s late, closed"), (200, "")]


def test_only_the_paths_that_are_named_are_disturbed(simulator):
    with simulator.disturbed(Disturbance(status=503, path="/identity/")):
        assert get_keys(simulator).status_code == 200
        assert httpx.post(simulator.iam_url).status_code == 503
    assert httpx.get(f"{simulator.url}/identity/keys").status_code == 200


def test_a_disturbance_ends_alone(simulator):
    with simulator.disturbed(Disturbance(status=503)):
        with simulator.disturbed(Disturbance(status=429)):
            assert get_keys(simulator).status_code == 429
        assert get_keys(simulator).status_code == 503


def test_unreachable_means_refused_and_nothing_is_lost(way):
    with way.unreachable(), pytest.raises(requests.ConnectionError):
        get_keys(way)
    assert get_keys(way).status_code == 200


# -- which requests


def harmed(disturbance, *paths, clock=time.monotonic):
    """Which of these requests are disturbed."""
    disturbances = Disturbances(clock)
    disturbances.begin(disturbance)
    return [disturbances.next_for(ApiRequest("GET", path)) is not None for path in paths]


@pytest.mark.parametrize(
    ("asked", "paths", "expected"),
    [
        ({}, ["/", "/api/v2/keys"], [True, True]),
        ({"path": "/api"}, ["/identity/token", "/api/v2/keys"], [False, True]),
        ({"path": "/api/v2/keys/*/actions/wrap"}, ["/api/v2/keys/x/actions/wrap", "/api/v2/keys/x/actions/wrapped"], [True, False]),
        ({"path": "*/keys"}, ["/api/v2/keys", "/api/v2/keys/x"], [True, False]),
        ({"method": "POST"}, ["/"], [False]),
        ({"after": 2}, ["/"] * 4, [False, False, True, True]),
        ({"after": 1, "times": 1}, ["/"] * 3, [False, True, False]),
        ({"allowed": 0}, ["/"], [True]),
    ],
)
def test_which_requests_are_harmed(asked, paths, expected):
    assert harmed(Disturbance(status=500, **asked), *paths) == expected


def test_dice_fall_the_same_way_again_and_about_as_often_as_asked():
    once = harmed(Disturbance(status=500, probability=0.3, seed=7), *["/"] * 1000)
    assert once == harmed(Disturbance(status=500, probability=0.3, seed=7), *["/"] * 1000)
    assert once != harmed(Disturbance(status=500, probability=0.3, seed=8), *["/"] * 1000)
    assert 250 < sum(once) < 350


def test_a_rate_limit_slides():
    times = iter([0, 0.4, 0.9, 1.1, 1.2, 1.5])
    expected = [False, False, True, False, True, False]
    assert harmed(Disturbance(status=429, allowed=2), *["/"] * 6, clock=lambda: next(times)) == expected


def test_so_many_times_is_exact_although_many_come_at_once():
    disturbances = Disturbances()
    disturbances.begin(Disturbance(status=500, times=50))
    hits = []
    threads = [
        threading.Thread(target=lambda: hits.extend(disturbances.next_for(ApiRequest("GET", "/")) is not None for _ in range(50)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(hits), sum(hits), disturbances.in_force()) == (200, 50, [])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "disturbs nothing"),
        ({"path": "/api"}, "disturbs nothing"),
        ({"status": 200}, "status"),
        ({"status": 499}, "status"),
        ({"status": 1000}, "status"),
        ({"delay": -1}, "delay"),
        ({"delay": float("nan")}, "delay"),
        ({"delay": 1e9}, "delay"),
        ({"retry_after": 1, "delay": 1}, "needs a status"),
        ({"status": 429, "retry_after": -1}, "retry_after"),
        ({"ending": "nowhere"}, "ending"),
        ({"ending": "closed", "status": 500}, "has no status"),
        ({"status": 500, "method": "get"}, "capitals"),
        ({"status": 500, "path": "api"}, "begin with /"),
        ({"status": 500, "times": 0}, "times"),
        ({"status": 500, "after": -1}, "after"),
        ({"status": 500, "probability": 0}, "probability"),
        ({"status": 500, "probability": 1.5}, "probability"),
        ({"status": 500, "seed": 1}, "changes nothing"),
        ({"status": 500, "allowed": -1}, "allowed"),
        ({"status": 500, "allowed": 1, "within": 0}, "within"),
    ],
)
def test_nonsense_is_refused_in_words(asked, why):
    with pytest.raises(ValueError, match=why):
        Disturbance(**asked)
