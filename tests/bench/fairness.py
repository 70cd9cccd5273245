"""Jobs of one page, of two accounts, beside a job of 2,000 pages that a third one has sent before them."""

import io
import statistics
import time
from collections.abc import Mapping

import pikepdf

from tests import files
from tests.bench.report import Ratio, Series
from tests.client import Client, Job, accepted
from tests.pages import draw_sheet, paragraphs

PAGES = 2_000
GOAL = 3.0
JOBS = 25
_WARM = 3
_DPI, _SIZE = 150, (1240, 1754)
_SETTLED = 8  # pages: by then the long job has all the workers
_LIMIT_S = 300


def measure(owner: Client, others: Mapping[str, Client]) -> tuple[list[Series], list[Ratio]]:
    """Every page is the same, some eighty words of print, so that one takes as long as another.

    The long job is canceled at the end: it would take long, and nothing of it is measured.
    """
    page = draw_sheet(paragraphs(1, count=2), size=_SIZE, font_px=30, margin=100).image
    one, many = files.jpeg(page), _repeated(files.scanned_pdf([page], _DPI))
    _times("warm", others, one, _WARM)
    idle = _times("idle", others, one, JOBS)
    job = accepted(owner.submit(many, "long.pdf", language="en"))
    _until_under_way(owner, job)
    busy = _times("beside the long job", others, one, JOBS)
    done = _canceled(owner, job)
    print(f"The long job got on to page {done} of {PAGES} meanwhile.")
    ratios = [_p95_ratio(plan, over, under) for plan, over, under in zip(others, busy, idle, strict=True)]
    return [*idle, *busy], ratios


def _times(when: str, clients: Mapping[str, Client], page: bytes, count: int) -> list[Series]:
    """Of each client, taking turns: from sending a page to having its text, in the answer itself."""
    series = [Series(f"{plan}, {when}") for plan in clients]
    for _ in range(count):
        for row, client in zip(series, clients.values(), strict=True):
            begin = time.monotonic()
            job = client.read(page, "page.jpg", _LIMIT_S, language="en")
            row.seconds.append(time.monotonic() - begin)
            if job["status"] != "done" or len(job["text"].split()) < 50:
                raise RuntimeError(f"the fleet ended {job['status']}: {job['error']}, {job['text'][:80]!r}")
    return series


def _repeated(pdf: bytes) -> bytes:
    """Its one page as every page: the picture is in the file once."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for _ in range(PAGES - 1):
            document.pages.append(document.pages[0])
        saved = io.BytesIO()
        document.save(saved)
    return saved.getvalue()


def _until_under_way(client: Client, job: Job) -> None:
    next(state for state in client.watched(job, _LIMIT_S) if state["pages_done"] >= _SETTLED)


def _canceled(client: Client, job: Job) -> int:
    """How many pages were done; it must have had some left all the time."""
    still = accepted(client.cancel(job["uuid"]))
    if still["status"] != "canceled":
        raise RuntimeError("the long job ended before the short ones beside it")
    done: int = still["pages_done"]
    return done


def _p95_ratio(plan: str, busy: Series, idle: Series) -> Ratio:
    over, under = (statistics.quantiles(row.seconds, n=20)[-1] for row in (busy, idle))
    value = over / under
    return Ratio(f"{plan}: p95 {over:.2f} / {under:.2f} s", [value], value, GOAL)
