"""The record knows through what something was done, and from where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest

from sangkien.audit import context
from sangkien.audit.actions import record, record_view
from sangkien.audit.context import Face, Where, here, set_process, where
from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.people.models import system_actor


@pytest.fixture(autouse=True)
def _process_of_before() -> Iterator[None]:
    before = context._of_process
    yield
    context._of_process = before


def test_an_entry_says_through_what_and_from_where_it_came(db: None) -> None:
    with where(Face.API, "2001:db8::1"):
        record(actor=system_actor("tests"), at=clock.now(), action="a", subject_kind="b", subject="c")
    record(actor=system_actor("tests"), at=clock.now(), action="a", subject_kind="b", subject="c")
    said = AuditEntry.objects.order_by("pk").values_list("face", "origin")
    assert list(said) == [("api", "2001:db8::1"), ("", None)]


def raise_beside(found: list[Where]) -> None:
    """Note where one is, and fail."""
    found.append(here())
    raise ZeroDivisionError


def test_what_is_said_holds_inside_alone_also_when_something_goes_wrong() -> None:
    found: list[Where] = []
    with pytest.raises(ZeroDivisionError), where(Face.WEB, "10.0.0.1"):
        raise_beside(found)
    assert [*found, here()] == [Where(Face.WEB, "10.0.0.1"), Where()]


def test_a_process_says_it_for_all_of_its_threads_and_a_request_for_itself() -> None:
    set_process(Face.WORKER)
    found: list[Where] = []
    with where(Face.WEB):
        thread = Thread(target=lambda: found.append(here()))
        thread.start()
        thread.join()
        assert here() == Where(Face.WEB)
    assert found == [Where(Face.WORKER)]
    assert here() == Where(Face.WORKER)


def test_a_look_is_kept_once_a_day_for_each_person_and_thing(db: None) -> None:
    person, other = system_actor("one"), system_actor("other")
    noon = clock.start_of_day(clock.day_of(clock.now())) + timedelta(hours=12)
    seen = {"subject_kind": "initiative", "unit_path": [1], "what": "open_attachment"}

    def look(who: object, hours: float, subject: str = "5", number: int = 1) -> bool:
        at = noon + timedelta(hours=hours)
        return record_view(actor=who, at=at, subject=subject, details={"number": number}, **seen) is not None  # type: ignore[arg-type]

    assert look(person, -12)
    assert not look(person, 11.9)
    assert look(other, 0)
    assert look(person, 0, subject="6")
    assert look(person, 0, number=2)
    assert look(person, 12)  # the next day
