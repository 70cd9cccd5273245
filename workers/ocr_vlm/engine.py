"""Looking at a page, and finding a model's words on it. All of this runs in a child process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image

from common.adapters.rendering import RenderedPage, render_page
from common.document.geometry import Box, Placement, scale
from common.document.page import Engine, Page
from common.document.text import words
from common.model_question import Picture
from common.reading.engines import in_process, second_reader
from common.reading.findings import Findings
from common.reading.page_order import PageOrder
from common.reading.page_reader import PageReader
from workers.ocr_vlm import grounding, transform
from workers.ocr_vlm.answer import PageAnswer
from workers.ocr_vlm.evidence import Evidence
from workers.ocr_vlm.grounding import InkLine
from workers.ocr_vlm.ink import ink_lines
from workers.ocr_vlm.picture import picture

_SURE: Final = 0.8
_LINE_PIECES: Final = 3
_FINER: Final = 4  # times the pixels that the model is shown: to scale down from


@dataclass(frozen=True, slots=True)
class SightOrder:
    """Which page to look at, how it is read without the model, and how large the model is shown it."""

    page: PageOrder
    max_edge_px: int
    max_pixels: int


@dataclass(frozen=True, slots=True)
class Sight:
    """``witness`` is what was read without the model, ``ink`` where anything is written, in its upright view;
    ``picture`` is what the model is to be shown.
    """

    witness: Findings
    ink: tuple[InkLine, ...]
    picture: Picture

    @property
    def evidence(self) -> Evidence:
        read = list(words(self.witness.blocks))
        return Evidence(
            sure_words=sum(word.confidence >= _SURE for word in read),
            characters=max(
                sum(sum(map(str.isalnum, word.text)) for word in read),
                sum(len(line.pieces) for line in self.ink),
            ),
            ink_lines=sum(len(line.pieces) >= _LINE_PIECES for line in self.ink),
        )


def look(order: SightOrder) -> Sight:
    """Raises a PageError."""
    page = order.page
    reader = PageReader(page, in_process(page.tessdata), second_reader if page.second_reader else None)
    witness = reader.read()
    return _sight(order, witness, reader.upright_image)


def look_without_reading(order: SightOrder) -> Sight:
    """The same without a witness: for a page that crashed the process that read it."""
    rendered = _rendered(order)
    image = rendered.image
    placement = Placement.unchanged((rendered.width, rendered.height)).resized(image.size)
    return _sight(order, Findings((), placement, Engine.VLM), lambda: image.convert("L"))


def ground(answer: PageAnswer, witness: Findings, ink: tuple[InkLine, ...], tables_first: bool) -> Page:
    """The page as the model reads it, with the places that its words have on it."""
    blocks, tables = grounding.ground(answer, witness.blocks, ink, witness.placement.target)
    return transform.page(blocks, tables, witness, tables_first=tables_first)


def _sight(order: SightOrder, witness: Findings, upright: Callable[[], Image.Image]) -> Sight:
    image = upright()
    lines = _in_view(ink_lines(image), image.size, witness.placement.target)
    return Sight(witness, lines, _shown(order, witness.rotation))


def _shown(order: SightOrder, rotation: int) -> Picture:
    rendered = _rendered(order)
    image, aspect = rendered.image, rendered.pixel_aspect
    if aspect != 1.0:  # a fax
        image = image.resize((round(image.width * max(1, 1 / aspect)), round(image.height * max(1, aspect))))
    if rotation:
        image = image.rotate(-rotation, expand=True)
    return picture(image, order.max_edge_px, order.max_pixels)


def _rendered(order: SightOrder) -> RenderedPage:
    page, most = order.page, _FINER * order.max_pixels
    return render_page(page.path, page.media_type, page.source_page, max_pixels=most, colour="RGB")


def _in_view(lines: tuple[InkLine, ...], size: tuple[int, int], view: tuple[int, int]) -> tuple[InkLine, ...]:
    """The lines of a picture of ``size``, in pixels of the ``view`` that it shows."""
    across, down = view[0] / size[0], view[1] / size[1]

    def placed(box: Box) -> Box:
        return scale(box, across, down)

    return tuple(InkLine(placed(line.bbox), tuple(map(placed, line.pieces))) for line in lines)
