"""History enters through one door: in parts, once, and nothing stays aside afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from sangkien.core import clock
from sangkien.core.errors import Conflict
from sangkien.initiatives.models import Author, Event, Initiative
from sangkien.initiatives.states import EventKind, State
from sangkien.people.models import system_actor
from sangkien.tally import history
from sangkien.tally.fold import fold_all
from sangkien.tally.history import PastAuthor, PastInitiative, PastStep, is_loading, load_history
from sangkien.tally.models import HistoryLoad, Ordinal
from sangkien.tally.queries import board, moments, summary
from sangkien.tally.rebuild import verify
from tests.factories import World, make_world
from tests.tally.simulation import Recount

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = 4
A_PART = 3
KINDS = ("technical_solution", "management_solution", "research_project")

Source = Callable[[int], Iterable[PastInitiative]]


@pytest.fixture
def world() -> Iterator[World]:
    yield make_world()
    for unfinished in HistoryLoad.objects.exclude(set_aside=[]):
        history._restore(unfinished.pk)  # so that a test that fails spoils no other


def microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def past(world: World, number: int, **changes: object) -> PastInitiative:
    """Return the past initiative of this number; what became of it follows from the number."""
    actor = system_actor("history").pk
    at = microseconds(world.phase.opens_at + timedelta(hours=13 * number))
    hour = 3_600_000_000
    endings: list[list[PastStep]] = [
        [],
        [PastStep(EventKind.VALIDATED, at + hour, actor, verified=5_000_000)],
        [PastStep(EventKind.INVALIDATED, at + hour, actor, reason="duplicate", note="Trùng \\ với\tsố\n1")],
        [
            PastStep(EventKind.RETURNED, at + hour, actor, reason="incomplete", note="Thiếu."),
            PastStep(EventKind.RESUBMITTED, at + 30 * hour, actor),
            PastStep(EventKind.VALIDATED, at + 31 * hour, actor, verified=None),
        ],
        [
            PastStep(EventKind.VALIDATED, at + hour, actor, verified=7),
            PastStep(EventKind.INVALIDATED, at + 2 * hour, actor, reason="duplicate", note="Trùng."),
            PastStep(EventKind.REINSTATED, at + 3 * hour, actor),
        ],
    ]
    values: dict[str, object] = {
        "number": number,
        "phase_id": world.phase.pk,
        "unit_path": world.grassroots[number % 3].path,
        "category": ("enterprise_worker", "union_officer")[number % 2],
        "kind": KINDS[number % 3],
        "field_id": world.fields[number % 2].pk,
        "title": f"Sáng kiến số {number}",
        "problem": "Băng tải\nhay kẹt \\ rách.",
        "solution": "Lắp\tlưỡi gạt",
        "novelty": "",
        "applied_scope": "",
        "applied_on": clock.day_of(world.phase.opens_at).isoformat(),
        "recognised_by": "Hội đồng",
        "recognition_document": "",
        "benefit_claimed": None if number % 4 == 0 else 1_000_000 * number,
        "no_benefit_reason": "",
        "social_benefit": "",
        "submitter_id": actor,
        "at_us": at,
        "authors": [
            PastAuthor("Lê Văn Ba", "union_officer", "", 60, "Tổ 1"),
            PastAuthor("Hoa", "union_officer", "", 40, ""),
        ],
        "steps": endings[number % len(endings)],
    }
    return PastInitiative(**(values | changes))  # type: ignore[arg-type]


def source_of(world: World) -> Source:
    def source(part: int) -> Iterator[PastInitiative]:
        for n in range(A_PART):
            yield past(world, 1 + part * A_PART + n)

    return source


def load(world: World, source: Source, *, processes: int = 1, name: str = "phase-1") -> bool:
    return load_history(name=name, programme=world.programme, parts=PARTS, source=source, processes=processes)


def what_stands_aside() -> dict[str, list[tuple[object, ...]]]:
    """Return the indexes, constraints and triggers of the three tables, as the database has them."""
    tables = ["initiatives_initiative", "initiatives_author", "initiatives_event"]
    questions = {
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) ORDER BY 1",
        "constraints": (
            "SELECT conname, contype::text, convalidated, condeferrable, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = ANY(%s::regclass[]) ORDER BY 1, 5"
        ),
        "triggers": (
            "SELECT tgname, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = ANY(%s::regclass[]) AND NOT tgisinternal ORDER BY 1, 3"
        ),
    }
    found = {}
    with connection.cursor() as cursor:
        for what, sql in questions.items():
            cursor.execute(sql, [tables])
            found[what] = list(cursor.fetchall())
    return found


def check_loaded(world: World) -> None:
    assert list(Initiative.objects.order_by("pk").values_list("pk", flat=True)) == list(range(1, PARTS * A_PART + 1))
    assert list(Ordinal.objects.order_by("ordinal").values_list("ordinal", "initiative_id")) == [
        (n, n) for n in range(1, PARTS * A_PART + 1)
    ]
    assert verify().is_clean
    now, recount = moments(world.programme), Recount()
    assert summary(world.programme, now).counts == recount.of(world.top, now.as_of)
    for row in board(world.programme, now).rows:
        assert row.counts == recount.of(row.unit, now.as_of)
    assert not is_loading()


@pytest.mark.parametrize("processes", [1, 2])
def test_a_history_is_loaded_counted_and_nothing_stays_aside(world: World, processes: int) -> None:
    before = what_stands_aside()
    assert load(world, source_of(world), processes=processes)
    assert what_stands_aside() == before
    check_loaded(world)
    third = Initiative.objects.get(pk=2)
    assert (third.problem, third.solution) == ("Băng tải\nhay kẹt \\ rách.", "Lắp\tlưỡi gạt")
    assert (third.state, third.is_historical, third.unit) == (State.INVALID, True, world.grassroots[2])
    assert Event.objects.get(initiative=2, number=2).note == "Trùng \\ với\tsố\n1"
    assert [a.share for a in third.authors.all()] == [60, 40]


def test_a_history_counts_exactly_what_the_transition_table_says(world: World) -> None:
    load(world, source_of(world))
    counts = summary(world.programme, moments(world.programme)).counts
    by_end = [sum(n % 5 == end for n in range(1, 13)) for end in range(5)]
    assert counts.submitted == 12
    assert (counts.valid, counts.invalid, counts.returned) == (by_end[1] + by_end[3], by_end[2], 0)
    assert counts.waiting == by_end[0] + by_end[4]
    assert counts.benefit_verified == 5_000_000 * by_end[1]
    assert counts.benefit_claimed == sum(1_000_000 * n for n in range(1, 13) if n % 4)


def test_loading_twice_is_loading_once(world: World) -> None:
    assert load(world, source_of(world))
    assert not load(world, source_of(world))
    check_loaded(world)


def test_a_load_that_was_cut_off_is_continued_where_it_stopped(world: World) -> None:
    before = what_stands_aside()
    asked: list[int] = []
    whole = source_of(world)

    def breaks_down(part: int) -> Iterator[PastInitiative]:
        asked.append(part)
        for n, found in enumerate(whole(part)):
            if part == 2 and n == 1:
                raise ConnectionError("the other portal has gone")
            yield found

    with pytest.raises(ConnectionError):
        load(world, breaks_down)
    assert asked == [0, 1, 2]
    assert is_loading()
    assert Initiative.objects.count() == 2 * A_PART
    asked.clear()

    def goes_on(part: int) -> Iterable[PastInitiative]:
        asked.append(part)
        return whole(part)

    assert load(world, goes_on)
    assert asked == [2, 3]
    assert what_stands_aside() == before
    check_loaded(world)


def test_a_load_that_was_cut_off_before_counting_is_only_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = what_stands_aside()

    def breaks_down() -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("sangkien.tally.history.rebuild", breaks_down)
        with pytest.raises(ConnectionError):
            load(world, source_of(world))

    def must_not_be_asked(part: int) -> Iterable[PastInitiative]:
        raise AssertionError(part)

    assert load(world, must_not_be_asked)
    assert what_stands_aside() == before
    check_loaded(world)


def test_a_history_is_refused_where_something_live_has_happened(world: World) -> None:
    world.submit()
    with pytest.raises(Conflict) as refusal:
        load(world, source_of(world))
    assert refusal.value.code == "history_too_late"
    assert Initiative.objects.count() == 1


def test_a_second_history_enters_beside_the_first_with_nothing_put_aside(world: World) -> None:
    load(world, source_of(world))

    def later(part: int) -> Iterator[PastInitiative]:
        for n in range(A_PART):
            yield past(world, 101 + part * A_PART + n)
        assert len(what_stands_aside()["indexes"]) == indexes

    indexes = len(what_stands_aside()["indexes"])
    before = what_stands_aside()
    assert load(world, later, name="phase-2")
    assert what_stands_aside() == before
    assert Initiative.objects.count() == 2 * PARTS * A_PART
    assert verify().is_clean


def test_life_goes_on_after_a_history(world: World) -> None:
    load(world, source_of(world))
    live = world.submit()
    assert live.pk > PARTS * A_PART
    assert fold_all().events == 1
    assert Ordinal.objects.get(initiative_id=live.pk).ordinal == PARTS * A_PART + 1
    assert summary(world.programme, moments(world.programme)).counts.submitted == PARTS * A_PART + 1
    assert verify().is_clean
    with pytest.raises(IntegrityError, match="add up to 41"):
        Author.objects.filter(initiative_id=1, number=1).update(share=1)


HOUR_US = 3_600_000_000


@pytest.mark.parametrize("wrong", ["step", "order", "before submission", "future"])
def test_a_history_that_no_initiative_can_have_is_refused(world: World, wrong: str) -> None:
    actor = system_actor("history").pk
    at = past(world, 6).at_us
    histories: dict[str, dict[str, object]] = {
        "step": {"steps": [PastStep(EventKind.REINSTATED, at + 1, actor)]},
        "order": {
            "steps": [
                PastStep(EventKind.VALIDATED, at + 9 * HOUR_US, actor),
                PastStep(EventKind.INVALIDATED, at + HOUR_US, actor, note="x"),
            ]
        },
        "before submission": {"steps": [PastStep(EventKind.VALIDATED, at - 1, actor)]},
        "future": {"at_us": microseconds(clock.now()) + HOUR_US, "steps": []},
    }

    def source(part: int) -> Iterator[PastInitiative]:
        yield past(world, 5 + part, **(histories[wrong] if part == 1 else {}))

    before = what_stands_aside()
    with pytest.raises(Conflict) as refusal:
        load(world, source)
    assert refusal.value.code == ("wrong_state" if wrong == "step" else "wrong_moments")
    assert list(Initiative.objects.values_list("pk", flat=True)) == [5]
    assert is_loading()
    assert load(world, lambda part: [past(world, 5 + part)]), "once it has been put right it can go on"
    assert what_stands_aside() == before
    assert verify().is_clean


def test_a_history_with_wrong_shares_is_refused_before_it_is_counted(world: World) -> None:
    def source(part: int) -> Iterator[PastInitiative]:
        share = 99 if part == 3 else 100
        yield past(world, 1 + part, authors=[PastAuthor("Hoa", "union_officer", "", share, "")])

    before = what_stands_aside()
    with pytest.raises(Conflict) as refusal:
        load(world, source)
    assert refusal.value.code == "shares_total_100"
    assert HistoryLoad.objects.get().counted_at is None
    fold_all()
    assert summary(world.programme, moments(world.programme)).counts.submitted == 0
    assert not Ordinal.objects.exists()
    assert load(world, lambda part: [past(world, 1 + part)]), "once it has been put right it can go on"
    assert what_stands_aside() == before
    assert summary(world.programme, moments(world.programme)).counts.submitted == PARTS
