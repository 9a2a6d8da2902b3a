"""Settings of accounts: signing up and in, second factors, other providers."""

from __future__ import annotations
