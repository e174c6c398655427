"""Speed and quality as commands that print a table: `python -m benchmarks.NAME --help`."""
