"""Jobs of one page over HTTP beside a burst of a partner's: 1,000 requests of one page, all at once."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pika

from tests import files
from tests.bench.fairness import p95_ratio, take_turns
from tests.bench.report import Ratio, Series
from tests.pages import draw_sheet, paragraphs
from tests.partner import Partner, admitted, connected
from tests.stack import Stack

REQUESTS = 1_000
GOAL = 2.0
_TURNS, _JOBS, _WARM = 4, 6, 3
_DPI, _SIZE = 150, (1240, 1754)
_BEGUN = 4  # jobs of the partner's: by then the burst has what it gets of the workers
_LIMIT_S = 120


def measure(stack: Stack, token: str) -> tuple[list[Series], list[Ratio]]:
    """In turns without and with the burst, so that a machine that slows down meanwhile favours neither. What
    is left of a burst is thrown away after its turn.
    """
    client = stack.client(token)
    page = files.scanned_pdf(
        [draw_sheet(paragraphs(1, count=2), size=_SIZE, font_px=30, margin=100).image], _DPI
    )
    idle, busy = Series("over HTTP, idle"), Series("over HTTP, beside the burst")
    take_turns({"warm": Series("warm")}, {"warm": client}, page, _WARM)
    name = "bench-partner"
    with connected(name, *admitted(stack, name, credits=100_000)) as partner:
        for turn in range(_TURNS):
            take_turns({"": idle}, {"": client}, page, _JOBS)
            with _burst(stack, partner, page, turn):
                take_turns({"": busy}, {"": client}, page, _JOBS)
            print(f"  turn {turn + 1} of {_TURNS}", file=sys.stderr, flush=True)
    return [idle, busy], [p95_ratio("over HTTP", busy, idle, GOAL)]


@contextmanager
def _burst(stack: Stack, partner: Partner, page: bytes, turn: int) -> Iterator[None]:
    queue = f"ocr.intake.{partner.name}"
    connection = pika.BlockingConnection(pika.URLParameters(stack.amqp_url))
    operator = connection.channel()
    partner.heard.clear()
    for number in range(REQUESTS):
        partner.send(page, message_id=f"{turn}-{number}", headers={"language": "en"})
    partner.until(lambda heard: sum(one.what == "done" for one in heard) >= _BEGUN, _LIMIT_S)
    try:
        yield
        if not operator.queue_declare(queue, passive=True).method.message_count:
            raise RuntimeError("the burst was over before the jobs beside it")
    finally:
        operator.queue_purge(queue)
        connection.close()
    _until_quiet(partner)


def _until_quiet(partner: Partner) -> None:
    """Until nothing of the partner's is under way."""
    deadline = time.monotonic() + _LIMIT_S
    while True:
        jobs = partner.client.jobs(limit=20).json()["jobs"]
        if all(job["status"] == "done" for job in jobs):
            return
        if time.monotonic() > deadline:
            raise RuntimeError("the partner's jobs do not end")
        partner.listen_for(0.5)
