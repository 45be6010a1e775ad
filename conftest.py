"""What the tests of every room share: how long Hypothesis looks, and from where the packages come.

Hypothesis has two profiles. ``dev`` looks elsewhere each time; ``ci`` (where ``CI`` is set) looks at the same examples each time, so that
a red run is about the change it ran on. Neither has a deadline or minds slow drawing: both would measure the machine. The number of
examples is a test's own business.
"""

from __future__ import annotations

import os
import sysconfig
from importlib import import_module

import pytest
from hypothesis import HealthCheck, settings

PACKAGES = ("kmiplab", "kmip_server", "keyprotect_simulator", "kmip_conformance", "kmip_load", "kmip_reports")
ORIGINS = {name: import_module(name).__file__ or "" for name in PACKAGES}
"""Where the packages are. Imported here, before pytest takes the folder around kmiplab/tests for the package kmiplab."""

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_sessionstart() -> None:
    """Under tox the built wheel is tested: what it lacks must be missed here, not at a user's."""
    installed = sysconfig.get_path("purelib")
    strays = [file for file in ORIGINS.values() if not file.startswith(installed)]
    if strays and "TOX_ENV_NAME" in os.environ:
        raise pytest.UsageError(f"these are not the wheel's, which lies in {installed}: {', '.join(strays)}")
