"""The languages of a text that was read, through py3langid; the script alone tells where it can.

Chosen over lingua: on slices of 120 letters of 80 languages it is right in 87 % against 62 % (lingua
knows fewer of ours), in 0.2 ms instead of 0.8, with 90 MB instead of 870 for lingua at its best.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from common.document.letters import letters_by_script, words_in
from common.domain.languages import Language, languages

_FEWEST_LETTERS: Final = 3
_LEAST_SHARE: Final = 0.1  # of a text's letters; a script or language with fewer is a name or a quotation
_PIECE_LETTERS: Final = 120
_MOST_PIECES: Final = 8
_PRIORS: Final = {"en": 3.0}  # of a few words alone, most are English
_PREFERENCE: Final = 8.0  # how much likelier a language is for having been named by the sender
_CREDIBLE: Final = 0.2

# Scripts whose languages differ by their words; in the others the first of ours is nearly all there is.
_SHARED_SCRIPTS: Final = frozenset({"Latn", "Cyrl", "Arab", "Deva", "Beng"})
# Where py3langid's labels are others than ours; Azerbaijani it knows in Latin letters alone.
_LABELS: Final[dict[str, tuple[str, ...]]] = {
    "az-Cyrl": (),
    "fil": ("tl",),
    "kmr": ("ku",),
    "no": ("no", "nn"),
}
_EAST_ASIA: Final = frozenset({"Hani", "Hira", "Hang"})


def identify(text: str, read_as: Sequence[str] = ()) -> tuple[str, ...]:
    """The BCP-47 codes of the text's languages, the one of most letters first; () where there is too
    little to tell.

    ``read_as`` are the codes of the models that read it, where the sender named them: they are
    preferred among languages that look alike.
    """
    letters = letters_by_script(text)
    enough = max(_FEWEST_LETTERS, _LEAST_SHARE * letters.total())
    votes: Counter[str] = Counter()
    for script, count in _merged(letters).items():
        if count >= enough:
            votes.update(_languages(script, count, text, read_as))
    return tuple(code for code, count in votes.most_common() if count >= enough)


def warm_up() -> None:
    """Load the model, which takes half a second, so that the first page need not wait for it."""
    _identifier()
    _labelled("Latn")


def _merged(letters: Mapping[str, int]) -> dict[str, int]:
    """Kana and Han are one script where they stand together, and so are Hangul and Han."""
    merged = {script: count for script, count in letters.items() if script not in _EAST_ASIA}
    east_asian = {script: letters[script] for script in _EAST_ASIA if letters.get(script)}
    if east_asian:
        merged[_east_asian(east_asian)] = sum(east_asian.values())
    return merged


def _east_asian(letters: Mapping[str, int]) -> str:
    """What of Kana, Hangul and Han decides: a Japanese text has Kana between its Han everywhere."""
    others = {script: count for script, count in letters.items() if script != "Hani"}
    main = max(others, key=lambda script: others[script], default="Hani")
    return main if others and others[main] >= _LEAST_SHARE * sum(letters.values()) else "Hani"


def _languages(script: str, count: int, text: str, read_as: Sequence[str]) -> dict[str, int]:
    """The letters of one script, shared out among the languages they are of."""
    if script == "Hani":
        return {_chinese(text): count}
    if script in _EAST_ASIA:
        return {"ja" if script == "Hira" else "ko": count}
    named = _named(script, read_as)
    if len(named) == 1 and named[0] not in _labelled(script).values():
        return {named[0]: count}  # its words would not tell
    if script not in _SHARED_SCRIPTS:
        return {_of_script(script)[0].code: count}
    return _by_words(script, count, text, named)


def _chinese(text: str) -> str:
    """By characters that only one of the two old national character sets has."""
    simplified, traditional = (text.encode(name, "ignore").decode(name) for name in ("gb2312", "big5"))
    only_simplified = sum((Counter(simplified) - Counter(traditional)).values())
    only_traditional = sum((Counter(traditional) - Counter(simplified)).values())
    return "zh-Hant" if only_traditional > only_simplified else "zh-Hans"


def _by_words(script: str, count: int, text: str, named: Sequence[str]) -> dict[str, int]:
    pieces = list(_pieces(script, text))
    votes: Counter[str] = Counter()
    for piece in pieces:
        code = _language(script, piece, named)
        if code:
            votes[code] += count // len(pieces)
    return dict(votes)


def _pieces(script: str, text: str) -> Iterator[str]:
    """The script's words in pieces of a few lines, evenly taken from a long text."""
    words = words_in(script, text)
    size = max(_PIECE_LETTERS, len(words) // (len(words) // _PIECE_LETTERS or 1) + 1)
    starts = range(0, len(words), size)
    for start in starts[:: -(-len(starts) // _MOST_PIECES) or 1]:
        yield words[start : start + size]


def _language(script: str, piece: str, named: Sequence[str]) -> str | None:
    """The likeliest language of the script, or None where none is credible."""
    labelled = _labelled(script)
    chances: Counter[str] = Counter()
    for label, chance in _identifier().rank(piece):
        if label in labelled:
            code = labelled[label]
            chances[code] += chance * (_PREFERENCE if code in named else _PRIORS.get(code, 1.0))
    code, chance = chances.most_common(1)[0]
    if chance >= _CREDIBLE * chances.total():
        return code
    return named[0] if named else None


def _named(script: str, read_as: Sequence[str]) -> list[str]:
    return [language.code for language in _of_script(script) if language.code in read_as]


@cache
def _of_script(script: str) -> tuple[Language, ...]:
    found = (language for language in languages() if language.script == script)
    return tuple(language for language in found if not language.is_script and language.direction != "ttb")


@cache
def _labelled(script: str) -> dict[str, str]:
    """py3langid's labels of the script's languages that it tells apart, and our codes for them."""
    if script not in _SHARED_SCRIPTS:
        return {}
    known = set(_identifier().labels)
    return {
        label: language.code
        for language in reversed(_of_script(script))
        for label in _LABELS.get(language.code, (language.code.split("-")[0],))
        if label in known
    }


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
