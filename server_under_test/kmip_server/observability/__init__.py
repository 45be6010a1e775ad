"""What the server tells its operator: log lines, metrics, and its health."""
