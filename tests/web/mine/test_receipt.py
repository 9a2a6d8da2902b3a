"""The receipt."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from qrcode import ERROR_CORRECT_M, QRCode

from sangkien.core.clock import format_cutoff_long
from sangkien.initiatives.actions import answer_authorship
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Response
from sangkien.tally.fold import fold_all
from sangkien.web.mine.qr import QUIET, qr_code
from tests.factories import World, grant, make_person
from tests.web.mine.conftest import address, browser_of, with_co_author

STROKE = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def test_it_says_what_was_received_when_from_whom_and_where_to_look(world: World, member: Client) -> None:
    one, _person = with_co_author(world, share=30)
    answer = member.get(address(one, "bien-nhan"))
    page = answer.content.decode()
    assert one.submitted_at is not None
    for said in (
        code_of(one.pk),
        format_cutoff_long(one.submitted_at, "en"),
        one.title,
        one.unit.name,
        'Trần Thị Hoa, <span class="num">70%</span>',
        world.member.full_name,
        f"http://testserver/sang-kien/{code_of(one.pk)}/",
    ):
        assert said in page
    assert answer.context["qr"] == qr_code(f"http://testserver/sang-kien/{code_of(one.pk)}/")
    assert "style=" not in page
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_the_number_and_the_risen_count_appear_once_the_fold_has_counted_it(world: World, member: Client) -> None:
    world.submit()
    one = world.submit()
    before = member.get(address(one, "bien-nhan"))
    assert (before.context["ordinal"], before.context["summary"].counts.submitted) == (None, 0)
    assert "look again" in before.content.decode()
    fold_all()
    after = member.get(address(one, "bien-nhan"))
    assert (after.context["ordinal"].ordinal, after.context["summary"].counts.submitted) == (2, 2)


def test_it_is_for_its_people_only(world: World, member: Client) -> None:
    one, person = with_co_author(world)
    verifier = make_person()
    grant(verifier, world.districts[0])
    assert [
        browser_of(who).get(address(one, "bien-nhan")).status_code for who in (person, verifier, make_person())
    ] == [
        200,
        403,
        403,
    ]
    answer_authorship(actor=person, initiative_id=one.pk, response=Response.DECLINED)
    assert browser_of(person).get(address(one, "bien-nhan")).status_code == 403


def test_a_contact_stands_on_nobodys_receipt(world: World, member: Client) -> None:
    one, person = with_co_author(world)
    for client in (member, browser_of(person)):
        assert "dong.tac.gia@example.vn" not in client.get(address(one, "bien-nhan")).content.decode()


def test_any_way_of_typing_the_code_leads_to_it(world: World, member: Client) -> None:
    one = world.submit()
    answer = member.get(address(one, "bien-nhan").lower())
    assert (answer.status_code, answer.url) == (302, address(one, "bien-nhan"))


@given(st.text(min_size=1, max_size=120))
def test_the_path_draws_the_dark_modules_and_no_others(text: str) -> None:
    drawn = qr_code(text)
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    strokes = [tuple(map(int, stroke)) for stroke in STROKE.findall(drawn.path)]
    assert STROKE.sub("", drawn.path) == ""
    assert all(there == back for _x, _y, there, back in strokes)
    dark = [(x + step, y) for x, y, length, _back in strokes for step in range(length)]
    assert sorted(dark) == sorted((x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    assert drawn.size == len(rows)
