"""Defects of our own: reported where they happened, without a value that might be key material."""

from __future__ import annotations

import logging
import traceback

from kmip_server.enums import ResultReason
from kmip_server.errors import KmipFailure

_log = logging.getLogger("kmip_server.engine")


def defect_in(where: object, defect: Exception) -> KmipFailure:
    """Log the exception's class and the lines it came through (never its message: that may hold a value), and the failure to answer."""
    frames = traceback.extract_tb(defect.__traceback__)
    way = " < ".join(f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})" for frame in reversed(frames[-6:]))
    _log.error("unexpected %s in %s: %s", type(defect).__name__, getattr(where, "name", where), way)
    return KmipFailure(ResultReason.GENERAL_FAILURE, f"the server failed unexpectedly ({type(defect).__name__}); its log says where")
