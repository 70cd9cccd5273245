"""Searchable PDFs built of stored words: processor time a page, of one process, beside copying the file."""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import pikepdf

from common.contracts.tasks import MediaType
from common.document.geometry import Box, union
from common.document.page import Block, Engine, Line, Page, Word
from common.document.transcript import TranscriptPage
from tests import files, text_pdfs
from tests.bench.report import Ratio, Series
from tests.pages import Sheet, scan
from workers.export.document import About
from workers.export.formats import pdf

SCANS, BORN_DIGITAL, LONG = 40, 400, 1000
GOAL_SCAN_S, GOAL_BORN_DIGITAL_S = 0.15, 10.0
_DPI: Final = 300
_ABOUT: Final = About("bench", ("en",), datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    source: Path
    page: Page
    count: int


def measure(work: Path, turns: int) -> tuple[list[Series], list[Ratio]]:
    """Of ``work``, a folder for files."""
    cases = list(_cases(work))
    series = [Series(case.name) for case in cases]
    copied = Series(f"the {SCANS} scanned pages saved anew by pikepdf")
    for _ in range(turns):
        for of_case, case in zip(series, cases, strict=True):
            of_case.seconds.append(_timed(partial(_export, case, work / "out.pdf")))
        copied.seconds.append(_timed(partial(_copied, cases[0].source, work / "out.pdf")))
    scans = [seconds / SCANS / GOAL_SCAN_S for seconds in series[0].seconds]
    born_digital = [seconds / GOAL_BORN_DIGITAL_S for seconds in series[1].seconds]
    return [*series, copied], [
        Ratio(f"a scanned page / {GOAL_SCAN_S:g} s", scans, min(scans), 1.0),
        Ratio(
            f"{BORN_DIGITAL} born-digital pages / {GOAL_BORN_DIGITAL_S:g} s",
            born_digital,
            min(born_digital),
            1.0,
        ),
    ]


def _cases(work: Path) -> Iterator[_Case]:
    sheet = scan(seed=4)
    read, own = _page_of(sheet, Engine.TESSERACT), _page_of(sheet, Engine.TEXT_LAYER)
    one = files.scanned_pdf([sheet.image], _DPI)
    yield _Case(f"{SCANS} scanned pages", _repeated(one, SCANS, work), read, SCANS)
    born_digital = work / "born-digital.pdf"
    born_digital.write_bytes(text_pdfs.long_pdf(BORN_DIGITAL))
    yield _Case(f"{BORN_DIGITAL} born-digital pages", born_digital, own, BORN_DIGITAL)
    yield _Case(f"{LONG} scanned pages", _repeated(one, LONG, work), read, LONG)


def _repeated(data: bytes, count: int, work: Path) -> Path:
    path = work / f"scanned-{count}.pdf"
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for index in range(count - 1):
            pdf.pages.append(pdf.pages[0])
            _with_a_picture_of_its_own(pdf, pdf.pages[-1], index)
        pdf.save(path)
    return path


def _with_a_picture_of_its_own(document: pikepdf.Pdf, page: pikepdf.Page, index: int) -> None:
    name, picture = next(iter(page.get_images().items()))
    own = document.make_stream(picture.read_raw_bytes() + b"\n%d" % index, dict(picture.stream_dict))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary({name: own}))


def _page_of(sheet: Sheet, engine: Engine) -> Page:
    placed = iter(sheet.words)
    lines = []
    for text in filter(None, sheet.lines):
        found = tuple(Word(word, Box(*next(placed).bbox), 0.9) for word in text.split())
        lines.append(Line(found, union(word.bbox for word in found)))
    return Page(*sheet.image.size, engine, (Block(tuple(lines), union(line.bbox for line in lines)),))


def _export(case: _Case, out: Path) -> None:
    pages = (TranscriptPage(index, index, case.page) for index in range(case.count))
    pdf.write(pages, _ABOUT, case.source, MediaType.PDF, out, pdfa=False)


def _copied(source: Path, out: Path) -> None:
    with pikepdf.open(source) as document:
        document.save(out)


def _timed(work: Callable[[], None]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin
