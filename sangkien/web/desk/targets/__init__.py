"""Targets: assigned, spread, registered, and how they changed."""
