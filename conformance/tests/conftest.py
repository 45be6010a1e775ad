"""What the tests of this room share."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # importlib mode puts no test folder on the path; `judging` is a module of its own
