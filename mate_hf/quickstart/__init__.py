"""`make quickstart` and `make generator`: the whole line, command by command, on the embedded corpus."""
