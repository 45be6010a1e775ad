"""Files that hold secrets: written whole or not at all, and readable for their owner only."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from kmip_server.errors import ConfigurationError


def write_private(path: Path, content: bytes, *, replace: bool = True) -> bool:
    """Write a file that appears complete and with mode 0600. Without ``replace`` an existing file stays: False then.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            temporary.replace(path)
            return True
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise ConfigurationError(message, "name a folder that this user may write, or mend its permissions") from error
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                temporary.unlink()
    return True


def read_file(path: Path, what: str) -> bytes:
    """Read a file that a person named. ``what`` says what it should hold. Raises `ConfigurationError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{what} {path} cannot be read: {error.strerror or error}"
        raise ConfigurationError(message, "name a file that exists and that this user may read") from error
