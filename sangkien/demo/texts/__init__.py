"""Natural Vietnamese texts for the demo's initiatives: deterministic, quick, and never alike by accident."""

from sangkien.demo.texts.compose import DemoText, text_for
from sangkien.demo.texts.planted import NEAR_DUPLICATES, near_duplicate_of
from sangkien.demo.texts.topics import highest_number

__all__ = ["NEAR_DUPLICATES", "DemoText", "highest_number", "near_duplicate_of", "text_for"]
