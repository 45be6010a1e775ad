"""Each refusal of each call: the table of `keyprotect_simulator.refusals`, every cell of it provoked."""

from __future__ import annotations

import os

import pytest
from contract_tables import KEY, REFUSAL_CASES, TOKEN_KEY, UNKNOWN, commit, policy, sealed, token_public
from keyprotect_simulator.identifiers import rfc3339
from keyprotect_simulator.keys.registrations import new_registration
from keyprotect_simulator.kmip import adapters, certificates
from keyprotect_simulator.records import ImportToken, KeyRing, KmipCertificate, KmipEvent, KmipObject, Put, Secret
from keyprotect_simulator.records import Key as KeyRecord
from keyprotect_simulator.records import KmipAdapter as AdapterRecord
from keyprotect_simulator.refusals import status_of
from keyprotect_simulator.roles import Role

EVERYTHING = (Role.MANAGER, Role.READER_PLUS, Role.KEY_PURGE, Role.KMIP_ADAPTER_MANAGER)
NONCE = bytes(range(12))
DAY = 86_400


class Case:
    """One call, to be made in a way that it refuses. What its path names is there, unless a recipe says otherwise."""

    def __init__(self, api, pem, call):
        self.api, self.pem = api, pem
        self.method, path = call.split(" ", 1)
        self.path = path.removeprefix("/api/v2")

    def ask(self, body=None, *, query="", headers=None, content=None, **names):
        """The answer to the call; `names` stand in the path, a lawful body is sent unless one is given."""
        if "{id}" in self.path and "id" not in names:
            names["id"] = self.adapter() if "kmip_adapters" in self.path else "a-ring" if "key_rings" in self.path else self.api.create_id()
        names = {"alias": "an-alias", "crn": "crn", "rest": "rest", "certificate": UNKNOWN, "object": UNKNOWN, **names}
        if body is None and content is None:
            body = self.lawful_body(names.get("id"))
        path = self.path.format(**names)
        return self.api.call(self.method, path, body, query=query, headers=headers, content=content, roles=EVERYTHING)

    def lawful_body(self, named):
        """The body that the call takes, if it takes one."""
        if self.path in ("/keys", "/keys_with_policy_overrides") and self.method == "POST":
            return KEY
        if self.path.endswith(("/unwrap", "/rewrap")):
            return {"ciphertext": self.api.wrap(self.api.create_id(), b"x")}
        if self.method == "PATCH" and "registrations" not in self.path:
            return {"keyRingID": "default"}
        if self.path == "/kmip_adapters" and self.method == "POST":
            return adapter_body(self.api.create_id())
        if self.path.endswith("/certificates") and self.method == "POST":
            return policy(certificate=self.pem(), name="a-certificate")
        if self.method == "PUT" and "registrations" not in self.path:
            per_key = policy(rotation={"interval_month": 1})
            return per_key if named else policy(policy_type="metrics", policy_data={"enabled": True})
        return None

    def adapter(self, **fields):
        """The id of a new adapter."""
        answer = self.api.call("POST", "/kmip_adapters", adapter_body(self.api.create_id(), **fields))
        return answer.json()["resources"][0]["id"]

    def new_key(self, **fields):
        """The answer to a create with these fields."""
        return self.ask({"metadata": {"collectionTotal": 1}, "resources": [{"name": "a key", "extractable": False, **fields}]})

    @property
    def creates(self):
        """Whether the call makes a key."""
        return self.path in ("/keys", "/keys_with_policy_overrides")


def adapter_body(crk, **fields):
    return policy(profile="native_1.0", profile_data={"crk_id": crk}, **fields)


# -- recipes


def invalid_field(case):
    unlawful = {
        "/kmip_adapters": policy(name="an-adapter"),
        "/import_token": {"expiration": 1},
        "/instance/policies": policy(policy_type="colour", policy_data={"enabled": True}),
    }
    if case.creates:
        return case.new_key(name="n")
    if case.path in unlawful:
        return case.ask(unlawful[case.path])
    if "key_rings" in case.path:
        return case.ask(id="a")
    if "kmip_objects" in case.path:
        return case.ask(object="no-uuid")
    return case.ask(policy(certificate="no PEM")) if "certificates" in case.path else case.ask(id="a.b")


def destroyed(case):
    key = case.api.create_id()
    assert case.api.call("DELETE", f"/keys/{key}").status == 204
    return case.ask(id=key)


def wrong_state(case):
    key = case.api.create_id()
    if not case.path.endswith(("/enable", "/restore", "/purge")):
        assert case.api.act(key, "disable").status == 204
    return case.ask(id=key)


def no_root_key(case):
    if case.path == "/keys":
        return case.new_key(extractable=True, **sealed(token_public(), bytes(32), nonce=NONCE))
    if case.creates:
        return case.new_key(extractable=True, rotation={"interval_month": 1})
    return case.ask(id=case.api.create_id(extractable=True))


def too_early(case):
    key = case.api.create_id()
    if case.path.endswith("/sync"):
        assert case.api.act(key, "rotate").status == 204
    elif case.path.endswith("/enable"):
        assert case.api.act(key, "disable").status == 204
    else:
        assert case.api.call("DELETE", f"/keys/{key}").status == 204
    return case.ask(id=key)


def imported(case, *, token=True, **unlike):
    """Material that comes encrypted to the import token, though not quite as it should."""
    if token:
        commit(case.api, ImportToken(case.api.instance_id, TOKEN_KEY, Secret(NONCE), 0.0, 1e10, 1, 1))
    members = sealed(token_public(), bytes(32), **{"nonce": NONCE, **unlike})
    return case.new_key(**members) if case.creates else case.ask(members, id=imported_key(case))


def imported_key(case):
    return case.api.create_id(payload="AAAAAAAAAAAAAAAAAAAAAA==")


def import_is_not_allowed(case):
    key = None if case.creates else imported_key(case)
    attributes = {"enforce_token": True}
    access = policy(policy_type="keyCreateImportAccess", policy_data={"enabled": True, "attributes": attributes})
    assert case.api.call("PUT", "/instance/policies", access).status == 204
    material = {"payload": "AAAAAAAAAAAAAAAAAAAAAA=="}
    return case.new_key(**material) if case.creates else case.ask(material, id=key)


def no_such_ring(case):
    if case.creates:
        return case.ask(headers={"X-Kms-Key-Ring": "nowhere"})
    return case.ask({"keyRingID": "nowhere"}) if "/keys/" in case.path else case.ask()


def alias_taken(case):
    case.api.create_id(aliases=["an-alias"])
    return case.new_key(aliases=["an-alias"]) if case.creates else case.ask()


def too_many_aliases(case):
    six = [f"alias-{number}" for number in range(6)]
    return case.new_key(aliases=six) if case.creates else case.ask(id=case.api.create_id(aliases=six[:5]))


def too_broad(case):
    key = case.api.simulator.simulator.state.get(KeyRecord, case.api.create_id())
    core = case.api.simulator.simulator.core
    many = [KeyRecord(f"{number:08x}-0000-4000-8000-{os.urandom(6).hex()}", case.api.instance_id, *shared(key)) for number in range(5001)]
    with core.exclusive():
        core.commit(*map(Put, many))
    return case.ask(query="search=a+key")


def shared(key):
    return (key.name, key.extractable, key.imported, key.state, key.versions, key.created, key.created_by, key.updated, key.last_action)


def not_authorized(case):
    key = case.api.create_id()
    assert case.api.call("PUT", f"/keys/{key}/policies", policy(dualAuthDelete={"enabled": True})).status == 200
    return case.ask(id=key)


def registered(case, *, prevent):
    key = case.api.create_id()
    record = case.api.simulator.simulator.state.get(KeyRecord, key)
    commit(case.api, new_registration(record, "crn:v1:b:p:is:us-south:a/1::volume:v", prevent_key_deletion=prevent, now=0.0, by="iam-x"))
    return case.ask(id=key)


def expired(case):
    key = case.api.create_id(expirationDate=rfc3339(case.api.clock() + 100))
    assert case.api.call("DELETE", f"/keys/{key}").status == 204
    case.api.clock.move(seconds=101)
    return case.ask(id=key)


def too_late(case):
    key = case.api.create_id()
    assert case.api.call("DELETE", f"/keys/{key}").status == 204
    case.api.clock.move(seconds=30 * DAY + 5)
    return case.ask(id=key)


def other_ciphertext(case):
    return case.ask({"ciphertext": case.api.wrap(case.api.create_id(), b"x")})


def material_is_missing(case):
    if case.creates:
        return case.new_key(payload="AAAAAAAAAAAAAAAAAAAAAA==", rotation={"interval_month": 1})
    return case.ask(id=imported_key(case))


def rotated_already(case):
    key = case.api.create_id()
    assert case.api.act(key, "rotate").status == 204
    return case.ask(id=key)


def ring(case):
    assert case.api.call("POST", "/key_rings/a-ring").status == 201


def ring_is_there(case):
    ring(case)
    return case.ask()


def ring_is_full(case):
    ring(case)
    assert case.api.call("POST", "/keys", KEY, headers={"X-Kms-Key-Ring": "a-ring"}).status == 201
    return case.ask()


def too_many_rings(case):
    for number in range(50):
        name = f"ring-{number}"
        commit(case.api, KeyRing(f"{case.api.instance_id} {name}", case.api.instance_id, name, 0.0, "iam-x"))
    return case.ask()


def token_expired(case):
    commit(case.api, ImportToken(case.api.instance_id, TOKEN_KEY, Secret(NONCE), 0.0, 1.0, 1, 1))
    return case.ask()


def two_policies(case):
    one = {"policy_type": "metrics", "policy_data": {"enabled": True}}
    return case.ask({"metadata": {"collectionTotal": 2}, "resources": [one, one]}, query="policy=metrics")


def adapter_name_taken(case):
    case.adapter(name="an-adapter")
    return case.ask(adapter_body(case.api.create_id(), name="an-adapter"))


def too_many_adapters(case):
    for number in range(adapters.MOST):
        commit(
            case.api, AdapterRecord(f"{case.api.instance_id[:-4]}{number:04}", case.api.instance_id, f"a{number}", UNKNOWN, 0.0, "iam-x")
        )
    return case.ask()


def adapter_in_use(case):
    adapter = case.adapter()
    commit(case.api, KmipObject(f"{adapter[:-4]}0000", adapter, 2, KmipEvent(0.0, "", "iam-x")))
    return case.ask(id=adapter)


def object_is_active(case):
    adapter = case.adapter()
    commit(case.api, KmipObject(f"{adapter[:-4]}0000", adapter, 2, KmipEvent(0.0, "", "iam-x")))
    return case.ask(id=adapter, object=f"{adapter[:-4]}0000")


def with_certificate(case, adapter, pem, name):
    assert case.api.call("POST", f"/kmip_adapters/{adapter}/certificates", policy(certificate=pem, name=name)).status == 201


def certificate_again(case, *, here, same_name=False):
    first, second = case.pem(), case.pem()
    adapter = case.adapter()
    with_certificate(case, adapter, first, "a-certificate")
    again = second if same_name else first
    return case.ask(policy(certificate=again, name="a-certificate" if same_name else "another"), id=adapter if here else case.adapter())


def too_many_certificates(case):
    adapter = case.adapter()
    for number in range(certificates.MOST):
        commit(case.api, KmipCertificate(f"{adapter[:-4]}{number:04}", adapter, f"c{number}", "", f"{adapter}{number}", 0.0, "iam-x"))
    return case.ask(id=adapter)


RECIPES = {
    "401": lambda case: case.ask(headers={"Authorization": "Bearer"}),
    "BEARER_SUB_EXTRACTION_ERR": lambda case: case.ask(headers={"Authorization": "Bearer a.b.c"}),
    "400": lambda case: case.ask(headers={"Bluemix-Instance": "no-uuid"}),
    "INVALID_QUERY_PARAM_ERR": lambda case: case.ask(query="colour=red"),
    "413": lambda case: case.ask(content=b" " * ((1 << 20) + 1)),
    "415": lambda case: case.ask(content=b"{}", headers={"Content-Type": "text/plain"}),
    "NO_BODY_ERR": lambda case: case.ask(content=b" "),
    "BAD_BODY_ERR": lambda case: case.ask(content=b"{"),
    "INVALID_FIELD_ERR": invalid_field,
    "KEY_NOT_FOUND_ERR": lambda case: case.ask(id=UNKNOWN),
    "KEY_DELETED_ERR": destroyed,
    "KEY_ACTION_INVALID_STATE_ERR": wrong_state,
    "KEY_ROOT_REQ_ERR": no_root_key,
    "REQ_TOO_EARLY_ERR": too_early,
    "IMPORT_TOKEN_EXPIRED_ERR": lambda case: token_expired(case) if case.path == "/import_token" else imported(case, token=False),
    "INCORRECT_NONCE_ERR": lambda case: imported(case, nonce=bytes(12)),
    "INCORRECT_NONCE_IV_ERR": lambda case: imported(case, by=bytes(range(32))),
    "KEY_CREATE_IMPORT_ACCESS_ERR": import_is_not_allowed,
    "KEY_RING_NOT_FOUND_ERR": no_such_ring,
    "KEY_ALIAS_NOT_UNIQUE_ERR": alias_taken,
    "KEY_ALIAS_QUOTA_ERR": too_many_aliases,
    "KEY_ALIAS_NOT_FOUND_ERR": lambda case: case.ask(),
    "KEY_SEARCH_TOO_BROAD": too_broad,
    "AUTHORIZATIONS_NOT_MET": not_authorized,
    "PREV_KEY_DEL_ERR": lambda case: registered(case, prevent=True),
    "PROTECTED_RESOURCE_ERR": lambda case: registered(case, prevent=False),
    "KEY_EXPIRED_ERR": expired,
    "KEY_RESTORE_EXPIRED": too_late,
    "UNPROCESSABLE_CIPHERTEXT_ERR": other_ciphertext,
    "KEY_PAYLOAD_REQ_ERR": material_is_missing,
    "KEY_ROTATION_NOT_PERMITTED": rotated_already,
    "NOT_DUAL_AUTH_ERR": lambda case: case.ask(),
    "BODY_QUERY_PARAM_MISMATCH_ERR": lambda case: case.ask(query="policy=dualAuthDelete"),
    "SERVICE_ONLY_ERR": lambda case: case.ask(),
    "COLLECTION_TOTAL_MISMATCH_ERR": lambda case: case.ask({**case.lawful_body(None), "metadata": {"collectionTotal": 2}}),
    "NUM_COLLECTION_RESOURCE_ERR": two_policies,
    "IMPORT_TOKEN_NOT_FOUND_ERR": lambda case: case.ask(),
    "KEY_RING_NOT_UNIQUE_ERR": ring_is_there,
    "KEY_RING_QUOTA_ERR": too_many_rings,
    "KEY_RING_NOT_EMPTY_ERR": ring_is_full,
    "NATIVE_CRK_ID_NOT_FOUND_ERR": lambda case: case.ask(adapter_body(UNKNOWN)),
    "NATIVE_INVALID_CRK_ERR": lambda case: case.ask(adapter_body(case.api.create_id(extractable=True))),
    "KMIP_ADAPTER_DUPLICATE_NAME_ERR": adapter_name_taken,
    "KMIP_ADAPTER_QUOTA_ERR": too_many_adapters,
    "KMIP_ADAPTER_NOT_FOUND_ERR": lambda case: case.ask(id=UNKNOWN),
    "KMIP_ADAPTER_ACTIVE_OBJECTS_ERR": adapter_in_use,
    "KMIP_CERT_DUPLICATE_ERR": lambda case: certificate_again(case, here=True),
    "KMIP_CERT_REUSE_ERR": lambda case: certificate_again(case, here=False),
    "KMIP_CERT_DUPLICATE_NAME_ERR": lambda case: certificate_again(case, here=True, same_name=True),
    "KMIP_CERT_QUOTA_ERR": too_many_certificates,
    "KMIP_CERT_NOT_FOUND_ERR": lambda case: case.ask(),
    "KMIP_OBJECT_NOT_FOUND_ERR": lambda case: case.ask(),
    "KMIP_OBJECT_INVALID_STATE_ERR": object_is_active,
}


@pytest.mark.parametrize(("call", "refusal"), REFUSAL_CASES, ids=[f"{call} {refusal}" for call, refusal in REFUSAL_CASES])
def test_a_call_gives_each_of_its_refusals(api, error_of, pem, call, refusal):
    response = RECIPES[refusal](Case(api, pem, call))
    assert response.status == status_of(refusal), response.body
    if not call.startswith("HEAD"):
        assert error_of(response)[1] == ("" if refusal.isdigit() else refusal)
