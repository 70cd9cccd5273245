"""What models leave out, as the schema wants it."""

from typing import Any

import pytest

from common.domain.answer_completion import MOST_MEMBERS, completed, without_nulls


def of(part: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": part}, "required": ["a"], **more}


@pytest.mark.parametrize(
    "part, value",
    [
        ({"type": ["string", "null"]}, None),
        ({"type": "null"}, None),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None),
        ({"enum": ["x", None]}, None),
        ({"const": None}, None),
        ({}, None),
        ({"$ref": "#/$defs/maybe"}, None),
        ({"type": "array", "items": {"type": "string"}}, []),
        (of({"type": ["number", "null"]}), {"a": None}),
    ],
)
def test_a_required_value_that_is_missing_is_the_nothing_that_its_schema_has(part: Any, value: Any) -> None:
    schema = of(part, **{"$defs": {"maybe": {"type": ["string", "null"]}}})
    assert completed({}, schema) == {"a": value}


@pytest.mark.parametrize(
    "part",
    [{"type": "string"}, {"enum": ["x"]}, {"type": "array", "minItems": 1}, of({"type": "string"}), True],
)
def test_a_value_whose_schema_has_no_nothing_stays_missing(part: Any) -> None:
    assert "a" not in completed({}, of(part)) or part is True


def test_what_is_not_required_stays_left_out() -> None:
    assert completed({}, {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}) == {}


def test_items_and_choices_are_completed_inside() -> None:
    item = of({"type": ["number", "null"]})
    schema = {"type": "array", "items": {"anyOf": [item, {"type": "null"}]}}
    assert completed([{}, {"a": 1}, None], schema) == [{"a": None}, {"a": 1}, None]


def test_trees_are_completed_as_deep_as_they_are() -> None:
    tree = of({"type": "array", "items": {"$ref": "#"}})
    assert completed({"a": [{"a": [{}]}]}, tree) == {"a": [{"a": [{"a": []}]}]}


def test_a_tree_that_needs_itself_has_no_end_and_gets_none() -> None:
    assert completed({}, of({"$ref": "#"})) == {}


def test_members_come_in_the_order_of_the_schema_and_others_behind() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}}}
    assert list(completed({"c": 1, "b": 2, "a": 3}, schema)) == ["a", "b", "c"]


def test_values_are_never_changed() -> None:
    answer = {"a": 0, "c": ["", False, {"d": "x"}]}
    assert completed(answer, of({"type": "string"})) == answer


def test_null_members_are_left_out_and_null_items_are_not() -> None:
    assert without_nulls({"a": None, "b": [None, {"c": None}], "d": 0}) == {"b": [None, {}], "d": 0}


def test_little_answers_do_not_become_as_large_as_one_likes() -> None:
    wide = {f"a{number}": {"type": ["string", "null"]} for number in range(1000)}
    schema = {"items": {"type": "object", "properties": wide, "required": list(wide)}}
    made = completed([{} for _ in range(2 * MOST_MEMBERS // len(wide))], schema)
    assert sum(map(len, made)) == MOST_MEMBERS
    assert made[0].keys() == wide.keys() and made[-1] == {}
