"""PKCS#11 through KMIP: a library that is initialized, asked, and finalized (KMIP 2.1, 6.1.37)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kmip_server.enums import Operation, PKCS11Function, PKCS11ReturnCode, QueryFunction, ResultReason, ResultStatus
from kmip_server.messages import PKCS11Request, QueryRequest, ResponseBatchItem
from kmip_server.versions import V1_4, V2_0, V2_1

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kmip_server.messages import PKCS11Response

F, R = PKCS11Function, PKCS11ReturnCode
THERE_IS_ROOM, ONLY_THE_COUNT = b"\1\0\0\0\5", b"\0\0\0\0\0"


@pytest.fixture(autouse=True)
def in_2_1(lab: Any) -> None:
    lab.version = V2_1


async def item(
    lab: Any, function: PKCS11Function | None, parameters: bytes | None = None, value: bytes | None = None, **more: Any
) -> ResponseBatchItem:
    options = {key: more.pop(key) for key in ("peer", "version") if key in more}
    asked = PKCS11Request(pkcs_11_function=function, correlation_value=value, pkcs_11_input_parameters=parameters, **more)
    answer: ResponseBatchItem = await lab.ask(asked, **options)
    return answer


async def call(
    lab: Any, function: PKCS11Function, parameters: bytes | None = None, value: bytes | None = None, **more: Any
) -> PKCS11Response:
    answer = await item(lab, function, parameters, value, **more)
    assert answer.result_status is ResultStatus.SUCCESS, answer
    payload: PKCS11Response = answer.response_payload  # type: ignore[assignment]
    assert payload.pkcs_11_function is function
    return payload


async def initialized(lab: Any) -> bytes:
    payload = await call(lab, F.C_INITIALIZE, b"\1")
    assert (payload.pkcs_11_return_code, payload.pkcs_11_output_parameters) == (R.OK, None)
    assert payload.correlation_value is not None
    return payload.correlation_value


@pytest.mark.parametrize("version", [V2_0, V2_1], ids=str)
async def test_a_library_is_initialized_asked_and_finalized(lab: Any, version: Any) -> None:
    lab.version = version
    value = await initialized(lab)
    info = (await call(lab, F.C_GET_INFO, None, value)).pkcs_11_output_parameters
    assert info is not None
    assert len(info) == 2 + 32 + 8 + 32 + 2
    assert info[:2] == bytes((3, 0))
    assert info[2:34].decode() == "kmiplab".ljust(32)
    assert (await call(lab, F.C_FINALIZE, None, value)).pkcs_11_return_code is R.OK
    assert (await call(lab, F.C_GET_INFO, None, value)).pkcs_11_return_code is R.CRYPTOKI_NOT_INITIALIZED
    assert (await call(lab, F.C_FINALIZE, None, value)).pkcs_11_return_code is R.CRYPTOKI_NOT_INITIALIZED


async def test_a_library_is_its_clients_own_and_outlives_the_server(lab: Any, make_lab: Callable[[Path], Any], tmp_path: Path) -> None:
    value = await initialized(lab)
    assert value != await initialized(lab)
    assert (await call(lab, F.C_INITIALIZE, b"\1", value)).pkcs_11_return_code is R.CRYPTOKI_ALREADY_INITIALIZED
    assert (await call(lab, F.C_GET_INFO)).pkcs_11_return_code is R.CRYPTOKI_NOT_INITIALIZED
    assert (await call(lab, F.C_GET_INFO, None, value, peer=lab.other)).pkcs_11_return_code is R.CRYPTOKI_NOT_INITIALIZED
    after = make_lab(tmp_path)
    try:
        assert (await call(after, F.C_GET_INFO, None, value, version=V2_1)).pkcs_11_return_code is R.OK
    finally:
        after.close()


SLOT, NO_SLOT = bytes(8), bytes(7) + b"\1"
CALLS = [
    (F.C_GET_SLOT_LIST, b"\0" + THERE_IS_ROOM, R.OK, b"\1\0\0\0\1" + SLOT),
    (F.C_GET_SLOT_LIST, b"\0" + ONLY_THE_COUNT, R.OK, b"\0\0\0\0\1"),
    (F.C_GET_SLOT_LIST, b"\0" + b"\1\0\0\0\0", R.BUFFER_TOO_SMALL, b"\0\0\0\0\1"),
    (F.C_GET_SLOT_LIST, b"\1" + THERE_IS_ROOM, R.OK, b"\1\0\0\0\0"),
    (F.C_GET_SLOT_INFO, NO_SLOT, R.SLOT_ID_INVALID, None),
    (F.C_GET_TOKEN_INFO, SLOT, R.TOKEN_NOT_PRESENT, None),
    (F.C_GET_MECHANISM_LIST, SLOT + THERE_IS_ROOM, R.TOKEN_NOT_PRESENT, None),
    (F.C_OPEN_SESSION, NO_SLOT + bytes(8), R.SLOT_ID_INVALID, None),
    (F.C_GENERATE_KEY, b"whatever", R.FUNCTION_NOT_SUPPORTED, None),
    (F.C_MESSAGE_VERIFY_FINAL, None, R.FUNCTION_NOT_SUPPORTED, None),
]


@pytest.mark.parametrize(("function", "given", "code", "output"), CALLS)
async def test_functions_answer_as_pkcs11_has_it(
    lab: Any, function: PKCS11Function, given: bytes | None, code: PKCS11ReturnCode, output: bytes | None
) -> None:
    payload = await call(lab, function, given, await initialized(lab))
    assert (payload.pkcs_11_return_code, payload.pkcs_11_output_parameters) == (code, output)


async def test_a_slot_describes_itself(lab: Any) -> None:
    payload = await call(lab, F.C_GET_SLOT_INFO, SLOT, await initialized(lab), pkcs_11_interface="PKCS 11")
    assert payload.pkcs_11_interface == "PKCS 11"
    assert payload.pkcs_11_output_parameters is not None
    assert len(payload.pkcs_11_output_parameters) == 64 + 32 + 8 + 2 + 2


@pytest.mark.parametrize(
    ("function", "more", "reason"),
    [
        (F.C_GET_SLOT_INFO, {"parameters": SLOT[:-1]}, ResultReason.PKCS_11_CODEC_ERROR),
        (F.C_GET_SLOT_INFO, {"parameters": SLOT + b"\0"}, ResultReason.PKCS_11_CODEC_ERROR),
        (F.C_GET_SLOT_LIST, {}, ResultReason.PKCS_11_CODEC_ERROR),
        (F.C_GET_INFO, {"pkcs_11_interface": "Vendor"}, ResultReason.PKCS_11_INVALID_INTERFACE),
        (None, {"vendor_function": 7}, ResultReason.PKCS_11_INVALID_FUNCTION),
        (PKCS11Function(0x8000_0001), {}, ResultReason.PKCS_11_INVALID_FUNCTION),
        (None, {}, ResultReason.PKCS_11_INVALID_FUNCTION),
    ],
)
async def test_what_is_no_call_fails(lab: Any, function: PKCS11Function | None, more: dict[str, Any], reason: ResultReason) -> None:
    assert (await item(lab, function, value=await initialized(lab), **more)).result_reason is reason


async def test_it_is_of_2_0(lab: Any) -> None:
    asked = QueryRequest(query_function=(QueryFunction.QUERY_OPERATIONS,))
    assert Operation.PKCS_11 in (await lab.ask(asked, version=V2_0)).response_payload.operation
    assert Operation.PKCS_11 not in (await lab.ask(asked, version=V1_4)).response_payload.operation
