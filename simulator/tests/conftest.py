"""What the tests share: a client that speaks over a real socket, through `requests` under the mock, or straight to the core.

Contract tests take `api` and run on all ways in. Each test has a Key Protect instance of its own, so that the simulator itself can be
shared by all tests of a module; its clock only ever moves forward.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jsonschema_rs import Draft202012Validator
from keyprotect_simulator.faults import Fault
from keyprotect_simulator.iam.faults import IamFault
from keyprotect_simulator.iam.service import PREFIXES
from keyprotect_simulator.iam.service import find_route as find_iam_route
from keyprotect_simulator.messages import ApiRequest, ApiResponse
from keyprotect_simulator.mock import MockedKeyProtect, answering
from keyprotect_simulator.openapi import openapi_document
from keyprotect_simulator.refusals import refusals_of
from keyprotect_simulator.roles import Role
from keyprotect_simulator.routing import find_route
from keyprotect_simulator.testing import RunningSimulator, running_simulator

sys.path.append(str(Path(__file__).parent))  # importlib mode puts no test folder on the path; `contract_tables` is a module of its own

KEY_TYPE = "application/vnd.ibm.kms.key+json"
EVERY_ROLE = (Role.READER_PLUS, Role.WRITER, Role.MANAGER)


class Api:
    """Requests to one instance of a simulator, by an identity that may do everything but purge."""

    def __init__(self, simulator: RunningSimulator, http: httpx.Client | MockedKeyProtect | None) -> None:
        self.simulator = simulator
        self.clock = simulator.clock
        self.instance_id = simulator.add_instance()
        self._http = http
        self._tokens: dict[tuple[Role, ...], str] = {}

    def token(self, *roles: Role) -> str:
        """A token of an identity with these roles on this test's instance."""
        if roles not in self._tokens:
            identity = self.simulator.add_service_id(*roles, instance_id=self.instance_id)
            self._tokens[roles] = self.simulator.token(identity.api_key)
        return self._tokens[roles]

    def send(self, method: str, path: str, *, query: str = "", headers: dict[str, str] | None = None, content: bytes = b"") -> ApiResponse:
        """A request exactly as given. No answer is another than the OpenAPI document and the table of `refusals` have for its call."""
        answer = self._sent(method, path, query, headers or {}, content)
        if answer.status < 500:
            require_told(ApiRequest(method, path, query), answer)
        return answer

    def _sent(self, method: str, path: str, query: str, given: dict[str, str], content: bytes) -> ApiResponse:
        if self._http is None:
            lower = {name.lower(): value for name, value in given.items()}
            return self.simulator.simulator.handle(ApiRequest(method, path, query, lower, content))
        if isinstance(self._http, MockedKeyProtect):
            return self._mocked(method, f"{self._http.url}{path}?{query}" if query else f"{self._http.url}{path}", given, content)
        answer = self._http.request(method, f"{path}?{query}" if query else path, headers=given, content=content)
        return ApiResponse(answer.status_code, tuple(answer.headers.items()), answer.content)

    def _mocked(self, method: str, url: str, headers: dict[str, str], content: bytes) -> ApiResponse:
        session = requests.Session()
        prepared = requests.Request(method, url, headers={"Accept": "*/*", **headers}, data=content).prepare()
        answer = session.send(prepared)
        return ApiResponse(answer.status_code, tuple(answer.headers.items()), answer.content)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str = "",
        roles: tuple[Role, ...] = EVERY_ROLE,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> ApiResponse:
        """A request to /api/v2 with a good token and instance header; further headers replace these."""
        standard = {"Authorization": f"Bearer {self.token(*roles)}", "Bluemix-Instance": self.instance_id}
        if content is None:
            content = b"" if body is None else json.dumps(body).encode()
        if content:
            standard["Content-Type"] = "application/json"
        return self.send(method, f"/api/v2{path}", query=query, headers={**standard, **(headers or {})}, content=content)

    def create(self, *, prefer: str = "return=representation", **fields: Any) -> dict[str, Any]:
        """A new key, a root key unless `extractable` says otherwise."""
        response = self.call("POST", "/keys", key_body(**fields), headers={"Prefer": prefer})
        assert response.status == 201, response.body
        return response.json()["resources"][0]

    def create_id(self, **fields: Any) -> str:
        """The id of a new key."""
        return str(self.create(**fields)["id"])

    def act(self, key_id: str, action: str, body: Any = None, **more: Any) -> ApiResponse:
        """An action on a key."""
        path = f"/keys/{key_id}/restore" if action == "restore" else f"/keys/{key_id}/actions/{action}"
        return self.call("POST", path, body, **more)

    def wrap(self, key_id: str, plaintext: bytes, *aad: str) -> str:
        """The ciphertext of a plaintext."""
        body: dict[str, Any] = {"plaintext": base64.b64encode(plaintext).decode()}
        if aad:
            body["aad"] = list(aad)
        response = self.act(key_id, "wrap", body)
        assert response.status == 200, response.body
        return str(response.json()["ciphertext"])

    def metadata(self, key_id: str) -> dict[str, Any]:
        """What the service says about a key."""
        response = self.call("GET", f"/keys/{key_id}/metadata")
        assert response.status == 200, response.body
        return response.json()["resources"][0]


def require_told(request: ApiRequest, answer: ApiResponse) -> None:
    """Fail for a status, a body or a reason code that this call is not documented to answer."""
    find = find_iam_route if request.path.startswith(PREFIXES) else find_route
    try:
        route = find(request)[0]
    except (Fault, IamFault):
        return  # no call at all
    call = f"{route.method} {route.path}"
    document = openapi_document()
    responses = document["paths"][route.path][route.method.lower()]["responses"]
    assert str(answer.status) in responses, f"{call} answered {answer.status}: {answer.body!r}"
    told = responses[str(answer.status)]
    if "$ref" in told:
        told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    if answer.body or (answer.status < 400 and "content" in told):
        (schema,) = {content["schema"]["$ref"] for content in told["content"].values()}
        validator(schema).validate(answer.json())
    if answer.status >= 400 and find is find_route:
        reasons = answer.json()["resources"][0].get("reasons", [{}]) if answer.body else [{}]
        refusal = reasons[0].get("code", str(answer.status))
        assert refusal in refusals_of(call), f"{call} refused with {refusal}"


@cache
def validator(schema: str) -> Draft202012Validator:
    """What holds documents to a schema of the OpenAPI document."""
    return Draft202012Validator({"$ref": schema, "components": openapi_document()["components"]}, validate_formats=True)


def key_body(**fields: Any) -> dict[str, Any]:
    """The body of a create."""
    resource = {"type": KEY_TYPE, "name": "a key", "extractable": False, **fields}
    return {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [resource]}


@pytest.fixture(scope="module")
def simulator():
    """A simulator over HTTP, shared by the tests of a module."""
    with running_simulator() as running:
        yield running


@pytest.fixture(scope="module")
def http(simulator):
    """A connection to it."""
    with httpx.Client(base_url=simulator.url) as client:
        yield client


@pytest.fixture(params=["http", "mock", "in-process"])
def api(request, simulator, http):
    """A client with an instance of its own: over a socket, through `requests`, and straight to the core."""
    if request.param == "mock":
        with answering(simulator.simulator) as mocked:
            yield Api(simulator, mocked)
    else:
        yield Api(simulator, http if request.param == "http" else None)


@pytest.fixture
def core_api(simulator):
    """A client with an instance of its own, without a socket."""
    return Api(simulator, None)


@pytest.fixture(scope="module")
def pem():
    """Gives a certificate that was never used."""
    key = ec.generate_private_key(ec.SECP256R1())
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a client")])

    def make():
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start.replace(year=2036))
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    return make


@pytest.fixture
def running(simulator):
    yield simulator
    simulator.reset()


@pytest.fixture
def control(running):
    with httpx.Client(base_url=f"{running.url}/_simulator") as client:
        yield client


@pytest.fixture
def error_of():
    """Takes an error apart, and holds it to the one shape that errors have."""
    return parsed_error


def parsed_error(response: ApiResponse) -> tuple[int, str, str]:
    """Status, reason code ("" when there is none) and errorMsg."""
    document = response.json()
    assert document["metadata"] == {"collectionType": "application/vnd.ibm.kms.error+json", "collectionTotal": 1}
    (resource,) = document["resources"]
    reasons = resource.get("reasons", [{"code": "", "status": response.status}])
    assert reasons[0]["status"] == response.status
    if reasons[0]["code"]:
        assert reasons[0]["moreInfo"] == "https://cloud.ibm.com/apidocs/key-protect"
        assert resource["errorMsg"].endswith(f": Please see `reasons` for more details ({reasons[0]['code']})")
    assert response.header("content-type") == "application/json"
    assert response.header("correlation-id")
    return response.status, reasons[0]["code"], resource["errorMsg"]
