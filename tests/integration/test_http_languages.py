"""The list of languages over real sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from front.settings import FrontSettings
from tests.fakes.front import Front, running_front

LANGUAGES = "/api/v1/languages/"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with running_front(FrontSettings(front_port=0, spool_dir=tmp_path)) as started:
        yield started


def test_everybody_may_see_the_languages(front: Front) -> None:
    answer = front.get(LANGUAGES, token=None)
    assert answer.status_code == 200
    assert len(answer.json()["languages"]) > 100


def test_the_list_begins_with_finding_it_out(front: Front) -> None:
    first = front.get(LANGUAGES).json()["languages"][0]
    assert (first["code"], first["model"]) == ("auto", None)


def test_each_language_says_how_it_is_named_and_written(front: Front) -> None:
    listed = {language["code"]: language for language in front.get(LANGUAGES).json()["languages"]}
    assert listed["ru"] == {
        "code": "ru",
        "iso639_1": "ru",
        "iso639_3": "rus",
        "model": "rus",
        "name": "Russian",
        "script": "Cyrl",
        "script_name": "Cyrillic",
        "direction": "ltr",
        "aliases": [],
        "reliable": True,
    }
    assert "ch" in listed["zh-Hans"]["aliases"]
