"""The officer's queue and decisions about many, with everything of phase 1 that was never decided waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice

from bench.databases import scratch_copy
from bench.plans import Explained, explain
from bench.rows import Budget, Row, make_row
from bench.timing import beside_round_trip, milliseconds, percentile, round_trip, seconds
from sangkien.demo.world import ACCOUNTS
from sangkien.initiatives.bulk import carry_out, prepare_bulk
from sangkien.initiatives.models import Flag, Kind
from sangkien.initiatives.queue import Filter, Tab, queue_page, tab_counts
from sangkien.initiatives.states import EventKind
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import Field
from sangkien.units.models import Role

CALLS = 200
MANY = 5_000
WITHIN = Budget(50.0)
ALL_WITHIN = Budget(10.0)


def first_page() -> list[Row]:
    """Measure the first page of the queue for officers of every level, in every tab and by every filter in turn."""
    measured = beside_round_trip(list(islice(_pages(), CALLS)))
    return [make_row("queue", measured.p95, "ms p95", budget=WITHIN, reference=measured.reference)]


def counts() -> list[Row]:
    """Measure what the tabs hold, for the same officers and filters."""
    calls = [partial(tab_counts, person, wanted) for person, wanted in islice(_asked(), CALLS)]
    measured = beside_round_trip(calls)
    return [make_row("queue_counts", measured.p95, "ms p95", budget=WITHIN, reference=measured.reference)]


def many_at_once(count: int = MANY) -> list[Row]:
    """Measure finding 5,000 valid at once, from the confirmation to the last event, on a scratch copy.

    Beside it stands the time of as many bare round trips. Raises RuntimeError if not all were decided.
    """
    with scratch_copy():
        officer = _officers()[-1]

        def decide() -> None:
            bulk = prepare_bulk(
                actor=officer, kind=EventKind.VALIDATED, with_benefit=True, wanted=Filter(), limit=count
            )
            while carry_out(bulk.pk):
                pass
            bulk.refresh_from_db()
            if bulk.done != bulk.total:
                raise RuntimeError(f"{bulk.done} of {bulk.total} were decided")

        taken = seconds(decide)
        bare = percentile([milliseconds(round_trip) for _call in range(CALLS)], 50) / 1_000 * count
    return [make_row("bulk", taken, "s", budget=ALL_WITHIN, reference=bare)]


def plans() -> list[Explained]:
    """Explain the queue of the officer above all, unfiltered and by what next to nothing matches."""
    officer = _officers()[-1]
    return [
        explain("queue", partial(queue_page, officer, Filter())),
        explain("queue_counts", partial(tab_counts, officer, _filters()[-1])),
    ]


def _officers() -> list[Person]:
    """Return the demo's verifiers, the one above all last."""
    verifiers = [account for account in ACCOUNTS if account.role == Role.VERIFIER]
    people = {person.username: person for person in Person.objects.filter(username__in=[v.username for v in verifiers])}
    return [people[v.username] for v in sorted(verifiers, key=lambda v: v.unit_code == "TLD")]


def _filters() -> list[Filter]:
    """Return every tab and every filter alone, and all of them together."""
    fields = list(Field.objects.order_by("pk"))
    kind, category = Kind.RESEARCH_PROJECT, Category.PARTY_STATE_BODY
    return [
        *(Filter(tab=tab) for tab in Tab),
        Filter(field=fields[1]),
        Filter(kind=kind),
        Filter(category=category),
        Filter(age_days=3_650),
        Filter(benefit_from=10**12),
        Filter(flags=Flag.LARGE_BENEFIT),
        Filter(flags=Flag.OBJECTED),
        Filter(text="thang treo"),
        Filter(field=fields[1], kind=kind, category=category, flags=Flag.LARGE_BENEFIT, benefit_from=1),
    ]


def _asked() -> Iterator[tuple[Person, Filter]]:
    """Yield officers and filters in turn, without end."""
    return cycle([(person, wanted) for wanted in _filters() for person in _officers()])


def _pages() -> Iterator[Callable[[], object]]:
    """Yield questions for a first page, without end."""
    return (partial(queue_page, person, wanted) for person, wanted in _asked())
