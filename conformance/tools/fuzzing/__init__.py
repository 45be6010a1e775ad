"""The parts of ``fuzz_server.py``: messages to begin with, what is done to them, and how answers are judged."""
