"""A chat worker's handler with everything around it in memory."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar, TypeVarTuple
from uuid import uuid4

import orjson

from common.contracts.events import AnswerPart, QuestionAnswered
from common.contracts.tasks import AnswerQuestion
from common.document.json_view import failed_page_view, page_view, with_lines
from common.document.page import Page
from common.errors import SourceMissing
from tests.fakes.broker import FakePublisher
from tests.fakes.samples import question_task
from workers.chat.children import Children
from workers.chat.handler import Answering, ChatHandler

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


class FakeSources:
    """Blobs as files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, content: bytes) -> None:
        (self._folder / key.replace("/", "-")).write_bytes(content)

    @asynccontextmanager
    async def use(self, key: str) -> AsyncIterator[Path]:
        path = self._folder / key.replace("/", "-")
        if not path.exists():
            raise SourceMissing()
        yield path


class InProcess:
    """Children that are none; ``failure`` is raised instead of the next answers of theirs."""

    def __init__(self, failure: Exception | None = None, of: str = "") -> None:
        """``of`` the function of that name alone, where one is named."""
        self.failure = failure
        self.of = of
        self.asked: list[str] = []

    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        self.asked.append(function.__name__)
        if self.failure and self.of in ("", function.__name__):
            raise self.failure
        return function(*args)


def words(*pages: Page | None, first: int = 1) -> bytes:
    """The words' blob of a document; a page that could not be read is None."""
    lines = []
    for index, page in enumerate(pages):
        if page is None:
            view = failed_page_view(index=index, source_page=first + index, code="x", message="It failed.")
        else:
            view = with_lines(page_view(page, index=index, source_page=first + index), page)
        lines.append(orjson.dumps(view) + b"\n")
    return b"".join(lines)


class Bench:
    """``ask`` has a question about ``pages`` answered; ``parts`` is what was told meanwhile."""

    def __init__(
        self,
        folder: Path,
        *pages: Page | None,
        first: int = 1,
        model: Answering | None = None,
        children: Children | None = None,
        time_limit_s: float = 30,
    ) -> None:
        self.sources = FakeSources(folder)
        self.publisher = FakePublisher()
        self.children = children or InProcess()
        self._document = words(*pages, first=first)
        self.words_key = uuid4().hex  # what was read is kept by it
        self.sources.put(self.words_key, self._document + b"an index of the pages")
        self.handler = ChatHandler(
            self.sources,
            self.publisher,
            self.children,
            model,
            time_limit_s=time_limit_s,
            document_limit_s=20,
        )

    def task(self, message: str, *earlier: tuple[str, str], heard: bool = False) -> AnswerQuestion:
        turns = [{"question": question, "answer": answer} for question, answer in earlier]
        self.sources.put("asked", orjson.dumps({"message": message, "earlier": turns}))
        return question_task(
            asked_key="asked", words_key=self.words_key, words_bytes=len(self._document), heard=heard
        )

    async def ask(self, message: str, *earlier: tuple[str, str], heard: bool = False) -> QuestionAnswered:
        return await self.handler.handle(self.task(message, *earlier, heard=heard))

    @property
    def parts(self) -> list[AnswerPart]:
        return [sent.message for sent in self.publisher.sent(AnswerPart)]  # type: ignore[misc]
