"""The fixtures that checks ask for.

``kmip``        the conversation of the target's first client
``other``       that of its second client; a check that asks for it is skipped when no second identity is given
``connect``     opens TLS connections, to be used by hand and closed for you
``target``      where the target is, and with which files one speaks to it
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from kmip_reports.records import Verdict

from kmip_conformance.client import Connection, Target, Tls
from kmip_conformance.client import connect as open_connection
from kmip_conformance.judge.conversation import Conversation
from kmip_conformance.judge.session import JUDGING, Setting, Trial
from kmip_conformance.judge.verdicts import Excused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def kmip_trial(request: pytest.FixtureRequest, kmip_setting: Setting) -> Trial:
    """This attempt, for the fixtures below."""
    return request.config.stash[JUDGING].begin(request.node, kmip_setting)


@pytest.fixture
def target(kmip_trial: Trial) -> Target:
    """Where the target is."""
    return kmip_trial.target


@pytest.fixture
def kmip(kmip_trial: Trial, request: pytest.FixtureRequest) -> Iterator[Conversation]:
    """The conversation of the first client. What it created is destroyed afterwards."""
    yield from _conversation(kmip_trial.target, kmip_trial, request)


@pytest.fixture
def other(kmip_trial: Trial, request: pytest.FixtureRequest) -> Iterator[Conversation]:
    """The conversation of the second client, whose certificate is another."""
    first = kmip_trial.target
    if first.other_cert is None:
        raise Excused(Verdict.SKIPPED, "no second identity is given (--other-cert, --other-key)")
    second = replace(first, cert=first.other_cert, key=first.other_key, username=None, password=None)
    yield from _conversation(second, kmip_trial, request)


@pytest.fixture
def connect(kmip_trial: Trial, request: pytest.FixtureRequest) -> Iterator[Callable[..., Connection]]:
    """Open a TLS connection: ``connect()``, ``connect(tls=Tls(…))``. Raises TargetError when the target does not take it."""
    opened: list[Connection] = []

    def open_one(tls: Tls | None = None, **settings: Any) -> Connection:
        settings.setdefault("timeout", request.config.stash[JUDGING].manners.timeout)
        opened.append(open_connection(kmip_trial.target, tls=tls or Tls(), **settings))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


def _conversation(target: Target, trial: Trial, request: pytest.FixtureRequest) -> Iterator[Conversation]:
    judging = request.config.stash[JUDGING]
    conversation = Conversation(target, trial.setting.version, trial.proceedings, judging.manners)
    yield conversation
    conversation.hang_up_all()
    trial.proceedings.notes += judging.cleaner.clean_up(target, trial.setting.version, conversation.created)
