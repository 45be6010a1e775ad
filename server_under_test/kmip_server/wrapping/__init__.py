"""How key material is wrapped at rest: one contract (`contract`), and the keepers of root keys that fulfil it."""
