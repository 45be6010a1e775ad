"""Why cryptography is refused: one function a Result Reason (KMIP 2.1, 11.48), so that call sites say what is wrong in one line."""

from __future__ import annotations

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure


def failed(sentence: str) -> KmipFailure:
    """The cryptography itself did not work out: a tag that does not fit, padding that is none, data of the wrong length."""
    return KmipFailure(ResultReason.CRYPTOGRAPHIC_FAILURE, sentence)


def unsupported(sentence: str) -> KmipFailure:
    """The parameters make sense, and this server cannot do what they ask for."""
    return KmipFailure(ResultReason.UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, sentence)


def bad(sentence: str) -> KmipFailure:
    """The parameters are missing, contradict each other, or do not suit the key."""
    return KmipFailure(ResultReason.BAD_CRYPTOGRAPHIC_PARAMETERS, sentence)


def missing_iv(mode: str) -> KmipFailure:
    """No IV/Counter/Nonce, and no Random IV asked for. The profiles' cases (CS-BC-M-11) ask for Invalid Message in every version."""
    return KmipFailure(ResultReason.INVALID_MESSAGE, f"{mode} needs an IV/Counter/Nonce, or Random IV in its Cryptographic Parameters")


def bad_tag_length(bytes_asked: int, mode: str) -> KmipFailure:
    """A tag length that the mode does not have. The profiles' cases (CS-BC-M-GCM-1) ask for General Failure in every version."""
    return KmipFailure(ResultReason.GENERAL_FAILURE, f"{mode} has no authentication tags of {bytes_asked} bytes")
