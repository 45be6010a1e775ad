"""The lifecycle table, state by state, and a random walk against a small model of it."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from kmip_server.engine.reasons import reason_of
from kmip_server.enums import ObjectType, ResultReason, ResultStatus, RevocationReasonCode, State
from kmip_server.errors import KmipFailure
from kmip_server.lifecycle import TRANSITIONS, Event, next_date, next_state, revocation_event, settled
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    DestroyRequest,
    GetRequest,
    ModifyAttributeRequest,
    RevocationReason,
    RevokeRequest,
)
from kmip_server.versions import V1_0, V1_2, V1_3, V1_4, V2_0, V2_1

KEY, OPAQUE = ObjectType.SYMMETRIC_KEY, ObjectType.OPAQUE_OBJECT
CLIENT_EVENTS = (Event.ACTIVATE, Event.REVOKE, Event.COMPROMISE, Event.DESTROY)

PERMITTED = {
    (State.PRE_ACTIVE, Event.ACTIVATE): State.ACTIVE,
    (State.PRE_ACTIVE, Event.COMPROMISE): State.COMPROMISED,
    (State.PRE_ACTIVE, Event.DESTROY): State.DESTROYED,
    (State.ACTIVE, Event.REVOKE): State.DEACTIVATED,
    (State.ACTIVE, Event.COMPROMISE): State.COMPROMISED,
    (State.DEACTIVATED, Event.COMPROMISE): State.COMPROMISED,
    (State.DEACTIVATED, Event.DESTROY): State.DESTROYED,
    (State.COMPROMISED, Event.DESTROY): State.DESTROYED_COMPROMISED,
    (State.DESTROYED, Event.COMPROMISE): State.DESTROYED_COMPROMISED,
}
"""KMIP 1.4, 3.22: all that a client can bring about."""

REASONS = {
    Event.ACTIVATE: ResultReason.PERMISSION_DENIED,
    Event.DESTROY: ResultReason.PERMISSION_DENIED,
    Event.REVOKE: ResultReason.ILLEGAL_OPERATION,
    Event.COMPROMISE: ResultReason.ILLEGAL_OPERATION,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, CLIENT_EVENTS)))
def test_only_the_permitted_transitions_are_permitted(state, event):
    if (state, event) in PERMITTED:
        assert next_state(KEY, state, event, V1_4) is PERMITTED[state, event]
        return
    with pytest.raises(KmipFailure) as refusal:
        next_state(KEY, state, event, V1_4)
    assert refusal.value.reason is REASONS[event]
    assert "refused" in str(refusal.value)


def test_every_state_knows_every_client_event():
    assert {key for key in TRANSITIONS if key[1] in CLIENT_EVENTS} == set(itertools.product(State, CLIENT_EVENTS))


def test_version_2_names_the_reason_better():
    with pytest.raises(KmipFailure) as refusal:
        next_state(KEY, State.ACTIVE, Event.DESTROY, V2_0)
    reasons = [reason_of(refusal.value, version) for version in (V1_0, V1_4, V2_0, V2_1)]
    assert reasons == [*[ResultReason.PERMISSION_DENIED] * 3, ResultReason.WRONG_KEY_LIFECYCLE_STATE]


def test_an_opaque_object_is_revoked_but_never_activated():
    assert next_state(OPAQUE, State.PRE_ACTIVE, Event.REVOKE, V1_4) is State.DEACTIVATED
    with pytest.raises(KmipFailure) as refusal:
        next_state(OPAQUE, State.PRE_ACTIVE, Event.ACTIVATE, V1_4)
    assert refusal.value.reason is ResultReason.ILLEGAL_OPERATION


@pytest.mark.parametrize(
    ("code", "version", "event"),
    [
        (RevocationReasonCode.KEY_COMPROMISE, V1_0, Event.COMPROMISE),
        (RevocationReasonCode.CA_COMPROMISE, V1_2, Event.REVOKE),
        (RevocationReasonCode.CA_COMPROMISE, V1_3, Event.COMPROMISE),
        (RevocationReasonCode.SUPERSEDED, V1_4, Event.REVOKE),
    ],
)
def test_which_reasons_compromise(code, version, event):
    assert revocation_event(code, version) is event


@pytest.mark.parametrize(
    ("state", "activation", "deactivation", "now", "then"),
    [
        (State.PRE_ACTIVE, None, None, 100, State.PRE_ACTIVE),
        (State.PRE_ACTIVE, 101, None, 100, State.PRE_ACTIVE),
        (State.PRE_ACTIVE, 100, None, 100, State.ACTIVE),
        (State.PRE_ACTIVE, 10, 20, 100, State.DEACTIVATED),
        (State.PRE_ACTIVE, None, 20, 100, State.PRE_ACTIVE),
        (State.ACTIVE, 10, 100, 100, State.DEACTIVATED),
        (State.ACTIVE, 10, 101, 100, State.ACTIVE),
        (State.COMPROMISED, 10, 20, 100, State.COMPROMISED),
        (State.DESTROYED, 10, 20, 100, State.DESTROYED),
    ],
)
def test_dates_move_states(state, activation, deactivation, now, then):
    assert settled(state, activation, deactivation, now) is then
    due = next_date(then, activation, deactivation)
    assert due is None or due > now


class LifeOfAKey(RuleBasedStateMachine):
    """One key in the server, and what the standard says of it."""

    lab_class: type
    lab_parts: tuple

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.lab = self.make_lab(Path(self.folder.name))
        self.key = self.run(self.lab.key())
        self.state, self.activation, self.deactivation = State.PRE_ACTIVE, None, None

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def expect(self, event, payload):
        item = self.run(self.lab.ask(payload))
        if (self.state, event) in PERMITTED:
            assert item.result_status is ResultStatus.SUCCESS, item.result_message
            self.state = PERMITTED[self.state, event]
            return True
        assert item.result_reason is REASONS[event]
        return False

    @rule()
    def activate(self):
        if self.expect(Event.ACTIVATE, ActivateRequest(unique_identifier=self.key)):
            self.activation = self.lab.now[0]
            self.settle()

    @rule(code=strategies.sampled_from(RevocationReasonCode))
    def revoke(self, code):
        request = RevokeRequest(unique_identifier=self.key, revocation_reason=RevocationReason(revocation_reason_code=code))
        event = revocation_event(code, V1_4)
        if self.expect(event, request) and event is Event.REVOKE:
            self.deactivation = self.lab.now[0]

    @rule()
    def destroy(self):
        self.expect(Event.DESTROY, DestroyRequest(unique_identifier=self.key))

    @rule(name=strategies.sampled_from(["Activation Date", "Deactivation Date"]), ahead=strategies.integers(-5, 20))
    def set_a_date(self, name, ahead):
        field = "activation" if name == "Activation Date" else "deactivation"
        kind = AddAttributeRequest if getattr(self, field) is None else ModifyAttributeRequest
        date = int(self.lab.now[0]) + ahead
        item = self.run(self.lab.ask(kind(unique_identifier=self.key, attribute=self.lab.attr(name, date))))
        young = self.state is State.PRE_ACTIVE or (field == "deactivation" and self.state is State.ACTIVE)
        assert (item.result_status is ResultStatus.SUCCESS) == young, item.result_message
        if young:
            setattr(self, field, date)
            self.settle()

    @rule(seconds=strategies.integers(1, 10))
    def time_passes(self, seconds):
        self.lab.now[0] += seconds
        self.settle()

    def settle(self):
        now = self.lab.now[0]
        if self.state is State.PRE_ACTIVE and self.activation is not None and self.activation <= now:
            self.state = State.ACTIVE
        if self.state is State.ACTIVE and self.deactivation is not None and self.deactivation <= now:
            self.state = State.DEACTIVATED

    @invariant()
    def server_and_model_agree(self):
        if not hasattr(self, "key"):
            return
        assert self.run(self.lab.values(self.key, "State")) == {"State": self.state}
        gone = self.state in {State.DESTROYED, State.DESTROYED_COMPROMISED}
        got = self.run(self.lab.ask(GetRequest(unique_identifier=self.key)))
        assert (got.result_status is ResultStatus.OPERATION_FAILED) == gone

    def teardown(self):
        if hasattr(self, "lab"):
            self.lab.close()
            self.runner.close()
            self.folder.cleanup()


def test_a_random_life_follows_the_model(make_lab):
    class Life(LifeOfAKey):
        pass

    Life.make_lab = staticmethod(make_lab)
    walk = Life.TestCase
    walk.settings = settings(max_examples=int(os.environ.get("KMIPLAB_EXAMPLES", "25")), stateful_step_count=25)
    walk().runTest()
