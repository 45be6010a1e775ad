"""The control API over HTTP, and its parts that need no HTTP: reset, seed, export, clocks, disturbances, request log."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx
import pytest
from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.messages import ApiRequest
from keyprotect_simulator.records import ApiKey, Key, KmipAdapter, LabRecord, SigningKey
from keyprotect_simulator.settings import Settings
from keyprotect_simulator.simulator import Simulator
from keyprotect_simulator.testing import running_simulator

SEED = """
[[instances]]
name = "payments"
region = "eu-de"

  [[instances.keys]]
  name = "orders"
  aliases = ["orders-key"]
  rotations = 2

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


@pytest.fixture
def running(simulator):
    yield simulator
    simulator.reset()


@pytest.fixture
def control(running):
    with httpx.Client(base_url=f"{running.url}/_simulator") as client:
        yield client


def keys_of(running, api_key, instance):
    """What the simulator answers about the keys of an instance to an API key."""
    token = httpx.post(
        running.iam_url, data={"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": api_key}, timeout=10
    ).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": instance}
    return httpx.get(f"{running.url}/api/v2/keys?state=0,1,2,3,5", headers=headers, timeout=10).json().get("resources", [])


def error(answer, status):
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    return answer.json()["error"]


# -- reset


def test_reset_goes_back_to_the_start_with_the_same_ids_and_api_key(running, control):
    before = running.export()
    lab = control.get("/lab").json()
    running.delete_key()
    running.revoke_api_key()
    running.clock.move(days=365)
    running.add_instance()
    running.simulator.disturbances.begin(Disturbance(status=503, path="/api"))
    assert control.post("/reset").status_code == 204
    assert control.get("/lab").json() == lab
    assert running.export() == before
    assert running.clock.offset == 0
    assert control.get("/disturbances").json() == {"disturbances": []}
    assert control.get("/requests").json() == {"requests": []}
    (key,) = keys_of(running, lab["api_key"], lab["instance_id"])
    assert (key["id"], key["state"]) == (lab["crk_id"], 1)


def test_reset_is_durable_and_starts_from_what_the_folder_had(tmp_path):
    with running_simulator(state_dir=tmp_path) as first:
        kept = first.add_instance()
    with running_simulator(state_dir=tmp_path) as second:
        lost = second.add_instance()
        second.clock.move(days=40)
        second.reset()
    with running_simulator(state_dir=tmp_path) as third:
        ids = [record["document"]["id"] for record in third.export()["records"]]
        assert kept in ids
        assert lost not in ids
        assert third.clock.offset == 0


def test_the_operator_of_the_python_api_survives_a_reset(running):
    running.disable_key()
    running.simulator.reset()
    running.disable_key()


# -- export and import


def test_a_state_goes_out_and_comes_in_elsewhere(running, control):
    running.disable_key()
    running.clock.move(days=3)
    token = running.token()
    document = control.get("/state").json()
    with running_simulator() as other:
        assert httpx.put(f"{other.url}/_simulator/state", json=document).status_code == 204
        assert other.export() == document
        headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": running.instance_id}
        (key,) = httpx.get(f"{other.url}/api/v2/keys", headers=headers).json()["resources"]
        assert (key["id"], key["state"]) == (running.crk_id, 2)
        assert abs(other.clock() - running.clock()) < 60
        other.restore(document)
        assert other.crk_id == running.crk_id


def test_an_exported_state_opens_what_was_wrapped(running):
    wrapped = running.operate("POST", f"/api/v2/keys/{running.crk_id}/actions/wrap", body={"plaintext": "aGFsbG8="}).json()
    with running_simulator() as other:
        other.restore(json.loads(json.dumps(running.export())))
        opened = other.operate("POST", f"/api/v2/keys/{other.crk_id}/actions/unwrap", body={"ciphertext": wrapped["ciphertext"]})
        assert opened.json()["plaintext"] == "aGFsbG8="


def without(kind):
    return lambda document: document["records"].remove(next(entry for entry in document["records"] if entry["kind"] == kind))


def spoilt(kind, field, value):
    def spoil(document):
        entry = next(entry for entry in document["records"] if entry["kind"] == kind)
        entry["document"][field] = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda document: document.update(format="other"), "keyprotect-simulator-state"),
        (lambda document: document.update(version=2), "version 2"),
        (lambda document: document.update(records={}), "a list"),
        (lambda document: document["records"].insert(3, 7), "records[3]"),
        (lambda document: document["records"].append({"kind": "star", "document": {"id": "x"}}), "must have a kind"),
        (lambda document: document["records"].append(document["records"][0]), "same id"),
        (without("signing_key"), "signing_key"),
        (without("lab"), "lab"),
        (spoilt("key", "versions", [{"id": "x", "created": 0, "material": "abc"}]), "cannot be read"),
        (spoilt("key", "colour", "red"), "cannot be read"),
        (spoilt("key", "name", 7), "name of a key"),
        (spoilt("key", "state", True), "state of a key"),
        (spoilt("access_policy", "roles", ["King"]), "cannot be read"),
        (spoilt("signing_key", "private_pem", {"secret": "AAAA"}), "no RSA key"),
    ],
)
def test_what_is_no_state_is_refused_and_changes_nothing(running, control, spoil, why):
    before = running.export()
    document = running.export()
    spoil(document)
    assert why in error(control.put("/state", json=document), 400)
    assert running.export() == before


# -- seeds


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
    assert {name: key["state"] for name, key in shown.items()} == {"orders": 1, "database password": 1, "an old one": 5}
    assert shown["orders"]["aliases"] == ["orders-key"]
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
        (within(kmip_adapters=[{"name": "an adapter"}]), "kmip_adapters[0].key is missing"),
        (within(kmip_adapters=[{"name": "an adapter", "key": "none"}]), "kmip_adapters[0].key must be the name of a root key"),
        ({"service_ids": [{"name": "someone", "api_key": "short"}]}, "service_ids[0].api_key must be a text of 8"),
        ({"service_ids": [{"name": "someone", "roles": {"kmiplab": ["King"]}}]}, "service_ids[0].roles must be a table"),
        ({"service_ids": [{"name": "someone", "roles": {"nowhere": ["Reader"]}}]}, "there is no instance nowhere"),
    ],
)
def test_a_seed_that_makes_no_sense_is_refused_whole_with_the_place(running, control, seed, why):
    before = running.export()
    assert why in error(control.post("/seed", json=seed), 400)
    assert running.export() == before


def test_ids_and_api_keys_of_others_are_not_taken(running, control):
    taken = within(keys=[{**KEY, "id": running.crk_id}])
    assert "id is taken" in error(control.post("/seed", json=taken), 400)
    assert "is another one's" in error(control.post("/seed", json={"service_ids": [{"name": "someone", "api_key": running.api_key}]}), 400)


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
    assert why in error(control.post("/seed", content=content, headers={"Content-Type": media_type}), 400)


# -- clocks


@pytest.mark.parametrize(
    ("move", "key_protect", "iam"),
    [
        ({"days": 31}, 31 * 86400, 0),
        ({"clock": "iam", "hours": 1, "minutes": 1, "seconds": 0.5}, 0, 3660.5),
        ({"clock": "both", "days": -1}, -86400, -86400),
    ],
)
def test_clocks_are_moved(control, move, key_protect, iam):
    answer = control.post("/clock", json=move).json()
    assert (answer["key_protect"]["moved"], answer["iam"]["moved"]) == (key_protect, iam)
    assert control.get("/clock").json().keys() == {"key_protect", "iam"}


def test_a_clock_is_moved_to_a_time(running, control):
    assert control.post("/clock", json={"at": "2040-05-06T07:08:09Z"}).json()["key_protect"]["time"] == "2040-05-06T07:08:09Z"
    running.disable_key()
    assert running.export()["records"]


def test_a_moved_clock_stays_moved_in_a_state_folder(tmp_path):
    with running_simulator(state_dir=tmp_path) as first:
        first.clock.move(days=31)
        first.iam_clock.move(hours=1)
    with running_simulator(state_dir=tmp_path) as second:
        assert (second.clock.offset, second.iam_clock.offset) == (31 * 86400, 3600)


@pytest.mark.parametrize(
    ("move", "why"),
    [
        ({}, "give either at, or one or more of seconds, minutes, hours, days"),
        ({"at": "2040-01-01T00:00:00Z", "days": 1}, "give either"),
        ({"at": "tomorrow"}, "RFC 3339"),
        ({"days": "1"}, "cannot unmarshal string into field days"),
        ({"days": True}, "cannot unmarshal bool into field days"),
        ({"weeks": 1}, 'unknown field "weeks"'),
        ({"clock": "wall", "days": 1}, "one of key_protect, iam, both"),
        ({"days": 1e9}, "between the years 1970 and 9000"),
        ({"days": -1e9}, "between the years"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(running, control, move, why):
    assert why in error(control.post("/clock", json=move), 400)
    assert (running.clock.offset, running.iam_clock.offset) == (0, 0)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_clock_is_not_moved_by_what_is_no_number(control, number):
    assert f"invalid value {number}" in error(control.post("/clock", content=f'{{"days": {number}}}'), 400)


# -- disturbances


def test_disturbances_begin_are_listed_and_end(running, control):
    first = control.post("/disturbances", json={"status": 503, "path": "/api", "times": 2})
    second = control.post("/disturbances", json={"delay": 0.01, "path": "/identity"})
    assert (first.status_code, second.json()["number"]) == (201, first.json()["number"] + 1)
    assert httpx.get(f"{running.url}/api/v2/keys").status_code == 503
    listed = control.get("/disturbances").json()["disturbances"]
    assert [(one["number"], one["disturbed"], one["status"]) for one in listed] == [
        (second.json()["number"], 0, 0),
        (first.json()["number"], 1, 503),
    ]
    assert control.delete(f"/disturbances/{first.json()['number']}").status_code == 204
    assert "is in force" in error(control.delete(f"/disturbances/{first.json()['number']}"), 404)
    assert "is in force" in error(control.delete("/disturbances/x"), 404)
    assert httpx.get(f"{running.url}/api/v2/keys").status_code == 401
    assert control.delete("/disturbances").status_code == 204
    assert control.get("/disturbances").json() == {"disturbances": []}


def test_the_control_api_is_never_disturbed(control):
    control.post("/disturbances", json={"status": 503, "path": "/"})
    assert control.get("/clock").status_code == 200
    assert control.delete("/disturbances").status_code == 204


@pytest.mark.parametrize(
    ("body", "why"),
    [({"status": 12}, "HTTP status"), ({"colour": 1}, "unknown field"), ({"status": "503"}, "cannot unmarshal string"), ({}, "nothing")],
)
def test_a_disturbance_that_makes_no_sense_is_refused(control, body, why):
    assert why in error(control.post("/disturbances", json=body), 400)


# -- regions


def test_a_region_is_switched_off_and_on_again(running, control):
    headers = {"Authorization": f"Bearer {running.token()}", "Bluemix-Instance": running.instance_id}
    assert control.put("/regions", json={"away": ["us-south", "eu-de"]}).json() == {"away": ["eu-de", "us-south"]}
    assert httpx.get(f"{running.url}/api/v2/keys", headers=headers).status_code == 503
    assert control.put("/regions", json={"away": ["eu-de"]}).status_code == 200
    assert httpx.get(f"{running.url}/api/v2/keys", headers=headers).status_code == 200
    control.post("/reset")
    assert control.get("/regions").json() == {"away": []}


@pytest.mark.parametrize(
    ("body", "why"),
    [({"away": ["mars"]}, "a list of regions out of us-south"), ({"away": [7]}, "a list of regions"), ({}, "one field, away")],
)
def test_regions_that_there_are_not_are_refused(control, body, why):
    assert why in error(control.put("/regions", json=body), 400)


# -- the request log


def test_the_request_log_has_every_request_and_no_secret(running, control):
    token = running.token()
    headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": running.instance_id}
    running.simulator.requests.clear()
    plaintext = "c2VjcmV0IHBheWxvYWQ="
    httpx.post(f"{running.url}/api/v2/keys/{running.crk_id}/actions/wrap", headers=headers, json={"plaintext": plaintext})
    httpx.get(f"{running.url}/api/v2/keys?limit=0&apikey=in-the-query", headers=headers)
    form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": running.api_key}
    httpx.post(running.iam_url, data=form)
    answer = control.get("/requests")
    for secret in (token, running.api_key, plaintext, "in-the-query"):
        assert secret not in answer.text
    first, second, third = answer.json()["requests"]
    assert (first["way"], first["method"], first["status"], first["instance"]) == ("http", "POST", 200, running.instance_id)
    assert (second["status"], second["error"]) == (400, "INVALID_QUERY_PARAM_ERR")
    assert (third["path"], third["caller"]) == ("/identity/token", "")
    assert control.get("/requests", params={"after": second["number"]}).json()["requests"] == [third]
    assert control.delete("/requests").status_code == 204
    assert control.get("/requests").json() == {"requests": []}
    assert "after" in error(control.get("/requests?after=-1"), 400)
    assert "after" in error(control.get("/requests?before=1"), 400)


def test_the_overview_has_no_secret(running, control):
    running.seed({"service_ids": [{"name": "someone", "api_key": "a-known-api-key"}]})
    state = running.simulator.state
    secrets = [key.value.decode() for key in state.all(ApiKey)] + [key.digest for key in state.all(ApiKey)]
    secrets += [base64.b64encode(key.newest.material).decode() for key in state.all(Key)] + ["PRIVATE KEY"]
    answer = control.get("/overview")
    for secret in secrets:
        assert secret not in answer.text
    overview = answer.json()
    assert [(key["id"], key["state"]) for key in overview["keys"]] == [(running.crk_id, "active")]
    assert overview["records"]["kmip_adapter"][0]["crk_id"] == running.crk_id
    assert not {"lab", "signing_key"} & overview["records"].keys()
    assert len(state.all(LabRecord)) == len(state.all(SigningKey)) == 1


# -- who may ask, and what there is


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Origin": "https://example.org"}, "not for pages of https://example.org"),
        ({"Origin": "null"}, "not for pages of null"),
        ({"Host": "rebound.example.org"}, "does not answer to the name"),
        ({"Host": "127.0.0.1.example.org:80", "Origin": "http://127.0.0.1.example.org:80"}, "does not answer to the name"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/state"), ("POST", "/reset")])
def test_pages_of_strangers_are_kept_out(control, method, path, headers, why):
    assert why in error(control.request(method, path, headers=headers), 403)


@pytest.mark.parametrize("host", ["localhost", "simulator:8080", "[::1]:8080", "10.1.2.3", "lab.localhost"])
def test_names_that_no_stranger_can_give_are_answered(control, host):
    assert control.get("/clock", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/clock", 405), ("GET", "/reset", 405)])
def test_what_is_not_there_says_so(control, method, path, status):
    answer = control.request(method, path)
    error(answer, status)
    assert ("Allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize("path", ["/clock", "/disturbances"])
@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [("{", "application/json", 400), ("[]", "application/json", 400), ("", "application/json", 400), ("a=b", "text/plain", 415)],
)
def test_a_body_that_is_no_json_object_is_refused(control, path, content, media_type, status):
    error(control.post(path, content=content, headers={"Content-Type": media_type}), status)


@pytest.mark.parametrize(
    ("chosen", "answered"),
    [
        ({}, True),
        ({"control": False}, False),
        ({"host": "::1"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"host": "10.0.0.1"}, False),
        ({"host": "0.0.0.0", "control": True}, True),
    ],
)
def test_it_answers_where_other_machines_cannot_reach_it_or_where_that_is_asked_for(chosen, answered):
    with Simulator.open(Settings(**chosen)) as simulator:
        answer = simulator.handle(ApiRequest("GET", "/_simulator/state"))
        assert answer.status == (200 if answered else 404)
        assert (b"kms.error" in answer.body) is not answered


def test_paths_that_only_begin_alike_are_the_services(simulator):
    assert simulator.simulator.handle(ApiRequest("GET", "/_simulators")).header("Content-Type") == "application/json"
    assert b"kms.error" in simulator.simulator.handle(ApiRequest("GET", "/_simulators")).body
