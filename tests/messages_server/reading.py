"""What is written on a picture, by Tesseract."""

import hashlib
import io
import os
import threading
from dataclasses import dataclass

import pytesseract
from PIL import Image


@dataclass(frozen=True, slots=True)
class Paragraph:
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Reader:
    """Remembers what it has read, so that a picture that comes again costs nothing."""

    def __init__(self, languages: str) -> None:
        self._languages = languages
        self._known: dict[str, tuple[Paragraph, ...]] = {}
        self._one_at_a_time = threading.Semaphore(2)
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")

    def paragraphs(self, image: bytes) -> tuple[Paragraph, ...]:
        digest = hashlib.sha256(image).hexdigest()
        if digest not in self._known:
            with self._one_at_a_time:
                self._known[digest] = _read(image, self._languages)
        return self._known[digest]


def _read(image: bytes, languages: str) -> tuple[Paragraph, ...]:
    table = pytesseract.image_to_data(
        Image.open(io.BytesIO(image)).convert("RGB"), languages, output_type=pytesseract.Output.DICT
    )
    paragraphs: dict[tuple[int, int], dict[int, list[str]]] = {}
    for block, paragraph, line, word in zip(
        table["block_num"], table["par_num"], table["line_num"], table["text"], strict=True
    ):
        if word.strip():
            paragraphs.setdefault((block, paragraph), {}).setdefault(line, []).append(word)
    return tuple(
        Paragraph(tuple(" ".join(words) for words in lines.values())) for lines in paragraphs.values()
    )
