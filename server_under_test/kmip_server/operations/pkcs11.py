"""PKCS#11 through KMIP (KMIP 2.1, 6.1.37 and 11.38; the PKCS#11 profile of KMIP Profiles 2.x): a library without a token.

What can be asked of every library is answered: its information, its slots and their mechanisms. There is one slot and no token in it;
keys are reached by KMIP's own operations. Any other function is answered by PKCS#11's own FUNCTION_NOT_SUPPORTED, which is a success of
the operation.

Parameters are written as the profile says: a CK_BYTE is one byte, a CK_ULONG eight, big-endian; a count is four and stands before its
array; a byte before an output array says whether there is room for it. C_Initialize gives a Correlation Value, which stands for the
library that was initialized, until C_Finalize.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

from kmip_server.enums import Operation, PKCS11Function, PKCS11ReturnCode, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.ledger import Book, Entry
from kmip_server.messages import PKCS11Response
from kmip_server.operations.table import operation
from kmip_server.versions import V2_0, V3_0

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import PKCS11Request

LIBRARIES = Book("kmip:pkcs11", most=1000)

INTERFACE = "PKCS 11"
"""The name of the default interface (PKCS#11 3.0, 5.4.4)."""

KEPT_SECONDS = 24 * 60 * 60
CORRELATION_BYTES = 16

CRYPTOKI_VERSION = bytes((3, 0))
LIBRARY_VERSION = bytes((0, 1))
NO_VERSION = bytes(2)
SLOT = 0
NO_FLAGS = 0
"""Of the slot: no token is present in it, and it is no hardware."""

_ulong, _count = struct.Struct(">Q"), struct.Struct(">I")

Result: TypeAlias = "tuple[PKCS11ReturnCode, bytes | None]"
"""A return code and the output parameters."""


@operation(Operation.PKCS_11, writes=True, since=V2_0)
async def pkcs11(request: PKCS11Request, context: RequestContext) -> PKCS11Response:
    """Call a function of the library."""
    if request.pkcs_11_interface not in {None, INTERFACE}:
        raise KmipFailure(ResultReason.PKCS_11_INVALID_INTERFACE, f"there is no interface but {INTERFACE!r}")
    function = request.pkcs_11_function
    if function is None or function not in set(PKCS11Function):
        raise KmipFailure(ResultReason.PKCS_11_INVALID_FUNCTION, "this is no function of PKCS#11 3.0, and there are no vendor's")
    if function is PKCS11Function.C_INITIALIZE:
        return await _initialize(request, context)
    library = None if request.correlation_value is None else LIBRARIES.read(context.store, request.correlation_value.hex(), context.now)
    if library is None or library.client != context.peer.client.id:
        return _answer(request, context, PKCS11ReturnCode.CRYPTOKI_NOT_INITIALIZED)
    if function is PKCS11Function.C_FINALIZE:
        await context.store.write(lambda transaction: LIBRARIES.remove(transaction, library.key))
        return _answer(request, context, PKCS11ReturnCode.OK)
    answer = FUNCTIONS.get(function)
    if answer is None:
        return _answer(request, context, PKCS11ReturnCode.FUNCTION_NOT_SUPPORTED)
    given = Parameters(request.pkcs_11_input_parameters or b"")
    code, output = answer(given, context)
    given.end()
    return _answer(request, context, code, output)


async def _initialize(request: PKCS11Request, context: RequestContext) -> PKCS11Response:
    """Another library; its arguments are about threads, which this side of the wire has nothing to do with."""
    if request.correlation_value is not None:
        return _answer(request, context, PKCS11ReturnCode.CRYPTOKI_ALREADY_INITIALIZED)
    value = context.services.random(CORRELATION_BYTES)
    entry = Entry(value.hex(), context.peer.client.id, {}, context.now, context.now + KEPT_SECONDS)
    await context.store.write(lambda transaction: LIBRARIES.add(transaction, entry))
    return PKCS11Response(pkcs_11_function=request.pkcs_11_function, correlation_value=value, pkcs_11_return_code=PKCS11ReturnCode.OK)


def _answer(request: PKCS11Request, context: RequestContext, code: PKCS11ReturnCode, output: bytes | None = None) -> PKCS11Response:
    """The answer; the draft of 3.0 has the Correlation Value in it too, 2.x only has one that is new."""
    return PKCS11Response(
        correlation_value=None if context.version < V3_0 else request.correlation_value,
        pkcs_11_interface=request.pkcs_11_interface,
        pkcs_11_function=request.pkcs_11_function,
        pkcs_11_output_parameters=output,
        pkcs_11_return_code=code,
    )


class Parameters:
    """The input parameters of a function, read from the front. Raises `KmipFailure` (PKCS#11 Codec Error) when they are not as it has
    them.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def byte(self) -> int:
        """A CK_BYTE."""
        return self._take(1)[0]

    def ulong(self) -> int:
        """A CK_ULONG."""
        number: int = _ulong.unpack(self._take(8))[0]
        return number

    def room(self) -> int | None:
        """How many elements an output array has room for; None when only their number is asked."""
        is_there = self.byte()
        count: int = _count.unpack(self._take(4))[0]
        return count if is_there else None

    def end(self) -> None:
        """There must be no more."""
        if self._data:
            raise KmipFailure(ResultReason.PKCS_11_CODEC_ERROR, f"{len(self._data)} bytes follow the last input parameter of this function")

    def rest(self) -> None:
        """Whatever else there is does not matter."""
        self._data = b""

    def _take(self, length: int) -> bytes:
        taken, self._data = self._data[:length], self._data[length:]
        if len(taken) < length:
            raise KmipFailure(ResultReason.PKCS_11_CODEC_ERROR, "the input parameters end before the last one of this function")
        return taken


def _array(numbers: list[int], room: int | None) -> Result:
    """An output array of CK_ULONGs, as far as there is room."""
    if room is None or room < len(numbers):
        code = PKCS11ReturnCode.OK if room is None else PKCS11ReturnCode.BUFFER_TOO_SMALL
        return code, b"\0" + _count.pack(len(numbers))
    return PKCS11ReturnCode.OK, b"\1" + _count.pack(len(numbers)) + b"".join(_ulong.pack(number) for number in numbers)


def _padded(text: str, length: int) -> bytes:
    """A text as PKCS#11 has it: filled up with blanks, without a zero at its end."""
    return text.encode()[:length].ljust(length)


def _get_info(_: Parameters, context: RequestContext) -> Result:
    """CK_INFO."""
    vendor = _padded(context.services.vendor, 32)
    return PKCS11ReturnCode.OK, CRYPTOKI_VERSION + vendor + _ulong.pack(NO_FLAGS) + _padded("KMIP server", 32) + LIBRARY_VERSION


def _get_slot_list(given: Parameters, _: RequestContext) -> Result:
    """The slots: of those with a token in them there are none."""
    with_token, room = given.byte(), given.room()
    return _array([] if with_token else [SLOT], room)


def _get_slot_info(given: Parameters, context: RequestContext) -> Result:
    """CK_SLOT_INFO."""
    if given.ulong() != SLOT:
        return PKCS11ReturnCode.SLOT_ID_INVALID, None
    vendor = _padded(context.services.vendor, 32)
    return PKCS11ReturnCode.OK, _padded("no token", 64) + vendor + _ulong.pack(NO_FLAGS) + NO_VERSION + NO_VERSION


def _of_the_token(given: Parameters, _: RequestContext) -> Result:
    """What is asked of a slot's token, which is not there."""
    slot = given.ulong()
    given.rest()
    return (PKCS11ReturnCode.TOKEN_NOT_PRESENT if slot == SLOT else PKCS11ReturnCode.SLOT_ID_INVALID), None


FUNCTIONS: dict[PKCS11Function, Callable[[Parameters, RequestContext], Result]] = {
    PKCS11Function.C_GET_INFO: _get_info,
    PKCS11Function.C_GET_SLOT_LIST: _get_slot_list,
    PKCS11Function.C_GET_SLOT_INFO: _get_slot_info,
    PKCS11Function.C_GET_TOKEN_INFO: _of_the_token,
    PKCS11Function.C_GET_MECHANISM_LIST: _of_the_token,
    PKCS11Function.C_GET_MECHANISM_INFO: _of_the_token,
    PKCS11Function.C_OPEN_SESSION: _of_the_token,
    PKCS11Function.C_CLOSE_ALL_SESSIONS: _of_the_token,
}
"""The functions that are answered, beside C_Initialize and C_Finalize."""
