"""A long PDF with a text layer: the fleet end to end, beside what bare pdfium needs for the text alone."""

import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2

from common.adapters.text_layer import read_text_layer
from common.reading.own_text.fusion import blocks_of
from common.reading.own_text.trust import Extent, judge
from tests import text_pdfs
from tests.bench import fleet
from tests.bench.report import Ratio, Series
from tests.client import Client

PAGES = 400
GOAL_PAGES_PER_S = 40
LANGUAGE = "eng"
FLEET, LAYER, BARE = (
    "fleet, over HTTP",
    "text layer read and judged, one process",
    "bare pdfium text, one process",
)


def measure(client: Client, work: Path, turns: int) -> tuple[list[Series], list[Ratio]]:
    pdf = work / "born-digital.pdf"
    pdf.write_bytes(text_pdfs.long_pdf(PAGES))
    fleet.read(client, pdf, -1, LANGUAGE)  # so that everything is loaded
    series = [Series(FLEET), Series(LAYER), Series(BARE)]
    for turn in range(turns):
        seconds, text = fleet.read(client, pdf, turn, LANGUAGE)
        if text.count("Page ") < PAGES:
            raise RuntimeError("the fleet left out pages")
        series[0].seconds.append(seconds)
        series[1].seconds.append(_timed(lambda: _read_layer(pdf)))
        series[2].seconds.append(_timed(lambda: _read_bare(pdf)))
    rates = [seconds * GOAL_PAGES_PER_S / PAGES for seconds in series[0].seconds]
    return series, [Ratio(f"{GOAL_PAGES_PER_S} pages/s / fleet", rates, min(rates), 1.0)]


def _read_layer(pdf: Path) -> None:
    for index in range(PAGES):
        trust = judge(read_text_layer(pdf, index))
        if trust.extent is not Extent.WHOLE or not blocks_of(trust.lines):
            raise RuntimeError(f"page {index} is not believed")


def _read_bare(pdf: Path) -> None:
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        page.get_textpage().get_text_range()
    document.close()


def _timed(work: Callable[[], None]) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin
