"""Cryptography: bytes, keys and Cryptographic Parameters in; bytes, keys or a `KmipFailure` with the clause's Result Reason out.

Every cipher, signature, key and certificate is the `cryptography` package's; what it lacks is refused. Nothing here knows managed objects,
the store or a request.
"""
