"""The places of tokens that the witness has seen: its own boxes, cut where it took several words for one."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from common.document.direction import is_right_to_left
from common.document.geometry import Box, union
from workers.ocr_vlm.grounding.agreement import agreement
from workers.ocr_vlm.grounding.comparable import folded, widths
from workers.ocr_vlm.grounding.matching import Match
from workers.ocr_vlm.grounding.placed_word import PlacedWord
from workers.ocr_vlm.grounding.tokens import Seen, Token, split


class _Touch(NamedTuple):
    """The part of a seen word, by its characters, that a token has."""

    seen: int
    start: int
    end: int


def witnessed(match: Match, tokens: Sequence[Token], seen: Sequence[Seen]) -> list[PlacedWord]:
    """One word for each token of the match; two of one that a line's end parts."""
    ours = tokens[match.start : match.end]
    theirs = seen[match.first : match.last]
    if len(ours) == 1 and len({each.line for each in theirs}) == 1:
        return [_word(match.start, ours[0], theirs, union(each.bbox for each in theirs))]
    landing = _landing("".join(token.key for token in ours), "".join(each.key for each in theirs))
    starts = list(accumulate((len(token.key) for token in ours), initial=0))
    touches = _touches(starts, landing, theirs)
    owners = Counter(touch.seen for of_token in touches for touch in of_token)
    found: list[PlacedWord] = []
    for at, (token, touched) in enumerate(zip(ours, touches, strict=True)):
        whole = [_Touch(t.seen, 0, len(theirs[t.seen].key)) if owners[t.seen] == 1 else t for t in touched]
        found += _fragments(match.start + at, token, whole, theirs, landing[starts[at] : starts[at + 1]])
    return found


def _landing(ours: str, theirs: str) -> list[int]:
    """For each character of ours, which of theirs stands for it."""
    if len(ours) == len(theirs) and ours == theirs:
        return list(range(len(ours)))
    landing = [-1] * len(ours)
    for step in Levenshtein.opcodes(ours, theirs):
        if step.tag in ("equal", "replace"):
            for at in range(step.src_end - step.src_start):
                landing[step.src_start + at] = step.dest_start + at
    return landing


def _touches(starts: Sequence[int], landing: list[int], theirs: Sequence[Seen]) -> list[list[_Touch]]:
    spans = [[there for there in landing[start:end] if there >= 0] for start, end in pairwise(starts)]
    their_starts = list(accumulate((len(each.key) for each in theirs), initial=0))
    if not all(spans):  # nothing in common: by the share of the characters
        share = their_starts[-1] / starts[-1]
        landing[:] = [min(int(at * share), their_starts[-1] - 1) for at in range(starts[-1])]
        spans = [landing[start:end] for start, end in pairwise(starts)]
    return [
        [
            _Touch(number, max(0, span[0] - start), min(span[-1] + 1, end) - start)
            for number, (start, end) in enumerate(pairwise(their_starts))
            if span[0] < end and span[-1] >= start
        ]
        for span in spans
    ]


def _fragments(
    number: int, token: Token, touched: Sequence[_Touch], theirs: Sequence[Seen], landing: Sequence[int]
) -> list[PlacedWord]:
    """The token line by line."""
    lines: dict[int, list[_Touch]] = {}
    for touch in touched:
        lines.setdefault(theirs[touch.seen].line, []).append(touch)
    if len(lines) == 1 or len(token.text) < 2:
        boxes = [_part(theirs[touch.seen], touch) for touch in touched]
        return [_word(number, token, [theirs[touch.seen] for touch in touched], union(boxes), touched)]
    all_starts = list(accumulate((len(each.key) for each in theirs), initial=0))
    confidence = _confidence(token, [theirs[touch.seen] for touch in touched], touched)
    found = []
    rest, begin = token.text, 0
    for count, parts in enumerate(lines.values(), 1):
        limit = all_starts[parts[-1].seen] + parts[-1].end
        keys = sum(1 for there in landing if there < limit) if count < len(lines) else len(landing)
        text = _first(token.text, keys)[begin:]
        begin += len(text)
        rest = token.text[begin:]
        last = theirs[parts[-1].seen]
        if rest and last.key.endswith("-") and not text.endswith(("-", "\u00ad")):
            text += "-"
        if text:
            box = union(_part(theirs[part.seen], part) for part in parts)
            found.append(PlacedWord(number, text, box, confidence, f"seen {last.line}", last.word))
    return found


def _first(text: str, keys: int) -> str:
    """The beginning of ``text`` that has so many characters when compared."""
    taken = 0
    for at, character in enumerate(text):
        if taken >= keys:
            return text[:at]
        taken += len(folded(character))
    return text


def _part(seen: Seen, touch: _Touch) -> Box:
    before, inner, after = seen.key[: touch.start], seen.key[touch.start : touch.end], seen.key[touch.end :]
    if not before and not after:
        return seen.bbox
    weights = [widths(text) for text in (before, inner, after) if text]
    return split(seen.bbox, weights, is_right_to_left([seen.key]))[1 if before else 0]


def _word(
    number: int, token: Token, theirs: Sequence[Seen], box: Box, touched: Sequence[_Touch] | None = None
) -> PlacedWord:
    confidence = _confidence(token, theirs, touched)
    return PlacedWord(number, token.text, box, confidence, f"seen {theirs[0].line}", theirs[0].word)


def _confidence(token: Token, theirs: Sequence[Seen], touched: Sequence[_Touch] | None) -> float:
    if touched is None:
        text = "".join(each.key for each in theirs)
    else:
        text = "".join(each.key[touch.start : touch.end] for each, touch in zip(theirs, touched, strict=True))
    letters = sum(len(each.key) for each in theirs)
    mean = sum(each.confidence * len(each.key) for each in theirs) / letters
    return agreement(token.key, text, mean)
