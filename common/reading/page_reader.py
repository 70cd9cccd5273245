"""A page from its file to what is found on it: its own text where that is to be trusted, else recognised."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from PIL import Image

from common.adapters.language_identification import identify
from common.adapters.page_parts import only
from common.adapters.rendering import RenderedPage, render_page
from common.adapters.text_layer import read_text_layer
from common.contracts.tasks import MediaType, TextLayer
from common.document.geometry import Box, Placement
from common.document.page import Block, Engine, Table, Word
from common.document.text import block_text
from common.document.text_layer import PageText
from common.domain.languages import language_of
from common.reading.bullets import with_bullets
from common.reading.calibration import calibrate
from common.reading.findings import Findings, moved
from common.reading.noise import without_noise
from common.reading.own_text.fusion import blocks_of, fuse
from common.reading.own_text.trust import Extent, Trust, agrees, judge
from common.reading.page_numbers import with_page_numbers
from common.reading.page_order import PageOrder
from common.reading.preparation.prepared_image import prepare
from common.reading.recognition.image_reader import PageEngine
from common.reading.recognition.legible_image import LegibleImage
from common.reading.recognition.recognition import recognise
from common.reading.second_reader.second_reading import LineReader, improve
from common.reading.tables.cell_image import read_cell
from common.reading.tables.rereading import reread

_DIGITS: Final = ("eng",)  # the model that knows digits best
_READING_SHARE: Final = 0.9  # of a page's time; the rest is for tables and layout
_RULES_DPI: Final = 150  # enough to see the lines that are drawn between the cells of a table


class PageReader:
    """Reads one page, and shows it again as it was read."""

    def __init__(self, order: PageOrder, engine: PageEngine, second: Callable[[], LineReader] | None) -> None:
        """``second``: makes the second reader, when one is needed; None where there is to be none."""
        self._order = order
        self._engine = engine
        self._second = second
        self._deadline = time.monotonic() + order.time_limit_s * _READING_SHARE
        self._upright: Callable[[], Image.Image] = lambda: self._rendered.image
        self._read_as: tuple[Image.Image, tuple[str, ...], int] | None = None

    def read(self) -> Findings:
        """Raises a PageError."""
        own = self._own_text()
        if own is None:
            return self._recognised(self._rendered.image)
        text, trust = own
        if trust.extent is Extent.NONE or not self._is_confirmed(text, trust):
            return self._recognised(self._rendered.image)
        blocks = blocks_of(trust.lines)
        if trust.extent is Extent.PART:
            blocks = fuse(blocks, self._read_parts(text, trust.unread), trust.unread, Engine.TESSERACT)
        return self._own(text, blocks)

    def upright_image(self) -> Image.Image:
        """The page as it was made upright for reading, grey, in some size."""
        return self._upright()

    def with_cells_reread(self, findings: Findings, tables: Sequence[Table]) -> Findings:
        """The findings, doubted cells of tables read again; the same where the page was not recognised."""
        if self._read_as is None or findings.engine is not Engine.TESSERACT:
            return findings
        image, models, _ = self._read_as

        blocks = reread(image, findings.blocks, tables, models, self._read_box)
        return findings if blocks == findings.blocks else replace(findings, blocks=blocks)

    def _read_box(self, box: Box, models: tuple[str, ...]) -> Sequence[Word]:
        """A line of the page as it was last read, in its pixels."""
        if self._read_as is None:
            return ()
        image, _, dpi = self._read_as
        return read_cell(image.crop(box), box, models, dpi, self._engine, self._deadline)

    def _read_digits(self, box: Box) -> Sequence[Word]:
        return self._read_box(box, _DIGITS)

    @cached_property
    def _rendered(self) -> RenderedPage:
        return render_page(self._order.path, self._order.media_type, self._order.source_page)

    def _own_text(self) -> tuple[PageText, Trust] | None:
        """What a PDF page says of itself, where that was not to be ignored."""
        if self._order.media_type is not MediaType.PDF or self._order.text_layer is TextLayer.IGNORE:
            return None
        text = read_text_layer(self._order.path, self._order.source_page)
        return text, judge(text)

    def _is_confirmed(self, text: PageText, trust: Trust) -> bool:
        """Whether a sample of the page says the same, where the text cannot be seen."""
        return trust.check is None or agrees(trust, self._read_parts(text, [trust.check]))

    def _read_parts(self, text: PageText, boxes: Sequence[Box]) -> tuple[Block, ...]:
        """What is recognised in these boxes; boxes are pixels of the page."""
        found = self._recognised(only(self._rendered.image, boxes, (text.width, text.height)))
        return moved(found.blocks, found.placement.back)

    def _own(self, text: PageText, blocks: Sequence[Block]) -> Findings:
        """Blocks in pixels of the page, as found on its upright view."""
        placement = Placement.unchanged((text.width, text.height)).turned(text.rotation)
        self._upright = lambda: _turned(self._small_rendering(), text.rotation)
        return Findings(
            blocks=tuple(blocks) if placement.is_the_same else moved(blocks, placement.forward),
            placement=placement,
            engine=Engine.TEXT_LAYER,
            rotation=text.rotation,
            languages=identify("\n".join(map(block_text, blocks)), self._named()),
        )

    def _named(self) -> list[str]:
        """The codes of the languages that the sender named."""
        return [language_of(model).code for model in self._order.languages]

    def _small_rendering(self) -> Image.Image:
        order = self._order
        return render_page(order.path, order.media_type, order.source_page, dpi=_RULES_DPI).image

    def _recognised(self, image: Image.Image) -> Findings:
        """``image`` is the page as rendered, or parts of it."""
        rendered = self._rendered
        prepared = prepare(image, rendered.dpi, rendered.pixel_aspect)
        image_to_read = LegibleImage(prepared.image, prepared.text_height)
        reading = recognise(image_to_read, prepared.dpi, self._order.languages, self._engine, self._deadline)
        rotation, models = reading.approach.rotation, reading.approach.models
        upright = image_to_read.turned(rotation)
        self._upright = lambda: upright
        blocks = reading.blocks
        legible = image_to_read.seen(rotation, models)
        self._read_as = (legible, models, prepared.dpi)
        if self._second is not None:
            blocks = improve(legible, blocks, models, self._second, self._deadline)
        blocks = without_noise(calibrate(blocks))
        if prepared.text_height is not None:
            blocks = with_page_numbers(legible, prepared.text_height, blocks, self._read_digits)
        page = Placement.unchanged((rendered.width, rendered.height)).resized(image.size)
        return Findings(
            blocks=with_bullets(upright, blocks),
            placement=page.then(prepared.placement).turned(rotation),
            engine=Engine.TESSERACT,
            rotation=rotation,
            languages=reading.languages,
        )


def _turned(image: Image.Image, rotation: int) -> Image.Image:
    return image.rotate(-rotation, expand=True) if rotation else image
