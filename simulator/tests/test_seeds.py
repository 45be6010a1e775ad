"""Seeds: what comes up, that it may be sown again, and that what makes no sense is refused whole."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx
import pytest
from control_calls import keys_of, refused
from keyprotect_simulator.errors import SeedUnusable
from keyprotect_simulator.records import Key, KmipAdapter

SEED = """
[[instances]]
name = "payments"
region = "eu-de"
key_rings = ["team"]
policies = { rotation = { interval_month = 3 }, metrics = {} }

  [[instances.keys]]
  name = "orders"
  aliases = ["orders-key"]
  rotations = 2
  key_ring = "team"
  rotation = { interval_month = 6 }
  dualAuthDelete = { enabled = true }
  registrations = [{ resourceCrn = "crn:v1:bluemix:public:is:us-south:a/1::volume:v-1", preventKeyDeletion = true }]

  [[instances.keys]]
  name = "expired"
  expirationDate = "2020-01-01T00:00:00Z"

  [[instances.keys]]
  name = "database password"
  extractable = true
  payload = "c2VjcmV0"

  [[instances.keys]]
  name = "an old one"
  id = "0F3C2A10-0000-4000-8000-000000000001"
  state = "destroyed"
  payload = "AAAAAAAAAAAAAAAAAAAAAA=="

  [[instances.kmip_adapters]]
  name = "vcenter"
  key = "orders"

[[instances]]
name = "kmiplab"
keys = [{ name = "in the lab", state = "suspended" }]

[[service_ids]]
name = "auditor"
api_key = "auditors-api-key"
roles = { payments = ["Reader"], kmiplab = ["ReaderPlus", "Viewer"] }
"""


@pytest.mark.parametrize("form", ["toml", "json"])
def test_a_seed_comes_up(running, control, form):
    import tomllib

    content, media_type = (SEED, "application/toml") if form == "toml" else (json.dumps(tomllib.loads(SEED)), "application/json")
    answer = control.post("/seed", content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 200
    payments = answer.json()["instances"]["payments"]
    auditor = answer.json()["service_ids"]["auditor"]
    assert auditor["api_keys"] == ["auditors-api-key"]
    shown = {key["name"]: key for key in keys_of(running, "auditors-api-key", payments["id"])}
    assert {name: key["state"] for name, key in shown.items()} == {"orders": 1, "expired": 3, "database password": 1, "an old one": 5}
    assert shown["orders"]["aliases"] == ["orders-key"]
    assert shown["orders"]["keyRingID"] == "team"
    assert (shown["orders"]["rotation"]["interval_month"], shown["orders"]["dualAuthDelete"]["enabled"]) == (6, True)
    assert ":eu-de:" in shown["orders"]["crn"]
    assert shown["an old one"]["id"] == "0f3c2a10-0000-4000-8000-000000000001"
    assert shown["an old one"]["imported"]
    assert shown["database password"]["extractable"]
    (suspended,) = [key for key in keys_of(running, "auditors-api-key", running.instance_id) if key["name"] == "in the lab"]
    assert suspended["state"] == 2
    state = running.simulator.state
    assert len(state.get(Key, payments["keys"]["orders"]).versions) == 3
    assert state.get(KmipAdapter, payments["kmip_adapters"]["vcenter"]).crk_id == payments["keys"]["orders"]
    assert bytes(state.get(Key, payments["keys"]["database password"]).newest.material) == b"secret"


def test_what_is_seeded_around_keys_is_in_force(running, pem):
    """Rings, policies, registrations and certificates, as the calls show them."""
    certificate = {"name": "host", "certificate": pem()}
    adapters = [{"name": "adapter", "key": "kept", "description": "of a seed", "certificates": [certificate]}]
    crn = "crn:v1:bluemix:public:is:us-south:a/1::volume:v-1"
    keys = [{"name": "kept", "registrations": [{"resourceCrn": crn, "preventKeyDeletion": True}]}]
    policies = {"keyCreateImportAccess": {"create_standard_key": False}, "metrics": {}}
    seed = {"instances": [{"name": "fresh", "key_rings": ["team"], "policies": policies, "keys": keys, "kmip_adapters": adapters}]}
    grown = running.seed(seed)["instances"]["fresh"]
    headers = {"Authorization": f"Bearer {running.token()}", "Bluemix-Instance": grown["id"]}
    with httpx.Client(base_url=f"{running.url}/api/v2", headers=headers) as client:
        assert [ring["id"] for ring in client.get("/key_rings").json()["resources"]] == ["default", "team"]
        told = {one["policy_type"]: one["policy_data"] for one in client.get("/instance/policies").json()["resources"]}
        assert (told["metrics"], told["keyCreateImportAccess"]["attributes"]["create_standard_key"]) == ({"enabled": True}, False)
        assert client.delete(f"/keys/{grown['keys']['kept']}?force=true").json()["resources"][0]["reasons"][0]["code"] == "PREV_KEY_DEL_ERR"
        (adapter,) = client.get("/kmip_adapters").json()["resources"]
        (shown,) = client.get("/kmip_adapters/adapter/certificates").json()["resources"]
        assert (adapter["description"], shown["name"]) == ("of a seed", "host")
    before = running.export()
    running.seed(seed)
    assert running.export() == before
    elsewhere = {**adapters[0], "name": "another"}
    with pytest.raises(SeedUnusable, match="another KMIP adapter of the region has this certificate"):
        running.seed({"instances": [{"name": "other", "keys": [{"name": "kept"}], "kmip_adapters": [elsewhere]}]})


def test_the_lab_owner_is_manager_of_seeded_instances(running):
    seeded = running.seed({"instances": [{"name": "mine", "keys": [{"name": "a key"}]}]})
    (key,) = keys_of(running, running.api_key, seeded["instances"]["mine"]["id"])
    assert key["id"] == seeded["instances"]["mine"]["keys"]["a key"]


def test_a_seed_can_be_sown_again(running, tmp_path):
    path = tmp_path / "seed.toml"
    path.write_text(SEED)
    first = running.seed(path)
    before = running.export()
    assert running.seed(path) == first
    assert running.export() == before
    running.reset()
    assert running.simulator.state.get(Key, first["instances"]["payments"]["keys"]["orders"]) is None


def test_the_seed_of_the_documentation_can_be_sown(running, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
    path = tmp_path / "seed.toml"
    path.write_text(page.partition("```toml\n")[2].partition("```")[0])
    grown = running.seed(path)
    assert grown["instances"]["payments"]["keys"].keys() == {"orders", "database password"}
    assert grown["service_ids"]["auditor"]["api_keys"] == ["auditors-api-key"]


KEY = {"name": "a key"}
LONG = base64.b64encode(bytes(7501)).decode()


def within(**entry):
    return {"instances": [{"name": "fresh", **entry}]}


@pytest.mark.parametrize(
    ("seed", "why"),
    [
        ({"keys": []}, "keys is unknown; there are instances, service_ids"),
        ({"instances": {}}, "instances must not be a object"),
        ({"instances": [7]}, "instances[0] must be an object"),
        ({"instances": [{}]}, "instances[0].name is missing"),
        (within(region="mars"), "instances[0].region must be one of us-south"),
        (within(id="1"), "instances[0].id must be a UUID"),
        (within(keys=[KEY, {"name": "x"}]), "instances[0].keys[1].name must be a string between 2 and 90"),
        (within(keys=[{**KEY, "state": "lost"}]), "instances[0].keys[0].state must be one of active, suspended, destroyed"),
        (within(keys=[{**KEY, "rotations": -1}]), "rotations must be a number between 0"),
        (within(keys=[{**KEY, "rotations": True}]), "rotations must not be a bool"),
        (within(keys=[{**KEY, "payload": "*"}]), "payload must be base64"),
        (within(keys=[{**KEY, "payload": "AAAA"}]), "payload must be 16, 24 or 32 bytes"),
        (within(keys=[{**KEY, "extractable": True, "payload": LONG}]), "payload must be 1 to 7500 bytes"),
        (within(keys=[{**KEY, "extractable": True, "rotations": 1}]), "is a standard key"),
        (within(keys=[{**KEY, "extractable": True, "state": "suspended"}]), "is a standard key"),
        (within(keys=[{**KEY, "aliases": ["key"]}]), "aliases must be a list of aliases"),
        (within(keys=[{**KEY, "aliases": ["a1", "a2", "a3", "a4", "a5", "a6"]}]), "aliases must be at most 5"),
        (within(keys=[{**KEY, "aliases": ["mine"]}, {"name": "other", "aliases": ["mine"]}]), "another key of the instance has mine"),
        (within(keys=[{**KEY, "expirationDate": "soon"}]), "expirationDate must be a date and time"),
        (within(key_rings=["default"]), "key_rings[0] must be 2 to 100 characters"),
        (within(policies={"colour": {}}), "policies must have tables of attributes, named allowedNetwork"),
        (within(policies={"rotation": {"interval_month": 13}}), "policies.rotation: The field"),
        (within(policies={"metrics": {"x": 1}}), "policies.metrics: Invalid body data"),
        (within(keys=[{**KEY, "key_ring": "nowhere"}]), "keys[0].key_ring: the instance has no key ring nowhere"),
        (within(keys=[{**KEY, "extractable": True, "rotation": {"interval_month": 1}}]), "keys[0].rotation: Requested action"),
        (within(keys=[{**KEY, "registrations": [{"resourceCrn": "v-1"}]}]), "registrations[0].resourceCrn must be a CRN"),
        (within(keys=[{**KEY, "registrations": [{}]}]), "registrations[0].resourceCrn is missing"),
        (within(keys=[{**KEY, "extractable": True, "registrations": [{"resourceCrn": "crn:v1:b:p:s:r:a:i:t:x"}]}]), "protects nothing"),
        (within(keys=[KEY], kmip_adapters=[{"name": "a1", "key": "a key", "certificates": [{"name": "c1"}]}]), "certificate is missing"),
        (
            within(keys=[KEY], kmip_adapters=[{"name": "a1", "key": "a key", "certificates": [{"name": "c1", "certificate": "x"}]}]),
            "certificates[0]: The field `certificate` must be: one X.509 certificate",
        ),
        (within(kmip_adapters=[{"name": "an adapter"}]), "kmip_adapters[0].key is missing"),
        (within(kmip_adapters=[{"name": "an adapter", "key": "none"}]), "kmip_adapters[0].key must be the name of a root key"),
        ({"service_ids": [{"name": "someone", "api_key": "short"}]}, "service_ids[0].api_key must be a text of 8"),
        ({"service_ids": [{"name": "someone", "roles": {"kmiplab": ["King"]}}]}, "service_ids[0].roles must be a table"),
        ({"service_ids": [{"name": "someone", "roles": {"nowhere": ["Reader"]}}]}, "there is no instance nowhere"),
    ],
)
def test_a_seed_that_makes_no_sense_is_refused_whole_with_the_place(running, control, seed, why):
    before = running.export()
    assert why in refused(control.post("/seed", json=seed), 400)
    assert running.export() == before


def test_ids_and_api_keys_of_others_are_not_taken(running, control):
    taken = within(keys=[{**KEY, "id": running.crk_id}])
    assert "id is taken" in refused(control.post("/seed", json=taken), 400)
    assert "is another one's" in refused(
        control.post("/seed", json={"service_ids": [{"name": "someone", "api_key": running.api_key}]}), 400
    )


@pytest.mark.parametrize(
    ("content", "media_type", "why"),
    [
        ("{", "application/json", "no JSON"),
        ("a = ", "application/toml", "no TOML"),
        ("[]", "application/json", "must be an object"),
        ("", "application/json", "no body"),
        (b"\xff", "application/toml", "no TOML"),
        ('[[instances]]\nname = "fresh"\nkeys = [{name = "a key", expirationDate = 2030-01-01T00:00:00Z}]', "application/toml", "datetime"),
    ],
)
def test_what_is_no_seed_is_refused(control, content, media_type, why):
    assert why in refused(control.post("/seed", content=content, headers={"Content-Type": media_type}), 400)
