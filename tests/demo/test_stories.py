"""The stories of the demo: what its desk has to show, without a figure of phase 1 being another for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from sangkien.core import clock
from sangkien.core.clock import parse_moment
from sangkien.demo import phase1
from sangkien.demo.phase1 import demo_is_ready, load_demo
from sangkien.demo.plan import CATEGORIES, Plan, build_plan
from sangkien.demo.plan.checks import SUBMITTED, states
from sangkien.demo.plan.model import DAY_US, EPOCH_US, HOUR_US
from sangkien.demo.plan.reference import read_rows
from sangkien.demo.stories import picking, telling
from sangkien.demo.stories.picking import (
    BURSTS,
    COPIES,
    DISTRICT,
    MEMBER,
    NEWCOMER,
    OFFICER,
    OWN,
    WRITTEN_LARGE,
    Stories,
    home_of,
    plan_stories,
)
from sangkien.demo.stories.telling import STEPS, stories_are_told
from sangkien.demo.stories.texts import retold
from sangkien.demo.texts import text_for
from sangkien.demo.texts.compose import LONGEST_TITLE
from sangkien.demo.world import ACCOUNTS, OTHERS
from sangkien.initiatives import rules
from sangkien.initiatives.actions import decide_appeal, undo_decision
from sangkien.initiatives.models import Appeal, Author, BulkDecision, Event, Flag, Initiative, Kind, SecondLook
from sangkien.initiatives.queries import asked_of, mine, waiting_for
from sangkien.initiatives.reviews import waiting_reviews
from sangkien.initiatives.states import State
from sangkien.notices.consumer import take_all
from sangkien.notices.models import Kind as NoticeKind
from sangkien.notices.models import Notice
from sangkien.people.models import Person
from sangkien.programmes.models import VerificationTerms
from sangkien.programmes.queries import get_programme
from sangkien.tally import patterns
from sangkien.tally.models import Pattern, PatternInitiative, PatternKind
from sangkien.tally.queries import moments, summary
from sangkien.tally.rebuild import verify
from sangkien.units.models import Membership, UnitRequest

SCALE = 0.01
COPIED = {copied.key for copied in COPIES}
CLOSE = parse_moment("24h00 31/5/2022")


@cache
def full() -> Plan:
    return build_plan()


@cache
def stories_of_full() -> Stories:
    return plan_stories(full())


# --- in the plan, at full scale ----------------------------------------------------------------------------------


def test_the_member_has_an_initiative_in_every_story_all_in_their_own_union() -> None:
    plan, own = full(), stories_of_full().own
    state = states(plan)
    assert list(own) == [story for story, _state in OWN]
    assert len(set(own.values())) == len(own)
    assert [state[n] for n in own.values()] == [wanted for _story, wanted in OWN]
    home = home_of(plan.units, DISTRICT)
    assert home.category == "public_service_unit"
    assert {plan.units[plan.submissions.unit[n]] for n in own.values()} == {home}


def test_every_burst_is_of_more_than_fifty_within_an_hour_below_one_unit() -> None:
    plan = full()
    by_submitter = Counter(stories_of_full().submitters.values())
    for burst in BURSTS:
        found = [n for n, username in stories_of_full().submitters.items() if username == burst.username]
        assert len(found) == burst.initiatives == by_submitter[burst.username] > patterns.BURST
        assert plan.submissions.at_us[found[-1]] - plan.submissions.at_us[found[0]] < HOUR_US
        assert {plan.units[plan.submissions.unit[n]].parent_code for n in found} == {burst.unit_code}
    assert {burst.unit_code[:3] for burst in BURSTS} >= {"HNI", "THA"}


def test_every_copied_text_stands_in_five_to_eight_units_on_different_days() -> None:
    plan = full()
    for copied in COPIES:
        found = [n for n, key in stories_of_full().texts.items() if key == copied.key]
        units = {plan.submissions.unit[n] for n in found}
        assert len(found) == len(units) == copied.units
        assert patterns.FEWEST_UNITS <= copied.units <= 8
        assert all(copied.word in plan.units[unit].name_vi for unit in units)
        assert {plan.submissions.category[n] for n in found} == {copied.category}
        assert len({(plan.submissions.at_us[n] - EPOCH_US) // DAY_US for n in found}) == len(found)


def test_what_is_decided_at_once_waits_and_is_nobody_elses_story() -> None:
    plan, stories = full(), stories_of_full()
    state = states(plan)
    chosen = [*stories.own.values(), *stories.large, *stories.many]
    assert len(set(chosen)) == len(chosen)
    assert {state[n] for n in (*stories.large, *stories.many)} == {SUBMITTED}
    assert not set(stories.many) & set(stories.submitters)
    assert all(plan.submissions.benefit[n] >= telling.SECOND_BENEFIT for n in stories.large)


def test_a_small_plan_tells_what_it_can() -> None:
    stories = plan_stories(build_plan(0.001))
    assert len(stories.own) <= len(OWN)
    assert set(stories.submitters.values()) <= {
        *(account.username for account in ACCOUNTS),
        *(username for username, _name in OTHERS),
    }


# --- texts -------------------------------------------------------------------------------------------------------


def test_every_story_has_its_words_and_no_words_are_left_over() -> None:
    rows = {row["key"]: row for row in read_rows("stories.csv")}
    assert set(rows) == {story for story, _state in OWN} | COPIED | set(WRITTEN_LARGE.values())
    fields = {row["code"] for row in read_rows("fields.csv")}
    for row in rows.values():
        assert row["field"] in fields
        assert row["kind"] in Kind.values
        assert len(row["title"]) <= LONGEST_TITLE
        assert not row["title"].endswith(".")
        assert all(row[name].endswith(".") for name in ("problem", "solution", "novelty", "social_benefit"))


def test_what_is_copied_keeps_its_authors_and_recognition_what_is_the_members_own_is_by_them_alone() -> None:
    text = text_for(12, CATEGORIES[0], "CĐCS Trường Mầm non Hoa Sen", None)
    copied, own = retold(COPIES[0].key, text, "Nguyễn Thị Thu Hà"), retold("valid", text, "Nguyễn Thị Thu Hà")
    assert copied.authors == text.authors
    assert copied.recognition_document == own.recognition_document == text.recognition_document
    assert copied.applied_scope == text.applied_scope != own.applied_scope
    assert [(name, share) for name, _job, share in own.authors] == [("Nguyễn Thị Thu Hà", 100)]
    assert len({text.title, copied.title, own.title}) == 3


# --- in the database, at a small scale -----------------------------------------------------------------------------


@cache
def small() -> Plan:
    """A small plan in which all that Hà Nội sends comes from a few units of one district, so that it has every story.

    The benefits of what still waits there are a hundred times as large as planned.
    """
    plan = build_plan(SCALE)
    position, direct, state = plan.unit_index(), plan.direct_of(), states(plan)
    below = [place for place, unit in enumerate(plan.units) if unit.parent_code == DISTRICT]
    unit, benefit = plan.submissions.unit[:], plan.submissions.benefit[:]
    for n, place in enumerate(plan.submissions.unit):
        if direct[place] == position["HNI"]:
            unit[n] = below[n % len(below)]
            benefit[n] *= 100 if state[n] == SUBMITTED and benefit[n] > 0 else 1
    return replace(plan, submissions=replace(plan.submissions, unit=unit, benefit=benefit))


@pytest.fixture
def crowded(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase1, "build_plan", lambda _scale: small())


@pytest.fixture
def demo(crowded: None) -> Stories:
    assert load_demo(SCALE)
    return plan_stories(small())


def at(stories: Stories, story: str) -> Initiative:
    return Initiative.objects.get(pk=stories.own[story] + 1)


def person(username: str) -> Person:
    return Person.objects.get(username=username)


def live_events() -> Counter[tuple[str, str]]:
    rows = Event.objects.filter(is_historical=False)
    return Counter(rows.values_list("actor__username", "kind").order_by())


def assert_told_once(stories: Stories) -> None:
    assert live_events() == {
        (OFFICER, "returned"): 1,
        (OFFICER, "invalidated"): 2,
        (OFFICER, "validated"): 1 + len(stories.many),
        (telling.ABOVE, "validated"): 1,
    }
    assert Author.objects.filter(person__isnull=False).count() == len(stories.own) == len(OWN)
    assert Appeal.objects.count() == UnitRequest.objects.count() == VerificationTerms.objects.count() == 1
    assert (BulkDecision.objects.get().done, BulkDecision.objects.get().skipped) == (len(stories.many), 0)
    assert stories_are_told()
    assert demo_is_ready()


def test_every_step_is_taken_once_and_counted(demo: Stories) -> None:
    assert_told_once(demo)
    programme = get_programme("1trieu")
    plan = small()
    now, then = (summary(programme, moments(programme, when)).counts for when in (None, CLOSE))
    assert now.submitted == then.submitted == len(plan.submissions)
    assert now.valid == then.valid + len(demo.many) + 2
    assert now.invalid == then.invalid + 2
    assert now.returned == then.returned + 1
    assert verify().is_clean


def test_no_figure_of_phase_1_is_another_for_the_stories(demo: Stories) -> None:
    plan = small()
    events = Event.objects.filter(is_historical=True, kind="submitted").order_by("initiative_id")
    loaded = events.values_list("at", "unit_path", "category", "benefit_claimed")
    planned = zip(
        plan.submissions.at_us, plan.submissions.unit, plan.submissions.category, plan.submissions.benefit, strict=True
    )
    assert [(at, path[-1] - 1, category, benefit) for at, path, category, benefit in loaded] == [
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us), unit, CATEGORIES[who], max(claim, 0))
        for us, unit, who, claim in planned
    ]


def test_the_member_sees_all_of_theirs_and_what_waits_for_them(demo: Stories) -> None:
    member = person(MEMBER)
    assert {one.pk - 1 for one in mine(member).initiatives} == set(demo.own.values())
    assert {one.pk - 1 for one in waiting_for(member)} == {demo.own["returned"], demo.own["unanswered"]}
    states_of = {story: at(demo, story).state for story in demo.own}
    assert states_of == {
        "valid": State.VALID,
        "invalid": State.INVALID,
        "waiting": State.SUBMITTED,
        "returned": State.RETURNED,
        "found_invalid": State.INVALID,
        "appealed": State.INVALID,
        "unanswered": State.SUBMITTED,
        "objected": State.SUBMITTED,
    }
    old = at(demo, "invalid").events.get(kind="invalidated")
    assert old.reason
    assert old.note
    assert asked_of(at(demo, "returned")) == telling._ASKED


def test_one_finding_can_be_appealed_and_an_appeal_waits_for_the_level_above(demo: Stories) -> None:
    member, above, now = person(MEMBER), person(telling.ABOVE), clock.now()
    assert rules.may_appeal(member, at(demo, "found_invalid"), now)
    assert not rules.may_appeal(member, at(demo, "appealed"), now)
    waiting = [one for one in waiting_reviews(above, now) if isinstance(one, Appeal)]
    assert [one.initiative_id - 1 for one in waiting] == [demo.own["appealed"]]
    assert waiting_reviews(person(OFFICER), now) == []


def test_what_is_valid_with_a_large_benefit_waits_for_a_second_look(demo: Stories) -> None:
    benefits = {index + 1: small().submissions.benefit[index] for index in (*demo.large, *demo.many)}
    looks = set(SecondLook.objects.filter(cause=SecondLook.Cause.BENEFIT).values_list("initiative_id", flat=True))
    assert looks == {number for number, benefit in benefits.items() if benefit >= telling.SECOND_BENEFIT} != set()


def test_an_officer_entered_two_and_the_member_objects_to_one_of_them(demo: Stories) -> None:
    for story, response in (("unanswered", ""), ("objected", "declined")):
        assert at(demo, story).submitter.username == OFFICER
        assert at(demo, story).authors.get().response == response
    assert at(demo, "objected").flags & Flag.OBJECTED
    assert not rules.may_decide(person(OFFICER), at(demo, "objected"), clock.now())


def test_people_are_told_what_has_happened_to_them(demo: Stories) -> None:
    take_all()
    told = Counter(Notice.objects.filter(person__username=MEMBER).values_list("kind", flat=True))
    assert told == {NoticeKind.RETURNED: 1, NoticeKind.INVALIDATED: 2}
    assert Notice.objects.filter(person__username=telling.ABOVE, kind=NoticeKind.APPEAL_MADE).count() == 1
    assert Notice.objects.filter(person__username=OFFICER, kind=NoticeKind.UNIT_REQUESTED).count() == 1
    assert Notice.objects.filter(person__username=OFFICER, kind=NoticeKind.AUTHORSHIP_ANSWERED).count() == 1


def test_texts_in_many_units_are_found_and_lead_to_their_initiatives(
    crowded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    anywhere = [copied._replace(word="CĐCS", top=None) for copied in COPIES]
    monkeypatch.setattr(picking, "COPIES", tuple(anywhere))
    assert load_demo(SCALE)
    patterns.refresh_if_due()
    found = Pattern.objects.filter(kind=PatternKind.SAME_TEXT)
    planned = Counter(key for key in plan_stories(small()).texts.values() if key in COPIED)
    assert sorted(found.values_list("units", flat=True)) == sorted(planned.values())
    assert len(planned) == len(COPIES)
    title = retold("copied_1", text_for(1, CATEGORIES[0], "CĐCS", None), "").title
    largest = max(found, key=lambda pattern: pattern.units)
    behind = PatternInitiative.objects.filter(kind=largest.kind, first_id=largest.first_id).values("initiative_id")
    assert set(Initiative.objects.filter(pk__in=behind).values_list("title", flat=True)) == {title}


def test_the_member_belongs_to_the_school_and_the_newcomer_to_no_unit(demo: Stories) -> None:
    school = home_of(small().units, DISTRICT)
    assert Membership.objects.get(person__username=MEMBER).unit.code == school.code
    assert not Membership.objects.filter(person__username__in=[username for username, _name in OTHERS]).exists()
    assert not any(person(username).has_usable_password() for username, _name in OTHERS)


def test_a_start_that_was_killed_after_any_step_is_finished_and_nothing_is_done_twice(
    crowded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_stories: Stories) -> None:
        raise KeyboardInterrupt

    for taken in range(len(STEPS)):
        monkeypatch.setattr(telling, "STEPS", (*STEPS[:taken], die))
        with pytest.raises(KeyboardInterrupt):
            load_demo(SCALE)
        assert not demo_is_ready()
    monkeypatch.setattr(telling, "STEPS", STEPS)
    assert load_demo(SCALE)
    assert_told_once(plan_stories(small()))
    assert not load_demo(SCALE)
    assert verify().is_clean


def test_telling_again_changes_nothing_whatever_a_visitor_has_done(demo: Stories) -> None:
    made = Appeal.objects.get()
    decide_appeal(actor=person(telling.ABOVE), appeal_id=made.pk, allow=True, answer="Đúng là hai sáng kiến khác nhau.")
    undo_decision(actor=person(OFFICER), initiative_id=demo.own["found_invalid"] + 1, expected_event=2)
    before = live_events()
    telling.tell_stories(demo)
    assert live_events() == before
    assert at(demo, "found_invalid").state == State.SUBMITTED


def test_a_demo_from_before_there_were_stories_is_left_as_it_is(demo: Stories) -> None:
    UnitRequest.objects.all().delete()
    assert not demo_is_ready()
    Person.objects.filter(username=NEWCOMER).update(username="old")
    assert demo_is_ready()
    assert not load_demo(SCALE)
