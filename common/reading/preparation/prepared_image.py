"""A page's image made ready for Tesseract: evenly lit, its text of a good height, level, with room around."""

from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np
from PIL import Image

from common.document.geometry import Placement
from common.reading.preparation import illumination, specks
from common.reading.preparation.glyphs import Glyphs, find_glyphs, is_dark
from common.reading.preparation.skew import skew_degrees
from common.reading.preparation.text_height import line_extent, text_height

# Heights of a letter as text_height measures them, in pixels. Between the outer ones nothing is gained.
_SMALL_TEXT: Final = 15.0
_ENLARGED_TEXT: Final = 20.0
_LARGE_TEXT: Final = 48.0
_REDUCED_TEXT: Final = 32.0
_MOST_ENLARGED: Final = 4.0
_MOST_PIXELS: Final = 25_000_000  # of an enlarged image
_LONGEST_SIDE: Final = 32_000  # Tesseract's coordinates have 16 bits
_MOST_GROWN: Final = 1.6  # times: a sheet of paper that is straightened by 15 degrees

_STURDY_TEXT: Final = 12.0  # its strokes and points are more than single pixels

_LEVEL_DEGREES: Final = 1.2  # Tesseract follows such slopes by itself, and turning blurs

_FEW_GLYPHS: Final = 4  # a word
_FEW_GLYPHS_OF_A_PAGE: Final = 60  # fewer small ones, on so large an image, are grain
_PAGE_PIXELS: Final = 1_000_000

_FEW_LINES: Final = 3.5  # text heights: a lower image holds a line, or two that were cut out tightly
_LINE_EXTENT: Final = 36.0  # pixels: what Tesseract's networks take a line at
_BORDER_PX: Final = 6

_SAMPLED: Final = 4  # every fourth pixel tells the level of the paper

_USUAL_DPI: Final = 300  # of text of a good height; photographed pages are read worst with less
_USUAL_TEXT: Final = 22.0  # the height of 11 point text at that
_CREDIBLE_SHARE: Final = 2.5  # the size of print makes no more difference than that, nor its reciprocal


@dataclass(frozen=True, slots=True)
class Prepared:
    """``image`` (mode L) to be read at ``dpi``; ``placement`` leads back to the image as rendered.

    ``text_height``: of letters without ascenders, in pixels of ``image``; None where it has none.
    """

    image: Image.Image
    dpi: int
    placement: Placement
    text_height: float | None = None


def prepare(image: Image.Image, dpi: int | None, pixel_aspect: float = 1.0) -> Prepared:
    """``image`` (mode L) as Tesseract reads it best; itself where there is nothing to better.

    ``dpi`` is what the file tells, None where it does not; ``pixel_aspect`` is how many times as high as
    wide its pixels are. Quarter turns are not looked for.
    """
    prepared = _squared(Prepared(image, dpi or _USUAL_DPI, Placement.unchanged(image.size)), pixel_aspect)
    image = prepared.image
    glyphs = find_glyphs(image)
    height = _height(glyphs, image.size)
    if height is None:
        return prepared
    if image.height < _FEW_LINES * height:
        return _prepared_lines(prepared, glyphs, height)
    prepared = _cleaned(prepared, glyphs, height)
    prepared = _resized(prepared, _scale(height))
    factor = prepared.image.width / image.width
    prepared = replace(prepared, dpi=_credible_dpi(dpi, height, factor), text_height=height * factor)
    skew = skew_degrees(glyphs, height)
    return prepared if skew is None or abs(skew) < _LEVEL_DEGREES else _straightened(prepared, -skew)


def _prepared_lines(prepared: Prepared, glyphs: Glyphs, height: float) -> Prepared:
    """A line, or two, without paper around it: Tesseract takes its ink for a picture's or a rule's."""
    extent = line_extent(glyphs, height)
    if extent is None:
        return _framed(_resized(prepared, _scale(height)), 2 * _BORDER_PX)
    return _framed(_resized(prepared, _LINE_EXTENT / extent), _BORDER_PX)


def _cleaned(prepared: Prepared, glyphs: Glyphs, height: float) -> Prepared:
    """Free of what keeps Tesseract from parting ink and paper; pages that it reads as they are stay so."""
    image = prepared.image
    if not is_dark(np.asarray(image)):  # what is known of light is of dark ink on light paper
        ground = illumination.ground(image, height)
        if illumination.is_uneven(ground, glyphs, image.size):
            image = illumination.evened(image, ground)
    if height >= _STURDY_TEXT and specks.has_specks(image):
        image = specks.without_specks(image)
    return replace(prepared, image=image)


def _height(glyphs: Glyphs, size: tuple[int, int]) -> float | None:
    """The text's; None where there is none, and where what looks like small print is too little of it."""
    height = text_height(glyphs, _FEW_GLYPHS)
    small = height is not None and height < _SMALL_TEXT
    grain = small and len(glyphs) < _FEW_GLYPHS_OF_A_PAGE and size[0] * size[1] > _PAGE_PIXELS
    return None if grain else height


def _scale(height: float) -> float:
    """The factor that brings text of this height to one that Tesseract reads well; 1 where it is."""
    if height > _LARGE_TEXT:
        return _REDUCED_TEXT / height
    if height >= _SMALL_TEXT:
        return 1.0
    return min(_ENLARGED_TEXT / height, _MOST_ENLARGED)


def _credible_dpi(dpi: int | None, height: float, factor: float) -> int:
    """The resized image's resolution; the usual one where print would be of an absurd size by the file's."""
    told = (dpi or 0) * factor
    by_text = height * factor / _USUAL_TEXT * _USUAL_DPI
    credible = by_text / _CREDIBLE_SHARE <= told <= by_text * _CREDIBLE_SHARE
    return round(told) if credible else _USUAL_DPI


def _squared(prepared: Prepared, pixel_aspect: float) -> Prepared:
    """A fax of more pixels to the inch across than down, or the other way round, as it was meant."""
    return _resized(prepared, max(1.0, 1 / pixel_aspect), max(1.0, pixel_aspect))


def _resized(prepared: Prepared, across: float, down: float | None = None) -> Prepared:
    """By these factors, or by smaller ones of the same ratio where it would grow too large."""
    down = across if down is None else down
    width, height = prepared.image.size
    room = _room(prepared.image.size, (width * across, height * down))
    size = (max(1, round(width * across * room)), max(1, round(height * down * room)))
    if size == prepared.image.size:
        return prepared
    image = prepared.image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return replace(prepared, image=image, placement=prepared.placement.resized(size))


def _room(size: tuple[int, int], wanted: tuple[float, float]) -> float:
    """By how much less an image must grow; 1 where it may be of the size ``wanted``."""
    most = max(_MOST_PIXELS, size[0] * size[1])
    return min(1.0, sqrt(most / (wanted[0] * wanted[1])), _LONGEST_SIDE / max(wanted))


def _straightened(prepared: Prepared, degrees: float) -> Prepared:
    """As it is where turning would make it too large, as it does with strips."""
    turn = Placement.unchanged(prepared.image.size).straightened(degrees)
    width, height = turn.target
    most = max(_MOST_PIXELS, _MOST_GROWN * prepared.image.width * prepared.image.height)
    if width * height > most or max(turn.target) > _LONGEST_SIDE:
        return prepared
    image = prepared.image.transform(
        turn.target,
        Image.Transform.AFFINE,
        turn.mapping.inverse(),
        resample=Image.Resampling.BICUBIC,
        fillcolor=_ground(prepared.image),
    )
    return replace(prepared, image=image, placement=prepared.placement.then(turn))


def _framed(prepared: Prepared, border: int) -> Prepared:
    placement = prepared.placement.framed(border)
    image = Image.new("L", placement.target, _ground(prepared.image))
    image.paste(prepared.image, (border, border))
    return replace(prepared, image=image, placement=placement)


def _ground(image: Image.Image) -> int:
    """The level of the paper: the usual one."""
    return int(np.median(np.asarray(image)[::_SAMPLED, ::_SAMPLED]))
