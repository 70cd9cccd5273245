"""The straight lines that are drawn on a page, found in its image with OpenCV."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from common.document.geometry import Box
from common.document.page import Word
from common.document.places import Places

_ENOUGH_PIXELS: Final = 2_600_000  # A4 at 150 dpi has 2.2 million: thin lines are still there
_STROKE_PX: Final = 9  # anything thinner is a stroke; what is thicker is an area
_CONTRAST: Final = 45  # grey levels between a line and what is beside it
# In text heights: letters are shorter than these.
_SHORTEST_HORIZONTAL: Final = 2.5
_SHORTEST_VERTICAL: Final = 1.3
_SURELY_UPRIGHT: Final = 4
_MOST_RULES: Final = 3_000  # more are hatching or a screened picture, and dear to compare with words
_BARS: Final = "|\u00a6[]!"


@dataclass(frozen=True, slots=True)
class Rules:
    """Thin boxes in page pixels."""

    horizontal: tuple[Box, ...] = ()
    vertical: tuple[Box, ...] = ()


NO_RULES: Final = Rules()


def rules_in(image: Image.Image, page_size: tuple[int, int], text_height: float) -> Rules:
    """The rules of the page that ``image`` shows in any size; ``text_height`` is in page pixels.

    None at all where there are too many to be those of tables.
    """
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    grey = image.convert("L")
    while grey.width * grey.height > _ENOUGH_PIXELS:
        grey = grey.reduce(2)
    factors = page_size[0] / grey.width, page_size[1] / grey.height
    size = text_height / factors[1]
    pixels = np.asarray(grey)
    hat = cv2.morphologyEx(pixels, cv2.MORPH_BLACKHAT, np.ones((_STROKE_PX, _STROKE_PX), np.uint8))
    strokes = (hat > _CONTRAST).astype(np.uint8)
    across = _joined(_runs(strokes, max(12, round(size * _SHORTEST_HORIZONTAL)), 1), size, along=0)
    upright = _joined(_runs(strokes, 1, max(8, round(size * _SHORTEST_VERTICAL))), size, along=1)
    if len(across) + len(upright) > _MOST_RULES:
        return NO_RULES
    return Rules(tuple(_on_page(across, factors)), tuple(_on_page(upright, factors)))


def without_ink(rules: Rules, words: Iterable[Word], text_height: float) -> Rules:
    """Without what is part of letters: inside a word, or upright, short and away from any rule across."""
    known = Places(word.bbox for word in words)
    slack = max((_slack(box) for box in known.boxes), default=0.0)
    across = tuple(
        rule
        for rule in rules.horizontal
        if not any(_is_within(rule, box) for box in known.boxes_near(rule, slack))
    )
    known_across = Places(across)
    upright = tuple(
        rule
        for rule in rules.vertical
        if rule.y1 - rule.y0 > _SURELY_UPRIGHT * text_height
        or (
            any(
                _ends_at(rule, other, text_height / 3)
                for other in known_across.boxes_near(rule, text_height / 3)
            )
            and not any(_is_stem(rule, box) for box in known.boxes_near(rule))
        )
    )
    return Rules(across, upright)


def without_read_rules(words: Iterable[Word], rules: Rules) -> list[Word]:
    """Without rules that a reader took for letters: a bar where an upright rule is."""
    upright = Places(rules.vertical)
    return [
        word
        for word in words
        if word.text.strip(_BARS)
        or not any(_touches(rule, word.bbox) for rule in upright.boxes_near(word.bbox))
    ]


def _touches(upright: Box, word: Box) -> bool:
    beside = upright.x0 <= word.x1 and word.x0 <= upright.x1
    return beside and upright.y0 < word.y1 and word.y0 < upright.y1


def _slack(word: Box) -> float:
    return (word.y1 - word.y0) / 4


def _is_within(rule: Box, word: Box) -> bool:
    slack = _slack(word)
    return (
        word.x0 - slack <= rule.x0
        and rule.x1 <= word.x1 + slack
        and word.y0 - slack <= rule.y0
        and rule.y1 <= word.y1 + slack
    )


def _is_stem(upright: Box, word: Box) -> bool:
    """A letter's stem: little longer than the word around it is high."""
    height = word.y1 - word.y0
    shared = min(upright.y1, word.y1) - max(upright.y0, word.y0)
    is_inside = word.x0 <= upright.x0 and upright.x1 <= word.x1
    return is_inside and upright.y1 - upright.y0 < 2 * height and 2 * shared > height


def _ends_at(upright: Box, across: Box, slack: float) -> bool:
    middle = (across.y0 + across.y1) / 2
    meets = across.x0 - slack <= upright.x0 and upright.x1 <= across.x1 + slack
    return meets and upright.y0 - slack <= middle <= upright.y1 + slack


def _runs(strokes: Any, width: int, height: int) -> list[Box]:
    """Straight runs at least so wide and high, a pixel of slope or roughness allowed."""
    import cv2
    import numpy as np

    thicker = np.ones((3, 1) if width > height else (1, 3), np.uint8)
    opened = cv2.morphologyEx(
        cv2.dilate(strokes, thicker), cv2.MORPH_OPEN, np.ones((height, width), np.uint8)
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    boxes = [Box(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[1:]]
    return [box for box in boxes if _is_thin(box)]


def _is_thin(box: Box) -> bool:
    width, height = box.x1 - box.x0, box.y1 - box.y0
    return min(width, height) <= _STROKE_PX + 2 and max(width, height) > 3 * min(width, height)


def _joined(boxes: list[Box], size: float, along: int) -> list[Box]:
    """Pieces of one line, as a slope or a crossing letter leaves them, as one; ``along`` 0 is across."""
    joined: list[Box] = []
    reaching: list[int] = []  # of those, up to where a box may go on with them
    for box in sorted(boxes, key=lambda each: each[along]):
        reaching = [index for index in reaching if box[along] - joined[index][along + 2] <= size / 2]
        for index in reaching:
            known = joined[index]
            off = abs((box[1 - along] + box[3 - along]) - (known[1 - along] + known[3 - along])) / 2
            if off <= 3:
                joined[index] = Box(
                    min(known.x0, box.x0),
                    min(known.y0, box.y0),
                    max(known.x1, box.x1),
                    max(known.y1, box.y1),
                )
                break
        else:
            reaching.append(len(joined))
            joined.append(box)
    return joined


def _on_page(boxes: Iterable[Box], factors: tuple[float, float]) -> Iterable[Box]:
    fx, fy = factors
    return (
        Box(round(box.x0 * fx), round(box.y0 * fy), round(box.x1 * fx), round(box.y1 * fy)) for box in boxes
    )
