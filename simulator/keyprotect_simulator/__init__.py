"""A simulator of IBM Key Protect's REST API and of IAM: routes, rules, state."""
