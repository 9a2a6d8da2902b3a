from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.core import clock
from sangkien.initiatives.actions import mark_valid
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import State
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import published
from sangkien.units.actions import merge_units
from sangkien.units.models import Role, Unit
from tests.api.conftest import Get
from tests.factories import World, grant


def test_a_programme_is_listed_with_its_phases(world: World, get: Get) -> None:
    programme = get("programmes").json()["programmes"][0]
    assert (programme["code"], programme["owner"]["code"]) == ("1trieu", "TLD")
    assert [phase["number"] for phase in programme["phases"]] == [1]
    assert programme["starts_at"].endswith("+07:00")


def test_a_summary_has_the_shape_that_others_rely_on(world: World, get: Get) -> None:
    answer = get("programmes/1trieu/summary").json()
    assert (answer["submitted"], answer["valid"], answer["benefit_claimed_vnd"]) == (4, 1, 37_500_000)
    assert answer["programme"] | {"code": "1trieu", "target": 1_000, "progress_percent": 0.4} == answer["programme"]
    assert answer["phase"] == {
        "number": 1,
        "submitted": 4,
        "valid": 1,
        "target": 3,
        "basis": "assigned",
        "progress_percent": 133.3,
        "excess": 1,
        "met_on": clock.day_of(clock.now()).isoformat(),
        "days_early": 100,
    }
    assert [(c["code"], c["count"], c["share_percent"]) for c in answer["categories"]] == [
        ("public_service_unit", 0, 0),
        ("enterprise_worker", 3, 75),
        ("union_officer", 1, 25),
        ("party_state_body", 0, 0),
    ]


def test_progress_is_a_number_with_one_decimal_and_a_share_is_whole(world: World, get: Get) -> None:
    body = get("programmes/1trieu/summary").content.decode()
    assert '"progress_percent":133.3' in body
    assert '"share_percent":75,' in body or '"share_percent":75}' in body


def test_every_answer_with_figures_bears_its_moments_in_vietnam_time(world: World, get: Get) -> None:
    for path in ("summary", "board", "timeline"):
        answer = get(f"programmes/1trieu/{path}").json()
        assert datetime.fromisoformat(answer["as_of"]) == published(), path
        assert answer["as_of"].endswith("+07:00"), path
        assert answer["known_at"] == answer["as_of"], path
        assert answer["is_earlier_than_asked"] is False, path


def test_a_unit_has_a_summary_of_its_own(world: World, get: Get) -> None:
    answer = get("programmes/1trieu/summary", unit="THA").json()
    assert (answer["unit"]["code"], answer["submitted"], answer["phase"]["target"]) == ("THA", 1, None)


def test_an_earlier_cutoff_shows_what_was_known_then(world: World, get: Get) -> None:
    yesterday = clock.day_of(clock.now()) - timedelta(days=1)
    answer = get("programmes/1trieu/summary", as_of=f"24h00 {yesterday.day}/{yesterday.month}/{yesterday.year}").json()
    assert answer["as_of"] == f"{clock.day_of(clock.now()).isoformat()}T00:00:00+07:00"
    assert answer["as_of_text"].startswith("24h00 ")
    assert answer["submitted"] == 0


def test_both_notations_of_a_cutoff_give_the_same_answer(world: World, get: Get) -> None:
    yesterday = clock.day_of(clock.now()) - timedelta(days=1)
    midnight = f"{clock.day_of(clock.now()).isoformat()}T00:00:00+07:00"
    spoken = f"24h00 {yesterday.day}/{yesterday.month}/{yesterday.year}"
    assert get("programmes/1trieu/board", as_of=midnight).json() == get("programmes/1trieu/board", as_of=spoken).json()


def test_known_at_now_counts_decisions_made_after_the_cutoff(world: World, get: Get) -> None:
    cutoff = published()
    assert cutoff is not None
    waiting = Initiative.objects.filter(state=State.SUBMITTED).order_by("pk")[0]
    mark_valid(actor=world.officer, initiative_id=waiting.pk, benefit_verified=None)
    fold_all()
    then = get("programmes/1trieu/summary", as_of=cutoff.isoformat()).json()
    now = get("programmes/1trieu/summary", as_of=cutoff.isoformat(), known_at="now").json()
    assert (then["valid"], now["valid"]) == (1, 2)
    assert now["known_at"] > now["as_of"] == then["as_of"] == then["known_at"]


def test_a_board_ranks_over_all_units(world: World, get: Get) -> None:
    answer = get("programmes/1trieu/board", group="unit").json()
    assert [(row["rank"], row["unit"]["code"], row["submitted"]) for row in answer["rows"]] == [
        (1, "HNI", 3),
        (2, "THA", 1),
        (3, "HCM", 0),
    ]
    assert answer["rows"][0]["targets"] == [
        {"basis": "assigned", "phase": 1, "value": 2, "progress_percent": 150.0, "excess": 1},
        {"basis": "registered", "phase": 1, "value": 7, "progress_percent": 42.8, "excess": -4},
    ]
    assert answer["total"]["submitted"] == 4


def test_a_board_by_cluster_ranks_within_each(world: World, get: Get) -> None:
    answer = get("programmes/1trieu/board", group="cluster").json()
    assert "rows" not in answer
    assert [(group["cluster"] and group["cluster"]["code"], group["submitted"]) for group in answer["groups"]] == [
        ("CUM_TP", 4),
        (None, 0),
    ]
    assert answer["groups"][1]["rows"][0]["rank"] == 1


def test_the_rows_and_what_the_parent_entered_add_up_to_its_own_figure(world: World, get: Get) -> None:
    world.submit(world.top)
    fold_all()
    answer = get("programmes/1trieu/board").json()
    assert sum(row["submitted"] for row in answer["rows"]) + answer["own"]["submitted"] == 5
    assert answer["total"]["submitted"] == 5


def test_a_board_inside_a_unit_shows_its_own_units(world: World, get: Get) -> None:
    answer = get("programmes/1trieu/board", unit="HNI").json()
    assert (answer["unit"]["code"], [row["unit"]["code"] for row in answer["rows"]]) == ("HNI", ["HNI-001"])


def test_since_sets_the_moment_that_ranks_are_compared_with(world: World, get: Get) -> None:
    earlier = published()
    assert earlier is not None
    for _ in range(3):
        world.submit(world.grassroots[1])
    fold_all()
    answer = get("programmes/1trieu/board", since=earlier.isoformat()).json()
    assert datetime.fromisoformat(answer["since"]) == earlier
    assert [(row["unit"]["code"], row["rank"], row["rank_change"]) for row in answer["rows"]] == [
        ("THA", 1, 1),
        ("HNI", 2, -1),
        ("HCM", 3, 0),
    ]


def test_a_timeline_ends_with_the_figures_of_the_moment(world: World, get: Get) -> None:
    answer = get("programmes/1trieu/timeline").json()
    assert answer["days"][-1] == {"day": clock.day_of(clock.now()).isoformat(), "submitted": 4, "valid": 1}
    assert get("programmes/1trieu/timeline", unit="THA").json()["days"][-1]["submitted"] == 1


def test_an_unchanged_answer_is_not_sent_twice(world: World, client: Client) -> None:
    first = client.get("/api/v1/programmes/1trieu/board")
    assert "public" in first["Cache-Control"]
    again = client.get("/api/v1/programmes/1trieu/board", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    world.submit()
    fold_all()
    changed = client.get("/api/v1/programmes/1trieu/board", headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.json()["total"]["submitted"]) == (200, 5)


@pytest.mark.parametrize("path", ["summary", "board", "board?group=cluster", "timeline"])
def test_more_units_do_not_take_more_queries(world: World, get: Get, path: str) -> None:
    path = f"programmes/1trieu/{path}"
    get(path)
    with CaptureQueriesContext(connection) as for_three:
        body = json.loads(get(path).content)
    Unit.objects.filter(code__in=["THA", "HCM"]).update(parent=world.unions[0])
    with CaptureQueriesContext(connection) as for_one:
        assert json.loads(get(path).content).keys() == body.keys()
    assert len(for_three) == len(for_one)
    assert len(for_three) <= 14


# --- as it stood, or under today's tree ---------------------------------------------------------------------------


def test_figures_stand_as_they_stood_or_under_todays_tree(world: World, get: Get) -> None:
    grant(world.officer, world.top, Role.UNIT_ADMINISTRATOR)
    today = clock.day_of(clock.now())
    hni, tha = world.unions[:2]
    merge_units(actor=world.officer, units=[hni], into=tha, on=today, reason="Sắp xếp lại tổ chức.")
    for tree, rows in (("then", {"HNI": 3, "THA": 1, "HCM": 0}), ("today", {"THA": 4, "HCM": 0})):
        board = get("programmes/1trieu/board", tree=tree).json()
        assert board["tree"] == tree
        assert {row["unit"]["code"]: row["submitted"] for row in board["rows"]} == rows
        assert sum(rows.values()) + board["own"]["submitted"] == board["total"]["submitted"] == 4
        summary = get("programmes/1trieu/summary", tree=tree, unit="THA").json()
        assert (summary["tree"], summary["submitted"]) == (tree, rows["THA"])
        days = get("programmes/1trieu/timeline", tree=tree, unit="THA").json()["days"]
        assert days[-1]["submitted"] == rows["THA"]
    assert get("programmes/1trieu/board").json() == get("programmes/1trieu/board", tree="then").json()
    assert get("programmes/1trieu/summary", tree="today", unit="HNI").json()["submitted"] == 0
    assert get("programmes/1trieu/board", tree="tomorrow").status_code == 422
    followed = get("units/HNI").json()
    assert [(step["unit"]["code"], step["kind"]) for step in followed["followed_by"]] == [("THA", "merger")]
    assert [step["unit"]["code"] for step in get("units/THA").json()["follows"]] == ["HNI"]
