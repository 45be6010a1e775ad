"""The way of a request through the server: see `engine.engine`."""

from __future__ import annotations

from kmip_server.engine.engine import Engine

__all__ = ["Engine"]
