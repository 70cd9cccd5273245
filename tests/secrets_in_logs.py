"""What no log may hold: every token that the tests asked with, and what was written in their documents.

Clients note both while they ask; once the tests are through, the logs of their stacks are searched.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

# So many words in a row are nobody's but the document's; a text that leaks does so from its beginning.
_RUN = 5
_WORDS_OF_A_TEXT = 300
_WORD = re.compile(r"[^\W\d_]{2,}")
# Of line ends and the like, as JSON and Erlang write them.
_ESCAPE = re.compile(r"\\[nrtf]|\\u000c")


class Secrets:
    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self._runs: set[Sequence[str]] = set()

    def note_token(self, token: str) -> None:
        if len(token) >= 20:  # shorter ones are no tokens, but what tests of refusals send as such
            self.tokens.add(token)

    def note_text(self, text: object) -> None:
        """What was in a document, or said about it; what is no text is let pass."""
        if isinstance(text, str):
            self._runs.update(_runs(islice(_words(text), _WORDS_OF_A_TEXT)))

    @property
    def text_count(self) -> int:
        return len(self._runs)

    def found_in(self, folder: Path) -> list[str]:
        """Every line of the folder's files that holds something of it, with the file's name."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return [
            f"{path.name}: {line[:300]}"
            for path in files
            for line in path.read_text(errors="replace").splitlines()
            if self._is_in(line)
        ]

    def _is_in(self, line: str) -> bool:
        if any(run in self._runs for run in _runs(_words(_ESCAPE.sub(" ", line)))):
            return True
        return any(token in line for token in self.tokens) or "api_token=" in line


SECRETS = Secrets()


def _words(text: str) -> Iterator[str]:
    return (word.lower() for word in _WORD.findall(text))


def _runs(words: Iterable[str]) -> Iterator[Sequence[str]]:
    known = list(words)
    return (tuple(known[start : start + _RUN]) for start in range(len(known) - _RUN + 1))
