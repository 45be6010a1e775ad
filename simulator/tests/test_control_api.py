"""The control API over HTTP, and its parts that need no HTTP: reset, seed, export, clocks, disturbances, request log."""

from __future__ import annotations

import base64
import json

import httpx
import pytest
from control_calls import keys_of, refused
from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.messages import ApiRequest
from keyprotect_simulator.records import ApiKey, Key, LabRecord, SigningKey
from keyprotect_simulator.settings import Settings
from keyprotect_simulator.simulator import Simulator
from keyprotect_simulator.testing import running_simulator

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
    assert why in refused(control.put("/state", json=document), 400)
    assert running.export() == before


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
    assert why in refused(control.post("/clock", json=move), 400)
    assert (running.clock.offset, running.iam_clock.offset) == (0, 0)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_clock_is_not_moved_by_what_is_no_number(control, number):
    assert f"invalid value {number}" in refused(control.post("/clock", content=f'{{"days": {number}}}'), 400)


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
    assert "is in force" in refused(control.delete(f"/disturbances/{first.json()['number']}"), 404)
    assert "is in force" in refused(control.delete("/disturbances/x"), 404)
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
    assert why in refused(control.post("/disturbances", json=body), 400)


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
    assert why in refused(control.put("/regions", json=body), 400)


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
    assert "after" in refused(control.get("/requests?after=-1"), 400)
    assert "after" in refused(control.get("/requests?before=1"), 400)


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
    assert why in refused(control.request(method, path, headers=headers), 403)


@pytest.mark.parametrize("host", ["localhost", "simulator:8080", "[::1]:8080", "10.1.2.3", "lab.localhost"])
def test_names_that_no_stranger_can_give_are_answered(control, host):
    assert control.get("/clock", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/clock", 405), ("GET", "/reset", 405)])
def test_what_is_not_there_says_so(control, method, path, status):
    answer = control.request(method, path)
    refused(answer, status)
    assert ("Allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize("path", ["/clock", "/disturbances"])
@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [("{", "application/json", 400), ("[]", "application/json", 400), ("", "application/json", 400), ("a=b", "text/plain", 415)],
)
def test_a_body_that_is_no_json_object_is_refused(control, path, content, media_type, status):
    refused(control.post(path, content=content, headers={"Content-Type": media_type}), status)


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
