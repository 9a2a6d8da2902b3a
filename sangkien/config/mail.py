"""Settings of what leaves the portal: e-mail and SMS."""

from __future__ import annotations
