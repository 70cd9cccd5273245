"""Schemas of callers: taken as they are, or refused with a reason."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.domain.answer_errors import answer_errors
from common.domain.extraction_schemas import INVOICE, RECEIPT
from common.errors import InvalidField
from front.services.answer_schema import MAX_DEPTH, MAX_SCHEMA_BYTES, checked_schema

KEYWORDS = (
    "type properties items required $ref $defs $schema $id $anchor enum const anyOf allOf oneOf not if then "
    "else additionalProperties patternProperties pattern minItems minimum multipleOf format prefixItems "
    "contains dependentSchemas dependentRequired uniqueItems propertyNames unevaluatedProperties $dynamicRef"
)
KINDS = ("object", "array", "string", "number", "integer", "boolean", "null")
REFERENCES = ("#", "#/$defs/a", "#/properties/a", "#/items", "#/nowhere", "other.json", "#a", "#/~2")
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from((*KINDS, *REFERENCES, "(a+)+$", "(?=a)", "[", "http://json-schema.org/draft-07/schema#")),
    st.text(max_size=8),
)
NAMES = st.sampled_from((*KEYWORDS.split(), "a", "b"))
JSONS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
SCHEMAS = st.recursive(
    st.sampled_from(
        [{"type": kind} for kind in KINDS] + [{"$ref": where} for where in REFERENCES] + [True, False]
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(KINDS),
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "items": inner,
            "additionalProperties": inner,
            "required": st.just(["a"]),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "$defs": st.dictionaries(st.just("a"), inner, max_size=1),
            "pattern": st.sampled_from(("(a+)+$", "^b")),
            "uniqueItems": st.just(True),
            "enum": st.just(["a", None]),
        },
    ),
    max_leaves=8,
)
ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(("a" * 30 + "!", "b")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def refusal(schema: Any) -> str:
    with pytest.raises(InvalidField) as refused:
        checked_schema(schema if isinstance(schema, str) else json.dumps(schema))
    assert refused.value.field == "schema"
    return refused.value.message


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(JSONS)
def test_whatever_json_is_sent_is_taken_or_refused(sent: Any) -> None:
    try:
        checked_schema(json.dumps(sent))
    except InvalidField as refused:
        assert refused.message


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_whatever_text_is_sent_is_taken_or_refused(sent: str) -> None:
    try:
        checked_schema(sent)
    except InvalidField as refused:
        assert refused.message


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, ANSWERS)
def test_any_answer_can_be_checked_by_any_schema_that_was_taken(schema: Any, answer: Any) -> None:
    try:
        taken = json.loads(checked_schema(json.dumps(schema)))
    except InvalidField:
        return
    for error in answer_errors(answer, taken):
        assert error.message and error.message != "The answer is too large to be checked by this schema."


@pytest.mark.parametrize(
    "opening, closing", [('{"a":', "}"), ('{"allOf":[', "]}"), ("[", "]"), ('{"not":', "}")]
)
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 3000])
def test_deep_nesting_is_refused(opening: str, closing: str, depth: int) -> None:
    refusal('{"a":' + opening * depth + "1" + closing * depth + "}")


def test_large_schemas_are_refused() -> None:
    assert "larger" in refusal({"description": "x" * MAX_SCHEMA_BYTES, "type": "string"})


def test_text_that_is_no_unicode_is_refused() -> None:
    assert "not JSON" in refusal('{"type": "\ud800"}')


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"type": "object", "properties": {"a": {"not": {"$ref": "#/properties/a"}}}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"},
    ],
)
def test_a_reference_in_a_circle_is_refused(schema: Any) -> None:
    assert "circle" in refusal(schema)


def test_a_tree_may_refer_to_itself() -> None:
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}}
    taken = json.loads(checked_schema(json.dumps(tree)))
    assert answer_errors({"children": [{"children": [{}]}]}, taken) == []
    assert [error.pointer for error in answer_errors({"children": [{"children": [1]}]}, taken)] == [
        "/children/0/children/0"
    ]


@pytest.mark.parametrize(
    "reference", ["#/$defs/none", "#/properties", "#/required/0", "#name", "other.json#/a"]
)
def test_a_reference_that_leads_to_no_schema_is_refused(reference: str) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"$ref": reference}}}
    assert reference in refusal(schema)


def test_properties_may_be_called_like_keywords() -> None:
    names = {"$ref": {"type": "string"}, "$id": {"type": "string"}, "pattern": {"enum": ["(?=", "["]}}
    schema = {"type": "object", "properties": names, "required": ["pattern"]}
    assert json.loads(checked_schema(json.dumps(schema))) == schema


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "[", "((a{300}){300}){300}"])
def test_patterns_that_cannot_be_matched_in_linear_time_are_refused(pattern: str) -> None:
    assert "pattern" in refusal({"type": "string", "pattern": pattern})


def test_patterns_take_no_time_that_grows_with_powers() -> None:
    schema = json.loads(checked_schema('{"type":"string","pattern":"^(a+)+$"}'))
    (error,) = answer_errors("a" * 5000 + "!", schema)
    assert error.rule.startswith("pattern")


def test_many_patterns_that_are_large_when_written_out_are_refused_before_they_are_compiled() -> None:
    many = {
        f"p{number}": {"type": "string", "pattern": f"{number}[\\p{{L}}]{{200}}"} for number in range(300)
    }
    began_s = time.process_time()
    assert "patterns" in refusal({"type": "object", "properties": many})
    assert time.process_time() - began_s < 2


def test_patterns_of_usual_length_are_taken() -> None:
    patterns = ["^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", r"^\d{4}-\d{2}-\d{2}$", r"^\w{1,64}$", "^.{0,200}$"]
    schema = {"type": "object", "properties": {text: {"pattern": text} for text in patterns}}
    assert json.loads(checked_schema(json.dumps(schema))) == schema


def test_what_is_told_of_a_large_answer_is_bounded() -> None:
    schema = json.loads(checked_schema(json.dumps({"anyOf": [{"type": "null"}] * 1000})))
    answer = {"items": [{"text": "word " * 10} for _ in range(20_000)]}
    began_s = time.process_time()
    (error,) = answer_errors(answer, schema)
    assert error.rule == "size" and len(error.message) <= 300
    assert time.process_time() - began_s < 5


def test_schemas_that_multiply_are_given_up_in_time() -> None:
    doubling = {f"a{step}": {"allOf": [{"$ref": f"#/$defs/a{step + 1}"}] * 2} for step in range(30)}
    schema = {"type": "object", "$defs": doubling | {"a30": {"type": "object"}}, "$ref": "#/$defs/a0"}
    (error,) = answer_errors({}, json.loads(checked_schema(json.dumps(schema))))
    assert error.rule == "size"


@pytest.mark.parametrize("draft", ["draft/2020-12/schema", "draft/2019-09/schema"])
def test_a_schema_may_say_its_draft(draft: str) -> None:
    schema = {"$schema": f"https://json-schema.org/{draft}", "$id": "https://example.com/a", "type": "string"}
    assert json.loads(checked_schema(json.dumps(schema))) == {"type": "string"}


def test_schemas_of_draft_7_are_taken() -> None:
    checked_schema('{"$schema":"http://json-schema.org/draft-07/schema#","type":"string"}')


@pytest.mark.parametrize("draft", ["http://json-schema.org/draft-04/schema#", "https://example.com/own", 7])
def test_other_drafts_are_refused(draft: Any) -> None:
    assert str(draft) in refusal({"$schema": draft, "type": "string"})


@pytest.mark.parametrize("schema", [{}, {"title": "Letter"}, {"$defs": {"a": {"type": "string"}}}])
def test_a_schema_that_asks_for_nothing_is_refused(schema: Any) -> None:
    assert "asks for nothing" in refusal(schema)


@pytest.mark.parametrize("keyword", ["patternProperties", "unevaluatedProperties", "$dynamicRef"])
def test_keywords_that_are_not_taken_are_named(keyword: str) -> None:
    value = "#" if keyword == "$dynamicRef" else {}
    assert keyword in refusal({"type": "object", "properties": {"a": {keyword: value}}})


def test_a_wrong_schema_is_refused_with_the_place() -> None:
    assert "'/properties/a/type'" in refusal({"type": "object", "properties": {"a": {"type": "text"}}})


@pytest.mark.parametrize("schema", [RECEIPT, INVOICE])
def test_the_tools_own_schemas_are_taken(schema: str) -> None:
    assert json.loads(checked_schema(schema)) == json.loads(schema)
