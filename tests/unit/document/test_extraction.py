"""Answers about pages as one about the whole."""

from typing import Any

import pytest

from common.document.extraction import merged


def at(answer: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        answer = answer[int(step)] if isinstance(answer, list) else answer[step]
    return answer


def test_lists_are_joined_and_their_items_say_what_they_were() -> None:
    whole = merged([{"items": [{"a": 1}, {"a": 2}]}, {"items": [{"a": 3}]}])
    assert whole.answer == {"items": [{"a": 1}, {"a": 2}, {"a": 3}]}
    assert whole.origins == {
        "/items/0/a": (0, "/items/0/a"),
        "/items/1/a": (0, "/items/1/a"),
        "/items/2/a": (1, "/items/0/a"),
    }


def test_lists_in_items_of_lists_keep_their_pointers() -> None:
    whole = merged([{"parts": [{"lines": ["a"]}]}, {"parts": [{"lines": ["b", "c"]}]}])
    assert whole.origins["/parts/1/lines/1"] == (1, "/parts/0/lines/1")


def test_the_first_value_stays() -> None:
    whole = merged([{"total": 1}, {"total": 2}])
    assert whole.answer == {"total": 1}
    assert whole.origins == {"/total": (0, "/total")}


@pytest.mark.parametrize("nothing", [{}, {"total": None}, {"total": ""}, None])
def test_what_a_page_does_not_say_another_does(nothing: Any) -> None:
    whole = merged([nothing, {"total": 2}, nothing])
    assert whole.answer == {"total": 2}
    assert whole.origins == {"/total": (1, "/total")}


@pytest.mark.parametrize("value", [0, False])
def test_zero_and_false_are_values(value: Any) -> None:
    assert merged([{"a": value}, {"a": 7}]).answer == {"a": value}


def test_null_stays_where_no_page_says_more() -> None:
    whole = merged([{"a": None}, {"a": None}])
    assert whole.answer == {"a": None}
    assert whole.origins == {}


def test_objects_are_joined_member_by_member() -> None:
    whole = merged([{"seller": {"name": "Ann"}}, {"seller": {"name": "Bob", "city": "Rome"}}])
    assert whole.answer == {"seller": {"name": "Ann", "city": "Rome"}}
    assert whole.origins == {"/seller/name": (0, "/seller/name"), "/seller/city": (1, "/seller/city")}


def test_names_with_slashes_and_tildes_are_escaped() -> None:
    whole = merged([{"a/b": {"~": 1}}, {"a/b": {"~1": [2]}}])
    assert whole.origins == {"/a~1b/~0": (0, "/a~1b/~0"), "/a~1b/~01/0": (1, "/a~1b/~01/0")}
    assert [at(whole.answer, pointer) for pointer in whole.origins] == [1, 2]


def test_answers_that_are_lists_or_plain_values_are_joined_too() -> None:
    assert merged([[1], [2]]).origins == {"/0": (0, "/0"), "/1": (1, "/0")}
    assert merged(["", "b", "c"]).origins == {"": (1, "")}


def test_answers_of_different_kinds_do_not_mix() -> None:
    assert merged([{"a": [1]}, {"a": {"b": 2}}, {"a": "c"}]).answer == {"a": [1]}


def test_no_answers_make_none() -> None:
    assert merged([]).answer is None


def test_every_pointer_leads_to_its_value_in_both() -> None:
    answers = [
        {"items": [{"n": 1, "tags": ["x"]}], "total": None, "by": {"name": "Ann"}},
        {"items": [{"n": 2, "tags": []}, {"n": 3, "tags": ["y", "z"]}], "total": 9},
    ]
    whole = merged(answers)
    assert len(whole.origins) == 8
    for pointer, (number, was_at) in whole.origins.items():
        assert at(whole.answer, pointer) == at(answers[number], was_at)
