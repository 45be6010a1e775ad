"""The mutants, by what they spoil. Each is modelled on a real server's bug, named in its ``source``, or on a rule that is easily missed."""

from kmip_conformance.proxy.mutants import access, attributes, cryptography, encoding, keys, messages, objects, queries, variations

__all__ = ["access", "attributes", "cryptography", "encoding", "keys", "messages", "objects", "queries", "variations"]
