"""KMIP adapters as resources of the REST API: adapters, their client certificates, their objects."""
