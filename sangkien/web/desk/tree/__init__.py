"""The tree of units: opening, renaming, moving, merging, closing."""
