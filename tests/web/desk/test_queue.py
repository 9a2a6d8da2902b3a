"""The queue: the list on the left, one initiative on the right, filters in the address."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.initiatives.actions import mark_invalid, mark_valid, return_initiative
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Flag, Initiative, Kind
from sangkien.initiatives.states import ReasonCode
from sangkien.people.categories import Category
from tests.factories import World, grant, make_person, make_unit, make_world

LISTED = re.compile(r'<li data-code="([^"]+)"')
OPEN = re.compile(r'<article class="desk-item"[^>]*data-code="([^"]+)"')


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def officer(world: World) -> Client:
    """A browser in which a verifier over everything has signed in."""
    client = Client()
    client.force_login(world.officer)
    return client


def page(client: Client, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/ban-lam-viec/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def listed(client: Client, query: str = "") -> list[str]:
    """Return the codes of the list."""
    return LISTED.findall(page(client, query))


def put(one: Initiative, **fields: object) -> Initiative:
    """Change what is stored of an initiative, past every rule."""
    Initiative.objects.filter(pk=one.pk).update(**fields)
    return one


def code(one: Initiative) -> str:
    return code_of(one.pk)


def test_a_name_where_a_code_is_needed_leads_to_the_codes_of_units_called_so(world: World, officer: Client) -> None:
    make_unit("HNI-9", world.unions[0], name_vi="Công đoàn ngành Dệt May")
    text = page(officer, "?don-vi=det+may")
    assert "Công đoàn ngành Dệt May (HNI-9)" in text
    assert "HNI-9" not in page(officer, "?don-vi=khong+co+dau")
    one = world.submit()
    assert listed(officer, "?don-vi=hni") == [code(one)]


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_the_first_of_the_queue_is_open_beside_the_list(world: World, officer: Client) -> None:
    later, sooner = world.submit(), world.submit()
    put(later, due_at=clock.now() + timedelta(days=9))
    put(sooner, due_at=clock.now() + timedelta(days=1))
    text = page(officer)
    assert LISTED.findall(text) == [code(sooner), code(later)]
    assert OPEN.findall(text) == [code(sooner)]
    assert f'<li data-code="{code(sooner)}" aria-current="true">' in text


def test_everything_that_an_officer_reads_stands_on_one_page(world: World, officer: Client) -> None:
    one = world.submit(
        problem="Băng tải hay kẹt khi than ướt.",
        novelty="Hai tầng lưỡi gạt.",
        social_benefit="Bớt bụi.",
        confidential_parts="Bước lò xo 4 mm.",
        authors=[
            AuthorInput(name="Trần Thị Hoa", category=Category.ENTERPRISE_WORKER, share=60, title="Thợ cơ khí"),
            AuthorInput(name="Lê Văn Nam", category=Category.ENTERPRISE_WORKER, share=40, contact="nam@example.vn"),
        ],
    )
    text = page(officer, f"{code(one)}/")
    for said in (
        *("Băng tải hay kẹt khi than ướt.", "Hai tầng lưỡi gạt.", "Bớt bụi.", "Bước lò xo 4 mm.", "12.500.000"),
        *("Trần Thị Hoa", "Thợ cơ khí", "60%", "Lê Văn Nam", "40%", "Hội đồng sáng kiến", "Nguyễn Văn member"),
    ):
        assert said in text
    assert "nam@example.vn" not in text


def test_an_initiative_is_given_alone_to_the_script(world: World, officer: Client) -> None:
    one = world.submit()
    text = page(officer, f"{code(one)}/?phan=bai")
    assert text.lstrip().startswith("<article")
    assert OPEN.findall(text) == [code(one)]
    assert 'name="hang-doi"' in text


def test_the_list_is_given_alone_to_the_script(world: World, officer: Client) -> None:
    one = world.submit()
    text = page(officer, "?phan=hang")
    assert LISTED.findall(text) == [code(one)]
    assert "<html" not in text


def test_any_way_of_typing_a_code_leads_to_its_address_with_the_filter_kept(world: World, officer: Client) -> None:
    one = world.submit()
    answer = officer.get(f"/ban-lam-viec/{code(one).lower()}/?muc=cho")
    assert (answer.status_code, answer.url) == (302, f"/ban-lam-viec/{code(one)}/?muc=cho")


def test_flags_and_the_clock_stand_in_the_line(world: World, officer: Client) -> None:
    late = put(world.submit(), flags=Flag.LARGE_BENEFIT | Flag.OBJECTED, due_at=clock.now() - timedelta(days=2))
    officer.cookies["lang"] = "en"
    text = page(officer)
    line = text[text.index(f'<li data-code="{code(late)}"') :]
    line = line[: line.index("</li>")]
    assert 'class="clock late"' in line
    assert line.count('class="tag ') == 2


def test_a_line_spends_no_room_on_what_most_names_begin_with_and_the_tab_alone_counts_what_is_overdue(
    world: World, officer: Client
) -> None:
    unit = world.grassroots[0]
    unit.short_vi = "CĐCS Công ty May Thăng Long"
    unit.save()
    put(world.submit(unit), due_at=clock.now() - timedelta(days=2))
    text = page(officer)
    assert '<span class="q-unit"><span>Công ty May Thăng Long</span>' in text
    summary = text[text.index("<summary><span>") :]
    assert "late" not in summary[: summary.index("</summary>")]


def test_an_officer_does_not_find_their_own(world: World, officer: Client) -> None:
    world.submit(actor=world.officer)
    other = world.submit()
    assert listed(officer) == [code(other)]


def test_their_own_initiative_opens_without_a_decision(world: World, officer: Client) -> None:
    own = world.submit(actor=world.officer)
    text = page(officer, f"{code(own)}/")
    assert "data-decide" not in text
    assert OPEN.findall(text) == [code(own)]


def test_an_empty_queue_says_so(world: World, officer: Client) -> None:
    text = page(officer)
    assert "desk-empty" in text
    assert LISTED.findall(text) == []


def test_a_filter_that_finds_nothing_offers_to_drop_it(world: World, officer: Client) -> None:
    world.submit()
    text = page(officer, "?tim=khong+co+gi")
    assert "desk-empty" in text
    assert 'href="/ban-lam-viec/?muc=cho"' in text


# --- filters ---------------------------------------------------------------------------------------------------------


def test_the_queue_is_filtered_by_what_the_address_says(world: World, officer: Client) -> None:
    other_unit = world.submit(world.grassroots[1], title="Của đơn vị khác")
    other_field = world.submit(field=world.fields[1], kind=Kind.MANAGEMENT_SOLUTION, title="Của lĩnh vực khác")
    large = put(world.submit(benefit_claimed=9_000_000_000, title="Lợi lớn"), flags=int(Flag.LARGE_BENEFIT))
    plain = put(world.submit(title="Bình thường", category=Category.UNION_OFFICER), flags=0)
    old = world.submit(title="Cũ")
    long_ago = clock.now() - timedelta(days=9)
    put(old, submitted_at=long_ago, created_at=long_ago)
    assert listed(officer, f"?don-vi={world.unions[1].code}") == [code(other_unit)]
    assert listed(officer, "?linh-vuc=GDDT") == [code(other_field)]
    assert listed(officer, "?loai=management_solution") == [code(other_field)]
    assert listed(officer, "?nhom=union_officer") == [code(plain)]
    assert listed(officer, "?loi-tu=1+t%E1%BB%B7") == [code(large)]
    assert listed(officer, "?co=loi-lon") == [code(large)]
    assert listed(officer, "?tuoi=7") == [code(old)]
    assert listed(officer, f"?tim={code(plain)}") == [code(plain)]
    assert set(listed(officer, "?tim=khác")) == {code(other_unit), code(other_field)}
    assert listed(officer, "?xep=loi")[0] == code(large)


@pytest.mark.parametrize(
    ("query", "field"),
    [("don-vi=KHONG-CO", "don-vi"), ("loi-tu=nhieu", "loi-tu"), ("tuoi=muoi", "tuoi"), ("linh-vuc=XXXX", "linh-vuc")],
)
def test_what_cannot_be_read_is_said_at_its_field(world: World, officer: Client, query: str, field: str) -> None:
    one = world.submit()
    text = page(officer, f"?{query}")
    assert f'id="loc-{field}_error"' in text
    assert LISTED.findall(text) == [code(one)]


def test_the_filter_stays_in_the_address_of_every_line(world: World, officer: Client) -> None:
    one = world.submit()
    assert f"/ban-lam-viec/{code(one)}/?muc=cho&amp;linh-vuc=MOKS" in page(officer, "?muc=cho&linh-vuc=MOKS")


def test_tabs_hold_what_waits_what_was_returned_and_what_i_decided(world: World, officer: Client) -> None:
    waits, valid, invalid, returned = (world.submit() for _ in range(4))
    mark_valid(actor=world.officer, initiative_id=valid.pk)
    reason = {"reason": ReasonCode.DUPLICATE, "note": "Trùng"}
    mark_invalid(actor=world.officer, initiative_id=invalid.pk, **reason)
    return_initiative(actor=world.officer, initiative_id=returned.pk, **reason)
    assert listed(officer) == [code(waits)]
    assert listed(officer, "?muc=bo-sung") == [code(returned)]
    assert {code(valid), code(invalid)} <= set(listed(officer, "?muc=xong"))
    assert listed(officer, "?muc=qua-han") == []


def test_a_place_that_no_page_gave_is_refused(world: World, officer: Client) -> None:
    page(officer, "?sau=nowhere", status=422)


def test_a_long_queue_goes_on_where_it_ended(world: World, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sangkien.web.desk.queue.pages.PAGE_SIZE", 2)
    codes = {code(world.submit()) for _ in range(5)}
    text, found = page(officer), []
    while True:
        found += LISTED.findall(text)
        following = re.search(r'data-next="([^"]+)"', text)
        if not following:
            break
        text = page(officer, f"?sau={following[1]}")
    assert len(found) == 5
    assert set(found) == codes


# --- rights ----------------------------------------------------------------------------------------------------------


def test_only_verifiers_have_a_queue(world: World) -> None:
    client = Client()
    client.force_login(world.member)
    page(client, status=403)


def test_an_initiative_of_another_unit_is_not_shown_at_the_desk(world: World) -> None:
    beside = make_person()
    grant(beside, world.districts[1])
    client = Client()
    client.force_login(beside)
    page(client, f"{code(world.submit())}/", status=403)


# --- how much it costs ------------------------------------------------------------------------------------------------


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_length_of_the_queue(world: World, officer: Client) -> None:
    one = world.submit()
    part = f"/ban-lam-viec/{code(one)}/?phan=bai"
    queries(officer, "/ban-lam-viec/")
    before = (queries(officer, "/ban-lam-viec/"), queries(officer, "/ban-lam-viec/?phan=hang"), queries(officer, part))
    for _ in range(3):
        world.submit(world.grassroots[1], field=world.fields[1])
    after = (queries(officer, "/ban-lam-viec/"), queries(officer, "/ban-lam-viec/?phan=hang"), queries(officer, part))
    assert after == before
    print("queries of page, list, initiative:", after)
