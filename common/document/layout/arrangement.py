"""From what a reader found to blocks in reading order."""

from collections.abc import Iterable, Sequence

from common.document.geometry import Box, union
from common.document.layout.columns import regions
from common.document.layout.margins import margins
from common.document.layout.paragraphs import Paragraph, paragraphs
from common.document.layout.pieces import Piece, pieces, view_of
from common.document.layout.roles import Cast, casts
from common.document.layout.rows import Row, rows
from common.document.page import Block, Role


def arrange(blocks: Sequence[Block], width: int, height: int) -> tuple[Block, ...]:
    """The blocks of an upright page of ``width`` × ``height`` pixels, in reading order, with their roles.

    ``blocks`` are paragraphs or single lines, in whatever order. Every word comes back as it was, in
    its line (parts of a line that belong to two columns are parted, lines that stand on one row are
    joined). Blocks that are tables, formulas and figures stay whole.
    """
    view = view_of(blocks, width)
    page = view(Box(0, 0, width, height))
    found = pieces(blocks, view)
    if not found:
        return ()
    told = any(len(block.lines) > 1 for block in blocks)
    body_em = _body_em(found)
    parts = margins(found, page.y1 - page.y0, body_em)
    flow = [paragraphs(rows(region), told) for region in regions(parts.body)]
    arranged = (
        _block(paragraph, cast)
        for region, roles in zip(flow, casts(flow, body_em), strict=True)
        for paragraph, cast in zip(region, roles, strict=True)
    )
    return (*_furniture(parts.header, Role.HEADER), *arranged, *_furniture(parts.footer, Role.FOOTER))


def _body_em(found: Iterable[Piece]) -> float:
    """The font size of most letters."""
    sizes = sorted((piece.em, len(piece.text)) for piece in found if piece.whole is None)
    half = sum(length for _, length in sizes) / 2
    for em, length in sizes:
        half -= length
        if half <= 0:
            return em
    return 1.0


def _block(paragraph: Paragraph, cast: Cast) -> Block:
    whole = paragraph.rows[0].pieces[0].whole
    return whole if whole is not None else _block_of(paragraph.rows, cast)


def _block_of(of: Sequence[Row], cast: Cast) -> Block:
    lines = tuple(row.line for row in of)
    return Block(lines, union(line.bbox for line in lines), cast.role, cast.level)


def _furniture(of: Iterable[Row], role: Role) -> Iterable[Block]:
    return (_block_of((row,), Cast(role)) for row in of)
