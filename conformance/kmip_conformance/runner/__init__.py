"""Running the suite from outside pytest: `run` judges a target in a child process of its own and writes the record of the run.

The parent surveys the target, makes the plan, starts the child, and turns its lines into check records; it shows nothing. Whoever wants
to see the run as it goes passes an observer.
"""

from kmip_conformance.runner.options import CheckOptions, Observer
from kmip_conformance.runner.running import run

__all__ = ["CheckOptions", "Observer", "run"]
