"""KMIP adapters of a lab: made over REST, served over KMIP."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from kmip_conformance.client import Target, connect
from kmip_conformance.errors import TargetError
from kmip_conformance.requests import (
    activate,
    create_symmetric_key,
    discover_versions,
    get,
    get_attribute_list,
    locate,
    query,
    register_secret_data,
    request,
)
from kmip_conformance.tables import V1_1, QueryFunction, ResultReason, ResultStatus, Tag
from kmip_conformance.wire import Response
from kmip_server.directory import pki
from labs import Lab, ask, create, kmiplab, material, up

from kmiplab.lab_client import directory_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

KEY_TYPE = "application/vnd.ibm.kms.key+json"
ACTIVE, DESTROYED = 2, 5


def resource(**fields: Any) -> dict[str, Any]:
    return {"metadata": {"collectionType": KEY_TYPE, "collectionTotal": 1}, "resources": [fields]}


def made(lab: Lab, path: str, **fields: Any) -> dict[str, Any]:
    """What is made at a path of the Key Protect API."""
    response = lab.key_protect("POST", path, resource(**fields))
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()["resources"][0]
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with up(tmp_path_factory.mktemp("lab")) as running:
        yield running


@contextmanager
def self_signed(lab: Lab, folder: Path) -> Iterator[tuple[str, Target]]:
    """A certificate that nobody knows yet, PEM, and the lab's server as its holder reaches it."""
    certificate, key = folder / "adapter.pem", folder / "adapter.key"
    pki.create_self_signed("vcenter").write(certificate, key)
    kmip = lab.target
    yield certificate.read_text(encoding="ascii"), Target(kmip.host, kmip.port, ca=kmip.ca, cert=certificate, key=key)


def is_served(target: Target) -> bool:
    """Whether the server lets the holder of the target's certificate create a key."""
    try:
        with connect(target) as connection:
            return create(connection) != ""
    except (TargetError, AssertionError, OSError):
        return False


def test_an_adapter_over_rest_is_a_client_over_kmip(lab: Lab, tmp_path: Path) -> None:
    crk = made(lab, "/keys", name="crk-of-an-adapter", extractable=False)["id"]
    adapter = made(lab, "/kmip_adapters", name="vcenter", profile="native_1.0", profile_data={"crk_id": crk})["id"]
    at = f"/kmip_adapters/{adapter}"
    with self_signed(lab, tmp_path) as (pem, target):
        assert not is_served(target)
        certificate = made(lab, f"{at}/certificates", certificate=pem, name="host")["id"]
        with connect(target) as connection:
            identifier = create(connection)
            assert material(connection, identifier) is not None
            assert ask(connection, activate(identifier)).result_status == ResultStatus.SUCCESS
            (shown,) = lab.key_protect("GET", f"{at}/kmip_objects").json()["resources"]
            assert (shown["id"], shown["kmip_object_type"], shown["state"]) == (identifier, 2, ACTIVE)
            assert lab.key_protect("DELETE", at).status_code == 409
            assert lab.key_protect("DELETE", f"{at}/kmip_objects/{identifier}").status_code == 409
            assert lab.key_protect("DELETE", f"{at}/kmip_objects/{identifier}?force=true").status_code == 204
            assert material(connection, identifier) is None
        (shown,) = lab.key_protect("GET", f"{at}/kmip_objects?state=5").json()["resources"]
        assert (shown["state"], "destroyed_at" in shown) == (DESTROYED, True)
        assert lab.key_protect("DELETE", f"{at}/certificates/{certificate}").status_code == 204
        assert not is_served(target)
        assert lab.key_protect("DELETE", at).status_code == 204
        assert lab.key_protect("DELETE", f"/keys/{crk}").status_code == 204


def test_the_root_key_of_an_adapter_is_its_own(lab: Lab, tmp_path: Path) -> None:
    crk = made(lab, "/keys", name="another-crk", extractable=False)["id"]
    adapter = made(lab, "/kmip_adapters", profile="native_1.0", profile_data={"crk_id": crk})["id"]
    with self_signed(lab, tmp_path) as (pem, target):
        made(lab, f"/kmip_adapters/{adapter}/certificates", certificate=pem)
        assert is_served(target)
        lab.key_protect("POST", f"/keys/{crk}/actions/disable").raise_for_status()
        assert not is_served(target)
        with connect(lab.target) as connection:
            assert create(connection)


def test_a_certificate_of_another_client_is_refused_and_not_kept(lab: Lab, tmp_path: Path) -> None:
    crk = lab.ready["key_protect"]["crk_id"]
    made(lab, "/kmip_adapters", name="late", profile="native_1.0", profile_data={"crk_id": crk})
    with self_signed(lab, tmp_path) as (pem, target):
        with directory_of(lab.state_dir) as directory:
            stranger = directory.add_client("stranger")
            directory.add_certificate(stranger.id, pem)
        response = lab.key_protect("POST", "/kmip_adapters/late/certificates", resource(certificate=pem))
        assert (response.status_code, response.json()["resources"][0]["reasons"][0]["code"]) == (409, "KMIP_CERT_REUSE_ERR")
        assert lab.key_protect("GET", "/kmip_adapters/late/certificates").json()["metadata"]["collectionTotal"] == 0
        assert is_served(target)
    assert lab.key_protect("GET", "/kmip_adapters/late/kmip_objects").json()["metadata"]["collectionTotal"] == 0


def test_the_labs_own_adapter_shows_its_certificate(lab: Lab) -> None:
    own = lab.ready["key_protect"]["adapter_id"]
    (shown,) = lab.key_protect("GET", f"/kmip_adapters/{own}/certificates").json()["resources"]
    pem = lab.key_protect("GET", f"/kmip_adapters/{own}/certificates/{shown['id']}").json()["resources"][0]["certificate"]
    assert pem == (lab.state_dir / "client.pem").read_text(encoding="ascii")
    response = lab.key_protect("POST", f"/kmip_adapters/{own}/certificates", resource(certificate=pem))
    assert (response.status_code, response.json()["resources"][0]["reasons"][0]["code"]) == (409, "KMIP_CERT_DUPLICATE_ERR")


def test_adapters_outlive_a_restart(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        crk = first.ready["key_protect"]["crk_id"]
        adapter = made(first, "/kmip_adapters", name="vcenter", profile="native_1.0", profile_data={"crk_id": crk})["id"]
        with self_signed(first, tmp_path) as (pem, target):
            made(first, f"/kmip_adapters/{adapter}/certificates", certificate=pem)
            assert is_served(target)
        assert first.end() == 0
    with up(tmp_path) as second:
        target = Target(second.target.host, second.target.port, ca=second.target.ca, cert=target.cert, key=target.key)
        assert is_served(target)
        assert len(second.key_protect("GET", "/kmip_adapters/vcenter/kmip_objects").json()["resources"]) == 2


def move_clock(lab: Lab, seconds: float) -> None:
    """Move the time of the lab's Key Protect on."""
    lab.control("POST", "/clock", {"seconds": seconds})


def comes_to_be_served(target: Target) -> bool:
    deadline = time.monotonic() + 10
    while not is_served(target):
        if time.monotonic() > deadline:
            return False
    return True


def test_a_certificate_may_take_its_time(tmp_path: Path) -> None:
    delay = ("--certificate-delay", "300")
    with up(tmp_path, *delay) as lab, self_signed(lab, tmp_path) as (pem, target):
        own = lab.ready["key_protect"]["adapter_id"]
        made(lab, f"/kmip_adapters/{own}/certificates", certificate=pem, name="late")
        another = made(lab, "/kmip_adapters", profile="native_1.0", profile_data={"crk_id": lab.ready["key_protect"]["crk_id"]})["id"]
        refused = lab.key_protect("POST", f"/kmip_adapters/{another}/certificates", resource(certificate=pem))
        assert refused.json()["resources"][0]["reasons"][0]["code"] == "KMIP_CERT_REUSE_ERR"
        move_clock(lab, 290)
        assert not is_served(target)
        assert is_served(lab.target)
        move_clock(lab, 20)
        assert comes_to_be_served(target)
        assert lab.key_protect("DELETE", f"/kmip_adapters/{own}/certificates/late").status_code == 204
        assert not is_served(target)
        made(lab, f"/kmip_adapters/{own}/certificates", certificate=pem, name="later")
        assert lab.end() == 0
    with up(tmp_path, *delay) as lab:
        again = Target(lab.target.host, lab.target.port, ca=lab.target.ca, cert=target.cert, key=target.key)
        assert not is_served(again)
        move_clock(lab, 310)
        assert comes_to_be_served(again)


def test_a_certificate_that_waited_in_vain_is_forgotten(tmp_path: Path) -> None:
    with up(tmp_path, "--certificate-delay", "0.5") as lab, self_signed(lab, tmp_path) as (pem, target):
        own = lab.ready["key_protect"]["adapter_id"]
        made(lab, f"/kmip_adapters/{own}/certificates", certificate=pem, name="first")
        assert lab.key_protect("DELETE", f"/kmip_adapters/{own}/certificates/first").status_code == 204
        made(lab, f"/kmip_adapters/{own}/certificates", certificate=pem, name="second")
        assert comes_to_be_served(target)
        with directory_of(lab.state_dir) as directory:
            assert [one.name for one in directory.certificates()][1:] == ["second"]


@pytest.mark.parametrize(("words", "served"), [((), True), (("--only-offered-versions",), False)])
def test_the_native_personality(tmp_path: Path, words: tuple[str, ...], *, served: bool) -> None:
    """1.4 alone is offered, nine operations are served; older requests are too, unless they are not to be."""
    with up(tmp_path, "--personality", "keyprotect-native", *words) as lab, connect(lab.target) as connection:
        offered = ask(connection, discover_versions()).payload.all(Tag.PROTOCOL_VERSION)
        assert [(one.number(Tag.PROTOCOL_VERSION_MAJOR), one.number(Tag.PROTOCOL_VERSION_MINOR)) for one in offered] == [(1, 4)]
        for item in (query(QueryFunction.QUERY_OPERATIONS), get_attribute_list("x"), register_secret_data(b"x")):
            assert ask(connection, item).result_reason == ResultReason.OPERATION_NOT_SUPPORTED
        answer = connection.exchange(request(V1_1, create_symmetric_key(length=256), query(), ids=(b"1", b"2"))).response
        assert isinstance(answer, bytes)
        items = Response.read(answer).batch_items
        reasons = [item.result_reason for item in items]
        assert reasons == ([None, ResultReason.OPERATION_NOT_SUPPORTED] if served else [ResultReason.INVALID_MESSAGE])
        assert create(connection), "the connection lives on"
        told = lab.ready["kmip"]
        files = [word for name in ("ca", "cert", "key") for word in (f"--{name}", told[name])]
        words = ("--target", f"{told['host']}:{told['port']}", *files, "--kmip-version", "1.1", "--report-dir", tmp_path / "report")
        checked = kmiplab("check", *words, "--select", "vmware.vsan,vmware.vcenter-7.0.3")
        assert checked.returncode == (0 if served else 5), checked.stdout + checked.stderr


ADAPTER = {"name": "vcenter", "key": "root"}
SEED = {"instances": [{"name": "payments", "region": "eu-de", "keys": [{"name": "root"}], "kmip_adapters": [ADAPTER]}]}


def with_certificate(lab: Lab, instance: str, pem: str) -> httpx.Response:
    return lab.key_protect("POST", "/kmip_adapters/vcenter/certificates", resource(certificate=pem, name="host"), instance=instance)


def objects_of(lab: Lab, instance: str, name: str = "vcenter") -> int:
    total: int = lab.key_protect("GET", f"/kmip_adapters/{name}/kmip_objects", instance=instance).json()["metadata"]["collectionTotal"]
    return total


def test_adapters_of_every_instance_are_served(tmp_path: Path) -> None:
    """Each instance wraps for its own adapters, in whatever region; and while that is off, others go on."""
    with up(tmp_path, "--cache-seconds", "0") as lab, self_signed(lab, tmp_path) as (pem, target):
        instance = lab.control("POST", "/seed", SEED)["instances"]["payments"]["id"]
        assert with_certificate(lab, instance, pem).status_code == 201
        with connect(target) as connection:
            identifier = create(connection)
            key = material(connection, identifier)
            assert key is not None
            lab.control("PUT", "/regions", {"away": ["eu-de"]})
            assert ask(connection, get(identifier)).result_reason == ResultReason.GENERAL_FAILURE
            assert ask(connection, locate()).result_status == ResultStatus.SUCCESS
            assert is_served(lab.target)
            lab.control("PUT", "/regions", {"away": []})
            deadline = time.monotonic() + 10
            while material(connection, identifier) != key:
                assert time.monotonic() < deadline
        assert objects_of(lab, instance) == 1
        lab.crk("disable")
        assert is_served(target)
        assert not is_served(lab.target)
        assert lab.end() == 0
    with up(tmp_path, "--cache-seconds", "0") as lab:
        again = Target(lab.target.host, lab.target.port, ca=lab.target.ca, cert=target.cert, key=target.key)
        with connect(again) as connection:
            assert material(connection, identifier) == key
        (adapter,) = lab.key_protect("GET", "/kmip_adapters", instance=instance).json()["resources"]
        assert lab.key_protect("DELETE", f"/kmip_adapters/{adapter['id']}", instance=instance).status_code == 204
        assert not is_served(again)
        with directory_of(lab.state_dir) as directory:
            assert directory.keepers() == []


def test_a_reset_of_the_simulator_leaves_clients_their_objects(tmp_path: Path) -> None:
    with up(tmp_path) as lab, connect(lab.target) as connection:
        identifier = create(connection)
        instance = lab.control("POST", "/seed", SEED)["instances"]["payments"]["id"]
        lab.control("POST", "/reset", {})
        assert material(connection, identifier) is not None
        assert objects_of(lab, lab.ready["key_protect"]["instance_id"], "kmiplab") == 1
        with connect(lab.target) as another:
            assert material(another, identifier) is not None
        with directory_of(lab.state_dir) as directory:
            assert directory.keepers() == [], f"instance {instance} is gone"
