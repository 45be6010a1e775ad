"""Wrapping: what goes in comes out, and nothing else opens it."""

from __future__ import annotations

import base64
import json
import os
import re

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from keyprotect_simulator import base64_text
from keyprotect_simulator.faults import Fault
from keyprotect_simulator.keys import wrapping
from keyprotect_simulator.records import Key, KeyVersion, Secret

plaintexts = st.binary(max_size=200)
aads = st.lists(st.text(max_size=20), max_size=4).map(tuple)
materials = st.sampled_from((16, 24, 32)).flatmap(lambda length: st.binary(min_size=length, max_size=length))


def key_with(*materials):
    versions = tuple(KeyVersion(f"version-{number}", 0, Secret(material)) for number, material in enumerate(materials))
    return Key(
        "k", "i", "n", extractable=False, imported=True, state=1, versions=versions, created=0, created_by="", updated=0, last_action=0
    )


@given(material=materials, plaintext=plaintexts, aad=aads)
def test_unwrap_undoes_wrap(material, plaintext, aad):
    key = key_with(material)
    assert wrapping.unwrap(key, wrapping.wrap(key.newest, plaintext, aad, os.urandom), aad) == (plaintext, key.newest)


@given(plaintext=plaintexts, aad=aads, other=aads)
def test_another_aad_does_not_open(plaintext, aad, other):
    assume(aad != other)
    key = key_with(bytes(32))
    ciphertext = wrapping.wrap(key.newest, plaintext, aad, os.urandom)
    with pytest.raises(Fault) as refusal:
        wrapping.unwrap(key, ciphertext, other)
    assert refusal.value.code == "INVALID_FIELD_ERR"


@pytest.mark.parametrize("other", [("b", "a"), ("ab",), ("a", "b", ""), ("a", "b,"), ('a","b',), ()])
def test_lists_that_look_alike_are_different_aads(other):
    key = key_with(bytes(32))
    ciphertext = wrapping.wrap(key.newest, b"x", ("a", "b"), os.urandom)
    with pytest.raises(Fault):
        wrapping.unwrap(key, ciphertext, other)


@given(plaintext=plaintexts, aad=aads, data=st.data())
@settings(max_examples=50)
def test_a_changed_ciphertext_never_opens(plaintext, aad, data):
    key = key_with(bytes(32))
    parts = json.loads(base64.b64decode(wrapping.wrap(key.newest, plaintext, aad, os.urandom)))
    member = data.draw(st.sampled_from(("ciphertext", "iv")))
    spoilt = bytearray(base64.b64decode(parts[member]))
    position = data.draw(st.integers(0, len(spoilt) - 1))
    spoilt[position] ^= 1 << data.draw(st.integers(0, 7))
    parts[member] = base64.b64encode(spoilt).decode()
    with pytest.raises(Fault):
        wrapping.unwrap(key, base64.b64encode(json.dumps(parts).encode()).decode(), aad)


@given(text=st.text() | st.binary().map(lambda junk: base64.b64encode(junk).decode()))
def test_no_text_is_more_than_refused(text):
    with pytest.raises(Fault):
        wrapping.unwrap(key_with(bytes(32)), text, ())


def test_the_visible_form_is_the_documented_one():
    key = key_with(bytes(range(32)))
    parts = json.loads(base64.b64decode(wrapping.wrap(key.newest, b"a data key", ("context",), os.urandom), validate=True))
    assert set(parts) == {"ciphertext", "iv", "version", "handle"}
    assert (parts["version"], parts["handle"]) == ("4.0.0", "version-0")
    iv, sealed = base64.b64decode(parts["iv"]), base64.b64decode(parts["ciphertext"])
    assert (len(iv), len(sealed)) == (12, len(b"a data key") + 16)
    assert AESGCM(bytes(range(32))).decrypt(iv, sealed, b'["context"]') == b"a data key"


def test_the_same_plaintext_never_looks_the_same():
    version = key_with(bytes(32)).newest
    assert wrapping.wrap(version, b"x", (), os.urandom) != wrapping.wrap(version, b"x", (), os.urandom)


def test_only_the_version_that_wrapped_opens():
    old, new = key_with(b"1" * 32), key_with(b"1" * 32, b"2" * 32)
    ciphertext = wrapping.wrap(old.newest, b"x", (), os.urandom)
    assert wrapping.unwrap(new, ciphertext, ())[1].id == "version-0"
    with pytest.raises(Fault) as refusal:
        wrapping.unwrap(old, wrapping.wrap(new.newest, b"x", (), os.urandom), ())
    assert refusal.value.code == "UNPROCESSABLE_CIPHERTEXT_ERR"


def test_root_keys_of_the_same_material_open_each_others_ciphertexts(core_api):
    payload = base64.b64encode(os.urandom(32)).decode()
    one, twin, stranger = (core_api.create_id(payload=material) for material in (payload, payload, base64.b64encode(bytes(32)).decode()))
    ciphertext = core_api.wrap(one, b"x", "aad")
    assert core_api.act(twin, "unwrap", {"ciphertext": ciphertext, "aad": ["aad"]}).json()["keyVersion"] == {"id": twin}
    assert core_api.act(stranger, "unwrap", {"ciphertext": ciphertext, "aad": ["aad"]}).status == 422


def test_rotation_hands_back_a_newer_ciphertext(api):
    key = api.create_id()
    old = api.wrap(key, b"a data key", "vm-1", "disk-2")
    assert api.act(key, "rotate").status == 204
    body = {"ciphertext": old, "aad": ["vm-1", "disk-2"]}
    answer = api.act(key, "unwrap", body).json()
    newest = api.metadata(key)["keyVersion"]["id"]
    assert set(answer) == {"plaintext", "keyVersion", "ciphertext", "rewrappedKeyVersion"}
    assert (answer["keyVersion"], answer["rewrappedKeyVersion"]) == ({"id": key}, {"id": newest})
    again = api.act(key, "unwrap", {**body, "ciphertext": answer["ciphertext"]}).json()
    assert again == {"plaintext": answer["plaintext"], "keyVersion": {"id": newest}}
    rewrapped = api.act(key, "rewrap", body).json()
    assert set(rewrapped) == {"ciphertext", "keyVersion", "rewrappedKeyVersion"}
    assert api.act(key, "unwrap", {**body, "ciphertext": rewrapped["ciphertext"]}).json() == again


@pytest.mark.parametrize("aad", [[], ["other"], ["vm-1"], ["disk-2", "vm-1"], None])
def test_a_wrong_aad_is_an_invalid_field(api, error_of, aad):
    key = api.create_id()
    body = {"ciphertext": api.wrap(key, b"x", "vm-1", "disk-2")}
    if aad is not None:
        body["aad"] = aad
    for action in ("unwrap", "rewrap"):
        assert error_of(api.act(key, action, body))[:2] == (400, "INVALID_FIELD_ERR")


# -- base64


@given(st.binary(max_size=100))
def test_base64_reads_what_was_written(data):
    text = base64.b64encode(data).decode()
    assert base64_text.decode(text) == data
    assert base64_text.decode("\r\n".join(text)) == data


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("*", 0),
        ("AAA*", 3),
        ("AAAA AAA", 4),
        ("A", 0),
        ("AAAAA", 4),
        ("AA=A", 2),
        ("AA=", 3),
        ("AA==A", 4),
        ("AAA==", 4),
        ("A===", 1),
        ("AA", 0),
        ("AAA", 0),
        ("AAAA=", 4),
        ("ü", 0),
    ],
)
def test_base64_says_where_it_goes_wrong(text, offset):
    with pytest.raises(base64_text.IllegalBase64, match=f"^illegal base64 data at input byte {offset}$"):
        base64_text.decode(text)


WHOLE_GROUPS = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


@given(st.text(alphabet="AB+/=\n -_", max_size=12))
@settings(max_examples=500)
def test_base64_reads_whole_groups_or_points_inside(text):
    lawful = WHOLE_GROUPS.fullmatch(text.replace("\n", "")) is not None
    if lawful:
        assert base64_text.decode(text) == base64.b64decode(text)
        return
    with pytest.raises(base64_text.IllegalBase64) as refusal:
        base64_text.decode(text)
    assert 0 <= refusal.value.offset <= len(text)
