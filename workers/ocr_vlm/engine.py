"""Looking at a page, and finding a model's words on it. All of this runs in a child process."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from common.adapters.rendering import render_page
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
from workers.ocr_vlm.grounding import InkLine
from workers.ocr_vlm.ink import ink_lines
from workers.ocr_vlm.picture import picture

SURE = 0.8


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
    def sure_words(self) -> int:
        """How many words the witness has read for certain."""
        return sum(word.confidence >= SURE for word in words(self.witness.blocks))


def look(order: SightOrder) -> Sight:
    """Raises a PageError."""
    page = order.page
    reader = PageReader(page, in_process(page.tessdata), second_reader if page.second_reader else None)
    witness = reader.read()
    return _sight(order, witness, reader.upright_image)


def look_without_reading(order: SightOrder) -> Sight:
    """The same without a witness: for a page that crashed the process that read it."""
    image = _rendered(order)
    witness = Findings((), Placement.unchanged(image.size), Engine.VLM)
    return _sight(order, witness, lambda: image.convert("L"))


def ground(answer: PageAnswer, sight: Sight, tables_first: bool) -> Page:
    """The page as the model reads it, with the places that its words have on it."""
    size = sight.witness.placement.target
    blocks, tables = grounding.ground(answer, sight.witness.blocks, sight.ink, size)
    return transform.page(blocks, tables, sight.witness, tables_first=tables_first)


def _sight(order: SightOrder, witness: Findings, upright: Callable[[], Image.Image]) -> Sight:
    shown = _rendered(order)
    if witness.rotation:
        shown = shown.rotate(-witness.rotation, expand=True)
    return Sight(
        witness,
        _in_view(ink_lines(upright()), upright().size, witness.placement.target),
        picture(shown, order.max_edge_px, order.max_pixels),
    )


def _rendered(order: SightOrder) -> Image.Image:
    page = order.page
    return render_page(page.path, page.media_type, page.source_page, colour="RGB").image


def _in_view(lines: tuple[InkLine, ...], size: tuple[int, int], view: tuple[int, int]) -> tuple[InkLine, ...]:
    """The lines of a picture of ``size``, in pixels of the ``view`` that it shows."""
    across, down = view[0] / size[0], view[1] / size[1]

    def placed(box: Box) -> Box:
        return scale(box, across, down)

    return tuple(InkLine(placed(line.bbox), tuple(map(placed, line.pieces))) for line in lines)
