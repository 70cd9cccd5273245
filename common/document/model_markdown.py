"""Markdown and LaTeX that a model wrote, made safe for a page: documents can make models write anything."""

import re
from typing import Final

# HTML, pictures (fetched from wherever they point), links, and what would swallow the rest of the page.
_UNSAFE: Final = re.compile(r"<(?=[A-Za-z/!?])|!(?=\[)|\](?=[(:\[])|^[ \t]*(?:`(?=``)|~(?=~~))", re.MULTILINE)
_TAG_START: Final = re.compile(r"<(?=[A-Za-z/!?])")
_MATHEMATICS: Final = re.compile(r"(\$\$.+?\$\$|\$[^$\n]+\$)", re.DOTALL)
_MARKER: Final = re.compile(r"^\s*(?:[-*+•]|\d{1,9}[.)])\s+")


def safe_markdown(markdown: str) -> str:
    """With its emphasis, code and mathematics; HTML, links and pictures show as what was typed."""
    parts = _MATHEMATICS.split(markdown.strip())
    return "".join(
        _TAG_START.sub("< ", part) if index % 2 else _UNSAFE.sub(_backslashed, part)
        for index, part in enumerate(parts)
    )


def safe_line(markdown: str) -> str:
    """The same in one line, without the marker of a heading or a list item."""
    return _MARKER.sub("", " ".join(safe_markdown(markdown).lstrip("# ").split()))


def formula(latex: str) -> str:
    """A formula that stands by itself; blank lines would end it."""
    inner = _TAG_START.sub("< ", latex.replace("$", "")).strip()
    return "$$\n" + re.sub(r"\n\s*\n", "\n", inner) + "\n$$"


def _backslashed(match: re.Match[str]) -> str:
    """One more backslash would set free what has one already."""
    first = match.start()
    while first and match.string[first - 1] == "\\":
        first -= 1
    if (match.start() - first) % 2:
        return match[0]
    return f"{match[0][:-1]}\\{match[0][-1]}"
