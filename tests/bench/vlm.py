"""Pages for a vision model: how much of the waiting for its answers is lost.

The model is a server of ours, which has read the pictures before: it takes its time, and no processor.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from common.adapters.child_pool import ChildPool
from common.adapters.child_process import Routine
from common.adapters.rendering import forget_document
from common.adapters.tesseract_data import tessdata_folder
from common.contracts.tasks import MediaType, TextLayer
from common.document.page import Role
from common.reading.engines import warm_up
from common.reading.page_order import PageOrder
from tests import files, pages
from tests.accuracy import accuracy
from tests.bench import fleet
from tests.bench.report import Ratio, Series
from tests.client import Client, Job
from tests.messages_server.server import MessagesServer
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.engine import SightOrder, ground, look
from workers.ocr_vlm.settings import OcrVlmSettings

PAGES = 16
SLOTS = 8
LATENCY_S = 2.0
GOAL_S = 4.0
FLEET = f"fleet, model answers after {LATENCY_S:g} s"
AT_ONCE = "fleet, model answers at once"
ALONE = "looking and grounding alone, same children"
_LANGUAGE = "eng"
_MODELS = (_LANGUAGE,)
_MOST_CER = 0.02

Answers = Sequence[PageAnswer]


def measure(
    client: Client, model: MessagesServer, work: Path, turns: int
) -> tuple[list[Series], list[Ratio]]:
    sheets = [pages.scan(seed) for seed in range(PAGES)]
    pdf = work / "vlm.pdf"
    pdf.write_bytes(files.scanned_pdf([sheet.image for sheet in sheets], dpi=300))
    job = fleet.job_of(client, pdf, -1, _LANGUAGE, tier="vlm")  # so that the pictures are known
    _check(job, sheets)
    answers = [_answer(page) for page in job["pages"]]
    total, at_once, alone = series = [Series(FLEET), Series(AT_ONCE), Series(ALONE)]
    for turn in range(turns):
        total.seconds.append(_fleet_s(client, model, pdf, 2 * turn, LATENCY_S))
        at_once.seconds.append(_fleet_s(client, model, pdf, 2 * turn + 1, 0))
        alone.seconds.append(asyncio.run(_alone_s(pdf, answers)))
        if model.transcript.most_active > SLOTS:
            raise RuntimeError(f"{model.transcript.most_active} at once")
    return series, [_lost(AT_ONCE, total, at_once), _lost("grounding alone", total, alone)]


def _lost(name: str, total: Series, least: Series) -> Ratio:
    by_turn = [(whole - part) / GOAL_S for whole, part in zip(total.seconds, least.seconds, strict=True)]
    best = (min(total.seconds) - min(least.seconds)) / GOAL_S
    return Ratio(f"(fleet - {name}) / {GOAL_S:g} s", by_turn, best, 1.0)


def _check(job: Job, sheets: Sequence[pages.Sheet]) -> None:
    for page, sheet in zip(job["pages"], sheets, strict=True):
        if page["engine"] != "vlm" or accuracy(sheet.text, page["text"]).cer > _MOST_CER:
            raise RuntimeError(f"page {page['index']} was not read")


def _fleet_s(client: Client, model: MessagesServer, pdf: Path, turn: int, latency_s: float) -> float:
    model.reset()
    model.delay(latency_s)
    seconds, _ = fleet.read(client, pdf, turn, _LANGUAGE, tier="vlm")
    return seconds


def _answer(page: dict[str, object]) -> PageAnswer:
    blocks = page["blocks"]
    assert isinstance(blocks, list)
    return PageAnswer(blocks=tuple(BlockAnswer(role=Role(one["role"]), text=one["text"]) for one in blocks))


async def _alone_s(pdf: Path, answers: Answers) -> float:
    settings, tessdata = OcrVlmSettings(amqp_url="", mongo_url=""), tessdata_folder()
    children = ChildPool(
        slots=settings.children,
        memory_limit_mb=settings.memory_limit_mb,
        recycle_after=settings.recycle_after_pages,
        routine=Routine(warm_up=partial(warm_up, tessdata, settings.niceness), at_rest=forget_document),
    )

    async def one(index: int, answer: PageAnswer) -> None:
        page = PageOrder(
            pdf, MediaType.PDF, index, _MODELS, tessdata, settings.page_time_limit_s, TextLayer.AUTO
        )
        order = SightOrder(page, settings.max_edge_px, settings.max_pixels)
        sight = await children.run(look, order, time_limit_s=settings.page_time_limit_s)
        await children.run(
            ground, answer, sight.witness, sight.ink, False, time_limit_s=settings.page_time_limit_s
        )

    await children.start()
    try:
        begin = time.monotonic()
        await asyncio.gather(*(one(index, answer) for index, answer in enumerate(answers)))
        return time.monotonic() - begin
    finally:
        await children.close()
