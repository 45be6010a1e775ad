"""Every structure of the tables survives a round trip in every version, and no bytes at all raise anything but MalformedMessage."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kmip_server.codec import decode, decode_request, encode
from kmip_server.codec.forms import JSON, XML, Form
from kmip_server.codec.items import write_string
from kmip_server.codec.wire import head_of
from kmip_server.enums import ItemType, Tag
from kmip_server.errors import MalformedMessage, UnencodableMessage
from kmip_server.messages import (
    PayloadFault,
)
from kmip_server.versions import V1_4, VERSIONS, KmipVersion
from table_strategies import instances, requests, structures_of


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@given(data=st.data())
@settings(max_examples=60)
def test_every_structure_comes_back_as_it_was(data: st.DataObject, version: KmipVersion) -> None:
    structure = data.draw(st.sampled_from(structures_of(version)))
    instance = data.draw(instances(structure, version))
    written = encode(instance, version)
    assert len(written) % 8 == 0
    assert decode(structure, written, version) == instance


@pytest.mark.parametrize(
    ("structure", "version"),
    [pytest.param(one, version, id=f"{one.__name__}-{version}") for version in VERSIONS for one in structures_of(version)],
)
def test_no_structure_is_left_out_of_the_round_trips(structure: type, version: KmipVersion) -> None:
    # A function for each: Hypothesis nests the settings of one function anew for each of its parameters, a thousand deep.
    @given(instance=instances(structure, version))
    @settings(max_examples=2)
    def comes_back(instance: object) -> None:
        assert decode(structure, encode(instance, version), version) == instance

    comes_back()


@pytest.mark.parametrize("form", [XML, JSON], ids=["xml", "json"])
@pytest.mark.parametrize("version", VERSIONS, ids=str)
@given(data=st.data())
@settings(max_examples=60)
def test_every_structure_comes_back_from_xml_and_json(data: st.DataObject, version: KmipVersion, form: Form) -> None:
    structure = data.draw(st.sampled_from(structures_of(version)))
    written = encode(data.draw(instances(structure, version)), version)
    message = write_string(head_of(Tag.REQUEST_MESSAGE, ItemType.STRUCTURE), written)
    try:
        text = form.write(message)
    except UnencodableMessage:
        assert form is XML
        assert re.search(rb"[\0-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]", message)
        return
    assert form.read(text) == message


@given(text=st.binary(max_size=64) | st.text(max_size=64).map(str.encode), form=st.sampled_from([XML, JSON]))
@settings(max_examples=300)
def test_text_that_is_no_message_is_refused_politely(text: bytes, form: Form) -> None:
    with pytest.raises(MalformedMessage):
        form.read(text)


@given(data=st.data(), form=st.sampled_from([XML, JSON]))
@settings(max_examples=300)
def test_spoilt_text_raises_nothing_but_malformed_message(data: st.DataObject, form: Form) -> None:
    message = data.draw(requests())
    with suppress(UnencodableMessage):
        spoilt = bytearray(form.write(message))
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(spoilt) - 1))
            spoilt[place : place + data.draw(st.integers(0, 8))] = data.draw(
                st.sampled_from((b"", b"<", b"&x;", b"]", b"0x", b'"')) | st.binary(max_size=4)
            )
        with suppress(MalformedMessage):
            assert form.read(bytes(spoilt)).startswith(b"\x42\x00")


@given(data=requests())
@settings(max_examples=150)
def test_every_request_is_read_whole(data: bytes) -> None:
    message = decode_request(data)
    assert not any(isinstance(item.request_payload, PayloadFault) for item in message.batch_item)
    version = KmipVersion(
        message.request_header.protocol_version.protocol_version_major, message.request_header.protocol_version.protocol_version_minor
    )
    assert encode(message, version) == data


@given(data=requests(), spoil=st.data())
@settings(max_examples=400)
def test_spoilt_bytes_raise_nothing_but_malformed_message(data: bytes, spoil: st.DataObject) -> None:
    spoilt = bytearray(data)
    for _ in range(spoil.draw(st.integers(1, 4))):
        place = spoil.draw(st.integers(0, len(spoilt) - 1))
        kind = spoil.draw(st.sampled_from(("change", "change", "cut", "insert", "swap")))
        if kind == "change":
            spoilt[place] = spoil.draw(st.sampled_from((0, 1, 8, 0x42, 0x7F, 0x80, 0xFF)) | st.integers(0, 255))
        elif kind == "cut":
            del spoilt[place : place + spoil.draw(st.integers(1, 16))]
        elif kind == "insert":
            spoilt[place:place] = spoil.draw(st.binary(max_size=16))
        else:
            spoilt[place : place + 8], spoilt[-8:] = spoilt[-8:], spoilt[place : place + 8]
        if not spoilt:
            break
    if len(spoilt) >= 8:
        spoilt[:4], spoilt[4:8] = data[:4], (len(spoilt) - 8).to_bytes(4, "big")  # a frame of the right length, or nothing inside is read
    with suppress(MalformedMessage):
        assert decode_request(bytes(spoilt)).batch_item


@given(data=st.binary(max_size=64), structure=st.sampled_from(structures_of(V1_4)))
@settings(max_examples=200)
def test_noise_is_refused_politely(data: bytes, structure: type) -> None:
    for read in (lambda: decode_request(data), lambda: decode(structure, data, V1_4)):
        with pytest.raises(MalformedMessage):
            read()
