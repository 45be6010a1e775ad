"""What the server sends to its clients of its own accord (KMIP 1.4, section 5; KMIP 2.1, 6.1.54 and 6.2): see `outbox`."""
