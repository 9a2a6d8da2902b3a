from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sangkien.initiatives.actions import mark_invalid, withdraw
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.inputs import AuthorInput
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import ReasonCode
from sangkien.people.categories import Category
from tests.api.conftest import Get
from tests.factories import World, make_unit


def listed(get: Get, **query: str) -> list[str]:
    return [line["code"] for line in get("initiatives", **query).json()["initiatives"]]


def test_initiatives_come_newest_first(world: World, get: Get) -> None:
    newest = [code_of(pk) for pk in Initiative.objects.order_by("-submitted_at").values_list("pk", flat=True)]
    assert listed(get) == newest


def test_initiatives_of_a_unit_include_those_below_it(world: World, get: Get) -> None:
    assert len(listed(get, unit="HNI")) == 3
    assert len(listed(get, unit="THA-001-0001")) == 1
    assert listed(get, unit="HCM") == []


def test_initiatives_are_narrowed_by_field_and_kind(world: World, get: Get) -> None:
    other = world.submit(field=world.fields[1])
    assert listed(get, field="GDDT") == [code_of(other.pk)]
    assert len(listed(get, kind="technical_solution")) == 5
    assert listed(get, kind="research_project") == []


def test_a_code_finds_its_initiative_however_it_is_typed(world: World, get: Get) -> None:
    code = listed(get)[0]
    assert listed(get, q=code) == listed(get, q=code.lower().replace("-", " ")) == [code]


def test_pages_and_cursors_walk_through_everything_once(world: World, get: Get) -> None:
    for _ in range(41):
        world.submit()
    everything = [code_of(pk) for pk in Initiative.objects.order_by("-submitted_at").values_list("pk", flat=True)]
    walked, after = list[str](), None
    for _ in range(3):
        page = get("initiatives", **({"after": after} if after else {})).json()
        walked += [line["code"] for line in page["initiatives"]]
        after = page["next_after"]
    assert walked == everything
    assert after is None
    assert [code for page in "123" for code in listed(get, page=page)] == everything
    assert listed(get, page="4") == listed(get, page="100") == []


def test_invalid_and_withdrawn_initiatives_and_drafts_are_not_public(world: World, get: Get) -> None:
    first, second = Initiative.objects.filter(state="submitted").order_by("pk")[:2]
    mark_invalid(actor=world.officer, initiative_id=first.pk, reason=ReasonCode.DUPLICATE, note="Đã gửi rồi.")
    withdraw(actor=world.member, initiative_id=second.pk, note="Gửi nhầm.")
    for hidden in (first, second):
        assert code_of(hidden.pk) not in listed(get)
        assert listed(get, q=code_of(hidden.pk)) == []
        assert get(f"initiatives/{code_of(hidden.pk)}").status_code == 404


def test_whoever_is_signed_in_sees_only_what_is_public(world: World, client: Client) -> None:
    mine = world.submit()
    withdraw(actor=world.member, initiative_id=mine.pk, note="Gửi nhầm.")
    client.force_login(world.member)
    assert client.get(f"/api/v1/initiatives/{code_of(mine.pk)}").status_code == 404


def test_an_initiative_is_told_with_authors_names_and_nothing_else_about_them(world: World, get: Get) -> None:
    found = world.submit(
        authors=[
            AuthorInput("Trần Thị Hoa", Category.ENTERPRISE_WORKER, 60, workplace="Tổ 3", title="Thợ cả"),
            AuthorInput("Lê Văn Tám", Category.UNION_OFFICER, 40),
        ]
    )
    response = get(f"initiatives/{code_of(found.pk)}")
    answer = response.json()
    assert answer["authors"] == [
        {"name": "Trần Thị Hoa", "is_principal": True},
        {"name": "Lê Văn Tám", "is_principal": False},
    ]
    assert [event["kind"] for event in answer["events"]] == ["submitted"]
    for private in ("Tổ 3", "Thợ cả", world.member.full_name, world.member.username):
        assert private not in response.content.decode()


def test_an_initiative_bears_its_ordinal_and_decision(world: World, get: Get) -> None:
    first = Initiative.objects.order_by("submitted_at")[0]
    answer = get(f"initiatives/{code_of(first.pk)}").json()
    assert (answer["ordinal"], answer["state"], answer["benefit_verified_vnd"]) == (1, "valid", 12_000_000)
    assert answer["decided_at"].endswith("+07:00")


def test_of_a_secret_technology_only_title_effect_and_award_are_told(world: World, get: Get) -> None:
    secret = world.submit(title="Men vi sinh", is_secret=True, social_benefit="Giảm mùi.", award="Bằng khen")
    hidden = {
        name: f"bí mật {name}"
        for name in ("problem", "solution", "novelty", "conditions", "applied_scope", "applicable_scope")
    }
    Initiative.objects.filter(pk=secret.pk).update(  # as older portals had it
        **hidden, no_benefit_reason="bí mật", recognised_by="bí mật", recognition_document="bí mật"
    )
    answer = get(f"initiatives/{code_of(secret.pk)}").json()
    assert (answer["is_secret"], answer["title"]) == (True, "Men vi sinh")
    assert (answer["social_benefit"], answer["award"]) == ("Giảm mùi.", "Bằng khen")
    about_it = {*hidden, "applied_on", "recognised_by", "recognition_document", "recognised_on"}
    assert {name: answer[name] for name in about_it} == dict.fromkeys(about_it)
    for path in ("initiatives", f"initiatives/{code_of(secret.pk)}"):
        assert "bí mật" not in get(path).content.decode()


def test_what_is_for_its_people_and_officers_is_never_told(world: World, get: Get) -> None:
    found = world.submit(
        confidential_parts="Tỷ lệ pha",
        conditions="Có điện",
        applicable_scope="Toàn ngành",
        authors=[AuthorInput("Trần Thị Hoa", Category.ENTERPRISE_WORKER, 100, contact="hoa@congty.vn")],
    )
    response = get(f"initiatives/{code_of(found.pk)}")
    answer = response.json()
    assert (answer["conditions"], answer["applicable_scope"]) == ("Có điện", "Toàn ngành")
    for private in ("Tỷ lệ pha", "hoa@congty.vn"):
        assert private not in response.content.decode()


@pytest.mark.parametrize("query", ["HNI", "hni", "lien doan lao dong hni"])
def test_units_are_found_without_diacritics(world: World, get: Get, query: str) -> None:
    assert get("units", q=query).json()["units"][0]["code"] == "HNI"


def test_units_without_a_question_are_those_under_the_confederation(world: World, get: Get) -> None:
    assert {unit["code"] for unit in get("units").json()["units"]} == {"HNI", "THA", "HCM"}
    assert get("units", q="không có đơn vị này").json() == {"units": []}


def test_units_found_stand_with_those_above_them_and_no_more_than_asked_for(world: World, get: Get) -> None:
    found = get("units", q="HNI").json()["units"]
    assert [(unit["code"], [above["code"] for above in unit["ancestors"]], unit["parent"]) for unit in found] == [
        ("HNI", ["TLD"], "TLD"),
        ("HNI-001", ["TLD", "HNI"], "HNI"),
        ("HNI-001-0001", ["TLD", "HNI", "HNI-001"], "HNI-001"),
    ]
    assert get("units", q="HNI", limit=1).json()["units"] == found[:1]
    assert get("units", q="HNI", limit=0).status_code == 422


def test_only_open_units_are_found_when_that_is_asked_for(world: World, get: Get) -> None:
    make_unit("HNI-002", world.unions[0], closed_on=date(2022, 1, 1))
    found = [get("units", q="HNI-002", open=is_open).json()["units"] for is_open in ("false", "true")]
    assert [[unit["code"] for unit in units] for units in found] == [["HNI-002"], []]


def test_units_take_as_many_queries_for_three_as_for_one(world: World, get: Get) -> None:
    counts = []
    for query, expected in (("cong ty HNI", 1), ("cong ty", 3)):
        with CaptureQueriesContext(connection) as captured:
            assert len(get("units", q=query).json()["units"]) == expected
        counts.append(len(captured))
    assert counts == [2, 2]


def test_a_unit_is_told_with_where_it_stands(world: World, get: Get) -> None:
    answer = get("units/HNI-001").json()
    assert [unit["code"] for unit in answer["ancestors"]] == ["TLD", "HNI"]
    assert (answer["parent"], answer["level"], answer["cluster"]) == ("HNI", 3, None)
    assert get("units/HNI").json()["cluster"]["code"] == "CUM_TP"


def test_more_rows_do_not_take_more_queries(world: World, get: Get) -> None:
    counts = []
    for query in ({"unit": "THA"}, {"unit": "HNI"}):
        get("initiatives", **query)
        with CaptureQueriesContext(connection) as captured:
            assert len(get("initiatives", **query).json()["initiatives"]) in (1, 3)
        counts.append(len(captured))
    assert counts[0] == counts[1]
