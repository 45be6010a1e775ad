"""What the simulator remembers, in memory and on disk."""
