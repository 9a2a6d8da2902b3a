"""A public code belongs to one initiative, and its key is made once for ever."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from sangkien.core.codes import CodeError
from sangkien.core.errors import NotFound
from sangkien.initiatives.codes import code_of, forget_keys, number_of
from sangkien.initiatives.models import CodeKeyRecord
from sangkien.initiatives.queries import get_by_code
from tests.factories import World


def test_a_code_leads_back_to_its_number(db: None) -> None:
    for number in (1, 2, 696_948, 2_000_000):
        assert number_of(code_of(number)) == number
    assert len({code_of(n) for n in range(500)}) == 500


def test_the_key_is_made_once_and_codes_stay_the_same_when_it_is_read_again(db: None) -> None:
    code = code_of(7)
    secret = bytes(CodeKeyRecord.objects.get().secret)
    forget_keys()
    assert code_of(7) == code
    assert bytes(CodeKeyRecord.objects.get().secret) == secret


def test_codes_of_an_older_key_are_still_read(db: None) -> None:
    old = code_of(7)
    CodeKeyRecord.objects.create(version=1, secret=b"x" * 32)
    forget_keys()
    assert code_of(7) != old
    assert number_of(old) == number_of(code_of(7)) == 7


@pytest.mark.django_db(transaction=True)
def test_processes_that_need_the_first_key_at_once_get_the_same() -> None:
    codes: list[str] = []
    together = threading.Barrier(4)

    def ask() -> None:
        try:
            together.wait(20)
            codes.append(code_of(7))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(codes) == 4
    assert len(set(codes)) == 1
    assert CodeKeyRecord.objects.count() == 1


def test_a_mistyped_code_is_not_found_and_says_so(world: World) -> None:
    code = code_of(world.submit().pk)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    with pytest.raises(CodeError):
        number_of(wrong)
    with pytest.raises(NotFound) as refusal:
        get_by_code(wrong, world.member)
    assert refusal.value.code == "check"


def test_a_code_that_nobody_has_is_not_found(world: World) -> None:
    for code, why in ((code_of(10**9), "unknown_initiative"), ("SK-1", "malformed"), ("", "malformed")):
        with pytest.raises(NotFound) as refusal:
            get_by_code(code, world.member)
        assert refusal.value.code == why


def test_a_code_as_people_type_it_is_found(world: World) -> None:
    initiative = world.submit()
    code = code_of(initiative.pk)
    assert get_by_code(f" {code.lower().replace('-', ' ')} ", world.member) == initiative
