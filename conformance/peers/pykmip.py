"""The suite against PyKMIP's own server: ``python conformance/peers/pykmip.py [--report-dir DIR] [options of kmiplab check]``.

Starts the server that PyKMIP ships (PyPI) on a free port with two client certificates and runs `kmiplab check` against it, with the
deviations that docs/peers.md explains as the baseline: the exit code is 0 as long as PyKMIP deviates exactly as described there.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).resolve().parent
STARTER = HERE.parent.parent / "load" / "benchmarks" / "pykmip_server.py"
BASELINE = HERE / "pykmip.toml"


def load(path: Path) -> ModuleType:
    """Import a script by its path: the folder of the benchmarks is no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def main(words: list[str]) -> int:
    """Run the check and give back its exit code."""
    with tempfile.TemporaryDirectory(prefix="kmiplab-pykmip-") as folder, load(STARTER).running_pykmip(Path(folder)) as peer:
        target = ["--target", f"{peer.host}:{peer.port}", "--ca", str(peer.ca), "--cert", str(peer.cert), "--key", str(peer.key)]
        others = ["--other-cert", str(peer.other_cert), "--other-key", str(peer.other_key)]
        baseline = ["--baseline", str(BASELINE)] if BASELINE.exists() and "--write-baseline" not in words else []
        command = [sys.executable, "-P", "-m", "kmiplab", "check", *target, *others, *baseline, *words]
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own arguments


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
