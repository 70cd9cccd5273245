"""What the model is asked about a page.

Instructions stand in the system prompt alone; what comes of documents is sent as data in the user's turn, and
the instructions say so: text on a page that asks for something else is text to be read.
"""

from collections.abc import Sequence
from typing import Final

from common.contracts.tasks import Focus
from common.domain.languages import language_of
from common.model_question import FollowUp, Picture, Question, Text
from workers.ocr_vlm.answer import PageAnswer
from workers.ocr_vlm.prompts import prompt
from workers.ocr_vlm.reply import Begun

_READ: Final = prompt("read")

_FOCUS: Final = {
    Focus.HANDWRITING: "The page is mostly handwriting: read word by word, and use its context for letters "
    "that are unclear, but keep the writer's own spelling.",
    Focus.MATHEMATICS: "The page has mathematics: give every formula in LaTeX that compiles, inline ones as "
    '$…$ in "markdown", and miss no index, exponent, accent or bracket.',
}
_TABLES: Final = (
    "The sender is after tables: find every one, also without ruling lines, and get rows and spans right."
)
_LANGUAGES: Final = (
    "The sender says that the page is in: {}. What is in another language is transcribed in that."
)
_READ_THIS: Final = "Transcribe this page."
_GO_ON: Final = (
    "Your answer broke off. Here are the blocks of it that were complete. Go on with the block that follows "
    "them, in the same form; do not repeat those blocks."
)
_IN_TABLE: Final = (
    "Your answer broke off in a table. Here are the blocks of it that were complete, and as the last of them "
    "those rows of the table that were. Go on with a table block that has its remaining rows, then with the "
    "blocks that follow it, in the same form; do not repeat what is there."
)
_ONCE_MORE: Final = "Transcribe this page. A first try went wrong ({}): look at the page again, with care."


def page_question(
    picture: Picture,
    *,
    focus: Focus | None,
    tables: bool,
    languages: Sequence[str],
    went_wrong: str | None = None,
) -> Question:
    """``languages`` are the models of those that the sender named; ``went_wrong``: what of the first try."""
    hints = [_FOCUS[focus]] if focus else []
    if tables:
        hints.append(_TABLES)
    if languages:
        hints.append(_LANGUAGES.format(", ".join(language_of(model).name for model in languages)))
    request = _ONCE_MORE.format(went_wrong) if went_wrong else _READ_THIS
    return Question(
        system="\n".join((_READ, *hints)),
        parts=(picture, Text(request)),
        schema=PageAnswer.model_json_schema(),
    )


def continued(question: Question, so_far: Begun) -> Question:
    """``question`` once more, for what follows the blocks that are there ``so_far``."""
    answer = PageAnswer(blocks=so_far.blocks).model_dump_json(exclude_defaults=True)
    follow_up = FollowUp(answer, _IN_TABLE if so_far.is_in_table else _GO_ON)
    return Question(
        system=question.system, parts=question.parts, schema=question.schema, follow_ups=(follow_up,)
    )
