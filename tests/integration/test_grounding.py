"""Grounding on drawn pages that the real reader is the witness of: what a model says of them is the truth
disturbed as models do, with words, sentences, paragraphs and numbers that are not there.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from common.adapters.tesseract_data import tessdata_folder
from common.contracts.tasks import MediaType
from common.document.page import Block, Role, Word
from common.reading.engines import in_process
from common.reading.findings import Findings, moved
from common.reading.page_order import PageOrder
from common.reading.page_reader import PageReader
from tests import files
from tests.known_pages import KINDS, Box, KnownPage, KnownWord, known_page
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.grounding import InkLine, ground
from workers.ocr_vlm.ink import ink_lines

NEAR_PX = 4  # at 150 dpi
DOUBTED = 0.3
WORDS = ("Ferdinand", "purportedly", "4,999,123", "not", "approximately", "77", "Wellington", "furthermore")
NAMES = ("Mortimer", "Gutenberg", "Lagos", "Petrova")
SENTENCES = (
    "The director resigned immediately after the vote.",
    "Please note that all figures are preliminary.",
    "A total of 912 units was shipped to Lisbon.",
    "This agreement is void in the state of Nevada.",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the model; ``bbox`` is None of one that was added; ``true``: it is what stands there."""

    text: str
    bbox: Box | None
    true: bool
    before: str = " "


@dataclass(slots=True)
class Tally:
    true: int = 0
    believed: int = 0
    near: int = 0
    planted: int = 0
    doubted: int = 0

    def add(self, said: Said, word: Word) -> None:
        if not said.true:
            self.planted += 1
            self.doubted += word.confidence <= DOUBTED
            return
        assert said.bbox is not None
        self.true += 1
        self.believed += word.confidence > DOUBTED
        self.near += max(abs(a - b) for a, b in zip(word.bbox, said.bbox, strict=True)) <= NEAR_PX


def test_true_words_are_near_the_truth_and_believed_and_planted_ones_are_not() -> None:
    whole = Tally()
    for kind in KINDS:
        tally = tallied(kind)
        print(kind, tally)
        for name in ("true", "believed", "near", "planted", "doubted"):
            setattr(whole, name, getattr(whole, name) + getattr(tally, name))
    print("all", whole)
    assert whole.planted > 100
    assert whole.near >= 0.97 * whole.true
    assert whole.believed >= 0.98 * whole.true
    assert whole.doubted >= 0.97 * whole.planted


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_is_grounded(kind: str) -> None:
    tally = tallied(kind)
    assert tally.near >= 0.95 * tally.true
    assert tally.believed >= 0.95 * tally.true
    assert tally.doubted >= 0.95 * tally.planted


def test_handwriting_that_nobody_read_is_on_its_lines() -> None:
    page = known_page("serif")
    lines = [" ".join(each.text for each in words) for words in by_line(page)]
    answer = PageAnswer(blocks=(BlockAnswer(role=Role.PARAGRAPH, text="\n".join(lines), handwritten=True),))
    blocks, _ = ground(answer, (), ink_lines(page.image), page.image.size)
    found = [word for block in blocks for line in block.lines for word in line.words]
    true = [word for paragraph in page.paragraphs for word in paragraph]
    assert len(blocks[0].lines) == len(lines)
    assert all(word.confidence > DOUBTED for word in found)
    on_line = [abs(word.bbox.y0 - truth.bbox[1]) <= 12 for word, truth in zip(found, true, strict=True)]
    near = [
        max(abs(a - b) for a, b in zip(word.bbox, truth.bbox, strict=True)) <= NEAR_PX
        for word, truth in zip(found, true, strict=True)
    ]
    assert sum(on_line) >= 0.98 * len(true)
    assert sum(near) >= 0.7 * len(true)


@cache
def tallied(kind: str) -> Tally:
    page = known_page(kind)
    findings, ink = seen(page)
    paragraphs = said(page, seed=KINDS.index(kind))
    answer = PageAnswer(
        blocks=tuple(
            BlockAnswer(role=Role.PARAGRAPH, text="".join(word.before + word.text for word in words).strip())
            for words in paragraphs
        )
    )
    blocks, _ = ground(answer, findings.blocks, ink, findings.placement.target)
    tally = Tally()
    for words, block in zip(paragraphs, moved(blocks, findings.placement.back), strict=True):
        for word, found in zip(words, words_of(block), strict=True):
            assert found.text == word.text
            tally.add(word, found)
    return tally


def seen(page: KnownPage) -> tuple[Findings, tuple[InkLine, ...]]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "page.png")
        path.write_bytes(files.png(page.image))
        order = PageOrder(path, MediaType.PNG, 0, ("eng",), tessdata_folder(), 60, second_reader=False)
        reader = PageReader(order, in_process(order.tessdata), None)
        findings = reader.read()
        return findings, ink_lines(reader.upright_image())


def said(page: KnownPage, seed: int) -> list[list[Said]]:
    """Paragraphs in any order, lines joined and quotes turned here and there; and what is not there."""
    chance = random.Random(seed)
    found: list[list[Said]] = []
    for paragraph in chance.sample(page.paragraphs, len(page.paragraphs)):
        words: list[Said] = []
        line = paragraph[0].line
        for word in paragraph:
            before = "\n" if word.line != line and chance.random() < 0.4 else " "
            line = word.line
            words.append(replaced(word.text, word.bbox, before, chance))
            words += planted(chance)
        found.append(words)
        if chance.random() < 0.4:
            found.append([Said(text, None, False) for text in chance.choice(SENTENCES).split()])
    return found


def replaced(text: str, bbox: Box, before: str, chance: random.Random) -> Said:
    """The word; or another number or name in its place."""
    if chance.random() < 0.05 and len(text) > 2:
        if text[0].isdigit():
            other = "".join(str((int(sign) + 3) % 10) if sign.isdigit() else sign for sign in text)
            return Said(other, bbox, False, before)
        if text[0].isupper():
            return Said(chance.choice(NAMES), bbox, False, before)
    return Said(text.replace('"', "\u201d").replace("'", "\u2019"), bbox, True, before)


def planted(chance: random.Random) -> Iterator[Said]:
    kind = chance.random()
    if kind < 0.02:
        yield Said(chance.choice(WORDS), None, False)
    elif kind < 0.028:
        yield from (Said(text, None, False) for text in chance.choice(SENTENCES).split())


def words_of(block: Block) -> Sequence[Word]:
    return [word for line in block.lines for word in line.words]


def by_line(page: KnownPage) -> list[list[KnownWord]]:
    lines: dict[int, list[KnownWord]] = {}
    for paragraph in page.paragraphs:
        for word in paragraph:
            lines.setdefault(word.line, []).append(word)
    return list(lines.values())
