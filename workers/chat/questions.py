"""What the model is asked.

Instructions stand in the system prompt alone, which holds nothing of any document: its pages and its title
are data of the user's first turn, and the instructions say so. No tools are offered.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from common.model_question import FollowUp, PagedDocument, Part, Question, Text
from workers.chat.asked import Asked, Turn
from workers.chat.page_marks import without_marks
from workers.chat.page_selection import tokens_of
from workers.chat.prompts import prompt
from workers.chat.selection_notice import without_notice
from workers.chat.shown_pages import ShownPages

_ALL: Final = "The document's pages, in order: {}."
_SELECTION: Final = (
    "These are {} of the document's {} pages, those that fit the question best, in order: {}. You do not see "
    "the others: where these do not say what is asked, say that it is not on the pages that were looked at."
)
_TAG: Final = re.compile(r"<(?=\s*/?\s*page\b)", re.IGNORECASE)
_CONVERSATION_SHARE: Final = 4  # of the context, one part
_NOTHING: Final = "…"  # turns must not be blank


def latest_turns(asked: Asked, context_tokens: int) -> Asked:
    """With those of the earlier turns that leave room for the document."""
    left = context_tokens // _CONVERSATION_SHARE
    kept: list[Turn] = []
    for turn in reversed(asked.earlier):
        left -= tokens_of(turn.question) + tokens_of(turn.answer)
        if left < 0:
            break
        kept.insert(0, turn)
    return asked.model_copy(update={"earlier": tuple(kept)})


def room_for_document(asked: Asked, context_tokens: int) -> int:
    said = [asked.message, *(text for turn in asked.earlier for text in (turn.question, turn.answer))]
    return max(context_tokens - sum(map(tokens_of, said)), context_tokens // _CONVERSATION_SHARE)


def cited_question(asked: Asked, shown: ShownPages, title: str, max_tokens: int) -> Question:
    """Of a model whose server cites the document's blocks: a block a page."""
    document = PagedDocument(tuple(shown.texts.values()), title=title, context=_context(shown))
    turns = [Turn(question=turn.question, answer=without_marks(turn.answer)) for turn in asked.earlier]
    return _question("cited", document, turns, asked.message, max_tokens)


def naming_question(asked: Asked, shown: ShownPages, title: str, max_tokens: int) -> Question:
    """Of a model that is shown the pages as text and names them itself."""
    pages = "\n".join(
        f'<page number="{number}">\n{_harmless(text)}\n</page>' for number, text in shown.texts.items()
    )
    document = Text(f"Title: {_harmless(' '.join(title.split()))}\n{_context(shown)}\n\n{pages}")
    return _question("naming_pages", document, asked.earlier, asked.message, max_tokens)


def _question(
    manner: str, document: Part, earlier: Sequence[Turn], message: str, max_tokens: int
) -> Question:
    asked = [*(turn.question for turn in earlier), message]
    return Question(
        system=f"{prompt('answer')}\n\n{prompt(manner)}",
        parts=(document, Text(asked[0])),
        follow_ups=tuple(
            FollowUp(without_notice(turn.answer) or _NOTHING, following)
            for turn, following in zip(earlier, asked[1:], strict=True)
        ),
        max_tokens=max_tokens,
    )


def _context(shown: ShownPages) -> str:
    numbers = _ranges(shown.numbers)
    if shown.is_selection:
        return _SELECTION.format(len(shown.numbers), shown.of_pages, numbers)
    return _ALL.format(numbers)


def _ranges(numbers: Sequence[int]) -> str:
    """ "1-3, 7"."""
    gaps = [at for at, (before, after) in enumerate(pairwise(numbers), 1) if after != before + 1]
    runs = [numbers[start:end] for start, end in pairwise((0, *gaps, len(numbers)))]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _harmless(text: str) -> str:
    """Without tags that would look like ours."""
    return _TAG.sub("&lt;", text)
