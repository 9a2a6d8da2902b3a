"""Whatever people do, in whatever order it is folded, every figure is what the events add up to."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sangkien.core import clock
from sangkien.core.errors import Conflict
from sangkien.core.models import OutboxEntry
from sangkien.initiatives import actions
from sangkien.initiatives.models import Event, Initiative, Kind
from sangkien.initiatives.states import TRANSITIONS, EventKind, ReasonCode, State
from sangkien.people.categories import Category
from sangkien.tally.figures import FIGURE_NAMES, Counts
from sangkien.tally.fold import fold, fold_all
from sangkien.tally.models import FieldDay, LateEvent, Ordinal, RunningTotal, SubmissionDay
from sangkien.tally.queries import board, field_counts, moments, ordinal_of, summary, timeline
from sangkien.tally.rebuild import DERIVED_TABLES, rebuild, verify
from sangkien.units.models import Unit
from tests.factories import World, make_world
from tests.tally.simulation import TICK, Clock, Recount, install_clock, make_past_world, noon, rolled_back

# Without shrinking: it takes minutes, and a life that fails is short enough to be read.
law = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

VERBS = {
    "valid": EventKind.VALIDATED,
    "invalid": EventKind.INVALIDATED,
    "return": EventKind.RETURNED,
    "resubmit": EventKind.RESUBMITTED,
    "withdraw": EventKind.WITHDRAWN,
    "reinstate": EventKind.REINSTATED,
    "correct": EventKind.CORRECTED,
}


@dataclass(frozen=True)
class Deed:
    """One thing that somebody does, to the initiative and the unit that the numbers pick, after a while."""

    verb: str
    which: int
    place: int
    category: Category
    benefit: int | None
    minutes: int


deeds = st.builds(
    Deed,
    verb=st.sampled_from(("submit", "submit", "submit", "return", "resubmit", *VERBS, "fold")),
    which=st.integers(0, 99),
    place=st.integers(0, 99),
    category=st.sampled_from(list(Category)),
    benefit=st.one_of(st.none(), st.integers(0, 10**12)),
    minutes=st.sampled_from((0, 1, 59, 60, 7 * 60, 24 * 60)),
)
lives = st.lists(deeds, min_size=4, max_size=18)


class Life:
    """Does what a list of deeds says, in a world of its own clock."""

    def __init__(self, world: World, moved: Clock) -> None:
        self.world, self.clock = world, moved
        self.places = [world.top, *world.unions, *world.districts, *world.grassroots]
        self.submitted: list[Initiative] = []

    def live(self, deeds: list[Deed]) -> None:
        for deed in deeds:
            self.clock.wait(minutes=deed.minutes)
            if deed.verb == "fold":
                fold(batch=1 + deed.which % 4)
            elif deed.verb == "submit":
                self._submit(deed)
            elif self.submitted:
                self._change(deed)

    def _submit(self, deed: Deed) -> None:
        initiative = self.world.submit(
            self.places[deed.place % len(self.places)],
            category=deed.category,
            benefit_claimed=deed.benefit,
            no_benefit_reason="Không tính được",
            field=self.world.fields[deed.which % 2],
        )
        self.submitted.append(initiative)

    def _change(self, deed: Deed) -> None:
        sources = [state for state, kind in TRANSITIONS if kind == VERBS[deed.verb]]
        possible = list(Initiative.objects.filter(state__in=sources).order_by("pk"))
        # Mostly something that can be done, and what cannot be done where nothing can.
        among = possible or self.submitted
        number = among[deed.which % len(among)].pk
        officer: dict[str, Any] = {"actor": self.world.officer}
        member: dict[str, Any] = {"actor": self.world.member}
        reason: dict[str, Any] = {"reason": ReasonCode.INCOMPLETE, "note": "Thiếu tài liệu."}
        try:
            if deed.verb == "valid":
                actions.mark_valid(**officer, initiative_id=number, benefit_verified=deed.benefit)
            elif deed.verb == "invalid":
                actions.mark_invalid(**officer, initiative_id=number, **reason)
            elif deed.verb == "return":
                actions.return_initiative(**officer, initiative_id=number, **reason)
            elif deed.verb == "resubmit":
                content = self.world.content(
                    benefit_claimed=deed.benefit,
                    no_benefit_reason="Không tính được",
                    field=self.world.fields[deed.place % 2],
                    kind=list(Kind)[deed.minutes % len(Kind)],
                )
                actions.resubmit(**member, initiative_id=number, content=content)
            elif deed.verb == "withdraw":
                actions.withdraw(**member, initiative_id=number, note="Gửi nhầm.")
            elif deed.verb == "reinstate":
                actions.reinstate(**officer, initiative_id=number, note="Nhầm.")
            else:
                actions.correct(
                    **officer,
                    initiative_id=number,
                    note="Nhập nhầm đơn vị.",
                    unit=self.places[deed.place % len(self.places)],
                    category=deed.category,
                    benefit_claimed=deed.benefit,
                )
        except Conflict:
            pass  # not possible in its state: nothing must have been counted


def cells() -> dict[str, list[tuple[str, ...]]]:
    """Return every stored figure."""
    found = {}
    with connection.cursor() as cursor:
        for table in DERIVED_TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            columns = sorted((c.name, n) for n, c in enumerate(cursor.description))
            found[table] = sorted(tuple(str(row[n]) for _name, n in columns) for row in cursor.fetchall())
    return found


def check_every_figure(world: World, as_of: datetime, *, known_now: bool = False) -> None:
    """Compare summaries, categories, boards and timelines as of a moment with a recount of the events."""
    now = moments(world.programme, as_of, known_now=known_now)
    assert now.as_of == as_of
    recount = Recount()
    until = now.published if known_now else None
    for unit in (world.top, world.unions[0], world.districts[1], world.grassroots[2]):
        answer = summary(world.programme, now, unit=unit)
        assert answer.counts == recount.of(unit, as_of, known_until=until), unit.code
        for share in answer.categories:
            wanted = recount.of(unit, as_of, category=share.category.value, known_until=until)
            assert share.count == wanted.submitted, (unit.code, share.category)
        assert sum(share.count for share in answer.categories) == answer.counts.submitted
    for parent in (world.top, world.unions[1], world.districts[2]):
        found = board(world.programme, now, parent=parent)
        assert found.total == recount.of(parent, as_of, known_until=until), parent.code
        assert found.own == recount.of(parent, as_of, own=True, known_until=until), parent.code
        for row in found.rows:
            assert row.counts == recount.of(row.unit, as_of, known_until=until), row.unit.code
    for day in timeline(world.programme, now, unit=world.unions[0]):
        ends_at = min(clock.start_of_day(day.day + timedelta(days=1)), as_of)
        wanted = recount.of(world.unions[0], ends_at, known_until=until)
        assert (day.submitted, day.valid) == (wanted.submitted, wanted.valid), day.day
    by_field = {f.field_id: f.submitted for f in field_counts(world.programme, now)}
    wanted_by_field = {f.pk: recount.of(world.top, as_of, field_id=f.pk, known_until=until) for f in world.fields}
    assert by_field == {pk: counts.submitted for pk, counts in wanted_by_field.items() if counts.submitted}


@pytest.fixture
def world(db: None) -> World:
    return make_past_world()


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return install_clock(monkeypatch, noon(90))


@law
@given(deeds=lives, moment=st.integers(0, 999))
def test_every_figure_at_every_moment_is_what_the_events_add_up_to(
    world: World, moved: Clock, deeds: list[Deed], moment: int
) -> None:
    moved.at = began = noon(90)
    with rolled_back():
        Life(world, moved).live(deeds)
        fold_all()
        assert verify().is_clean
        assert not LateEvent.objects.exists()
        ended = moved.horizon()
        happened = list(Event.objects.order_by("at").values_list("at", flat=True)) or [began]
        exact = happened[moment % len(happened)]
        between = began + (ended - began) * moment / 1000
        for as_of in {exact, exact + TICK, between, ended}:
            check_every_figure(world, as_of)
        check_every_figure(world, between, known_now=True)


def standing(initiative: Initiative) -> Counts:
    """Return what an initiative counts for by what its own row says, whatever events there are."""
    state = initiative.state
    return Counts(
        submitted=1,
        valid=int(state == State.VALID),
        invalid=int(state == State.INVALID),
        returned=int(state == State.RETURNED),
        withdrawn=int(state == State.WITHDRAWN),
        benefit_claimed=initiative.benefit_claimed or 0,
        benefit_verified=(initiative.benefit_verified or 0) if state == State.VALID else 0,
    )


@law
@given(deeds=lives)
def test_every_figure_is_what_the_initiatives_themselves_say_they_are(
    world: World, moved: Clock, deeds: list[Deed]
) -> None:
    moved.at = noon(90)
    with rolled_back():
        Life(world, moved).live(deeds)
        fold_all()
        initiatives = list(Initiative.objects.all())
        now = moments(world.programme)
        for unit in (world.top, *world.unions, *world.districts, *world.grassroots):
            here = [i for i in initiatives if unit.pk in i.unit_path]
            answer = summary(world.programme, now, unit=unit)
            assert answer.counts == sum(map(standing, here), Counts()), unit.code
            for share in answer.categories:
                assert share.count == sum(i.category == share.category for i in here)
        cells_of_fields: dict[tuple[int, str], Counts] = {}
        for cell in FieldDay.objects.all():
            key = (cell.field_id, cell.kind)
            counts = Counts(*(getattr(cell, name) for name in FIGURE_NAMES))
            cells_of_fields[key] = cells_of_fields.get(key, Counts()) + counts
        for field, kind in {(i.field_id, i.kind) for i in initiatives} | set(cells_of_fields):
            there = [i for i in initiatives if (i.field_id, i.kind) == (field, kind)]
            assert cells_of_fields.get((field, kind), Counts()) == sum(map(standing, there), Counts())


def for_the_fold() -> QuerySet[OutboxEntry]:
    """What waits for the fold, and for nobody else."""
    return OutboxEntry.objects.filter(consumer="tally")


@law
@given(deeds=lives, sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_the_size_of_the_batches_makes_no_difference_and_a_rebuild_gives_the_same(
    world: World, moved: Clock, deeds: list[Deed], sizes: list[int]
) -> None:
    moved.at = noon(90)
    with rolled_back():
        Life(world, moved).live(deeds)
        waiting = for_the_fold().count()
        with rolled_back():
            assert fold_all().events == waiting
            at_once = cells()
        folded = turns = 0
        while for_the_fold().exists():
            folded += fold(batch=sizes[turns % len(sizes)]).events
            turns += 1
            assert turns <= waiting
        assert folded == waiting
        assert fold_all().events == 0
        assert cells() == at_once
        rebuild()
        assert cells() == at_once
        assert verify().is_clean


@law
@given(deeds=lives)
def test_ordinals_run_without_gaps_in_the_order_of_the_moments(world: World, moved: Clock, deeds: list[Deed]) -> None:
    moved.at = noon(90)
    with rolled_back():
        Life(world, moved).live(deeds)
        fold_all()
        submissions = Event.objects.filter(kind="submitted").order_by("at", "initiative_id")
        wanted = list(submissions.values_list("initiative_id", flat=True))
        assert list(Ordinal.objects.order_by("ordinal").values_list("ordinal", "initiative_id")) == list(
            enumerate(wanted, start=1)
        )


def test_events_of_one_moment_are_never_parted_by_a_batch(world: World, moved: Clock) -> None:
    initiative = world.submit()
    actions.correct(actor=world.officer, initiative_id=initiative.pk, note="Sai đơn vị.", unit=world.grassroots[1])
    assert for_the_fold().count() == 3
    assert [fold(batch=1).events, fold(batch=1).events] == [1, 2]
    assert not for_the_fold().exists()


def test_a_decision_is_known_from_its_own_moment_and_known_now_in_all_earlier_figures(
    world: World, moved: Clock
) -> None:
    initiative = world.submit()
    moved.wait(days=2)
    before = moved.horizon()
    moved.wait(days=3)
    actions.mark_valid(actor=world.officer, initiative_id=initiative.pk, benefit_verified=5_000_000)
    fold_all()
    then = summary(world.programme, moments(world.programme, before)).counts
    since = summary(world.programme, moments(world.programme, before, known_now=True)).counts
    assert (then.submitted, then.valid, then.benefit_verified) == (1, 0, 0)
    assert (since.submitted, since.valid, since.benefit_verified) == (1, 1, 5_000_000)


def test_a_correction_takes_everything_from_the_old_place_and_gives_it_to_the_new(world: World, moved: Clock) -> None:
    initiative = world.submit(world.grassroots[0], benefit_claimed=7_000_000)
    actions.mark_valid(actor=world.officer, initiative_id=initiative.pk, benefit_verified=6_000_000)
    moved.wait(hours=5)
    before = moved.horizon()
    actions.correct(
        actor=world.officer,
        initiative_id=initiative.pk,
        note="Nhập nhầm đơn vị.",
        unit=world.grassroots[1],
        category=Category.UNION_OFFICER,
        benefit_claimed=8_000_000,
    )
    fold_all()

    def figures(unit: Unit, moment: datetime) -> tuple[int, int, int, int]:
        counts = summary(world.programme, moments(world.programme, moment), unit=unit).counts
        return counts.submitted, counts.valid, counts.benefit_claimed, counts.benefit_verified

    after = moved.horizon()
    assert figures(world.unions[0], before) == (1, 1, 7_000_000, 6_000_000)
    assert figures(world.unions[0], after) == (0, 0, 0, 0)
    assert figures(world.grassroots[1], after) == (1, 1, 8_000_000, 6_000_000)
    assert figures(world.top, after) == (1, 1, 8_000_000, 6_000_000)
    by_category = {s.category: s.count for s in summary(world.programme, moments(world.programme, after)).categories}
    assert by_category[Category.ENTERPRISE_WORKER] == 0
    assert by_category[Category.UNION_OFFICER] == 1
    found = ordinal_of(initiative.pk)
    assert found is not None
    assert found.ordinal == 1
    assert verify().is_clean


DAMAGE = {
    "tally_running_total": "UPDATE {} SET valid = valid + 1 WHERE ends_at = (SELECT max(ends_at) FROM {})",
    "tally_submission_day": "DELETE FROM {} WHERE ctid = (SELECT min(ctid) FROM {})",
    "tally_field_day": "UPDATE {} SET benefit_claimed = benefit_claimed - 1",
    "tally_ordinal": "UPDATE {} SET ordinal = ordinal + 1000",
}


@pytest.mark.parametrize("table", DERIVED_TABLES)
def test_a_recount_finds_a_wrong_figure_in_each_table_and_a_rebuild_puts_it_right(
    world: World, moved: Clock, table: str
) -> None:
    world.submit()
    fold_all()
    right = cells()
    with connection.cursor() as cursor:
        cursor.execute(DAMAGE[table].format(table, table))
        assert cursor.rowcount > 0
    found = verify()
    assert not found.is_clean
    assert {example.table for example in found.examples} == {table}
    rebuild()
    assert cells() == right
    assert verify().is_clean


def test_a_recount_finds_a_row_too_many(world: World, moved: Clock) -> None:
    world.submit()
    fold_all()
    for model in (RunningTotal, SubmissionDay, FieldDay):
        with rolled_back():
            row = model.objects.values().first()
            assert row is not None
            model.objects.create(**(row | {"phase_id": 999}))
            assert verify().differences == 1, model


@pytest.mark.django_db(transaction=True)
def test_several_folds_at_once_count_each_event_once() -> None:
    world = make_world()
    for n in range(30):
        world.submit(world.grassroots[n % 3])
    folded: list[int] = []

    def fold_some() -> None:
        try:
            for _turn in range(6):
                folded.append(fold(batch=3).events)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=fold_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fold_all()
    assert sum(folded) <= 30
    assert summary(world.programme, moments(world.programme)).counts.submitted == 30
    assert Ordinal.objects.count() == 30
    assert verify().is_clean


@pytest.mark.django_db(transaction=True)
def test_a_board_is_read_while_a_rebuild_runs() -> None:
    world = make_world()
    world.submit()
    fold_all()
    now = moments(world.programme)
    before = board(world.programme, now).rows
    seen = []

    def read() -> None:
        try:
            for _turn in range(10):
                seen.append(board(world.programme, now).rows)
        finally:
            connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    for _turn in range(3):
        rebuild()
    reader.join()
    assert seen == [before] * 10
