"""``dead list|show|redrive|drop``: what no worker could handle, and what is done about it."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from common.contracts import topology
from common.contracts.tasks import AnswerQuestion, Death, ExportDocument, RecognizePage, TranslatePage
from common.errors import FleetError, InvalidField, NotFound
from common.ports import DeadLetter, HeldLetters
from front.admin.desk import DeadDesk, Desk
from front.services.timestamps import to_the_second

_ALL_QUEUES = topology.DEAD_QUEUES
# As many as a queue of dead letters holds.
ALL = 100_000
# How much of an id is shown in a list, and taken for one.
_SHOWN_ID = 12
_NONE = "-"
_COLUMNS = ("id", "queue", "type", "job", "index", "reason", "attempts", "died")


async def list_dead(desk: Desk, given: Namespace) -> Sequence[str]:
    """A line for each queue that holds any, then one for each letter, the oldest first."""
    async with desk.dead() as dead, dead.letters.held(_queues(given.queue), given.limit) as held:
        if not held.letters:
            return ["There are no dead letters."]
        letters = sorted(held.letters, key=_died_at)
        return [*_summary(letters, held), "\t".join(_COLUMNS), *map(_line, letters)]


async def show_dead(desk: Desk, given: Namespace) -> Sequence[str]:
    async with desk.dead() as dead, dead.letters.held(_ALL_QUEUES, ALL) as held:
        letter = _named(held, given.id)[0]
        return [*_facts(letter), f"redrive:\t{await _outlook(dead, letter)}"]


async def redrive_dead(desk: Desk, given: Namespace) -> Sequence[str]:
    """A line for each thing that was done or cannot be; those that cannot stay where they are."""
    async with desk.dead() as dead, dead.letters.held(_queues(given.queue), ALL) as held:
        letters = _chosen(held, given)
        lines = []
        for outcome in await dead.redriving.redrive(letters):
            lines.append(f"{_ids(outcome.letters)}\t{outcome.said}")
            if outcome.is_settled:
                for letter in outcome.letters:
                    await held.drop(letter)
        return [*lines, *_left(held)] or ["There are no dead letters."]


async def drop_dead(desk: Desk, given: Namespace) -> Sequence[str]:
    if given.all and not given.queue:
        raise InvalidField("queue", "Say of which queue: --all --queue NAME.")
    async with desk.dead() as dead, dead.letters.held(_queues(given.queue), ALL) as held:
        letters = held.letters if given.all else _named(held, given.id)
        for letter in list(letters):
            await held.drop(letter)
        return [f"Dropped: {len(letters)}.", *(_left(held) if given.all else ())]


def _queues(name: str | None) -> Sequence[str]:
    """All, or the one of that name, with or without its ending."""
    if name is None:
        return _ALL_QUEUES
    for queue in _ALL_QUEUES:
        if name in (queue, queue.removesuffix(".dead")):
            return (queue,)
    raise InvalidField("queue", f"There is no queue {name!r}: use {', '.join(_ALL_QUEUES)}.")


def _chosen(held: HeldLetters, given: Namespace) -> Sequence[DeadLetter]:
    if given.id:
        return _named(held, given.id)
    if given.job:
        return [letter for letter in held.letters if _job(letter) == given.job.replace("-", "")]
    return held.letters


def _named(held: HeldLetters, id: str) -> Sequence[DeadLetter]:
    """The one letter of that id, or whose id begins so; twice where the broker has it twice."""
    found = [letter for letter in held.letters if letter.id.startswith(id)]
    if not found:
        raise NotFound(f"There is no dead letter {id!r}.")
    if len({letter.id for letter in found}) > 1:
        raise InvalidField("id", f"{id!r} may be any of {len(found)}: write more of it.")
    return found


def _left(held: HeldLetters) -> Iterator[str]:
    for queue, count in held.left.items():
        if count:
            yield f"{queue}: {count} more were not looked at: ask again."


async def _outlook(dead: DeadDesk, letter: DeadLetter) -> str:
    try:
        await dead.redriving.check(letter)
    except FleetError as error:
        return error.message
    return f"possible: dead redrive {letter.id[:_SHOWN_ID]}"


def _summary(letters: Sequence[DeadLetter], held: HeldLetters) -> Iterator[str]:
    for queue in dict.fromkeys(letter.queue for letter in letters):
        here = [letter for letter in letters if letter.queue == queue]
        more = f", and {held.left[queue]} more not shown" if held.left.get(queue) else ""
        yield (
            f"{queue}: {len(here)} from {_moment(_death_of(here[0]))} to {_moment(_death_of(here[-1]))}{more}"
        )


def _line(letter: DeadLetter) -> str:
    fields = (
        letter.id[:_SHOWN_ID] or _NONE,
        letter.queue,
        letter.type or _NONE,
        _job(letter) or _NONE,
        _what(letter),
        letter.death.reason if letter.death else _NONE,
        str(letter.attempts),
        _moment(_death_of(letter)),
    )
    return "\t".join(fields)


def _facts(letter: DeadLetter) -> Iterator[str]:
    """Everything but the text of a page, which no task carries."""
    yield f"id:\t{letter.id}"
    yield f"queue:\t{letter.queue}"
    yield f"type:\t{letter.type or _NONE}, {letter.size_bytes} bytes"
    yield f"job:\t{_job(letter) or _NONE}"
    yield f"index:\t{_what(letter)}"
    yield f"published:\t{_moment(letter.published_at)}"
    yield f"attempts:\t{letter.attempts} that a worker saw fail"
    for hop in letter.hops:
        yield f"left:\t{hop.queue}: {hop.reason}, {hop.count} x, last {_moment(hop.at)}"
    for death in _earlier(letter):
        yield (
            f"earlier:\tindex {death.page_index} of the job {death.job_id} died in {death.queue}: "
            f"{death.reason}, {death.attempts} attempts, {_moment(death.at)}"
        )
    if letter.message is not None:
        yield f"task:\t{letter.message.model_dump_json(exclude={'ticket', 'earlier'}, exclude_none=True)}"


def _earlier(letter: DeadLetter) -> Sequence[Death]:
    task = letter.message
    return (task.earlier or ()) if isinstance(task, RecognizePage | TranslatePage) else ()


def _job(letter: DeadLetter) -> str:
    task = letter.message
    if isinstance(task, RecognizePage | TranslatePage | ExportDocument | AnswerQuestion):
        return task.job_id
    return ""


def _what(letter: DeadLetter) -> str:
    """Of its job: a page's index, an export's name, a question's id."""
    match letter.message:
        case RecognizePage() | TranslatePage() as task:
            return str(task.page_index)
        case ExportDocument() as task:
            return task.name
        case AnswerQuestion() as task:
            return task.question_id
    return _NONE


def _ids(letters: Sequence[DeadLetter]) -> str:
    return ",".join(letter.id[:_SHOWN_ID] or _NONE for letter in letters)


def _death_of(letter: DeadLetter) -> datetime | None:
    return letter.death.at if letter.death else None


def _died_at(letter: DeadLetter) -> datetime:
    return _death_of(letter) or datetime.min.replace(tzinfo=UTC)


def _moment(at: datetime | None) -> str:
    return to_the_second(at) if at else _NONE
