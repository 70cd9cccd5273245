"""Documents of every kind in the other formats, opened by programs of others.

Word documents, hOCR and ALTO have test files of their own, which go through the same kinds.
"""

import csv
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from common.document.page import Page, Role
from common.document.text import block_text, line_text, words
from common.domain.job import Job
from common.ports import PageBody
from front.http.job_json import job_json
from front.services.assembly import Assembly
from front.services.jobs import Jobs
from front.services.live_feed import LiveFeed
from tests.fakes.samples import NOW
from tests.fakes.services import done_job
from tests.fakes.stores import FakeBlobStore, FakeJobRepository, FakePageRepository, held
from tests.poppler_text import plain_words
from tests.recognized import FRUIT, KINDS, pages_of, source_of
from tests.spreadsheets import all_opened, rows_of
from workers.export.document import About
from workers.export.formats import csv as csv_format
from workers.export.formats import pdf as pdf_format

ABOUT = About("scan", ("en",), datetime(2026, 11, 22, tzinfo=UTC))
SCHEMA = Path(__file__).parents[1] / "job.schema.json"
PLAIN = [kind for kind in KINDS if kind != "table"]
_TWO_KINDS = ("scanned", "table")


@dataclass(frozen=True)
class Downloads:
    """What the front sends without a worker."""

    txt: str
    md: str
    json: dict[str, Any]


def page_of(kind: str) -> Page:
    (exported,) = pages_of(kind)
    assert exported.page is not None
    return exported.page


async def downloads(*kinds: str, source_pages: tuple[int, ...] = ()) -> Downloads:
    """Of the document that has a page of each kind; they are those ``source_pages`` of its file, from 0."""
    job, jobs = await _finished(kinds, source_pages or tuple(range(len(kinds))))
    async with jobs.transcript(job) as found:
        return Downloads(
            txt=(await _all(found.text())).decode(),
            md=(await _all(found.markdown(with_page_breaks=True))).decode(),
            json=orjson.loads(await _all(job_json(job, jobs, with_words=True))),
        )


async def _finished(kinds: tuple[str, ...], source_pages: tuple[int, ...]) -> tuple[Job, Jobs]:
    job = done_job(
        source_pages=source_pages, pages=done_job().pages[:1] * len(kinds), settled=tuple(range(len(kinds)))
    )
    pages, blobs = FakePageRepository(), FakeBlobStore()
    bodies = [PageBody(job.id, index, page_of(kind)) for index, kind in enumerate(kinds)]
    await pages.add_many(bodies, expires_at=NOW)
    document = await Assembly(pages, FakePageRepository(), blobs, lambda: NOW).assemble(job)
    return replace(job, document=document), Jobs(FakeJobRepository(), held(blobs), LiveFeed(), lambda: NOW)


async def _all(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def assert_same_words(found: str, page: Page) -> None:
    """In the same order, but for words that hyphens part."""
    expected = " ".join(map(block_text, page.blocks)).replace("-\n", "").split()
    assert SequenceMatcher(None, expected, found.split(), autojunk=False).ratio() > 0.97


# --- text, Markdown, JSON -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_text_has_the_lines_of_the_page(kind: str) -> None:
    found = [line for line in (await downloads(kind)).txt.split("\n") if line]
    assert found == [line_text(line) for block in page_of(kind).blocks for line in block.lines]


async def test_text_has_a_form_feed_between_pages() -> None:
    together = (await downloads(*KINDS)).txt.split("\f")
    assert together == [(await downloads(kind)).txt for kind in KINDS]


@cache
def parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def shown(token: Token) -> str:
    """The text of an inline token; line breaks are blanks."""
    return "".join(child.content or " " for child in token.children or ())


def cells(tokens: list[Token]) -> list[str]:
    return [shown(text) for before, text in pairwise(tokens) if before.type in ("th_open", "td_open")]


@pytest.mark.parametrize("kind", PLAIN)
async def test_a_markdown_parser_reads_the_words_and_the_headings(kind: str) -> None:
    tokens = parser().parse((await downloads(kind)).md)
    assert_same_words(" ".join(shown(token) for token in tokens if token.type == "inline"), page_of(kind))
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    assert headings == [f"h{block.level}" for block in page_of(kind).blocks if block.role is Role.HEADING]
    assert not cells(tokens)


async def test_a_markdown_parser_reads_the_cells_of_a_table() -> None:
    tokens = parser().parse((await downloads("table")).md)
    assert cells(tokens) == [text for row in FRUIT for text in row]
    assert [token.type for token in tokens].count("tr_open") == len(FRUIT)


async def test_a_markdown_parser_finds_the_numbers_that_pages_have_in_the_file() -> None:
    tokens = parser().parse((await downloads(*_TWO_KINDS, source_pages=(2, 4))).md)
    assert [token.content.strip() for token in tokens if token.type == "html_block"] == ["<!-- page 5 -->"]


@cache
def validator() -> Draft202012Validator:
    schema = orjson.loads(SCHEMA.read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("kind", KINDS)
async def test_json_is_valid_and_has_every_word(kind: str) -> None:
    job = (await downloads(kind)).json
    assert [error.message for error in validator().iter_errors(job)] == []
    found = [
        (word["text"], tuple(word["bbox"]))
        for block in job["pages"][0]["blocks"]
        for line in block["lines"]
        for word in line["words"]
    ]
    assert found == [(word.text, tuple(word.bbox)) for word in words(page_of(kind).blocks)]
    assert len(job["pages"][0]["tables"]) == len(page_of(kind).tables) == (kind == "table")


@pytest.mark.parametrize(("name", "value"), [("role", "title"), ("confidence", 1.5), ("bbox", [1, 2, 3])])
async def test_the_schema_finds_mistakes(name: str, value: object) -> None:
    job = (await downloads("scanned")).json
    job["pages"][0]["blocks"][0][name] = value
    (error,) = validator().iter_errors(job)
    assert list(error.absolute_path)[:5] == ["pages", 0, "blocks", 0, name]


# --- CSV ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def csv_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    for kind in KINDS:
        csv_format.write(pages_of(kind), ABOUT, folder / f"{kind}.csv", excel=kind == "right-to-left")
    return folder


def line_rows(kind: str) -> list[tuple[str, ...]]:
    """Page, line and text."""
    lines = [line_text(line) for block in page_of(kind).blocks for line in block.lines]
    return [("1", str(number), text) for number, text in enumerate(lines, start=1)]


@pytest.mark.parametrize("kind", PLAIN)
def test_python_reads_the_lines_of_csv(csv_folder: Path, kind: str) -> None:
    with (csv_folder / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file, strict=True)
    assert head == ["page", "line", "text", "confidence"]
    assert [tuple(row[:3]) for row in rows] == line_rows(kind)
    assert all(0 < float(confidence) <= 1 for *_, confidence in rows)


def test_python_reads_the_cells_of_csv(csv_folder: Path) -> None:
    with (csv_folder / "table.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, strict=True)) == list(map(list, FRUIT))


def test_a_spreadsheet_opens_csv_of_every_kind(csv_folder: Path) -> None:
    sheets = all_opened([csv_folder / f"{kind}.csv" for kind in KINDS])
    for kind, sheet in zip(KINDS, sheets, strict=True):
        head, *rows = rows_of(sheet)
        if kind == "table":
            assert [head, *rows] == [list(FRUIT[0]), ["Cherry", 12.5, -3.2], ["Lemon", 7.25, 1200.0]]
        else:
            found = [(f"{page:g}", f"{line:g}", text) for page, line, text, _ in rows]
            assert found == line_rows(kind), kind


# --- PDF ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pdf_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pdf")
    for kind in KINDS:
        data, media_type = source_of(kind)
        source = folder / f"{kind}.source"
        source.write_bytes(data)
        pdf_format.write(pages_of(kind), ABOUT, source, media_type, folder / f"{kind}.pdf", pdfa=False)
    return folder


def output(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


@pytest.mark.parametrize("kind", KINDS)
def test_qpdf_finds_no_fault_in_pdf(pdf_folder: Path, kind: str) -> None:
    assert "No syntax or stream encoding errors" in output("qpdf", "--check", pdf_folder / f"{kind}.pdf")


@pytest.mark.parametrize("kind", KINDS)
def test_pdftotext_finds_the_words(pdf_folder: Path, kind: str) -> None:
    found = plain_words(output("pdftotext", pdf_folder / f"{kind}.pdf", "-"))
    expected = [word.text for word in words(page_of(kind).blocks)]
    assert Counter(found) == Counter(expected)
    if kind not in ("table", "multi-column"):  # there it has an order of its own
        assert found == expected


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "born-digital"])
def test_fonts_of_invisible_text_are_embedded_and_map_to_unicode(pdf_folder: Path, kind: str) -> None:
    _, _, *fonts = output("pdffonts", pdf_folder / f"{kind}.pdf").splitlines()
    assert fonts
    for font in fonts:
        embedded, _, to_unicode = font.split()[-5:-2]
        assert (embedded, to_unicode) == ("yes", "yes")


def test_a_born_digital_page_keeps_its_own_font_alone(pdf_folder: Path) -> None:
    fonts = [output("pdffonts", pdf_folder / name) for name in ("born-digital.source", "born-digital.pdf")]
    assert fonts[0] == fonts[1]
