"""Words that are nowhere on the page: put beside their neighbours, and not believed."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from common.document.geometry import Box, Size, clip
from workers.ocr_vlm.grounding.agreement import UNSEEN
from workers.ocr_vlm.grounding.comparable import widths
from workers.ocr_vlm.grounding.free_ink import beside
from workers.ocr_vlm.grounding.placed_word import PlacedWord
from workers.ocr_vlm.grounding.tokens import Token, split


def unfound(
    tokens: Sequence[Token], placed: Mapping[int, Sequence[PlacedWord]], size: Size
) -> dict[int, list[PlacedWord]]:
    """A word for each token that has no place, in the room between those around it."""
    known = sorted(placed)
    found: dict[int, list[PlacedWord]] = {}
    for last, following in pairwise([-1, *known, len(tokens)]):
        run = range(last + 1, following)
        if not run:
            continue
        before = placed[last][-1] if last >= 0 else None
        after = placed[following][0] if following < len(tokens) else None
        room = clip(_room(before, after, size), *size)
        boxes = split(room, [widths(tokens[at].text) for at in run])
        line = _line(tokens, run, before, after)
        for at, box in zip(run, boxes, strict=True):
            found[at] = [PlacedWord(at, tokens[at].text, box, UNSEEN, line, is_found=False)]
    return found


def _line(
    tokens: Sequence[Token], run: range, before: PlacedWord | None, after: PlacedWord | None
) -> str | None:
    """That of the neighbour whose line the run is on for the model, too; else none."""
    if before and tokens[before.token].line == tokens[run[0]].line:
        return before.line
    if after and tokens[after.token].line == tokens[run[-1]].line:
        return after.line
    return None


def _room(last: PlacedWord | None, following: PlacedWord | None, size: Size) -> Box:
    """Between two words: the gap on their line, or a strip behind the one or before the other."""
    before = last.bbox if last else None
    after = following.bbox if following else None
    if before and after and beside(before, after):
        left, right = sorted((before, after))
        return Box(left.x1, before.y0, max(left.x1 + 1, right.x0), before.y1)
    if before:
        width = before.y1 - before.y0
        return Box(before.x1, before.y0, before.x1 + width, before.y1)
    if after:
        return Box(max(0, after.x0 - (after.y1 - after.y0)), after.y0, max(1, after.x0), after.y1)
    return Box(0, 0, *size)
