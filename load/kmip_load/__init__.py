"""Load profiles for the TTLV hot path, run by Locust."""
