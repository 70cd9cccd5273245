"""What becomes of the text that a page of a PDF has of its own, by who read the page's words."""

from enum import Enum, auto
from pathlib import Path

from common.adapters.rendering import forget_document
from common.adapters.text_layer import read_text_layer
from common.document.page import Engine, Page, Word
from common.document.text import words
from common.document.text_layer import LayerWord
from common.errors import PageTooLarge, PageUnreadable


class Stays(Enum):
    """``PAINTED``: what is invisible goes."""

    ALL = auto()
    PAINTED = auto()
    NOTHING = auto()


def what_stays(source: Path, source_page: int, page: Page) -> Stays:
    """Of a page without any word of its own that was read anew, or found blank: nothing.

    Where only some words are the page's own, invisible ones go if none of them was believed.
    """
    own = {(word.text, word.bbox) for word in words(page.blocks) if not is_read(word, page)}
    read = any(is_read(word, page) for word in words(page.blocks))
    if not own and (read or page.engine is not Engine.TEXT_LAYER):
        return Stays.NOTHING
    if not read:
        return Stays.ALL
    hidden = {(word.text, word.bbox) for word in _layer_words(source, source_page) if word.hidden}
    return Stays.PAINTED if hidden and not hidden & own else Stays.ALL


def is_read(word: Word, page: Page) -> bool:
    """Whether it was recognised, and is not the page's own."""
    return (word.engine or page.engine) is not Engine.TEXT_LAYER


def _layer_words(source: Path, source_page: int) -> tuple[LayerWord, ...]:
    """None of a page that cannot be read now."""
    try:
        return read_text_layer(source, source_page).words
    except (PageTooLarge, PageUnreadable):
        return ()
    finally:
        forget_document()
