"""What a PDF page says of its own text: words with boxes, whether they are to be seen, and what else is."""

from dataclasses import dataclass

from common.document.geometry import Box


@dataclass(frozen=True, slots=True)
class LayerWord:
    """``text`` is in logical order (NFC, ligatures expanded).

    ``font`` tells the page's fonts apart. ``mapped``: the file says which characters the glyphs are;
    otherwise ``text`` is a guess. ``hidden``: something is seen in the box, but it is not this word
    that is painted there (invisible text, as over scans, or text below a picture).
    """

    text: str
    bbox: Box
    font: int = 0
    mapped: bool = True
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class PageText:
    """The text layer of a page of ``width`` by ``height`` pixels; all boxes are pixels of that page.

    ``lines`` are in content order, without words of which nothing is seen (outside the page, clipped,
    white on white). ``unexplained`` are rows of what looks like text outside the words that are not
    hidden; ``images`` the pictures on the page. ``rotation`` is the clockwise turn in degrees (0, 90,
    180, 270) that makes most of the text upright.
    """

    width: int
    height: int
    lines: tuple[tuple[LayerWord, ...], ...] = ()
    unexplained: tuple[Box, ...] = ()
    images: tuple[Box, ...] = ()
    rotation: int = 0

    @property
    def words(self) -> tuple[LayerWord, ...]:
        return tuple(word for line in self.lines for word in line)
