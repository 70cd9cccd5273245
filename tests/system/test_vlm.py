"""``tier=vlm``: what a vision model reads has its places, its price and its files as anything else."""

import io
import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import docx
import psutil
import pytest
from lxml import etree

from tests import files
from tests.accuracy import assert_reads
from tests.client import JOBS, Client, Job, accepted, words
from tests.messages_server.server import MessagesServer
from tests.pages import PlacedWord, blank_page, draw_sheet, numbered_pages, paragraphs
from tests.stack import Stack
from tests.system.judging import check_job, check_problem
from tests.system.test_boxes import words_of
from tests.system.test_idempotency import send

SHEETS = [draw_sheet(paragraphs(seed=seed, count=2, words_each=25)) for seed in (21, 22, 23)]
DPI = 300
PDF = files.scanned_pdf([sheet.image for sheet in SHEETS], dpi=DPI)
IMAGE = files.png(numbered_pages(1)[0].image)
COUNTED = numbered_pages(3)
COUNTED_PDF = files.scanned_pdf([sheet.image for sheet in COUNTED])
TOLERANCE_PX = 8  # 4 at 150 dpi
_PRICE = 5

Word = tuple[str, tuple[float, float, float, float]]


@pytest.fixture(scope="module")
def job(client: Client) -> Job:
    return client.read(PDF, "Rechnung März.pdf", tier="vlm", language="en")


@pytest.fixture
def payer(new_account: Callable[[str], Client]) -> Client:
    """An account of its own, so that what it was charged can be told."""
    return new_account("paid")


@pytest.mark.live
def test_every_tool_is_available(client: Client) -> None:
    tools = client.get("/api/v1/tools/").json()["tools"]
    assert {tool["slug"] for tool in tools if tool["tier"] == "vlm"} == {
        "handwriting-to-text", "math-to-latex", "receipt-to-json", "invoice-to-json",
    }  # fmt: skip
    assert all(tool["available"] for tool in tools)


@pytest.mark.live
def test_pages_are_read_by_the_model_and_charged_as_such(job: Job) -> None:
    check_job(job)
    assert (job["status"], job["tier"], job["failed_pages"]) == ("done", "vlm", [])
    for page, sheet in zip(job["pages"], SHEETS, strict=True):
        assert page["engine"] == "vlm"
        assert_reads(sheet.text, page["text"])
    assert (job["usage"]["pages"], job["usage"]["credits"]) == (3, 3 * _PRICE)


@pytest.mark.live
def test_tokens_are_counted_for_each_page_and_for_the_job(job: Job) -> None:
    used = [page["usage"] for page in job["pages"]]
    for name in ("input_tokens", "output_tokens"):
        assert all(usage[name] > 0 for usage in used)
        assert job["usage"][name] == sum(usage[name] for usage in used)
    assert {usage["model"] for usage in used} == {job["usage"]["model"]}


def test_the_model_of_the_default_has_a_price(job: Job) -> None:
    assert job["usage"]["cost_usd"] == pytest.approx(sum(page["usage"]["cost_usd"] for page in job["pages"]))
    assert job["usage"]["cost_usd"] > 0


@pytest.mark.live
@pytest.mark.parametrize("tool", ["handwriting-to-text", "math-to-latex"])
def test_a_tool_sets_the_tier(client: Client, tool: str) -> None:
    job = client.read(IMAGE, tool=tool)
    assert (job["tier"], job["tool"]) == ("vlm", tool)
    assert words(job["text"]) == "page one"


def test_a_tool_with_a_tier_of_its_own_asks_no_model(client: Client, messages_server: MessagesServer) -> None:
    job = client.read(IMAGE, tool="handwriting-to-text", tier="cpu", language="en")
    assert (job["tier"], job["pages"][0]["engine"]) == ("cpu", "tesseract")
    assert messages_server.transcript.total == 0


def test_no_model_but_the_tests_own_is_asked(stack: Stack, messages_server: MessagesServer) -> None:
    """Whatever a developer's environment says."""
    [worker] = stack.processes("ocr_vlm")
    told = psutil.Process(worker.pid).environ()
    assert {name: value for name, value in told.items() if name.startswith("ANTHROPIC_")} == {
        "ANTHROPIC_BASE_URL": messages_server.url
    }


@pytest.mark.live
def test_only_workers_that_ask_the_model_know_where_it_is(stack: Stack) -> None:
    for process in stack.processes():
        if not process.name.startswith(("ocr_vlm", "chat")):
            told = psutil.Process(process.pid).environ()
            assert not [name for name in told if name.startswith("ANTHROPIC_")], process.name


@pytest.mark.live
def test_an_empty_page_has_no_text(client: Client) -> None:
    job = client.read(files.png(blank_page()), tier="vlm")
    check_job(job)
    assert (job["status"], job["text"], job["markdown"]) == ("done", "", "")


# --- places ---------------------------------------------------------------------------------------


def placed_of_job(client: Client, job: Job) -> list[list[Word]]:
    with_words = accepted(client.get(f"{JOBS}{job['uuid']}/", params={"detail": "words"}))
    return [[(word["text"], tuple(word["bbox"])) for word in words_of(page)] for page in with_words["pages"]]


def placed_of_pdf(content: bytes) -> list[list[Word]]:
    """As poppler finds them."""
    command = ("pdftotext", "-bbox", "-", "-")
    found = subprocess.run(command, input=content, capture_output=True, check=True, timeout=30).stdout
    pages = etree.HTML(found).iter("page")
    return [[(str(word.text), _edges(word, DPI / 72)) for word in page.iter("word")] for page in pages]


def _edges(word: Any, scale: float) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(word.get(name)) * scale for name in ("xmin", "ymin", "xmax", "ymax"))
    return x0, y0, x1, y1


def placed_of_hocr(content: bytes) -> list[list[Word]]:
    pages = etree.fromstring(content).xpath("//*[@class='ocr_page']")
    return [[_hocr_word(word) for word in page.xpath(".//*[@class='ocrx_word']")] for page in pages]


def _hocr_word(word: Any) -> Word:
    title = dict(part.strip().split(" ", 1) for part in word.get("title").split(";"))
    x0, y0, x1, y1 = map(float, title["bbox"].split())
    return "".join(word.itertext()).strip(), (x0, y0, x1, y1)


def placed_of_alto(content: bytes) -> list[list[Word]]:
    pages = etree.fromstring(content).xpath("//*[local-name()='Page']")
    return [[_alto_word(word) for word in page.xpath(".//*[local-name()='String']")] for page in pages]


def _alto_word(word: Any) -> Word:
    x, y, width, height = (float(word.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return word.get("CONTENT"), (x, y, x + width, y + height)


def check_places(pages: list[list[Word]], *, across_only: bool = False) -> None:
    """At least 95 of 100 words stand where they were drawn."""
    sides = (0, 2) if across_only else (0, 1, 2, 3)
    for found, sheet in zip(pages, SHEETS, strict=True):
        assert [text for text, _ in found] == [word.text for word in sheet.words]
        off = [
            (word, box)
            for (_, box), word in zip(found, sheet.words, strict=True)
            if any(abs(box[side] - word.bbox[side]) > TOLERANCE_PX for side in sides)
        ]
        assert len(off) <= 0.05 * len(sheet.words), off


@pytest.mark.live
def test_words_lie_where_they_are_printed(client: Client, job: Job) -> None:
    check_places(placed_of_job(client, job))


@pytest.mark.live
def test_hocr_and_alto_have_the_places(client: Client, job: Job) -> None:
    check_places(placed_of_hocr(client.download(job["uuid"], "hocr").content))
    check_places(placed_of_alto(client.download(job["uuid"], "alto").content))


@pytest.mark.live
def test_another_program_finds_the_words_of_the_searchable_pdf_at_their_places(
    client: Client, job: Job
) -> None:
    """Across: how tall an invisible letter is, is the font's affair; and it lies on its line."""
    pages = placed_of_pdf(client.download(job["uuid"], "pdf").content)
    check_places(pages, across_only=True)
    for found, sheet in zip(pages, SHEETS, strict=True):
        for (_, box), word in zip(found, sheet.words, strict=True):
            assert box[1] < middle(word) < box[3]


def middle(word: PlacedWord) -> float:
    return (word.bbox[1] + word.bbox[3]) / 2


@pytest.mark.live
def test_another_program_opens_the_word_document(client: Client, job: Job) -> None:
    document = docx.Document(io.BytesIO(client.download(job["uuid"], "docx").content))
    text = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert_reads(" ".join(sheet.text for sheet in SHEETS), text)


# --- options --------------------------------------------------------------------------------------


@pytest.mark.live
def test_only_the_selected_pages_are_read_and_charged(client: Client) -> None:
    job = client.read(COUNTED_PDF, tier="vlm", pages="3,1")
    assert [(page["source_page"], words(page["text"])) for page in job["pages"]] == [
        (1, "page one"),
        (3, "page three"),
    ]
    assert job["usage"]["credits"] == 2 * _PRICE


@pytest.mark.live
@pytest.mark.parametrize("text_layer", ["auto", "ignore"])
def test_a_page_with_text_of_its_own_is_read_by_the_model_too(client: Client, text_layer: str) -> None:
    pdf = files.born_digital_pdf([["The harbour lantern burns", "all winter."]])
    [page] = client.read(pdf, "own.pdf", tier="vlm", text_layer=text_layer)["pages"]
    assert page["engine"] == "vlm"
    assert words(page["text"]) == "The harbour lantern burns all winter."
    assert page["confidence"] > 0.5


def test_a_limit_of_cost_ends_politely(payer: Client) -> None:
    balance = payer.account()["balance"]
    job = payer.read(COUNTED_PDF, tier="vlm", max_cost="12")
    check_problem(payer.submit(COUNTED_PDF, tier="vlm", max_cost="4"), 400, "invalid_field")
    assert job["status"] == "done"
    assert [words(page["text"]) for page in job["pages"]] == ["page one", "page two", ""]
    assert job["failed_pages"] == [{"index": 2, "code": "max_cost_reached"}]
    assert job["usage"]["credits"] == 2 * _PRICE
    assert payer.balance_becomes(balance - 2 * _PRICE)


def test_with_a_schema_a_key_is_good_for_that_schema_alone(payer: Client) -> None:
    key, balance = f"key-{secrets.token_hex(8)}", payer.account()["balance"]

    def asked(field: str) -> dict[str, str]:
        schema = {"type": "object", "properties": {field: {"type": "string"}}}
        return {"tier": "vlm", "schema": json.dumps(schema)}

    first = accepted(send(payer, key, IMAGE, **asked("title")))
    assert first["status"] == "done"
    assert accepted(send(payer, key, IMAGE, **asked("title"))) == first
    check_problem(send(payer, key, IMAGE, **asked("page")), 422, "idempotency_key_reused")
    assert payer.balance_becomes(balance - _PRICE)


# --- failures -------------------------------------------------------------------------------------


@pytest.fixture
def refusing(messages_server: MessagesServer) -> Iterator[MessagesServer]:
    messages_server.misbehave("refusal", times=None, containing="page two")
    yield messages_server


def test_a_page_that_the_model_refuses_is_given_back_and_the_others_stay(
    payer: Client, refusing: MessagesServer
) -> None:
    balance = payer.account()["balance"]
    job = payer.read(COUNTED_PDF, tier="vlm")
    assert job["status"] == "done"
    assert job["failed_pages"] == [{"index": 1, "code": "model_refused"}]
    assert [words(page["text"]) for page in job["pages"]] == ["page one", "", "page three"]
    assert job["pages"][1]["error"]["code"] == "model_refused"
    assert job["usage"]["credits"] == 2 * _PRICE
    assert payer.balance_becomes(balance - 2 * _PRICE)


def test_a_job_of_which_the_model_reads_nothing_has_failed_and_costs_nothing(
    payer: Client, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("says", times=None, text="I would rather not.")
    balance = payer.account()["balance"]
    job = payer.read(IMAGE, tier="vlm")
    assert (job["status"], job["error_code"]) == ("failed", "model_nonsense")
    assert job["error"] and "rather not" not in job["error"]
    assert payer.balance_becomes(balance)
