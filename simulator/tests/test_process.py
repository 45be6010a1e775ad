"""`kmiplab simulate` as people and scripts start it: the ready file, signals, the log, and clear errors."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

COMMAND = [sys.executable, "-m", "kmiplab", "simulate"]


@contextlib.contextmanager
def simulate(folder, *arguments):
    """A running `kmiplab simulate`, what its ready file said, and its process."""
    ready_file = folder / "ready.json"
    command = [*COMMAND, "--port", "0", "--ready-file", str(ready_file), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 20
        while pid_in(ready_file) != process.pid:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process, json.loads(ready_file.read_text())
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def pid_in(ready_file):
    """Whose ready file it is: one that a killed simulator left goes before the new one comes."""
    with contextlib.suppress(FileNotFoundError):
        return json.loads(ready_file.read_text())["pid"]


def end(process, number):
    process.send_signal(number)
    output, log = process.communicate(timeout=20)
    return process.returncode, output, log


def token_of(connection, client=httpx):
    form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": connection["api_key"]}
    return client.post(connection["iam_url"], data=form).json()["access_token"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_with_0(tmp_path, number):
    with simulate(tmp_path) as (process, ready):
        assert ready["pid"] == process.pid
        connection = ready["key_protect"]
        assert set(connection) == {"url", "iam_url", "api_key", "instance_id", "crk_id", "adapter_id"}
        assert (tmp_path / "ready.json").stat().st_mode & 0o777 == 0o600
        headers = {"Authorization": f"Bearer {token_of(connection)}", "Bluemix-Instance": connection["instance_id"]}
        wrapped = httpx.post(f"{connection['url']}/api/v2/keys/{connection['crk_id']}/actions/wrap", headers=headers)
        assert wrapped.status_code == 200
        code, output, _ = end(process, number)
        assert code == 0
        assert f"IBM_KEY_PROTECT_API_URL={connection['url']}" in output
        assert connection["instance_id"] in output
    assert not (tmp_path / "ready.json").exists()


def test_it_ends_at_once_although_clients_keep_their_connections(tmp_path):
    with simulate(tmp_path) as (process, ready), httpx.Client() as client:
        token_of(ready["key_protect"], client)
        started = time.monotonic()
        assert end(process, signal.SIGTERM)[0] == 0
        assert time.monotonic() - started < 1.5


def test_the_log_has_a_line_a_request_and_no_secret_in_it(tmp_path):
    with simulate(tmp_path, "--log-format", "json") as (process, ready):
        connection = ready["key_protect"]
        token = token_of(connection)
        headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": connection["instance_id"]}
        key = f"{connection['url']}/api/v2/keys/{connection['crk_id']}"
        plaintext = "c2VjcmV0IHBheWxvYWQ="
        httpx.post(f"{key}/actions/wrap", headers=headers, json={"plaintext": plaintext})
        httpx.get(f"{connection['url']}/api/v2/keys?limit=0&apikey=in-the-query", headers=headers)
        httpx.get(f"{connection['url']}/%0a%1b[2Jforged", headers=headers)
        _, _, log = end(process, signal.SIGTERM)
    lines = [json.loads(line) for line in log.splitlines()]
    assert [(line["method"], line["status"], line["error"]) for line in lines] == [
        ("POST", 200, ""),
        ("POST", 200, ""),
        ("GET", 400, "INVALID_QUERY_PARAM_ERR"),
        ("GET", 404, "404"),
    ]
    assert lines[1]["caller"].startswith("iam-ServiceId-")
    assert lines[1]["path"].endswith("/actions/wrap")
    assert lines[1]["correlation_id"]
    assert all(line["microseconds"] > 0 for line in lines)
    for secret in (token, connection["api_key"], plaintext, "in-the-query", "\x1b"):
        assert secret not in log


def test_the_log_for_people_has_no_control_characters(tmp_path):
    with simulate(tmp_path, "--log-format", "human") as (process, ready):
        httpx.get(f"{ready['key_protect']['url']}/%0aGET%1b[2J")
        _, _, log = end(process, signal.SIGTERM)
    assert len(log.splitlines()) == 1
    assert "GET /\\x0aGET\\x1b[2J 404" in log


def test_what_was_answered_is_there_after_kill_9(tmp_path):
    state = ("--state-dir", str(tmp_path / "state"))
    with simulate(tmp_path, *state) as (process, first):
        connection = first["key_protect"]
        headers = {"Authorization": f"Bearer {token_of(connection)}", "Bluemix-Instance": connection["instance_id"]}
        body = {"metadata": {"collectionType": "x", "collectionTotal": 1}, "resources": [{"name": "kept"}]}
        created = httpx.post(f"{connection['url']}/api/v2/keys", headers=headers, json=body).json()["resources"][0]["id"]
        process.kill()
        process.wait()
    with simulate(tmp_path, *state) as (_, second):
        again = second["key_protect"]
        assert {name: again[name] for name in again if "url" not in name} == {name: connection[name] for name in again if "url" not in name}
        assert httpx.get(f"{again['url']}/api/v2/keys/{created}/metadata", headers=headers).status_code == 200


def failure(*arguments, env=None):
    finished = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=30, env=env)
    assert "Traceback" not in finished.stderr
    assert "hint: " in finished.stderr
    return finished.returncode, finished.stderr


def test_a_port_in_use_is_one_clear_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = failure("--port", str(port))
    assert code == 4
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in said


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_one_clear_error(host):
    code, said = failure("--host", host, "--port", "0")
    assert code == 4
    assert f"cannot listen on {host}" in said


def test_a_bad_state_folder_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    code, said = failure("--port", "0", "--state-dir", str(tmp_path / "file"))
    assert code == 4
    assert f"cannot use the state folder {tmp_path / 'file'}" in said


def test_a_state_folder_in_use_is_one_clear_error(tmp_path):
    state = ("--state-dir", str(tmp_path / "state"))
    with simulate(tmp_path, *state):
        code, said = failure("--port", "0", *state)
    assert code == 4
    assert "in use by another kmiplab" in said


def test_help_has_examples_and_imports_nothing_heavy():
    script = (
        "import sys; from kmiplab.commands.simulate import command; command(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "120"}
    ).stdout
    assert "kmiplab simulate --state-dir ./key-protect" in said
    for heavy in ("cryptography", "uvicorn", "starlette", "keyprotect_simulator"):
        assert f"'{heavy}'" not in said


def test_the_regions_of_the_command_are_those_of_the_simulator():
    from keyprotect_simulator.settings import REGIONS

    from kmiplab.commands.simulate import REGION_NAMES

    assert REGION_NAMES == REGIONS


# -- what HTTP itself can get wrong


def raw(simulator, request):
    """Everything that the server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


@pytest.mark.parametrize(
    "request_bytes", [b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET / HTTP/1.1\r\nno header\r\n\r\n"]
)
def test_what_is_no_http_is_refused_in_the_services_shape(simulator, request_bytes):
    status, body = raw(simulator, request_bytes)
    assert status == 400
    assert json.loads(body)["metadata"]["collectionType"] == "application/vnd.ibm.kms.error+json"


def test_a_chunked_body_is_read(simulator):
    request = (
        f"POST /api/v2/keys/{simulator.crk_id}/actions/wrap HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Bearer {simulator.token()}\r\nBluemix-Instance: {simulator.instance_id}\r\n\r\n"
        '8\r\n{"plaint\r\n11\r\next": "aGFsbG8="}\r\n0\r\n\r\n'
    )
    status, body = raw(simulator, request.encode())
    assert status == 200
    assert b"plaintext" not in body


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(simulator):
    with socket.create_connection(("127.0.0.1", simulator.port)) as connection:
        connection.sendall(b"POST /api/v2/keys HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    assert httpx.get(f"{simulator.url}/identity/keys").status_code == 200


def test_many_clients_at_once_each_get_their_answer(simulator):
    from concurrent.futures import ThreadPoolExecutor

    headers = {"Authorization": f"Bearer {simulator.token()}", "Bluemix-Instance": simulator.instance_id}
    body = {"metadata": {"collectionType": "x", "collectionTotal": 1}, "resources": [{"name": "one of many"}]}

    def create(client):
        return client.post(f"{simulator.url}/api/v2/keys", headers=headers, json=body).json()["resources"][0]["id"]

    with httpx.Client() as client, ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, [client] * 64))
        assert len(set(ids)) == 64
        total = client.head(f"{simulator.url}/api/v2/keys", headers=headers).headers["Key-Total"]
    assert int(total) == 65


def test_the_alias_of_two_simultaneous_creates_goes_to_one(simulator):
    from concurrent.futures import ThreadPoolExecutor

    headers = {"Authorization": f"Bearer {simulator.token()}", "Bluemix-Instance": simulator.instance_id}

    def create(number):
        body = {"metadata": {"collectionType": "x", "collectionTotal": 1}, "resources": [{"name": "rival", "aliases": ["the-one"]}]}
        return httpx.post(f"{simulator.url}/api/v2/keys", headers=headers, json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [201] + [409] * 7


# -- seeds, TLS, the control API


SEED = '[[instances]]\nname = "payments"\nkeys = [{ name = "orders" }]\n'


def test_a_seed_is_there_at_the_start_and_after_each_reset_and_is_not_doubled_in_a_state_folder(tmp_path):
    seed = tmp_path / "seed.toml"
    seed.write_text(SEED)
    arguments = ("--seed", str(seed), "--state-dir", str(tmp_path / "state"))

    def names(connection):
        return [key["name"] for key in httpx.get(f"{connection['url']}/_simulator/overview").json()["keys"]]

    for _ in range(2):
        with simulate(tmp_path, *arguments) as (process, ready):
            assert names(ready["key_protect"]) == ["kmiplab-root-key", "orders"]
            assert httpx.post(f"{ready['key_protect']['url']}/_simulator/reset").status_code == 204
            assert names(ready["key_protect"]) == ["kmiplab-root-key", "orders"]
            assert end(process, signal.SIGTERM)[0] == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        ("[[instances]]\n", "instances[0].name is missing"),
        ("{", "is no TOML"),
        ("[[instances]]\nname = 7", "instances[0].name"),
    ],
)
def test_a_seed_that_makes_no_sense_is_told_before_anything_answers(tmp_path, content, why):
    seed = tmp_path / "seed.toml"
    if content is not None:
        seed.write_text(content)
    code, told = failure("--port", "0", "--seed", str(seed), "--ready-file", str(tmp_path / "ready.json"))
    assert code == 4
    assert why in told
    assert not (tmp_path / "ready.json").exists()


def test_the_control_api_can_be_switched_off(tmp_path):
    for option, status in (("--control", 200), ("--no-control", 404)):
        with simulate(tmp_path, option) as (process, ready):
            console = f"{ready['key_protect']['url']}/_simulator"
            assert httpx.get(f"{console}/state").status_code == status
            _, output, _ = end(process, signal.SIGTERM)
            assert (console in output) is (status == 200)


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """A certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "simulator")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    for file, encryption in (("key.pem", serialization.NoEncryption()), ("locked.pem", serialization.BestAvailableEncryption(b"secret"))):
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        (folder / file).write_bytes(pem)
    return folder


def test_https_is_spoken_with_a_certificate(tmp_path, tls):
    from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
    from keyprotect import IbmKeyProtectApiV2

    with simulate(tmp_path, "--cert", str(tls / "cert.pem"), "--key", str(tls / "key.pem")) as (process, ready):
        connection = ready["key_protect"]
        assert connection["url"].startswith("https://127.0.0.1:")
        kp = IbmKeyProtectApiV2(authenticator=IAMAuthenticator(connection["api_key"], url=connection["url"]))
        kp.set_service_url(connection["url"])
        kp.set_http_config({"verify": str(tls / "cert.pem")})
        assert kp.get_keys(connection["instance_id"]).get_status_code() == 200
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(connection["url"])
        with pytest.raises(httpx.HTTPError):
            httpx.get(connection["url"].replace("https", "http"))
        code, _, log = end(process, signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("cert", "key", "why"),
    [
        ("cert.pem", "none.pem", "No such file"),
        ("key.pem", "key.pem", "cannot speak TLS"),
        ("cert.pem", "locked.pem", "has a passphrase"),
    ],
)
def test_files_that_are_no_certificate_with_its_key(tls, cert, key, why):
    code, told = failure("--port", "0", "--cert", str(tls / cert), "--key", str(tls / key))
    assert code == 4
    assert why in told


def test_a_certificate_needs_its_key(tls):
    finished = subprocess.run([*COMMAND, "--cert", str(tls / "cert.pem")], capture_output=True, text=True, check=False, timeout=30)
    assert finished.returncode == 4
    assert "--cert and --key go together" in finished.stderr
