"""Parts of a page's picture, for readers that are to see nothing else."""

from collections.abc import Iterable

from PIL import Image

from common.document import geometry
from common.document.geometry import Box


def only(image: Image.Image, boxes: Iterable[Box], page_size: tuple[int, int]) -> Image.Image:
    """``image`` (mode L or RGB) with white for all that lies outside the boxes.

    They are pixels of the page of ``page_size``, of which ``image`` may be a reduction.
    """
    factors = image.width / page_size[0], image.height / page_size[1]
    page = Image.new(image.mode, image.size, "white")
    for box in boxes:
        place = geometry.clip(geometry.scale(box, *factors), *image.size)
        page.paste(image.crop(place), place[:2])
    return page
