"""What is whole of an answer, however it breaks off."""

import time

import pytest

from workers.ocr_vlm.extraction.json_answer import NoJson, parsed, salvaged

_LONG = 60_000  # characters, as many as a model says before it is cut off
_SOON_S = 2.0


@pytest.mark.parametrize(
    "said, whole",
    [
        ('{"a": [1, 2], "b": "x', {"a": [1, 2]}),
        ('{"a": "x \\" y", "b": "z"', {"a": 'x " y', "b": "z"}),
        ('{"a": 1, "b": 23', {"a": 1}),
        ('{"a": [{"b": 1}, {"b": 2', {"a": [{"b": 1}]}),
    ],
)
def test_what_is_whole_of_an_answer_stays(said: str, whole: object) -> None:
    assert salvaged(said) == whole


@pytest.mark.parametrize("endless", ["1" * _LONG, "x" * _LONG, '"' + '\\"' * _LONG])
def test_an_answer_that_ends_in_something_endless_takes_no_time(endless: str) -> None:
    began_s = time.process_time()
    assert salvaged('{"a": 1, "b": ' + endless) == {"a": 1}
    assert time.process_time() - began_s < _SOON_S


def test_a_fence_that_is_opened_upon_nothing_takes_no_time() -> None:
    began_s = time.process_time()
    with pytest.raises(NoJson):
        parsed("```json" + "\n" * _LONG)
    assert time.process_time() - began_s < _SOON_S
