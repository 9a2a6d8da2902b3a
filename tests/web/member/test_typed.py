"""What stands in the form, as texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sangkien.web.member.typed import KEPT_TIMES, LIMITS, author_rows, merged, read_typed, was_cut

texts = st.dictionaries(st.sampled_from([*LIMITS, "action", "author99_name"]), st.text(max_size=40))


@given(texts)
def test_only_inputs_of_the_form_are_read_and_none_longer_than_is_kept(sent: dict[str, str]) -> None:
    typed = read_typed(sent)
    assert set(typed) == set(sent) & set(LIMITS)
    assert all(len(text) <= LIMITS[name] * KEPT_TIMES and "\x00" not in text for name, text in typed.items())


@given(texts, texts)
def test_what_is_sent_later_counts_and_empty_inputs_are_not_kept(kept: dict[str, str], sent: dict[str, str]) -> None:
    together = merged(kept, sent)
    assert all(together.values())
    rows = author_rows({**kept, **sent})
    for name, text in sent.items():
        is_row_below = name.startswith("author") and name[6].isdecimal() and int(name[6:].split("_")[0]) > rows
        assert together.get(name, "") == ("" if is_row_below else text)
    assert merged(together, {}) == together


@given(st.text(max_size=6))
def test_there_are_one_to_twenty_rows_whatever_is_sent(number: str) -> None:
    assert 1 <= author_rows({"authors": number}) <= 20


def test_a_text_that_was_cut_is_known() -> None:
    assert was_cut(read_typed({"kind": "x" * 9999}), "kind")
    assert not was_cut({"kind": "x"}, "kind")
    assert not was_cut({}, "nothing")
