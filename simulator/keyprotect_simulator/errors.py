"""What can go wrong with the simulator as a program, told to the person who started it.

Nothing here is sent over the wire: what Key Protect and IAM answer to a client is in `faults` and `iam.faults`.

    SimulatorError                   root; carries a hint and the exit code of the command
    ├── AddressUnavailable           the port is taken, or the host name is not ours
    ├── SeedUnusable                 a seed cannot be read, or makes no sense
    ├── TlsUnusable                  the certificate or its key cannot be used
    └── StateFolderError             the state folder cannot be used
        ├── StateFolderInUse         … another simulator has it open
        ├── StateFolderUnusable      … it is no folder, or not ours to write
        └── StateFolderCorrupt       … what is in it cannot be read back
"""

from __future__ import annotations


class SimulatorError(Exception):
    """Root of the tree: `str(error)` says what happened and why, `hint` what to do about it."""

    exit_code = 4

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class AddressUnavailable(SimulatorError):
    """The host and port of the settings cannot be listened on."""


class SeedUnusable(SimulatorError):
    """A seed cannot be read, or asks for what cannot be."""


class TlsUnusable(SimulatorError):
    """The certificate or its private key cannot be used for TLS."""


class StateFolderError(SimulatorError):
    """The state folder cannot be used."""


class StateFolderInUse(StateFolderError):
    """Another simulator has the state folder open."""


class StateFolderUnusable(StateFolderError):
    """The state folder is no folder, or may not be read and written."""


class StateFolderCorrupt(StateFolderError):
    """The state folder holds something that this version cannot read back."""
