from io import BytesIO

import orjson
import pytest

from common.document import json_view
from common.document.markdown import page_markdown
from common.document.page import Page
from front.services.manuscript import Manuscript
from tests.fakes.samples import job, page


def test_only_the_words_have_lines() -> None:
    document, words = BytesIO(), BytesIO()
    manuscript = Manuscript(job(1), words, document)
    manuscript.add([0], {0: page("Hello world")})
    transcript = manuscript.close("words")
    (shown,) = orjson.loads(document.getvalue() + b"}")["pages"]
    full = orjson.loads(words.getvalue()[: transcript.words_bytes])
    assert full["blocks"][0].pop("lines")[0]["text"] == "Hello world"
    assert full == shown


def test_the_markdown_of_a_page_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Page] = []

    def counted(page: Page) -> str:
        made.append(page)
        return page_markdown(page)

    monkeypatch.setattr(json_view, "page_markdown", counted)
    pages = {0: page("one"), 1: page("two")}
    Manuscript(job(2), BytesIO(), BytesIO()).add([0, 1], pages)
    assert made == list(pages.values())


def markdown_of(pages: dict[int, Page], page_count: int) -> tuple[str, str]:
    """The Markdown of a document as it is, and with its pages marked."""
    words = BytesIO()
    manuscript = Manuscript(job(page_count), words)
    manuscript.add(range(page_count), pages)
    transcript = manuscript.close("words")
    behind = words.getvalue()[transcript.words_bytes + transcript.text_bytes :]
    plain, marked = behind[: transcript.markdown_bytes], behind[transcript.markdown_bytes :]
    return plain.decode(), marked.decode()


def test_a_comment_says_where_each_further_page_begins() -> None:
    pages = {0: page("Größe"), 2: page("three")}
    assert markdown_of(pages, 3) == (
        "Größe\n\nthree",
        "Größe\n\n<!-- page 2 -->\n\n<!-- page 3 -->\n\nthree",
    )


def test_the_comments_count_the_pages_of_the_file_where_some_were_selected() -> None:
    words = BytesIO()
    manuscript = Manuscript(job(2, source_pages=(2, 6)), words)
    manuscript.add([0, 1], {0: page("three"), 1: page("seven")})
    manuscript.close("words")
    assert words.getvalue().endswith(b"three\n\n<!-- page 7 -->\n\nseven")


def test_one_page_has_no_page_breaks() -> None:
    assert markdown_of({0: page("one")}, 1) == ("one", "one")
    assert markdown_of({}, 1) == ("", "")
