"""Each action in each state of a key, and the waiting times between actions."""

from __future__ import annotations

import base64

import pytest
from contract_tables import ACTIVE, DEACTIVATED, DESTROYED, FORMS, OK, OLD_FORM, STATE_CASES, STATES, SUSPENDED, TABLE, policy
from keyprotect_simulator.roles import Role

EVERY_ROLE = (Role.READER_PLUS, Role.WRITER, Role.MANAGER)
MANAGER = (Role.MANAGER,)


def key_in(api, state, policies=None, **fields):
    """A root key in this state, long enough for every waiting time but hours, and a ciphertext that it made."""
    if state == DEACTIVATED:
        fields["expirationDate"] = at(api, 100)
    key = api.create_id(**fields)
    ciphertext = api.wrap(key, b"a data key")
    if policies:
        assert api.call("PUT", f"/keys/{key}/policies", policy(**policies)).status == 200
        assert api.act(key, "setKeyForDeletion", roles=(Role.MANAGER,)).status == 204
    if state == SUSPENDED:
        assert api.act(key, "disable").status == 204
    if state == DESTROYED:
        assert api.call("DELETE", f"/keys/{key}").status == 204
    api.clock.move(seconds=101)
    assert api.metadata(key)["state"] == state
    return key, ciphertext


def at(api, seconds):
    from keyprotect_simulator.identifiers import rfc3339

    return rfc3339(api.clock() + seconds)


def perform(api, action, key, ciphertext, form="new"):
    """The answer to an action."""
    body = {"ciphertext": ciphertext} if action in ("unwrap", "rewrap") else None
    if form == "old":
        return api.call("POST", f"/keys/{key}", body, query=f"action={OLD_FORM[action]}")
    if action not in FORMS:
        return api.act(key, action, body)
    method, rest, body = FORMS[action]
    if action == "adapter":
        return api.call(method, rest, policy(profile="native_1.0", profile_data={"crk_id": key}), query="allowExpiringKey=true")
    query = "allKeyStates=true" if action == "all versions" else ""
    return api.call(method, f"/keys/{key}{rest}", body, query=query, roles=(Role.KEY_PURGE,) if action == "purge" else EVERY_ROLE)


@pytest.mark.parametrize(("action", "state", "form"), STATE_CASES)
def test_an_action_is_lawful_in_exactly_the_states_of_the_table(api, error_of, action, state, form):
    policies = {"dualAuthDelete": {"enabled": True}} if action in ("set", "unset") else {}
    aliases = {"aliases": ["in-a-state"]} if action == "delete alias" else {}
    key, ciphertext = key_in(api, STATES[state], policies, **aliases)
    if action in ("purge", "sync"):
        api.clock.move(hours=4)
    response = perform(api, action, key, ciphertext, form)
    expected = TABLE[action][list(STATES).index(state)]
    if expected is OK:
        assert response.status in (200, 201, 204), response.body
    else:
        assert error_of(response)[:2] == expected


@pytest.mark.parametrize("state", STATES)
def test_a_list_shows_destroyed_keys_only_when_asked(api, state):
    key, _ = key_in(api, STATES[state])
    shown = [found["id"] for found in api.call("GET", "/keys").json().get("resources", [])]
    assert shown == ([] if state == "destroyed" else [key])
    asked = api.call("GET", "/keys", query=f"state={STATES[state]}").json()
    assert [found["id"] for found in asked["resources"]] == [key]


@pytest.mark.parametrize("action", ["wrap", "unwrap", "rewrap", "rotate", "disable", "enable", "versions"])
def test_a_standard_key_has_no_root_key_actions(api, error_of, action):
    key = api.create_id(extractable=True)
    ciphertext = api.wrap(api.create_id(), b"x")
    assert error_of(perform(api, action, key, ciphertext))[:2] == (400, "KEY_ROOT_REQ_ERR")


def test_a_refusal_names_the_state_that_the_action_needs(api, error_of):
    suspended, _ = key_in(api, SUSPENDED)
    active, _ = key_in(api, ACTIVE)
    assert error_of(api.act(suspended, "disable"))[2].startswith("Conflict: Key is not in active state: Key could not be disabled: ")
    assert error_of(api.act(active, "enable"))[2].startswith("Conflict: Key is not in suspended state: Key could not be enabled: ")


# -- waiting times


WAITS = {
    "enable": ("disable", "enable", 30, "REQ_TOO_EARLY_ERR"),
    "restore": ("delete", "restore", 30, "REQ_TOO_EARLY_ERR"),
    "rotate": ("rotate", "rotate", 3600, "KEY_ROTATION_NOT_PERMITTED"),
}


@pytest.mark.parametrize("case", WAITS)
def test_an_action_has_to_wait_after_another(api, error_of, case):
    first, second, seconds, code = WAITS[case]
    key = api.create_id()
    assert perform(api, first, key, "").status == 204
    assert error_of(perform(api, second, key, ""))[:2] == (409, code)
    api.clock.move(seconds=seconds - 5)
    assert error_of(perform(api, second, key, ""))[:2] == (409, code)
    api.clock.move(seconds=5)
    assert perform(api, second, key, "").status in (201, 204)


def test_the_first_rotation_and_a_disable_after_it_need_no_waiting(api):
    key = api.create_id()
    assert api.act(key, "rotate").status == 204
    assert api.act(key, "disable").status == 204


DAY = 86_400


def test_a_key_can_be_restored_for_30_days_and_is_gone_after_90(api, error_of):
    early, late = api.create_id(), api.create_id()
    for key in (early, late):
        assert api.call("DELETE", f"/keys/{key}").status == 204
    shown = api.metadata(early)
    assert (shown["deleted"], shown["restoreAllowed"], shown["purgeAllowed"]) == (True, True, False)
    api.clock.move(seconds=30 * DAY - 5)
    assert api.act(early, "restore").status == 201
    api.clock.move(seconds=10)
    assert error_of(api.act(late, "restore"))[:2] == (400, "KEY_RESTORE_EXPIRED")
    shown = api.metadata(late)
    assert (shown["restoreAllowed"], shown["purgeAllowed"]) == (False, True)
    api.clock.move(days=60)
    assert error_of(api.call("GET", f"/keys/{late}"))[:2] == (404, "KEY_NOT_FOUND_ERR")
    assert api.call("GET", "/keys", query="state=5").json()["metadata"]["collectionTotal"] == 0
    assert api.call("GET", f"/keys/{early}").status == 200


def test_a_restored_key_opens_what_it_wrapped(api):
    key = api.create_id()
    ciphertext = api.wrap(key, b"a data key")
    assert api.call("DELETE", f"/keys/{key}").status == 204
    api.clock.move(seconds=30)
    restored = api.act(key, "restore").json()["resources"][0]
    assert (restored["state"], restored["deleted"], "deletionDate" in restored) == (ACTIVE, False, False)
    assert api.act(key, "unwrap", {"ciphertext": ciphertext}).json()["plaintext"] == base64.b64encode(b"a data key").decode()


def test_an_expired_key_is_not_restored(api, error_of):
    key = api.create_id(expirationDate=at(api, 100))
    assert api.call("DELETE", f"/keys/{key}").status == 204
    api.clock.move(seconds=101)
    status, code, message = error_of(api.act(key, "restore"))
    assert (status, code) == (400, "KEY_EXPIRED_ERR")
    assert message.startswith("Bad Request: The key expired on 20")


def test_an_active_root_key_of_a_kmip_adapter_is_protected_even_from_force(simulator, core_api, error_of):
    core_api.instance_id = simulator.instance_id
    response = core_api.call("DELETE", f"/keys/{simulator.crk_id}", query="force=true")
    assert error_of(response)[:2] == (409, "PROTECTED_RESOURCE_ERR")
    assert response.json()["resources"][0]["reasons"][0]["target"] == {"type": "query_param", "name": "force"}
    simulator.delete_key()
    simulator.restore_key()
    assert simulator.operate("GET", f"/api/v2/keys/{simulator.crk_id}/metadata").json()["resources"][0]["state"] == ACTIVE
