"""The pages of the tree: finding a unit, its page, and every change by a form, a preview and a confirmation."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.people.models import Person
from sangkien.programmes.models import Target
from sangkien.units.actions import close_unit, rename_unit
from sangkien.units.models import Reorganisation, Role, Unit
from sangkien.web.member.fields import written
from tests.factories import World, grant, join, make_person, make_target, make_unit, make_world

TREE = "/ban-lam-viec/to-chuc/"
MERGE = f"{TREE}sap-nhap/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


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
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def today() -> str:
    return f"{clock.day_of(clock.now()):%d/%m/%Y}"


def hidden(answer: HttpResponse) -> dict[str, str]:
    """What a preview sends along."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode())
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def seen_in(browser: Client, address: str) -> dict[str, str]:
    return {"seen": hidden(browser.get(address)).get("seen", "")}


def preview(browser: Client, address: str, sent: dict[str, str]) -> HttpResponse:
    return browser.post(address, seen_in(browser, address) | sent | {"action": "preview"})


def confirm(browser: Client, address: str, shown: HttpResponse) -> HttpResponse:
    """Confirm what a preview has shown."""
    return browser.post(address, hidden(shown) | {"action": "confirm"})


def error_at(answer: HttpResponse, name: str) -> str:
    """What the page says is wrong with a field."""
    found = re.search(rf'id="id_{name}_error"[^>]*>(.*?)</div>', answer.content.decode(), re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""


def state() -> tuple[object, ...]:
    """Everything that a change of the tree could touch."""
    units = Unit.objects.order_by("pk").values_list("code", "name_vi", "closed_on", "parent_id")
    return (*units, Reorganisation.objects.count(), AuditEntry.objects.count(), Target.objects.count())


# --- finding --------------------------------------------------------------------------------------------------


def test_the_tree_is_gone_down_with_how_many_stand_below(world: World, browser: Client) -> None:
    make_unit("HNI-002", world.unions[0], members=1234)
    page = text(browser.get(TREE))
    assert re.search(r"Federation HNI Provincial federation of labour HNI – 2 ", page)
    below = text(browser.get(TREE, {"don-vi": "HNI"}))
    assert re.search(r"Federation HNI-002 District federation of labour HNI-002 1,234 – ", below)
    assert "Federation THA" not in below


def test_a_code_leads_to_the_unit_and_a_name_to_those_known_by_it(world: World, browser: Client) -> None:
    answer = browser.get(TREE, {"tim": "hni-001"})
    assert (answer.status_code, answer.url) == (302, f"{TREE}HNI-001/")  # type: ignore[attr-defined]
    page = text(browser.get(TREE, {"tim": "cong ty THA"}))
    assert "Known by “cong ty THA”" in page
    assert "THA-001-0001" in page
    assert "None of your units is known by “khong co”" in text(browser.get(TREE, {"tim": "khong co"}))


def test_one_finds_only_what_one_works_for(world: World) -> None:
    person = make_person("beside")
    grant(person, world.unions[1], Role.VIEWER)
    client = browser_of(person)
    assert "None of your units" in text(client.get(TREE, {"tim": "HNI-001"}))
    assert client.get(f"{TREE}HNI-001/").status_code == 404
    assert client.get(f"{TREE}THA-001/").status_code == 200
    assert client.get(TREE, {"don-vi": "HNI"}).status_code == 404


def test_closed_units_are_shown_when_asked_for(world: World, browser: Client, officer: Person) -> None:
    close_unit(actor=officer, unit=world.grassroots[0], on=clock.day_of(clock.now()), reason="Giải thể")
    assert "No open units stand directly below." in text(browser.get(TREE, {"don-vi": "HNI-001"}))
    assert "HNI-001-0001" in text(browser.get(TREE, {"don-vi": "HNI-001", "da-dong": "1"}))


def test_the_list_goes_on_over_pages(world: World, browser: Client) -> None:
    for number in range(120):
        make_unit(f"X{number:03}", world.unions[0])
    first, second = (text(browser.get(TREE, {"don-vi": "HNI", "trang": page})) for page in ("1", "2"))
    shown = re.findall(r"Federation (X\d{3}) ", first + second)
    assert len(set(shown)) == 120
    assert browser.get(TREE, {"don-vi": "HNI", "trang": "x"}).status_code == 200


def test_the_number_of_queries_is_the_same_for_one_unit_and_three(world: World, browser: Client) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address).status_code == 200
        return len(captured)

    for number in range(3):
        make_unit(f"HNI-10{number}", world.unions[0])
    assert queries(f"{TREE}?don-vi=THA") == queries(f"{TREE}?don-vi=HNI")
    assert queries(f"{TREE}THA/") == queries(f"{TREE}HNI/")


# --- a unit's page --------------------------------------------------------------------------------------------


def test_a_units_page_says_what_it_is_and_was(world: World, browser: Client, officer: Person) -> None:
    rename_unit(actor=officer, unit=world.unions[0], name_vi="LĐLĐ Thủ đô", name_en="Capital", reason="Đổi tên")
    page = text(browser.get(f"{TREE}HNI/"))
    for shown in ("Capital", "Liên đoàn Lao động HNI", "Provincial federation of labour", "Members not known"):
        assert shown in page
    for button in ("Open a unit below", "Rename", "Move", "Merge with others", "Officers and their rights"):
        assert button in page
    assert "It can be closed once no open units stand below it." in page


@pytest.mark.parametrize(
    ("role", "where", "buttons"),
    [
        (Role.UNIT_ADMINISTRATOR, "unions", ("Open a unit below", "Rename", "Move")),
        (Role.UNIT_ADMINISTRATOR, "districts", ("Open a unit below", "Rename")),
        (Role.VERIFIER, "unions", ()),
        (Role.VIEWER, "districts", ()),
    ],
)
def test_only_what_the_officer_may_do_is_offered(
    world: World, role: Role, where: str, buttons: tuple[str, ...]
) -> None:
    person = make_person()
    grant(person, getattr(world, where)[0], role)
    page = browser_of(person).get(f"{TREE}HNI-001/").content.decode()
    offered = {"Open a unit below": "mo/", "Rename": "doi-ten/", "Move": "chuyen/"}
    assert tuple(name for name, end in offered.items() if f"HNI-001/{end}" in page) == buttons
    for name, end in offered.items():
        status = browser_of(person).get(f"{TREE}HNI-001/{end}").status_code
        assert status == (200 if name in buttons else 403)


def test_a_closed_unit_offers_nothing(world: World, browser: Client, officer: Person) -> None:
    close_unit(actor=officer, unit=world.grassroots[0], on=clock.day_of(clock.now()), reason="Giải thể")
    page = text(browser.get(f"{TREE}HNI-001-0001/"))
    assert "Closed" in page
    assert "Rename" not in page


# --- opening, renaming, closing -----------------------------------------------------------------------------------

OPEN = {"kind": "district_federation", "name_vi": "LĐLĐ quận Mới", "members": "1.200"}


def test_a_unit_is_opened_after_a_preview(world: World, browser: Client) -> None:
    address = f"{TREE}HNI/mo/"
    before = state()
    shown = preview(browser, address, OPEN)
    assert shown.status_code == 200
    assert "“LĐLĐ quận Mới” will be opened" in text(shown)
    assert state() == before, "a preview writes nothing"
    done = confirm(browser, address, shown)
    unit = Unit.objects.get(name_vi="LĐLĐ quận Mới")
    assert (done.status_code, done.url) == (303, f"{TREE}{unit.code}/")  # type: ignore[attr-defined]
    assert (unit.parent, unit.members, unit.kind) == (world.unions[0], 1200, "district_federation")


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name_vi": ""}, "name_vi", "Fill in this field."),
        ({"name_vi": "Liên đoàn Lao động HNI-001"}, "name_vi", "There is one of this name already"),
        ({"kind": ""}, "kind", "Choose one of these."),
        ({"kind": "confederation"}, "kind", "Choose one of these."),
        ({"members": "nhiều"}, "members", "Write how many members the unit has."),
        ({"opened_on": "1/1/2999"}, "opened_on", "This day lies in the future"),
        ({"opened_on": "32/1/2020"}, "opened_on", "This is not a day."),
    ],
)
def test_what_cannot_be_opened_is_said_at_the_field(
    world: World, browser: Client, changes: dict[str, str], field: str, said: str
) -> None:
    before = state()
    answer = preview(browser, f"{TREE}HNI/mo/", OPEN | changes)
    assert answer.status_code == 422
    assert said in error_at(answer, field)
    assert f'aria-describedby="id_{field}_' in answer.content.decode()
    assert state() == before


def test_a_unit_is_renamed_after_a_preview_and_still_found_by_the_old_name(world: World, browser: Client) -> None:
    address = f"{TREE}HNI-001/doi-ten/"
    assert 'value="Liên đoàn Lao động HNI-001"' in browser.get(address).content.decode()
    shown = preview(browser, address, {"name_vi": "LĐLĐ quận Đống Đa", "reason": "Nghị quyết 19"})
    assert "Name Liên đoàn Lao động HNI-001 → LĐLĐ quận Đống Đa" in text(shown)
    assert confirm(browser, address, shown).status_code == 303
    assert "HNI-001" in text(browser.get(TREE, {"tim": "lien doan lao dong hni"}))
    same = preview(browser, address, {"name_vi": "LĐLĐ quận Đống Đa", "name_en": "LĐLĐ quận Đống Đa", "reason": "x"})
    assert "It is called so already." in error_at(same, "name_vi")


def test_a_short_name_that_stays_behind_a_new_full_one_is_warned_of(world: World, browser: Client) -> None:
    address = f"{TREE}HNI-001/doi-ten/"
    Unit.objects.filter(code="HNI-001").update(short_vi="HNI-001 cũ")
    sent = {"name_vi": "LĐLĐ quận Đống Đa", "short_vi": "HNI-001 cũ", "reason": "Nghị quyết 19"}
    kept = text(preview(browser, address, sent))
    assert "Short name HNI-001 cũ, as before: tables go on showing this name" in kept
    changed = text(preview(browser, address, sent | {"short_vi": "Đống Đa"}))
    assert "Short name HNI-001 cũ → Đống Đa" in changed
    assert "as before" not in changed


def test_a_unit_has_an_english_name_if_one_was_given(world: World, browser: Client) -> None:
    opening, renaming = f"{TREE}HNI/mo/", f"{TREE}HNI-001/doi-ten/"
    for sent, name in ((OPEN, "LĐLĐ quận Mới"), (OPEN | {"name_vi": "LĐLĐ quận Hai", "name_en": "Second"}, "Second")):
        assert confirm(browser, opening, preview(browser, opening, sent)).status_code == 303
        assert Unit.objects.get(name_vi=sent["name_vi"]).name_en == name
    given = {"name_vi": "LĐLĐ quận Ba", "name_en": "Third", "reason": "x"}
    assert confirm(browser, renaming, preview(browser, renaming, given)).status_code == 303
    assert Unit.objects.get(code="HNI-001").name_en == "Third"
    assert 'name="name_en" value="Third"' in browser.get(renaming).content.decode()


def test_a_unit_is_closed_after_a_preview_of_what_stays_there(world: World, browser: Client) -> None:
    world.submit()
    make_target(world.programme, world.grassroots[0], 5)
    grant(make_person(full_name="Phạm Văn Thẩm"), world.grassroots[0], Role.VERIFIER)
    address = f"{TREE}HNI-001-0001/dong/"
    shown = preview(browser, address, {"on": today(), "reason": "Giải thể", "document": "5/QĐ"})
    page = text(shown)
    assert "Phạm Văn Thẩm: Verifier" in page
    assert "Members with an account 1." in page
    assert "Waiting initiatives 1. They can still be decided" in page
    assert "Targets 1. They stay" in page
    assert confirm(browser, address, shown).status_code == 303
    assert not Unit.objects.filter(code="HNI-001-0001", closed_on=None).exists()


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"on": "1/1/2999"}, "on", "This day lies in the future"),
        ({"on": "1/1/1990"}, "on", "opened only on"),
        ({"on": ""}, "on", "Fill in this field."),
        ({"reason": " "}, "reason", "Fill in this field."),
    ],
)
def test_what_cannot_be_closed_is_said_at_the_field(
    world: World, browser: Client, sent: dict[str, str], field: str, said: str
) -> None:
    before = state()
    answer = preview(browser, f"{TREE}HNI-001-0001/dong/", {"on": today(), "reason": "x"} | sent)
    assert (answer.status_code, said in error_at(answer, field)) == (422, True)
    assert state() == before


def test_a_unit_with_open_ones_below_or_closed_already_is_not_closed(
    world: World, browser: Client, officer: Person
) -> None:
    sent = {"on": today(), "reason": "x"}
    refused = preview(browser, f"{TREE}HNI-001/dong/", sent)
    assert (refused.status_code, "Units below it are still open" in text(refused)) == (422, True)
    close_unit(actor=officer, unit=world.grassroots[0], on=clock.day_of(clock.now()), reason="x")
    refused = preview(browser, f"{TREE}HNI-001-0001/dong/", sent)
    assert (refused.status_code, "has closed already." in text(refused)) == (422, True)


def test_a_stale_form_says_what_is_so_now_and_changes_nothing(world: World, browser: Client, officer: Person) -> None:
    address = f"{TREE}HNI-001/doi-ten/"
    shown = preview(browser, address, {"name_vi": "Tên mới", "reason": "x"})
    rename_unit(actor=officer, unit=world.districts[0], name_vi="Của người khác", name_en="Theirs", reason="y")
    before = state()
    stale = confirm(browser, address, shown)
    page = text(stale)
    assert stale.status_code == 409
    assert "This has changed since you looked. Nothing of yours was done." in page
    assert "Theirs (HNI-001): open" in page
    assert 'value="Tên mới"' in stale.content.decode(), "what was typed is kept"
    assert state() == before
    again = browser.post(address, hidden(stale) | {"name_vi": "Tên mới", "reason": "x", "action": "confirm"})
    assert again.status_code == 303


def test_from_the_preview_one_can_go_back_with_everything_typed(world: World, browser: Client) -> None:
    shown = preview(browser, f"{TREE}HNI/mo/", OPEN)
    back = browser.post(f"{TREE}HNI/mo/", hidden(shown) | {"action": "edit"})
    assert (back.status_code, 'value="LĐLĐ quận Mới"' in back.content.decode()) == (200, True)


# --- moving -------------------------------------------------------------------------------------------------------


def test_a_unit_is_moved_after_a_preview_and_the_move_is_undone(world: World, browser: Client) -> None:
    address = f"{TREE}HNI-001/chuyen/"
    before = state()
    shown = preview(browser, address, {"to": "THA", "on": today(), "reason": "Sắp xếp", "document": "1/NQ"})
    page = text(shown)
    assert "will move below Federation THA" in page
    assert "2 close, 2 open in their place." in page
    assert state() == before
    done = confirm(browser, address, shown)
    assert done.status_code == 303
    made = Reorganisation.objects.get()
    followed = text(browser.get(done.url))  # type: ignore[attr-defined]
    assert "It followed Federation HNI-001" in followed
    assert "What followed it" in text(browser.get(f"{TREE}HNI-001/"))

    undo = f"{TREE}sap-xep/{made.pk}/hoan-tac/"
    assert undo in browser.get(done.url).content.decode()  # type: ignore[attr-defined]
    asked = text(browser.get(undo))
    assert "Open again" in asked
    assert "and 1 unit below" in asked
    undone = browser.post(undo)
    assert (undone.status_code, undone.url) == (303, f"{TREE}HNI-001/")  # type: ignore[attr-defined]
    assert Unit.objects.get(code="HNI-001").closed_on is None
    assert browser.post(undo).status_code == 409


def test_what_was_used_since_is_not_undone(world: World, browser: Client) -> None:
    address = f"{TREE}HNI-001/chuyen/"
    done = confirm(browser, address, preview(browser, address, {"to": "THA", "on": today(), "reason": "Sắp xếp"}))
    successor = Unit.objects.get(code=done.url.split("/")[-2])  # type: ignore[attr-defined]
    make_target(world.programme, successor, 5)
    before = state()
    answer = browser.post(f"{TREE}sap-xep/{Reorganisation.objects.get().pk}/hoan-tac/")
    assert answer.status_code == 409
    assert "Something has been entered at" in text(answer)
    assert state() == before


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"to": "HNI-001"}, "to", "A unit cannot move below itself."),
        ({"to": "HNI-001-0001"}, "to", "A unit cannot move below itself."),
        ({"to": "HNI"}, "to", "It stands below this unit already."),
        ({"to": "khong co"}, "to", "No unit is known by this name."),
        ({"to": "Liên đoàn"}, "to", "Choose one of these."),
        ({"to": "THA-001-0001"}, "to", "does not stand below one of the kind"),
        ({"on": "1/1/2999"}, "on", "This day lies in the future"),
    ],
)
def test_what_cannot_be_moved_is_said_at_the_field(
    world: World, browser: Client, sent: dict[str, str], field: str, said: str
) -> None:
    before = state()
    answer = preview(browser, f"{TREE}HNI-001/chuyen/", {"to": "THA", "on": today(), "reason": "x"} | sent)
    assert (answer.status_code, said in error_at(answer, field)) == (422, True)
    assert state() == before


def test_one_of_the_units_offered_is_taken(world: World, browser: Client) -> None:
    sent = {"to": "Liên đoàn", "to_offered_for": "Liên đoàn", "to_chosen": "THA", "on": today(), "reason": "x"}
    shown = preview(browser, f"{TREE}HNI-001/chuyen/", sent)
    assert "will move below Federation THA" in text(shown)
    assert hidden(shown)["to"] == "THA"


def test_nobody_moves_a_unit_to_where_they_run_nothing(world: World) -> None:
    person = make_person()
    grant(person, world.unions[0], Role.UNIT_ADMINISTRATOR)
    client, before = browser_of(person), state()
    for action in ("preview", "confirm"):
        sent = {"to": "THA", "on": today(), "reason": "x", "action": action}
        answer = client.post(f"{TREE}HNI-001/chuyen/", sent)
        assert (answer.status_code, "You do not run Federation THA." in error_at(answer, "to")) == (422, True)
    assert state() == before


# --- merging ------------------------------------------------------------------------------------------------------


def into_new(**changes: str) -> dict[str, str]:
    sent = {"units": "HNI Hà Nội\ntha\n", "way": "new", "name_vi": "LĐLĐ Gộp", "on": today(), "reason": "Sáp nhập"}
    return sent | {"carry_roles": "on"} | changes


def test_units_merge_into_a_new_one_after_a_preview(world: World, browser: Client) -> None:
    world.submit()
    grant(make_person(full_name="Phạm Văn Thẩm"), world.unions[1], Role.VERIFIER)
    make_target(world.programme, world.unions[0], 30, phase=world.phase)
    make_target(world.programme, world.unions[1], 12, phase=world.phase)
    before = state()
    assert "HNI Federation HNI" in browser.get(MERGE, {"don-vi": "hni"}).content.decode()
    shown = preview(browser, MERGE, into_new(code="GOP"))
    page = text(shown)
    for said in (
        "2 units will merge into LĐLĐ Gộp",
        "Federation HNI (HNI)",
        "6 close, 5 open in their place.",
        "Phạm Văn Thẩm: Verifier",
        "Waiting initiatives 1.",
        "Targets 2.",
    ):
        assert said in page
    assert state() == before
    done = confirm(browser, MERGE, shown)
    assert (done.status_code, done.url) == (303, f"{TREE}GOP/")  # type: ignore[attr-defined]
    assert not Unit.objects.filter(code__in=["HNI", "THA"], closed_on=None).exists()
    assert not Target.objects.filter(unit__code="GOP").exists()


def test_targets_are_carried_over_when_asked_for(world: World, browser: Client) -> None:
    make_target(world.programme, world.unions[0], 30, phase=world.phase)
    make_target(world.programme, world.unions[1], 12, phase=world.phase)
    make_target(world.programme, world.unions[2], 8, phase=world.phase)
    sent = into_new(way="existing", into="HCM", carry_targets="on")
    shown = preview(browser, MERGE, sent)
    assert "It can then not be undone." in text(shown)
    assert confirm(browser, MERGE, shown).status_code == 303
    assert Target.objects.get(unit=world.unions[2], closed_at=None).value == 50
    assert Target.objects.filter(unit=world.unions[0], closed_at=None).exists(), "history stays"


@pytest.mark.parametrize("action", ["preview", "confirm"])
@pytest.mark.parametrize("way", ["existing", "new"])
def test_targets_that_add_up_to_more_than_a_target_can_be_are_refused_at_their_tick(
    world: World, browser: Client, action: str, way: str
) -> None:
    for unit in world.unions:
        make_target(world.programme, unit, 600_000_000, phase=world.phase)
    before = state()
    answer = browser.post(MERGE, into_new(way=way, into="HCM", carry_targets="on") | {"action": action})
    assert answer.status_code == 422
    assert "Merge without adding them up." in error_at(answer, "carry_targets")
    assert 'aria-describedby="id_carry_targets_error"' in answer.content.decode()
    assert state() == before


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"units": ""}, "units", "Fill in this field."),
        ({"units": "HNI\nKHONG-CO"}, "units", "There is no unit with the code KHONG-CO."),
        ({"units": "HNI\nHNI"}, "units", "each once"),
        ({"units": "HNI\nHNI-001"}, "units", "One of these units stands below another of them."),
        ({"units": "TLD\nHNI"}, "units", "The unit at the top stays where it is."),
        ({"units": "HNI"}, "units", "A merger needs at least two units"),
        ({"units": "HNI\nTHA-001"}, "into", "These units stand below different ones."),
        ({"way": "existing", "into": "HNI-001"}, "into", "cannot merge into itself"),
        ({"way": "existing", "into": "HNI"}, "into", "cannot merge into itself"),
        ({"way": "existing", "into": ""}, "into", "Fill in this field."),
        ({"way": "existing", "into": "khong co"}, "into", "No unit is known by this name."),
        ({"way": ""}, "way", "Choose one of these."),
        ({"name_vi": ""}, "name_vi", "Fill in this field."),
        ({"code": "HCM"}, "code", "Another unit has this code already."),
        ({"code": "a b"}, "code", "A code has capital letters and digits"),
        ({"on": "1/1/2999"}, "on", "This day lies in the future"),
    ],
)
def test_what_cannot_merge_is_said_at_the_field(
    world: World, browser: Client, changes: dict[str, str], field: str, said: str
) -> None:
    before = state()
    answer = preview(browser, MERGE, into_new(**changes))
    assert (answer.status_code, said in error_at(answer, field)) == (422, True)
    assert state() == before


def test_nobody_merges_what_others_run(world: World) -> None:
    person = make_person()
    grant(person, world.unions[0], Role.UNIT_ADMINISTRATOR)
    client = browser_of(person)
    answer = preview(client, MERGE, into_new(units="HNI-001\nTHA-001"))
    assert "You do not run what is above Federation THA-001 (THA-001)." in error_at(answer, "units")
    other = preview(client, MERGE, into_new(units="HNI-001", way="existing", into="THA-001"))
    assert "You do not run what is above Federation THA-001" in error_at(other, "into")
    verifier = make_person()
    grant(verifier, world.top, Role.VERIFIER)
    assert browser_of(verifier).get(MERGE).status_code == 403


def test_what_changed_between_preview_and_confirmation_is_said(world: World, browser: Client, officer: Person) -> None:
    shown = preview(browser, MERGE, into_new(code="GOP"))
    rename_unit(actor=officer, unit=world.unions[1], name_vi="Tên khác", name_en="Other", reason="y")
    before = state()
    stale = confirm(browser, MERGE, shown)
    assert (stale.status_code, "Other (THA): open" in text(stale)) == (409, True)
    assert state() == before


def test_members_and_days_of_the_past(world: World, browser: Client) -> None:
    person = make_person()
    join(person, world.grassroots[1])
    past = clock.day_of(clock.now()) - timedelta(days=30)
    shown = preview(browser, MERGE, into_new(on=f"{past:%d/%m/%Y}"))
    assert "Members with an account 2." in text(shown)
    assert written(past) in text(shown)
    assert confirm(browser, MERGE, shown).status_code == 303


# --- undoing ------------------------------------------------------------------------------------------------------


def test_only_whoever_could_have_done_it_undoes_it(world: World, browser: Client) -> None:
    confirm(browser, MERGE, preview(browser, MERGE, into_new(code="GOP")))
    person = make_person()
    grant(person, world.unions[2], Role.UNIT_ADMINISTRATOR)
    address = f"{TREE}sap-xep/{Reorganisation.objects.get().pk}/hoan-tac/"
    assert browser_of(person).get(address).status_code == 404
    assert browser_of(person).post(address).status_code == 404
    assert browser.get(f"{TREE}sap-xep/99999/hoan-tac/").status_code == 404
    assert browser.post(address).status_code == 303
    assert Unit.objects.get(code="HNI").closed_on is None
