"""The one exception a user is meant to read."""

from __future__ import annotations


class MateError(ValueError):
    """Bad input, said whole: what was looked at, what was found, what was expected, what to do.

    The command line prints it without a traceback and exits with 1.
    """
