"""Answers of models, which come with more around them than was asked for, or with less."""

import json
import time

import pytest

from common.document.page import Role
from common.errors import ModelNonsense
from tests.unit.workers.ocr_vlm.fake_model import block, written
from workers.ocr_vlm.reply import begun_answer, json_object, page_answer

ANSWER = written(block("Amber bridge"), block("Total", role="heading", level=1))
TABLE = {"role": "table", "text": "", "table": [[{"text": f"r{row}"}, {"text": "7"}] for row in range(4)]}


@pytest.mark.parametrize(
    "said",
    [
        ANSWER,
        f"\n  {ANSWER}\n",
        f"```json\n{ANSWER}\n```",
        f"```\n{ANSWER}```",
        f"Here is what I read:\n\n```json\n{ANSWER}\n```\n\nTell me if you need more!",
        f"Here is the page: {ANSWER} I hope that helps.",
    ],
)
def test_an_answer_is_found_whatever_stands_around_it(said: str) -> None:
    assert [one.text for one in page_answer(said).blocks] == ["Amber bridge", "Total"]


def test_fences_and_braces_on_the_page_are_text() -> None:
    text = 'run ```json\n{"a": 1}\n``` now {then}'
    assert page_answer(written(block(text))).blocks[0].text == text


@pytest.mark.parametrize(
    "said", ["", "I cannot.", "[1, 2]", ANSWER[:-3], ANSWER.replace('"', "'"), "}{", '{"a":' * 9999]
)
def test_what_is_no_json_object_is_nonsense(said: str) -> None:
    with pytest.raises(ModelNonsense, match="no JSON"):
        json_object(said)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"pages": []}, "blocks"),
        ({"blocks": [{"role": "poem", "text": "secret"}]}, "role"),
        ({"blocks": [{"role": "paragraph", "text": None}]}, "text"),
        ({"blocks": [block("secret", level=9)]}, "level"),
        ({"blocks": [block("", table=[[{"text": "secret", "row_span": 0}]])]}, "row_span"),
    ],
)
def test_what_has_another_form_is_nonsense_and_the_error_has_no_content(said: object, where: str) -> None:
    with pytest.raises(ModelNonsense) as caught:
        page_answer(json.dumps(said))
    assert where in caught.value.message
    assert "secret" not in caught.value.message


def test_fields_that_nobody_asked_for_are_ignored() -> None:
    assert page_answer(written(block("a", bbox=[1, 2, 3, 4]))).blocks[0].text == "a"


@pytest.mark.parametrize("unfit", [r"\ud800", r"\ud83d", r"\u0000", r"\u0007", r"\u001b", r"\r"])
def test_what_no_message_can_carry_is_dropped(unfit: str) -> None:
    answer = written(block("am-ber")).replace("-", unfit)
    (found,) = page_answer(answer).blocks
    assert found.text.encode() == b"amber"


def test_line_feeds_tabs_and_pairs_of_surrogates_are_kept() -> None:
    answer = written(block("a-")).replace("-", r"\n\t\ud83d\ude00")
    assert page_answer(answer).blocks[0].text == "a\n\t\U0001f600"


def test_of_a_broken_answer_the_whole_blocks_are_kept_wherever_it_breaks() -> None:
    texts = ["first", 'second "quoted" {braces}', "third"]
    answer = written(*map(block, texts))
    for end in range(len(answer)):
        begun = begun_answer(answer[:end])
        assert [one.text for one in begun.blocks] == texts[: len(begun.blocks)]
        assert len(begun.blocks) >= answer[:end].count('"role"') - 1
    assert len(begun.blocks) == 2


def test_of_a_broken_table_the_whole_rows_are_kept() -> None:
    answer = written(block("before"), TABLE)
    begun = begun_answer(answer[: answer.index("r3") + 1])
    assert begun.is_in_table
    assert [one.role for one in begun.blocks] == [Role.PARAGRAPH, Role.TABLE]
    assert [row[0].text for row in begun.blocks[-1].table] == ["r0", "r1", "r2"]


def test_what_is_unfinished_is_told_apart() -> None:
    begun = begun_answer(written(block("whole"), block("round and round and"))[:-4])
    assert [one.text for one in begun.blocks] == ["whole"]
    assert begun.unfinished == "paragraph\nround and round and"


@pytest.mark.parametrize("said", ["", "Sure! Here", "{", '{"blocks"', '{"blocks": [', "{]"])
def test_an_answer_that_has_hardly_begun_has_no_blocks(said: str) -> None:
    assert begun_answer(said).blocks == ()


def test_a_fence_that_is_opened_upon_nothing_takes_no_time() -> None:
    began_s = time.process_time()
    with pytest.raises(ModelNonsense):
        json_object("```json" + " " * 60_000)
    assert time.process_time() - began_s < 2
