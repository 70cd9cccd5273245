"""From what an engine read to a page: where its words are on the page."""

from dataclasses import replace

from common.document import geometry
from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Page, Word
from workers.ocr_cpu.approach import Reading

Size = tuple[int, int]


def page(reading: Reading, image_size: Size, page_size: Size) -> Page:
    """The reading of an upright image of ``image_size`` as the page of ``page_size`` that it shows."""
    return Page(
        width=page_size[0],
        height=page_size[1],
        engine=Engine.TESSERACT,
        blocks=tuple(
            _placed(block, reading.approach.rotation, image_size, page_size) for block in reading.blocks
        ),
        rotation=reading.approach.rotation,
    )


def _placed(block: Block, rotation: int, image_size: Size, page_size: Size) -> Block:
    def place(box: Box) -> Box:
        return _on_page(box, rotation, image_size, page_size)

    def place_word(word: Word) -> Word:
        return replace(word, bbox=place(word.bbox))

    def place_line(line: Line) -> Line:
        return Line(tuple(map(place_word, line.words)), place(line.bbox))

    return replace(block, lines=tuple(map(place_line, block.lines)), bbox=place(block.bbox))


def _on_page(box: Box, rotation: int, image_size: Size, page_size: Size) -> Box:
    width, height = image_size
    turned = (height, width) if rotation in (90, 270) else (width, height)
    box = geometry.rotate(box, -rotation, *turned)
    box = geometry.scale(box, page_size[0] / width, page_size[1] / height)
    return geometry.clip(box, *page_size)
