"""The reference KMIP server. It knows no other room of the house and talks to Key Protect over HTTP only."""
