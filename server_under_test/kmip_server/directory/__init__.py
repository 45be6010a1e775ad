"""Clients, their pinned certificates, and the keys and certificates that the server makes itself."""
