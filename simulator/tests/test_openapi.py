"""The OpenAPI document: the one in docs/ is that of the code, every call is in it, and schemathesis finds no answer that is not."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from keyprotect_simulator.described import DESCRIBED
from keyprotect_simulator.described_iam import DESCRIBED_IAM
from keyprotect_simulator.documentation import OPENAPI, openapi_text
from keyprotect_simulator.iam.service import IAM_ROUTES
from keyprotect_simulator.openapi import openapi_document, schema_told
from keyprotect_simulator.openapi_schemas import SCHEMAS
from keyprotect_simulator.records import AccessPolicy, ApiKey, KmipCertificate, KmipEvent, KmipObject, Put
from keyprotect_simulator.roles import Role
from keyprotect_simulator.routes import KEY, ROUTES
from keyprotect_simulator.testing import running_simulator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of libraries that it loads
    import schemathesis
    from schemathesis import checks
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi import checks as openapi_checks

FILE = Path(__file__).parents[2] / "docs" / OPENAPI
EXAMPLES = 7
"""Cases for each call and mode, so some 800 in all."""
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
SEED = {
    "instances": [
        {
            "name": "kmiplab",
            "key_rings": ["team"],
            "keys": [
                {"name": "root", "id": "00000000-0000-4000-8000-000000000001", "aliases": ["root-alias"], "rotations": 1},
                {"name": "standard", "id": "00000000-0000-4000-8000-000000000002", "extractable": True},
                {"name": "suspended", "id": "00000000-0000-4000-8000-000000000003", "state": "suspended"},
                {"name": "destroyed", "id": "00000000-0000-4000-8000-000000000004", "state": "destroyed"},
            ],
        }
    ]
}
CERTIFICATE, OBJECT = "00000000-0000-4000-8000-00000000000c", "00000000-0000-4000-8000-00000000000d"
KNOWN_IDS = [key["id"] for key in SEED["instances"][0]["keys"]]
INNER = {"certificate": CERTIFICATE, "object": OBJECT}
"""What stands in paths below what has an id."""
OPERATIONS = {result.ok().label: result.ok() for result in schemathesis.openapi.from_dict(openapi_document()).get_all_operations()}


@pytest.fixture(scope="module")
def seeded():
    with running_simulator() as running:
        running.seed(SEED)
        with running.simulator.core.exclusive() as state:
            (policy,) = state.find(AccessPolicy, "grant", f"iam-{running.lab.service_id} {running.instance_id}")
            running.simulator.core.commit(Put(replace(policy, roles=(*policy.roles, Role.ADMINISTRATOR))))
            certificate = KmipCertificate(CERTIFICATE, running.adapter_id, "host", "PEM", "ab" * 32, 1.8e9, "iam-x")
            kmip_object = KmipObject(OBJECT, running.adapter_id, 1, KmipEvent(1.8e9, CERTIFICATE, "iam-x"))
            running.simulator.core.commit(Put(certificate), Put(kmip_object))
        running.simulator.remember_start()
        yield running


@pytest.fixture
def caller(seeded):
    """The headers of one who may do everything but purge; what he did is undone."""
    yield {"Authorization": f"Bearer {seeded.token()}", "Bluemix-Instance": seeded.instance_id}
    seeded.reset()


def test_the_file_is_the_document_of_the_code():
    assert FILE.read_text(encoding="utf-8") == openapi_text(), "run: python -m keyprotect_simulator.documentation docs/simulator.md"


def test_every_call_is_described_and_nothing_else():
    assert set(DESCRIBED) == {f"{route.method} {route.path}" for route in ROUTES}
    assert set(DESCRIBED_IAM) == {f"{route.method} {route.path}" for route in IAM_ROUTES}
    assert {described.answer for described in (*DESCRIBED.values(), *DESCRIBED_IAM.values())} - {""} <= SCHEMAS.keys()


def test_every_call_is_in_the_document():
    told = {f"{method.upper()} {path}" for path, methods in openapi_document()["paths"].items() for method in methods}
    assert told == {f"{route.method} {route.path}" for route in (*ROUTES, *IAM_ROUTES)} | {f"POST {KEY}"}
    names = [one["operationId"] for methods in openapi_document()["paths"].values() for one in methods.values()]
    assert len(set(names)) == len(names)


def test_it_is_served(seeded):
    assert httpx.get(f"{seeded.url}/_simulator/openapi.json").json() == openapi_document()


@pytest.mark.parametrize(
    ("rule", "schema"),
    [
        ("an integer between 1 and 200 (inclusive)", {"type": "integer", "minimum": 1, "maximum": 200}),
        ("an integer greater than or equal to 0", {"type": "integer", "minimum": 0}),
        ("one of rotation, dualAuthDelete", {"type": "string", "enum": ["rotation", "dualAuthDelete"]}),
        ("a boolean", {"type": "boolean"}),
        ("anything else", {"type": "string"}),
    ],
)
def test_rules_become_schemas(rule, schema):
    assert schema_told(rule) == schema


def can_be_wrong(operation):
    """Whether anything in a call can be unlawful."""
    return bool(operation.body or operation.query or operation.path_parameters)


CASES = [
    *((label, GenerationMode.POSITIVE) for label in OPERATIONS),
    *((label, GenerationMode.NEGATIVE) for label, operation in OPERATIONS.items() if can_be_wrong(operation)),
]


@pytest.mark.parametrize(("label", "mode"), CASES, ids=[f"{mode.value} {label}" for label, mode in CASES])
def test_no_crash_and_no_answer_that_is_not_documented(seeded, caller, label, mode):
    operation = OPERATIONS[label]
    headers = {} if operation.path.startswith(("/identity", "/oidc")) else caller

    ids = {
        "kmip_adapters": seeded.adapter_id,
        "key_rings": "team",
        "serviceids": seeded.lab.service_id,
        "apikeys": seeded.simulator.state.find(ApiKey, "service_id", seeded.lab.service_id)[0].id,
        "policies": seeded.simulator.state.find(AccessPolicy, "iam_id", f"iam-{seeded.lab.service_id}")[0].id,
    }

    @given(case=operation.as_strategy(generation_mode=mode), key_id=st.sampled_from([*KNOWN_IDS, "root-alias", seeded.crk_id, ""]))
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def holds(case, key_id):
        if key_id and "id" in (case.path_parameters or {}):
            named = operation.path.removeprefix("/api/v2/").removeprefix("/v1/").partition("/")[0]
            if operation.label != "POST /api/v2/key_rings/{id}":  # which makes one
                case.path_parameters["id"] = ids.get(named, key_id)
            case.path_parameters |= {name: known for name, known in INNER.items() if name in case.path_parameters}
            case.headers.pop("X-Kms-Key-Ring", None)  # no key is in a ring of chance
        answer = case.call(base_url=seeded.url, headers=headers)
        case.validate_response(answer, checks=CHECKS)

    holds()


@pytest.mark.parametrize("label", [f"GET {KEY}", f"GET {KEY}/metadata", f"GET {KEY}/policies", f"GET {KEY}/versions", "GET /api/v2/keys"])
@pytest.mark.parametrize("key_id", KNOWN_IDS)
def test_keys_in_every_state_are_shown_as_documented(seeded, caller, label, key_id):
    operation = OPERATIONS[label]
    query = {"state": "0,1,2,3,5"} if label.endswith("keys") else {"allKeyStates": "true"} if label.endswith("versions") else {}
    case = operation.Case(path_parameters={"id": key_id}, query=query, headers=caller)
    case.call_and_validate(base_url=seeded.url, headers=caller, checks=CHECKS)


def test_schemathesis_would_tell(seeded, caller):
    document = {**openapi_document(), "paths": {"/api/v2/keys": {"get": dict(openapi_document()["paths"]["/api/v2/keys"]["get"])}}}
    document["paths"]["/api/v2/keys"]["get"]["responses"] = {"204": {"description": "never"}}
    (operation,) = (result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations())
    case = operation.Case(headers=caller)
    with pytest.raises(checks.FailureGroup, match="Undocumented status code"):
        case.call_and_validate(base_url=seeded.url, headers=caller, checks=CHECKS)
