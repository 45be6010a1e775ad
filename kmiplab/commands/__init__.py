"""One module a sub-command. Each is imported only when it is asked for, so that `kmiplab --help` stays fast."""
