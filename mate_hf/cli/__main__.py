"""`python -m mate_hf.cli`."""

from mate_hf.cli import main

main()
