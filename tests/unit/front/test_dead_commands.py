"""The operator's commands about dead letters, over letters and services in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from common.contracts.tasks import Death
from common.errors import InvalidField, NotFound
from common.ports import DeadLetter, Hop
from front.admin.arguments import parse
from front.admin.desk import DeadDesk, Desk
from tests.fakes.broker import FakeDeadLetters
from tests.fakes.samples import JOB_ID, NOW, export_task, question_task, task
from tests.unit.front.services.fleet import Replica
from tests.unit.front.services.test_redriving import with_dead_pages

PAGES, EXPORTS = "ocr.cpu.pages.express.dead", "ocr.export.documents.dead"


class Operator:
    def __init__(self, *letters: DeadLetter) -> None:
        self.fleet = Replica()
        self.dead = FakeDeadLetters(list(letters))

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[DeadDesk]:
        yield DeadDesk(self.dead, self.fleet.redriving)

    async def ask(self, *arguments: str) -> Sequence[str]:
        given = parse(["dead", *arguments])
        desk = cast(Desk, cast(Any, type("Desk", (), {"dead": staticmethod(self.desk)})))
        lines: Sequence[str] = await given.command(desk, given)
        return lines

    def run(self, *arguments: str) -> Sequence[str]:
        return asyncio.run(self.ask(*arguments))


def letter(id: str, message: Any, queue: str = PAGES, *, hours: int = 0) -> DeadLetter:
    died = Hop(queue.removesuffix(".dead"), "delivery_limit", 1, NOW + timedelta(hours=hours))
    return DeadLetter(id, queue, message.type, 321, 2, NOW, (died,), message)


LATER = letter("aaaa1111", task(2), hours=5)
EARLIER = letter("aaaa2222", task(1))
EXPORT = letter("bbbb3333", export_task(), EXPORTS, hours=1)


def test_a_list_tells_each_queue_and_each_letter_the_oldest_first() -> None:
    first, second, _, *rows = Operator(LATER, EARLIER, EXPORT).run("list")
    assert first == f"{PAGES}: 2 from 2026-11-22T09:00:00Z to 2026-11-22T14:00:00Z"
    assert second.startswith(f"{EXPORTS}: 1 from")
    assert [row.split("\t")[0] for row in rows] == ["aaaa2222", "bbbb3333", "aaaa1111"]
    assert rows[0].split("\t")[2:] == [
        "ocr.page.recognize.v1",
        JOB_ID,
        "1",
        "delivery_limit",
        "2",
        "2026-11-22T09:00:00Z",
    ]


def test_a_list_may_be_of_one_queue_and_says_what_it_leaves_out() -> None:
    operator = Operator(LATER, EARLIER, EXPORT)
    summary, _, *rows = operator.run("list", "--queue", "ocr.cpu.pages.express", "--limit", "1")
    assert summary.endswith("and 1 more not shown") and len(rows) == 1
    with pytest.raises(InvalidField, match="nowhere"):
        operator.run("list", "--queue", "nowhere")


def test_nothing_to_list_is_said() -> None:
    assert Operator().run("list") == ["There are no dead letters."]


def test_a_letter_is_shown_with_its_history_and_without_secrets() -> None:
    death = Death(job_id="f" * 32, page_index=7, queue="ocr.cpu.pages", reason="rejected", attempts=3, at=NOW)
    lines = "\n".join(Operator(letter("cccc", task(1, earlier=(death,)))).run("show", "cc"))
    assert "index 7 of the job ffffffffffffffffffffffffffffffff died in ocr.cpu.pages: rejected" in lines
    assert "left:\tocr.cpu.pages.express: delivery_limit, 1 x" in lines
    assert "redrive:\tIts job is gone" in lines
    assert '"ticket"' not in lines


def test_a_letter_that_is_no_message_of_ours_can_be_shown_and_dropped() -> None:
    operator = Operator(replace(LATER, message=None, type=""))
    assert "redrive:\tIt is no task of this service." in operator.run("show", "aaaa1111")
    assert operator.run("drop", "aaaa1111") == ["Dropped: 1."]
    assert operator.dead.waiting == []


def test_an_id_that_may_be_several_is_refused() -> None:
    operator = Operator(LATER, EARLIER)
    with pytest.raises(InvalidField, match="any of 2"):
        operator.run("drop", "aaaa")
    with pytest.raises(NotFound):
        operator.run("show", "dddd")
    assert len(operator.dead.waiting) == 2


def test_all_letters_are_dropped_of_a_named_queue_alone() -> None:
    operator = Operator(LATER, EARLIER, EXPORT)
    with pytest.raises(InvalidField, match="--queue"):
        operator.run("drop", "--all")
    assert operator.run("drop", "--all", "--queue", PAGES) == ["Dropped: 2."]
    assert operator.dead.waiting == [EXPORT]


async def test_what_was_redriven_is_gone_and_the_rest_stays(tmp_path: Path) -> None:
    operator = Operator(letter("eeee", question_task(), "ocr.chat.questions.dead"))
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"%PDF-1.7 something")
    operator.dead.waiting += await with_dead_pages(operator.fleet, file, 0, 1)
    (job,) = operator.fleet.jobs.jobs
    (line,) = await operator.ask("redrive", "--job", job)
    assert line.startswith("id-0,id-1\tRedriven as the job ")
    assert [one.id for one in operator.dead.waiting] == ["eeee"]
    (line,) = await operator.ask("redrive", "--queue", "ocr.chat.questions")
    assert line == "eeee\tA question is not asked again: who asked it was told and not charged. Drop it."
    assert len(operator.dead.waiting) == 1
