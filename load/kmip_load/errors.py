"""What can go wrong with a load run, told to people.

::

    LoadError                  hint, exit_code
    ├── UnusableOption         4  an option or a threshold that cannot be meant
    ├── SetupFailed            4  the target answers, but refuses what the profile needs
    └── GeneratorLost          3  a load generator process ended without being asked

A target that cannot be reached, does not speak KMIP or fails the TLS handshake is diagnosed by `kmip_conformance.client`, whose
errors pass through. A request that fails *during* the run is not an exception for people: it is counted, with its reason.
"""

from __future__ import annotations


class LoadError(Exception):
    """``str()`` says what happened and why, ``hint`` what to do about it."""

    exit_code = 4

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class UnusableOption(LoadError):
    """An option's value makes no sense."""


class SetupFailed(LoadError):
    """The keys that the profile needs could not be made on the target."""


class GeneratorLost(LoadError):
    """A load generator ended in the middle of the run: a bug of ours, or the system ended it."""

    exit_code = 3
