"""The mutants, by what they spoil. Each is modelled on a real server's bug, named in its ``source``, or on a rule that is easily missed."""

from kmip_conformance.proxy.mutants import (
    access,
    attributes,
    cryptography,
    custody,
    encoding,
    keys,
    later,
    messages,
    objects,
    objects_kept,
    queries,
    variations,
)

__all__ = [
    "access",
    "attributes",
    "cryptography",
    "custody",
    "encoding",
    "keys",
    "later",
    "messages",
    "objects",
    "objects_kept",
    "queries",
    "variations",
]
