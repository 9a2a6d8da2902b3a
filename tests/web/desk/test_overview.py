"""How a unit is doing: whose page it is, that its figures are the board's, sorting, filtering, patterns, pace."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from sangkien.core import clock
from sangkien.initiatives.actions import appeal, mark_invalid, mark_valid
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Appeal, BenefitNorm, Initiative, SecondLook
from sangkien.initiatives.reviews import count_in
from sangkien.initiatives.states import ReasonCode
from sangkien.programmes.models import Basis
from sangkien.tally.analysis import Overdue
from sangkien.tally.fold import fold_all
from sangkien.tally.patterns import BURST, FEWEST_UNITS, refresh_if_due, refresh_patterns
from sangkien.tally.queries import board, moments, summary
from sangkien.units.models import Role, Unit
from sangkien.web.desk.overview import gathering
from sangkien.web.desk.overview.children import PER_PAGE, SORTS, children_of, shown_children
from sangkien.web.desk.overview.gathering import gather
from tests.factories import World, grant, make_person, make_target, make_unit
from tests.tally.simulation import Clock, install_clock, make_past_world, noon
from tests.web.desk.test_unit_requests import browser_of

ADDRESS = "/ban-lam-viec/tong-quan/"
UNUSUAL = f"{ADDRESS}bat-thuong/"


@pytest.fixture
def world(db: None) -> World:
    return make_past_world()


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What happens in the test happened yesterday, from noon on."""
    return install_clock(monkeypatch, noon(1))


@pytest.fixture
def busy(world: World, moved: Clock) -> World:
    """Three federations with 3, 2 and 0 initiatives, one of them valid, one invalid, one overdue; targets of some."""
    sent = [world.submit(world.grassroots[n]) for n in (0, 0, 0, 1, 1)]
    mark_valid(actor=world.officer, initiative_id=sent[0].pk)
    mark_invalid(actor=world.officer, initiative_id=sent[3].pk, reason=ReasonCode.DUPLICATE, note="Trùng")
    Initiative.objects.filter(pk=sent[4].pk).update(due_at=clock.now() - timedelta(days=1))
    make_target(world.programme, world.unions[0], 2, phase=world.phase)
    make_target(world.programme, world.unions[1], 10, phase=world.phase, basis=Basis.REGISTERED)
    make_target(world.programme, world.top, 4, phase=world.phase)
    make_target(world.programme, world.top, 1_000)
    fold_all()
    return world


def page(client: Client, address: str = ADDRESS, **query: object) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, (address, query, answer.status_code)
    return answer.content.decode()


def named_rows(html: str) -> list[str]:
    """The units of the table, in the order in which they stand there."""
    return re.findall(r'<tr role="row" data-name.*?don-vi=([A-Z0-9-]+)', html)


@pytest.fixture
def officer(world: World) -> Client:
    return browser_of(world.officer)


# --- whose page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}tai-ve/", UNUSUAL])
def test_every_role_reads_its_own_subtree_and_nothing_beside_or_above(world: World, role: Role, address: str) -> None:
    person = make_person("reader")
    grant(person, world.districts[0], role)
    client = browser_of(person)
    for code, status in (
        ("", 200),
        ("HNI-001", 200),
        ("HNI-001-0001", 200),
        ("HNI", 200 if address == ADDRESS else 404),  # typed on the page, it may mean one of their own
        ("THA-001", 404),
        ("X", 404),
    ):
        answer = client.get(address, {"don-vi": code} if code else {})
        assert answer.status_code == status, code
        if answer.streaming:
            answer.getvalue()  # to its end, which closes it


def test_a_name_leads_to_the_units_of_one_s_own_that_are_called_so(world: World) -> None:
    person = make_person("reader")
    grant(person, world.unions[0], Role.VIEWER)
    own = make_unit("HNI-9", world.unions[0], name_vi="Công đoàn ngành Dệt May")
    make_unit("THA-9", world.unions[1], name_vi="Công đoàn ngành Dệt May")
    answer = browser_of(person).get(ADDRESS, {"don-vi": "det may"})
    assert answer.status_code == 200
    assert f"don-vi={own.code}" in answer.content.decode()
    assert "THA-9" not in answer.content.decode()
    assert "note-no" not in answer.content.decode(), "what is asked back is no fault"


def test_a_right_that_has_ended_opens_nothing(world: World) -> None:
    person = make_person("reader")
    given = grant(person, world.districts[0], Role.VIEWER)
    given.until = clock.now()
    given.save()
    assert browser_of(person).get(ADDRESS).status_code == 403


# --- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(3))
def test_its_figures_are_those_of_the_public_boards(busy: World, place: int) -> None:
    unit = (busy.top, busy.unions[0], busy.districts[1])[place]
    found = gather(busy.officer, busy.programme, unit, QueryDict(""))
    at = moments(busy.programme)
    assert found.summary == summary(busy.programme, at, unit=unit, phase=busy.phase)
    assert found.board == board(busy.programme, at, parent=unit, phase=busy.phase)
    rows = children_of(found.board.rows, found.overdue)
    assert sum(child.row.counts.submitted for child in rows) + found.board.own.submitted == found.board.total.submitted
    assert found.days[-1].submitted == found.summary.counts.submitted


def test_of_a_past_moment_it_shows_what_was_known_then_and_nothing_that_is_only_known_now(busy: World) -> None:
    query = QueryDict(mutable=True)
    query["den"] = noon(2).isoformat()
    found = gather(busy.officer, busy.programme, busy.top, query)
    assert (found.summary.counts.submitted, found.overdue, found.found) == (0, None, [])


def test_a_moment_that_cannot_be_read_is_said_so_beside_its_field(officer: Client, busy: World) -> None:
    answer = officer.get(ADDRESS, {"den": "hôm qua"})
    assert answer.status_code == 400
    assert 'aria-describedby="den-error"' in answer.content.decode()


def test_targets_of_the_phase_and_of_the_whole_programme_stand_with_their_pace(officer: Client, busy: World) -> None:
    html = page(officer)
    assert "125.0%" in html  # 5 of 4
    assert "0.5%" in html  # 5 of 1,000
    found = gather(busy.officer, busy.programme, busy.top, QueryDict(""))
    met, far = found.against
    assert (met.progress.is_met, met.progress.phase, far.progress.phase) == (True, busy.phase, None)
    assert far.pace is not None
    assert (far.pace.enough, far.missing) == (False, 995)  # nothing came on a day that is over
    assert "Not enough days to say" in html


def test_a_phase_that_is_over_has_no_pace(busy: World) -> None:
    busy.phase.closes_at = noon(1) - timedelta(hours=1)
    busy.phase.save()
    make_target(busy.programme, busy.unions[2], 9, phase=busy.phase)
    fold_all()
    (row,) = gather(busy.officer, busy.programme, busy.unions[2], QueryDict("")).against
    assert (row.pace, row.closed_on is not None) == (None, True)


def test_without_a_target_it_says_so(officer: Client, busy: World) -> None:
    assert "No target has been set" in page(officer, **{"don-vi": "HCM"})


def test_a_unit_in_which_nothing_has_happened_and_nothing_lies_below_has_a_page(officer: Client, world: World) -> None:
    assert "0" in page(officer, **{"don-vi": "HCM-001-0001"})


def test_before_the_first_analysis_it_says_that_there_is_none(officer: Client, busy: World) -> None:
    assert "Not computed yet" in page(officer)
    unusual = officer.get(UNUSUAL).content.decode()
    assert "Not computed yet" in unusual
    assert "None here." not in unusual  # nobody has looked
    refresh_if_due()
    html = page(officer)
    assert "Not computed yet" not in html
    assert "12,500,000 VND" in html  # the median


def test_appeals_and_second_looks_are_counted_with_the_way_to_them_for_who_may_decide(
    officer: Client, busy: World
) -> None:
    assert "No appeal and no second look waits here or below." in page(officer)
    below = make_person("below")
    grant(below, busy.districts[0])
    for late in (True, False):
        one = busy.submit()
        mark_invalid(actor=below, initiative_id=one.pk, reason=ReasonCode.DUPLICATE, note="Trùng")
        made = appeal(actor=busy.member, initiative_id=one.pk, note="Không trùng.")
        Appeal.objects.filter(pk=made.pk).update(due_at=clock.now() + timedelta(days=-1 if late else 1))
    for unit, said in ((busy.top, "<b>2</b> appeals and second looks wait"), (busy.unions[1], "No appeal")):
        assert said in page(officer, **{"don-vi": unit.code})
    html = page(officer, **{"don-vi": "HNI"})
    assert "1 overdue" in html
    assert 'href="/ban-lam-viec/xem-lai/?don-vi=HNI"' in html
    assert page(officer, "/ban-lam-viec/xem-lai/", **{"don-vi": "HNI"}).count("rv-what") == 2
    viewer = make_person("reader")
    grant(viewer, busy.unions[0], Role.VIEWER)
    html = page(browser_of(viewer))
    assert "<b>2</b> appeals" in html
    assert "/ban-lam-viec/xem-lai/" not in html, "who is nowhere a verifier could not open it"


def test_nobody_is_told_that_what_they_decided_was_picked_for_a_second_look(busy: World) -> None:
    below = make_person("below")
    grant(below, busy.unions[0])
    one = busy.submit()
    mark_valid(actor=below, initiative_id=one.pk)
    unit = busy.unions[0]
    SecondLook.objects.create(
        initiative=one,
        number=2,
        unit=unit,
        unit_path=unit.path,
        cause="sample",
        made_at=clock.now(),
        due_at=clock.now(),
    )
    now = clock.now()
    assert count_in(unit, busy.officer, now) == (1, 1)
    assert count_in(unit, below, now) == (0, 0)


# --- the table of children -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, ["HNI", "THA", "HCM"]),
        ({"xep": "name"}, ["HCM", "HNI", "THA"]),
        ({"xep": "progress"}, ["HNI", "THA", "HCM"]),
        ({"xep": "behind"}, ["THA", "HNI", "HCM"]),  # without a target: last
        ({"xep": "overdue"}, ["THA", "HCM", "HNI"]),
        ({"xep": "nonsense"}, ["HNI", "THA", "HCM"]),
        ({"loc": "liên đoàn tha"}, ["THA"]),
        ({"loc": "LIEN DOAN"}, ["HNI", "THA", "HCM"]),
        ({"loc": "khong co"}, []),
        ({"chi": "behind"}, ["THA"]),
        ({"chi": "overdue"}, ["THA"]),
        ({"chi": "nothing"}, ["HCM"]),
        ({"chi": "nonsense"}, ["HNI", "THA", "HCM"]),
        ({"chi": "waiting", "xep": "name"}, ["HNI", "THA"]),
    ],
)
def test_children_are_sorted_and_filtered(
    officer: Client, busy: World, query: dict[str, str], codes: list[str]
) -> None:
    assert named_rows(page(officer, **query)) == codes


def test_what_was_asked_for_is_kept_in_the_form(officer: Client, busy: World) -> None:
    html = page(officer, loc='"><script>', chi="overdue", xep="waiting")
    assert "&quot;&gt;&lt;script&gt;" in html
    assert '<option value="overdue" selected' in html
    assert '<option value="waiting" selected' in html


def test_of_very_many_units_below_a_page_shows_some(world: World) -> None:
    for number in range(PER_PAGE + 1):
        make_unit(f"HNI-001-9{number:03}", world.districts[0])
    found = gather(world.officer, world.programme, world.districts[0], QueryDict(""))
    children = children_of(found.board.rows, found.overdue)
    first, last = (shown_children(children, QueryDict(f"trang={n}")) for n in ("1", "99"))
    assert (len(first.rows), len(last.rows), first.pages, last.page) == (PER_PAGE, 2, 2, 2)


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_holds_every_unit(busy: World, sort: str) -> None:
    found = gather(busy.officer, busy.programme, busy.top, QueryDict(""))
    children = children_of(found.board.rows, found.overdue)
    assert len(shown_children(children, QueryDict(f"xep={sort}")).rows) == 3


def test_no_more_are_overdue_than_wait_wherever_the_figure_stands(
    officer: Client, busy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = clock.now()
    pks = {unit.pk: 9 for unit in busy.unions}
    monkeypatch.setattr(gathering, "overdue_in", lambda *_given, **_named: Overdue(27, pks, counted))
    found = gather(busy.officer, busy.programme, busy.top, QueryDict(""))
    assert found.overdue is not None
    assert (found.overdue.total, found.overdue.computed_at) == (found.summary.counts.waiting, counted) == (3, counted)
    assert [found.overdue.by_child[unit.pk] for unit in busy.unions] == [2, 1, 0]
    html = page(officer)
    assert "27 overdue" not in html
    assert "3 overdue" in html
    assert "counted at" in html


def test_of_nothing_no_share_is_said(officer: Client, world: World) -> None:
    assert "<dt>verified as valid</dt>" in page(officer)


# --- what is unusual -----------------------------------------------------------------------------------------------


def spread(world: World) -> list[Initiative]:
    """One text in five units of the first federation and in one of the second."""
    units: list[Unit] = [make_unit(f"HNI-001-1{n:03}", world.districts[0]) for n in range(FEWEST_UNITS)]
    sent = [world.submit(unit) for unit in (*units, world.grassroots[1])]
    BenefitNorm.objects.create(
        programme=world.programme, field=world.fields[0], median=10, count=30, computed_at=clock.now()
    )
    refresh_patterns()
    return sent


def test_patterns_lead_to_the_initiatives_behind_them(officer: Client, world: World) -> None:
    sent = spread(world)
    html = page(officer)
    assert "One text in many units" in html
    address = re.search(r'href="(/ban-lam-viec/tong-quan/bat-thuong/\?[^"]*loai=same_text&amp;mau=[^"]+)"', html)
    assert address
    behind = page(officer, address[1].replace("&amp;", "&"))
    assert all(code_of(one.pk) in behind for one in sent)
    assert f"{len(sent)} initiatives in {FEWEST_UNITS + 1} units" in behind


def test_an_officer_of_one_unit_is_not_shown_what_lies_elsewhere(world: World) -> None:
    sent = spread(world)
    person = make_person("reader")
    grant(person, world.unions[0], Role.VIEWER)
    behind = page(browser_of(person), UNUSUAL, loai="same_text", mau=code_of(sent[0].pk))
    assert code_of(sent[0].pk) in behind
    assert code_of(sent[-1].pk) not in behind
    assert "1 more elsewhere" in behind


def test_a_burst_names_who_submitted_and_when(officer: Client, world: World) -> None:
    begin = noon(2)
    for number in range(BURST):
        one = world.submit(title=f"Sáng kiến số {number}")
        at = begin + timedelta(minutes=number)
        Initiative.objects.filter(pk=one.pk).update(created_at=at, submitted_at=at)
    refresh_patterns()
    html = page(officer, UNUSUAL, loai="burst")
    assert re.search(r"Nguyễn Văn member: 50 on .*, 12:00 to 12:49", html)


@pytest.mark.parametrize("kind", ["burst", "same_text", "benefit", "nonsense", ""])
def test_every_kind_has_its_list(officer: Client, world: World, kind: str) -> None:
    sent = spread(world)
    html = page(officer, UNUSUAL, loai=kind)
    assert (code_of(sent[0].pk) in html) == (kind != "burst")


def test_a_pattern_that_is_gone_or_never_was_leads_back_to_the_list(officer: Client, world: World) -> None:
    sent = spread(world)
    for code in (code_of(sent[1].pk), "SK-0000-0000", "'; --"):
        answer = officer.get(UNUSUAL, {"loai": "same_text", "mau": code})
        assert answer.status_code == 404, code
    with translation.override("en"):
        answer = officer.get(UNUSUAL, {"loai": "same_text", "mau": code_of(sent[1].pk)})
        assert "not there any more" in answer.content.decode()


# --- the number of queries -----------------------------------------------------------------------------------------


def test_the_number_of_queries_depends_neither_on_units_nor_on_initiatives(officer: Client, busy: World) -> None:
    refresh_if_due()
    page(officer)
    counted = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            page(officer)
        counted.append(len(queries))
        for number in range(3):
            unit = make_unit(f"N{len(counted)}{number}", busy.top)
            make_target(busy.programme, unit, 5, phase=busy.phase)
            busy.submit(unit)
        fold_all()
    assert counted[0] == counted[1]
