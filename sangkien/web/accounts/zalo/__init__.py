"""Signing in with Zalo: its OAuth 2 (version 4), which has names and headers of its own."""
