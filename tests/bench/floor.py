"""The floor: what two cores need for the bare work, without any service around it.

Recognition is timed on rasters made in advance, rendering apart from it; each is spread over two
warm processes that take the next page when they are done with one.
"""

import multiprocessing
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pypdfium2
import tesserocr
from PIL import Image

DPI = 300
CORES = 2

_engine: tesserocr.PyTessBaseAPI | None = None
_both_ready: Barrier | None = None


class Floor:
    """Two warm processes and the rasters of one PDF."""

    def __init__(self, pool: ProcessPoolExecutor, pdf: Path, page_count: int, rasters: Path) -> None:
        self._pool = pool
        self._pdf = pdf
        self._indexes = range(page_count)
        self._paths = [rasters / f"{index:04}.pgm" for index in self._indexes]

    def prepare(self) -> None:
        for index, path in zip(self._indexes, self._paths, strict=True):
            _render(self._pdf, index).save(path)

    def recognise(self) -> tuple[float, str]:
        """Seconds, and the text with a form feed between pages."""
        seconds, texts = self._timed(_recognise, self._paths)
        return seconds, "\f".join(texts)

    def render(self) -> float:
        return self._timed(partial(_rendered_pixels, self._pdf), self._indexes)[0]

    def _timed(self, work: Callable[[Any], Any], items: Sequence[Any]) -> tuple[float, list[Any]]:
        begin = time.monotonic()
        results = list(self._pool.map(work, items, chunksize=1))
        return time.monotonic() - begin, results


@contextmanager
def open_floor(pdf: Path, page_count: int, rasters: Path, language: str) -> Iterator[Floor]:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(CORES)
    with ProcessPoolExecutor(CORES, context, _start, (barrier, _tessdata(), language)) as pool:
        list(pool.map(_meet, range(CORES)))
        floor = Floor(pool, pdf, page_count, rasters)
        floor.prepare()
        yield floor


def _start(barrier: Barrier, tessdata: str, language: str) -> None:
    global _engine, _both_ready
    _both_ready = barrier
    _engine = tesserocr.PyTessBaseAPI(path=tessdata, lang=language)


def _meet(_: int) -> None:
    """Both processes have started when both have come here."""
    assert _both_ready is not None
    _both_ready.wait(timeout=60)


def _recognise(path: Path) -> str:
    assert _engine is not None
    with Image.open(path) as image:
        _engine.SetImage(image)
        _engine.SetSourceResolution(DPI)
        text: str = _engine.GetUTF8Text()
        return text


def _rendered_pixels(pdf: Path, index: int) -> int:
    width, height = _render(pdf, index).size
    return width * height


def _render(pdf: Path, index: int) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        image: Image.Image = document[index].render(scale=DPI / 72).to_pil()
        return image.convert("L")
    finally:
        document.close()


def _tessdata() -> str:
    """The folder of the installed language models, as the command line tool names it."""
    listed = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, check=True, timeout=30
    )
    return listed.stdout.splitlines()[0].split('"')[1]
