"""The simulator's part of `kmiplab up`: its options, its console, and a reset that loses nothing of what the KMIP server keeps."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
from keyprotect_simulator.testing import running_simulator
from kmip_conformance.client import connect
from kmip_server.directory import pki
from labs import create, kmiplab, material, up

if TYPE_CHECKING:
    from pathlib import Path

    from labs import Lab

SEED = """
[[instances]]
name = "kmiplab"
keys = [{ name = "orders", aliases = ["orders-key"] }]
kmip_adapters = [{ name = "seeded", key = "orders" }]
"""


def control(lab: Lab, method: str, path: str, **more: object) -> httpx.Response:
    """A call of the control API."""
    return httpx.request(method, f"{lab.ready['key_protect']['url']}/_simulator{path}", trust_env=False, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("personality", ["reference", "kmip-for-vmware"])
def test_a_reset_keeps_what_the_keys_of_the_kmip_server_need(tmp_path: Path, personality: str) -> None:
    """Root key versions, and with the classic service the standard keys too."""
    words = ("--cache-seconds", "0", "--personality", personality)
    with up(tmp_path, *words) as lab, connect(lab.target) as connection:
        before = create(connection)
        first = material(connection, before)
        lab.crk("rotate")
        after = create(connection)
        second = material(connection, after)
        lab.crk("disable")
        assert (first is None, second is None, material(connection, after)) == (False, False, None)

        assert control(lab, "POST", "/reset").status_code == 204

        assert (material(connection, before), material(connection, after)) == (first, second)
        versions = lab.key_protect("GET", f"/keys/{lab.ready['key_protect']['crk_id']}/versions").json()
        assert versions["metadata"]["collectionTotal"] == 2
    with up(tmp_path, *words) as again, connect(again.target) as connection:
        assert (material(connection, before), material(connection, after)) == (first, second)


def test_another_labs_state_is_refused(tmp_path: Path) -> None:
    with running_simulator() as other:
        foreign = other.export()
    with up(tmp_path) as lab, connect(lab.target) as connection:
        identifier = create(connection)
        own = control(lab, "GET", "/state").json()
        refusal = control(lab, "PUT", "/state", json=foreign)
        assert (refusal.status_code, "another lab" in refusal.json()["error"]) == (409, True)
        assert control(lab, "PUT", "/state", json=own).status_code == 204
        assert material(connection, identifier) is not None


def test_the_overview_has_the_objects_of_the_kmip_server(tmp_path: Path) -> None:
    with up(tmp_path) as lab, connect(lab.target) as connection:
        older, identifier = create(connection), create(connection)
        overview = control(lab, "GET", "/overview").json()
        assert [found["id"] for found in overview["records"]["kmip_object"]] == [older, identifier]
        assert overview["records"]["kmip_object"][0]["created"]["at"].endswith("Z")
        assert f"  console     {lab.ready['key_protect']['url']}/_simulator" in lab.log.read_text()


def test_a_seed_comes_up_over_https_and_its_adapters_are_served(tmp_path: Path) -> None:
    seed, cert, key = tmp_path / "seed.toml", tmp_path / "cert.pem", tmp_path / "key.pem"
    seed.write_text(SEED)
    pki.create_self_signed("another-name").write(cert, key)
    with up(tmp_path, "--seed", seed, "--cert", cert, "--key", key, "--no-control") as lab:
        url = lab.ready["key_protect"]["url"]
        assert url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(cert))
        trusting.check_hostname = False
        with httpx.Client(verify=trusting, trust_env=False) as client:
            form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": lab.ready["key_protect"]["api_key"]}
            token = client.post(lab.ready["key_protect"]["iam_url"], data=form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": lab.ready["key_protect"]["instance_id"]}
            (seeded,) = client.get(f"{url}/api/v2/kmip_adapters/seeded", headers=headers).json()["resources"]
            assert client.get(f"{url}/api/v2/keys/orders-key", headers=headers).status_code == 200
            assert client.get(f"{url}/_simulator").status_code == 404
        assert f"adapter-{seeded['id']}" in kmiplab("client", "list", "--state-dir", lab.state_dir).stdout
        with connect(lab.target) as connection:
            assert material(connection, create(connection)) is not None
        assert "console" not in lab.log.read_text()
        assert lab.end() == 0


def test_what_cannot_be_used_ends_it_with_a_word(tmp_path: Path) -> None:
    words = ("up", "--state-dir", tmp_path / "state", "--kmip-port", "0", "--http-port", "0")
    nothing = kmiplab(*words, "--seed", tmp_path / "nothing.toml")
    assert (nothing.returncode, "No such file" in nothing.stderr) == (4, True)
    half = kmiplab(*words, "--cert", tmp_path / "cert.pem")
    assert (half.returncode, "go together" in half.stderr) == (4, True)
    bad = kmiplab(*words, "--cert", tmp_path / "cert.pem", "--key", tmp_path / "key.pem")
    assert (bad.returncode, "cannot speak TLS" in bad.stderr) == (4, True)
