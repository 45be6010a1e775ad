"""The end of keys: dual authorization, registrations in the way, purge, and what time does by itself."""

from __future__ import annotations

import pytest
from keyprotect_simulator.records import Key, Put, Registration
from keyprotect_simulator.roles import Role

POLICY_TYPE = "application/vnd.ibm.kms.policy+json"
FIRST, SECOND = (Role.WRITER,), (Role.MANAGER,)
PURGER = (Role.KEY_PURGE,)
DAY, HOUR = 86_400, 3600
CRN = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123:4567:bucket:photos"


def set_policy(api, key, **policies):
    body = {"metadata": {"collectionType": POLICY_TYPE, "collectionTotal": 1}, "resources": [{"type": POLICY_TYPE, **policies}]}
    response = api.call("PUT", f"/keys/{key}/policies", body)
    assert response.status == 200, response.body


def delete(api, key, roles=SECOND, **more):
    return api.call("DELETE", f"/keys/{key}", roles=roles, **more)


def reason(response):
    return response.json()["resources"][0]["reasons"][0]


def register(api, key, crn=CRN, *, prevent=False):
    core = api.simulator.simulator.core
    record = Registration(f"{key} {crn}", api.instance_id, key, crn, 1000.0, "iam-x", 1000.0, "iam-x", key, "photos", prevent)
    with core.exclusive():
        core.commit(Put(record))


@pytest.fixture
def guarded(api):
    """A root key whose deletion takes two."""
    key = api.create_id()
    set_policy(api, key, dualAuthDelete={"enabled": True})
    return key


# -- dual authorization


def test_a_deletion_takes_two_people(api, error_of, guarded):
    status, code, message = error_of(delete(api, guarded))
    assert (status, code) == (409, "AUTHORIZATIONS_NOT_MET")
    assert message.startswith("Conflict: 1 prior authorization(s) are required for deletion: Key could not be deleted: ")
    assert api.act(guarded, "setKeyForDeletion", roles=FIRST).status == 204
    shown = api.metadata(guarded)["dualAuthDelete"]
    assert (shown["enabled"], shown["keySetForDeletion"], "authExpiration" in shown) == (True, True, True)
    assert delete(api, guarded).status == 204


def test_who_authorized_a_deletion_does_not_delete(api, error_of, guarded):
    assert api.act(guarded, "setKeyForDeletion", roles=SECOND).status == 204
    assert error_of(delete(api, guarded, SECOND))[:2] == (409, "AUTHORIZATIONS_NOT_MET")
    assert error_of(delete(api, guarded, SECOND, query="force=true"))[:2] == (409, "AUTHORIZATIONS_NOT_MET")
    assert delete(api, guarded, (Role.MANAGER, Role.WRITER)).status == 204


def test_an_authorization_is_good_for_a_week(api, error_of, guarded):
    assert api.act(guarded, "setKeyForDeletion", roles=FIRST).status == 204
    api.clock.move(seconds=7 * DAY - 5)
    assert api.metadata(guarded)["dualAuthDelete"]["keySetForDeletion"] is True
    api.clock.move(seconds=10)
    assert api.metadata(guarded)["dualAuthDelete"] == {"enabled": True, "keySetForDeletion": False}
    assert error_of(delete(api, guarded))[:2] == (409, "AUTHORIZATIONS_NOT_MET")


def test_an_authorization_can_be_taken_back(api, error_of, guarded):
    assert api.act(guarded, "setKeyForDeletion", roles=FIRST).status == 204
    assert api.act(guarded, "unsetKeyForDeletion", roles=FIRST).status == 204
    assert error_of(delete(api, guarded))[:2] == (409, "AUTHORIZATIONS_NOT_MET")


@pytest.mark.parametrize("action", ["setKeyForDeletion", "unsetKeyForDeletion"])
@pytest.mark.parametrize("form", ["new", "deprecated"])
def test_a_key_without_the_policy_cannot_be_set_for_deletion(api, error_of, action, form):
    key = api.create_id()
    response = api.act(key, action) if form == "new" else api.call("POST", f"/keys/{key}", query=f"action={action}")
    assert error_of(response)[:2] == (409, "NOT_DUAL_AUTH_ERR")


def test_a_restored_key_keeps_its_policy_and_needs_a_new_authorization(api, error_of, guarded):
    assert api.act(guarded, "setKeyForDeletion", roles=FIRST).status == 204
    assert delete(api, guarded).status == 204
    api.clock.move(seconds=30)
    assert api.act(guarded, "restore").json()["resources"][0]["dualAuthDelete"] == {"enabled": True, "keySetForDeletion": False}
    assert error_of(delete(api, guarded))[:2] == (409, "AUTHORIZATIONS_NOT_MET")


# -- registrations in the way


def test_a_registration_blocks_a_deletion_unless_it_is_forced(api, error_of):
    key = api.create_id()
    register(api, key)
    response = delete(api, key)
    assert error_of(response)[:2] == (409, "PROTECTED_RESOURCE_ERR")
    assert reason(response)["target"] == {"type": "query_param", "name": "force"}
    assert error_of(delete(api, key, query="force=false"))[:2] == (409, "PROTECTED_RESOURCE_ERR")
    assert delete(api, key, query="force=true").status == 204


def test_a_registration_that_prevents_deletion_withstands_force(api, error_of):
    key = api.create_id()
    register(api, key, prevent=True)
    for query in ("", "force=true"):
        assert error_of(delete(api, key, query=query))[:2] == (409, "PREV_KEY_DEL_ERR")


# -- purge


def test_a_key_is_purged_from_four_hours_after_its_deletion(api, error_of):
    key = api.create_id(aliases=["short-lived"])
    register(api, key)
    assert delete(api, key, query="force=true").status == 204
    api.clock.move(seconds=4 * HOUR - 5)
    response = api.call("DELETE", f"/keys/{key}/purge", roles=PURGER)
    assert error_of(response)[:2] == (409, "REQ_TOO_EARLY_ERR")
    wanted = "The key was updated recently: Please wait and try again: Purge operation is allowed 4h0m0s after key is deleted"
    assert reason(response)["message"] == wanted
    api.clock.move(seconds=5)
    response = api.call("DELETE", f"/keys/{key}/purge", roles=PURGER, headers={"Prefer": "return=representation"})
    assert (response.status, response.json()["resources"][0]["id"]) == (200, key)
    assert error_of(api.call("GET", f"/keys/{key}"))[:2] == (404, "KEY_NOT_FOUND_ERR")
    assert api.simulator.simulator.state.find(Registration, "key", key) == []
    api.create(aliases=["short-lived"])


def test_only_a_destroyed_key_is_purged(api, error_of):
    key = api.create_id()
    assert error_of(api.call("DELETE", f"/keys/{key}/purge", roles=PURGER))[:2] == (409, "KEY_ACTION_INVALID_STATE_ERR")


def test_nothing_is_left_after_90_days(api):
    key = api.create_id()
    assert delete(api, key).status == 204
    state = api.simulator.simulator.state
    api.clock.move(seconds=90 * DAY - 5)
    assert api.call("GET", "/keys", query="state=5").json()["metadata"]["collectionTotal"] == 1
    assert state.get(Key, key) is not None
    api.clock.move(seconds=6)
    assert api.call("GET", "/keys", query="state=5").json()["metadata"]["collectionTotal"] == 0
    assert state.get(Key, key) is None


# -- sync


def test_a_sync_waits_an_hour_after_the_last_action(api, error_of):
    key = api.create_id()
    assert api.act(key, "sync").status == 204
    assert error_of(api.act(key, "sync"))[:2] == (409, "REQ_TOO_EARLY_ERR")
    api.clock.move(seconds=HOUR)
    assert api.act(key, "rotate").status == 204
    message = reason(api.act(key, "sync"))["message"]
    assert message.startswith("The key was updated recently: Please wait and try again: Sync cannot be performed until at least 20")
    api.clock.move(seconds=HOUR)
    assert api.act(key, "sync").status == 204


def test_a_standard_key_has_nothing_to_sync(api, error_of):
    assert error_of(api.act(api.create_id(extractable=True), "sync"))[:2] == (400, "KEY_ROOT_REQ_ERR")


# -- rotation by itself


def versions(api, key):
    response = api.call("GET", f"/keys/{key}/versions", query="allKeyStates=true")
    return response.json()["metadata"]["collectionTotal"]


def test_a_key_rotates_by_itself_every_interval(api):
    key = api.create_id()
    set_policy(api, key, rotation={"enabled": True, "interval_month": 2})
    ciphertext = api.wrap(key, b"a data key")
    created = api.clock()
    api.clock.move(seconds=60 * DAY - 5)
    assert versions(api, key) == 1
    api.clock.move(seconds=6)
    assert versions(api, key) == 2
    assert abs(api.simulator.simulator.state.get(Key, key).rotated - (created + 60 * DAY)) < 60
    assert "rewrappedKeyVersion" in api.act(key, "unwrap", {"ciphertext": ciphertext}).json()
    api.clock.move(days=125)
    assert versions(api, key) == 4


def test_a_rotation_by_hand_begins_the_interval_anew(api):
    key = api.create_id()
    set_policy(api, key, rotation={"interval_month": 1})
    api.clock.move(days=20)
    assert api.act(key, "rotate").status == 204
    api.clock.move(days=20)
    assert versions(api, key) == 2
    api.clock.move(days=11)
    assert versions(api, key) == 3


@pytest.mark.parametrize("how", ["policy is off", "suspended", "destroyed"])
def test_a_key_at_rest_does_not_rotate(api, how):
    key = api.create_id()
    set_policy(api, key, rotation={"enabled": how != "policy is off", "interval_month": 1})
    if how == "suspended":
        assert api.act(key, "disable").status == 204
    if how == "destroyed":
        assert delete(api, key).status == 204
    api.clock.move(days=31)
    assert versions(api, key) == 1


def test_a_key_that_was_at_rest_rotates_once_when_it_comes_back(api):
    key = api.create_id()
    set_policy(api, key, rotation={"interval_month": 1})
    assert api.act(key, "disable").status == 204
    api.clock.move(days=100)
    assert versions(api, key) == 1
    assert api.act(key, "enable").status == 204
    api.clock.move(seconds=1)
    assert versions(api, key) == 2


def test_a_key_does_not_rotate_past_its_expiration(api):
    from keyprotect_simulator.identifiers import rfc3339

    key = api.create_id(expirationDate=rfc3339(api.clock() + 40 * DAY))
    set_policy(api, key, rotation={"interval_month": 1})
    api.clock.move(days=100)
    assert versions(api, key) == 2
