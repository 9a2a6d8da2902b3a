"""Many decided at once: previewed, written down, and carried out in parts by the worker, each with its own event."""

from sangkien.initiatives.bulk.carrying import PART, carry_out, unfinished
from sangkien.initiatives.bulk.making import prepare_bulk, stop_bulk
from sangkien.initiatives.bulk.previewing import MOST, BulkPreview, preview_bulk
from sangkien.initiatives.bulk.queries import bulks_of, get_bulk, outcomes_of, skipped_of

__all__ = [
    "MOST",
    "PART",
    "BulkPreview",
    "bulks_of",
    "carry_out",
    "get_bulk",
    "outcomes_of",
    "prepare_bulk",
    "preview_bulk",
    "skipped_of",
    "stop_bulk",
    "unfinished",
]
