"""Credentials beside a user name and password, clients that share objects, and clients that act for others (KMIP 2.1, 9.11)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from kmip_server.codec import decode
from kmip_server.enums import CredentialType, HashingAlgorithm, Operation, QueryFunction, ResultReason, ResultStatus
from kmip_server.errors import ConfigurationError
from kmip_server.messages import (
    Attributes,
    Authentication,
    Credential,
    DestroyRequest,
    DeviceCredential,
    GetRequest,
    HashedPasswordCredential,
    LocateRequest,
    OneTimePasswordCredential,
    QueryRequest,
    ResponseMessage,
    UsernamePasswordCredential,
)
from kmip_server.versions import V1_2, V1_4, V2_1

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kmip_server.conversation import Peer

QUERY = QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,))
REFUSED = ResultReason.AUTHENTICATION_NOT_SUCCESSFUL
KINDS = {
    UsernamePasswordCredential: CredentialType.USERNAME_AND_PASSWORD,
    DeviceCredential: CredentialType.DEVICE,
    OneTimePasswordCredential: CredentialType.ONE_TIME_PASSWORD,
    HashedPasswordCredential: CredentialType.HASHED_PASSWORD,
}


@pytest.fixture(autouse=True)
def in_2_1(lab: Any) -> None:
    lab.version = V2_1


def showing(*values: Any) -> Authentication:
    return Authentication(tuple(Credential(KINDS[type(value)], value) for value in values))


async def outcome(lab: Any, *values: Any, **options: Any) -> ResultReason | None:
    item = await lab.ask(QUERY, authentication=showing(*values), **options)
    assert (item.operation is None) == (item.result_status is not ResultStatus.SUCCESS)
    reason: ResultReason | None = item.result_reason
    return reason


def with_password(lab: Any, name: str, password: str) -> Peer:
    client = lab.directory.client(name)
    lab.directory.set_password(client.id, name, password)
    peer: Peer = lab.peer._replace(client=lab.directory.client(name))
    return peer


# --- further users


async def test_a_client_may_have_further_users(lab: Any) -> None:
    peer = with_password(lab, "alice", "secret")
    lab.directory.credentials.add_user(peer.client.id, "helper", "other secret")
    for value in (UsernamePasswordCredential("alice", "secret"), UsernamePasswordCredential("helper", "other secret")):
        assert await outcome(lab, value, peer=peer) is None
        assert await outcome(lab, value, peer=lab.other) is REFUSED
    for wrong in (UsernamePasswordCredential("helper", "secret"), UsernamePasswordCredential("alice", "other secret")):
        assert await outcome(lab, wrong, peer=peer) is REFUSED
    gateway = lab.peer._replace(client=lab.directory.add_client("gateway", acts_for_others=True))
    assert await outcome(lab, UsernamePasswordCredential("helper", "other secret"), peer=gateway) is None
    assert lab.records[-1].client.name == "alice"


# --- Device


@pytest.mark.parametrize("version", [V1_2, V1_4, V2_1], ids=str)
async def test_a_device_is_known_by_what_was_registered_of_it(lab: Any, version: Any) -> None:
    identification = {"device_serial_number": "123", "network_identifier": "net"}
    lab.directory.credentials.add_device(lab.peer.client.id, identification, "secret")
    right = DeviceCredential(**identification, password="secret", media_identifier="whatever")
    assert await outcome(lab, right, version=version) is None
    wrong = [
        DeviceCredential(**identification, password="guess"),
        DeviceCredential(**identification),
        DeviceCredential(device_serial_number="123", password="secret"),
        DeviceCredential(device_serial_number="124", network_identifier="net", password="secret"),
        DeviceCredential(password="secret"),
    ]
    assert [await outcome(lab, value, version=version) for value in wrong] == [REFUSED] * len(wrong)
    assert await outcome(lab, right, version=version, peer=lab.other) is REFUSED


# --- One Time Password


async def test_a_one_time_password_is_good_once(lab: Any, make_lab: Callable[[Path], Any], tmp_path: Path) -> None:
    peer = with_password(lab, "alice", "secret")
    lab.directory.credentials.add_one_time_passwords(peer.client.id, "alice", ["first", "second", "third"])

    def value(one_time_password: str, password: str | None = "secret", username: str = "alice") -> OneTimePasswordCredential:
        return OneTimePasswordCredential(username=username, password=password, one_time_password=one_time_password)

    assert await outcome(lab, value("first", "guess"), peer=peer) is REFUSED
    assert await outcome(lab, value("first", username="bob"), peer=peer) is REFUSED
    assert await outcome(lab, value("fourth"), peer=peer) is REFUSED
    assert await outcome(lab, value("first"), peer=peer) is None
    assert await outcome(lab, value("first"), peer=peer) is REFUSED
    assert await outcome(lab, value("second", None), peer=peer) is None
    after = make_lab(tmp_path)
    try:
        assert await outcome(after, value("second"), peer=peer, version=V2_1) is REFUSED
        assert await outcome(after, value("third"), peer=peer, version=V2_1) is None
    finally:
        after.close()


# --- what is registered


async def test_what_is_registered_is_told_replaced_and_forgotten(lab: Any) -> None:
    credentials, client_id = lab.directory.credentials, lab.peer.client.id
    identification = {"device_serial_number": "123", "media_identifier": "disk"}
    user, device = UsernamePasswordCredential("helper", "secret"), DeviceCredential(**identification, password="secret")
    once = OneTimePasswordCredential(username="helper", one_time_password="once", password=None)
    for password in ("guess", "secret"):
        credentials.add_user(client_id, "helper", password)
        credentials.add_device(client_id, identification, password)
    credentials.add_one_time_passwords(client_id, "helper", ["once"])
    credentials.add_one_time_passwords(client_id, "helper", ["twice"])
    credentials.allow_hashed_password(client_id, "hasher", "secret")
    credentials.add_user(lab.other.client.id, "helper", "secret")
    registered: dict[Any, Any] = {
        CredentialType.USERNAME_AND_PASSWORD: ("helper", "helper", 1, user),
        CredentialType.DEVICE: (identification, "device_serial_number=123 media_identifier=disk", 1, device),
        CredentialType.ONE_TIME_PASSWORD: ("helper", "helper", 2, once),
        CredentialType.HASHED_PASSWORD: ("hasher", "hasher", 1, hashed("hasher", "secret", 1000)),
    }
    assert {held.kind: held[1:] for held in credentials.held(client_id)} == {kind: row[1:3] for kind, row in registered.items()}
    assert await outcome(lab, UsernamePasswordCredential("helper", "guess")) is REFUSED
    assert await outcome(lab, DeviceCredential(**identification, password="guess")) is REFUSED
    assert [await outcome(lab, value) for value in (user, device)] == [None, None]
    for kind, (name, _, _, value) in registered.items():
        assert not credentials.forget(client_id, kind, "nobody")
        assert credentials.forget(client_id, kind, name)
        assert not credentials.forget(client_id, kind, name)
        assert await outcome(lab, value) is REFUSED
    assert credentials.held(client_id) == []
    assert await outcome(lab, user, peer=lab.other) is None


# --- Hashed Password


def hashed(username: str, password: str, time_stamp: int, algorithm: HashingAlgorithm | None = None) -> HashedPasswordCredential:
    """As 9.11 has it, written here once more."""
    name = {HashingAlgorithm.SHA_512: "sha512", HashingAlgorithm.SHA_384: "sha384"}.get(algorithm, "sha256")  # type: ignore[arg-type]
    one, two = (hashlib.new(name, text.encode()).digest() for text in (username + password, password + username))
    stamp = time_stamp.to_bytes(8, "big")
    return HashedPasswordCredential(
        username=username, time_stamp=time_stamp, hashing_algorithm=algorithm, hashed_password=hashlib.new(name, one + stamp).digest() + two
    )


async def test_a_hashed_password_is_right_under_later_and_later_time_stamps(lab: Any) -> None:
    lab.directory.credentials.allow_hashed_password(lab.peer.client.id, "alice", "secret")
    assert await outcome(lab, hashed("alice", "secret", 1000)) is None
    assert await outcome(lab, hashed("alice", "secret", 1000)) is REFUSED
    assert await outcome(lab, hashed("alice", "secret", 999)) is REFUSED
    assert await outcome(lab, hashed("alice", "secret", 1001, HashingAlgorithm.SHA_512)) is None
    assert await outcome(lab, hashed("alice", "guess", 1002)) is REFUSED
    assert await outcome(lab, hashed("bob", "secret", 1002)) is REFUSED
    assert await outcome(lab, hashed("alice", "secret", 1002, HashingAlgorithm.MD5)) is REFUSED
    assert await outcome(lab, hashed("alice", "secret", 1002), peer=lab.other) is REFUSED
    assert await outcome(lab, hashed("alice", "secret", 1002)) is None


async def test_the_server_shows_that_it_knows_the_password_too(lab: Any) -> None:
    lab.directory.credentials.allow_hashed_password(lab.peer.client.id, "alice", "secret")
    message = lab.request(QUERY, version=V2_1, authentication=showing(hashed("alice", "secret", 7)))
    header = decode(ResponseMessage, (await lab.send(message)).data, V2_1).response_header
    one, two = hashlib.sha256(b"alicesecret").digest(), hashlib.sha256(b"secretalice").digest()
    assert header.server_hashed_password == hashlib.sha256((7).to_bytes(8, "big") + one + hashlib.sha256(two).digest()).digest()
    later = decode(ResponseMessage, (await lab.send(lab.request(QUERY, version=V2_1))).data, V2_1)
    assert later.response_header.server_hashed_password is None


async def test_a_hashed_password_has_to_be_allowed(lab: Any) -> None:
    peer = with_password(lab, "alice", "secret")
    assert await outcome(lab, hashed("alice", "secret", 1), peer=peer) is REFUSED


# --- clients that act for others


async def test_only_who_acts_for_others_may_show_others_credentials(lab: Any) -> None:
    bobs = with_password(lab, "bob", "bob's")
    lab.directory.credentials.add_device(bobs.client.id, {"machine_identifier": "m"}, "")
    gateway = lab.peer._replace(client=lab.directory.add_client("gateway", acts_for_others=True))
    key = (await lab.ask(lab.create(), peer=bobs)).response_payload.unique_identifier
    get = GetRequest(unique_identifier=key)
    for value in (UsernamePasswordCredential("bob", "bob's"), DeviceCredential(machine_identifier="m")):
        assert (await lab.ask(get, peer=gateway, authentication=showing(value))).result_status is ResultStatus.SUCCESS
        assert lab.records[-1].client.name == "bob"
        assert await outcome(lab, value, peer=lab.peer) is REFUSED
    assert await outcome(lab, UsernamePasswordCredential("bob", "guess"), peer=gateway) is REFUSED
    assert await outcome(lab, UsernamePasswordCredential("nobody", "x"), peer=gateway) is REFUSED
    assert (await lab.ask(get, peer=gateway)).result_reason is ResultReason.OBJECT_NOT_FOUND


async def test_a_request_is_one_clients(lab: Any) -> None:
    with_password(lab, "alice", "alice's")
    with_password(lab, "bob", "bob's")
    gateway = lab.peer._replace(client=lab.directory.add_client("gateway", acts_for_others=True))
    values = UsernamePasswordCredential("alice", "alice's"), UsernamePasswordCredential("bob", "bob's")
    assert [await outcome(lab, value, peer=gateway) for value in values] == [None, None]
    assert await outcome(lab, *values, peer=gateway) is REFUSED


async def test_users_of_one_gateway_are_denied_what_is_anothers_and_told_nothing_of_other_tenants(lab: Any) -> None:
    for name in ("fred", "barney"):
        lab.directory.add_client(name, username=name, password=f"{name}'s")
    gateway = lab.peer._replace(client=lab.directory.add_client("gateway", acts_for_others=True))
    fred, barney = (showing(UsernamePasswordCredential(name, f"{name}'s")) for name in ("fred", "barney"))
    freds = (await lab.ask(lab.create(), peer=gateway, authentication=fred)).response_payload.unique_identifier
    tenants = (await lab.ask(lab.create(), peer=lab.other)).response_payload.unique_identifier
    for payload in (GetRequest, DestroyRequest):
        for key, reason in ((freds, ResultReason.PERMISSION_DENIED), (tenants, ResultReason.OBJECT_NOT_FOUND)):
            asked = payload(unique_identifier=key)
            assert (await lab.ask(asked, peer=gateway, authentication=barney)).result_reason is reason
    assert (await lab.ask(GetRequest(unique_identifier=freds))).result_reason is ResultReason.OBJECT_NOT_FOUND


# --- clients that share objects


async def test_clients_that_share_see_one_anothers_objects_and_nobody_else_does(lab: Any) -> None:
    partner = lab.peer._replace(client=lab.directory.add_client("partner", shares_with="alice"))
    third = lab.peer._replace(client=lab.directory.add_client("third", shares_with="partner"))
    mine = (await lab.ask(lab.create())).response_payload.unique_identifier
    theirs = (await lab.ask(lab.create(), peer=partner)).response_payload.unique_identifier
    for peer in (lab.peer, partner, third):
        found = await lab.ask(LocateRequest(attributes=Attributes()), peer=peer)
        assert set(found.response_payload.unique_identifier) == {mine, theirs}
        assert (await lab.ask(GetRequest(unique_identifier=theirs), peer=peer)).result_status is ResultStatus.SUCCESS
    assert (await lab.ask(GetRequest(unique_identifier=theirs), peer=lab.other)).result_reason is ResultReason.OBJECT_NOT_FOUND
    assert lab.records[-1].operation is Operation.GET


def test_what_cannot_be_added_is_said(lab: Any) -> None:
    with pytest.raises(ConfigurationError, match="to share objects with"):
        lab.directory.add_client("partner", shares_with="nobody")
    with pytest.raises(ConfigurationError, match="no identifier for a client"):
        lab.directory.add_client("clever", client_id="kmip:tickets")
    with pytest.raises(ConfigurationError, match="known by"):
        lab.directory.credentials.add_device(lab.peer.client.id, {}, "x")
    for add in (
        lambda: lab.directory.credentials.add_one_time_passwords("nobody", "alice", ["x"]),
        lambda: lab.directory.credentials.allow_hashed_password("nobody", "n", "x"),
    ):
        with pytest.raises(ConfigurationError, match="there is no client"):
            add()
