"""Fixtures for pytest: a simulator for each test, over HTTP or to `requests` in this process.

    pytest_plugins = ["keyprotect_simulator.fixtures"]     # in the conftest.py of the rootdir; or: pytest -p keyprotect_simulator.fixtures

    def test_over_http(key_protect_server): ...            # RunningSimulator: url, iam_url, api_key, instance_id, crk_id, clock …
    def test_in_process(key_protect_mock): ...             # MockedKeyProtect: the same, at IBM's own host names

One simulator is shared by all tests of a session and reset after each: a test costs a millisecond and finds nothing of the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keyprotect_simulator.testing import RunningSimulator, running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyprotect_simulator.mock import MockedKeyProtect


@pytest.fixture(scope="session")
def key_protect_of_the_session() -> Iterator[RunningSimulator]:
    """The simulator that the tests share."""
    with running_simulator() as running:
        yield running


@pytest.fixture
def key_protect_server(key_protect_of_the_session: RunningSimulator) -> Iterator[RunningSimulator]:
    """A simulator over HTTP on a free port of 127.0.0.1."""
    yield key_protect_of_the_session
    key_protect_of_the_session.reset()


@pytest.fixture
def key_protect_mock(key_protect_server: RunningSimulator) -> Iterator[MockedKeyProtect]:
    """The same simulator, to `requests` in this process, at the addresses of IBM Cloud. Other addresses are reached as ever."""
    from keyprotect_simulator.mock import answering

    with answering(key_protect_server.simulator, others="pass") as mocked:
        yield mocked
