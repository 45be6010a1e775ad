"""A conformance suite for any KMIP server, in any language. It shares no code with the server it judges."""
