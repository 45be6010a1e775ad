"""``python -m kmiplab``."""

from kmiplab.cli import main

main()
