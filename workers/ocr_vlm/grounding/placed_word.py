"""A word of the model with its place on the page."""

from dataclasses import dataclass

from common.document.geometry import Box


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """``token`` is the number of the token that it is, or is part of.

    ``line`` and ``word`` are the same of words that the witness has on one line, and in one word; both None
    where it has none. ``is_found``: there is something at its place.
    """

    token: int
    text: str
    bbox: Box
    confidence: float
    line: str | None = None
    word: int | None = None
    is_found: bool = True
