"""Lines that a second reader found on a page, put among the blocks that the first one read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from common.document.geometry import Box, union
from common.document.page import Block, Line, Word

Merge = Callable[[Sequence[Word], Sequence[Word]], Sequence[Word]]
Keep = Callable[[Word], bool]


def placed(blocks: Sequence[Block], found: Sequence[Line], merge: Merge, keep: Keep) -> tuple[Block, ...]:
    """The blocks with the ``found`` lines merged into them, and new blocks for lines without counterpart.

    A word of the blocks belongs to the found line that its centre lies in; one in none of them stays
    where ``keep`` says so.
    """
    owners = _owners(blocks, found)
    homes: dict[tuple[int, int], list[Sequence[Word]]] = {}
    strangers: list[Line] = []
    for number, line in enumerate(found):
        ours = owners.get(number, [])
        if not ours:
            strangers.append(line)
            continue
        home = max((place for place, _ in ours), key=lambda place: sum(p == place for p, _ in ours))
        words = sorted((word for _, word in ours), key=lambda word: word.bbox.x0)
        homes.setdefault(home, []).append(merge(words, line.words))
    taken = {id(word) for ours in owners.values() for _, word in ours}
    rebuilt = []
    for at, block in enumerate(blocks):
        lines: list[Line] = []
        for row, line in enumerate(block.lines):
            rest = [word for word in line.words if id(word) not in taken and keep(word)]
            lines += _rows([*homes.get((at, row), []), *([rest] if rest else [])])
        if lines:
            rebuilt.append(replace(block, lines=tuple(lines), bbox=union(each.bbox for each in lines)))
    return _with_strangers(rebuilt, strangers)


def _owners(blocks: Sequence[Block], found: Sequence[Line]) -> dict[int, list[tuple[tuple[int, int], Word]]]:
    """For each found line, by its number, the words in it and the (block, line) that they come from."""
    owners: dict[int, list[tuple[tuple[int, int], Word]]] = {}
    for at, block in enumerate(blocks):
        for row, line in enumerate(block.lines):
            for word in line.words:
                number = _owner(word.bbox, found)
                if number is not None:
                    owners.setdefault(number, []).append(((at, row), word))
    return owners


def _owner(box: Box, found: Sequence[Line]) -> int | None:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    around = [
        (abs((line.bbox.y0 + line.bbox.y1) / 2 - y), number)
        for number, line in enumerate(found)
        if line.bbox.x0 <= x <= line.bbox.x1 and line.bbox.y0 <= y <= line.bbox.y1
    ]
    return min(around)[1] if around else None


def _rows(parts: Sequence[Sequence[Word]]) -> list[Line]:
    """Parts side by side become one line, parts below each other stay apart."""
    rows: list[list[Word]] = []
    for part in sorted((part for part in parts if part), key=lambda part: _middle(_box(part))):
        if rows and _side_by_side(_box(rows[-1]), _box(part)):
            rows[-1] += part
        else:
            rows.append(list(part))
    return [_line(row) for row in rows]


def _line(words: Iterable[Word]) -> Line:
    ordered = tuple(sorted(words, key=lambda word: word.bbox.x0))
    return Line(ordered, _box(ordered))


def _with_strangers(blocks: Sequence[Block], strangers: Sequence[Line]) -> tuple[Block, ...]:
    """Each where it follows its neighbour: at the end of a line it continues, else after what is above."""
    ordered = list(blocks)
    for line in strangers:
        _add(ordered, line)
    return tuple(ordered)


def _add(blocks: list[Block], line: Line) -> None:
    for at, block in enumerate(blocks):
        for row, other in enumerate(block.lines):
            if _side_by_side(other.bbox, line.bbox) and _gap(other.bbox, line.bbox) <= _reach(other.bbox):
                lines = list(block.lines)
                lines[row] = _line([*other.words, *line.words])
                blocks[at] = replace(block, lines=tuple(lines), bbox=union(each.bbox for each in lines))
                return
    above = [at for at, block in enumerate(blocks) if _middle(block.bbox) <= _middle(line.bbox)]
    blocks.insert(above[-1] + 1 if above else 0, Block((line,), line.bbox))


def _side_by_side(one: Box, other: Box) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > 0.5 * min(one.y1 - one.y0, other.y1 - other.y0)


def _gap(one: Box, other: Box) -> int:
    return max(other.x0 - one.x1, one.x0 - other.x1)


def _reach(box: Box) -> float:
    """How far from a line its next word may be."""
    return 3.0 * (box.y1 - box.y0)


def _middle(box: Box) -> float:
    return (box.y0 + box.y1) / 2


def _box(words: Iterable[Word]) -> Box:
    return union(word.bbox for word in words)
