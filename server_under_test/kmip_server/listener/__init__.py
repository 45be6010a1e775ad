"""From the socket to the engine and back: TLS, framing, limits."""
