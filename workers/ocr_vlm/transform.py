"""From a model's words in a page's upright view to the page as it was sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import langcodes
from langcodes.tag_parser import LanguageTagError

from common.document.page import Block, Engine, Page, Role, Table
from common.document.text import block_text
from common.reading.findings import Findings, moved, moved_table


def page(
    blocks: Sequence[Block], tables: Sequence[Table], witness: Findings, *, tables_first: bool = False
) -> Page:
    """``blocks`` in reading order and ``tables``, one for each block of that role, in the witness's view."""
    placement = witness.placement
    width, height = placement.source
    placed = moved((_known(block) for block in blocks), placement.back)
    if tables_first:
        placed = tuple(sorted(placed, key=lambda block: block.role is not Role.TABLE))
    return Page(
        width=width,
        height=height,
        engine=Engine.VLM,
        blocks=placed,
        tables=tuple(moved_table(table, placement.back) for table in tables),
        rotation=witness.rotation,
        detected_languages=_languages(placed) or witness.languages,
    )


def _known(block: Block) -> Block:
    """With its language in the form that codes have here, or none."""
    return replace(block, language=_tag(block.language))


def _tag(code: str) -> str:
    try:
        tag = langcodes.get(code) if code else None
    except (LookupError, LanguageTagError):
        return ""
    return str(tag.to_tag()) if tag and tag.is_valid() and tag.language not in (None, "und") else ""


def _languages(blocks: Sequence[Block]) -> tuple[str, ...]:
    """Those of the blocks, by how much is written in them."""
    characters = Counter[str]()
    for block in blocks:
        if block.language:
            characters[block.language] += len(block_text(block))
    return tuple(language for language, _ in characters.most_common())
