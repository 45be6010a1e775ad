#!/usr/bin/env python3
"""Run kmiplab, or its tests, from a fresh checkout: `python3 lab.py check`, `python3 lab.py test`.

Needs Python 3.11 or newer and nothing else. Makes a virtual environment in ``.venv`` beside this file (KMIPLAB_VENV names another
place), installs the project in it, and hands over: ``test`` runs the tests through tox, every other word is a `kmiplab` command.
The installation is repeated only when ``pyproject.toml`` has changed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PLACE = Path(os.environ.get("KMIPLAB_VENV", ROOT / ".venv"))
BIN = PLACE / ("Scripts" if os.name == "nt" else "bin")
TEST_ENVIRONMENTS = "lint,types,imports,py,self-conformance"


def install() -> None:
    """Make the virtual environment and install the project and tox, unless that was done for this very pyproject.toml."""
    stamp = PLACE / "kmiplab-installed"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"kmiplab: installing into {PLACE} (once; a minute or so)", file=sys.stderr)  # noqa: T201
    if not (BIN / "python").exists() and not (BIN / "python.exe").exists():
        venv.create(PLACE, with_pip=True)
    quiet = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*quiet, "--editable", str(ROOT), "tox>=4.24"], check=True)  # noqa: S603 - our own arguments
    stamp.write_text(wanted)


def main() -> int:
    """Install what is missing, then run the command; its exit code is ours."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what an older Python is told by
        print("kmiplab needs Python 3.11 or newer; this is " + sys.version.split()[0], file=sys.stderr)  # noqa: T201
        return 4
    words = sys.argv[1:] or ["--help"]
    try:
        install()
    except subprocess.CalledProcessError as error:
        print("kmiplab: the installation failed; pip says why above", file=sys.stderr)  # noqa: T201
        return error.returncode
    if words[0] == "test":
        command = [str(BIN / "tox"), "run", "-c", str(ROOT / "tox.ini"), "-e", TEST_ENVIRONMENTS, *words[1:]]
    else:
        command = [str(BIN / "kmiplab"), *words]
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own arguments
    except KeyboardInterrupt:
        return 2


if __name__ == "__main__":
    sys.exit(main())
