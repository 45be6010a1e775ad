"""KMIP adapters, their certificates and their objects."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from keyprotect_simulator.records import KmipEvent, KmipObject, Put
from keyprotect_simulator.roles import Role

UNKNOWN = "4dc9fb9c-7a8a-4b3f-a6a3-7f9e0ad5a0d4"
ADAPTER_TYPE = "application/vnd.ibm.kms.kmip_adapter+json"
CERTIFICATE_TYPE = "application/vnd.ibm.kms.kmip_client_certificate+json"
OBJECT_TYPE = "application/vnd.ibm.kms.kmip_object+json"
ACTIVE = 2


def new_certificate():
    """A self-signed certificate, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, uuid.uuid4().hex)])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start.replace(year=2036))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def body(media_type, **fields):
    return {"metadata": {"collectionType": media_type, "collectionTotal": 1}, "resources": [fields]}


def create(api, crk, *, query="", **fields):
    given = {"profile": "native_1.0", "profile_data": {"crk_id": crk}, **fields}
    return api.call("POST", "/kmip_adapters", body(ADAPTER_TYPE, **given), query=query)


@pytest.fixture
def adapter(api):
    """An adapter with a root key of its own."""
    return create(api, api.create_id(), name="vcenter").json()["resources"][0]


def add(api, adapter, pem, **fields):
    return api.call("POST", f"/kmip_adapters/{adapter}/certificates", body(CERTIFICATE_TYPE, certificate=pem, **fields))


def add_object(api, adapter, state, **more):
    core = api.simulator.simulator.core
    created = KmipEvent(1000.0, UNKNOWN, "iam-ServiceId-x")
    record = KmipObject(str(uuid.uuid4()), adapter["id"], state, created, **more)
    with core.exclusive():
        core.commit(Put(record))
    return record.id


def only(response, status=200):
    assert response.status == status, response.body
    (resource,) = response.json()["resources"]
    return resource


# -- adapters


def test_an_adapter_is_made_found_listed_and_deleted(api):
    crk = api.create_id(aliases=["the-crk"])
    made = only(create(api, "the-crk", name="vcenter-1", description="of the first datacenter"), 201)
    assert (made["name"], made["description"], made["profile"]) == ("vcenter-1", "of the first datacenter", "native_1.0")
    assert made["profile_data"] == {"crk_id": crk}
    assert set(made) == {
        *("id", "name", "description", "profile", "profile_data", "created_by", "created_at", "updated_by", "updated_at"),
    }
    for name in (made["id"], "vcenter-1", made["id"].upper()):
        assert only(api.call("GET", f"/kmip_adapters/{name}")) == made
    listed = api.call("GET", "/kmip_adapters", query=f"totalCount=true&crk_id={crk}").json()
    assert listed == {"metadata": {"collectionType": ADAPTER_TYPE, "collectionTotal": 1, "totalCount": 1}, "resources": [made]}
    assert api.call("GET", "/kmip_adapters", query=f"crk_id={UNKNOWN}").json()["metadata"]["collectionTotal"] == 0
    response = api.call("DELETE", "/kmip_adapters/vcenter-1")
    assert (response.status, response.body) == (204, b"")
    assert api.call("GET", "/kmip_adapters").json()["metadata"]["collectionTotal"] == 0


def test_an_adapter_without_a_name_gets_one(api):
    made = only(create(api, api.create_id()), 201)
    assert made["name"].startswith("kmip_adapter_")
    assert made["description"] == ""


def crk_of(api, kind):
    from keyprotect_simulator.identifiers import rfc3339

    if kind == "unknown":
        return UNKNOWN
    if kind == "another instance's":
        return api.simulator.crk_id
    key = api.create_id(
        extractable=kind == "standard",
        **({"expirationDate": rfc3339(api.clock() + 1000)} if kind == "expiring" else {}),
    )
    if kind == "suspended":
        assert api.act(key, "disable").status == 204
    if kind == "destroyed":
        assert api.call("DELETE", f"/keys/{key}").status == 204
    return key


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("unknown", 404, "NATIVE_CRK_ID_NOT_FOUND_ERR"),
        ("another instance's", 404, "NATIVE_CRK_ID_NOT_FOUND_ERR"),
        ("standard", 400, "NATIVE_INVALID_CRK_ERR"),
        ("expiring", 400, "NATIVE_INVALID_CRK_ERR"),
        ("suspended", 400, "NATIVE_INVALID_CRK_ERR"),
        ("destroyed", 400, "NATIVE_INVALID_CRK_ERR"),
    ],
)
def test_not_every_key_serves_an_adapter(api, error_of, kind, status, code):
    assert error_of(create(api, crk_of(api, kind)))[:2] == (status, code)


def test_a_key_that_expires_serves_an_adapter_if_it_is_allowed_to(api, error_of):
    key = crk_of(api, "expiring")
    assert error_of(create(api, key, query="allowExpiringKey=false"))[:2] == (400, "NATIVE_INVALID_CRK_ERR")
    assert create(api, key, query="allowExpiringKey=true").status == 201


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x"},
        {"name": "x" * 41},
        {"name": "a b"},
        {"name": UNKNOWN},
        {"description": "d"},
        {"profile": "native_2.0"},
        {"profile": None},
    ],
)
def test_an_adapter_that_cannot_be(api, error_of, fields):
    assert error_of(create(api, api.create_id(), **fields))[:2] == (400, "INVALID_FIELD_ERR")


def test_the_profile_data_of_an_adapter(api, error_of):
    assert error_of(create(api, "", profile_data={}))[:2] == (400, "INVALID_FIELD_ERR")
    assert error_of(create(api, "", profile_data={"crk_id": "x", "more": 1}))[:2] == (400, "BAD_BODY_ERR")
    assert error_of(create(api, api.create_id(), colour="red"))[:2] == (400, "BAD_BODY_ERR")


def test_the_name_of_an_adapter_is_unique(api, error_of, adapter):
    assert error_of(create(api, api.create_id(), name="vcenter"))[:2] == (409, "KMIP_ADAPTER_DUPLICATE_NAME_ERR")


@pytest.mark.parametrize(
    ("method", "rest"),
    [("GET", ""), ("DELETE", ""), ("GET", "/certificates"), ("GET", "/kmip_objects"), ("GET", f"/kmip_objects/{UNKNOWN}")],
)
@pytest.mark.parametrize("name", [UNKNOWN, "no-such"])
def test_an_adapter_that_is_not_there(api, error_of, method, rest, name):
    assert error_of(api.call(method, f"/kmip_adapters/{name}{rest}"))[:2] == (404, "KMIP_ADAPTER_NOT_FOUND_ERR")


def test_a_root_key_serves_its_adapter_as_long_as_it_is_active(api, error_of, adapter):
    crk = adapter["profile_data"]["crk_id"]
    assert error_of(api.call("DELETE", f"/keys/{crk}", query="force=true"))[:2] == (409, "PROTECTED_RESOURCE_ERR")
    assert api.act(crk, "disable").status == 204
    assert api.call("DELETE", f"/keys/{crk}", query="force=true").status == 204


def test_a_kmip_adapter_manager_needs_no_other_role(api):
    crk = api.create_id()
    response = api.call(
        "POST",
        "/kmip_adapters",
        body(ADAPTER_TYPE, profile="native_1.0", profile_data={"crk_id": crk}),
        roles=(Role.KMIP_ADAPTER_MANAGER,),
    )
    assert response.status == 201


# -- certificates


def test_a_certificate_is_added_found_listed_and_deleted(api, adapter):
    pem = new_certificate()
    response = add(api, "vcenter", pem, name="host-1")
    assert response.header("content-type") == CERTIFICATE_TYPE
    made = only(response, 201)
    assert set(made) == {"id", "name", "certificate", "created_by", "created_at"}
    assert (made["name"], made["certificate"]) == ("host-1", pem)
    at = f"/kmip_adapters/{adapter['id']}/certificates"
    for name in (made["id"], "host-1"):
        assert only(api.call("GET", f"{at}/{name}")) == made
    shown = {name: made[name] for name in ("id", "name", "created_by", "created_at")}
    listed = api.call("GET", at, query="totalCount=true").json()
    assert listed == {"metadata": {"collectionType": CERTIFICATE_TYPE, "collectionTotal": 1, "totalCount": 1}, "resources": [shown]}
    assert api.call("DELETE", f"{at}/host-1").status == 204
    assert api.call("GET", at).json()["metadata"]["collectionTotal"] == 0
    assert add(api, "vcenter", pem).json()["resources"][0]["name"].startswith("kmip_cert_")


def test_a_certificate_moves_the_date_of_its_adapter(api, adapter):
    api.clock.move(seconds=10)
    made = only(add(api, "vcenter", new_certificate()), 201)
    changed = only(api.call("GET", "/kmip_adapters/vcenter"))
    assert adapter["updated_at"] < changed["updated_at"] == made["created_at"]


def test_a_certificate_serves_one_adapter(api, error_of, adapter):
    pem = new_certificate()
    assert add(api, "vcenter", pem, name="host-1").status == 201
    assert error_of(add(api, "vcenter", pem, name="host-2"))[:2] == (409, "KMIP_CERT_DUPLICATE_ERR")
    assert error_of(add(api, "vcenter", new_certificate(), name="host-1"))[:2] == (409, "KMIP_CERT_DUPLICATE_NAME_ERR")
    other = only(create(api, api.create_id(), name="other"), 201)
    response = add(api, other["id"], f"\n{pem}")
    wanted = (
        409,
        "KMIP_CERT_REUSE_ERR",
        "Conflict: KMIP Client Certificate could not be added: Please see `reasons` for more details (KMIP_CERT_REUSE_ERR)",
    )
    assert error_of(response) == wanted
    assert api.call("DELETE", "/kmip_adapters/vcenter").status == 204
    assert add(api, other["id"], pem).status == 201


@pytest.mark.parametrize("case", ["nothing", "text", "two", "truncated", "key"])
def test_what_is_no_certificate_is_refused(api, error_of, adapter, case):
    pem = new_certificate()
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    given = {"nothing": None, "text": "certificate", "two": pem + pem, "truncated": pem[:100] + pem[-27:], "key": private}[case]
    assert error_of(add(api, "vcenter", given))[:2] == (400, "INVALID_FIELD_ERR")
    assert api.call("GET", "/kmip_adapters/vcenter/certificates").json()["metadata"]["collectionTotal"] == 0


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_certificate_that_is_not_there(api, error_of, adapter, method):
    for name in (UNKNOWN, "no-such"):
        response = api.call(method, f"/kmip_adapters/vcenter/certificates/{name}")
        assert error_of(response)[:2] == (404, "KMIP_CERT_NOT_FOUND_ERR")


# -- objects


def test_objects_are_shown_by_state(api, adapter):
    by_state = {state: add_object(api, adapter, state) for state in range(1, 7)}

    def listed(query=""):
        return [one["id"] for one in api.call("GET", "/kmip_adapters/vcenter/kmip_objects", query=query).json().get("resources", [])]

    assert listed() == [by_state[state] for state in (1, 2, 3, 4)]
    assert listed("state=5,6") == [by_state[5], by_state[6]]
    assert listed("state=1%2C2%2C6&limit=1&offset=1") == [by_state[2]]
    shown = only(api.call("GET", f"/kmip_adapters/vcenter/kmip_objects/{by_state[3]}"))
    assert shown == {
        "id": by_state[3],
        "kmip_object_type": 2,
        "state": 3,
        "created_at": "1970-01-01T00:16:40Z",
        "created_by": "iam-ServiceId-x",
        "created_by_kmip_client_cert_id": UNKNOWN,
    }


@pytest.mark.parametrize("query", ["state=0", "state=7", "state=active", "state=1,,2", "limit=5001"])
def test_a_list_of_objects_that_cannot_be(api, error_of, adapter, query):
    assert error_of(api.call("GET", "/kmip_adapters/vcenter/kmip_objects", query=query))[:2] == (400, "INVALID_QUERY_PARAM_ERR")


@pytest.mark.parametrize(
    ("state", "query", "status"),
    [
        *((state, "", 204) for state in (1, 3, 4)),
        *((state, "", 409) for state in (ACTIVE, 5, 6)),
        (ACTIVE, "force=true", 204),
        *((state, "force=true", 409) for state in (5, 6)),
    ],
)
def test_an_object_is_deleted_by_its_state(api, error_of, adapter, state, query, status):
    at = f"/kmip_adapters/vcenter/kmip_objects/{add_object(api, adapter, state)}"
    response = api.call("DELETE", at, query=query)
    assert response.status == status
    if status == 409:
        assert error_of(response)[1] == "KMIP_OBJECT_INVALID_STATE_ERR"
        assert only(api.call("GET", at))["state"] == state
    else:
        after = only(api.call("GET", at))
        assert (after["state"], after["destroyed_by"].startswith("iam-ServiceId-"), "destroyed_at" in after) == (5, True, True)


def test_an_object_that_is_not_there(api, error_of, adapter):
    for method in ("GET", "DELETE"):
        assert error_of(api.call(method, f"/kmip_adapters/vcenter/kmip_objects/{UNKNOWN}"))[:2] == (404, "KMIP_OBJECT_NOT_FOUND_ERR")
        assert error_of(api.call(method, "/kmip_adapters/vcenter/kmip_objects/by-name"))[:2] == (400, "INVALID_FIELD_ERR")


def test_an_adapter_with_active_objects_stays(api, error_of, adapter):
    active, idle = add_object(api, adapter, ACTIVE), add_object(api, adapter, 1)
    assert add(api, "vcenter", new_certificate()).status == 201
    assert error_of(api.call("DELETE", "/kmip_adapters/vcenter"))[:2] == (409, "KMIP_ADAPTER_ACTIVE_OBJECTS_ERR")
    assert api.call("DELETE", f"/kmip_adapters/vcenter/kmip_objects/{active}", query="force=true").status == 204
    assert api.call("DELETE", "/kmip_adapters/vcenter").status == 204
    state = api.simulator.simulator.state
    assert state.get(KmipObject, active) is state.get(KmipObject, idle) is None
