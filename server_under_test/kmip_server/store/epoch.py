"""A counter that all processes of one state folder see, so that each knows when its cached rows are old.

Eight bytes in a mapped file. It is even at rest. A writer, holding the database's write lock, makes it odd before it commits and even
again afterwards: whoever reads the number it knows may trust its cache without asking SQLite, which costs a tenth of a microsecond and
not four. A number that stays odd is the trace of a process killed in between; readers then go to the database until the next commit.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER = struct.Struct("<Q")


class Epoch:
    """The shared counter."""

    def __init__(self, path: Path) -> None:
        """Map the file, and make it when it is not there. Raises OSError."""
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            if os.fstat(descriptor).st_size < _NUMBER.size:
                os.ftruncate(descriptor, _NUMBER.size)
            self._shared = mmap.mmap(descriptor, _NUMBER.size)
        finally:
            os.close(descriptor)

    def read(self) -> int:
        """The number now."""
        number: int = _NUMBER.unpack_from(self._shared)[0]
        return number

    def write(self, number: int) -> None:
        """Set it. Only under the database's write lock."""
        _NUMBER.pack_into(self._shared, 0, number)

    def close(self) -> None:
        """Unmap the file."""
        self._shared.close()


def odd_after(number: int) -> int:
    """The number that announces a commit, from the one at rest (or left odd by a process that was killed)."""
    return number + 1 if number % 2 == 0 else number + 2
