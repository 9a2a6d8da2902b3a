"""Settings of uploaded files: where they lie, how large they may be, who looks for viruses."""

from __future__ import annotations
