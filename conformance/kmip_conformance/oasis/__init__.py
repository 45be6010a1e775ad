"""A player for the XML test cases that OASIS publishes, against any KMIP server (docs/oasis.md)."""
