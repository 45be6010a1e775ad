#!/usr/bin/env python3
"""Run kmiplab, or its tests, from a fresh checkout: `python3 lab.py check`, `python3 lab.py test`.

Needs Python 3.11 or newer and nothing else. Makes a virtual environment in ``.venv`` beside this file (KMIPLAB_VENV names another
place), installs the project in it, and hands over: ``test`` runs the tests through tox (further words are tox's: `lab.py test -e py`),
every other word is a `kmiplab` command. The installation is repeated only when ``pyproject.toml`` has changed or when it was cut short.

Older Pythons must be able to read this file, to be told that they are too old.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PLACE = Path(os.environ.get("KMIPLAB_VENV") or ROOT / ".venv").absolute()
PYTHON = PLACE / "bin" / "python"
DONE, BEGUN = PLACE / "kmiplab-installed", PLACE / "kmiplab-installing"
OURS = "{}.{}".format(*sys.version_info[:2])
TEST_ENVIRONMENTS = "lint,types,imports,self-conformance,py"


class NoInstallation(Exception):
    """What a person must know, in words."""


def say(words: str) -> None:
    """To standard error: standard output is the command's own."""
    print("kmiplab: " + words, file=sys.stderr, flush=True)  # noqa: T201


def wanted() -> str:
    """What an installation of this very checkout leaves in `DONE`."""
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode() + sys.version.encode()).hexdigest()


def install() -> None:
    """Make the virtual environment and install the project and tox in it, unless that is done; one process at a time."""
    if is_done():
        return
    import fcntl

    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_done():
            return
        say(f"installing into {PLACE} (once; a minute or so)")
        if BEGUN.exists() or pip_there() != OURS:
            make()
        BEGUN.touch()
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        failed = subprocess.run([*pip, "--editable", str(ROOT), "tox>=4.24"], check=False).returncode  # noqa: S603 - our own arguments
        if failed >= 0:  # pip came to an end of its own: nothing is half there
            BEGUN.unlink()
        if failed:
            raise NoInstallation("the installation failed; pip says why above. It needs the package index: is this machine offline?")
        DONE.write_text(wanted())


def is_done() -> bool:
    """Whether this very project is installed, for this very Python."""
    return DONE.is_file() and DONE.read_text() == wanted() and not BEGUN.exists()


def pip_there() -> str:
    """The Python that the virtual environment's pip works for, as "3.11"; "" where none works."""
    asked = [str(PYTHON), "-m", "pip", "--version"]
    try:
        told = subprocess.run(asked, check=False, capture_output=True, text=True).stdout  # noqa: S603 - our own arguments
    except OSError:
        return ""
    return told.rpartition("(python ")[2].strip(") \n")


def make() -> None:
    """Make the virtual environment anew. Somebody else's folder is left alone."""
    import shutil
    import venv

    if PLACE.exists() and any(PLACE.iterdir()) and not (DONE.exists() or BEGUN.exists()):
        other = pip_there()
        if other or not (PLACE / "pyvenv.cfg").exists():
            what = f"a virtual environment of Python {other}, not {OURS}" if other else "no virtual environment"
            raise NoInstallation(f"{PLACE} is {what}; remove it, or name another place in KMIPLAB_VENV")
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    BEGUN.touch()
    try:
        venv.create(PLACE, symlinks=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise NoInstallation(f"no pip in {PLACE}: does this Python lack ensurepip? Debian and Ubuntu: apt install python3-venv") from error


def main() -> None:
    """Install what is missing, then become the command."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what an older Python is told by
        say(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. If there is a newer one: python3.12 lab.py …")
        sys.exit(4)
    words = sys.argv[1:] or ["--help"]
    try:
        install()
    except (NoInstallation, OSError) as error:
        say(str(error))
        sys.exit(4)
    except KeyboardInterrupt:
        say("interrupted; the next start begins the installation anew")
        sys.exit(2)
    if words[0] == "test":
        environments = [] if "-e" in words else ["-e", TEST_ENVIRONMENTS]
        words = ["tox", "run", "-c", str(ROOT / "tox.ini"), *environments, *words[1:]]
    else:
        words = ["kmiplab", *words]
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", *words])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
