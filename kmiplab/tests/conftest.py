"""What the tests of the front door share."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # importlib mode puts no test folder on the path; `mutant_tour` is a module of its own
