"""The pages of targets: what they show, spreading by a button and by hand, the preview, and what is refused."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.people.models import Person
from sangkien.programmes.actions import set_target
from sangkien.programmes.models import Basis, Target
from sangkien.programmes.queries import present_targets
from sangkien.tally.fold import fold_all
from sangkien.units.models import Role, Unit
from sangkien.web.desk.targets.table import read_number, read_seen
from tests.factories import World, grant, make_person, make_target, make_unit, make_world

ADDRESS = "/ban-lam-viec/chi-tieu/"


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    for unit, members in zip(world.unions, (1000, 3000, 4000), strict=True):
        unit.members = members
        unit.save(update_fields=["members"])
    return world


@pytest.fixture
def officer(world: World) -> Person:
    person = make_person("quantri", full_name="Lê Thị Quản")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def browser(officer: Person) -> Client:
    return browser_of(officer)


def text(answer: HttpResponse) -> str:
    """What a page says, without its marks."""
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(unescape(plain).split())


def seen_in(answer: HttpResponse) -> str:
    """What the form of the table says that the officer has seen."""
    form = answer.content.decode().split('id="chi-tieu"')[1]
    found = re.search(r'name="seen" value="([^"]*)"', form)
    assert found
    return unescape(found[1])


def typed_in(answer: HttpResponse) -> dict[str, str]:
    return dict(re.findall(r'name="value_(\d+)" value="([^"]*)"', answer.content.decode()))


def values(world: World, *numbers: object) -> dict[str, str]:
    return {f"value_{unit.pk}": str(number) for unit, number in zip(world.unions, numbers, strict=True)}


def send(browser: Client, action: str, sent: dict[str, str], *, seen: str | None = None) -> HttpResponse:
    """Send the form of the table, as seen now unless told otherwise."""
    seen = seen if seen is not None else seen_in(browser.get(ADDRESS))
    return browser.post(ADDRESS, {"seen": seen, "action": action} | sent)


def present(world: World) -> list[int | None]:
    found = present_targets(world.programme, world.phase, [unit.pk for unit in world.unions])
    return [t.value if (t := found.get((unit.pk, Basis.ASSIGNED))) else None for unit in world.unions]


# --- what the page shows ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_shows_the_unit_and_those_below_with_targets_members_and_the_boards_counts(
    world: World, browser: Client, officer: Person
) -> None:
    world.submit()
    fold_all()
    make_target(world.programme, world.top, 1000, phase=world.phase)
    make_target(world.programme, world.unions[0], 333, phase=world.phase)
    make_target(world.programme, world.unions[0], 444, phase=world.phase, basis=Basis.REGISTERED)
    page = text(browser.get(ADDRESS))
    assert "Targets of Federation TLD" in page
    assert re.search(r"Federation HNI 1,000 1 444 333", page), "members, count, registered, assigned"
    assert "They add up to 333: 667 less than the 1,000 assigned to the unit itself." in page
    assert "Phase 1" in page
    assert "Figures as of an earlier day keep the target of that day." in page


def test_closed_units_are_not_in_the_table(world: World, browser: Client) -> None:
    Unit.objects.filter(pk=world.unions[1].pk).update(closed_on=clock.day_of(clock.now()))
    assert set(typed_in(browser.get(ADDRESS))) == {str(world.unions[0].pk), str(world.unions[2].pk)}


def test_the_whole_programme_has_targets_of_its_own(world: World, browser: Client) -> None:
    make_target(world.programme, world.unions[0], 555)
    answer = browser.get(ADDRESS, {"giai-doan": "ca-chuong-trinh"})
    assert typed_in(answer)[str(world.unions[0].pk)] == "555"
    assert "555" not in text(browser.get(ADDRESS, {"giai-doan": "1"}))
    assert browser.get(ADDRESS, {"giai-doan": "9"}).status_code == 404


def test_a_unit_without_any_below_says_so(world: World, browser: Client) -> None:
    page = text(browser.get(ADDRESS, {"don-vi": world.grassroots[0].code}))
    assert "there is nothing to spread" in page


def test_who_may_not_change_sees_no_fields(world: World) -> None:
    viewer = make_person("viewer")
    grant(viewer, world.top, Role.VIEWER)
    answer = browser_of(viewer).get(ADDRESS)
    assert typed_in(answer) == {}
    assert "Register a target" not in text(answer)
    assert browser_of(viewer).post(ADDRESS, {"action": "preview"}).status_code == 403


def test_a_unit_of_others_is_not_shown(world: World) -> None:
    beside = make_person("beside")
    grant(beside, world.unions[1], Role.UNIT_ADMINISTRATOR)
    assert browser_of(beside).get(ADDRESS, {"don-vi": "HNI"}).status_code == 404
    assert browser_of(beside).get(ADDRESS, {"don-vi": "THA-001"}).status_code == 200


def test_the_number_of_queries_is_the_same_for_one_unit_and_three(world: World, browser: Client) -> None:
    def queries(code: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(ADDRESS, {"don-vi": code}).status_code == 200
        return len(captured)

    for n in range(3):
        unit = make_unit(f"THA-10{n}", world.unions[1])
        make_target(world.programme, unit, 5, phase=world.phase)
    make_target(world.programme, world.districts[0], 5, phase=world.phase)
    assert queries("HNI") == queries("THA")


# --- spreading --------------------------------------------------------------------------------------------------


def test_a_button_spreads_evenly_and_writes_nothing(world: World, browser: Client) -> None:
    answer = send(browser, "evenly", {"total": "1.000"})
    assert list(typed_in(answer).values()) == ["334", "333", "333"]
    assert answer.status_code == 200
    assert not Target.objects.exists()


def test_a_button_spreads_by_members(world: World, browser: Client) -> None:
    answer = send(browser, "by_members", {"total": "8000"})
    typed = typed_in(answer)
    assert [typed[str(unit.pk)] for unit in world.unions] == ["1,000", "3,000", "4,000"]


def test_without_a_number_typed_the_units_own_target_is_spread(world: World, browser: Client) -> None:
    make_target(world.programme, world.top, 30, phase=world.phase)
    answer = send(browser, "evenly", {"total": ""})
    assert list(typed_in(answer).values()) == ["10", "10", "10"]
    assert "They add up to 30." in text(answer)


def test_by_members_whoever_has_no_number_keeps_its_target(world: World, browser: Client) -> None:
    Unit.objects.filter(pk=world.unions[2].pk).update(members=None)
    make_target(world.programme, world.unions[2], 20, phase=world.phase)
    answer = send(browser, "by_members", {"total": "100"} | values(world, "", "", 20))
    typed = typed_in(answer)
    assert [typed[str(unit.pk)] for unit in world.unions] == ["20", "60", "20"]
    assert "Of 1 unit the number of members is not known" in text(answer)


@pytest.mark.parametrize("total", ["", "nhiều", "0", "-5", "1.5"])
def test_a_number_that_cannot_be_spread_is_said_at_its_field(world: World, browser: Client, total: str) -> None:
    answer = send(browser, "evenly", {"total": total} | values(world, 7, 8, 9))
    assert answer.status_code == 422
    assert 'id="id_total_error"' in answer.content.decode()
    assert sorted(typed_in(answer).values()) == ["7", "8", "9"], "what was typed is kept"


# --- preview and writing ------------------------------------------------------------------------------------------


def test_by_hand_there_is_a_preview_and_only_then_it_is_written(world: World, browser: Client, officer: Person) -> None:
    make_target(world.programme, world.unions[0], 50, phase=world.phase)
    sent = values(world, 40, "1.200", "") | {"reason": "Theo số đoàn viên", "document": "15/KH-TLĐ"}
    preview = send(browser, "preview", sent)
    page = text(preview)
    assert preview.status_code == 200
    assert "2 targets will be set" in page
    for shown in ("Federation HNI", "50 40 −10", "Federation THA", "1,200 new", "Theo số đoàn viên", "15/KH-TLĐ"):
        assert shown in page
    assert "Federation HCM" not in page, "it stays as it is"
    assert present(world) == [50, None, None]

    kept = {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', preview.content.decode())
        if name != "csrfmiddlewaretoken"
    }
    done = browser.post(ADDRESS, kept | {"action": "confirm"})
    assert (done.status_code, done.url) == (303, f"{ADDRESS}?don-vi=TLD&giai-doan=1")  # type: ignore[attr-defined]
    assert present(world) == [40, 1200, None]
    assert "2 targets were set." in text(browser.get(ADDRESS))
    target = Target.objects.get(unit=world.unions[0], closed_at=None)
    assert (target.recorded_by, target.reason, target.document) == (officer, "Theo số đoàn viên", "15/KH-TLĐ")


def test_from_the_preview_one_can_go_back_with_everything_typed(world: World, browser: Client) -> None:
    typed = json.dumps({str(world.unions[1].pk): "70"})
    answer = send(browser, "edit", {"typed": typed, "reason": "Vì thế"})
    assert typed_in(answer)[str(world.unions[1].pk)] == "70"
    assert 'value="Vì thế"' in answer.content.decode()


def test_what_does_not_add_up_is_refused_unless_confirmed(world: World, browser: Client) -> None:
    make_target(world.programme, world.top, 100, phase=world.phase)
    sent = values(world, 40, 30, 20)
    refused = send(browser, "preview", sent)
    assert refused.status_code == 422
    said = text(refused)
    assert said.count("They add up to 90: 10 less than the 100 assigned to the unit itself.") == 1
    assert "They do not add up. Put it right" in said
    assert "75: 25 less" in text(send(browser, "confirm", values(world, 40, 30, 5)))
    preview = send(browser, "preview", sent | {"uneven": "on"})
    assert preview.status_code == 200
    assert "10 less than the 100" in text(preview)
    assert send(browser, "confirm", sent | {"uneven": "on"}).status_code == 303
    assert present(world) == [40, 30, 20]
    assert "more than the 100" in text(send(browser, "preview", values(world, 100, 30, 20) | {"uneven": "on"}))


def test_what_adds_up_needs_no_confirmation(world: World, browser: Client) -> None:
    make_target(world.programme, world.top, 100, phase=world.phase)
    assert send(browser, "confirm", values(world, 50, 30, 20)).status_code == 303


@pytest.mark.parametrize("typed", ["0", "-1", "mười", "1,5", "2000000000", "1.00", "١٢"])
def test_a_number_that_is_no_target_is_said_at_its_field_and_nothing_written(
    world: World, browser: Client, typed: str
) -> None:
    answer = send(browser, "confirm", values(world, 50, typed, 20))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'aria-describedby="e{world.unions[1].pk}"' in page
    assert "A target is a whole number above zero." in page
    assert typed_in(answer)[str(world.unions[1].pk)] == typed
    assert not Target.objects.exists()


def test_a_change_without_a_reason_is_refused(world: World, browser: Client) -> None:
    make_target(world.programme, world.unions[0], 50, phase=world.phase)
    for action in ("preview", "confirm"):
        answer = send(browser, action, values(world, 40, "", ""))
        assert answer.status_code == 422
        assert "Say in one sentence why a target is raised or lowered." in text(answer)
    assert present(world) == [50, None, None]


def test_nothing_changed_is_said(world: World, browser: Client) -> None:
    answer = send(browser, "preview", values(world, "", "", ""))
    assert answer.status_code == 422
    assert "No target differs from what it is." in text(answer)


@pytest.mark.parametrize("action", ["preview", "confirm", "evenly"])
def test_a_stale_form_says_what_has_changed_and_keeps_what_was_typed(
    world: World, browser: Client, officer: Person, action: str
) -> None:
    seen = seen_in(browser.get(ADDRESS))
    make_target(world.programme, world.unions[0], 77, phase=world.phase)
    make_target(world.programme, world.top, 100, phase=world.phase)
    Unit.objects.filter(pk=world.unions[2].pk).update(closed_on=clock.day_of(clock.now()))
    answer = send(browser, action, values(world, 40, 60, 10), seen=seen)
    page = text(answer)
    assert answer.status_code == 409
    assert "Federation HNI: – when you looked, 77 now." in page
    assert "Federation TLD: – when you looked, 100 now." in page
    assert "Federation HCM is no longer directly below." in page
    assert typed_in(answer)[str(world.unions[0].pk)] == "40"
    assert present(world) == [77, None, None]
    again = send(browser, "confirm", values(world, 40, 60, "") | {"reason": "Vì thế"}, seen=seen_in(answer))
    assert again.status_code == 303
    assert present(world) == [40, 60, None]


@pytest.mark.parametrize("nonsense", ["{", "[1]", '{"a": 1}', '{"1": "x"}', "[" * 5000])
def test_nonsense_in_what_the_form_sends_along_does_no_harm(world: World, browser: Client, nonsense: str) -> None:
    answer = browser.post(ADDRESS, {"seen": nonsense, "typed": nonsense, "action": "confirm"})
    assert answer.status_code == 422
    assert not Target.objects.exists()


# --- a unit's own targets -----------------------------------------------------------------------------------------


def register(browser: Client, unit: Unit, sent: dict[str, str], seen: int | None = None) -> HttpResponse:
    address = f"{ADDRESS}dang-ky/?don-vi={unit.code}&giai-doan=1"
    return browser.post(address, {"basis": "registered", "seen": json.dumps({unit.pk: seen})} | sent)


@pytest.fixture
def own(world: World) -> Client:
    person = make_person("donvi")
    grant(person, world.unions[0], Role.UNIT_ADMINISTRATOR)
    return browser_of(person)


def test_a_unit_registers_its_own_target_and_changes_it_with_a_reason(world: World, own: Client) -> None:
    unit = world.unions[0]
    done = register(own, unit, {"value": "1.200"})
    assert (done.status_code, done.url) == (303, f"{ADDRESS}?don-vi=HNI&giai-doan=1")  # type: ignore[attr-defined]
    refused = register(own, unit, {"value": "1500"}, 1200)
    assert refused.status_code == 422
    assert "Say in one sentence why a target is raised or lowered." in text(refused)
    assert 'value="1500"' in refused.content.decode()
    assert register(own, unit, {"value": "1500", "reason": "Phấn đấu"}, 1200).status_code == 303
    found = present_targets(world.programme, world.phase, [unit.pk])
    assert [(basis, target.value) for (_pk, basis), target in found.items()] == [(Basis.REGISTERED, 1500)]


def test_what_it_is_already_and_what_is_no_number_is_said_at_the_field(world: World, own: Client) -> None:
    make_target(world.programme, world.unions[0], 10, phase=world.phase, basis=Basis.REGISTERED)
    same = register(own, world.unions[0], {"value": "10", "reason": "x"}, 10)
    assert (same.status_code, "This is the target that there is already." in text(same)) == (422, True)
    wrong = register(own, world.unions[0], {"value": "vô số", "reason": "x"}, 10)
    assert (wrong.status_code, "A target is a whole number above zero." in text(wrong)) == (422, True)
    assert 'value="vô số"' in wrong.content.decode()


def test_a_stale_registration_is_told_what_there_is_now(world: World, own: Client) -> None:
    make_target(world.programme, world.unions[0], 10, phase=world.phase, basis=Basis.REGISTERED)
    stale = register(own, world.unions[0], {"value": "20", "reason": "x"}, 5)
    assert stale.status_code == 409
    assert "Federation HNI: 5 when you looked, 10 now." in text(stale)


def test_a_unit_does_not_assign_its_own_target_but_the_top_does(world: World, own: Client, browser: Client) -> None:
    assert register(own, world.unions[0], {"value": "5", "basis": "assigned"}).status_code == 403
    assert register(own, world.districts[1], {"value": "5"}).status_code == 404
    assert register(browser, world.top, {"value": "5", "basis": "assigned"}).status_code == 303
    assert "Set the assigned target" not in text(own.get(ADDRESS))


def test_a_closed_unit_takes_no_target(world: World, own: Client) -> None:
    Unit.objects.filter(pk=world.unions[0].pk).update(closed_on=clock.day_of(clock.now()))
    page = own.get(ADDRESS)
    assert "This unit has closed." in text(page)
    assert typed_in(page) == {}
    assert register(own, world.unions[0], {"value": "5"}).status_code == 409
    assert own.post(ADDRESS, {"action": "confirm"}).status_code == 409


# --- the history --------------------------------------------------------------------------------------------------


def test_the_history_says_who_when_why_and_from_what_to_what(world: World, browser: Client, officer: Person) -> None:
    for number, (value, reason) in enumerate(((50, "Phát động"), (70, "Tăng <tốc>"))):
        set_target(
            actor=officer, programme=world.programme, phase=world.phase, unit=world.unions[0], basis=Basis.ASSIGNED,
            value=value, reason=reason, document=f"{number}/KH",
        )  # fmt: skip
    answer = browser.get(f"{ADDRESS}lich-su/")
    page = text(answer)
    assert re.search(r"Federation HNI Phase 1 assigned 50 70 Lê Thị Quản Tăng <tốc> 1/KH", page)
    assert re.search(r"Federation HNI Phase 1 assigned – 50 Lê Thị Quản Phát động 0/KH", page)
    assert "<tốc>" not in answer.content.decode()
    assert "No target has been set here yet." in text(browser.get(f"{ADDRESS}lich-su/", {"don-vi": "THA-001"}))


def test_the_history_goes_on_over_pages(world: World, browser: Client) -> None:
    for n in range(60):
        make_target(world.programme, make_unit(f"X{n:02}", world.unions[0]), n + 1)
    first = browser.get(f"{ADDRESS}lich-su/", {"don-vi": "HNI"})
    following = re.search(r'href="(\?[^"]*truoc=\d+)"', first.content.decode())
    assert following
    rest = browser.get(f"{ADDRESS}lich-su/{unescape(following[1])}")
    shown = re.findall(r"Federation (X\d\d)", text(first) + text(rest))
    assert len(shown) == len(set(shown)) == 60
    assert browser.get(f"{ADDRESS}lich-su/", {"truoc": "x" * 30}).status_code == 200


# --- reading numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1200", 1200), ("1.200", 1200), (" 1,200 ", 1200), ("1 200 000", 1_200_000), ("12.34", None), ("", None),
     ("0", None), ("1000000001", None), ("1" * 400, None)],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(typed: str, number: int | None) -> None:
    assert read_number(typed) == number


def test_only_numbers_are_believed_to_have_been_seen() -> None:
    from django.http import QueryDict

    sent = QueryDict(mutable=True)
    sent["seen"] = '{"1": 5, "2": null, "3": true, "x": 1, "4": "7", "99999999999999": 1}'
    assert read_seen(sent) == {1: 5, 2: None}
