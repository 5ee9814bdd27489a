"""Keeping venues connected to Dojo: both directions together, while a process holds the lease."""
