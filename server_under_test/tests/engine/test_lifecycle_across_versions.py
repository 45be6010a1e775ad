"""Keys that are made, used and put away under every version at once, beside a small model of what the standard says of them.

A key made under 1.0 is activated under 2.1, archived under 1.4 and replaced under 2.0; what each version may see of it is the same. The
model is `Life` and `PERMITTED`; Result Reasons are other tests' business.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from kmip_server.enums import ResultStatus, RevocationReasonCode, State, StorageStatusMask
from kmip_server.messages import (
    ActivateRequest,
    AddAttributeRequest,
    ArchiveRequest,
    Attributes,
    DestroyRequest,
    GetAttributeListRequest,
    GetRequest,
    LocateRequest,
    ModifyAttributeRequest,
    RecoverRequest,
    ReKeyRequest,
    RevocationReason,
    RevokeRequest,
    SetAttributeRequest,
)
from kmip_server.versions import V1_3, V2_0, VERSIONS

PRE_ACTIVE, ACTIVE, DEACTIVATED, COMPROMISED, DESTROYED, DESTROYED_COMPROMISED = State
GONE = {DESTROYED, DESTROYED_COMPROMISED}
EVERYWHERE = StorageStatusMask(7)

PERMITTED = {
    (PRE_ACTIVE, "activate"): ACTIVE,
    (PRE_ACTIVE, "compromise"): COMPROMISED,
    (PRE_ACTIVE, "destroy"): DESTROYED,
    (ACTIVE, "revoke"): DEACTIVATED,
    (ACTIVE, "compromise"): COMPROMISED,
    (DEACTIVATED, "compromise"): COMPROMISED,
    (DEACTIVATED, "destroy"): DESTROYED,
    (COMPROMISED, "destroy"): DESTROYED_COMPROMISED,
    (DESTROYED, "compromise"): DESTROYED_COMPROMISED,
}
"""KMIP 1.4, 3.22, and 2.1, 4.57: all that a client can bring about."""


@dataclass
class Life:
    """What the standard says of a key: its state, whether it is archived, and the dates that move it by themselves."""

    state: State = PRE_ACTIVE
    archived: bool = False
    activation: int | None = None
    deactivation: int | None = None

    def may(self, event):
        return not self.archived and (self.state, event) in PERMITTED

    def undergo(self, event, now):
        self.state = PERMITTED[self.state, event]
        if event == "activate":
            self.activation = now
        if event == "revoke":
            self.deactivation = now
        self.settle(now)

    def may_be_dated(self, which):
        return not self.archived and self.state in ({PRE_ACTIVE} if which == "activation" else {PRE_ACTIVE, ACTIVE})

    def successor(self, now, offset):
        """The key that replaces this one; None where it may not be replaced (1.4, 4.4 and table 172)."""
        if self.archived or self.state in GONE or (offset is not None and self.activation is None and self.deactivation is not None):
            return None
        activation, deactivation = self.activation, self.deactivation
        if offset is not None:
            deactivation = None if deactivation is None else deactivation + now + offset - activation
            activation = now + offset
        return Life(PRE_ACTIVE, archived=False, activation=activation, deactivation=deactivation).settle(now)

    def settle(self, now):
        if self.state is PRE_ACTIVE and self.activation is not None and self.activation <= now:
            self.state = ACTIVE
        if self.state is ACTIVE and self.deactivation is not None and self.deactivation <= now:
            self.state = DEACTIVATED
        return self


versions = st.sampled_from(VERSIONS)
NAMES = {"activation": "Activation Date", "deactivation": "Deactivation Date"}


class LivesOfKeys(RuleBasedStateMachine):
    """Some keys in the server, and what the standard says of them."""

    keys = Bundle("keys")

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.lab = self.make_lab(Path(self.folder.name))
        self.lives = {}

    @property
    def now(self):
        return int(self.lab.now[0])

    def ask(self, payload, version):
        return self.runner.run(self.lab.ask(payload, version=version))

    def succeeds(self, payload, version, *, expected):
        item = self.ask(payload, version)
        assert (item.result_status is ResultStatus.SUCCESS) == expected, (version, payload, item.result_reason, item.result_message)
        return item.response_payload

    @rule(target=keys, version=versions, ahead=st.none() | st.integers(-5, 20))
    def create(self, version, ahead):
        date = None if ahead is None else self.now + ahead
        given = () if date is None else (self.lab.attr("Activation Date", date),)
        key = self.succeeds(self.lab.create(*given), version, expected=True).unique_identifier
        self.lives[key] = Life(activation=date).settle(self.now)
        return key

    @rule(version=versions, key=keys)
    def activate(self, version, key):
        self.event("activate", ActivateRequest(unique_identifier=key), version, key)

    @rule(version=versions, key=keys, code=st.sampled_from(RevocationReasonCode))
    def revoke(self, version, key, code):
        worst = {RevocationReasonCode.KEY_COMPROMISE} | ({RevocationReasonCode.CA_COMPROMISE} if version >= V1_3 else set())
        request = RevokeRequest(unique_identifier=key, revocation_reason=RevocationReason(revocation_reason_code=code))
        self.event("compromise" if code in worst else "revoke", request, version, key)

    @rule(version=versions, key=keys)
    def destroy(self, version, key):
        self.event("destroy", DestroyRequest(unique_identifier=key), version, key)

    def event(self, event, request, version, key):
        life = self.lives[key]
        permitted = life.may(event)
        self.succeeds(request, version, expected=permitted)
        if permitted:
            life.undergo(event, self.now)

    @rule(version=versions, key=keys)
    def archive(self, version, key):
        life = self.lives[key]
        permitted = not life.archived and life.state not in GONE
        self.succeeds(ArchiveRequest(unique_identifier=key), version, expected=permitted)
        life.archived = life.archived or permitted

    @rule(version=versions, key=keys)
    def recover(self, version, key):
        self.succeeds(RecoverRequest(unique_identifier=key), version, expected=True)
        self.lives[key].archived = False

    @rule(target=keys, version=versions, key=keys, offset=st.none() | st.integers(0, 20))
    def re_key(self, version, key, offset):
        successor = self.lives[key].successor(self.now, offset)
        answer = self.succeeds(ReKeyRequest(unique_identifier=key, offset=offset), version, expected=successor is not None)
        if successor is None:
            return multiple()
        self.lives[answer.unique_identifier] = successor
        return answer.unique_identifier

    @rule(version=versions, key=keys, which=st.sampled_from(sorted(NAMES)), ahead=st.integers(-5, 20))
    def set_a_date(self, version, key, which, ahead):
        life, date = self.lives[key], self.now + ahead
        new = Attributes((self.lab.attr(NAMES[which], date),))
        kind = AddAttributeRequest if getattr(life, which) is None else ModifyAttributeRequest
        if version >= V2_0 and ahead % 2:
            kind, old = SetAttributeRequest, {}
        else:
            old = {"attribute": new.attribute[0]}
        permitted = life.may_be_dated(which)
        self.succeeds(kind(unique_identifier=key, new_attribute=new, **old), version, expected=permitted)
        if permitted:
            setattr(life, which, date)
            life.settle(self.now)

    @rule(seconds=st.integers(1, 10))
    def time_passes(self, seconds):
        self.lab.now[0] += seconds
        for life in self.lives.values():
            life.settle(self.now)

    @rule(version=versions, key=keys)
    def get(self, version, key):
        life = self.lives[key]
        self.succeeds(GetRequest(unique_identifier=key), version, expected=life.state not in GONE and not life.archived)
        self.succeeds(GetAttributeListRequest(unique_identifier=key), version, expected=True)

    @rule(version=versions, key=consumes(keys))
    def is_left_alone_from_now_on(self, version, key):
        """A key that only time can move any more."""

    @rule(version=versions, state=st.sampled_from(State))
    def locate_agrees(self, version, state):
        """Objects by their State: on-line ones and destroyed ones, whatever the version calls their places (1.4, 4.9; 2.1, 6.1.28)."""
        wanted = self.lab.attr("State", state)
        mask = EVERYWHERE if version >= V2_0 else None
        request = LocateRequest(storage_status_mask=mask, attribute=(wanted,), attributes=Attributes((wanted,)))
        found = self.succeeds(request, version, expected=True).unique_identifier
        assert set(found) == {key for key, life in self.lives.items() if life.state is state and (mask or not life.archived)}

    @invariant()
    def every_version_sees_the_same_state(self):
        for number, (key, life) in enumerate(getattr(self, "lives", {}).items()):
            version = VERSIONS[(number + self.now) % len(VERSIONS)]
            assert self.runner.run(self.lab.values(key, "State", version=version)) == {"State": life.state}

    def teardown(self):
        if hasattr(self, "lab"):
            self.lab.close()
            self.runner.close()
            self.folder.cleanup()


def test_lives_across_versions_follow_the_model(make_lab):
    class Lives(LivesOfKeys):
        pass

    Lives.make_lab = staticmethod(make_lab)
    walk = Lives.TestCase
    walk.settings = settings(max_examples=int(os.environ.get("KMIPLAB_EXAMPLES", "25")), stateful_step_count=40)
    walk().runTest()
