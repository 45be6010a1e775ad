"""Root keys and standard keys: their life, their wrapping, and the calls that act on them."""
