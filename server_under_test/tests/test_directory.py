"""Clients, pinned certificates, passwords, and the files that people bring."""

from __future__ import annotations

import stat
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from kmip_server.directory import pki
from kmip_server.directory.contract import Keeper
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.errors import ConfigurationError
from kmip_server.settings import Settings
from kmip_server.state_folder import own_authority, prepare_certificates
from kmip_server.store.epoch import Epoch
from kmip_server.store.sqlite_file import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[SqliteDirectory]:
    opened = SqliteDirectory(tmp_path / "kmip.db")
    yield opened
    opened.close()


LEAF = pki.create_self_signed("leaf", kind="ecdsa")
PEM = LEAF.certificate_pem.decode()
DER = LEAF.certificate.public_bytes(serialization.Encoding.DER)


def test_a_certificate_identifies_its_client_until_it_is_removed(directory: SqliteDirectory) -> None:
    client = directory.add_client("alice", adapter_id="adapter", crk_id="crk")
    assert directory.identify(DER) is None
    pinned = directory.add_certificate(client.id, PEM, "first")
    assert directory.identify(DER) == client == directory.client("alice") == directory.client(client.id)
    assert list(directory.certificates(client.id)) == list(directory.certificates()) == [pinned]
    assert directory.remove_certificate(pinned.fingerprint)
    assert not directory.remove_certificate(pinned.fingerprint)
    assert directory.identify(DER) is None


def test_removing_a_client_removes_its_certificates(directory: SqliteDirectory) -> None:
    client = directory.add_client("alice")
    directory.add_certificate(client.id, PEM)
    assert directory.remove_client(client.id)
    assert list(directory.certificates()) == list(directory.clients()) == []


def test_every_change_raises_the_generation_for_other_processes_too(directory: SqliteDirectory, tmp_path: Path) -> None:
    other = SqliteDirectory(tmp_path / "kmip.db")
    seen = [other.generation()]
    client = directory.add_client("alice")
    seen.append(other.generation())
    pinned = directory.add_certificate(client.id, PEM)
    seen.append(other.generation())
    directory.remove_certificate(pinned.id)
    seen.append(other.generation())
    directory.remove_client(client.id)
    seen.append(other.generation())
    assert seen == sorted(set(seen))
    other.close()


def test_a_change_whose_process_was_killed_half_way_is_seen(directory: SqliteDirectory, tmp_path: Path) -> None:
    """The epoch stays odd then: nobody trusts the generation that he knows."""
    with closing(Epoch(tmp_path / "kmip.db.clients")) as epoch:
        before = directory.generation()
        epoch.write(epoch.read() + 1)
        with closing(connect(tmp_path / "kmip.db")) as connection:
            connection.execute("UPDATE generation SET number = number + 1")
        assert directory.generation() == before + 1
        directory.add_client("alice")
        assert epoch.read() % 2 == 0
        assert directory.generation() == before + 2


def test_a_certificate_belongs_to_one_client(directory: SqliteDirectory) -> None:
    directory.add_certificate(directory.add_client("alice").id, PEM)
    before = directory.generation()
    with pytest.raises(ConfigurationError, match="pinned already"):
        directory.add_certificate(directory.add_client("bob").id, PEM)
    with pytest.raises(ConfigurationError, match="a client alice already"):
        directory.add_client("alice")
    assert directory.generation() == before + 1


@pytest.mark.parametrize(
    ("pem", "words"), [("nonsense", "not a PEM certificate"), ("", "not a PEM certificate"), (PEM + PEM, "holds 2 certificates")]
)
def test_what_cannot_be_pinned(directory: SqliteDirectory, pem: str, words: str) -> None:
    client = directory.add_client("alice")
    with pytest.raises(ConfigurationError, match=words):
        directory.add_certificate(client.id, pem)


def test_passwords(directory: SqliteDirectory, tmp_path: Path) -> None:
    alice = directory.add_client("alice", username="vsphere", password="open sesame")
    bob = directory.add_client("bob")
    for _ in range(2):
        assert directory.check_password(alice, "vsphere", "open sesame")
        assert not directory.check_password(alice, "vsphere", "open sesam")
        assert not directory.check_password(alice, "other", "open sesame")
        assert not directory.check_password(bob, "vsphere", "open sesame")
    assert b"open sesame" not in (tmp_path / "kmip.db").read_bytes() + (tmp_path / "kmip.db-wal").read_bytes()
    directory.remove_client(alice.id)
    assert not directory.check_password(alice, "vsphere", "open sesame")


# --- the server's own certificates


def test_a_first_start_makes_certificates_and_a_second_one_keeps_them(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "state", server_names=("kms.example", "192.0.2.7"))
    files = prepare_certificates(settings)
    before = files.certificate.read_bytes()
    assert prepare_certificates(settings).certificate.read_bytes() == before
    names = pki.names_in(pki.load_key_pair(files.certificate, files.key).certificate)
    assert {"kms.example", "192.0.2.7", "localhost", "127.0.0.1", "::1"} <= set(names)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in settings.state_dir.glob("*.key")}
    assert modes == dict.fromkeys(["ca.key", "server.key", "server-ecdsa.key"], 0o600)


def test_another_name_or_an_old_certificate_means_a_new_certificate_of_the_same_authority(tmp_path: Path) -> None:
    files = prepare_certificates(Settings(tmp_path))
    authority = files.ca.read_bytes()
    before = files.certificate.read_bytes()
    after = prepare_certificates(Settings(tmp_path, server_names=("kms.example",))).certificate.read_bytes()
    assert after != before
    pki.create_server_certificate(own_authority(tmp_path), ["localhost"], days=-1).write(files.certificate, files.key)
    prepare_certificates(Settings(tmp_path))
    assert files.ca.read_bytes() == authority


def write_encrypted_key(path: Path) -> None:
    secret = serialization.BestAvailableEncryption(b"secret")
    path.write_bytes(LEAF.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))


def write_expired(certificate: Path, key: Path) -> None:
    pki.create_self_signed("old", kind="ecdsa", days=-1).write(certificate, key)


BROKEN: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "no certificate": (lambda certificate, _: certificate.unlink(), "cannot be read"),
    "no key": (lambda _, key: key.unlink(), "cannot be read"),
    "a certificate that is none": (lambda certificate, _: certificate.write_text("hello"), "not a PEM certificate"),
    "a key that is none": (lambda _, key: key.write_text("hello"), "not a PEM private key"),
    "a folder": (lambda _, key: (key.unlink(), key.mkdir()), "cannot be read"),
    "an encrypted key": (lambda _, key: write_encrypted_key(key), "is encrypted"),
    "another key": (lambda _, key: key.write_bytes(pki.create_self_signed("x", kind="ecdsa").key_pem), "does not fit"),
    "an expired certificate": (write_expired, "expired on"),
}


@pytest.mark.parametrize(("damage", "words"), BROKEN.values(), ids=BROKEN)
def test_files_that_cannot_be_used_are_said_in_words(tmp_path: Path, damage: Callable[[Path, Path], object], words: str) -> None:
    certificate, key = tmp_path / "my.pem", tmp_path / "my.key"
    LEAF.write(certificate, key)
    settings = Settings(tmp_path / "state", certificate=certificate, key=key)
    assert prepare_certificates(settings).ca == certificate
    damage(certificate, key)
    with pytest.raises(ConfigurationError, match=words) as caught:
        prepare_certificates(settings)
    assert caught.value.hint


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="belong together"):
        prepare_certificates(Settings(tmp_path, certificate=tmp_path / "my.pem"))


KEEPER = Keeper("kmip-ab", "https://kp.example", "https://iam.example/identity/token", "instance", "crk", "an api key nobody may see", True)


def test_a_keeper_is_kept_with_its_api_key_sealed(directory: SqliteDirectory, tmp_path: Path) -> None:
    generation = directory.generation()
    directory.put_keeper(KEEPER)
    moved = replace(KEEPER, url="https://other.example", api_key="another api key")
    directory.put_keeper(replace(KEEPER, name="second"))
    directory.put_keeper(moved)
    assert directory.generation() == generation + 3
    assert list(directory.keepers()) == [moved, replace(KEEPER, name="second")]
    assert KEEPER.api_key not in repr(KEEPER)
    directory.close()
    for file in tmp_path.iterdir():
        assert not any(key.encode() in file.read_bytes() for key in (KEEPER.api_key, moved.api_key)), file
    (tmp_path / "root.key").write_text("00" * 32)
    with closing(SqliteDirectory(tmp_path / "kmip.db")) as again, pytest.raises(ConfigurationError, match="kmip-ab is not sealed by"):
        again.keepers()
    (tmp_path / "root.key").unlink()
    with closing(SqliteDirectory(tmp_path / "kmip.db")) as again, pytest.raises(ConfigurationError, match=r"root\.key is gone"):
        again.keepers()
    assert not (tmp_path / "root.key").exists()


def test_a_keeper_goes_after_its_clients(directory: SqliteDirectory) -> None:
    with pytest.raises(ConfigurationError, match="no keeper kmip-ab"):
        directory.add_client("alice", keeper="kmip-ab")
    directory.put_keeper(KEEPER)
    alice = directory.add_client("alice", keeper="kmip-ab")
    assert directory.client("alice") == alice
    assert alice.keeper == "kmip-ab"
    with pytest.raises(ConfigurationError, match="the keys of alice"):
        directory.remove_keeper("kmip-ab")
    assert directory.remove_client(alice.id)
    assert directory.remove_keeper("kmip-ab")
    assert not directory.remove_keeper("kmip-ab")
