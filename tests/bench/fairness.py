"""Jobs of one page, of two accounts, beside a job of 2,000 pages that a third one has sent before them."""

import io
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pikepdf

from tests import files
from tests.bench.report import Ratio, Series
from tests.client import Client, accepted
from tests.pages import draw_sheet, paragraphs

PAGES = 2_000
GOAL = 3.0
_TURNS, _JOBS, _WARM = 4, 6, 3
_DPI, _SIZE = 150, (1240, 1754)
_SETTLED = 8  # pages: by then the long job has all the workers
_LIMIT_S = 300


def measure(owner: Client, others: Mapping[str, Client]) -> tuple[list[Series], list[Ratio]]:
    """Every page is the same, some eighty words of print, so that one takes as long as another.

    In turns without and with the long job, so that a machine that slows down meanwhile favours neither. The
    long job is canceled each time: it would take long, and nothing of it is measured.
    """
    page = draw_sheet(paragraphs(1, count=2), size=_SIZE, font_px=30, margin=100).image
    one = files.scanned_pdf([page], _DPI)
    many = _repeated(one)
    idle = {plan: Series(f"{plan}, idle") for plan in others}
    busy = {plan: Series(f"{plan}, beside the long job") for plan in others}
    take_turns({plan: Series("warm") for plan in others}, others, one, _WARM)
    for turn in range(_TURNS):
        take_turns(idle, others, one, _JOBS)
        with _under_way(owner, many):
            take_turns(busy, others, one, _JOBS)
        print(f"  turn {turn + 1} of {_TURNS}", file=sys.stderr, flush=True)
    return [*idle.values(), *busy.values()], [p95_ratio(plan, busy[plan], idle[plan]) for plan in others]


def take_turns(series: Mapping[str, Series], clients: Mapping[str, Client], page: bytes, count: int) -> None:
    """Seconds from sending a page to having its text, in the answer itself."""
    for _ in range(count):
        for plan, client in clients.items():
            begin = time.monotonic()
            job = client.read(page, "page.pdf", _LIMIT_S, language="en")
            series[plan].seconds.append(time.monotonic() - begin)
            if job["status"] != "done" or len(job["text"].split()) < 50:
                raise RuntimeError(f"the fleet ended {job['status']}: {job['error']}, {job['text'][:80]!r}")


def _repeated(pdf: bytes) -> bytes:
    """Its one page as every page: the picture is in the file once."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for _ in range(PAGES - 1):
            document.pages.append(document.pages[0])
        saved = io.BytesIO()
        document.save(saved)
    return saved.getvalue()


@contextmanager
def _under_way(client: Client, pdf: bytes) -> Iterator[None]:
    """A job that has pages left all the time."""
    job = accepted(client.submit(pdf, "long.pdf", language="en"))
    try:
        next(state for state in client.watched(job, _LIMIT_S) if state["pages_done"] >= _SETTLED)
        yield
    finally:
        canceled = client.cancel(job["uuid"])
    if accepted(canceled)["status"] != "canceled":
        raise RuntimeError("the long job ended before the short ones beside it")


def p95_ratio(plan: str, busy: Series, idle: Series, goal: float = GOAL) -> Ratio:
    over, under = (statistics.quantiles(row.seconds, n=20)[-1] for row in (busy, idle))
    value = over / under
    return Ratio(f"{plan}: p95 {over:.2f} / {under:.2f} s", [value], value, goal)
