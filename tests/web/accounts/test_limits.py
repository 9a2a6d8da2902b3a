"""The store that counts attempts: one row a key, added once, gone when it has expired."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase


class WhatIsKept(TestCase):
    @given(st.text(max_size=20), st.one_of(st.lists(st.floats(allow_nan=False)), st.booleans(), st.text()))
    def test_what_is_set_is_what_is_read(self, key: str, value: object) -> None:
        key = f"k{key.encode().hex()}"
        assert cache.get(key, "none") == "none"
        cache.set(key, value, 60)
        assert cache.get(key) == value
        cache.delete(key)
        assert cache.get(key) is None


@pytest.mark.django_db
def test_a_key_is_added_once_until_it_expires() -> None:
    assert cache.add("one", 1, 60)
    assert not cache.add("one", 2, 60)
    assert cache.get("one") == 1
    assert cache.touch("one", -1)
    assert cache.get("one") is None
    assert cache.add("one", 3, 60)
    assert not cache.touch("other", 60)


@pytest.mark.django_db
def test_a_write_is_one_statement(django_assert_num_queries) -> None:
    cache.set("warm", 1, 60)
    with django_assert_num_queries(1):
        cache.set("one", 1, 60)
    with django_assert_num_queries(1):
        cache.add("one", 1, 60)


@pytest.mark.django_db(transaction=True)
def test_of_several_that_add_at_once_one_succeeds() -> None:
    together = threading.Barrier(4)

    def add(_n: int) -> bool:
        together.wait()
        try:
            return bool(cache.add("raced", 1, 60))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]
    cache.delete("raced")
