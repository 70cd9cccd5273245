"""In which languages a page is written, by what was read of it."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from common.adapters.language_identification import identify
from common.document.text import block_text
from common.domain.companions import models_to_read
from common.domain.languages import language_of
from common.reading.recognition.approach import Reading
from common.reading.recognition.scripts import ANY_LATIN, DEFAULT_MODELS, model_for

_PASSAGE_LETTERS: Final = 100  # of a block: fewer are mistaken for another language too easily
_LEAST_SHARE: Final = 0.2  # of the letters: enough to read the page again for
_MOST_MODELS: Final = 2


def detected_languages(reading: Reading, named: Sequence[str]) -> tuple[str, ...]:
    """BCP-47 codes, the one most written in first; the ``named`` models' languages are preferred to the
    like."""
    return identify(reading.text, [language_of(model).code for model in named])


def missing_models(reading: Reading) -> tuple[str, ...]:
    """The models to read the page with instead, where it holds passages that its own do not read."""
    models = reading.approach.models
    needed = tuple(dict.fromkeys(model_for(code, models[0]) for code in _passages(reading)))
    if models == ANY_LATIN or set(needed) <= {*models, *DEFAULT_MODELS}:
        return ()
    return models_to_read(needed) if len(needed) <= _MOST_MODELS else ANY_LATIN


def _passages(reading: Reading) -> list[str]:
    """The languages of the longer blocks, by their letters."""
    letters: Counter[str] = Counter()
    for text in map(block_text, reading.blocks):
        count = sum(map(str.isalpha, text))
        if count >= _PASSAGE_LETTERS:
            letters.update({code: count for code in identify(text)[:1]})
    return [code for code, count in letters.most_common() if count >= _LEAST_SHARE * letters.total()]
