"""A run on disk: what it holds, where it came from, what it trained."""
