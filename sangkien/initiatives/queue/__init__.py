"""What waits for an officer: who sees what of it, filtered, in order, a page at a time, and how much there is."""

from sangkien.initiatives.queue.counting import Count, Work, overdue_by_child, tab_counts, waiting_count
from sangkien.initiatives.queue.filters import Filter, Order, Tab
from sangkien.initiatives.queue.heads import Heads, verified_by
from sangkien.initiatives.queue.pages import MAX_PAGE, QueuePage, QueueRow, next_after, queue_page

__all__ = [
    "MAX_PAGE",
    "Count",
    "Filter",
    "Heads",
    "Order",
    "QueuePage",
    "QueueRow",
    "Tab",
    "Work",
    "next_after",
    "overdue_by_child",
    "queue_page",
    "tab_counts",
    "verified_by",
    "waiting_count",
]
