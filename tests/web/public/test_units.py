from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client

from sangkien.core import clock
from sangkien.programmes.models import Basis, Target
from sangkien.tally.fold import fold_all
from sangkien.units.models import Succession, SuccessionKind
from tests.factories import World, make_target
from tests.web.public.conftest import Page


def test_a_unit_shows_its_figures_against_each_of_its_targets(world: World, page: Page) -> None:
    shown = page("/don-vi/HNI/", language="en")
    assert "of the registered target of phase 1, 4" in shown
    assert "75.0%" in shown
    assert "of the assigned target of the whole programme, 3" in shown
    assert "100.0%" in shown


def test_a_unit_shows_how_its_targets_changed(world: World, page: Page) -> None:
    changed = clock.now() - timedelta(days=10)
    Target.objects.filter(unit=world.unions[1], phase=world.phase).update(closed_at=changed)
    later = make_target(world.programme, world.unions[1], 5, phase=world.phase, effective_at=changed)
    Target.objects.filter(pk=later.pk).update(reason="Điều chỉnh tăng")
    shown = page("/don-vi/THA/")
    assert "Điều chỉnh tăng" in shown
    assert f"– {clock.format_date(clock.day_of(changed), 'vi')}" in shown
    assert "40,0%" in shown  # 2 of the 5 in force now


def test_a_unit_leads_to_the_units_below_it_and_to_its_initiatives(world: World, page: Page) -> None:
    assert 'href="/don-vi/HNI-001/"' in page("/don-vi/HNI/")
    assert 'href="/don-vi/HNI-001-0001/"' in page("/don-vi/HNI-001/")
    assert "/sang-kien/?don-vi=HNI" in page("/don-vi/HNI/")


def test_what_a_unit_entered_itself_is_named(world: World, page: Page) -> None:
    world.submit(world.unions[0])
    fold_all()
    assert "Another 1 were entered at this level itself." in page("/don-vi/HNI/", language="en")


def test_the_path_of_a_unit_leads_upwards(world: World, page: Page) -> None:
    shown = page("/don-vi/HNI-001-0001/")
    path = shown.split('class="path"')[1].split("</ol>")[0]
    assert re.findall(r"/don-vi/([^/]+)/", path) == ["HNI", "HNI-001"]


def test_the_fields_of_a_union_are_counted(world: World, page: Page) -> None:
    assert "Khai thác mỏ, khoáng sản" in page("/don-vi/HNI/")


def test_a_unit_that_has_closed_names_the_one_that_follows_it(world: World, page: Page) -> None:
    closed, successor = world.unions[2], world.unions[1]
    closed.closed_on = clock.day_of(clock.now()) - timedelta(days=5)
    closed.save()
    Succession.objects.create(
        predecessor=closed, successor=successor, kind=SuccessionKind.TRANSFER, on=closed.closed_on
    )
    last = clock.format_date(closed.closed_on - timedelta(days=1), "vi")
    shown = page(f"/don-vi/{closed.code}/")
    assert f"hoạt động đến hết ngày {last}" in shown
    assert "/don-vi/THA/" in shown
    assert "/don-vi/HCM/" in page("/don-vi/THA/")


def test_a_past_moment_holds_for_the_whole_page(world: World, page: Page) -> None:
    day = clock.day_of(clock.now()) - timedelta(days=1)
    shown = page("/don-vi/HNI/", den=f"{day.day}/{day.month}/{day.year}")
    assert f"24h00 ngày {day.day}/{day.month}/{day.year}" in shown
    assert "<dt>sáng kiến đã gửi</dt><dd>0</dd>" in shown


def test_a_moment_that_cannot_be_read_is_explained_beside_its_field(world: World, page: Page) -> None:
    shown = page("/don-vi/HNI/", status=400, den="hôm qua")
    assert 'id="den-error"' in shown
    assert "<dt>sáng kiến đã gửi</dt><dd>3</dd>" in shown


def test_a_basis_is_always_named(world: World, page: Page) -> None:
    make_target(world.programme, world.unions[2], 9, basis=Basis.REGISTERED)
    shown = page("/don-vi/HCM/")
    assert "chỉ tiêu giao cả chương trình là 3" in shown
    assert re.search(r'Cả chương trình <small class="small-3">đăng ký</small>', shown)


def test_an_unknown_unit_is_not_found(world: World, page: Page) -> None:
    assert "Không có đơn vị nào mang mã này" in page("/don-vi/KHONG/", status=404)


def test_a_code_in_small_letters_leads_to_the_one_address_with_its_question(world: World, client: Client) -> None:
    for page in ("don-vi", "bang-xep-hang"):
        answer = client.get(f"/{page}/hni-001/?den=24h00+1%2F1%2F2026")
        assert (answer.status_code, answer.url) == (301, f"/{page}/HNI-001/?den=24h00+1%2F1%2F2026")
        assert client.get(f"/{page}/khong-co/").status_code == 404
