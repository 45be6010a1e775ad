"""JSON as the service reads it, and that nothing of it ends as a crash or in an answer that cannot be written."""

from __future__ import annotations

import pytest
from keyprotect_simulator import json_text

NAMED = '{"metadata": {"collectionType": "x", "collectionTotal": 1}, "resources": [{"name": %s}]}'


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": [1, 2.5, "x", null, true]}', {"a": [1, 2.5, "x", None, True]}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\uD83D\\uDE00"', "\U0001f600"),
        (b'["\\ud800", "a\\uDFFFb"]', ["\ufffd", "a\ufffdb"]),
        (b'"\\ude00\\ud83d"', "\ufffd\ufffd"),
        (b'"\\\\ud800"', "\\ud800"),
        ('"ö"'.encode(), "ö"),
    ],
)
def test_what_is_read(content, value):
    assert json_text.parse(content) == value


@pytest.mark.parametrize("content", [b"NaN", b'{"a": Infinity}', b"[-Infinity]", b"1e999", b"-1e999", b"{", b"\xff"])
def test_what_is_refused(content):
    with pytest.raises(ValueError, match=r"."):
        json_text.parse(content)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-1e999"])
def test_numbers_that_json_does_not_have_are_a_bad_body(api, error_of, number):
    assert error_of(api.call("POST", "/import_token", content=f'{{"expiration": {number}}}'.encode()))[:2] == (400, "BAD_BODY_ERR")


def test_half_a_surrogate_pair_is_replaced_and_can_be_shown(api):
    created = api.call("POST", "/keys", content=(NAMED % '"half \\ud800"').encode(), headers={"Prefer": "return=representation"})
    assert created.json()["resources"][0]["name"] == "half \ufffd"
    assert [key["name"] for key in api.call("GET", "/keys").json()["resources"]] == ["half \ufffd"]
    wrapped = api.call("POST", f"/keys/{created.json()['resources'][0]['id']}/actions/wrap", content=b'{"aad": ["\\udfff"]}')
    assert wrapped.status == 200


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_date_outside_the_calendar_is_refused(api, error_of, date):
    body = (NAMED % f'"a key", "expirationDate": "{date}"').encode()
    assert error_of(api.call("POST", "/keys", content=body))[:2] == (400, "INVALID_FIELD_ERR")
