"""What pages about files need beside what the others do."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from sangkien.initiatives.files import ACCEPT, MEGABYTE, Limits, limits_in_force

register = template.Library()


@register.simple_tag
def file_limits() -> Limits:
    """Return how many files an initiative may have and how large they may be."""
    return limits_in_force()


@register.simple_tag
def accepted_files() -> str:
    """Return the endings that a file field offers."""
    return ACCEPT


@register.filter
def megabytes(size: int) -> int:
    """Return a limit in bytes as whole megabytes."""
    return size // MEGABYTE


@register.filter
def file_size(size: int) -> str:
    """Write a size in bytes as people do: 1,4 MB, 35 KB (Vietnamese), 1.4 MB (English)."""
    if size < MEGABYTE // 10:
        return f"{max(1, round(size / 1024))} KB"
    written = f"{size / MEGABYTE:.1f} MB"
    return written if get_language() == "en" else written.replace(".", ",")


@register.filter
def file_ending(name: str) -> str:
    """Return the end of a name in capitals: PDF."""
    return name.rpartition(".")[2].upper()
