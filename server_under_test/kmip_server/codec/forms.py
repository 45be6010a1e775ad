"""The three forms of a message: TTLV, XML and JSON, by the media types that HTTP has for them.

KMIP Additional Message Encodings 1.0, 2.4: application/octet-stream, text/xml, application/json. TTLV is what the engine reads and writes;
the other forms are transcribed from and to it, so that they say the same (4, 6: "logically the same") and sizes mean TTLV's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_server.codec.json_form import json_from_ttlv, ttlv_from_json
from kmip_server.codec.xml_form import ttlv_from_xml, xml_from_ttlv

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Form:
    """One form of messages.

    Attributes:
        media_type: what HTTP calls it in an answer.
        read: the message in TTLV; raises MalformedMessage.
        write: a message of TTLV in this form; raises UnencodableMessage where it has no way to say it.
        length: how many times longer than TTLV a text may be; digits, names and marks take room.
    """

    media_type: str
    read: Callable[[bytes], bytes]
    write: Callable[[bytes], bytes]
    length: int


TTLV = Form("application/octet-stream", bytes, bytes, 1)
XML = Form("text/xml", ttlv_from_xml, xml_from_ttlv, 4)
JSON = Form("application/json", ttlv_from_json, json_from_ttlv, 4)

FORMS = {"application/octet-stream": TTLV, "text/xml": XML, "application/xml": XML, "application/json": JSON}
"""By the media type of a request; XML has two (RFC 7303, 9.2)."""
