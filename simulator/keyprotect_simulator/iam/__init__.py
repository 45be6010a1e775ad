"""IAM: API keys for tokens, and the public keys to check these with."""
