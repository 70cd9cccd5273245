"""The paper that pages would be printed on."""

from typing import Final, NamedTuple

from common.document.page import Page
from workers.export.formats.word.markup import Element, element

_MARGIN: Final = 1134  # twips: 2 cm
_LETTER_RATIOS: Final = (1.2, 1.35)  # height by width: 1.29 of US Letter, 1.41 of A4
_WIDE: Final = 1.1


class Paper(NamedTuple):
    """In twips."""

    width: int
    height: int

    @property
    def text_width(self) -> int:
        return self.width - 2 * _MARGIN

    def turned(self, *, wide: bool) -> "Paper":
        return Paper(*sorted(self, reverse=wide))


A4: Final = Paper(11906, 16838)
_LETTER: Final = Paper(12240, 15840)


def paper_of(page: Page) -> Paper:
    """A4 or US Letter, upright; pages have pixels alone, and no size to be had."""
    least, most = _LETTER_RATIOS
    ratio = max(page.width, page.height) / max(1, min(page.width, page.height))
    return _LETTER if least < ratio < most else A4


def is_wide(page: Page) -> bool:
    """Whether the page lies on its long side, for reading."""
    width, height = upright_size(page)
    return width > _WIDE * height


def upright_size(page: Page) -> tuple[int, int]:
    return (page.width, page.height) if page.rotation % 180 == 0 else (page.height, page.width)


def section(paper: Paper) -> Element:
    """A ``w:sectPr``."""
    turned = {"orient": "landscape"} if paper.width > paper.height else {}
    sides = dict.fromkeys(("top", "right", "bottom", "left"), _MARGIN)
    return element(
        "sectPr",
        element("pgSz", w=paper.width, h=paper.height, **turned),
        element("pgMar", **sides, header=_MARGIN // 2, footer=_MARGIN // 2, gutter=0),
    )
