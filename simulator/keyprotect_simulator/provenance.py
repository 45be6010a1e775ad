"""How we know what the simulator does: every behaviour carries one of these three words.

Nobody here has compared the simulator with the live service, so none of them means *verified*. A behaviour that is nowhere
described is still simulated (a server has to answer something), and says so.
"""

from __future__ import annotations

from enum import Enum


class Provenance(Enum):
    """Where a behaviour comes from."""

    DOCUMENTED = "documented"
    """IBM's documentation, OpenAPI document or SDKs say so."""
    RECORDED = "recorded"
    """Seen in traffic of the real service or of IBM's own clients, or asserted by tests that IBM runs against the service."""
    INFERRED = "inferred"
    """Our best guess, by analogy."""


DOCUMENTED = Provenance.DOCUMENTED
RECORDED = Provenance.RECORDED
INFERRED = Provenance.INFERRED
