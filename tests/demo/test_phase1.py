"""The plan in the database, at a small scale: laws, not figures (tests/full has the figures)."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from sangkien.core.clock import parse_moment
from sangkien.core.errors import Conflict
from sangkien.demo.phase1 import demo_is_ready, load_demo
from sangkien.demo.plan import build_plan
from sangkien.demo.world import ACCOUNTS, PASSWORD, demo_secret
from sangkien.initiatives.models import Author, Initiative
from sangkien.people.models import Person
from sangkien.programmes.queries import get_programme
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import board, moments, summary
from sangkien.tally.rebuild import verify
from sangkien.web.member.views import unit_of
from tests.factories import World

SCALE = 0.001
CLOSE = parse_moment("24h00 31/5/2022")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo() -> None:
    assert load_demo(SCALE)


def test_what_is_planned_is_what_is_counted(demo: None) -> None:
    plan = build_plan(SCALE)
    programme = get_programme("1trieu")
    counts = summary(programme, moments(programme, CLOSE)).counts
    assert counts.submitted == len(plan.submissions) == Initiative.objects.count()
    assert counts.benefit_claimed == sum(b for b in plan.submissions.benefit if b > 0)
    assert verify().is_clean


def test_loading_twice_loads_once(demo: None) -> None:
    before = Initiative.objects.count(), Author.objects.count()
    assert demo_is_ready()
    assert not load_demo(SCALE)
    assert (Initiative.objects.count(), Author.objects.count()) == before


def test_a_visitor_submits_one_more_and_phase_1_stays_as_it_was(demo: None) -> None:
    programme = get_programme("1trieu")
    before = summary(programme, moments(programme))
    visitor = Person.objects.get(username="doanvien")
    home = unit_of(visitor)
    assert home is not None
    world = World(programme.owner, [], [], [home], programme, programme.phases.get(number=1), [], visitor, visitor)
    world.fields = list(type(Initiative.objects.first().field).objects.all()[:1])  # type: ignore[union-attr]
    world.submit(home)
    fold_all()
    after = summary(programme, moments(programme))
    assert after.counts.submitted == before.counts.submitted + 1
    by_number = {p.phase.number: p.counts.submitted for p in after.phases}
    assert by_number[1] == before.counts.submitted
    assert by_number[9] == 1
    assert summary(programme, moments(programme, CLOSE)).counts == before.counts


def test_boards_open_downwards_to_the_grassroots(demo: None) -> None:
    programme = get_programme("1trieu")
    now = moments(programme, CLOSE)
    parent = programme.owner
    for _level in range(3):
        found = board(programme, now, parent=parent)
        assert found.rows
        assert sum(r.counts.submitted for r in found.rows) + found.own.submitted == found.total.submitted
        parent = found.rows[0].unit
    assert parent.kind == "grassroots_union"


def test_every_demo_account_can_sign_in(demo: None) -> None:
    for account in ACCOUNTS:
        person = Person.objects.get(username=account.username)
        assert person.check_password(PASSWORD)
        factors = [a.wrap() for a in Authenticator.objects.filter(user=person)]
        assert len(factors) == (1 if account.role else 0)
        code = format_hotp_value(hotp_value(demo_secret(account.username), int(time.time()) // 30))
        assert all(factor.validate_code(code) for factor in factors)


def test_the_demo_refuses_a_database_that_holds_somebody_elses_initiatives() -> None:
    from tests.factories import make_world

    make_world().submit()
    with pytest.raises(Conflict):
        load_demo(SCALE)
