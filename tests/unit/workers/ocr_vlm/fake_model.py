"""A model that answers what it is told to, and remembers what it was asked."""

import json
from collections.abc import Callable
from typing import Any

from common.document.model_usage import ModelUsage
from common.model_question import Question, Reply

Say = Reply | Exception | Callable[[Question], Reply]

USAGE = ModelUsage("fake", 100, 10, 0.5)


class FakeModel:
    """Answers each question with the next of ``says``; a reply may depend on the question."""

    def __init__(self, *says: Say) -> None:
        self.questions: list[Question] = []
        self._says = list(says)

    async def ask(self, question: Question) -> Reply:
        self.questions.append(question)
        say = self._says.pop(0)
        if isinstance(say, Exception):
            raise say
        return say if isinstance(say, Reply) else say(question)


def whole(text: str) -> Reply:
    return Reply(text, "end", USAGE)


def broken(text: str) -> Reply:
    return Reply(text, "max_tokens", USAGE)


def block(text: str, **fields: Any) -> dict[str, Any]:
    return {"role": "paragraph", "text": text, **fields}


def written(*blocks: dict[str, Any]) -> str:
    return json.dumps({"blocks": blocks}, ensure_ascii=False)
