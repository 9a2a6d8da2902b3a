"""The queue: who sees what waits, in which order, filtered how, and how much of it there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import fold_marks
from sangkien.initiatives import actions
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Author, Flag, Initiative, Kind
from sangkien.initiatives.queue import (
    Count,
    Filter,
    Order,
    Tab,
    next_after,
    overdue_by_child,
    queue_page,
    tab_counts,
    waiting_count,
)
from sangkien.initiatives.states import ReasonCode, State
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.units.models import RolledUnit, Unit
from tests.factories import World, follow, grant, make_person, make_unit

Q = Filter()


def numbers(person: Person, wanted: Filter = Q, limit: int = 50) -> list[int]:
    """Return the whole queue, page by page."""
    found: list[int] = []
    after: str | None = None
    while True:
        page = queue_page(person, wanted, after, limit)
        found += [row.initiative.pk for row in page.rows]
        if (after := page.next) is None:
            return found


def make_due(initiative: Initiative, days: int) -> Initiative:
    """Let a decision be due so many days from now."""
    initiative.due_at = clock.now() + timedelta(days=days)
    initiative.save()
    return initiative


# --- who sees what -----------------------------------------------------------------------------------------------


def test_an_officer_sees_what_waits_in_their_unit_and_below(world: World) -> None:
    here, elsewhere = world.submit(world.grassroots[0]), world.submit(world.grassroots[1])
    for unit in (world.unions[0], world.districts[0], world.grassroots[0]):
        officer = make_person()
        grant(officer, unit)
        assert numbers(officer) == [here.pk]
    assert numbers(world.officer) == [here.pk, elsewhere.pk]


def test_below_the_third_level_units_with_units_below_are_seen_whole(world: World) -> None:
    section = make_unit("TO-1", world.grassroots[0])
    one = world.submit(section)
    officer = make_person()
    grant(officer, world.grassroots[0])
    assert numbers(officer) == [one.pk]
    assert waiting_count(world.grassroots[0]) == 1


def test_whoever_is_no_verifier_has_an_empty_queue(world: World) -> None:
    world.submit()
    assert numbers(world.member) == []
    assert tab_counts(world.member, Q) == {tab: Count(0) for tab in Tab}


def test_several_rights_make_one_queue_in_order_and_nothing_stands_twice(world: World) -> None:
    made = [world.submit(unit) for unit in (world.grassroots[1], world.grassroots[0], world.grassroots[2])]
    officer = make_person()
    for unit in (world.unions[0], world.districts[0], world.districts[1], world.grassroots[2]):
        grant(officer, unit)
    assert numbers(officer, limit=1) == [one.pk for one in made]


def test_officers_of_a_successor_see_what_its_predecessors_left(world: World) -> None:
    one = world.submit(world.grassroots[0])
    officer = make_person()
    grant(officer, world.unions[1])
    assert numbers(officer) == []
    follow(world.unions[0], world.unions[1])
    assert numbers(officer) == [one.pk]
    assert numbers(officer, Filter(unit=world.unions[1])) == [one.pk]
    assert numbers(officer, Filter(unit=world.districts[0])) == [one.pk]
    assert waiting_count(world.unions[1]) == 1


def test_what_moved_away_before_a_unit_was_followed_waits_with_those_above_it_today(world: World) -> None:
    moved, stayed = world.submit(world.grassroots[0]), world.submit(make_unit("O-LAI", world.unions[0]))
    heir, receiver = make_person(), make_person()
    grant(heir, world.unions[1])
    grant(receiver, world.unions[2])
    follow(world.districts[0], make_unit("MOI", world.unions[2]))
    follow(world.unions[0], world.unions[1])
    assert numbers(heir) == numbers(heir, Filter(unit=world.unions[1])) == [stayed.pk]
    assert numbers(receiver) == numbers(receiver, Filter(unit=world.unions[2])) == [moved.pk]
    assert [waiting_count(unit) for unit in world.unions[1:3]] == [1, 1]
    # Whoever answers for both is asked for either of them.
    grant(heir, world.unions[2])
    assert numbers(heir) == [moved.pk, stayed.pk]
    assert numbers(heir, Filter(unit=world.unions[1])) == [stayed.pk]
    grant(make_person("truoc"), world.unions[0])
    assert numbers(Person.objects.get(username="truoc")) == [moved.pk, stayed.pk]


def test_nobody_finds_their_own_in_the_queue(world: World) -> None:
    entered = world.submit(actor=world.officer)
    named = world.submit(authors=[AuthorInput("Cán bộ", Category.UNION_OFFICER, 100, person_id=world.officer.pk)])
    Author.objects.filter(initiative=named).update(response="declined")
    assert numbers(world.officer) == []
    assert tab_counts(world.officer, Q)[Tab.WAITING] == Count(0)
    colleague = make_person()
    grant(colleague, world.top)
    assert numbers(colleague) == [entered.pk, named.pk]


def test_a_unit_narrows_the_queue_and_never_widens_it(world: World) -> None:
    here = world.submit(world.grassroots[0])
    world.submit(world.grassroots[1])
    officer = make_person()
    grant(officer, world.districts[0])
    assert numbers(officer, Filter(unit=world.top)) == [here.pk]
    assert numbers(officer, Filter(unit=world.grassroots[0])) == [here.pk]
    assert numbers(officer, Filter(unit=world.unions[1])) == []


# --- tabs and orders ---------------------------------------------------------------------------------------------


def test_what_is_due_first_comes_first_and_overdue_is_said(world: World) -> None:
    late, soon, later = (make_due(world.submit(), days) for days in (-1, 2, 9))
    page = queue_page(world.officer, Q)
    assert [row.initiative.pk for row in page.rows] == [late.pk, soon.pk, later.pk]
    assert [row.is_overdue for row in page.rows] == [True, False, False]
    assert [row.seen for row in page.rows] == [1, 1, 1]
    assert page.rows[0].code == code_of(late.pk)
    assert numbers(world.officer, Filter(tab=Tab.OVERDUE)) == [late.pk]


def test_other_orders_are_the_oldest_and_the_largest_benefit(world: World) -> None:
    small, none, large = (world.submit(benefit_claimed=b, no_benefit_reason="Không đo được.") for b in (5, None, 90))
    make_due(small, 5)
    make_due(none, 1)
    assert numbers(world.officer, Filter(order=Order.BENEFIT), limit=1) == [large.pk, small.pk, none.pk]
    assert numbers(world.officer, Filter(order=Order.OLDEST), limit=1) == [small.pk, none.pk, large.pk]


def test_what_was_returned_and_what_i_decided_have_tabs_of_their_own(world: World) -> None:
    returned, valid, invalid, waiting = (world.submit() for _ in range(4))
    colleague = make_person()
    grant(colleague, world.top)
    give_back(returned, colleague)
    actions.mark_valid(actor=world.officer, initiative_id=valid.pk)
    actions.mark_invalid(actor=world.officer, initiative_id=invalid.pk, reason=ReasonCode.DUPLICATE, note="Trùng.")
    assert numbers(world.officer) == [waiting.pk]
    assert numbers(world.officer, Filter(tab=Tab.RETURNED)) == [returned.pk]
    assert numbers(world.officer, Filter(tab=Tab.DONE), limit=1) == [invalid.pk, valid.pk]
    assert numbers(colleague, Filter(tab=Tab.DONE)) == []
    counts = tab_counts(world.officer, Q)
    assert counts == {Tab.WAITING: Count(1), Tab.OVERDUE: Count(0), Tab.RETURNED: Count(1), Tab.DONE: Count(2)}


def give_back(initiative: Initiative, officer: Person) -> None:
    actions.return_initiative(actor=officer, initiative_id=initiative.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu.")


def test_counts_say_when_there_are_more_than_they_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sangkien.initiatives.queue.counting.COUNTED", 2)
    made = [make_due(world.submit(), -1) for _ in range(2)]
    assert tab_counts(world.officer, Q)[Tab.WAITING] == Count(2)
    make_due(world.submit(), 3)
    counts = tab_counts(world.officer, Q)
    assert (counts[Tab.WAITING], counts[Tab.OVERDUE]) == (Count(2, is_more=True), Count(2))
    assert len(made) == 2


# --- filters -----------------------------------------------------------------------------------------------------


def test_a_title_is_found_by_its_words_and_an_initiative_by_its_code(world: World) -> None:
    one = world.submit(title="Giảm tiêu hao vải, nhờ phân loại")
    world.submit(title="Thang treo gập")
    assert numbers(world.officer, Filter(text="  VẢI giảm ")) == [one.pk]
    assert numbers(world.officer, Filter(text=code_of(one.pk).lower())) == [one.pk]
    assert numbers(world.officer, Filter(text="vai giảm")) == [one.pk]
    for nothing in ("vài giam", "vai giám", "giảm thang", "'", "%", "\\", "a & b | !c:*", "SK-0000-0000"):
        assert numbers(world.officer, Filter(text=nothing)) == (
            [] if any(c.isalnum() for c in nothing) else numbers(world.officer)
        )


def test_words_typed_without_marks_find_titles_with_them_and_marks_that_are_typed_count(world: World) -> None:
    frozen = world.submit(title="TỦ CẤP ĐÔNG tiết kiệm điện")
    queued = world.submit(title="Cặp đồng hồ đo áp")
    assert numbers(world.officer, Filter(text="cap dong")) == [frozen.pk, queued.pk]
    assert numbers(world.officer, Filter(text="Tu DIEN cap")) == [frozen.pk]
    assert numbers(world.officer, Filter(text="cấp đông")) == [frozen.pk]
    assert numbers(world.officer, Filter(text="cặp đồng")) == [queued.pk]
    assert numbers(world.officer, Filter(text="cấp dong")) == [frozen.pk]


def test_every_vietnamese_letter_loses_its_mark_in_the_database_as_here(db: None) -> None:
    letters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
    with connection.cursor() as cursor:
        cursor.execute("SELECT without_marks(%s), without_marks(%s)", [letters, letters.upper()])
        assert cursor.fetchone() == (fold_marks(letters), fold_marks(letters.upper()))


def test_a_place_that_no_page_has_given_is_refused(world: World) -> None:
    no_moment = ("9" * 30 + "-1", "9" * 18 + "-1", "253402300800000000-1")
    for text in ("", "x", "1-", "-", "1-x", "1" * 50 + "-1", "1-2-3", "²-1", *no_moment):
        with pytest.raises(InvalidInput):
            queue_page(world.officer, Q, after=text)


fields = st.sampled_from([0, 1])
filters: st.SearchStrategy[dict[str, object]] = st.builds(
    dict,
    field=st.none() | fields,
    kind=st.none() | st.sampled_from(list(Kind)[:3]),
    category=st.none() | st.sampled_from(list(Category)[:2]),
    benefit_from=st.none() | st.integers(0, 100),
    benefit_to=st.none() | st.integers(0, 100),
    age_days=st.none() | st.integers(0, 20),
    flags=st.integers(0, 15),
    tab=st.sampled_from([Tab.WAITING, Tab.OVERDUE]),
    order=st.sampled_from(list(Order)),
    unit=st.none() | st.integers(0, 2),
)


@pytest.fixture
def many(world: World) -> World:
    """Some forty initiatives that differ in everything that a filter asks for."""
    kinds, categories = list(Kind)[:3], list(Category)[:2]
    now = clock.now()
    for n in range(40):
        one = world.submit(
            world.grassroots[n % 3],
            category=categories[n % 2],
            kind=kinds[n % 3],
            field=world.fields[n // 3 % 2],
            benefit_claimed=None if n % 7 == 0 else n * 37 % 101,
            no_benefit_reason="Không đo được.",
        )
        submitted = now - timedelta(days=n * 13 % 20, minutes=n % 4)
        Initiative.objects.filter(pk=one.pk).update(
            flags=n % 16,
            created_at=submitted,
            submitted_at=submitted,
            due_at=clock.end_of_day(clock.day_of(now) + timedelta(days=n * 5 % 9 - 4)),
            submitter=world.officer if n == 11 else world.member,
        )
    return world


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_filter=filters, page_size=st.integers(1, 7))
def test_a_filter_shows_exactly_what_it_says_in_order(
    many: World, given_filter: dict[str, object], page_size: int
) -> None:
    field, unit = given_filter["field"], given_filter["unit"]
    wanted = Filter(
        **given_filter  # type: ignore[arg-type]
        | {
            "field": many.fields[field] if isinstance(field, int) else None,
            "unit": many.unions[unit] if isinstance(unit, int) else None,
        }
    )
    now = clock.now()
    expected = [i for i in Initiative.objects.all() if i.submitter_id == many.member.pk and matches(i, wanted, now)]
    assert numbers(many.officer, wanted, page_size) == [i.pk for i in sorted(expected, key=KEYS[wanted.order])]
    counts = tab_counts(many.officer, wanted)
    assert counts[wanted.tab] == Count(len(expected))


KEYS: dict[Order, Callable[[Initiative], tuple[object, ...]]] = {
    Order.DUE: lambda i: (i.due_at, i.pk),
    Order.OLDEST: lambda i: (i.submitted_at, i.pk),
    Order.BENEFIT: lambda i: (i.benefit_claimed is None, -(i.benefit_claimed or 0), i.pk),
}


def matches(i: Initiative, wanted: Filter, now: datetime) -> bool:
    """Say in plain words what a filter means."""
    assert i.due_at is not None
    assert i.submitted_at is not None
    return (
        (wanted.tab is Tab.WAITING or i.due_at <= now)
        and (wanted.unit is None or wanted.unit.pk in i.unit_path)
        and (wanted.field is None or i.field_id == wanted.field.pk)
        and (wanted.kind is None or i.kind == wanted.kind)
        and (wanted.category is None or i.category == wanted.category)
        and (wanted.age_days is None or i.submitted_at <= now - timedelta(days=wanted.age_days))
        and (
            wanted.benefit_from is None or (i.benefit_claimed is not None and i.benefit_claimed >= wanted.benefit_from)
        )
        and (wanted.benefit_to is None or (i.benefit_claimed is not None and i.benefit_claimed <= wanted.benefit_to))
        and (not wanted.flags or bool(i.flags & wanted.flags))
    )


# --- what comes next ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(Order))
def test_the_next_is_found_before_and_after_a_decision(world: World, order: Order) -> None:
    made = [world.submit(benefit_claimed=b) for b in (30, 20, 10)]
    wanted = Filter(order=order)
    assert next_after(world.officer, wanted, made[0].pk) == made[1].pk
    actions.mark_valid(actor=world.officer, initiative_id=made[1].pk)
    assert next_after(world.officer, wanted, made[1].pk) == made[2].pk
    assert next_after(world.officer, wanted, made[2].pk) is None
    give_back(made[2], world.officer)
    assert next_after(world.officer, wanted, made[2].pk) is None


def test_the_next_is_also_found_among_what_was_returned_and_decided(world: World) -> None:
    made = [world.submit() for _ in range(4)]
    for one in made[:2]:
        give_back(one, world.officer)
    for one in made[2:]:
        actions.mark_valid(actor=world.officer, initiative_id=one.pk)
    assert next_after(world.officer, Filter(tab=Tab.RETURNED), made[0].pk) == made[1].pk
    assert next_after(world.officer, Filter(tab=Tab.DONE), made[3].pk) == made[2].pk
    assert next_after(world.officer, Filter(tab=Tab.DONE), made[2].pk) is None


# --- clocks ------------------------------------------------------------------------------------------------------


def test_a_decision_is_due_at_the_end_of_the_tenth_day(world: World) -> None:
    one = world.submit()
    assert one.submitted_at is not None
    assert one.due_at == clock.end_of_day(clock.day_of(one.submitted_at) + timedelta(days=10))
    one.refresh_from_db()
    assert one.due_at is not None
    assert one.due_at.astimezone(UTC).hour == 17


def test_only_what_waits_is_due(world: World) -> None:
    one = world.submit()
    give_back(one, world.officer)
    one.refresh_from_db()
    assert one.due_at is None
    again = actions.resubmit(actor=world.member, initiative_id=one.pk)
    assert again.due_at is not None
    invalid = actions.mark_invalid(
        actor=world.officer, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng."
    )
    assert invalid.due_at is None
    assert actions.reinstate(actor=world.officer, initiative_id=one.pk, note="Nhầm.").due_at is not None
    assert actions.withdraw(actor=world.member, initiative_id=one.pk, note="Thôi.").due_at is None


def test_sent_again_for_another_unit_it_is_due_anew(world: World) -> None:
    one = world.submit()
    give_back(one, world.officer)
    moved = actions.resubmit(actor=world.member, initiative_id=one.pk, unit=world.grassroots[1])
    assert (moved.state, moved.due_at is None) == (State.SUBMITTED, False)


# --- how much waits ----------------------------------------------------------------------------------------------


def test_work_is_counted_by_the_units_directly_below(world: World) -> None:
    make_due(world.submit(world.grassroots[0]), -2)
    world.submit(world.grassroots[0])
    world.submit(world.grassroots[1])
    by_union = overdue_by_child(world.top)
    assert {pk: (w.waiting, w.overdue) for pk, w in by_union.items()} == {
        world.unions[0].pk: (2, 1),
        world.unions[1].pk: (1, 0),
    }
    for above, below in ((world.unions, world.districts), (world.districts, world.grassroots)):
        assert {pk: w.waiting for pk, w in overdue_by_child(above[0]).items()} == {below[0].pk: 2}
    assert [waiting_count(u) for u in (world.top, world.unions[0], world.districts[0], world.grassroots[1])] == [
        3,
        2,
        2,
        1,
    ]


def test_work_that_a_predecessor_left_counts_where_it_stands_today(world: World) -> None:
    world.submit(world.grassroots[0])
    RolledUnit.objects.create(unit=world.unions[1], source=world.districts[0], sign=1)
    RolledUnit.objects.create(unit=world.unions[0], source=world.districts[0], sign=-1)
    assert {pk: w.waiting for pk, w in overdue_by_child(world.top).items()} == {world.unions[1].pk: 1}


@pytest.mark.parametrize("tab", list(Tab))
def test_the_number_of_queries_does_not_depend_on_what_waits(world: World, tab: Tab) -> None:
    wanted = replace(Q, tab=tab, unit=world.top)
    tab_counts(world.officer, wanted)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = queue_page(world.officer, wanted)
            assert all(str(row.initiative.unit) and str(row.initiative.field) and row.code for row in page.rows)
            tab_counts(world.officer, wanted)
            overdue_by_child(world.top)
            waiting_count(world.top)
        return len(captured)

    def add(unit: Unit) -> None:
        make_due(world.submit(unit), -1)
        actions.mark_valid(actor=world.officer, initiative_id=world.submit(unit).pk)
        give_back(world.submit(unit), world.officer)

    add(world.grassroots[0])
    before = queries()
    for unit in world.grassroots:
        add(unit)
    assert queries() == before


def test_flags_of_a_row_are_told_apart(world: World) -> None:
    one = world.submit()
    Initiative.objects.filter(pk=one.pk).update(flags=Flag.LARGE_BENEFIT | Flag.OBJECTED)
    assert queue_page(world.officer, Q).rows[0].flags == [Flag.LARGE_BENEFIT, Flag.OBJECTED]
