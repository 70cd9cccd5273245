"""Questions about a finished document and their answers, in the order in which they were asked.

Like a job it is written by compare-and-set alone, and applying an event twice changes nothing. One question
at a time is with the workers; those that are asked meanwhile wait for their turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from common.contracts.events import QuestionAnswered, QuestionFailed
from common.document.citation import Citation
from common.document.model_usage import ModelUsage
from common.errors import FleetError, InvalidField, NotFound, QuestionCanceled, TooManyQuestions, revived

MAX_TURNS: Final = 200
MAX_UNSETTLED: Final = 5
MAX_CHARACTERS: Final = 2_000_000  # of all that was said and cited: a document of the database has its limit
_EARLIER_TURNS: Final = 20  # how far back an answer looks
_GONE: Final = "The document is gone: its job was deleted."


class TurnStatus(StrEnum):
    """A ``draft`` is not yet promised to be answered; the task of one that is ``due`` has to be published."""

    DRAFT = "draft"
    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_open(self) -> bool:
        return self in (TurnStatus.DUE, TurnStatus.SENT)

    @property
    def is_settled(self) -> bool:
        return self in (TurnStatus.ANSWERED, TurnStatus.FAILED, TurnStatus.CANCELED)


@dataclass(frozen=True, slots=True)
class Answer:
    content: str
    citations: tuple[Citation, ...]
    engine: str
    at: datetime
    usage: ModelUsage | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: an error's code and its sentence."""

    code: str
    message: str

    @property
    def error(self) -> FleetError:
        return revived(self.code, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and what came of it. ``heard``: somebody listens while it is answered.

    ``credits`` are set aside for it; ``owes``: it is yet to be seen in the books that they were charged, or
    given back.
    """

    question_id: str
    ticket: str
    message: str
    asked_at: datetime
    status: TurnStatus
    heard: bool = False
    credits: int = 0
    owes: bool = False
    answer: Answer | None = None
    failure: Failure | None = None

    @property
    def credits_charged(self) -> int:
        return self.credits if self.status is TurnStatus.ANSWERED else 0

    @property
    def characters(self) -> int:
        """Of all that was said and cited."""
        if self.answer is None:
            return len(self.message)
        cited = sum(len(citation.snippet) for citation in self.answer.citations)
        return len(self.message) + len(self.answer.content) + cited


# --- what can happen, besides what workers tell ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """A draft is promised to be answered; its credits are set aside."""

    question_id: str


@dataclass(frozen=True, slots=True)
class TaskSent:
    """The broker has confirmed the task with this ticket."""

    ticket: str


@dataclass(frozen=True, slots=True)
class TaskLost:
    """The task with this ticket is in no queue and with no worker: it must be sent again."""

    ticket: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The question is not answered any more, for this reason."""

    question_id: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The document is gone: nothing is answered any more."""


@dataclass(frozen=True, slots=True)
class Charged:
    """The books say what became of the question's credits."""

    question_id: str


Event = Accepted | TaskSent | TaskLost | GivenUp | Withdrawn | Charged | QuestionAnswered | QuestionFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """``expires_at`` is when a sweep may remove it, whatever becomes of its job; ``version`` is the
    repository's.
    """

    id: str
    job_id: str
    account_id: str
    created_at: datetime
    expires_at: datetime
    turns: tuple[Turn, ...] = ()
    version: int = 0

    def asked(self, turn: Turn) -> "Conversation":
        """With one more question. Raises TooManyQuestions, and InvalidField when it is full."""
        if len(self.turns) >= MAX_TURNS or self._characters >= MAX_CHARACTERS:
            raise InvalidField(
                "conversation", 'The conversation is as long as one may be: send "conversation": "new".'
            )
        if sum(not known.status.is_settled for known in self.turns) >= MAX_UNSETTLED:
            raise TooManyQuestions()
        return replace(self, turns=(*self.turns, turn))._moved_on()

    def apply(self, event: Event, now: datetime) -> "Conversation":
        """The conversation after ``event``; the very same object where the event changes nothing."""
        turns = tuple(_after(turn, event, now) for turn in self.turns)
        if all(turn is before for turn, before in zip(turns, self.turns, strict=True)):
            return self
        return replace(self, turns=turns)._moved_on()

    def turn(self, question_id: str) -> Turn | None:
        return next((turn for turn in self.turns if turn.question_id == question_id), None)

    def earlier(self, turn: Turn) -> Sequence[Turn]:
        """What was answered before ``turn`` was asked, the oldest first."""
        before = self.turns[: self.turns.index(turn)]
        return [one for one in before if one.answer is not None][-_EARLIER_TURNS:]

    @property
    def due(self) -> Turn | None:
        """The question whose task has to be published."""
        return next((turn for turn in self.turns if turn.status is TurnStatus.DUE), None)

    @property
    def owing(self) -> Sequence[Turn]:
        """Those whose credits have to be charged or given back."""
        return [turn for turn in self.turns if turn.owes and turn.status.is_settled]

    @property
    def is_at_rest(self) -> bool:
        """Nothing has yet to happen."""
        return all(turn.status.is_settled and not turn.owes for turn in self.turns)

    @property
    def _characters(self) -> int:
        return sum(turn.characters for turn in self.turns)

    def _moved_on(self) -> "Conversation":
        """The first that is not settled has its turn, if it waits for it: no other overtakes it."""
        for index, turn in enumerate(self.turns):
            if turn.status is TurnStatus.WAITING:
                due = replace(turn, status=TurnStatus.DUE)
                return replace(self, turns=(*self.turns[:index], due, *self.turns[index + 1 :]))
            if not turn.status.is_settled:
                return self
        return self


def _after(turn: Turn, event: Event, now: datetime) -> Turn:
    match event:
        case Accepted() if _is_about(turn, event.question_id) and turn.status is TurnStatus.DRAFT:
            return replace(turn, status=TurnStatus.WAITING)
        case TaskSent() if turn.ticket == event.ticket and turn.status is TurnStatus.DUE:
            return replace(turn, status=TurnStatus.SENT)
        case TaskLost() if turn.ticket == event.ticket and turn.status is TurnStatus.SENT:
            return replace(turn, status=TurnStatus.DUE)
        case QuestionAnswered() if _is_open_for(turn, event):
            answer = Answer(event.content, event.citations, event.engine, now, event.usage)
            return replace(turn, status=TurnStatus.ANSWERED, answer=answer)
        case QuestionFailed() if _is_open_for(turn, event):
            return _failed(turn, Failure(event.code, event.message))
        case GivenUp() if _is_about(turn, event.question_id) and not turn.status.is_settled:
            return _failed(turn, event.failure)
        case Withdrawn() if not turn.status.is_settled:
            return _failed(turn, Failure(NotFound.code, _GONE))
        case Charged() if _is_about(turn, event.question_id) and turn.owes:
            return replace(turn, owes=False)
    return turn


def _failed(turn: Turn, failure: Failure) -> Turn:
    is_canceled = failure.code == QuestionCanceled.code
    return replace(turn, status=TurnStatus.CANCELED if is_canceled else TurnStatus.FAILED, failure=failure)


def _is_about(turn: Turn, question_id: str) -> bool:
    return turn.question_id == question_id


def _is_open_for(turn: Turn, event: QuestionAnswered | QuestionFailed) -> bool:
    is_known = turn.question_id == event.question_id and turn.ticket == event.ticket
    return is_known and not turn.status.is_settled


def asked_prefix(job_id: str, question_id: str) -> str:
    """What the keys of the blobs begin with in which a question travels to the workers."""
    return f"{job_id}/chat/{question_id}/"
