"""Lines joined to running text: hyphens at line ends undone, no blanks where a script has none."""

# ruff: noqa: RUF001 - the dashes and quotes of prints

import re
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Final

from common.document.page import Block
from common.document.text import joined, line_text

_HYPHENATED: Final = re.compile(r"(?:^|(?<=\s))(\S*[^\W\d_])[-‐¬⸗\u00ad]$")
_RANGE: Final = re.compile(r"\d[-‐–]$")
_SOFT_HYPHEN: Final = "\u00ad"
# "Ein- und Ausgang", "pre- and post-war": the hyphen stands for a word left out.
_CONJUNCTIONS: Final = frozenset({"und", "oder", "bzw.", "and", "or", "et", "ou"})


def flowing_text(block: Block, known: Collection[str] = ()) -> str:
    """The block's lines as one; ``known`` words are not joined to others ("well-known")."""
    lines = [text for line in block.lines if (text := line_text(line).strip())]
    parts = [_as_before(upper, lower, known) for upper, lower in pairwise(lines)]
    return "".join((*parts, *lines[-1:])).replace(_SOFT_HYPHEN, "")


def _as_before(text: str, following: str, known: Collection[str]) -> str:
    """``text`` as the ``following`` line is put to it: with a blank, without one, or without its hyphen."""
    cut = _HYPHENATED.search(text.rsplit(maxsplit=1)[-1])
    first = following.split(maxsplit=1)[0]
    if cut is None and _RANGE.search(text) and first[0].isdigit():
        return text
    if cut is None or first in _CONJUNCTIONS:
        return text + joined((text[-1], first[0]))[1:-1]
    if not first[0].isalpha() or first[0].isupper() or _is_compound(cut[1], first, known):
        return text
    return text[:-1]


def _is_compound(start: str, end: str, known: Collection[str]) -> bool:
    """ "state-of-the-" goes on with its hyphens, and so does a word that the page has elsewhere."""
    return "-" in start.strip("-") or f"{start}-{_bare(end)}".casefold() in known


def hyphenated_words(texts: Iterable[str]) -> frozenset[str]:
    """The words with a hyphen inside, as :func:`flowing_text` wants to know them."""
    return frozenset(bare.casefold() for text in texts if "-" in (bare := _bare(text))[1:-1])


def _bare(text: str) -> str:
    return text.strip(".,;:!?\"'“”‘’()[]«»")
