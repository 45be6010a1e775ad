"""Where objects are kept: one contract (`contract`), and the databases that fulfil it."""
