"""Every payload of every version comes back from every form, with every field that it may have: none is left to chance."""

from __future__ import annotations

import pytest
from kmip_server.codec import decode, encode
from kmip_server.codec.forms import JSON, TTLV, XML, Form
from kmip_server.codec.items import write_string
from kmip_server.codec.wire import head_of
from kmip_server.enums import ItemType, Operation, Tag
from kmip_server.messages import REQUEST_PAYLOADS, RESPONSE_PAYLOADS
from kmip_server.versions import VERSIONS, KmipVersion
from specimens import specimen

MESSAGE = head_of(Tag.REQUEST_MESSAGE, ItemType.STRUCTURE)


def payloads_of(version: KmipVersion) -> list[type]:
    """Requests and responses of the version's operations."""
    both = (REQUEST_PAYLOADS, RESPONSE_PAYLOADS)
    return [payloads[operation] for payloads in both for operation in Operation.of(version) if operation in payloads]


@pytest.mark.parametrize("form", [TTLV, XML, JSON], ids=["ttlv", "xml", "json"])
@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_every_payload_comes_back_from_every_form(version: KmipVersion, form: Form) -> None:
    payloads = payloads_of(version)
    assert len(payloads) > 50
    for payload in payloads:
        for rich in (True, False):
            instance = specimen(payload, version, rich=rich)
            message = write_string(MESSAGE, encode(instance, version))
            assert form.read(form.write(message)) == message, payload
            assert decode(payload, message[8:], version) == instance
