"""What the server sends by itself (KMIP 2.1, 6.2): requests to a client over the connection whose roles it has turned."""
