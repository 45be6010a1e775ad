"""kmiplab: a laboratory for KMIP, the OASIS Key Management Interoperability Protocol."""

__version__ = "0.1.0"
