"""A line of ink, as image analysis sees it: where something is written, not what."""

from dataclasses import dataclass

from common.document.geometry import Box


@dataclass(frozen=True, slots=True)
class InkLine:
    """``pieces`` are letters or parts of words, from left to right; pixels of the upright view."""

    bbox: Box
    pieces: tuple[Box, ...]
